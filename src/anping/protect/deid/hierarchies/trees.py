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

from anping.core.errors import Where
from anping.engine.plain_yaml import compose_plain
from anping.protect.deid import hierarchy_faults as faults
from anping.protect.deid.hierarchies.categories import tree
from anping.protect.deid.hierarchy import Hierarchy
from anping.protect.deid.hierarchy_checks import check_no_doubles, check_paths
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
    def place(number: int) -> Where:
        line = leaves[number].line if number < len(leaves) else None
        return Where(file, line, column)

    for number, leaf in enumerate(leaves):
        if "" in (leaf.name, *leaf.above):
            raise faults.blank(place(number))
    height = max((len(leaf.above) for leaf in leaves), default=0)
    padded = [(*[leaf.name] * (height - len(leaf.above)), *leaf.above) for leaf in leaves]
    check_no_doubles([leaf.name for leaf in leaves], place=place)
    paths = [(leaf.name, *above) for leaf, above in zip(leaves, padded, strict=True)]
    check_paths(paths, place=place)
    return tree(column, values, parents={path[0]: path[1:] for path in paths}, file=file)


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
    rows, place = read_rows(column, path)
    parent: dict[str, str] = {}
    line: dict[str, int] = {}
    for number, row in enumerate(rows):
        if len(row) != 2:
            raise faults.ragged(place(number))
        if not row[0]:
            raise faults.blank(place(number))
        if row[0] in parent:
            same = parent[row[0]] == row[1]
            fault = faults.doubled(place(number))
            raise fault if same else faults.two_parents(place(number), level=0)
        parent[row[0]], line[row[0]] = row[1], number
    _check_one_root(parent, line, place=place)
    groups = set(parent.values())
    found = []
    for name, group in parent.items():
        if name not in groups and group:
            above = _ancestors(name, parent, where=place(line[name]))
            found.append(_Leaf(name, above[:-1], place(line[name]).row))
    if not found:
        raise faults.cyclic(place(0)) if rows else faults.empty(Where(path.name, None, column))
    return found


def _check_one_root(parent: Mapping[str, str], line: Mapping[str, int], *, place: Any) -> None:
    """Raise PlanError where a second value has no parent, at the first line that names it."""
    roots: set[str] = set()
    for name, above in parent.items():
        root = above if above and not parent.get(above) else name if not above else None
        roots |= {root} if root is not None else set()
        if len(roots) > 1:
            raise faults.two_roots(place(line[name]))


def _ancestors(name: str, parent: Mapping[str, str], *, where: Where) -> tuple[str, ...]:
    above: list[str] = []
    while parent.get(name):
        name = parent[name]
        if name in above:
            raise faults.cyclic(where)
        above.append(name)
    return tuple(above)
