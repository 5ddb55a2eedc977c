"""What the protect step says of its result beside the table itself."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from anping.core.columns import ColumnFinding
from anping.core.digest import canonical_json
from anping.core.labels import Labels
from anping.core.measure import find
from anping.core.text import Text
from anping.engine.table import Table
from anping.engine.write import write_parquet
from anping.steps.compose.assets import OWN_VALUE, Protection, findings_of
from anping.workspace.step import Context, Inputs, Produced, joined_labels

if TYPE_CHECKING:
    from anping.protect.apply import ProtectedFiles
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


def protection_report(done: ProtectedFiles, plan: Plan) -> Protection:
    """Return the report that a dossier carries: what was done, without a raw value."""
    unit = plan.privacy_unit
    rows = done.table.rows
    suppressed = next((m.value for m in done.measures if m.name == "deid.rows.suppressed"), 0.0)
    sampled = find(done.measures, "deid.sampling_fraction")
    return Protection(
        quasi_identifiers=done.quasi_identifiers,
        sensitive=done.sensitive,
        person=unit if unit in done.table.columns else None,
        privacy_unit=unit,
        rows_in=rows + int(suppressed),
        rows_suppressed=int(suppressed),
        coverage={column: dict(values) for column, values in done.coverage.items()},
        operations=tuple(operation.as_json() for operation in done.operations),
        sampled=None if sampled is None else sampled.value,
        missing=OWN_VALUE if plan.model is None else plan.model.missing,
    )


def protected_outputs(
    context: Context, inputs: Inputs, *, done: ProtectedFiles, report: Protection
) -> tuple[Produced, ...]:
    """Return the protected table and write its papers; what points to raw rows is confidential."""
    papers, paths = context.path("report"), context.path("paths")
    papers.write_bytes(canonical_json(report.as_json()))
    paths.write_bytes(canonical_json(done.paths))
    joined = joined_labels(inputs)
    labels = labels_after(joined, findings_of(inputs), done.table.columns)
    return (
        _table("protected", done.table, labels),
        _table("links", done.links),
        _table("leaves", done.leaves),
        Produced("protection", papers, "application/json"),
        Produced("paths", paths, "application/json", confidential=True),
        *_values(context, done, labels),
    )


def _values(context: Context, done: ProtectedFiles, labels: Labels) -> tuple[Produced, ...]:
    """Return the values of an anatomized column by its groups, where the plan has one."""
    made = []
    for table in done.tables.values():
        path = context.path("values.parquet")
        write_parquet(table, path)
        made.append(_table("values", Table.open(path), labels))
    return tuple(made)


def _table(port: str, table: Table, labels: Labels | None = None) -> Produced:
    """Return a table's file; without labels of its own it stays inside."""
    assert isinstance(table.source, Path)
    if labels is None:
        return Produced(port, table.source, _PARQUET, rows=table.rows, confidential=True)
    return Produced(port, table.source, _PARQUET, labels, schema=table.fields, rows=table.rows)


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
