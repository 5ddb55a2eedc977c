"""See the hierarchies of a plan, or build one for a single column, before any row is protected."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from anping.engine.table import Table
from anping.protect.deid.hierarchy import Hierarchy, as_leaf
from anping.protect.deid.preview import Preview, preview
from anping.protect.fit_columns import census_of, fit_columns
from anping.protect.fit_pairs import pairs_in
from anping.protect.fit_plan import Means, Settings
from anping.protect.plan import Plan
from anping.protect.plan_entries import Drop, Generalise, HierarchySpec, Keep, ModelSpec
from anping.protect.plan_hierarchies import build_hierarchy


@dataclass(frozen=True)
class BuiltHierarchy:
    """A hierarchy with what it was built from: the column's different values and their rows."""

    hierarchy: Hierarchy
    values: Sequence[Any] = field(repr=False)
    counts: Sequence[int] = field(repr=False)

    def preview(self, *, examples: int = 3) -> Preview:
        """Return what the hierarchy does, level by level."""
        return preview(self.hierarchy, self.values, counts=self.counts, examples=examples)

    @property
    def reads(self) -> bool:
        """Whether cells are read before they are leaves: a date, an address, a code with a name."""
        return any(self.hierarchy.leaf_of(value) != as_leaf(value) for value in self.values)

    def as_written(self) -> Hierarchy:
        """Return the same hierarchy for a file, which knows cells by their text only.

        Where cells are read first, level 0 holds their texts, and levels begin at 1: a plan names
        such a file with ``start: 1``, so that the texts themselves are never released.
        """
        if not self.reads:
            return self.hierarchy
        paths = self.hierarchy.paths
        found = {as_leaf(value): paths[self.hierarchy.leaf_of(value)] for value in self.values}
        rows = {text: (text, *path) for text, path in found.items()}
        return Hierarchy(self.hierarchy.column, rows, given=True)


def preview_hierarchies(
    table: Table,
    plan: Plan,
    *,
    means: Means | None = None,
    settings: Settings | None = None,
    examples: int = 3,
) -> dict[str, Preview]:
    """Return a preview of every generalised column's hierarchy, for the values of ``table``.

    Reads these columns alone. ``means`` gives the keys of columns whose dates are shifted first.
    Raises PlanError for a hierarchy that is broken or lacks a value.
    """
    built = hierarchies_of(table, plan, means=means, settings=settings)
    return {name: each.preview(examples=examples) for name, each in built}


def hierarchies_of(
    table: Table, plan: Plan, *, means: Means | None = None, settings: Settings | None = None
) -> Iterator[tuple[str, BuiltHierarchy]]:
    """Yield every generalised column with its hierarchy, for the values of ``table``.

    Raises PlanError for a hierarchy that is broken or lacks a value.
    """
    plan.check(table)
    means, settings = means or Means(), settings or Settings()
    unit = plan.privacy_unit
    entries = {
        name: steps if name in plan.quasi_identifiers or name == unit else (Drop(),)
        for name, steps in plan.columns.items()
    }
    alone = plan.model_copy(update={"columns": entries})
    columns = fit_columns(table, alone, keys=means.keys, find_spans=None).columns
    for name in plan.quasi_identifiers:
        spec = next(each.hierarchy for each in plan.columns[name] if isinstance(each, Generalise))
        census = census_of(table, columns, name)
        values, counts = census.values.to_pylist(), census.counts.tolist()
        hierarchy = build_hierarchy(
            name,
            spec,
            values,
            counts=counts,
            folder=settings.hierarchies_folder,
            pairs=partial(pairs_in, table, plan, name),
        )
        yield name, BuiltHierarchy(hierarchy, values, counts)


def hierarchy_of(
    table: Table, column: str, spec: HierarchySpec, *, settings: Settings | None = None
) -> BuiltHierarchy:
    """Return the hierarchy of one column that ``spec`` describes, without a plan.

    Raises SchemaError for an unknown column, and PlanError as :func:`preview_hierarchies` does.
    """
    table.require([column])
    others = {name: (Keep(),) for name in table.columns if name != column}
    entry = Generalise(hierarchy=spec)
    plan = Plan(columns={column: (entry,), **others}, model=ModelSpec(k=2))
    return next(each for _, each in hierarchies_of(table, plan, settings=settings))
