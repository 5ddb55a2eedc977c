"""Fixed-width text: every field has its place in the line, counted in characters or in bytes.

Mainframes count bytes: in Big5 a Chinese character is two of them. A line of another length than
the fields together is refused, because nobody can know where its fields begin.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import accumulate, pairwise

import pyarrow as pa
import pyarrow.compute as pc

from anping.core.errors import ParameterError
from anping.core.text import Text
from anping.engine import refusals as refusal
from anping.engine.encodings import is_marked, marked, visible
from anping.engine.header import check_names
from anping.engine.intake import Intake, RawRows, Taken, fitting_declared
from anping.engine.lines import Lines, line_blocks
from anping.engine.reading import ReadOptions, RefusedRow

_ROWS = 50_000


def read_fixed(intake: Intake) -> Taken:
    """Read a file of fixed-width fields; raise ParameterError for widths that make no line.

    There is no header line: names are the option ``column_names``; ``skip_lines`` passes over
    what stands above the rows.
    """
    options = intake.options
    widths = options.widths or ()
    if not widths or min(widths) < 1:
        raise _bad_widths()
    names = options.column_names or tuple(f"column_{n}" for n in range(1, len(widths) + 1))
    check_names(names, file=intake.content.name, line=None, expected=len(widths))
    intake.require_declared(names)
    decoded = intake.decoded()
    in_bytes = options.width_unit == "bytes"
    places = tuple(pairwise((0, *accumulate(widths))))
    fields = _Fields(names, places, decoded.encoding, in_bytes)
    chunks = decoded.raw_lines() if in_bytes else decoded
    rows = sum(_take(block, fields, intake) for block in line_blocks(intake.told(chunks, decoded)))
    return Taken(rows, names, decoded.sha256, decoded.encoding, newline=decoded.newline)


@dataclass(frozen=True, slots=True)
class _Fields:
    """The names and places of the fields, and how a line becomes text."""

    names: tuple[str, ...]
    places: tuple[tuple[int, int], ...]
    encoding: str
    in_bytes: bool

    def values(self, line: bytes) -> tuple[int, list[str]]:
        """Return the line's length and its fields; wrong bytes are marked as lone surrogates."""
        if self.in_bytes:
            return len(line), [
                marked(line[start:stop], self.encoding) for start, stop in self.places
            ]
        text = line.decode("utf-8", "surrogatepass")
        return len(text), [text[start:stop] for start, stop in self.places]

    def shown(self, line: bytes) -> str:
        """Return the line as it is kept in the quarantine file."""
        if self.in_bytes:
            return visible(marked(line, self.encoding))
        return visible(line.decode("utf-8", "surrogatepass"))

    def flaw(self, number: int, length: int, values: list[str]) -> RefusedRow | None:
        """Return why the line is refused, or None."""
        expected = self.places[-1][1]
        if length != expected:
            unit = "bytes" if self.in_bytes else "characters"
            return refusal.wrong_length(number, expected=expected, found=length, unit=unit)
        for name, value in zip(self.names, values, strict=True):
            if is_marked(value):
                return refusal.undecodable(number, name, self.encoding)
            if "\0" in value:
                return refusal.nul_character(number, name)
        return None


def _take(block: Lines, fields: _Fields, intake: Intake) -> int:
    if block.endless:
        intake.refusals.add(refusal.too_long(block.line), fields.shown(block.content))
        return 0
    skipped, comment = intake.options.skip_lines, intake.options.comment
    lines = [
        (number, line)
        for number, line in enumerate(block.content.removesuffix(b"\n").split(b"\n"), block.line)
        if number > skipped
        and line.strip()
        and not (comment is not None and line.startswith(comment.encode()))
    ]
    return sum(_stage(lines[at : at + _ROWS], fields, intake) for at in range(0, len(lines), _ROWS))


def _stage(lines: Sequence[tuple[int, bytes]], fields: _Fields, intake: Intake) -> int:
    kept: list[tuple[int, bytes]] = []
    rows: list[list[str]] = []
    for number, line in lines:
        length, values = fields.values(line)
        refused = fields.flaw(number, length, values)
        if refused is None:
            kept.append((number, line))
            rows.append(values)
        else:
            intake.refusals.add(refused, fields.shown(line))
    columns = zip(*rows, strict=True) if rows else [()] * len(fields.names)
    batch = pa.record_batch(
        [_column(column, intake.options) for column in columns],
        schema=pa.schema([(name, pa.string()) for name in fields.names]),
    )
    numbers = tuple(number for number, _ in kept)
    raw = RawRows(batch, numbers, lambda index: fields.shown(kept[index][1]))
    return intake.add(fitting_declared(raw, intake.declared, intake.refusals))


def _column(values: Sequence[str], options: ReadOptions) -> pa.Array:
    column = pa.array(values, pa.string())
    if options.trim_blanks:
        # U+3000 is the blank that pads a field of Chinese characters.
        column = pc.utf8_trim(column, " \t\u3000")
    absent = pc.is_in(column, value_set=pa.array(options.null_markers, pa.string()))
    return pc.if_else(absent, pa.scalar(None, pa.string()), column)


def _bad_widths() -> ParameterError:
    return ParameterError(
        "input.bad-widths",
        Text("欄寬必須是正整數。", "Widths must be whole numbers above zero."),
        hint=Text(
            "每個欄位寫成 名稱:寬度，例如 姓名:10 生日:8。",
            "Write each field as name:width, for example name:10 birthday:8.",
        ),
    )
