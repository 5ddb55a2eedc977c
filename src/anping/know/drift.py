"""Drift: how far the columns of a new version lie from the versions before, and whether that is usual.

::

    from anping.know.drift import drift
    for found in drift(history.versions, new):
        print(found.column, found.distances.stability, found.status)

Whether a distance is more than chance is told by a test (Kolmogorov-Smirnov where groups have an
order, else G), its p-values adjusted over all columns by Benjamini and Hochberg. Whether it is more
than usual is told by how far the earlier versions lie from one another: the prediction limit of
their own distances. Below three earlier versions that is not known, and the customary bands of the
population stability index stand in, named as such.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from math import exp, log
from typing import Any, Literal

import numpy as np
import numpy.typing as npt

from anping.core.measure import Interval, Measure
from anping.core.text import Text
from anping.know.expectation_words import BINNED, INDEPENDENT
from anping.know.expected import expected_number
from anping.know.summary import ORDERED, ColumnSummary, Form, Summary
from anping.stats.chi_square import chi_square_tail, kolmogorov_tail, same_distribution
from anping.stats.count_distances import Distances, distances
from anping.stats.distance import population_stability
from anping.stats.multiple import benjamini_hochberg

Status = Literal["same", "usual", "watch", "drifted"]
Counts = npt.NDArray[np.float64]
#: The customary bands of the population stability index (Siddiqi 2006): a convention, no derivation.
BANDS = (0.1, 0.25)
SEED = 20_260_101
_DRAWS = 200
#: From so many versions on their own distances tell what is usual.
_ENOUGH = 3

_TITLES = {
    "stability": Text("族群穩定度指標（PSI）", "Population stability index (PSI)"),
    "gap": Text("Kolmogorov–Smirnov 距離", "Kolmogorov-Smirnov distance"),
    "divergence": Text("Jensen–Shannon 距離", "Jensen-Shannon distance"),
    "p": Text("差異的 p 值（校正後）", "p-value of the difference, adjusted"),
}
_METHODS = {
    "stability": "population stability index over kept groups, half a count added to each",
    "gap": "Kolmogorov-Smirnov distance at the edges of kept groups",
    "divergence": "Jensen-Shannon distance (base 2) over kept groups",
    "p": "Benjamini-Hochberg over all columns compared",
}


@dataclass(frozen=True, slots=True)
class ColumnDrift:
    """One column: its groups' counts before (all earlier versions together) and now.

    ``series`` gives the stability index of each earlier version against the other ones, by version
    (empty below two), ``limit`` what is usual by them. ``p`` is adjusted over all columns. ``n`` and
    ``before_n`` are the cells compared, now and before.
    """

    column: str
    form: Form
    versions: tuple[int, ...]
    edges: tuple[float, ...]
    labels: tuple[str, ...]
    before: tuple[int, ...]
    now: tuple[int, ...]
    distances: Distances
    test: str
    p: float
    series: tuple[tuple[int, float], ...] = ()
    limit: float | None = None
    status: Status = "same"
    n: int = 0
    before_n: int = 0

    def measures(self) -> tuple[Measure, ...]:
        """Return the distances and the p-value as measures."""
        told: list[tuple[str, float | None, Interval | None]] = [
            ("stability", self.distances.stability, self.distances.stability_interval),
            ("gap", self.distances.gap, self.distances.gap_interval),
            ("divergence", self.distances.divergence, self.distances.divergence_interval),
            ("p", self.p, None),
        ]
        return tuple(
            Measure(
                name=f"drift.{name}",
                value=value,
                unit="probability" if name == "p" else "distance",
                n=self.n,
                title=_TITLES[name],
                subject=self.column,
                interval=interval,
                method=f"{_METHODS[name]}; {self.test}" if name == "p" else _METHODS[name],
                seed=None if interval is None else SEED,
                assumptions=(INDEPENDENT, BINNED),
            )
            for name, value, interval in told
            if value is not None
        )

    def as_json(self) -> dict[str, Any]:
        """Return plain values; hidden labels are told by their place only."""
        hidden = self.form == "hidden"
        return {
            "column": self.column,
            "form": self.form,
            "versions": list(self.versions),
            "edges": list(self.edges),
            "labels": [] if hidden else list(self.labels),
            "before": list(self.before),
            "now": list(self.now),
            "measures": [measure.as_json() for measure in self.measures()],
            "series": [list(pair) for pair in self.series],
            "limit": self.limit,
            "status": self.status,
        }


def drift(
    earlier: Sequence[Summary], new: Summary, *, alpha: float = 0.05
) -> tuple[ColumnDrift, ...]:
    """Return the drift of every column that can be compared, in the table's order.

    ``new`` must have been summarised after ``earlier`` (``summarise(..., earlier=...)``).
    """
    ordered = sorted(earlier, key=lambda each: each.version)
    found = [
        one
        for column in new.columns
        if (one := _drift(_comparable(ordered, column), column)) is not None
    ]
    adjusted = benjamini_hochberg([each.p for each in found]).tolist() if found else []
    return tuple(
        _decided(replace(each, p=p), alpha) for each, p in zip(found, adjusted, strict=True)
    )


def _comparable(earlier: Sequence[Summary], new: ColumnSummary) -> list[tuple[int, ColumnSummary]]:
    return [
        (each.version, one)
        for each in earlier
        if (one := each.column(new.column)) is not None
        and one.form == new.form
        and one.edges == new.edges
        and any(one.counts)
    ]


def _drift(before: Sequence[tuple[int, ColumnSummary]], new: ColumnSummary) -> ColumnDrift | None:
    if not before or not sum(new.counts) or new.form == "none":
        return None
    ordered = new.form in ORDERED
    labels = tuple(dict.fromkeys(s for _, c in before for s in c.labels)) + new.labels
    labels = tuple(dict.fromkeys(labels))
    rows = [_aligned(column, labels, ordered=ordered) for _, column in before]
    now = _aligned(new, labels, ordered=ordered)
    together = np.sum(rows, axis=0)
    if not together.sum() or not now.sum():
        return None
    told = distances(together, now, ordered=ordered, seed=SEED, draws=_DRAWS)
    series = tuple(_series([version for version, _ in before], rows))
    test, p = _tested(together, now, told)
    return ColumnDrift(
        column=new.column,
        form=new.form,
        versions=tuple(version for version, _ in before),
        edges=new.edges,
        labels=labels,
        before=tuple(int(n) for n in together),
        now=tuple(int(n) for n in now),
        distances=told,
        test=test,
        p=p,
        series=series,
        limit=_usual(series, rows, now),
        n=_cells(new),
        before_n=sum(_cells(column) for _, column in before),
    )


def _cells(column: ColumnSummary) -> int:
    return column.filled if column.limits is None else column.limits.n


def _aligned(column: ColumnSummary, labels: Sequence[str], *, ordered: bool) -> Counts:
    """Return a column's counts by the common groups, all others last where there is no order."""
    if ordered:
        return np.array(column.counts[:-1], np.float64)
    known = dict(zip(column.labels, column.counts, strict=False))
    return np.array([*(known.get(label, 0) for label in labels), column.counts[-1]], np.float64)


