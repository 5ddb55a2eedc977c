"""How a model does for each group of people: every metric with n and interval, and what lies between.

The idea of a frame of metrics by group is fairlearn's (Bird et al. 2020). Differences over all pairs
get simultaneous intervals by the greatest studentised deviation on the resamples (Efron & Tibshirani
1993; Westfall & Young 1993), so that looking at many pairs makes none of them significant by chance.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations
from math import isfinite, sqrt
from statistics import NormalDist

import numpy as np
from numpy.typing import NDArray

from anping.core.measure import Interval, Measure
from anping.core.text import Text
from anping.judge.groups import Partition
from anping.judge.measuring import METHOD, Measured, measured_metrics
from anping.judge.metrics import Metric, Scoring
from anping.judge.outcomes import Outcomes
from anping.judge.resampling import Resampling
from anping.judge.suppression import Cells, hidden_groups

Floats = NDArray[np.float64]
Rows = NDArray[np.int64]
Flags = NDArray[np.bool_]

DIFFERENCE, RATIO = "difference", "ratio"
_MAX_T = "simultaneous bootstrap (greatest studentised deviation)"


@dataclass(frozen=True, slots=True)
class Least:
    """How many rows a group must have to be shown, and how many of either of two classes."""

    rows: int
    of_a_class: int


@dataclass(frozen=True, eq=False)
class Frame:
    """The metrics of each group of a partition; ``hidden`` (g,) marks the groups not to be shown."""

    partition: Partition
    metrics: tuple[dict[str, Measured], ...]
    hidden: Flags

    @property
    def shown(self) -> list[int]:
        """The groups that may be shown."""
        return [int(group) for group in np.flatnonzero(~self.hidden)]


@dataclass(frozen=True, slots=True)
class Between:
    """What lies between groups in one metric: value, interval, the groups that are farthest apart."""

    metric: Metric
    kind: str
    value: float
    interval: Interval | None
    n: int
    lowest: int
    highest: int

    def measure(self, partition: Partition, *, seed: int) -> Measure:
        """Return it as a measure."""
        zh, en = (
            ("最大差異", "largest difference")
            if self.kind == DIFFERENCE
            else ("最小比", "least ratio")
        )
        title = self.metric.title
        return Measure(
            f"judge.{self.metric.name}.{self.kind}",
            self.value,
            self.metric.unit if self.kind == DIFFERENCE else "ratio of rates",
            self.n,
            Text(f"{title.zh}：各組間{zh}", f"{title.en}: {en} between groups"),
            subject=partition.name,
            interval=self.interval,
            method=METHOD,
            seed=seed,
        )


def hidden_of(
    outcomes: Outcomes, partition: Partition, least: Least, *, lines: Sequence[Partition] = ()
) -> Flags:
    """Return which groups are hidden: of too few rows (or people), or of too few of either class.

    ``lines`` are the partitions by fewer columns that are shown as well: their groups are sums of
    this one's.
    """
    count = len(partition.labels)
    counts, bounds = [_units(outcomes, partition.codes, count)], [least.rows]
    if outcomes.task == "binary":
        positives = np.bincount(partition.codes, outcomes.positive, minlength=count)
        # A class that hardly anybody of a group is in tells the class of nearly all of them.
        counts += [positives, partition.sizes - positives]
        bounds += [least.of_a_class, least.of_a_class]
    sums = [np.ones(count, np.bool_)]
    for line in lines:
        for group in range(len(line.labels)):
            inside = np.unique(partition.codes[line.codes == group])
            sums.append(np.isin(np.arange(count), inside))
    table = Cells(np.column_stack(counts).astype(np.int64), np.array(sums), np.array(bounds))
    return hidden_groups(table)


def _units(outcomes: Outcomes, codes: Rows, count: int) -> Rows:
    """Return how many rows, or people where they are numbered, each group has."""
    if outcomes.people is None:
        return np.bincount(codes, minlength=count).astype(np.int64)
    pairs = np.unique(np.column_stack((codes, outcomes.people)), axis=0)
    return np.bincount(pairs[:, 0], minlength=count).astype(np.int64)


def frame_of(
    outcomes: Outcomes,
    partition: Partition,
    scoring: Scoring,
    resampling: Resampling,
    *,
    hidden: Flags,
) -> Frame:
    """Return every metric of every group that is shown."""
    found = measured_metrics(
        outcomes, scoring, resampling,
        groups=np.where(hidden[partition.codes], -1, partition.codes),
        count=len(partition.labels),
    )  # fmt: skip
    return Frame(partition, tuple(found), hidden)


def between(frame: Frame, name: str, *, kind: str, level: float) -> Between | None:
    """Return the largest difference, or the least ratio, of one metric between any two shown groups.

    The interval holds for it at ``level``: all pairs are bounded together. None where fewer than two
    groups have the metric, or a ratio would be to nothing.
    """
    groups = [
        group for group in frame.shown
        if name in frame.metrics[group] and isfinite(frame.metrics[group][name].value)
    ]  # fmt: skip
    if len(groups) < 2:
        return None
    ones = [frame.metrics[group][name] for group in groups]
    values = np.array([one.value for one in ones])
    draws = np.array([one.draws for one in ones])
    low, high = int(values.argmin()), int(values.argmax())
    bounded = _bounds if kind == DIFFERENCE else _ratio_bounds
    if kind == RATIO and (values[high] <= 0 or values.min() < 0):
        return None
    value = values[high] - values[low] if kind == DIFFERENCE else values[low] / values[high]
    return Between(
        ones[0].metric,
        kind,
        float(value),
        bounded(ones, values, draws, level),
        sum(one.n for one in ones),
        groups[low],
        groups[high],
    )


def _least_spread(one: Measured) -> float:
    """Return the least standard error that a share of n can have, by Agresti and Coull's centre."""
    if not one.metric.share or not one.n:
        return 0.0
    centre = (one.value * one.n + 2) / (one.n + 4)
    return sqrt(centre * (1 - centre) / (one.n + 4))


