"""Categories: a given tree, rare values grouped, or everything at once."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from functools import partial
from itertools import repeat
from typing import Any

from anping.core.errors import ParameterError, PlanError, Where
from anping.core.text import Text
from anping.protect.deid.hierarchy import MISSING, Hierarchy, Prepare, as_leaf, levels


def categories(
    column: str,
    values: Iterable[Any],
    *,
    rare: Sequence[float] = (0.05,),
    other: str = "其他類別",
    counts: Iterable[int] | None = None,
) -> Hierarchy:
    """Return one level per share in ``rare``: values rarer than it become ``other``; then ``*``.

    Shares are of the non-missing values and must rise. A level that would change nothing is left
    out, so a column without rare values has only ``*`` above it. Where several levels group, or the
    name is taken by a value, the name tells the share. ``counts`` are the rows of each of
    ``values``, 1 by default. Raises ParameterError for other shares.
    """
    if any(not 0 < share < 1 for share in rare) or sorted(set(rare)) != list(rare):
        raise ParameterError(
            "deid.rare",
            Text(
                "稀有比例要在 0 與 1 之間且由小到大。", "Rare shares lie between 0 and 1 and rise."
            ),
            where=Where(column=column),
            hint=Text("例如 0.01、0.05。", "For example 0.01, 0.05."),
        )
    rows: Counter[str] = Counter()
    for value, count in zip(values, counts or repeat(1), strict=False):
        rows[as_leaf(value)] += count
    total = sum(count for leaf, count in rows.items() if leaf != MISSING)
    groups: list[frozenset[str]] = []
    names: list[str] = []
    for share in rare:
        group = frozenset(x for x, n in rows.items() if x != MISSING and n < share * total)
        if len(group) > 1 and group not in groups:
            groups.append(group)
            names.append(_name(other, share, plain=not names and other not in rows))
    steps = [partial(_grouped, group=g, name=n) for g, n in zip(groups, names, strict=True)]
    return levels(column, sorted(rows or {MISSING}), steps, as_leaf)


def tree(
    column: str,
    values: Iterable[Any],
    *,
    parents: Mapping[str, Sequence[str]],
    prepare: Prepare = as_leaf,
    file: str | None = None,
) -> Hierarchy:
    """Return a given tree: ``parents`` gives each leaf its ancestors, nearest first, ``*`` left out.

    The domain is the tree's leaves, and the missing value where observed. ``file`` is where it was
    written. Raises PlanError if an observed value is not in the tree.
    """
    observed = {prepare(value) for value in values}
    heights = {len(above) for above in parents.values()}
    if len(heights) != 1:
        raise PlanError(
            "deid.tree-uneven",
            Text(
                "分類樹的各值層數不同。", "The tree's leaves have different numbers of ancestors."
            ),
            where=Where(column=column),
            hint=Text("讓每個值有一樣多的上層。", "Give every leaf the same number of ancestors."),
        )
    domain = [*parents, *({MISSING} & observed - set(parents))]
    steps = [partial(_ancestor, parents=parents, place=i) for i in range(heights.pop())]
    built = levels(column, domain, steps, prepare, given=True)
    built.require(observed, file=file)
    return built


def all_or_nothing(column: str, values: Iterable[Any]) -> Hierarchy:
    """Return the hierarchy with nothing between a value and ``*``."""
    return levels(column, sorted({as_leaf(value) for value in values} or {MISSING}), [], as_leaf)


def _name(other: str, share: float, *, plain: bool) -> str:
    return other if plain else f"{other} (<{share:.2%})"


def _grouped(leaf: str, *, group: frozenset[str], name: str) -> str:
    return name if leaf in group else leaf


def _ancestor(leaf: str, *, parents: Mapping[str, Sequence[str]], place: int) -> str:
    return parents[leaf][place]
