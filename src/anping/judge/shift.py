"""How a model does on other mixes of the same rows: tilted towards a column's ends, and its worst parts.

A tilt gives rows more weight the further a column is up or down; a slice is the rows of one bin of one
column. The mean loss of the worst tenth bounds what any tenth of the rows could lose (conditional
value at risk, Rockafellar & Uryasev 2000; Duchi & Namkoong 2021).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from anping.core.measure import Measure
from anping.core.text import Text
from anping.engine.prediction import Feature, Predictor
from anping.judge.asking import (
    SCORE_TITLES,
    numbers,
    said,
    sampled_rows,
    score_interval,
    spread,
    texts_of,
)
from anping.judge.scores import score
from anping.judge.section import Grid, GridRow, Section
from anping.stats.bootstrap import bootstrap_interval, percentile_interval

Floats = NDArray[np.float64]
Rows = NDArray[np.int64]
_DRAWS = 100
_TILT = 1.0
_BINS, _SLICE, _SLICE_ROWS = 4, 0.05, 50
_WORST = 0.1
_TILTED = "rows drawn with weights e^(z) of the column"
_SLICED = (
    "worst slice of one column, at least 5 % of the rows; not corrected for having looked at many"
)
_TAIL = "mean loss of the worst tenth (conditional value at risk)"


@dataclass(frozen=True, eq=False)
class Shift:
    """The score on the rows as they are, on tilted ones, on the worst slices, and the worst tenth's loss."""

    score: Measure
    tilted: tuple[Measure, ...]
    slices: tuple[Measure, ...]
    tail: Measure
    limits: tuple[Text, ...]

    @property
    def measures(self) -> tuple[Measure, ...]:
        """All numbers."""
        return (self.score, *self.tilted, *self.slices, self.tail)

    def section(self) -> Section:
        """Return the part of the report."""
        head = (Text("哪些列", "Which rows"), Text("分數", "Score"))
        rows = (self.score, *self.tilted, *self.slices)
        title = Text("換一群人時", "With another mix of people")
        return Section(
            "shift",
            title,
            Text(
                "同樣的列換一種比例：某欄偏高或偏低的列變多，或只看某欄的一段。",
                "The same rows in another mix: more of those high or low in a column, or only one part of a "
                "column.",
            ),
            self.measures,
            (Grid(title, head, tuple(GridRow(each.title, (each,)) for each in rows)),),
            limits=self.limits,
        )


def shift(
    predictor: Predictor,
    rows: pa.Table,
    truth: Floats,
    *,
    seed: int,
    columns: Sequence[str] | None = None,
    most: int = 3000,
) -> Shift | None:
    """Return how the model does on other mixes of at most ``most`` rows; None if they cannot tell.

    ``columns`` are those that are tilted and cut, all by default.
    """
    known, target = sampled_rows(rows, truth, most=most, seed=seed)
    signature = predictor.signature
    if not target.size or not np.isfinite(score(signature.task, target, said(predictor, known))):
        return None
    seen = _Seen(predictor, known, target, said(predictor, known))
    wanted = [each for each in signature.features if columns is None or each.name in columns]
    title = SCORE_TITLES[signature.task]
    whole = seen.measure("judge.shift.score", np.arange(target.size), Text(f"{title.zh}：全部的列", f"{title.en}: all rows"), ("", "held-out"), seed=seed)  # fmt: skip
    tilted = [one for feature in wanted for one in seen.tilted(feature, title, seed=seed)]
    slices = [one for feature in wanted for one in seen.slices(feature, title, seed=seed)]
    worst = sorted(slices, key=lambda one: one.value)[:5]
    return Shift(whole, tuple(tilted), tuple(worst), seen.tail(seed=seed), (_LIMIT,))


_LIMIT = Text(
    "只能看到資料裡已有的人；全新的族群、或欄位與結果的關係改變，這裡看不出來。",
    "Only people who are in the rows can be seen: a new population, or another relation between "
    "columns and outcome, does not show here.",
)


