"""One door for every file: it comes in streamed, digested, checked and typed, as one Parquet file.

::

    from anping.engine.read import read
    reading = read(Path("people.csv"), into=Path("people.parquet"))
    reading.table.columns, reading.rows, reading.encoding
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from itertools import chain
from pathlib import Path

import pyarrow as pa

from anping.core.digest import sha256_file
from anping.core.errors import InputError, Where
from anping.core.progress import Progress, silent
from anping.core.text import Text
from anping.engine.columnar import write_groups
from anping.engine.delimited import Body, read_rows
from anping.engine.encodings import Decoded, Survey, chosen, fitting, survey
from anping.engine.formats import format_of
from anping.engine.jsonlines import ObjectLines
from anping.engine.kinds import Inference, Kind, kind_named
from anping.engine.layout import layout, top_is_complete
from anping.engine.parquet import read_columns
from anping.engine.reading import Format, Reading, ReadOptions
from anping.engine.refusals import Refusals, quarantine_file
from anping.engine.staging import Stage, stage_beside
from anping.engine.table import Table, missing_column

_READING = Text("讀取檔案", "Reading the file")
_DEFAULTS = ReadOptions()


def read(
    path: Path,
    *,
    into: Path,
    options: ReadOptions = _DEFAULTS,
    quarantine: Path | None = None,
    progress: Progress = silent,
) -> Reading:
    """Read a CSV, TSV, JSON Lines or Parquet file into one typed Parquet file at ``into``.

    The file is streamed twice (a first look for its digest and encoding, then its rows), never held
    in memory. Types are inferred from all values. Without ``quarantine`` any bad row stops the
    reading and ``into`` stays as it was; with it the bad rows are written there (JSON Lines: row,
    column, code, reason, raw; mode 0600) and the others are read. An empty value is a missing
    value; blank lines are no rows; line ends inside quoted values become LF. ``progress`` is told
    bytes.

    Raises:
        InputError: the file is missing, empty, not a table, or has rows that cannot be read.
        SchemaError: column names are empty, doubled or too few; a declared column is missing.
        ParameterError: an unknown encoding, type or delimiter was asked for.

    """
    seen = survey(path)
    if seen.size == 0:
        raise _nothing("input.empty", path)
    declared = {name: kind_named(kind, column=name) for name, kind in options.types.items()}
    file_format = format_of(path, seen.head, options)
    with quarantine_file(quarantine) as kept:
        job = _Job(path, into, replace(options, format=file_format), seen, declared, progress)
        refusals = Refusals(kept)
        if file_format == "parquet":
            return _parquet(job, refusals)
        return _text(job, file_format, refusals)


@dataclass(frozen=True, slots=True)
class _Job:
    """One reading that is under way."""

    path: Path
    into: Path
    options: ReadOptions
    seen: Survey
    declared: dict[str, Kind]
    progress: Progress

    def require_declared(self, columns: Iterable[str]) -> None:
        present = tuple(columns)
        for name in self.declared:
            if name not in present:
                raise missing_column(name, present)

    def settle(self, refusals: Refusals, *, rows: int, sha256: str) -> None:
        """Raise InputError unless what was read may be kept."""
        if sha256 != self.seen.sha256:
            raise _changed(self.path)
        if refusals.total and not refusals.keep:
            undecodable = refusals.listed[0].code == "input.undecodable"
            raise refusals.error(
                self.path.name, encodings=fitting(self.path) if undecodable else ()
            )
        if rows == 0:
            raise _nothing("input.all-refused" if refusals.total else "input.no-rows", self.path)


def _text(job: _Job, file_format: Format, refusals: Refusals) -> Reading:
    encoding = chosen(job.path, job.seen, job.options.encoding)
    strict = encoding in {"utf-8", "utf-8-sig"} and job.seen.utf8
    decoded = Decoded(job.path, encoding, strict)
    inference = Inference(job.declared)
    with stage_beside(job.into) as stage:
        if file_format == "jsonl":
            delimiter = None
            rows = _stage_objects(job, decoded, refusals, inference=inference, stage=stage)
        else:
            rows, delimiter = _stage_rows(job, decoded, refusals, inference=inference, stage=stage)
        job.settle(refusals, rows=rows, sha256=decoded.sha256)
        job.require_declared(stage.columns)
        stage.write(job.into, {name: inference.kind(name) for name in stage.columns})
    return Reading(
        table=Table.open(job.into),
        source_sha256=job.seen.sha256,
        source_bytes=job.seen.size,
        format=file_format,
        rows=rows,
        encoding=encoding,
        delimiter=delimiter,
        newline=decoded.newline,
        refused=refusals.listed,
        refused_rows=refusals.total,
        null_markers=job.options.null_markers,
    )


def _stage_rows(
    job: _Job, decoded: Decoded, refusals: Refusals, *, inference: Inference, stage: Stage
) -> tuple[int, str]:
    chunks = iter(decoded)
    head = b""
    while not top_is_complete(head, job.options) and (chunk := next(chunks, None)) is not None:
        head += chunk
    whole = decoded.bytes_read == job.seen.size
    found = layout(head, job.options, file=job.path.name, whole=whole)
    job.require_declared(found.names)
    body = Body(found, decoded.encoding, job.options.null_markers, job.declared)
    rest = chain([head[found.body :]], chunks)
    rows = 0
    for batch in read_rows(_told(rest, decoded, job), body, refusals):
        if batch.num_rows == 0:
            continue
        for name, column in zip(found.names, batch.columns, strict=True):
            inference.narrow(name, column)
        stage.add(batch)
        rows += batch.num_rows
    return rows, found.dialect.delimiter


def _stage_objects(
    job: _Job, decoded: Decoded, refusals: Refusals, *, inference: Inference, stage: Stage
) -> int:
    lines = ObjectLines(
        encoding=decoded.encoding,
        null_markers=job.options.null_markers,
        refusals=refusals,
        inference=inference,
        declared=job.declared,
    )
    rows = 0
    for batch in lines.read(_told(decoded, decoded, job)):
        if batch.num_rows:
            stage.add(batch)
            rows += batch.num_rows
    return rows


def _told(chunks: Iterable[bytes], decoded: Decoded, job: _Job) -> Iterator[bytes]:
    for chunk in chunks:
        job.progress(_READING, decoded.bytes_read, job.seen.size)
        yield chunk


def _parquet(job: _Job, refusals: Refusals) -> Reading:
    schema, batches = read_columns(job.path, job.declared, refusals)
    job.require_declared(schema.names)

    def checked() -> Iterator[pa.RecordBatch]:
        rows = done = 0
        for batch in batches:
            rows += batch.num_rows
            done = min(job.seen.size, done + batch.nbytes)
            job.progress(_READING, done, job.seen.size)
            yield batch
        job.settle(refusals, rows=rows, sha256=sha256_file(job.path))

    rows = write_groups(checked(), schema, job.into)
    return Reading(
        table=Table.open(job.into),
        source_sha256=job.seen.sha256,
        source_bytes=job.seen.size,
        format="parquet",
        rows=rows,
        refused=refusals.listed,
        refused_rows=refusals.total,
    )


_NOTHING = {
    "input.empty": Text("檔案是空的。", "The file is empty."),
    "input.no-rows": Text("檔案只有標題列，沒有資料。", "The file has a header and no rows."),
    "input.all-refused": Text("沒有任何一列可以讀取。", "Not one row of the file can be read."),
}


def _nothing(code: str, path: Path) -> InputError:
    return InputError(
        code,
        _NOTHING[code],
        where=Where(file=path.name),
        hint=Text(
            "請確認檔案已完整匯出，並檢查分隔符號、標題列與文字編碼的設定。",
            "Check that the file was exported completely, and check the delimiter, "
            "the header and the encoding.",
        ),
    )


def _changed(path: Path) -> InputError:
    return InputError(
        "input.changed-while-reading",
        Text("讀取期間檔案被改動。", "The file was changed while it was read."),
        where=Where(file=path.name),
        hint=Text("待寫入完成後再讀一次。", "Read it again when nothing writes to it."),
    )
