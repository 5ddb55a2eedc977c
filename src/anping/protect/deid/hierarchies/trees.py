"""A given tree: groups within groups, or a list of values with their parents.

Leaves may lie at different depths: one that has fewer groups above it stays itself for longer, so
that groups at the same distance from the root stand on one level. The root is ``*``.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from anping.core.errors import PlanError, Where
from anping.engine.plain_yaml import compose_plain
from anping.protect.deid import hierarchy_faults as faults
from anping.protect.deid.hierarchies.categories import tree
from anping.protect.deid.hierarchy import Hierarchy
from anping.protect.deid.hierarchy_checks import (
    Place,
    check_no_doubles,
    check_paths,
    double_faults,
    path_faults,
)
from anping.protect.deid.hierarchy_files import read_rows, read_text, unreadable


@dataclass(frozen=True)
class _Leaf:
    """A leaf, the groups above it from the nearest to the outermost, and its line in a file."""

    name: str
    above: tuple[str, ...]
    line: int | None = None


def nested(column: str, values: Iterable[Any], groups: Mapping[str, Any]) -> Hierarchy:
    """Return the hierarchy of groups within groups, each innermost one a list of values.

    Raises PlanError for a fault of the tree (:mod:`anping.protect.deid.hierarchy_checks`) and for
    an observed value that it lacks.
    """
    return _built(column, values, list(_leaves(groups, ())), file=None)


def from_tree_file(column: str, values: Iterable[Any], path: Path) -> Hierarchy:
    """Return the hierarchy of a file: YAML or JSON as in :func:`nested`, CSV ``value,parent``.

    In a CSV file exactly one value, the root, has no parent: it becomes ``*``. Raises PlanError,
    with file and line, for a fault of the tree, and for an observed value that it lacks.
    """
    read = _from_edges if path.suffix.lower() == ".csv" else _from_yaml
    return _built(column, values, read(column, path), file=path.name)


def _built(
    column: str, values: Iterable[Any], leaves: Sequence[_Leaf], *, file: str | None
) -> Hierarchy:
    place = _places(column, leaves, file)
    for number, leaf in enumerate(leaves):
        if "" in (leaf.name, *leaf.above):
            raise faults.blank(place(number))
    check_no_doubles([leaf.name for leaf in leaves], place=place)
    paths = _padded(leaves)
    check_paths(paths, place=place)
    return tree(column, values, parents={path[0]: path[1:] for path in paths}, file=file)


def _places(column: str, leaves: Sequence[_Leaf], file: str | None) -> Place:
    def place(number: int) -> Where:
        line = leaves[number].line if number < len(leaves) else None
        return Where(file, line, column)

    return place


def _padded(leaves: Sequence[_Leaf]) -> list[tuple[str, ...]]:
    """Return the paths of leaves at different depths, all of one length."""
    height = max((len(leaf.above) for leaf in leaves), default=0)
    return [(leaf.name, *[leaf.name] * (height - len(leaf.above)), *leaf.above) for leaf in leaves]


def _leaves(groups: Any, above: tuple[str, ...]) -> Iterator[_Leaf]:
    """Yield the leaves of plain values."""
    if isinstance(groups, Mapping):
        for name, below in groups.items():
            yield from _leaves(below, (name.strip(), *above))
    else:
        for name in groups:
            yield _Leaf(name.strip(), above)


def _from_yaml(column: str, path: Path) -> list[_Leaf]:
    where = Where(path.name, None, column)
    try:
        node = compose_plain(read_text(column, path))
    except yaml.YAMLError as problem:
        mark = getattr(problem, "problem_mark", None)
        line = None if mark is None else mark.line + 1
        raise unreadable(Where(path.name, line, column)) from problem
    if node is None:
        raise faults.empty(where)
    if not isinstance(node, yaml.MappingNode):
        raise unreadable(Where(path.name, node.start_mark.line + 1, column))
    return list(_noded(node, (), where))


def _noded(node: yaml.Node, above: tuple[str, ...], where: Where) -> Iterator[_Leaf]:
    """Yield the leaves below a node of YAML, each with its line."""
    line = node.start_mark.line + 1
    if isinstance(node, yaml.MappingNode):
        for key, below in node.value:
            if not isinstance(key, yaml.ScalarNode):
                raise unreadable(Where(where.file, line, where.column))
            yield from _noded(below, (str(key.value).strip(), *above), where)
    elif isinstance(node, yaml.SequenceNode):
        for leaf in node.value:
            if not isinstance(leaf, yaml.ScalarNode):
                raise unreadable(Where(where.file, leaf.start_mark.line + 1, where.column))
            yield _Leaf(str(leaf.value).strip(), above, leaf.start_mark.line + 1)
    else:
        raise faults.blank(Where(where.file, line, where.column))


def _from_edges(column: str, path: Path) -> list[_Leaf]:
    edges = _Edges.read(column, path)
    for fault in edges.faults:
        raise fault
    return edges.leaves()


@dataclass(frozen=True)
class _Edges:
    """A file of values and their parents: each value's parent and row, and every fault found."""

    parent: Mapping[str, str]
    row: Mapping[str, int]
    place: Place
    faults: Sequence[PlanError]

    @classmethod
    def read(cls, column: str, path: Path) -> _Edges:
        rows, place = read_rows(column, path)
        parent: dict[str, str] = {}
        line: dict[str, int] = {}
        found: list[PlanError] = []
        for number, row in enumerate(rows):
            if len(row) != 2:
                found.append(faults.ragged(place(number)))
            elif not row[0]:
                found.append(faults.blank(place(number)))
            elif row[0] in parent:
                same = parent[row[0]] == row[1]
                fault = faults.doubled(place(number))
                found.append(fault if same else faults.two_parents(place(number), level=0))
            else:
                parent[row[0]], line[row[0]] = row[1], number
        if not rows:
            found.append(faults.empty(Where(path.name, None, column)))
        found += _root_faults(parent, line, place=place)
        found += _cycles(parent, line, place=place)
        return cls(parent, line, place, found)

    def leaves(self) -> list[_Leaf]:
        """Return the values that nothing is below, with all that is above them."""
        groups = set(self.parent.values())
        found = []
        for name, group in self.parent.items():
            if name not in groups and group:
                where = self.place(self.row[name])
                above = _ancestors(name, self.parent, where=where)
                found.append(_Leaf(name, above[:-1], where.row))
        return found


