"""See the hierarchies of a plan before any row is protected."""

from __future__ import annotations

from functools import partial

from anping.engine.table import Table
from anping.protect.deid.preview import Preview, preview
from anping.protect.fit_columns import census_of, fit_columns
from anping.protect.fit_pairs import pairs_in
from anping.protect.fit_plan import Means, Settings
from anping.protect.plan import Plan
from anping.protect.plan_entries import Drop, Generalise
from anping.protect.plan_hierarchies import build_hierarchy


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
    plan.check(table)
    means, settings = means or Means(), settings or Settings()
    unit = plan.privacy_unit
    entries = {
        name: steps if name in plan.quasi_identifiers or name == unit else (Drop(),)
        for name, steps in plan.columns.items()
    }
    alone = plan.model_copy(update={"columns": entries})
    columns = fit_columns(table, alone, keys=means.keys, find_spans=None).columns
    found: dict[str, Preview] = {}
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
        found[name] = preview(hierarchy, values, counts=counts, examples=examples)
    return found
