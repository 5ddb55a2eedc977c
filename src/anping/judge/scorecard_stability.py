"""Whether applicants stay as they were: the stability of the score and of each characteristic by month.

The population stability index of a month against the applications learnt from; the marks 0.10 and 0.25
are conventions (Siddiqi 2006, ch. 9), not tests, and each index has its interval.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from anping.core.measure import Measure
from anping.core.text import Text
from anping.judge.section import Grid, GridRow, Section
from anping.stats.count_distances import distances

Floats = NDArray[np.float64]
Places = NDArray[np.int64]
WATCH, SHIFTED = 0.10, 0.25
_BANDS, _FEWEST, _DRAWS = 10, 100, 200
_METHOD = "population stability index over the bands of the score; bootstrap-reflected-multinomial"
_OF_BINS = "population stability index over the card's bins; bootstrap-reflected-multinomial"


@dataclass(frozen=True, eq=False)
class Applicants:
    """Rows of a card: ``scores`` (n,), ``places`` (n, characteristics), and whose ``months`` (n,)."""

    scores: Floats
    places: Places
    months: Sequence[str]


@dataclass(frozen=True)
class Stability:
    """For each month the index of the score; for each characteristic that of its worst month."""

    scores: tuple[tuple[str, Measure], ...]
    characteristics: tuple[tuple[str, str, Measure], ...]
    too_small: tuple[str, ...]

    @property
    def measures(self) -> tuple[Measure, ...]:
        """All numbers."""
        return (
            *(measure for _, measure in self.scores),
            *(measure for *_, measure in self.characteristics),
        )

    def section(self) -> Section:
        """Return what a report tells."""
        verdict = Text("判讀", "Reading")
        months = tuple(
            GridRow(Text(month, month), (index, _reading(index.value)))
            for month, index in self.scores
        )
        columns = tuple(
            GridRow(Text(column, column), (Text(month, month), index, _reading(index.value)))
            for column, month, index in self.characteristics
        )
        small = "、".join(self.too_small), ", ".join(self.too_small)
        notes = () if not self.too_small else (
            Text(f"申請少於 {_FEWEST} 件，未列：{small[0]}", f"Fewer than {_FEWEST} applications, not shown: {small[1]}"),
        )  # fmt: skip
        return Section(
            "stability",
            Text("逐月的穩定度（PSI、CSI）", "Stability by month (PSI, CSI)"),
            Text(
                "各月的申請人與學習用的申請人相比：0 表示分布相同；0.10 起留意，0.25 起視為已改變（慣例）。",
                "The applicants of each month against those learnt from: 0 is the same; from 0.10 watch, "
                "from 0.25 taken as changed (conventions).",
            ),
            self.measures,
            (
                Grid(Text("分數（PSI）", "Score (PSI)"), (Text("月份", "Month"), Text("PSI", "PSI"), verdict), months),
                Grid(Text("各欄位最不同的月份（CSI）", "Characteristics in their worst month (CSI)"),
                     (Text("欄位", "Column"), Text("月份", "Month"), Text("CSI", "CSI"), verdict), columns),
            ),
            notes=notes,
            limits=(
                Text(
                    "分布不變不表示模型仍準；要等結果出來再量。",
                    "An unchanged distribution does not say that the model is still right; outcomes do.",
                ),
            ),
        )  # fmt: skip


def stability(
    learnt: Applicants, applied: Applicants, columns: Sequence[str], *, seed: int
) -> Stability:
    """Return the stability of all ``applied`` rows by month against those ``learnt`` from.

    ``columns`` (characteristics,) are the names of what ``places`` tells. Months of fewer than 100
    applications are left out by name.
    """
    cuts = np.unique(np.quantile(learnt.scores, np.linspace(0, 1, _BANDS + 1)[1:-1]))
    base = _counts(np.searchsorted(cuts, learnt.scores, side="right"), cuts.size + 1)
    bands = np.searchsorted(cuts, applied.scores, side="right")
    months = np.asarray(applied.months)
    named = [str(month) for month in np.unique(months) if month]
    large = [month for month in named if (months == month).sum() >= _FEWEST]
    scores = tuple(
        (month, _index("psi", month, base, _counts(bands[months == month], base.size), seed=seed))
        for month in large
    )
    worst = tuple(
        _worst(column, learnt.places[:, at], applied.places[:, at], (months, large), seed=seed)
        for at, column in enumerate(columns)
        if large
    )
    small = tuple(month for month in named if month not in large)
    return Stability(scores, worst, small)


def _worst(
    column: str,
    learnt: Places,
    applied: Places,
    by: tuple[NDArray[np.str_], list[str]],
    *,
    seed: int,
) -> tuple[str, str, Measure]:
    months, large = by
    bins = int(max(learnt.max(), applied.max())) + 1
    base = _counts(learnt, bins)
    found = {month: _counts(applied[months == month], bins) for month in large}
    value = {
        month: distances(base, counts, ordered=False).stability for month, counts in found.items()
    }
    month = max(value, key=lambda each: value[each])
    return column, month, _index("csi", f"{column} · {month}", base, found[month], seed=seed)


def _index(name: str, subject: str, base: Floats, counts: Floats, *, seed: int) -> Measure:
    told = base + counts > 0
    found = distances(base[told], counts[told], ordered=False, seed=seed, draws=_DRAWS)
    title = (
        Text("分數的族群穩定度指標", "Population stability of the score")
        if name == "psi"
        else Text("欄位的穩定度指標", "Stability of a characteristic")
    )
    return Measure(
        f"judge.credit.{name}", found.stability, "nats", int(counts.sum()), title, subject,
        found.stability_interval, _METHOD if name == "psi" else _OF_BINS, seed,
    )  # fmt: skip


def _counts(places: Places, bins: int) -> Floats:
    found: Floats = np.bincount(places, minlength=bins).astype(np.float64)
    return found


def _reading(value: float) -> Text:
    if value >= SHIFTED:
        return Text("已改變", "changed")
    return Text("留意", "watch") if value >= WATCH else Text("穩定", "stable")
