"""Delimited text is read in blocks of whole records: fast where it is clean, exact where it is not.

A block whose quotes are well formed and whose rows all have the right width is parsed by Arrow.
Any other block is looked at record by record (:mod:`anping.engine.records`), which is slower and
knows the line and the reason of everything it refuses.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import chain

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv

from anping.engine import refusals as refusal
from anping.engine.encodings import is_marked, visible
from anping.engine.intake import Intake, RawRows, Taken, fitting_declared
from anping.engine.kinds import Kind, misfits
from anping.engine.layout import Layout, layout, top_is_complete
from anping.engine.lines import line_feeds
from anping.engine.reading import RefusedRow
from anping.engine.records import LONGEST_RECORD, Record, records
from anping.engine.refusals import Refusals

_QUOTE, _LINE_FEED = 0x22, 0x0A
_LITTLE = 1 << 13
_PIECE = 1 << 20
_SHOWN = 1 << 16


@dataclass(frozen=True, slots=True)
class Body:
    """What is known about the rows before they are read."""

    layout: Layout
    encoding: str
    null_markers: tuple[str, ...]
    declared: Mapping[str, Kind]

    @property
    def schema(self) -> pa.Schema:
        """Every column as text."""
        return pa.schema([(name, pa.string()) for name in self.layout.names])


def read_delimited(intake: Intake) -> Taken:
    """Read a CSV or TSV file."""
    decoded = intake.decoded()
    options, name = intake.options, intake.content.name
    chunks = iter(decoded)
    head = b""
    while not top_is_complete(head, options) and (chunk := next(chunks, None)) is not None:
        head += chunk
    whole = decoded.bytes_read == intake.seen.size
    found = layout(head, options, file=name, whole=whole)
    intake.require_declared(found.names)
    declared = {name: kind for name, kind in intake.declared.items() if name in found.names}
    body = Body(found, decoded.encoding, options.null_markers, declared)
    rest = chain([head[found.body :]], chunks)
    rows = sum(
        intake.add(batch) for batch in read_rows(intake.told(rest, decoded), body, intake.refusals)
    )
    delimiter = found.dialect.delimiter
    return Taken(rows, found.names, decoded.sha256, decoded.encoding, delimiter, decoded.newline)


def read_rows(chunks: Iterator[bytes], body: Body, refusals: Refusals) -> Iterator[pa.RecordBatch]:
    """Yield the rows as batches of text columns; refused rows go to ``refusals``.

    ``chunks`` are UTF-8 with LF line ends and begin at the first row. One line that never ends is
    refused once and passed over without being held.
    """
    line, held, endless = body.layout.line, b"", False
    for chunk, final in _with_last(chunks):
        fresh = chunk
        if endless:
            end = fresh.find(b"\n") + 1
            if not end:
                continue
            fresh, endless = fresh[end:], False
        held += fresh
        again = True
        while held and again:
            if len(held) >= LONGEST_RECORD and b"\n" not in held:
                shown = held[:_SHOWN].decode("utf-8", "replace")
                refusals.add(refusal.too_long(line), shown)
                line, held, endless = line + 1, b"", True
                break
            cut = _whole_records(held, body.layout.dialect.delimiter, final=final)
            if cut:
                yield from _clean_or_exact(held[:cut], body, refusals, line)
            elif cut is None:
                batch, cut = _exact(held, body, refusals, line, final=final)
                yield batch
            if not cut and len(held) >= LONGEST_RECORD:
                # An opening quote that nothing closes: refuse its line and go on behind it.
                cut = held.find(b"\n") + 1
                yield _exact(held[:cut], body, refusals, line, final=True)[0]
            line += line_feeds(held, cut)
            held = held[cut:]
            again = bool(cut) and (final or len(held) >= LONGEST_RECORD)


def _clean_or_exact(
    block: bytes, body: Body, refusals: Refusals, line: int
) -> Iterator[pa.RecordBatch]:
    """Yield the rows of whole, well-formed records; halve the block to look closely at little."""
    batch = _fast(block, body)
    if batch is not None:
        yield batch
        return
    half = None
    if len(block) > _LITTLE:
        delimiter = body.layout.dialect.delimiter
        half = _whole_records(block[: len(block) // 2], delimiter, final=False)
    if half:
        yield from _clean_or_exact(block[:half], body, refusals, line)
        behind = line + block.count(b"\n", 0, half)
        yield from _clean_or_exact(block[half:], body, refusals, behind)
    else:
        yield _exact(block, body, refusals, line, final=True)[0]


def _with_last(chunks: Iterator[bytes]) -> Iterator[tuple[bytes, bool]]:
    for chunk in chunks:
        yield chunk, False
    yield b"", True


def _whole_records(block: bytes, delimiter: str, *, final: bool) -> int | None:
    """Return how many bytes hold whole records, or None when the quotes are not well formed."""
    if b'"' not in block:
        return len(block) if final else block.rfind(b"\n") + 1
    letters = np.frombuffer(block, np.uint8)
    quotes = np.flatnonzero(letters == _QUOTE)
    edges = np.array([ord(delimiter), _LINE_FEED, _QUOTE], np.uint8)
    openers, closers = quotes[0::2], quotes[1::2]
    before = letters[openers[openers > 0] - 1]
    after = letters[closers[closers < len(letters) - 1] + 1]
    if not (np.isin(before, edges).all() and np.isin(after, edges).all()):
        return None
    if final:
        return len(block) if len(quotes) % 2 == 0 else None
    line_ends = np.flatnonzero(letters == _LINE_FEED)
    outside = line_ends[np.searchsorted(quotes, line_ends) % 2 == 0]
    return int(outside[-1]) + 1 if len(outside) else 0


def _spans_lines(block: bytes) -> bool:
    """Return whether a line end lies within quotes."""
    letters = np.frombuffer(block, np.uint8)
    quotes, line_ends = np.flatnonzero(letters == _QUOTE), np.flatnonzero(letters == _LINE_FEED)
    return bool(np.any(np.searchsorted(quotes, line_ends) % 2))


def _fast(block: bytes, body: Body) -> pa.RecordBatch | None:
    """Return the block's rows, or None when a row needs the exact look."""
    dialect = body.layout.dialect
    if dialect.comment is not None and dialect.comment.encode() in block:
        return None
    if b"\0" in block:
        return None
    trim = dialect.trim_blanks and (b" " in block or b"\t" in block)
    quoted = b'"' in block
    spanning = quoted and _spans_lines(block)
    try:
        table = pa.csv.read_csv(
            pa.BufferReader(block),
            read_options=pa.csv.ReadOptions(
                column_names=list(body.layout.names),
                # Where a line is a record, pieces can be parsed side by side.
                block_size=len(block) + 1 if spanning else max(_PIECE, len(block) // 4),
            ),
            parse_options=pa.csv.ParseOptions(
                delimiter=dialect.delimiter,
                quote_char='"' if quoted else False,
                newlines_in_values=spanning,
            ),
            convert_options=pa.csv.ConvertOptions(
                default_column_type=pa.string(),
                null_values=[] if trim else list(body.null_markers),
                strings_can_be_null=not trim,
            ),
        )
    except pa.ArrowInvalid:
        return None
    columns = [column.combine_chunks() for column in table.columns]
    if trim:
        columns = [_trimmed(column, body.null_markers) for column in columns]
    batch = pa.record_batch(columns, schema=body.schema)
    clean = all(not misfits(batch.column(name), kind) for name, kind in body.declared.items())
    return batch if clean else None


def _trimmed(column: pa.Array, null_markers: tuple[str, ...]) -> pa.Array:
    trimmed = pc.ascii_trim(column, " \t")
    absent = pc.is_in(trimmed, value_set=pa.array(null_markers, pa.string()))
    return pc.if_else(absent, pa.scalar(None, pa.string()), trimmed)


def _exact(
    block: bytes, body: Body, refusals: Refusals, line: int, *, final: bool
) -> tuple[pa.RecordBatch, int]:
    """Return the block's rows read one by one, and how many bytes were used."""
    text = block.decode("utf-8", "surrogatepass") if final else _decodable(block)
    names, kept, used = body.layout.names, [], 0
    for record in records(text, body.layout.dialect, line=line, final=final):
        used = record.end
        refused = _flaw(record, names, body.encoding)
        if refused is None:
            kept.append(record)
        else:
            refusals.add(refused, visible(record.raw))
    absent = frozenset(body.null_markers)
    columns: list[list[str | None]] = [[] for _ in names]
    for record in kept:
        for column, value in zip(columns, record.fields, strict=True):
            column.append(None if value in absent else value)
    batch = pa.record_batch([pa.array(column, pa.string()) for column in columns], body.schema)
    lines = tuple(record.line for record in kept)
    rows = RawRows(batch, lines, lambda index: kept[index].raw)
    batch = fitting_declared(rows, body.declared, refusals)
    return batch, len(block) if final else len(text[:used].encode("utf-8", "surrogatepass"))


def _decodable(block: bytes) -> str:
    # A chunk may end inside a character; the line it belongs to is not finished anyway.
    return block[: block.rfind(b"\n") + 1].decode("utf-8", "surrogatepass")


def _flaw(record: Record, names: tuple[str, ...], encoding: str) -> RefusedRow | None:
    fields = record.fields
    at = names[len(fields)] if len(fields) < len(names) else None
    if record.flaw == "unclosed-quote":
        return refusal.unclosed_quote(record.line, at)
    if record.flaw == "stray-quote":
        return refusal.stray_text(record.line, at)
    if is_marked(record.raw):
        wrong = [name for name, value in zip(names, fields, strict=False) if is_marked(value)]
        return refusal.undecodable(record.line, wrong[0] if wrong else None, encoding)
    if record.flaw == "too-many-fields" or len(fields) != len(names):
        return refusal.ragged(record.line, expected=len(names), found=len(fields))
    if "\0" in record.raw:
        holding = [name for name, value in zip(names, fields, strict=True) if "\0" in value]
        return refusal.nul_character(record.line, holding[0] if holding else None)
    return None
