"""What deciding from each threshold on brings and costs.

Where costs are given, the threshold follows from them alone (Elkan 2001, IJCAI, section 2): the
chance from which acting costs less than not acting, if the probabilities are calibrated. It is not
fitted to the rows that it is tried on; how much a fitted one would save is measured by cross-fitting.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from anping.core.errors import ParameterError
from anping.core.measure import Measure
from anping.core.text import Text
from anping.judge.confusion import RATES, confusion_columns, counts, rates
from anping.judge.measuring import METHOD
from anping.judge.outcomes import Flags, Outcomes
from anping.judge.resampling import Resampling
from anping.judge.section import Grid, GridRow, Line, Mark, Plot, Section
from anping.stats.intervals import wilson

Floats = NDArray[np.float64]

_GRID = tuple(round(0.05 * step, 2) for step in range(1, 20))
_TITLE = Text("門檻與成本", "Thresholds and costs")
_LEAD = Text(
    "從哪個機率起判為「{name}」，會選出多少列、抓到多少、冤枉多少。",
    "From which probability on “{name}” is decided: how many rows that selects, catches and wrongs.",
)
_CHOSEN = Text("採用的門檻", "Threshold used")
_COST = Text("每列的期望成本", "Expected cost per row")
_WITHOUT = Text(
    "沒有給成本：門檻沒有依據可選。以 costs 給出偽陽性與偽陰性的成本。",
    "No costs were given: nothing speaks for one threshold or another. Give the cost of a false "
    "positive and of a false negative.",
)
_CALIBRATED = Text(
    "由成本算得的門檻假設機率已校準。",
    "The threshold that follows from the costs assumes calibrated probabilities.",
)
_LIMIT = Text(
    "成本由使用者給定，未經查核；每列的成本視為相同。",
    "The costs are the user's and were not checked; each row is taken to cost the same.",
)


#: Sums of larger costs, and squares of them, may overflow.
_LARGEST_COST = 1e50


@dataclass(frozen=True, slots=True)
class Costs:
    """What each kind of decision costs; what brings something costs less than nothing."""

    false_positive: float
    false_negative: float
    true_positive: float = 0.0
    true_negative: float = 0.0

    def __post_init__(self) -> None:
        if not (
            self.false_positive > self.true_negative and self.false_negative > self.true_positive
        ):
            raise ParameterError(
                "judge.costs",
                Text(
                    "錯誤的成本必須高於同一列判對的成本。",
                    "A wrong decision must cost more than the right one for the same row.",
                ),
                hint=Text("例如偽陽性 1、偽陰性 5。", "For example 1 and 5."),
            )
        if max(self.false_positive, self.false_negative) > _LARGEST_COST:
            raise ParameterError(
                "judge.costs",
                Text("成本太大，無法計算。", "A cost is too large to reckon with."),
                hint=Text(
                    "只有成本的比例要緊，例如 1 與 5。",
                    "Only their ratio matters: for example 1 and 5.",
                ),
            )

    @property
    def threshold(self) -> float:
        """The chance from which deciding for the second class costs less."""
        wrong = self.false_positive - self.true_negative
        return wrong / (wrong + self.false_negative - self.true_positive)

    def per_row(self, sums: Floats) -> Floats:
        """Return the mean cost of a row from a confusion's sums (..., 4)."""
        rows, positives, selected, both = (sums[..., place] for place in range(4))
        cost: Floats = (
            self.true_positive * both
            + self.false_positive * (selected - both)
            + self.false_negative * (positives - both)
            + self.true_negative * (rows - positives - selected + both)
        ) / rows
        return cost


def chosen_threshold(given: float | None, costs: Costs | None) -> float:
    """Return the threshold: the one given, that of the costs, or one half."""
    if given is not None:
        return given
    return 0.5 if costs is None else costs.threshold


