"""Which columns a model leans on: the size of what they add, and what is lost without their order.

Sources: Lundberg & Lee 2017 (mean size of Shapley values); Breiman 2001 and Fisher, Rudin &
Dominici 2019 (permutation importance).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from anping.core.measure import Interval, Measure
from anping.core.text import Text
from anping.engine.prediction import Explained, Predictor, Task
from anping.judge.asking import SCORE_TITLES, drop, said, sampled_rows, with_cells
from anping.judge.attribution import Attribution, attribution
from anping.judge.section import Grid, GridRow, Section, Spot, Spots

Floats = NDArray[np.float64]
_DRAWS = 400
_SHOWN = 15
#: Of so many columns there are numbers, of so many also what permuting them costs.
_TOLD, _PERMUTED_COLUMNS = 60, 25
#: Asking a model that cannot tell takes many answers for each row.
_SAMPLED_ROWS = 100
_HOW = {
    "exact": "mean size of exact Shapley values (Lundberg & Lee 2017)",
    "sampled": "mean size of sampled Shapley values (Štrumbelj & Kononenko 2014)",
}
_PERMUTED = "score lost when the column's cells are permuted (Breiman 2001)"


@dataclass(frozen=True, eq=False)
class ColumnImportance:
    """One column: the mean size of what it adds, and the score lost when it is permuted, if taken."""

    column: str
    added: Measure
    permuted: Measure | None


@dataclass(frozen=True, eq=False)
class Importance:
    """All columns, the most important first, with what was said of single rows."""

    columns: tuple[ColumnImportance, ...]
    attribution: Attribution
    limits: tuple[Text, ...]

    @property
    def order(self) -> tuple[str, ...]:
        """The columns' names, the most important first."""
        return tuple(each.column for each in self.columns)

    @property
    def measures(self) -> tuple[Measure, ...]:
        """All numbers."""
        permuted = [each.permuted for each in self.columns if each.permuted is not None]
        return (*(each.added for each in self.columns), *permuted)

    def section(self) -> Section:
        """Return the part of the report."""
        shown = self.columns[:_SHOWN]
        head = (
            Text("欄位", "Column"),
            Text("平均作用大小", "Mean size of what it adds"),
            Text("打亂後損失的分數", "Score lost when permuted"),
        )
        nothing = Text("", "")
        rows = tuple(
            GridRow(Text(each.column, each.column), (each.added, each.permuted or nothing))
            for each in self.columns
        )
        spots = tuple(
            Spot(Text(each.column, each.column), each.added.value, *_ends(each.added.interval))
            for each in shown
        )
        names = "、".join(each.column for each in shown[:3])
        listed = ", ".join(each.column for each in shown[:3])
        said_ = Text(f"作用最大的欄位：{names}。", f"The columns that add most: {listed}.")
        title = Text("模型倚重的欄位", "What the model leans on")
        unit = Text("平均作用大小", "Mean size of what it adds")
        return Section(
            "importance",
            title,
            Text(
                "每一列的答案都拆成各欄位的作用，合起來恰為模型的分數；下表是作用大小的平均，以及打亂一欄後分數的損失。",
                "Each answer is taken apart into what each column added, which sums to the model's score. "
                "The table has the mean size, and the score lost when a column is permuted.",
            ),
            self.measures,
            (Grid(title, head, rows),),
            (Spots(title, said_, unit, spots),),
            limits=self.limits,
            details=frozenset(
                measure.key
                for each in self.columns[_SHOWN:]
                for measure in (each.added, each.permuted)
                if measure is not None
            ),
        )


def _ends(interval: Interval | None) -> tuple[float | None, float | None]:
    return (None, None) if interval is None else (interval.low, interval.high)


