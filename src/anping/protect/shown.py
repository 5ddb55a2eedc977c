"""What was done to every column, and whether a raw value is still shown as it was."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from anping.engine.table import Table
from anping.protect.deid.hierarchy import MISSING, as_leaf
from anping.protect.fit_columns import census_of
from anping.protect.fit_plan import Fit
from anping.protect.operations import ColumnOperation, operation, partly_shown
from anping.protect.transform.columns import Columns


def operations_of(table: Table, fit: Fit) -> Iterator[ColumnOperation]:
    """Yield the operation of every column of the raw table, in its order."""
    for name in table.columns:
        done = operation(name, fit.plan.columns[name], fit.columns.notes.get(name, ()))
        details = fit.columns.details.get(name)
        if details:
            done = replace(done, details=details)
        yield partly_shown(done) if _shows(table, fit, name) else done


def _shows(table: Table, fit: Fit, name: str) -> bool:
    """Return whether a generalised value, other than a missing one, is a raw value as it was."""
    if fit.fitted is None or name not in fit.fitted.released:
        return False
    changed = bool(fit.columns.columns.steps[name])
    raw = Columns({name: ()}, None, fit.columns.columns.numbers)
    values = census_of(table, raw, name).values if changed else fit.seen[name].values
    leaves = {as_leaf(value) for value in values.to_pylist()}
    return not leaves.isdisjoint(set(fit.fitted.released[name]) - {MISSING})
