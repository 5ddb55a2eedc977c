"""Count every combination of a few items exactly, in bounded memory."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from anping.protect.sets.baskets import Baskets, Bools, Whole

#: Combinations looked at together: some hundred bytes each.
_AT_ONCE = 4_000_000
_DIRECT = 1 << 25


@dataclass(frozen=True)
class Rare:
    """The occurrences of rare combinations of one size, each as places among the occurrences.

    ``places`` has shape (found, size): where each member stands in the baskets' arrays. ``group``,
    shape (found,), is the same number for the same combination.
    """

    places: Whole
    group: Whole

    @property
    def found(self) -> int:
        """How many times a rare combination occurs."""
        return int(self.group.size)

    @property
    def different(self) -> int:
        """How many rare combinations there are."""
        return int(self.group.max(initial=-1)) + 1


def rare_combinations(baskets: Baskets, size: int, *, k: int, usable: Bools | None = None) -> Rare:
    """Return all occurrences of combinations of ``size`` items that fewer than ``k`` people have.

    ``usable``, shape (occurrences,), leaves occurrences out. Baskets are people; those of nobody
    count as one person together.
    """
    places, groups, next_group = [np.empty((0, size), np.int64)], [np.empty(0, np.int64)], 0
    for part, people in _counted(baskets, size, usable):
        few = people[part.group] < k
        if not few.any():
            continue
        different, group = np.unique(part.group[few], return_inverse=True)
        places.append(part.places[few])
        groups.append(group.reshape(-1) + next_group)
        next_group += different.size
    return Rare(np.concatenate(places), np.concatenate(groups))


def smallest_support(baskets: Baskets, m: int) -> int | None:
    """Return how many people have the rarest of all combinations of up to ``m`` items that occur.

    None where no item occurs.
    """
    least: list[int] = []
    for size in range(1, m + 1):
        least += [int(people.min()) for _, people in _counted(baskets, size, None) if people.size]
    return min(least, default=None)


def _counted(baskets: Baskets, size: int, usable: Bools | None) -> Iterator[tuple[Rare, Whole]]:
    """Yield all occurrences of combinations in parts, and the people of each combination."""
    places = np.arange(baskets.occurrences) if usable is None else np.flatnonzero(usable)
    if places.size:
        single = Rare(places.reshape(-1, 1), _ranked(baskets.item[places]))
        yield from _completed(baskets, single, size, usable)


def _completed(
    baskets: Baskets, given: Rare, size: int, usable: Bools | None
) -> Iterator[tuple[Rare, Whole]]:
    """Yield the combinations that begin as the ``given`` ones, which hold all with those items."""
    if given.places.shape[1] == size:
        yield given, _people(baskets, given)
        return
    parts = [given]
    if given.different > 1 and _coming(baskets, given, size).sum() > _AT_ONCE:
        parts = list(_split(baskets, given, size))
    for part in parts:
        yield from _completed(baskets, _extended(baskets, part, usable), size, usable)


def _extended(baskets: Baskets, given: Rare, usable: Bools | None) -> Rare:
    """Return the combinations with one more, larger item."""
    last = given.places[:, -1]
    more = baskets.rest[last]
    whose = np.repeat(np.arange(given.found), more)
    offset = np.arange(whose.size) - np.repeat(np.cumsum(more) - more, more)
    added = last[whose] + 1 + offset
    if usable is not None:
        whose, added = whose[usable[added]], added[usable[added]]
    group = _ranked(given.group[whose] * np.int64(baskets.items) + baskets.item[added])
    return Rare(np.column_stack([given.places[whose], added]), group)


def _ranked(keys: Whole) -> Whole:
    """Return a number from 0 on for each different key, shape as ``keys``."""
    top = int(keys.max(initial=-1)) + 1
    if top <= _DIRECT:
        seen = np.zeros(top, np.bool_)
        seen[keys] = True
        return np.asarray((np.cumsum(seen) - 1)[keys], np.int64)
    return np.unique(keys, return_inverse=True)[1].reshape(-1).astype(np.int64)


def _people(baskets: Baskets, given: Rare) -> Whole:
    named = baskets.named[baskets.basket[given.places[:, 0]]]
    people = np.bincount(given.group[named], minlength=given.different)
    nobody = np.bincount(given.group[~named], minlength=given.different) > 0
    return np.asarray(people + nobody, np.int64)


def _coming(baskets: Baskets, given: Rare, size: int) -> npt.NDArray[np.float64]:
    """Return how many combinations of ``size`` items begin as each of the given ones."""
    more = baskets.rest[given.places[:, -1]].astype(np.float64)
    coming = np.ones(given.found)
    for step in range(size - given.places.shape[1]):
        coming *= np.maximum(more - step, 0) / (step + 1)
    return coming


def _split(baskets: Baskets, given: Rare, size: int) -> Iterator[Rare]:
    """Yield the combinations in parts; those of the same items stay together."""
    order = np.argsort(given.group, kind="stable")
    load = np.cumsum(np.bincount(given.group, weights=_coming(baskets, given, size))) // _AT_ONCE
    part_of = np.unique(load, return_inverse=True)[1].reshape(-1)
    borders = np.flatnonzero(np.diff(part_of[given.group[order]])) + 1
    for at in np.split(order, borders):
        yield Rare(given.places[at], _ranked(given.group[at]))