def importance(
    predictor: Predictor,
    rows: pa.Table,
    truth: Floats,
    *,
    seed: int,
    most: int = 1000,
    permuted: int = 2000,
) -> Importance:
    """Return how much the model leans on each column, on rows that it has not learnt from.

    ``truth`` (n,) are class codes or numbers, NaN where unknown. At most ``most`` rows are explained
    (100 of a model that cannot tell by itself), ``permuted`` rows are asked with one column permuted.
    """
    known, target = sampled_rows(rows, truth, most=permuted, seed=seed)
    many = most if isinstance(predictor, Explained) else _SAMPLED_ROWS
    told = attribution(
        predictor, known.slice(0, min(many, known.num_rows)), background=known, seed=seed
    )
    sizes = np.abs(told.contributions.values).mean(axis=2)
    means = sizes.mean(axis=0)
    low, high = _bounds(sizes, seed=seed)
    names = [feature.name for feature in predictor.signature.features]
    order = np.argsort(-means, kind="stable")[:_TOLD]
    chosen = [names[at] for at in order[:_PERMUTED_COLUMNS]]
    lost = _permuted(predictor, known, target, columns=chosen, seed=seed)
    unit = "target" if predictor.signature.task == "number" else "log-odds"
    found = tuple(
        ColumnImportance(
            names[at],
            Measure(
                "judge.explanation.added", float(means[at]), unit, len(sizes),
                Text(f"{names[at]}：平均作用大小", f"{names[at]}: mean size of what it adds"),
                names[at], Interval(float(low[at]), float(high[at]), 0.95, "bootstrap-percentile"),
                _HOW[told.how], seed,
            ),
            lost.get(names[at]),
        )
        for at in order
    )  # fmt: skip
    return Importance(found, told, _limits(told, predictor.signature.task, len(names)))


def _bounds(sizes: Floats, *, seed: int) -> tuple[Floats, Floats]:
    """Return the bootstrap interval of each column's mean over rows."""
    draw = np.random.default_rng(seed)
    n = len(sizes)
    means = np.stack(
        [np.bincount(draw.integers(0, n, n), minlength=n) @ sizes / n for _ in range(_DRAWS)]
    )
    low, high = np.quantile(means, [0.025, 0.975], axis=0)
    return low, high


def _permuted(
    predictor: Predictor, rows: pa.Table, truth: Floats, *, columns: list[str], seed: int
) -> dict[str, Measure]:
    task: Task = predictor.signature.task
    before = said(predictor, rows)
    draw = np.random.default_rng(seed)
    found = {}
    for column in columns:
        mixed = rows.column(column).take(pa.array(draw.permutation(rows.num_rows)))
        after = said(predictor, with_cells(rows, column, mixed))
        value, interval = drop(task, truth, before, after)
        if np.isfinite(value):
            title = SCORE_TITLES[task]
            found[column] = Measure(
                "judge.explanation.permuted", value, "score", truth.size,
                Text(f"{column}：打亂後損失的{title.zh}", f"{column}: {title.en} lost when permuted"),
                column, interval, _PERMUTED, seed,
            )  # fmt: skip
    return found


def _limits(told: Attribution, task: Task, columns: int) -> tuple[Text, ...]:
    found = [
        Text(
            "作用說的是模型怎麼算，不是現實中的原因；彼此相關的欄位會分攤作用。",
            "What columns add tells how the model reckons, not what causes what in the world; columns "
            "that go together share what they add.",
        )
    ]
    if task != "number":
        found.append(
            Text(
                "作用以對數勝算為單位，同樣的作用在機率接近 0 或 1 時改變的機率較小。",
                "What is added is in log-odds: the same amount changes a chance near 0 or 1 less.",
            )
        )
    if columns > _TOLD:
        found.append(
            Text(
                f"只列出作用最大的 {_TOLD} 欄（共 {columns:,} 欄）。",
                f"Only the {_TOLD} columns of {columns:,} that add most are listed.",
            )
        )
    if told.how == "sampled":
        found.append(
            Text(
                "這個模型無法自己說明作用，數字由反覆詢問估計而得。",
                "This model cannot tell what columns add; the numbers are estimated by asking it.",
            )
        )
    return tuple(found)
