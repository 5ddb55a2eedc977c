"""One plan tried on a table: fitted, its risk and loss measured; nothing is written or released.

Only the columns that are looked at take part, all others are dropped. What the rows would become is
made in memory, generalised columns as codes into few texts.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from anping.core.measure import Measure
from anping.core.progress import Progress, silent
from anping.core.text import Text
from anping.engine.stream import rows_at, with_numbers
from anping.engine.table import Table
from anping.protect.deid.hierarchy import Hierarchy
from anping.protect.fit_plan import Fit, Means, Settings, fit_plan
from anping.protect.plan import Plan
from anping.protect.plan_entries import Drop
from anping.protect.protection import Protection

Places = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Shown:
    """Rows as they would be released, in the raw rows' order.

    ``table`` has the released rows, ``rows`` (m,) their raw rows' places; ``leaves`` the leaf of
    every raw row looked at, also of suppressed ones.
    """

    table: pa.Table
    rows: Places
    leaves: pa.Table


@dataclass(frozen=True)
class Trial:
    """A plan fitted to a table."""

    table: Table
    fit: Fit

    @property
    def hierarchies(self) -> dict[str, Hierarchy]:
        """The hierarchies of the generalised columns."""
        return dict(self.fit.hierarchies)

    def measures(self) -> tuple[Measure, ...]:
        """Return the loss and the rows suppressed; the loss is that of ``anping protect``."""
        fitted = self.fit.fitted
        assert fitted is not None
        rows = fitted.rows
        return (
            Measure(
                "deid.information_loss", fitted.loss, "share", rows,
                Text("資訊損失", "Information loss"),
                method="ARX Loss, arithmetic mean, gs-factor 0.5",
            ),
            Measure(
                "deid.rows.suppressed", fitted.suppressed_rows / rows, "share", rows,
                Text("抑制列的比例", "Share of rows suppressed"), method="count",
            ),
        )  # fmt: skip

    def shown(self, columns: Iterable[str], *, places: Places | None = None) -> Shown:
        """Return the columns as they would be released: of the raw rows at ``places``, or of all."""
        names = [name for name in columns if name in self.fit.columns.columns.steps]
        protection = self._narrowed(names)
        found, leaves = [], []
        for batch in self._batches(protection, places):
            applied = protection.applied(batch)
            found.append(_coded(applied.released))
            leaves.extend([] if applied.leaves is None else [_coded(applied.leaves)])
        numbers = protection.columns.numbers
        whole = _together(found, protection.numbered_schema)
        rows = np.asarray(whole.column(numbers).to_numpy(), np.int64)
        return Shown(whole.select(names), rows, _together(leaves, protection.leaf_schema))

    def _narrowed(self, names: Sequence[str]) -> Protection:
        whole = self.fit.protection
        generalised = () if whole.generaliser is None else whole.generaliser.columns
        wanted = list(dict.fromkeys((*generalised, *names)))
        schema = pa.schema([whole.schema.field(name) for name in wanted])
        return replace(whole, columns=whole.columns.only(wanted), schema=schema)

    def _batches(self, protection: Protection, places: Places | None) -> Iterable[pa.RecordBatch]:
        numbers, needed = protection.columns.numbers, protection.needed
        if places is None:
            start = 0
            for batch in self.table.batches(needed):
                yield with_numbers(batch, numbers, start)
                start += batch.num_rows
            return
        start = 0
        for batch in rows_at(self.table, places, columns=needed).combine_chunks().to_batches():
            mine = places[start : start + batch.num_rows]
            start += batch.num_rows
            yield batch.append_column(numbers, pa.array(mine))


def trial(
    table: Table,
    plan: Plan,
    *,
    looked_at: Iterable[str] = (),
    means: Means | None = None,
    settings: Settings | None = None,
    progress: Progress = silent,
) -> Trial:
    """Return the plan fitted to the table, without the columns that nobody looks at.

    The model's columns always take part, beside those ``looked_at``. Raises what
    :func:`anping.protect.protect` does.
    """
    sensitive = () if plan.model is None else plan.model.protected
    person = () if plan.privacy_unit is None else (plan.privacy_unit,)
    kept = {*plan.quasi_identifiers, *sensitive, *person, *looked_at}
    columns = {
        name: entries if name in kept else (Drop(identifies=False),)
        for name, entries in plan.columns.items()
    }
    fields = {name: getattr(plan, name) for name in Plan.model_fields}
    narrow = Plan(**{**fields, "columns": columns})
    fit = fit_plan(
        table,
        narrow,
        means=means or Means(),
        settings=settings or Settings(),
        progress=progress,
    )
    return Trial(table, fit)


def _coded(batch: pa.RecordBatch) -> pa.RecordBatch:
    """Return the batch with texts as codes: a generalised column has few different ones."""
    columns = [
        column.dictionary_encode() if pa.types.is_string(column.type) else column
        for column in batch.columns
    ]
    return pa.RecordBatch.from_arrays(columns, batch.schema.names)


def _together(batches: Sequence[pa.RecordBatch], schema: pa.Schema) -> pa.Table:
    if not batches:
        return schema.empty_table()
    return pa.Table.from_batches(batches).unify_dictionaries()
