"""Whether a model would be the same learnt again: other seeds, other parts of the same rows.

A part is four fifths of the rows, none of them twice: a row that stands twice would be on both sides of
the folds by which learning stops, so that a bootstrap sample is learnt by heart.
Sources: Milani Fard et al. 2016 (churn of decisions); D'Amour et al. 2022 (underspecification).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from anping.core.measure import Interval, Measure
from anping.core.text import Text
from anping.engine.prediction import Predictor, Task
from anping.judge.asking import SCORE_TITLES, decided, said, sampled_rows
from anping.judge.attribution import attribution
from anping.judge.scores import score
from anping.judge.section import Grid, GridRow, Section
from anping.stats.bootstrap import bootstrap_interval

Floats = NDArray[np.float64]
#: Learn from rows with a seed, as the model was learnt.
Trainer = Callable[[pa.Table, int], Predictor]
_EXPLAINED, _RANKED = 200, 10
_PART = 0.8
_WAYS = {
    "seeds": Text("只換種子", "other seeds, same rows"),
    "samples": Text("各取五分之四的列", "four fifths of the rows each"),
}


@dataclass(frozen=True, eq=False)
class Stability:
    """How models differ that were learnt again: measures of each way, and the columns' ranks.

    ``ranks`` (column, least, greatest) are the places of the most important columns in all models.
    """

    measures: tuple[Measure, ...]
    ranks: tuple[tuple[str, int, int], ...]
    models: int
    limits: tuple[Text, ...]

    def section(self) -> Section:
        """Return the part of the report."""
        head = (Text("欄位", "Column"), Text("名次（最高到最低）", "Rank, highest to lowest"))
        rows = tuple(
            GridRow(Text(name, name), (Text(f"{low}–{high}", f"{low}–{high}"),))
            for name, low, high in self.ranks
        )
        grid = Grid(Text("重要性名次的變動", "How ranks of importance vary"), head, rows)
        return Section(
            "stability",
            Text("再訓練一次還一樣嗎", "Learnt again, is it the same"),
            Text(
                "用別的種子、或各取五分之四的列再訓練，在同樣的列上比較分數、決定與欄位的重要性。",
                "Models learnt again with other seeds, or from four fifths of the rows each, are compared "
                "on the same rows: scores, decisions, and what they lean on.",
            ),
            self.measures,
            (grid,) if rows else (),
            limits=self.limits,
        )


def stability(
    trainer: Trainer,
    training: pa.Table,
    rows: pa.Table,
    truth: Floats,
    *,
    seed: int,
    models: int = 3,
) -> Stability:
    """Return how ``models`` models of each way differ on ``rows``, which none of them learnt from.

    ``trainer`` learns from rows with a seed; ``truth`` (n,) are class codes or numbers, NaN where
    unknown. Raises what the trainer does.
    """
    known, target = sampled_rows(rows, truth, most=4000, seed=seed)
    draw = np.random.default_rng(seed)
    learnt: dict[str, list[Predictor]] = {"seeds": [], "samples": []}
    for at in range(models):
        learnt["seeds"].append(trainer(training, seed + at))
        part = np.sort(draw.permutation(training.num_rows)[: round(_PART * training.num_rows)])
        learnt["samples"].append(trainer(training.take(pa.array(part)), seed))
    measures: list[Measure] = []
    for way, found in learnt.items():
        measures += _differences(way, found, (known, target), seed=seed)
    every = [model for found in learnt.values() for model in found]
    ranks = _ranks(every, known, seed=seed)
    if ranks:
        measures.append(_agreement(ranks, len(every), seed=seed))
    first = ranks[:_RANKED]
    return Stability(
        tuple(measures),
        tuple((name, min(places), max(places)) for name, places in first),
        len(every),
        (_LIMIT,),
    )


_LIMIT = Text(
    "只有少數幾個模型相比，高低差只是大概；要更準確可以多訓練幾個。",
    "Few models are compared, so the spreads are rough; learn more of them to know better.",
)


def _differences(
    way: str, models: Sequence[Predictor], tested: tuple[pa.Table, Floats], *, seed: int
) -> list[Measure]:
    rows, truth = tested
    task: Task = models[0].signature.task
    values = np.stack([said(model, rows) for model in models])
    told = _WAYS[way]
    found = []
    scores = [score(task, truth, each) for each in values]
    if np.isfinite(scores).all():
        title = SCORE_TITLES[task]
        found.append(
            Measure(
                "judge.stability.score", float(np.mean(scores)), "score", truth.size,
                Text(f"{title.zh}的平均（{told.zh}）", f"Mean {title.en}, {told.en}"), way,
                Interval(min(scores), max(scores), 0.95, f"range of {len(scores)} models"),
                "learnt again", seed,
            )
        )  # fmt: skip
    spreads = values.std(axis=0, ddof=1)
    spreads = spreads.mean(axis=1) if spreads.ndim == 2 else spreads
    title = Text(
        f"同一列答案的標準差（{told.zh}）", f"Standard deviation of one row's answer, {told.en}"
    )
    unit = "target" if task == "number" else "probability"
    found.append(_mean("judge.stability.spread", spreads, unit, (title, way), seed=seed))
    if task != "number":
        chosen = [decided(task, each) for each in values]
        pairs = [one != other for one, other in combinations(chosen, 2)]
        churn = np.mean(pairs, axis=0)
        title = Text(
            f"兩個模型決定不同的列（{told.zh}）",
            f"Rows that two models decide differently, {told.en}",
        )
        found.append(_mean("judge.stability.churn", churn, "share", (title, way), seed=seed))
    return found


def _mean(name: str, values: Floats, unit: str, told: tuple[Text, str], *, seed: int) -> Measure:
    interval = bootstrap_interval(
        lambda rows: float(values[rows].mean()), values.size, seed=seed, draws=300
    )
    return Measure(
        name,
        float(values.mean()),
        unit,
        values.size,
        told[0],
        told[1],
        interval,
        "learnt again",
        seed,
    )


def _ranks(
    models: Sequence[Predictor], rows: pa.Table, *, seed: int
) -> list[tuple[str, list[int]]]:
    """Return each column's place in each model, from 1, in the order of the mean place."""
    some = rows.slice(0, min(_EXPLAINED, rows.num_rows))
    places: dict[str, list[int]] = {}
    for model in models:
        told = attribution(model, some, background=rows, seed=seed).contributions
        sizes = np.abs(told.values).mean(axis=(0, 2))
        names = [feature.name for feature in model.signature.features]
        for place, at in enumerate(np.argsort(-sizes, kind="stable")):
            places.setdefault(names[at], []).append(place + 1)
    # A column that some model left out is its last.
    last = max((max(found) for found in places.values()), default=0)
    whole = [
        (name, [*found, *[last] * (len(models) - len(found))]) for name, found in places.items()
    ]
    return sorted(whole, key=lambda each: float(np.mean(each[1])))


def _agreement(ranks: list[tuple[str, list[int]]], models: int, *, seed: int) -> Measure:
    """Return the mean Spearman correlation of two models' ranks."""
    table = np.array([places for _, places in ranks], dtype=np.float64)
    pairs = [
        float(np.corrcoef(table[:, one], table[:, other])[0, 1])
        for one, other in combinations(range(models), 2)
        if table[:, one].std() > 0 and table[:, other].std() > 0
    ]
    value = float(np.mean(pairs)) if pairs else 1.0
    ends = (min(pairs), max(pairs)) if pairs else (1.0, 1.0)
    title = Text("兩個模型重要性名次的相關", "Correlation of two models' ranks of importance")
    return Measure(
        "judge.stability.ranks", value, "correlation", len(ranks), title, "",
        Interval(*ends, 0.95, f"range of {models} models"), "Spearman, all pairs of models", seed,
    )  # fmt: skip
