"""What a hierarchy must be before anything relies on it; each fault is an error of its own.

A path is one leaf's values from level 0 (the leaf) to the top. The empty text is the missing value,
whose own path may be empty cells up to the top.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from graphlib import CycleError, TopologicalSorter
from itertools import pairwise

from anping.core.errors import Where
from anping.protect.deid import hierarchy_faults as faults

Path = tuple[str, ...]
#: Gives the place of a path, by its number from 0: the row of a file, or the column alone.
Place = Callable[[int], Where]


def check_paths(paths: Sequence[Path], *, place: Place) -> None:
    """Raise PlanError for the first fault among ``paths``.

    ``deid.hierarchy-empty``, ``-ragged``, ``-blank``, ``-gap``, ``-cycle``, ``-two-parents`` and
    ``-ambiguous`` (one name for different leaves on different levels). No value is told.
    """
    if not paths:
        raise faults.empty(place(0))
    for number, path in enumerate(paths):
        if len(path) != len(paths[0]):
            raise faults.ragged(place(number))
        if path and path[0] and "" in path:
            last = max(level for level, value in enumerate(path) if value)
            raise (faults.gap if "" in path[:last] else faults.blank)(place(number))
        if len(set(path)) < len(path) and _returns(path):
            raise faults.cyclic(place(number))
    _check_monotone(paths, place)
    _check_unambiguous(paths, place)


def check_one_root(paths: Sequence[Path], *, place: Place) -> None:
    """Raise PlanError (``deid.hierarchy-two-roots``) unless all paths end in one value."""
    for number, path in enumerate(paths):
        if path[-1] != paths[0][-1]:
            raise faults.two_roots(place(number))


def check_no_doubles(leaves: Iterable[str], *, place: Place) -> None:
    """Raise PlanError (``deid.hierarchy-doubled``) where a leaf stands on two rows."""
    seen: set[str] = set()
    for number, leaf in enumerate(leaves):
        if leaf in seen:
            raise faults.doubled(place(number))
        seen.add(leaf)


def leaves_covered(paths: Iterable[Path]) -> dict[str, int]:
    """Return how many leaves each value of any level covers."""
    covered: dict[str, int] = {}
    for path in paths:
        for value in dict.fromkeys(path):
            covered[value] = covered.get(value, 0) + 1
    return covered


def _returns(path: Path) -> bool:
    """Return whether a value comes again after another one stood between."""
    runs = [value for value, before in zip(path, (None, *path), strict=False) if value != before]
    return len(set(runs)) < len(runs)


def _check_monotone(paths: Sequence[Path], place: Place) -> None:
    for level in range(len(paths[0]) - 1):
        parents: dict[str, str] = {}
        for number, path in enumerate(paths):
            if parents.setdefault(path[level], path[level + 1]) != path[level + 1]:
                if _has_cycle(paths):
                    raise faults.cyclic(place(number))
                raise faults.two_parents(place(number), level=level)


def _check_unambiguous(paths: Sequence[Path], place: Place) -> None:
    total = leaves_covered(paths)
    for level in range(len(paths[0])):
        here: dict[str, int] = {}
        for path in paths:
            here[path[level]] = here.get(path[level], 0) + 1
        for number, path in enumerate(paths):
            if here[path[level]] != total[path[level]]:
                raise (faults.cyclic if _has_cycle(paths) else faults.ambiguous)(place(number))


def _has_cycle(paths: Sequence[Path]) -> bool:
    """Return whether a value is above itself, through any rows."""
    above: dict[str, set[str]] = {}
    for path in paths:
        for value, parent in pairwise(path):
            if value != parent:
                above.setdefault(value, set()).add(parent)
    try:
        TopologicalSorter(above).prepare()
    except CycleError:
        return True
    return False
