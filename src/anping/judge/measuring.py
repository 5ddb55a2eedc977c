"""Every metric of a task with its interval, on all rows or on each of several groups of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import isfinite

import numpy as np
from numpy.typing import NDArray

from anping.core.measure import Interval, Measure
from anping.core.text import Text
from anping.judge.metrics import Metric, Scoring
from anping.judge.outcomes import Outcomes
from anping.judge.resampling import Resampling
from anping.stats.auc import auc_interval
from anping.stats.intervals import wilson

Floats = NDArray[np.float64]
Rows = NDArray[np.int64]
Flags = NDArray[np.bool_]

#: How the numbers came about; the interval's own method says the rest.
METHOD = "held-out"
REPLAY_TOLERANCE = 1e-6


@dataclass(frozen=True, eq=False)
class Measured:
    """One metric of one group: its value, n, interval, and its values on the resamples (draws,)."""

    metric: Metric
    value: float
    n: int
    interval: Interval | None
    draws: Floats

    def measure(self, *, subject: str = "", seed: int, title: Text | None = None) -> Measure | None:
        """Return it as a measure, or None where it could not be taken."""
        if not isfinite(self.value):
            return None
        return Measure(
            f"judge.{self.metric.name}",
            self.value,
            self.metric.unit,
            self.n,
            title or self.metric.title,
            subject=subject,
            interval=self.interval,
            method=METHOD,
            seed=seed,
        )


def measured_metrics(
    outcomes: Outcomes,
    scoring: Scoring,
    resampling: Resampling,
    *,
    groups: Rows | None = None,
    count: int = 1,
) -> list[dict[str, Measured]]:
    """Return each metric by name, for each of ``count`` groups; ``groups`` (n,) numbers them.

    A row of group -1 is in none. Shares of rows that stand for people get Wilson's interval, the AUC
    DeLong's; all else the percentile bootstrap, over people where one has several rows.
    """
    codes = np.zeros(outcomes.n, np.int64) if groups is None else groups
    columns = scoring.columns(outcomes)
    width = columns.shape[1]
    spread = np.zeros((outcomes.n, count * width))
    for group in range(count):
        inside = codes == group
        spread[inside, group * width : (group + 1) * width] = columns[inside]
    drawn = resampling.sums(spread).reshape(resampling.draws, count, width)
    ranked = _ranked(outcomes, scoring, resampling, [codes == group for group in range(count)])
    found = []
    for group in range(count):
        inside = codes == group
        whole = columns[inside].sum(axis=0)
        values, counted = scoring.values(whole), scoring.counts(whole)
        again = scoring.values(drawn[:, group])
        metrics = {
            metric.name: Measured(
                metric,
                float(values[metric.name]),
                round(float(counted[metric.of])),
                _interval(
                    metric,
                    (float(values[metric.name]), float(counted[metric.of])),
                    again[metric.name],
                    resampling,
                ),
                again[metric.name],
            )
            for metric in scoring.metrics
        }
        found.append({**ranked[group], **metrics})
    return found


def _interval(
    metric: Metric, seen: tuple[float, float], draws: Floats, resampling: Resampling
) -> Interval | None:
    value, n = seen
    if not isfinite(value):
        return None
    if metric.share and not resampling.grouped:
        return wilson(value * n, round(n), level=resampling.level)
    found = resampling.interval(draws)
    if metric.share and (found is None or found.low == found.high):
        # Nothing varied on any resample, which does not mean that nothing could.
        return wilson(value * n, round(n), level=resampling.level)
    return found


def _ranked(
    outcomes: Outcomes, scoring: Scoring, resampling: Resampling, groups: Sequence[Flags]
) -> list[dict[str, Measured]]:
    """Return the metric of ranking of each group of rows, on the same resamples."""
    parts = [outcomes.at(inside) for inside in groups]
    rankings = [scoring.ranking(part) if part.n else None for part in parts]
    asked = [(inside, one[1]) for inside, one in zip(groups, rankings, strict=True) if one]
    if not asked:
        return [{} for _ in groups]
    drawn = resampling.measured(
        lambda weights: np.column_stack([measure(weights[:, inside]) for inside, measure in asked])
    )
    columns = iter(drawn.T)
    found: list[dict[str, Measured]] = []
    for part, ranking in zip(parts, rankings, strict=True):
        if ranking is None:
            found.append({})
            continue
        metric, statistic = ranking
        value, draws = float(statistic(np.ones((1, part.n)))[0]), next(columns)
        interval = _ranking_interval(part, value, draws, resampling)
        found.append({metric.name: Measured(metric, value, part.n, interval, draws)})
    return found


def _ranking_interval(
    part: Outcomes, value: float, draws: Floats, resampling: Resampling
) -> Interval | None:
    if not isfinite(value):
        return None
    if part.task == "binary" and not resampling.grouped:
        return auc_interval(part.positive, part.scores, level=resampling.level)
    return resampling.interval(draws)