def _spreads(ones: list[Measured], draws: Floats) -> Floats:
    with np.errstate(invalid="ignore"):
        found = np.array([np.nanstd(draw) if np.isfinite(draw).any() else 0.0 for draw in draws])
    return np.maximum(found, [_least_spread(one) for one in ones])


def _bounds(ones: list[Measured], values: Floats, draws: Floats, level: float) -> Interval | None:
    spreads = _spreads(ones, draws)
    pairs = np.array([*combinations(range(len(ones)), 2)])
    one, other = pairs[:, 0], pairs[:, 1]
    difference = values[one] - values[other]
    error = np.sqrt(spreads[one] ** 2 + spreads[other] ** 2)
    if not (error > 0).all():
        return None
    reach = _critical(draws[one] - draws[other], difference, error, level)
    size = np.abs(difference)
    low, high = size - reach * error, size + reach * error
    # The largest of sizes that are bounded together lies between the largest of their bounds.
    return Interval(float(max(low.max(), 0.0)), float(high.max()), level, _MAX_T)


def _ratio_bounds(
    ones: list[Measured], values: Floats, draws: Floats, level: float
) -> Interval | None:
    """Bound the logarithms of the ratios; a rate of nothing counts as half a case."""
    floors = np.array([0.5 / max(one.n, 1) if one.metric.share else 1e-12 for one in ones])
    logs = np.log(np.maximum(values, floors))
    drawn = np.log(np.maximum(np.nan_to_num(draws, nan=0.0), floors[:, None]))
    least = np.array([_least_spread(one) for one in ones]) / np.maximum(values, floors)
    spreads = np.maximum(drawn.std(axis=1), least)
    pairs = np.array([*combinations(range(len(ones)), 2)])
    one, other = pairs[:, 0], pairs[:, 1]
    difference = logs[one] - logs[other]
    error = np.sqrt(spreads[one] ** 2 + spreads[other] ** 2)
    if not (error > 0).all():
        return None
    reach = _critical(drawn[one] - drawn[other], difference, error, level)
    size = np.abs(difference)
    low = float(np.exp(-(size + reach * error).max()))
    high = float(np.exp(-max((size - reach * error).max(), 0.0)))
    return Interval(low, high, level, _MAX_T)


def _critical(drawn: Floats, values: Floats, error: Floats, level: float) -> float:
    """Return how many standard errors hold all pairs at once; at least what one pair needs."""
    deviation = np.abs(drawn - values[:, None]) / error[:, None]
    deviation = deviation[:, np.isfinite(deviation).all(axis=0)]
    least = NormalDist().inv_cdf(0.5 + level / 2)
    if deviation.shape[1] < 100:
        # Too few resamples had every group: Bonferroni's bound stands in.
        return NormalDist().inv_cdf(1 - (1 - level) / (2 * values.size))
    return max(float(np.quantile(deviation.max(axis=0), level)), least)
