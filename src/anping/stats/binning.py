"""The best partition of ordered pre-bins whose event rate only rises, falls, peaks or dips.

The search is exact: dynamic programming over the last bin, which is all that the next one has to
agree with. What is maximised is the information value (Kullback's symmetric divergence of the two
classes; Siddiqi 2006, Credit Risk Scorecards, ch. 6) less a price for each bin, because a bin that
means nothing still adds (Hand & Adams 2000: under independence rows · p · (1 - p) times the
information value is about chi-square with one degree of freedom for each bin but the first).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from anping.core.errors import ParameterError
from anping.core.text import Text

Floats = NDArray[np.float64]
Places = NDArray[np.int64]
#: How the event rate may go from the first bin to the last; ``monotone`` is the better of the first
#: two, ``any`` the best of all four, ``free`` asks for nothing.
Trend = Literal["ascending", "descending", "peak", "valley", "monotone", "any", "free"]
_TRIED: dict[Trend, tuple[Trend, ...]] = {
    "monotone": ("ascending", "descending"),
    "any": ("ascending", "descending", "peak", "valley"),
}
#: A bin's classes are counted with this much of the whole's mix added, so that none is empty.
PRIOR_ROWS = 1.0


@dataclass(frozen=True, eq=False)
class Partition:
    """Bins of neighbouring pre-bins: ``starts`` (bins,) is the first pre-bin of each.

    ``value`` is what was maximised; ``trend`` which of the trends asked for it follows.
    """

    starts: Places
    trend: Trend
    value: float

    @property
    def bins(self) -> int:
        """How many bins there are."""
        return int(self.starts.size)

    def sums(self, counts: Floats) -> Floats:
        """Return (bins,): the sums of the pre-bins' ``counts`` (m,)."""
        found: Floats = np.add.reduceat(counts, self.starts)
        return found


@dataclass(frozen=True)
class Rules:
    """What a partition must keep: the trend, how many rows and how many bins; and a bin's price.

    ``least`` is the fewest rows of a bin, ``most`` the most bins. ``price`` is in units of what one
    bin adds by chance alone to the information value.
    """

    trend: Trend = "monotone"
    least: float = 1.0
    most: int = 20
    price: float = 2.0


def partition(events: Floats, others: Floats, rules: Rules | None = None) -> Partition:
    """Return the best partition of m ordered pre-bins with ``events`` (m,) and ``others`` (m,).

    One bin is always allowed. Raises ParameterError where the counts do not fit or are all of one
    class (``stats.binning.one-class``), or for rules that nothing can keep (``stats.binning.rules``).
    """
    rules = rules or Rules()
    bad, good = np.asarray(events, np.float64), np.asarray(others, np.float64)
    if bad.shape != good.shape or bad.ndim != 1 or not bad.size or not bad.sum() or not good.sum():
        raise _one_class()
    if rules.most < 1 or rules.least < 0 or rules.price < 0:
        raise _wrong_rules()
    cells = _Cells.of(bad, good, rules)
    found = [_best(cells, trend, rules.most) for trend in _TRIED.get(rules.trend, (rules.trend,))]
    return max(found, key=lambda each: each.value)


def weights_of_evidence(events: Floats, others: Floats) -> Floats:
    """Return (bins,): the logarithm of the odds of the others in a bin over those of all rows.

    Positive where events are rarer than on the whole. Every bin is counted with one row of the
    whole's mix added, so that a bin without rows weighs 0 and one without events is finite.
    """
    share = events.sum() / (events.sum() + others.sum())
    bad, good = events + PRIOR_ROWS * share, others + PRIOR_ROWS * (1 - share)
    weights: Floats = np.log(good / bad) - np.log((1 - share) / share)
    return weights


def information_value(events: Floats, others: Floats) -> float:
    """Return the information value of bins: the sum of (share of others - share of events) · weight."""
    weights = weights_of_evidence(events, others)
    return float(((others / others.sum() - events / events.sum()) * weights).sum())


@dataclass(frozen=True, eq=False)
class _Cells:
    """All runs of neighbouring pre-bins: ``value`` and ``rate`` [i, j] of the run from i before j.

    A run that may not be a bin has the value minus infinity.
    """

    value: Floats
    rate: Floats
    whole: float

    @classmethod
    def of(cls, bad: Floats, good: Floats, rules: Rules) -> _Cells:
        m = bad.size
        first, last = np.meshgrid(np.arange(m + 1), np.arange(m + 1), indexing="ij")
        before = np.concatenate([[0.0], np.cumsum(bad)]), np.concatenate([[0.0], np.cumsum(good)])
        events = before[0][last] - before[0][first]
        others = before[1][last] - before[1][first]
        rows = events + others
        n, share = rows[0, m], events[0, m] / rows[0, m]
        inside = (first < last) & (rows > 0)
        with np.errstate(divide="ignore", invalid="ignore"):
            rate = np.where(inside, events / rows, np.nan)
            odds = (others + PRIOR_ROWS * (1 - share)) / (events + PRIOR_ROWS * share)
            weight = np.log(odds) - np.log((1 - share) / share)
        gain = (others / others[0, m] - events / events[0, m]) * weight
        # A run that is the whole must be possible, however few rows there are.
        allowed = inside & ((rows >= rules.least) | ((first == 0) & (last == m)))
        value = np.where(allowed, gain - rules.price / (n * share * (1 - share)), -np.inf)
        return cls(value, rate, float(value[0, m]))


