"""How near released rows are to what an attacker knows of a person: mixed columns, bounded memory.

Each column adds between 0 and 2 to a distance (after Gower 1971, Biometrics 27:857). Values that agree
add less the fewer people they stand for, since agreement on a rare value tells more (Fellegi & Sunter
1969, JASA 64:1183); values that contradict one another add 2; numbers add twice the difference of
their ranks among the released ones, so that no scale matters. Rows equally near come in a random order.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from anping.core.cells import trimmed_text
from anping.engine.grouping import order_of
from anping.protect.risk.attacks.cells import Floats, numbers_of_both
from anping.protect.risk.attacks.scene import Attacked
from anping.protect.risk.classes import classes_of_rows, column_codes
from anping.protect.risk.people import Codes, Codes32

Floats32 = NDArray[np.float32]

_APART = 2.0
_TARGETS, _ROWS = 128, 8192
#: Further away than any rank: a missing number is near to a missing one only.
_MISSING = -10.0


class Axis(Protocol):
    """One column as an attacker compares it."""

    def between(self, targets: slice, rows: Codes) -> Floats32:
        """Return the distances of a block of targets to some released rows (targets, rows)."""
        ...

    def floor(self) -> Floats32:
        """Return the least distance that each target could have (t,)."""
        ...


@dataclass(frozen=True)
class _Numbers:
    """Ranks of the released numbers (m,) and of the targets' (t,), from 0 to 1."""

    released: Floats32
    known: Floats32

    def between(self, targets: slice, rows: Codes) -> Floats32:
        gap = np.abs(self.known[targets, None] - self.released[rows])
        return np.multiply(np.minimum(gap, 1, out=gap), _APART, out=gap)

    def floor(self) -> Floats32:
        return np.zeros(self.known.size, np.float32)


@dataclass(frozen=True)
class _Values:
    """Codes of the released values (m,), what agreement on each adds, and what targets agree with."""

    released: Codes32
    agreement: Floats32
    agrees: list[Codes]

    def between(self, targets: slice, rows: Codes) -> Floats32:
        known = self.agrees[targets]
        table = np.full((len(known), self.agreement.size), _APART, np.float32)
        for place, values in enumerate(known):
            table[place, values] = self.agreement[values]
        return table.take(self.released[rows], axis=1)

    def floor(self) -> Floats32:
        least = [self.agreement[values].min(initial=_APART) for values in self.agrees]
        return np.array(least, np.float32)


@dataclass(frozen=True)
class _Same:
    """The same where only equal values agree: ``known`` (t,) are codes, -1 for no released value."""

    released: Codes32
    agreement: Floats32
    known: Codes32

    def between(self, targets: slice, rows: Codes) -> Floats32:
        codes = self.released[rows]
        equal = self.known[targets, None] == codes
        return np.where(equal, self.agreement[codes], np.float32(_APART))

    def floor(self) -> Floats32:
        least = np.append(self.agreement, np.float32(_APART))
        found: Floats32 = least[self.known]
        return found


@dataclass(frozen=True)
class Nearest:
    """The released rows nearest to each target, nearest first, and their distances (t, k)."""

    rows: Codes
    distances: Floats32

    def without(self, own: Sequence[Codes], count: int) -> Nearest:
        """Return the ``count`` nearest that are not the target's own."""
        rows = np.full((len(own), count), -1, np.int64)
        distances = np.full(rows.shape, np.inf, np.float32)
        for place, mine in enumerate(own):
            others = np.flatnonzero(~np.isin(self.rows[place], mine))[:count]
            rows[place, : others.size] = self.rows[place, others]
            distances[place, : others.size] = self.distances[place, others]
        return Nearest(rows, distances)

    def first(self, count: int) -> Nearest:
        """Return the ``count`` nearest."""
        return Nearest(self.rows[:, :count], self.distances[:, :count])


def axes_of(scene: Attacked, columns: Sequence[str], targets: Codes) -> tuple[Axis, ...]:
    """Return the columns that both tables have, as compared for the raw rows ``targets``."""
    return tuple(_axis(scene, name, targets) for name in scene.shared(columns))


@dataclass(frozen=True)
class Crowd:
    """Released rows that are alike on the columns compared, which are as near to everybody.

    ``rows`` (m,) are all of them, those of one group after another's and each group's in a random
    order; ``starts`` (g + 1,) tells where each group begins.
    """

    rows: Codes
    starts: Codes

    @property
    def count(self) -> int:
        """The number g of groups."""
        return int(self.starts.size) - 1

    def first_rows(self, groups: Codes, distances: Floats32, count: int) -> tuple[Codes, Floats32]:
        """Return ``count`` rows of some groups, taken in their order, and the rows' distances."""
        sizes = np.minimum(self.starts[groups + 1] - self.starts[groups], count)
        needed = int(np.searchsorted(np.cumsum(sizes), count)) + 1
        sizes, groups = sizes[:needed], groups[:needed]
        within = np.arange(int(sizes.sum())) - np.repeat(np.cumsum(sizes) - sizes, sizes)
        rows = self.rows[np.repeat(self.starts[groups], sizes) + within]
        return rows[:count], np.repeat(distances[:needed], sizes)[:count]


