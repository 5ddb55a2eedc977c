"""What a hierarchy must be before anything relies on it; each fault is an error of its own.

A path is one leaf's values from level 0 (the leaf) to the top. The empty text is the missing value,
whose own path may be empty cells up to the top.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from graphlib import CycleError, TopologicalSorter
from itertools import pairwise

from anping.core.errors import PlanError, Where
from anping.protect.deid import hierarchy_faults as faults

Path = tuple[str, ...]
#: Gives the place of a path, by its number from 0: the row of a file, or the column alone.
Place = Callable[[int], Where]


def check_paths(paths: Sequence[Path], *, place: Place) -> None:
    """Raise PlanError for the first fault among ``paths``: see :func:`path_faults`."""
    for fault in path_faults(paths, place=place):
        raise fault


def path_faults(paths: Sequence[Path], *, place: Place) -> Iterator[PlanError]:
    """Yield every fault among ``paths``, with its place; no value is told.

    ``deid.hierarchy-empty``, ``-ragged``, ``-blank``, ``-gap``, ``-cycle``, ``-two-parents`` and
    ``-ambiguous`` (one name for different leaves on different levels). Paths at fault by themselves
    are not compared with the others.
    """
    if not paths:
        yield faults.empty(place(0))
        return
    whole: list[int] = []
    for number, path in enumerate(paths):
        fault = _fault_alone(path, len(paths[0]), place(number))
        if fault is None:
            whole.append(number)
        else:
            yield fault
    sound = [paths[number] for number in whole]
    if sound:
        yield from _splits(sound, lambda number: place(whole[number]))
        yield from _ambiguities(sound, lambda number: place(whole[number]))


def check_one_root(paths: Sequence[Path], *, place: Place) -> None:
    """Raise PlanError (``deid.hierarchy-two-roots``) unless all paths end in one value."""
    for fault in root_faults(paths, place=place):
        raise fault


def root_faults(paths: Sequence[Path], *, place: Place) -> Iterator[PlanError]:
    """Yield a fault for every path that ends in another value than the first one."""
    for number, path in enumerate(paths):
        if path[-1] != paths[0][-1]:
            yield faults.two_roots(place(number))


def check_no_doubles(leaves: Iterable[str], *, place: Place) -> None:
    """Raise PlanError (``deid.hierarchy-doubled``) where a leaf stands on two rows."""
    for fault in double_faults(leaves, place=place):
        raise fault


def double_faults(leaves: Iterable[str], *, place: Place) -> Iterator[PlanError]:
    """Yield a fault for every leaf that an earlier row has."""
    seen: set[str] = set()
    for number, leaf in enumerate(leaves):
        if leaf in seen:
            yield faults.doubled(place(number))
        seen.add(leaf)


def leaves_covered(paths: Iterable[Path]) -> dict[str, int]:
    """Return how many leaves each value of any level covers."""
    covered: dict[str, int] = {}
    for path in paths:
        for value in dict.fromkeys(path):
            covered[value] = covered.get(value, 0) + 1
    return covered


def _fault_alone(path: Path, height: int, where: Where) -> PlanError | None:
    if len(path) != height:
        return faults.ragged(where)
    if path and path[0] and "" in path:
        last = max(level for level, value in enumerate(path) if value)
        return (faults.gap if "" in path[:last] else faults.blank)(where)
    if len(set(path)) < len(path) and _returns(path):
        return faults.cyclic(where)
    return None


def _returns(path: Path) -> bool:
    """Return whether a value comes again after another one stood between."""
    runs = [value for value, before in zip(path, (None, *path), strict=False) if value != before]
    return len(set(runs)) < len(runs)


def _splits(paths: Sequence[Path], place: Place) -> Iterator[PlanError]:
    for level in range(len(paths[0]) - 1):
        parents: dict[str, str] = {}
        for number, path in enumerate(paths):
            if parents.setdefault(path[level], path[level + 1]) != path[level + 1]:
                if _has_cycle(paths):
                    yield faults.cyclic(place(number))
                    return
                yield faults.two_parents(place(number), level=level)


def _ambiguities(paths: Sequence[Path], place: Place) -> Iterator[PlanError]:
    total = leaves_covered(paths)
    told: set[str] = set()
    for level in range(len(paths[0])):
        here: dict[str, int] = {}
        for path in paths:
            here[path[level]] = here.get(path[level], 0) + 1
        for number, path in enumerate(paths):
            name = path[level]
            if here[name] != total[name] and name not in told:
                told.add(name)
                if _has_cycle(paths):
                    yield faults.cyclic(place(number))
                    return
                yield faults.ambiguous(place(number))


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
