"""What the protect step says of its result beside the table itself."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from anping.core.columns import ColumnFinding
from anping.core.digest import canonical_json
from anping.core.labels import Labels
from anping.core.text import Text
from anping.engine.table import Table
from anping.engine.write import write_parquet
from anping.steps.compose.assets import Protection, findings_of
from anping.workspace.step import Context, Inputs, Produced, joined_labels

if TYPE_CHECKING:
    from anping.protect.apply import Protected
    from anping.protect.plan import Plan

_PARQUET = "application/vnd.apache.parquet"


def labels_after(
    labels: Labels, findings: Sequence[ColumnFinding], released: Iterable[str]
) -> Labels:
    """Return the labels with only the data categories of columns that are still there."""
    kept = set(released)
    left = {
        category
        for finding in findings
        if finding.column in kept
        for category in finding.categories
    }
    return labels.lowered(categories=frozenset(left) & labels.categories)


def protection_report(done: Protected, plan: Plan) -> Protection:
    """Return the report that a dossier carries: what was done, without a raw value."""
    unit = plan.privacy_unit
    rows = done.table.num_rows
    suppressed = next((m.value for m in done.measures if m.name == "deid.rows.suppressed"), 0.0)
    return Protection(
        quasi_identifiers=done.quasi_identifiers,
        sensitive=done.sensitive,
        person=unit if unit in done.table.column_names else None,
        privacy_unit=unit,
        rows_in=rows + int(suppressed),
        rows_suppressed=int(suppressed),
        coverage={column: dict(values) for column, values in done.coverage.items()},
        operations=tuple(operation.as_json() for operation in done.operations),
    )


def protected_outputs(
    context: Context, inputs: Inputs, *, done: Protected, report: Protection
) -> tuple[Produced, ...]:
    """Write the protected table and its papers; what points to raw rows is confidential."""
    paths = {
        name: context.path(name) for name in ("protected", "links", "leaves", "report", "paths")
    }
    for name, table in (("protected", done.table), ("links", done.links), ("leaves", done.leaves)):
        write_parquet(table, paths[name])
    paths["report"].write_bytes(canonical_json(report.as_json()))
    paths["paths"].write_bytes(canonical_json(done.paths))
    joined = joined_labels(inputs)
    labels = labels_after(joined, findings_of(inputs), done.table.column_names)
    return (
        Produced(
            "protected",
            paths["protected"],
            _PARQUET,
            labels,
            schema=Table.of(done.table).fields,
            rows=done.table.num_rows,
        ),
        Produced("links", paths["links"], _PARQUET, rows=done.links.num_rows, confidential=True),
        Produced("leaves", paths["leaves"], _PARQUET, rows=done.leaves.num_rows, confidential=True),
        Produced("protection", paths["report"], "application/json"),
        Produced("paths", paths["paths"], "application/json", confidential=True),
    )


def suppressed_note(report: Protection) -> tuple[Text, ...]:
    """Return how many rows were let go, in words."""
    rows, gone = report.rows_in, report.rows_suppressed
    return (
        Text(
            f"{rows:,} 列中抑制 {gone:,} 列；準識別欄位：{'、'.join(report.quasi_identifiers)}",
            f"{gone:,} of {rows:,} rows suppressed; "
            f"quasi-identifiers: {', '.join(report.quasi_identifiers)}",
        ),
    )