def examine_thresholds(
    outcomes: Outcomes,
    resampling: Resampling,
    *,
    threshold: float,
    costs: Costs | None,
    seed: int,
) -> Section:
    """Return what each threshold from 0.05 to 0.95, and the one used, brings and costs."""
    levels = sorted({*_GRID, threshold})
    scores, truth = outcomes.scores, outcomes.positive
    columns = np.hstack([confusion_columns(truth, scores >= level) for level in levels])
    sums = columns.sum(axis=0).reshape(len(levels), 4)
    drawn = resampling.sums(columns).reshape(-1, len(levels), 4)
    chosen = Measure(
        "judge.threshold", threshold, "chance", outcomes.n, _CHOSEN,
        method="threshold of the costs" if costs and threshold == costs.threshold else "given",
    )  # fmt: skip
    rows, measures = [], [chosen]
    for place, level in enumerate(levels):
        cells = _line(level, sums[place], drawn[:, place], resampling, costs=costs)
        mark = " ★" if level == threshold else ""
        rows.append(GridRow(Text(f"{level:.3g}{mark}", f"{level:.3g}{mark}"), tuple(cells)))
        measures += [cell for cell in cells if isinstance(cell, Measure)]
    if costs is not None:
        measures += _beside(outcomes, costs, resampling, seed=seed)
    head = (
        Text("門檻", "Threshold"),
        Text("判為正類", "Selected"),
        Text("精確率", "Precision"),
        Text("召回率", "Recall"),
        Text("偽陽性率", "False positive rate"),
        *(() if costs is None else (_COST,)),
    )
    name = outcomes.classes[1]
    return Section(
        "thresholds",
        _TITLE,
        _LEAD.fill(name=name),
        tuple(measures),
        (Grid(Text("每個門檻", "Each threshold"), head, tuple(rows)),),
        (_picture(levels, sums, drawn, threshold=threshold, costs=costs),),
        notes=(_WITHOUT,) if costs is None else (_CALIBRATED,),
        limits=() if costs is None else (_LIMIT,),
        details=frozenset(
            one.key for one in measures if one.subject and one.subject != f"{threshold:.3g}"
        ),
    )


_SHOWN = (
    "selection_rate",
    "positive_predictive_value",
    "true_positive_rate",
    "false_positive_rate",
)
_NAMES = {
    "selection_rate": Text("判為正類的比例", "Share selected"),
    "positive_predictive_value": Text("精確率", "Precision"),
    "true_positive_rate": Text("召回率", "Recall"),
    "false_positive_rate": Text("偽陽性率", "False positive rate"),
}


def _line(
    level: float, sums: Floats, drawn: Floats, resampling: Resampling, *, costs: Costs | None
) -> list[Measure | Text]:
    found, again, of = rates(sums), rates(drawn), counts(sums)
    subject = f"{level:.3g}"
    cells: list[Measure | Text] = []
    for name in _SHOWN:
        value, n = float(found[name]), round(float(of[RATES[name].of]))
        if not n:
            cells.append(Text("", ""))
            continue
        interval = resampling.interval(again[name]) if resampling.grouped else None
        interval = interval or wilson(value * n, n, level=resampling.level)
        cells.append(
            Measure(
                f"judge.threshold.{name}", value, "share", n, _NAMES[name], subject=subject,
                interval=interval, method=METHOD,
            )
        )  # fmt: skip
    if costs is not None:
        cells.append(
            Measure(
                "judge.threshold.cost", float(costs.per_row(sums)), "cost", round(float(sums[0])),
                _COST, subject=subject, interval=resampling.interval(costs.per_row(drawn)),
                method=METHOD,
            )
        )  # fmt: skip
    return cells


