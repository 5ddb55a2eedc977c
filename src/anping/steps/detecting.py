"""Comparing what a scan finds with a truth file, cell by cell."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from anping.core.columns import ColumnFinding, Role
from anping.core.errors import InputError, Where
from anping.core.span import Span
from anping.core.text import Text

if TYPE_CHECKING:
    from anping.engine.table import Table

FindSpans = Callable[[str], Sequence[Span]]
Cell = tuple[int, str]


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
    table: Table, findings: Sequence[ColumnFinding], truth: Truth, find_spans: FindSpans
) -> tuple[list[tuple[Span, ...]], list[tuple[Span, ...]]]:
    """Return true and found spans of every cell that holds either, in the same order."""
    expected, got = [], []
    for cell, found in _found(table, findings, find_spans):
        true = truth.spans.get(cell, ())
        kept = tuple(s for s in found if not _only_partial(s, true, truth.partial.get(cell, ())))
        if true or kept:
            expected.append(true)
            got.append(kept)
    return expected, got


def _found(
    table: Table, findings: Sequence[ColumnFinding], find_spans: FindSpans
) -> Iterator[tuple[Cell, tuple[Span, ...]]]:
    known = {finding.column: finding for finding in findings}
    for column in table.columns:
        finding = known.get(column)
        free = finding is not None and finding.role is Role.FREE_TEXT
        for row, value in enumerate(table.column(column).to_pylist()):
            text = "" if value is None else str(value)
            if not text or finding is None:
                yield (row, column), ()
            elif free:
                yield (row, column), tuple(find_spans(text))
            else:
                yield (row, column), (Span(0, len(text), finding.semantic_type),)


def _only_partial(span: Span, true: Sequence[Span], partial: Sequence[Span]) -> bool:
    def touches(other: Span) -> bool:
        return span.start < other.end and other.start < span.end

    return any(map(touches, partial)) and not any(map(touches, true))