def _best(cells: _Cells, trend: Trend, most: int) -> Partition:
    """Return the best partition with one trend."""
    turned = trend in {"descending", "valley"}
    rate = -cells.rate if turned else cells.rate
    turns = trend in {"peak", "valley"}
    rising = _Paths.of(cells.value, rate, most, free=trend == "free")
    paths = (rising, _falling(cells.value, -rate, most, rising)) if turns else (rising,)
    ends = [path.best[:, :, -1] for path in paths]
    which = int(np.argmax([end.max() for end in ends]))
    k, i = np.unravel_index(int(np.argmax(ends[which])), ends[which].shape)
    starts = _walked(paths, which, (int(k), int(i)), cells.value.shape[0] - 1)
    return Partition(starts, trend, float(ends[which].max()))


@dataclass(frozen=True, eq=False)
class _Paths:
    """``best`` [k, i, j]: of k + 1 bins up to j, the last from i; ``before`` where the one before starts.

    ``phase`` says in which of two phases that one was, where there are two.
    """

    best: Floats
    before: Places
    phase: Places

    @classmethod
    def of(cls, value: Floats, rate: Floats, most: int, *, free: bool) -> _Paths:
        size = value.shape[0]
        best = np.full((most, size, size), -np.inf)
        before = np.zeros((most, size, size), dtype=np.int64)
        best[0, 0] = value[0]
        level = np.where(np.isnan(rate), 0.0, rate * (not free))
        for i in range(1, size - 1):
            reached, came = _reached(best[:-1, :i, i], level[:i, i], level[i, i + 1 :])
            best[1:, i, i + 1 :] = reached + value[i, i + 1 :]
            before[1:, i, i + 1 :] = came
        return cls(best, before, np.zeros_like(before))


def _falling(value: Floats, rate: Floats, most: int, rising: _Paths) -> _Paths:
    """Return the paths whose last bins go the other way, after paths of ``rising`` or their own."""
    size = value.shape[0]
    best = np.full((most, size, size), -np.inf)
    before = np.zeros((most, size, size), dtype=np.int64)
    phase = np.zeros((most, size, size), dtype=np.int64)
    level = np.where(np.isnan(rate), 0.0, rate)
    for i in range(1, size - 1):
        own, others = best[:-1, :i, i], rising.best[:-1, :i, i]
        last = own >= others
        reached, came = _reached(np.where(last, own, others), level[:i, i], level[i, i + 1 :])
        best[1:, i, i + 1 :] = reached + value[i, i + 1 :]
        before[1:, i, i + 1 :] = came
        phase[1:, i, i + 1 :] = last[np.arange(most - 1)[:, None], came]
    return _Paths(best, before, phase)


def _reached(best: Floats, level: Floats, wanted: Floats) -> tuple[Floats, Places]:
    """Return, for each wanted level, the best of those at or below it (k, wanted) and where it is.

    ``best`` (k, h) are what paths came to, ``level`` (h,) the levels that they ended on.
    """
    order = np.argsort(level, kind="stable")
    ordered = best[:, order]
    highest = np.maximum.accumulate(ordered, axis=1)
    place = np.where(ordered == highest, np.arange(order.size), 0)
    at = order[np.maximum.accumulate(place, axis=1)]
    upto = np.searchsorted(level[order], wanted, side="right") - 1
    found = np.where(upto >= 0, highest[:, upto], -np.inf)
    return found, at[:, upto]


def _walked(paths: tuple[_Paths, ...], which: int, last: tuple[int, int], end: int) -> Places:
    """Return the starts of the bins of the path that ends with bin ``last`` (k, i) before ``end``."""
    k, i = last
    starts = [i]
    while k > 0:
        path = paths[which]
        came, phase = int(path.before[k, i, end]), int(path.phase[k, i, end])
        which, k, i, end = (phase if len(paths) > 1 else 0), k - 1, came, i
        starts.append(i)
    return np.array(starts[::-1], dtype=np.int64)


def _one_class() -> ParameterError:
    return ParameterError(
        "stats.binning.one-class",
        Text(
            "分箱需要兩個類別都有資料，且兩邊的分組相同。",
            "Bins need rows of both classes, counted over the same groups.",
        ),
        hint=Text("請換一個目標欄位或增加資料。", "Choose another target or add rows."),
    )


def _wrong_rules() -> ParameterError:
    return ParameterError(
        "stats.binning.rules",
        Text(
            "分箱規則無法遵守：至少一箱，最少列數與代價不得為負。",
            "Nothing can keep these rules: at least one bin, no negative rows or price.",
        ),
        hint=Text("請更正分箱的設定。", "Correct the settings of the bins."),
    )
