"""A column whose values have an order is made finer by cutting an interval in two, anywhere."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from heapq import heappop, heappush
from typing import ClassVar

import numpy as np

from anping.protect.deid.axes import Covered, Members, Offers, Places, States, scaled, worth
from anping.protect.deid.encoding import Codes, Floats, Ladder
from anping.protect.deid.scales import Scale
from anping.protect.deid.tuples import Bools, dense, totals


@dataclass(frozen=True)
class IntervalAxis:
    """Runs of neighbouring leaves: a state is the first and the last place of a run, as one number.

    ``place`` gives each observed leaf its place in the scale's order, ``share`` is the column's
    part of the loss. The missing leaf stands last, and is parted from all others before they are
    cut. Of the borders between two values that are apart the roundest is taken. An end beyond which
    a group has nobody is drawn in, but only to a border that the hierarchy has above its leaves
    too: ``inner`` holds, for each place, the nearest such border's place before and after it.
    """

    any_state: ClassVar[bool] = True

    scale: Scale
    place: Places
    share: float
    best: States
    inner: tuple[Codes, Codes]

    @classmethod
    def of(cls, scale: Scale, observed: tuple[str, ...], share: float) -> IntervalAxis:
        """Return the axis of a column with these ``observed`` leaves."""
        place = np.asarray([scale.place[leaf] for leaf in observed], np.int32)
        rank = scale.roundness
        return cls(scale, place, share, _sparse(rank), _borders(rank, scale.size))

    @property
    def radix(self) -> int:
        """What the first place is multiplied with in a state."""
        return self.scale.size

    def bounds(self, states: States) -> tuple[Codes, Codes]:
        """Return the first and the last place of each state."""
        low, high = np.divmod(states.astype(np.int64), self.radix)
        return low, high

    def start(self, leaf: int) -> int:  # noqa: ARG002 - the protocol's
        """Return the whole domain."""
        return self.scale.size - 1

    def widths(self, states: States) -> Codes:
        """Return 2, and 0 for a single leaf or where nothing could be won."""
        low, high = self.bounds(states)
        return np.where((high > low) & (self.share > 0), 2, 0)

    def slots(self, members: Members, states: States, how: States) -> Codes:  # noqa: ARG002 - the protocol's
        """Return 1 for tuples after their group's cut, 0 before it."""
        return (self._places(members) > how[members.group_of]).astype(np.int64)

    def below(self, states: States, *, how: States, slots: Codes) -> States:
        """Return the parts before and after the cuts."""
        low, high = self.bounds(states)
        first = np.where(slots == 1, how + 1, low)
        last = np.where(slots == 1, high, how)
        return np.asarray(first * self.radix + last, np.int32)

    def offers(self, members: Members, states: States, *, k: int) -> Offers:
        """Return the best cut of each group: both parts of at least ``k`` rows."""
        low, high = self.bounds(states)
        cells = self._cells(members, low, high)
        whole = (high > low) & (high >= len(self.scale.leaves))
        best, cut = self._best(cells, _Ends(low, high), np.flatnonzero(cells.parting(k)))
        parted = np.flatnonzero(whole)
        if parted.size:
            best[parted] = self._parting(cells, parted, k)
            cut[parted] = self.scale.size - 2
        end = np.minimum(self.inner[1][cells.place[cells.last]], high)
        start = np.maximum(self.inner[0][cells.place[cells.first]], low)
        # First of all an end where nobody is is cut off.
        above, under = ~whole & (end < high), ~whole & (end >= high) & (start > low)
        cut = np.where(above, end, np.where(under, start - 1, cut))
        return Offers(np.where(above | under, np.inf, best), cut.astype(np.int32))

    def _best(self, cells: _Cells, ends: _Ends, after: Codes) -> tuple[Floats, Codes]:
        """Return the merit of each group's best cut after one of the cells ``after``, and the cut."""
        best, cut = np.full(ends.low.size, -np.inf), np.zeros(ends.low.size, np.int64)
        if not after.size:
            return best, cut
        group, place, following = cells.group[after], cells.place[after], cells.place[after + 1]
        total, left = cells.total[group], cells.left[after]
        border = self._roundest(place, following)
        end = np.minimum(border, self.inner[1][place])
        start = np.maximum(border + 1, self.inner[0][following])
        won = left * (ends.high[group] - end) + (total - left) * (start - ends.low[group])
        saved = won * self.share / max(1, self.scale.size - 1)
        bits = scaled(total) - scaled(left) - scaled(total - left)
        merit = np.where(saved > 0, saved / (bits + total), -np.inf)
        first = np.flatnonzero(np.diff(group, prepend=-1))
        best[group[first]] = np.maximum.reduceat(merit, first)
        at = np.where(merit == best[group], np.arange(merit.size), merit.size)
        cut[group[first]] = border[np.minimum.reduceat(at, first)]
        return best, cut

    def lost(self, states: States) -> Floats:
        """Return the column's part of the loss for the leaves beyond the first."""
        low, high = self.bounds(states)
        return np.asarray(self.share * (high - low) / max(1, self.scale.size - 1), np.float64)

    def levels(self, ladder: Ladder, states: States) -> tuple[Ladder, States, Covered]:
        """Return the levels with one more for every layer of intervals, and each state's level.

        Intervals that do not overlap share a layer. Also returned is what each interval covers.
        """
        number, different = dense(states.astype(np.int64), self.radix**2)
        found = np.empty(different, states.dtype)
        found[number] = states
        low, high = self.bounds(found)
        layer = _packed(low, high)
        count = int(layer.max(initial=-1)) + 1
        codes = np.zeros((count, self.place.size), np.int64)
        cost = np.zeros((count, self.place.size))
        names: list[list[str]] = [[] for _ in range(count)]
        covered: Covered = {}
        lost = self.lost(found)
        for each in range(found.size):
            first, last, at = int(low[each]), int(high[each]), int(layer[each])
            held = (self.place >= first) & (self.place <= last)
            text = self.scale.text(first, last)
            codes[at, held], cost[at, held] = len(names[at]), lost[each]
            names[at].append(text)
            covered[text] = self.scale.covered(first, last)
        more = replace(
            ladder,
            codes=(*ladder.codes, *codes),
            sizes=(*ladder.sizes, *map(len, names)),
            cost=(*ladder.cost, *cost),
            names=(*ladder.names, *map(tuple, names)),
        )
        levels = (layer + len(ladder.sizes))[number]
        return more, levels.astype(np.int32), covered

    @cached_property
    def _in_order(self) -> bool:
        return np.array_equal(self.place, np.arange(self.place.size))

    def _places(self, members: Members) -> Places:
        return members.leaf if self._in_order else np.asarray(self.place[members.leaf], np.int32)

    def _cells(self, members: Members, low: Codes, high: Codes) -> _Cells:
        width = high - low + 1
        bound, base = int(width.sum()), np.cumsum(width) - width
        shift = base - low
        keys = shift[members.group_of] + self._places(members)
        # A cell for every place of every group's run, unless these are far more than the tuples.
        listed = bound <= 4 * keys.size + 2**16
        key, rows = _summed(keys, members.rows, bound, listed=listed)
        if listed:
            group = np.repeat(np.arange(low.size), width)[key]
        else:
            group = np.searchsorted(base, key, side="right") - 1
        first = np.flatnonzero(np.diff(group, prepend=-1))
        last = np.append(first[1:], group.size) - 1
        reached = np.cumsum(rows)
        before = reached[first] - rows[first]
        left, total = reached - before[group], reached[last] - before
        return _Cells(group, key - shift[group], left, total, first, last)

    def _parting(self, cells: _Cells, groups: Codes, k: int) -> Floats:
        """Return what parting the missing cells from the others is worth, by group.

        Cuts can follow for the others: they are taken to win back half of the column's loss.
        """
        total = cells.total
        ends = cells.place[cells.last] == len(self.scale.leaves)
        before = np.where(cells.last > cells.first, cells.left[cells.last - 1], 0.0)
        known = np.where(ends, before, total)
        missing = total - known
        kept = np.where(known >= k, known, 0.0) / 2 + np.where(missing >= k, missing, 0.0)
        rest = np.where(known < k, known, 0.0) + np.where(missing < k, missing, 0.0)
        bits = scaled(total) - scaled(known) - scaled(missing)
        found = worth(saved=kept * self.share, bits=bits, rows=total, rest=rest, k=k)
        return np.where(rest < total, found, -np.inf)[groups]

    def _roundest(self, place: Codes, after: Codes) -> Codes:
        """Return the roundest border from ``place`` to before ``after``, the first of equals."""
        # Before the missing leaf there is no border.
        length = np.maximum(np.minimum(after, len(self.scale.leaves) - 1) - place, 1)
        depth = np.log2(length).astype(np.int64)
        limit = self.best.shape[1] - 1
        one = self.best[depth, np.minimum(place, limit)]
        two = self.best[depth, np.clip(place + length - 2**depth, 0, limit)]
        return np.where(self.scale_rank[two] > self.scale_rank[one], two, one)

    @property
    def scale_rank(self) -> Codes:
        """The roundness of every border; the last leaf has none after it."""
        return np.append(self.scale.roundness, -1)


