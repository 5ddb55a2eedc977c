"""How much worse a model does, and how often it decides otherwise, when rows go wrong."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from anping.core.measure import Measure
from anping.core.text import Text
from anping.engine.prediction import Predictor, Task
from anping.judge.asking import SCORE_TITLES, decided, drop, said, sampled_rows
from anping.judge.scores import score
from anping.judge.section import Grid, GridRow, Section, Spot, Spots
from anping.judge.stresses import Stress, column_stresses, overall_stresses
from anping.stats.intervals import wilson

Floats = NDArray[np.float64]
_SHOWN = 12
_DROP, _CHURN = "same rows before and after", "decisions that differ on the same rows"


@dataclass(frozen=True, eq=False)
class Stressed:
    """What one stress did: the score lost, and the share of decisions that changed (none of a number)."""

    stress: Stress
    lost: Measure
    changed: Measure | None


@dataclass(frozen=True, eq=False)
class Robustness:
    """What all stresses did, those of whole columns last."""

    score: Measure
    stressed: tuple[Stressed, ...]
    limits: tuple[Text, ...]

    @property
    def measures(self) -> tuple[Measure, ...]:
        """All numbers."""
        changed = [each.changed for each in self.stressed if each.changed is not None]
        return (self.score, *(each.lost for each in self.stressed), *changed)

    @property
    def worst(self) -> tuple[Stressed, ...]:
        """The stresses that cost most, the worst first."""
        return tuple(sorted(self.stressed, key=lambda each: -each.lost.value))

    def section(self) -> Section:
        """Return the part of the report."""
        shown = self.worst[:_SHOWN]
        head = (
            Text("資料怎麼出錯", "How rows go wrong"),
            Text("損失的分數", "Score lost"),
            Text("改變的決定", "Decisions changed"),
        )
        nothing = Text("", "")
        lines = tuple(
            GridRow(each.stress.title, (each.lost, each.changed or nothing)) for each in shown
        )
        spots = tuple(Spot(each.stress.title, each.lost.value, *_ends(each.lost)) for each in shown)
        title = Text("資料出錯時", "When rows go wrong")
        first = shown[0].stress.title if shown else nothing
        told = Text(f"損失最大的是：{first.zh}。", f"Most is lost by: {first.en}.")
        return Section(
            "robustness",
            title,
            Text(
                "同樣的列加上遺漏、雜訊、打字錯誤、沒見過的類別或單位錯誤後，分數少了多少、決定改變了多少。",
                "How much the score falls and how many decisions change when the same rows get gaps, noise, "
                "typing mistakes, unseen categories or wrong units.",
            ),
            self.measures,
            (Grid(title, head, lines),),
            (Spots(title, told, Text("損失的分數", "Score lost"), spots),) if spots else (),
            limits=self.limits,
            details=frozenset(
                measure.key
                for each in self.worst[_SHOWN:]
                for measure in (each.lost, each.changed)
                if measure is not None
            ),
        )


def _ends(measure: Measure) -> tuple[float | None, float | None]:
    bounds = measure.interval
    return (None, None) if bounds is None else (bounds.low, bounds.high)


def robustness(
    predictor: Predictor,
    rows: pa.Table,
    truth: Floats,
    *,
    seed: int,
    columns: Sequence[str] | None = None,
    threshold: float = 0.5,
) -> Robustness | None:
    """Return what gaps, noise and mistakes cost, on at most 1,500 rows; None if they cannot tell.

    ``columns`` are those whose absence and unit mistakes are tried, all by default. ``truth`` (n,) are
    class codes or numbers, NaN where unknown.
    """
    known, target = sampled_rows(rows, truth, most=1500, seed=seed)
    signature = predictor.signature
    before = said(predictor, known)
    whole = score(signature.task, target, before) if target.size else np.nan
    if not np.isfinite(whole):
        return None
    wanted = {feature.name for feature in signature.features} if columns is None else {*columns}
    stresses = [
        *overall_stresses(signature),
        *(
            stress
            for feature in signature.features
            if feature.name in wanted
            for stress in column_stresses(known, feature)
        ),
    ]
    seen = _Seen(predictor, known, target, before, threshold)
    found = [seen.stressed(stress, seed=seed + at) for at, stress in enumerate(stresses)]
    title = SCORE_TITLES[signature.task]
    start = Measure(
        "judge.robustness.score", float(whole), "score", target.size,
        Text(f"{title.zh}（未出錯的列）", f"{title.en}, rows as they are"), method="held-out", seed=seed,
    )  # fmt: skip
    return Robustness(start, tuple(one for one in found if one is not None), (_LIMIT,))


_LIMIT = Text(
    "錯誤是造出來的：真實的遺漏與錯誤往往集中在某些人，代價可能更大。",
    "The mistakes are made up: real gaps and mistakes gather in some people's rows and may cost more.",
)


@dataclass(frozen=True, eq=False)
class _Seen:
    """Rows as they are, and what was said of them."""

    predictor: Predictor
    rows: pa.Table
    truth: Floats
    before: Floats
    threshold: float

    def stressed(self, stress: Stress, *, seed: int) -> Stressed | None:
        """Return what one stress did, None where the score cannot be taken."""
        task: Task = self.predictor.signature.task
        changed = stress.change(self.rows, np.random.default_rng(seed))
        after = said(self.predictor, changed)
        value, interval = drop(task, self.truth, self.before, after)
        if not np.isfinite(value):
            return None
        lost = Measure(
            f"judge.robustness.{stress.name}", value, "score", self.truth.size, stress.title,
            stress.subject, interval, _DROP, seed,
        )  # fmt: skip
        if task == "number":
            return Stressed(stress, lost, None)
        one, other = (
            decided(task, values, threshold=self.threshold) for values in (self.before, after)
        )
        differ = int((one != other).sum())
        title = Text(f"{stress.title.zh}：改變的決定", f"{stress.title.en}: decisions changed")
        churn = replace(
            lost, name=f"judge.robustness.{stress.name}.changed", value=differ / one.size, unit="share",
            title=title, interval=wilson(differ, one.size), method=_CHURN,
        )  # fmt: skip
        return Stressed(stress, lost, churn)
