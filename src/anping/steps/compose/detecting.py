"""Comparing what a scan finds with a truth file, cell by cell."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from anping.core.columns import ColumnFinding, Role
from anping.core.errors import InputError, Where
from anping.core.measure import Measure
from anping.core.span import Span
from anping.core.text import Text

if TYPE_CHECKING:
    from anping.engine.table import Table

FindSpans = Callable[[str], Sequence[Span]]
Cell = tuple[int, str]
Pair = tuple[tuple[Span, ...], tuple[Span, ...]]
_WHOLE = 0.8
_NUMBERS_OF_PEOPLE = {"TW_NATIONAL_ID", "TW_RESIDENT_ID", "TW_PASSPORT"}

#: Column types that say nothing about a person.
NOTHING = ("NONE", "NUMBER", "CATEGORY", "CODE", "TEXT", "EMPTY", "DATE")


@dataclass(frozen=True, slots=True)
class Truth:
    """The planted spans of each cell (row from 0, column), and each column's true type.

    ``partial`` spans (a surname with a title) may be found or not; neither is counted.
    """

    spans: dict[Cell, tuple[Span, ...]]
    partial: dict[Cell, tuple[Span, ...]]
    types: dict[str, str]


def read_truth(path: Path) -> Truth:
    """Read ``NAME.spans.jsonl`` and the ``NAME.columns.json`` beside it.

    Raises InputError if one of them is missing or malformed.
    """
    beside = path.with_name(path.name.replace(".spans.jsonl", ".columns.json"))
    found: dict[bool, defaultdict[Cell, list[Span]]] = {
        True: defaultdict(list),
        False: defaultdict(list),
    }
    try:
        for line in path.read_text("utf-8").split("\n"):
            if line:
                said: dict[str, Any] = json.loads(line)
                span = Span(said["start"], said["end"], said["type"])
                found[bool(said.get("partial"))][said["row"], said["column"]].append(span)
        columns = json.loads(beside.read_text("utf-8"))
        types = {column: str(body["type"]) for column, body in columns.items()}
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise InputError(
            "truth.unreadable",
            Text("無法讀取真相檔。", "The truth file cannot be read."),
            where=Where(file=path.name),
            hint=Text(
                "請指到範例資料 truth/ 裡的 .spans.jsonl，旁邊要有 .columns.json。",
                "Point to a .spans.jsonl in a sample's truth/ folder, with .columns.json beside it.",
            ),
        ) from error
    full, partial = (
        {cell: tuple(spans) for cell, spans in found[kind].items()} for kind in (False, True)
    )
    return Truth(full, partial, types)


def compared(
    table: Table,
    findings: Sequence[ColumnFinding],
    truth: Truth,
    find_spans: FindSpans,
    *,
    identifying: frozenset[str],
) -> Iterator[Pair]:
    """Yield true and found spans of every cell that holds either.

    Types that were planted count, and those in ``identifying`` (found where none was planted).
    """
    planted = (
        spans
        for (row, column), spans in truth.spans.items()
        if column in table.columns and row < table.rows
    )
    counted = {span.type for spans in planted for span in spans} | identifying
    for cell, found in _found(table, findings, find_spans):
        true = truth.spans.get(cell, ())
        kept = tuple(s for s in found if not _only_partial(s, true, truth.partial.get(cell, ())))
        if true or kept:
            yield true, tuple(span for span in kept if span.type in counted)


def covered(
    table: Table, findings: Sequence[ColumnFinding], truth: Truth, find_spans: FindSpans
) -> Iterator[Pair]:
    """Yield the true spans of every free text, and those that a found span covers whole.

    For redaction it does not matter under which type a name was found, only that it goes.
    """
    texts = {f.column for f in findings if f.role is Role.FREE_TEXT} & set(table.columns)
    for column in sorted(texts):
        for row, value in _cells(table, column):
            true = truth.spans.get((row, column), ())
            if true and value is not None:
                found = find_spans(str(value))
                yield true, tuple(t for t in true if any(_within(t, f) for f in found))


def _cells(table: Table, column: str) -> Iterator[tuple[int, Any]]:
    """Yield the cells of a column with their rows' numbers, read in batches."""
    batches = table.batches([column])
    yield from enumerate(cell for batch in batches for cell in batch.column(0).to_pylist())


def _within(true: Span, found: Span) -> bool:
    return found.start <= true.start and true.end <= found.end


def for_redaction(measures: Sequence[Measure]) -> tuple[Measure, ...]:
    """Return recall measures under the name that says they were taken in high-recall mode."""
    return tuple(
        replace(
            measure,
            name=measure.name.replace("detection.", "redaction.", 1),
            title=Text(
                "自由文字中可遮蔽的比例", "Share of the truth in free text that redaction covers"
            ),
            method="covered whole, under any type",
        )
        for measure in measures
        if measure.name == "detection.recall"
    )


def _found(
    table: Table, findings: Sequence[ColumnFinding], find_spans: FindSpans
) -> Iterator[tuple[Cell, tuple[Span, ...]]]:
    known = {finding.column: finding for finding in findings}
    for column in table.columns:
        finding = known.get(column)
        for row, value in _cells(table, column):
            text = "" if value is None else str(value)
            yield (row, column), _in_cell(text, finding, find_spans)


def _in_cell(text: str, finding: ColumnFinding | None, find_spans: FindSpans) -> tuple[Span, ...]:
    """Return what a scan sees in one cell: spans in free text, else the cell as the column's type.

    A cell that by itself is of another type keeps that: a resident certificate among national IDs.
    """
    if not text or finding is None or finding.role is Role.NONE:
        return ()
    if finding.role is Role.FREE_TEXT:
        return tuple(find_spans(text))
    whole = [span for span in find_spans(text) if span.end - span.start >= _WHOLE * len(text)]
    both = whole and {whole[0].type, finding.semantic_type} <= _NUMBERS_OF_PEOPLE
    kind = whole[0].type if both else finding.semantic_type
    return (Span(0, len(text), kind),)


def _only_partial(span: Span, true: Sequence[Span], partial: Sequence[Span]) -> bool:
    def touches(other: Span) -> bool:
        return span.start < other.end and other.start < span.end

    return any(map(touches, partial)) and not any(map(touches, true))