def _root_faults(
    parent: Mapping[str, str], line: Mapping[str, int], *, place: Place
) -> Iterator[PlanError]:
    """Yield a fault for every further root, at the first line that names it."""
    roots: set[str] = set()
    for name, above in parent.items():
        root = above if above and not parent.get(above) else name if not above else None
        if root is not None and root not in roots and roots:
            yield faults.two_roots(place(line[name]))
        roots |= {root} if root is not None else set()


def _cycles(
    parent: Mapping[str, str], line: Mapping[str, int], *, place: Place
) -> Iterator[PlanError]:
    """Yield a fault for every cycle, at its first line."""
    done: set[str] = set()
    for start in parent:
        way: dict[str, None] = {}
        name = start
        while name in parent and name not in way and name not in done:
            way[name] = None
            name = parent[name]
        if name in way:
            names = list(way)
            cycle = names[names.index(name) :]
            yield faults.cyclic(place(min(line[each] for each in cycle)))
        done |= set(way)


def tree_values(column: str, path: Path) -> list[str]:
    """Return the values of a tree's file. Raises PlanError for its first fault."""
    read = _from_edges if path.suffix.lower() == ".csv" else _from_yaml
    return [leaf.name for leaf in read(column, path)]


def tree_faults(column: str, path: Path) -> list[PlanError]:
    """Return every fault of a tree's file, with file and line; empty for a sound one.

    Raises PlanError for a file that cannot be read as a tree at all.
    """
    if path.suffix.lower() == ".csv":
        edges = _Edges.read(column, path)
        return list(edges.faults) or _faults(column, edges.leaves(), file=path.name)
    return _faults(column, _from_yaml(column, path), file=path.name)


def _faults(column: str, leaves: Sequence[_Leaf], *, file: str) -> list[PlanError]:
    place = _places(column, leaves, file)
    blank = [n for n, leaf in enumerate(leaves) if "" in (leaf.name, *leaf.above)]
    found = [faults.blank(place(number)) for number in blank]
    found += double_faults([leaf.name for leaf in leaves], place=place)
    return found or list(path_faults(_padded(leaves), place=place))


def _ancestors(name: str, parent: Mapping[str, str], *, where: Where) -> tuple[str, ...]:
    above: list[str] = []
    while parent.get(name):
        name = parent[name]
        if name in above:
            raise faults.cyclic(where)
        above.append(name)
    return tuple(above)
