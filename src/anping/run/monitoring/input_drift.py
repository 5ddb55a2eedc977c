"""Drift of what a model reads and of what it says, column by column, and of all columns together.

A column has drifted when its difference is more than chance (Kolmogorov-Smirnov for numbers, G for
categories; p-values adjusted by Holm over all columns), is as large as the customary bands of the
population stability index, and larger than what samples of this size from the reference show.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from anping.core.measure import Interval, Measure
from anping.core.text import Text
from anping.run.monitoring.groups import Groups, groups_of
from anping.run.monitoring.reading import Cells
from anping.run.monitoring.rules import Rules
from anping.stats.chi_square import chi_square_tail, kolmogorov_tail, same_distribution
from anping.stats.count_distances import Distances, distances
from anping.stats.distance import kolmogorov_smirnov
from anping.stats.mean_discrepancy import MeanDiscrepancy, mean_discrepancy
from anping.stats.multiple import holm

Status = Literal["same", "usual", "watch", "drifted", "few"]
Floats = NDArray[np.float64]
_DRAWS = 200
#: So many rows of each side are compared together at most: the work stays below a second.
_JOINT = 5000
INDEPENDENT = Text("列之間互相獨立", "rows are independent of one another")
_TITLES = {
    "stability": Text("族群穩定度指標（PSI）", "Population stability index (PSI)"),
    "gap": Text("Kolmogorov–Smirnov 距離", "Kolmogorov-Smirnov distance"),
    "divergence": Text("Jensen–Shannon 距離", "Jensen-Shannon distance"),
    "p": Text("差異的 p 值（校正後）", "p-value of the difference, adjusted"),
}
METHODS = {
    "stability": "population stability index over tenths or categories of the reference",
    "gap": "Kolmogorov-Smirnov distance of the cells",
    "divergence": "Jensen-Shannon distance (base 2) over tenths or categories of the reference",
    "p": "Holm over all columns compared",
}


@dataclass(frozen=True, slots=True)
class FeatureDrift:
    """One column: the cells in each group in the reference (``before``) and now.

    ``limit`` is what 95 of 100 samples of this size from the reference stay under by chance (PSI);
    ``p`` is adjusted over all columns; ``significant`` says that the difference is more than chance,
    however small. ``labels`` name a category's groups.
    """

    name: str
    groups: Groups
    labels: tuple[str, ...]
    before: tuple[int, ...]
    now: tuple[int, ...]
    distances: Distances
    test: str
    p: float
    limit: float
    status: Status
    significant: bool = False

    @property
    def n(self) -> int:
        """How many cells were compared."""
        return sum(self.now)

    def measures(self) -> tuple[Measure, ...]:
        """Return the distances and the p-value as measures."""
        told: list[tuple[str, float | None, Interval | None]] = [
            ("stability", self.distances.stability, self.distances.stability_interval),
            ("gap", self.distances.gap, None),
            ("divergence", self.distances.divergence, self.distances.divergence_interval),
            ("p", self.p, None),
        ]
        return tuple(
            Measure(
                name=f"monitor.drift.{name}",
                value=value,
                unit="probability" if name == "p" else "distance",
                n=self.n,
                title=_TITLES[name],
                subject=self.name or "score",
                interval=interval,
                method=METHODS[name],
                assumptions=(INDEPENDENT,),
            )
            for name, value, interval in told
            if value is not None
        )

    def as_json(self) -> dict[str, Any]:
        """Return plain values."""
        return {
            "column": self.name,
            "edges": list(self.groups.edges),
            "labels": list(self.labels),
            "before": list(self.before),
            "now": list(self.now),
            "test": self.test,
            "limit": self.limit,
            "status": self.status,
            "measures": [measure.as_json() for measure in self.measures()],
        }


def drifts(
    reference: Mapping[str, Cells], current: Mapping[str, Cells], rules: Rules, *, seed: int
) -> tuple[FeatureDrift, ...]:
    """Return the drift of every column of both, in the reference's order."""
    found = [
        _drift(cells, current[name], rules, np.random.default_rng([seed, place]))
        for place, (name, cells) in enumerate(reference.items())
        if name in current and cells.told.size and current[name].told.size
    ]
    adjusted = holm([each.p for each in found]).tolist() if found else []
    return tuple(
        _decided(replace(each, p=p), rules) for each, p in zip(found, adjusted, strict=True)
    )