@dataclass(frozen=True, eq=False)
class _Seen:
    """Rows, their truth and what was said of them."""

    predictor: Predictor
    rows: pa.Table
    truth: Floats
    values: Floats

    def score(self, rows: Rows) -> float:
        """Return the task's score on some rows."""
        return score(self.predictor.signature.task, self.truth[rows], self.values[rows])

    def measure(
        self, name: str, rows: Rows, title: Text, told: tuple[str, str], *, seed: int
    ) -> Measure:
        """Return the score on some rows with its interval; ``told`` are subject and method."""
        task = self.predictor.signature.task
        interval = score_interval(task, self.truth[rows], self.values[rows])
        return Measure(name, self.score(rows), "score", rows.size, title, told[0], interval, told[1], seed)  # fmt: skip

    def tilted(self, feature: Feature, title: Text, *, seed: int) -> Iterator[Measure]:
        """Yield the score with more of the rows that are high, or low, in a column of numbers."""
        if feature.nature == "category":
            return
        own = numbers(self.rows, feature)
        centre = float(np.nanmedian(own)) if np.isfinite(own).any() else 0.0
        place = np.clip(np.nan_to_num((own - centre) / spread(own)), -2, 2)
        draw = np.random.default_rng(seed)
        for sign, zh, en in ((1, "偏高", "higher"), (-1, "偏低", "lower")):
            weights = np.exp(sign * _TILT * place)
            weights /= weights.sum()
            scores = [self.score(draw.choice(own.size, own.size, p=weights)) for _ in range(_DRAWS)]
            told = [one for one in scores if np.isfinite(one)]
            if len(told) < _DRAWS // 2:
                continue
            effective = round(1 / float((weights**2).sum()))
            yield Measure(
                "judge.shift.tilted", float(np.mean(told)), "score", effective,
                Text(f"{title.zh}：「{feature.name}」{zh}的列變多", f"{title.en}: more rows {en} in “{feature.name}”"),
                f"{feature.name} {'+' if sign > 0 else '-'}", percentile_interval(scores), _TILTED, seed,
            )  # fmt: skip

    def slices(self, feature: Feature, title: Text, *, seed: int) -> Iterator[Measure]:
        """Yield the score on each part of a column that has enough rows."""
        for part, rows in _parts(self.rows, feature):
            if rows.size < max(_SLICE_ROWS, _SLICE * self.truth.size):
                continue
            if not np.isfinite(self.score(rows)):
                continue
            told = Text(f"{title.zh}：「{feature.name}」{part.zh}", f"{title.en}: “{feature.name}” {part.en}")  # fmt: skip
            subject = f"{feature.name} {part.en}"
            yield self.measure("judge.shift.slice", rows, told, (subject, _SLICED), seed=seed)

    def tail(self, *, seed: int) -> Measure:
        """Return the mean loss of the worst tenth of the rows: no tenth can lose more."""
        task = self.predictor.signature.task
        if task == "number":
            losses = np.abs(self.truth - self.values)
        else:
            chances = self.values if task == "classes" else np.column_stack([1 - self.values, self.values])  # fmt: skip
            own = chances[np.arange(self.truth.size), self.truth.astype(np.int64)]
            losses = -np.log(np.maximum(own, 1e-15))

        def worst(rows: Rows) -> float:
            held = np.sort(losses[rows])
            return float(held[-max(1, round(_WORST * held.size)) :].mean())

        every = np.arange(losses.size)
        interval = bootstrap_interval(worst, losses.size, seed=seed, draws=_DRAWS)
        title = Text("最差的十分之一列的平均損失", "Mean loss of the worst tenth of the rows")
        unit = "target" if task == "number" else "nats"
        return Measure("judge.shift.tail", worst(every), unit, losses.size, title, "", interval, _TAIL, seed)  # fmt: skip


def _parts(rows: pa.Table, feature: Feature) -> Iterator[tuple[Text, Rows]]:
    """Yield the bins of a column: quarters of numbers and dates, categories, missing cells."""
    if feature.nature == "category":
        texts = texts_of(rows, feature.name)
        for text in np.unique(texts):
            name = str(text)
            label = Text(f"為「{name}」", f"is “{name}”") if name else _MISSING
            yield label, np.flatnonzero(texts == text)
        return
    own = numbers(rows, feature)
    told = np.isfinite(own)
    yield _MISSING, np.flatnonzero(~told)
    if not told.any():
        return
    cuts = np.unique(np.quantile(own[told], np.linspace(0, 1, _BINS + 1)[1:-1], method="nearest"))
    bins = np.where(told, np.searchsorted(cuts, own, side="left"), -1)
    for at in range(cuts.size + 1):
        yield Text(f"第 {at + 1}/{cuts.size + 1} 段", f"part {at + 1} of {cuts.size + 1}"), np.flatnonzero(bins == at)  # fmt: skip


_MISSING = Text("沒有填", "not given")