@dataclass(frozen=True)
class _Ends:
    """The first and the last place of each group's run."""

    low: Codes
    high: Codes


@dataclass(frozen=True)
class _Cells:
    """The different (group, place) pairs, ascending; ``first`` and ``last`` are each group's."""

    group: Codes
    place: Codes
    left: Floats
    total: Floats
    first: Codes
    last: Codes

    def parting(self, k: int) -> Bools:
        """Return the cells after which a cut leaves ``k`` rows on either side."""
        return np.asarray((self.left >= k) & (self.total[self.group] - self.left >= k), np.bool_)


def _summed(keys: Codes, rows: Floats, bound: int, *, listed: bool) -> tuple[Codes, Floats]:
    """Return the different keys, ascending, and the rows of each."""
    if listed and rows.min(initial=1) > 0:
        every = totals(keys, rows, bound)
        there = np.flatnonzero(every)
        return there, every[there]
    number, count = dense(keys, bound)
    found = np.empty(count, np.int64)
    found[number] = keys
    return found, totals(number, rows, count)


def _packed(low: Codes, high: Codes) -> Codes:
    """Return a layer for each interval, so that no two of a layer overlap; as few as can be."""
    layer = np.zeros(low.size, np.int64)
    free: list[tuple[int, int]] = []
    used = 0
    for each in np.lexsort((high, low)):
        if free and free[0][0] < low[each]:
            _, layer[each] = heappop(free)
        else:
            layer[each], used = used, used + 1
        heappush(free, (int(high[each]), int(layer[each])))
    return layer


def _borders(rank: Codes, size: int) -> tuple[Codes, Codes]:
    """Return, by place, where the nearest run between borders of a coarser level begins and ends."""
    inner = np.flatnonzero(rank > 0)
    places = np.arange(size)
    begin, end = np.concatenate([[0], inner + 1]), np.append(inner, rank.size)
    start = begin[np.searchsorted(begin, places, side="right") - 1]
    stop = end[np.minimum(np.searchsorted(end, places), end.size - 1)]
    # The missing leaf is no part of any run.
    missing = places > rank.size
    return np.where(missing, places, start), np.where(missing, places, stop)


def _sparse(rank: Codes) -> States:
    """Return, by power of two and place, where the highest rank of that many places is."""
    places = np.arange(rank.size + 1)
    whole = np.append(rank, -1)
    rows = [places]
    span = 1
    while 2 * span <= rank.size:
        one = rows[-1]
        two = one[np.minimum(places + span, rank.size)]
        rows.append(np.where(whole[two] > whole[one], two, one))
        span *= 2
    return np.asarray(np.stack(rows), np.int32)