def _drift(before: Cells, now: Cells, rules: Rules, generator: np.random.Generator) -> FeatureDrift:
    groups = groups_of(before, fewest=rules.fewest)
    counts, counts_now = groups.count(before), groups.count(now)
    seed = int(generator.integers(2**31))
    told = distances(counts, counts_now, ordered=groups.ordered, seed=seed, draws=_DRAWS)
    if groups.ordered:
        gap = kolmogorov_smirnov(before.told, now.told)
        told = replace(told, gap=gap, gap_interval=None)
        test, p = "Kolmogorov-Smirnov", kolmogorov_tail(gap, before.told.size, now.told.size)
    else:
        value, freedom = same_distribution(counts, counts_now)
        test, p = "G test", chi_square_tail(value, freedom) if freedom else 1.0
    labels = tuple(before.feature.categories[code] for code in groups.codes)
    return FeatureDrift(
        before.feature.name, groups, labels, tuple(map(int, counts)), tuple(map(int, counts_now)), told,
        test, p, _by_chance(counts, int(counts_now.sum()), generator), "same",
    )  # fmt: skip


def _by_chance(before: NDArray[np.int64], n: int, generator: np.random.Generator) -> float:
    """Return the PSI under which 95 % of pairs of samples of one distribution stay."""
    shares = (before + 0.5) / (before + 0.5).sum()
    one = generator.multinomial(int(before.sum()), shares, _DRAWS) + 0.5
    other = generator.multinomial(n, shares, _DRAWS) + 0.5
    p, q = one / one.sum(axis=1, keepdims=True), other / other.sum(axis=1, keepdims=True)
    return float(np.quantile(((q - p) * np.log(q / p)).sum(axis=1), 0.95))


def _decided(found: FeatureDrift, rules: Rules) -> FeatureDrift:
    if found.n < rules.fewest_rows:
        return replace(found, status="few")
    if found.p > rules.alpha:
        return found
    found = replace(found, significant=True)
    stability = found.distances.stability
    if stability < rules.watch or stability <= found.limit:
        return replace(found, status="usual")
    return replace(found, status="drifted" if stability >= rules.drifted else "watch")


def joint_drift(
    reference: Sequence[Cells], current: Sequence[Cells], *, seed: int
) -> tuple[MeanDiscrepancy, tuple[int, int]] | None:
    """Return the mean discrepancy of all columns together, and the rows compared of either side."""
    if not reference or not reference[0].numbers.size or not current[0].numbers.size:
        return None
    generator = np.random.default_rng([seed, 1])
    one, other = (_sampled(side, generator) for side in (reference, current))
    pairs = [_scaled(before, now) for before, now in zip(one, other, strict=True)]
    kept = [pair for pair in pairs if pair is not None]
    if not kept:
        return None
    first, second = (np.column_stack([pair[side] for pair in kept]) for side in (0, 1))
    told = mean_discrepancy(first, second, seed=seed)
    return told, (first.shape[0], second.shape[0])


def _sampled(side: Sequence[Cells], generator: np.random.Generator) -> list[Cells]:
    rows = side[0].numbers.size
    if rows <= _JOINT:
        return list(side)
    chosen = np.sort(generator.choice(rows, _JOINT, replace=False))
    return [cells.take(chosen) for cells in side]


def _scaled(before: Cells, now: Cells) -> tuple[Floats, Floats] | None:
    """Return both columns as (rows, w): numbers by the reference's spread, categories one by one.

    A missing number is the reference's median, a missing category is none of them.
    """
    told = before.told
    if not told.size:
        return None
    if before.feature.nature == "category":
        codes = groups_of(before, fewest=1).codes
        if not codes:
            return None
        one, other = (side.numbers[:, None] == np.array(codes) for side in (before, now))
        return one.astype(np.float64), other.astype(np.float64)
    middle = float(np.median(told))
    low, high = np.quantile(told, (0.05, 0.95))
    spread = float(high - low) or float(told.std()) or 1.0
    parts = (np.nan_to_num((side.numbers - middle) / spread * 3) for side in (before, now))
    one, other = (np.clip(part, -10, 10)[:, None] for part in parts)
    return one, other
