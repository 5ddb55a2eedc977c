"""What the reader of one file is given, and what it hands back; each format has one such reader."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from anping.core.text import Text
from anping.engine import refusals as refusal
from anping.engine.content import Content
from anping.engine.encodings import Decoded, Survey, chosen, visible
from anping.engine.kinds import Inference, Kind, misfits
from anping.engine.reading import Newline, ReadOptions
from anping.engine.refusals import Refusals
from anping.engine.staging import Stage
from anping.engine.table import missing_column


@dataclass(frozen=True, slots=True)
class Taken:
    """What one file gave: its rows, its columns, and facts about its bytes.

    ``sha256`` is that of the content that was read. ``sparse`` says that a column which the file
    lacks is merely missing in its rows (JSON), not another layout.
    """

    rows: int
    columns: tuple[str, ...]
    sha256: str
    encoding: str | None = None
    delimiter: str | None = None
    newline: Newline | None = None
    notes: tuple[Text, ...] = ()
    sparse: bool = False


@dataclass(frozen=True, slots=True)
class Intake:
    """One file under way: its content, how to read it, and where rows and refusals go."""

    content: Content
    seen: Survey
    options: ReadOptions
    declared: Mapping[str, Kind]
    refusals: Refusals
    inference: Inference
    stage: Stage
    tell: Callable[[int], None]

    def decoded(self) -> Decoded:
        """Return the content as UTF-8 text in the encoding that was asked for or is found."""
        encoding = chosen(self.content, self.seen, self.options.encoding)
        strict = encoding in {"utf-8", "utf-8-sig"} and self.seen.utf8
        return Decoded(self.content, encoding, strict)

    def told(self, chunks: Iterable[bytes], decoded: Decoded) -> Iterator[bytes]:
        """Yield the chunks and tell how much has been read."""
        for chunk in chunks:
            self.tell(decoded.bytes_read)
            yield chunk

    def add(self, batch: pa.RecordBatch) -> int:
        """Take a batch of text columns; return its rows."""
        if batch.num_rows:
            plain = {
                name: self.inference.narrow(name, column)
                for name, column in zip(batch.schema.names, batch.columns, strict=True)
            }
            self.stage.add(batch, plain)
        return int(batch.num_rows)

    def require_declared(self, columns: tuple[str, ...]) -> None:
        """Raise SchemaError if the file lacks a column whose type was declared."""
        if not self.options.union_columns:
            for name in self.declared:
                if name not in columns:
                    raise missing_column(name, columns)


@dataclass(frozen=True, slots=True)
class RawRows:
    """Rows of text columns that still carry their line numbers and what they looked like."""

    batch: pa.RecordBatch
    lines: tuple[int, ...]
    raw: Callable[[int], str]


def fitting_declared(
    rows: RawRows, declared: Mapping[str, Kind], refusals: Refusals
) -> pa.RecordBatch:
    """Return the rows whose values fit the declared types; the others are refused."""
    wrong: dict[int, tuple[str, Kind]] = {}
    for name, kind in declared.items():
        if name in rows.batch.schema.names:
            for index in misfits(rows.batch.column(name), kind):
                wrong.setdefault(index, (name, kind))
    if not wrong:
        return rows.batch
    for index in sorted(wrong):
        refusals.add(refusal.wrong_type(rows.lines[index], *wrong[index]), visible(rows.raw(index)))
    fits = np.ones(rows.batch.num_rows, bool)
    fits[list(wrong)] = False
    return rows.batch.filter(pa.array(fits))