def _series(versions: Sequence[int], rows: Sequence[Counts]) -> Iterator[tuple[int, float]]:
    """Yield how far each version lies from the others together."""
    if len(rows) < 2:
        return
    together = np.sum(rows, axis=0)
    for version, counts in zip(versions, rows, strict=True):
        yield version, population_stability(together - counts, counts)


def _tested(before: Counts, now: Counts, told: Distances) -> tuple[str, float]:
    if told.gap is not None:
        p = kolmogorov_tail(told.gap, int(before.sum()), int(now.sum()))
        return "Kolmogorov-Smirnov in groups, limit of large n (conservative)", p
    value, freedom = same_distribution(before, now)
    return "G test of homogeneity", chi_square_tail(value, freedom) if freedom else 1.0


def _usual(
    series: Sequence[tuple[int, float]], rows: Sequence[Counts], now: Counts
) -> float | None:
    """Return the limit of what is usual: the upper prediction limit of the versions' own distances.

    Logarithms are taken after what sampling alone adds, (groups - 1)(1/n + 1/m), is put under each.
    """
    if len(series) < _ENOUGH:
        return None
    total = float(sum(each.sum() for each in rows))
    groups = now.size - 1
    noises = [groups * (1 / each.sum() + 1 / max(total - each.sum(), 1)) for each in rows]
    own = groups * (1 / now.sum() + 1 / total)
    scaled = [log(value + noise) for (_, value), noise in zip(series, noises, strict=True)]
    # A chi-square over f degrees has a logarithm whose variance is about 2 / f.
    told = expected_number(scaled, 0.0, noise=2 / max(groups, 1), upwards=True)
    return None if told is None or told.high is None else max(0.0, exp(told.high) - own)


def _decided(found: ColumnDrift, alpha: float) -> ColumnDrift:
    if found.p > alpha:
        return found
    stability = found.distances.stability
    if found.limit is not None:
        return replace(found, status="drifted" if stability > found.limit else "usual")
    if stability < BANDS[0]:
        return replace(found, status="usual")
    return replace(found, status="watch")