def crowd_of(scene: Attacked, columns: Sequence[str], generator: np.random.Generator) -> Crowd:
    """Return the released rows grouped by equal values of the columns that both tables have."""
    names = scene.shared(columns)
    of_row, count = classes_of_rows(scene.released, names)
    mixed = generator.permutation(of_row.size)
    rows = mixed[order_of(of_row[mixed])]
    return Crowd(rows, np.append(0, np.cumsum(np.bincount(of_row, minlength=count))))


def nearest(
    axes: Sequence[Axis],
    crowd: Crowd,
    *,
    targets: int,
    count: int,
    generator: np.random.Generator,
) -> Nearest:
    """Return the ``count`` released rows nearest to each of ``targets``, fewer where there are fewer.

    Memory holds blocks of 128 targets by 8,192 groups, whatever the tables' sizes.
    """
    count = min(count, crowd.rows.size)
    # Among groups equally near a larger one comes first more often (an exponential race).
    sizes = np.diff(crowd.starts)
    order = np.argsort(generator.exponential(size=crowd.count) / sizes)
    found = np.empty((targets, count), np.int64)
    near = np.empty((targets, count), np.float32)
    for start in range(0, targets, _TARGETS):
        block = slice(start, min(start + _TARGETS, targets))
        groups, distances = _block(axes, block, crowd, order=order, count=count)
        for place in range(block.stop - start):
            found[start + place], near[start + place] = crowd.first_rows(
                groups[place], distances[place], count
            )
    return Nearest(found, near)


def most_own(own: Sequence[Codes]) -> int:
    """Return the most released rows that any target has."""
    return max((mine.size for mine in own), default=0)


def _block(
    axes: Sequence[Axis], targets: slice, crowd: Crowd, *, order: Codes, count: int
) -> tuple[Codes, Floats32]:
    """Return the groups nearest to a block of targets, nearest first, and their distances."""
    height = targets.stop - targets.start
    groups = np.empty((height, 0), np.int64)
    best = np.empty((height, 0), np.float32)
    for start in range(0, order.size, _ROWS):
        part = order[start : start + _ROWS]
        rows = crowd.rows[crowd.starts[part]]
        distance = np.zeros((height, part.size), np.float32)
        for axis in axes:
            distance += axis.between(targets, rows)
        keep = min(count, part.size)
        places = np.argpartition(distance, keep - 1, axis=1)[:, :keep]
        places.sort(axis=1)
        best = np.hstack([best, np.take_along_axis(distance, places, axis=1)])
        groups = np.hstack([groups, part[places]])
        if groups.shape[1] > count:
            kept = np.argsort(best, axis=1, kind="stable")[:, :count]
            best = np.take_along_axis(best, kept, axis=1)
            groups = np.take_along_axis(groups, kept, axis=1)
    ordered = np.argsort(best, axis=1, kind="stable")
    return np.take_along_axis(groups, ordered, axis=1), np.take_along_axis(best, ordered, axis=1)


def _axis(scene: Attacked, name: str, targets: Codes) -> Axis:
    if name in scene.compatible.paths:
        return _values(scene, name, targets)
    numbers = numbers_of_both(scene.raw, scene.released, name)
    if numbers is not None:
        before, after = numbers
        return _Numbers(*(_ranks(each, after) for each in (after, before[targets])))
    return _same(scene, name, targets)


def _ranks(values: Floats, released: Floats) -> Floats32:
    """Return the share of released numbers below each value, half of the equal ones included."""
    present = np.sort(released[~np.isnan(released)])
    below = np.searchsorted(present, values, side="left")
    upto = np.searchsorted(present, values, side="right")
    ranks = (below + upto) / (2 * max(1, present.size))
    return np.where(np.isnan(values), _MISSING, ranks).astype(np.float32)


def _values(scene: Attacked, name: str, targets: Codes) -> _Values:
    after = column_codes(scene.released, name)
    texts = [trimmed_text(value) for value in after.values.to_pylist()]
    known = scene.compatible.leaf_counts(scene.raw, name)
    shares = np.zeros(len(texts))
    for count, values in zip(
        known.values(), scene.compatible.allowed(name, list(known), texts), strict=True
    ):
        shares[values] += count / scene.raw.rows
    leaves = scene.compatible.leaves_at(scene.raw, name, targets)
    agrees = scene.compatible.allowed(name, leaves, texts)
    return _Values(after.codes, _agreement(shares, scene.raw.rows), agrees)


def _same(scene: Attacked, name: str, targets: Codes) -> _Same:
    after = column_codes(scene.released, name)
    # Two released values may read alike (a null and an empty text): the first stands for both.
    place: dict[str, int] = {}
    texts = [trimmed_text(value) for value in after.values.to_pylist()]
    first = np.array([place.setdefault(text, at) for at, text in enumerate(texts)], np.int32)
    codes = first[after.codes] if texts else after.codes
    leaves = scene.compatible.leaves_at(scene.raw, name, targets)
    known = np.array([place.get(leaf, -1) for leaf in leaves], np.int32)
    shares = np.bincount(codes, minlength=len(texts)) / max(1, codes.size)
    return _Same(codes, _agreement(shares, scene.released.rows), known)


def _agreement(shares: Floats, people: int) -> Floats32:
    """Return what agreement on each value adds: 0 for one person's own, 1 for everybody's."""
    bits = np.log(np.clip(shares, 1 / max(2, people), 1))
    return np.asarray(1 + bits / np.log(max(2, people)), np.float32)