def _beside(
    outcomes: Outcomes, costs: Costs, resampling: Resampling, *, seed: int
) -> list[Measure]:
    """Return what it would cost to decide alike for everybody, and by a fitted threshold."""
    truth = outcomes.positive
    decisions = {
        "cost.all": (
            Text("全部判為正類的成本", "Cost of selecting everybody"),
            np.ones_like(truth),
        ),
        "cost.none": (Text("全不判為正類的成本", "Cost of selecting nobody"), np.zeros_like(truth)),
        "cost.fitted": (
            Text("以資料選門檻的成本（交叉配適）", "Cost of a fitted threshold (cross-fitted)"),
            _fitted(outcomes, costs, seed=seed),
        ),
    }
    columns = [confusion_columns(truth, decided) for _, decided in decisions.values()]
    drawn = resampling.sums(np.hstack(columns)).reshape(-1, len(columns), 4)
    return [
        Measure(
            f"judge.{name}", float(costs.per_row(columns[place].sum(axis=0))), "cost", outcomes.n,
            title, interval=resampling.interval(costs.per_row(drawn[:, place])), method=METHOD,
            seed=seed,
        )
        for place, (name, (title, _)) in enumerate(decisions.items())
    ]  # fmt: skip


def _fitted(outcomes: Outcomes, costs: Costs, *, seed: int) -> Flags:
    """Return decisions by the cheapest threshold of the other half of the rows, or of the people."""
    who = np.arange(outcomes.n) if outcomes.people is None else outcomes.people
    names = np.random.default_rng(seed).permutation(np.unique(who))
    half = np.isin(who, names[: names.size // 2])
    decided = np.zeros(outcomes.n, np.bool_)
    for learnt, tried in ((half, ~half), (~half, half)):
        level = cheapest(outcomes.scores[learnt], outcomes.positive[learnt], costs)
        decided[tried] = outcomes.scores[tried] >= level
    return decided


def cheapest(scores: Floats, truth: Flags, costs: Costs) -> float:
    """Return the threshold of least cost on these rows, the lowest of equals; 2 selects nobody."""
    order = np.argsort(-scores, kind="stable")
    both = np.r_[0, np.cumsum(truth[order])]
    selected = np.arange(scores.size + 1)
    rows = np.full(selected.size, scores.size)
    positives = np.full(selected.size, truth.sum())
    cost = costs.per_row(np.column_stack((rows, positives, selected, both)).astype(np.float64))
    ordered = scores[order]
    # Only between different scores can a threshold be drawn.
    possible = np.r_[True, np.r_[ordered[1:] != ordered[:-1], True]] if scores.size else np.ones(1)
    cost = np.where(possible, cost, np.inf)
    best = int(cost.size - 1 - np.argmin(cost[::-1]))
    return 2.0 if best == 0 else float(ordered[best - 1])


def _picture(
    levels: list[float], sums: Floats, drawn: Floats, *, threshold: float, costs: Costs | None
) -> Plot:
    mark = (Mark(threshold, _CHOSEN),)
    if costs is None:
        found = rates(sums)
        recall, wrong = (
            _points(levels, found[name]) for name in ("true_positive_rate", "false_positive_rate")
        )
        lines = (
            Line(_NAMES["true_positive_rate"], recall),
            Line(_NAMES["false_positive_rate"], wrong, tone="second"),
        )
        said = Text(
            "召回率與偽陽性率隨門檻的變化；數字在旁邊的表中。",
            "Recall and false positive rate by threshold; the numbers stand in the table.",
        )
        return Plot(
            Text("門檻的影響", "What the threshold does"), said, Text("門檻", "Threshold"),
            Text("比率", "Rate"), lines, (0.0, 1.0), (0.0, 1.0), mark,
        )  # fmt: skip
    again = costs.per_row(drawn)
    low, high = np.quantile(again, (0.025, 0.975), axis=0)
    line = Line(
        _COST, _points(levels, costs.per_row(sums)), tuple(low.tolist()), tuple(high.tolist())
    )
    return Plot(
        Text("每列的期望成本", "Expected cost per row"),
        Text(
            "期望成本隨門檻的變化，帶狀為 95% 區間；數字在旁邊的表中。",
            "Expected cost by threshold, the band its 95 % interval; the numbers stand in the table.",
        ),
        Text("門檻", "Threshold"), Text("成本", "Cost"), (line,), (0.0, 1.0), None, mark,
    )  # fmt: skip


def _points(levels: list[float], values: Floats) -> tuple[tuple[float, float], ...]:
    return tuple(
        (level, float(value))
        for level, value in zip(levels, values, strict=True)
        if np.isfinite(value)
    )
