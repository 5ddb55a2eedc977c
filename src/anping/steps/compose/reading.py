"""What the add step makes of what arrived: the table, the report of arrivals, and evidence."""

from __future__ import annotations

import shutil
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from anping.core.digest import canonical_json
from anping.core.files import aside
from anping.core.labels import Labels, Tier, join
from anping.core.measure import Measure
from anping.core.text import Text
from anping.steps.compose.arrivals import Arrivals
from anping.steps.compose.arriving import REFUSED, Arrived, arrive
from anping.steps.compose.keeping import BROKEN, contract_of, kept, whole_kept
from anping.workspace.step import Context, Inputs, Outcome, Produced

if TYPE_CHECKING:
    from anping.engine.reading import Reading
    from anping.engine.table import Table

_PARQUET = "application/vnd.apache.parquet"
_REMEMBERED = frozenset({"earlier", "arrivals"})


def taken_in(context: Context, given: Any, inputs: Inputs) -> Outcome:
    """Read what is new, join it to what is kept, and report both.

    Where nothing is new the outputs are the earlier ones, so that no new version is made.
    """
    contract = contract_of(given, context.subject)
    arrived = arrive(context, given, inputs, contract)
    if arrived.stands:
        _hand_over(context, given.quarantine)
        return _standing(arrived, inputs)
    checked = None
    if contract is not None and arrived.reading is not None:
        checked = kept(context, given, arrived.reading, contract)
        arrived = replace(arrived, reading=checked.reading)
    table, notes = _whole(context, given, inputs, arrived)
    measures: tuple[Measure, ...] = ()
    told: tuple[Text, ...] = ()
    if contract is not None:
        measures, told = whole_kept(table, contract, checked)
    assert isinstance(table.source, Path)
    report = arrived.report(table.source, since=given.since, cursor=_cursor(table, given.since))
    path = context.path("arrivals.json")
    path.write_bytes(canonical_json(report.as_json()))
    labels = labels_of(given)
    if arrived.kept:
        labels = join(labels, inputs["earlier"].asset.labels)
    _hand_over(context, given.quarantine)
    produced = (
        Produced(
            "table", table.source, _PARQUET, labels,
            schema=table.fields, rows=table.rows, confidential=True,
        ),
        Produced("arrivals", path, "application/json", labels, confidential=True),
    )  # fmt: skip
    return Outcome(
        produced,
        (*intake_measures(report), *measures),
        limits=arrived.limits,
        notes=(*_read_note(arrived, report, table), *arrived.notes, *notes, *told),
        sources=arrived.sources,
        unused=frozenset() if arrived.kept else _REMEMBERED,
    )


def _standing(arrived: Arrived, inputs: Inputs) -> Outcome:
    outputs = tuple(
        Produced(
            port, inputs[name].path, inputs[name].asset.media_type, inputs[name].asset.labels,
            schema=inputs[name].asset.schema, rows=inputs[name].asset.rows, confidential=True,
        )
        for port, name in (("table", "earlier"), ("arrivals", "arrivals"))
    )  # fmt: skip
    note = Text("沒有新資料。", "Nothing new has arrived.")
    return Outcome(outputs, notes=(note, *arrived.notes), sources=arrived.sources)


def _whole(
    context: Context, given: Any, inputs: Inputs, arrived: Arrived
) -> tuple[Table, tuple[Text, ...]]:
    """Return the table of what is kept and what was read."""
    from anping.engine.growing import Span, grow
    from anping.engine.table import Table

    fresh = None if arrived.reading is None else arrived.reading.table
    if not arrived.kept:
        assert fresh is not None
        return fresh, ()
    sparse = arrived.reading is not None and arrived.reading.format in {"jsonl", "json", "fhir"}
    grown = grow(
        Table.open(inputs["earlier"].path),
        [Span(part.first_row, part.rows) for part in arrived.kept],
        fresh,
        into=context.path("table.parquet"),
        union_columns=given.union_columns or sparse,
    )
    return grown.table, grown.notes


def _cursor(table: Table, column: str | None) -> Any:
    from anping.engine.growing import greatest

    return None if column is None else greatest(table, column)


def _hand_over(context: Context, quarantine: Path | None) -> None:
    """Put what was refused while reading and by the contract into the quarantine file, at once."""
    written = [context.path(name) for name in (REFUSED, BROKEN)]
    written = [path for path in written if path.exists()]
    if quarantine is None or not written:
        return
    with aside(quarantine) as temporary:
        temporary.touch(mode=0o600)
        with temporary.open("ab") as into:
            for path in written:
                with path.open("rb") as lines:
                    shutil.copyfileobj(lines, into)


def labels_of(given: Any) -> Labels:
    """Return the labels of raw data: internal, with the permissions its owner names."""
    return Labels(
        tier=Tier.INTERNAL,
        purposes=frozenset(given.purposes) or None,
        licences=frozenset(given.licence),
        legal_bases=frozenset(given.legal_basis),
        retain_until=given.retain_until,
    )


def intake_measures(report: Arrivals) -> tuple[Measure, ...]:
    """Return how many rows were taken in and refused, over all parts."""
    records = report.rows + report.refused_rows
    titles = {
        "intake.rows.accepted": (report.rows, Text("收進的列數", "Rows taken in")),
        "intake.rows.refused": (report.refused_rows, Text("拒收的列數", "Rows refused")),
    }
    return tuple(
        Measure(name, float(value), "rows", records, title, method="count")
        for name, (value, title) in titles.items()
    )


def _read_note(arrived: Arrived, report: Arrivals, table: Table) -> tuple[Text, ...]:
    """Return what was read, in words."""
    reading: Reading | None = arrived.reading
    facts = () if reading is None else (reading.format, reading.encoding, reading.newline)
    how = ", ".join(str(fact) for fact in facts if fact) or "-"
    rows, refused, columns = report.rows, report.refused_rows, len(table.columns)
    return (
        Text(
            f"{rows:,} 列 × {columns} 欄（{how}），拒收 {refused:,} 列",
            f"{rows:,} rows × {columns} columns ({how}), {refused:,} refused",
        ),
        *(() if reading is None else reading.notes),
    )
