"""One door for every file: it comes in streamed, digested, checked and typed, as one Parquet file.

::

    from anping.engine.read import read
    reading = read(Path("people.csv"), into=Path("people.parquet"))
    reading.table.columns, reading.rows, reading.encoding

Several files of the same columns become one table with :func:`read_many`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa

from anping.core.digest import sha256_file
from anping.core.errors import InputError, Where
from anping.core.progress import Progress, silent
from anping.core.text import Text
from anping.engine.columnar import write_groups
from anping.engine.delimited import read_delimited
from anping.engine.encodings import fitting
from anping.engine.excel import read_sheet
from anping.engine.fhir import read_resources
from anping.engine.fixed import read_fixed
from anping.engine.intake import Intake, Taken
from anping.engine.jsonfiles import read_json
from anping.engine.jsonlines import read_json_lines
from anping.engine.kinds import Inference, Kind, kind_named
from anping.engine.parquet import flat_schema, read_columns, read_parquet_as_text
from anping.engine.parts import Sheaf, SourceFile, names_of
from anping.engine.reading import Format, Reading, ReadOptions
from anping.engine.refusals import Refusals, quarantine_file
from anping.engine.staging import stage_beside
from anping.engine.table import Table, missing_column

_READING = Text("讀取檔案", "Reading the file")
_DEFAULTS = ReadOptions()

_READERS: Mapping[Format, Callable[[Intake], Taken]] = {
    "csv": read_delimited,
    "tsv": read_delimited,
    "fixed": read_fixed,
    "jsonl": read_json_lines,
    "json": read_json,
    "fhir": read_resources,
    "excel": read_sheet,
    "parquet": read_parquet_as_text,
}


def read(
    path: Path,
    *,
    into: Path,
    options: ReadOptions = _DEFAULTS,
    quarantine: Path | None = None,
    progress: Progress = silent,
) -> Reading:
    """Read one file of any format into one typed Parquet file at ``into``.

    CSV, TSV, fixed-width text, JSON Lines, JSON, FHIR (Bundle or NDJSON), Excel (xlsx, xlsm, xls,
    ods) and Parquet, each also compressed or within an archive. The file is streamed twice (a first
    look for its digest and encoding, then its rows), never held in memory; a worksheet is held.
    Types are inferred from all values. Without ``quarantine`` any bad row stops the reading and
    ``into`` stays as it was; with it the bad rows are written there (JSON Lines: file, row, column,
    code, reason, raw; mode 0600) and the others are read. An empty value is a missing value; blank
    lines are no rows; line ends inside quoted values become LF. ``progress`` is told bytes.

    Raises:
        InputError: the file is missing, empty, not a table, unsafe, or has rows that cannot be
            read; or it holds several tables and none is named.
        SchemaError: column names are empty, doubled or too few; a declared column is missing.
        ParameterError: an unknown encoding, type, width or delimiter was asked for.

    """
    return read_many((path,), into=into, options=options, quarantine=quarantine, progress=progress)


def read_many(
    paths: Sequence[Path],
    *,
    into: Path,
    options: ReadOptions = _DEFAULTS,
    quarantine: Path | None = None,
    progress: Progress = silent,
) -> Reading:
    """Read files with the same columns, in any order of columns, as one table at ``into``.

    Types are inferred over all files together; formats and encodings may differ from file to file.
    ``Reading.parts`` says which rows came from which file. Raises what :func:`read` raises, naming
    the file, and SchemaError if a file has other columns (unless ``union_columns``).
    """
    declared = {name: kind_named(kind, column=name) for name, kind in options.types.items()}
    total = sum(path.stat().st_size for path in paths if path.is_file())
    job = _Job(into, options, declared, progress, total)
    with quarantine_file(quarantine) as kept:
        refusals = Refusals(kept)
        named = zip(paths, names_of(paths), strict=True)
        files = (SourceFile.open(path, name, options) for path, name in named)
        if len(paths) > 1 and not all(path.suffix.lower() == ".parquet" for path in paths):
            return _staged(job, files, refusals)
        found = list(files)
        if not found or (len(found) == 1 and found[0].seen.size == 0):
            raise _nothing("input.empty", found[0].name if found else into.name)
        return (_copied if _alike(found) else _staged)(job, found, refusals)


def _alike(files: Sequence[SourceFile]) -> bool:
    """Return whether the files are Parquet with the same columns and types: these are kept."""
    if not all(file.format == "parquet" and file.seen.size for file in files):
        return False
    return len(files) == 1 or (
        len({flat_schema(file.content.path, file=file.name) for file in files}) == 1
    )


@dataclass(frozen=True, slots=True)
class _Job:
    """One reading that is under way."""

    into: Path
    options: ReadOptions
    declared: dict[str, Kind]
    progress: Progress
    total: int

    def teller(self, file: SourceFile, before: int) -> Callable[[int], None]:
        """Return what tells the progress within one file, after ``before`` bytes of others."""
        scale = file.size / max(1, file.seen.size)

        def tell(read: int) -> None:
            self.progress(_READING, before + int(read * scale), self.total)

        return tell

    def settle(self, refusals: Refusals, rows: int, files: Sequence[SourceFile]) -> None:
        """Raise InputError unless what was read may be kept."""
        if refusals.total and not refusals.keep:
            first = refusals.listed[0]
            guilty = next((file for file in files if file.name == first.file), files[0])
            undecodable = first.code == "input.undecodable"
            raise refusals.error(
                guilty.name, encodings=fitting(guilty.content) if undecodable else ()
            )
        if rows == 0:
            code = "input.all-refused" if refusals.total else "input.no-rows"
            raise _nothing(code, files[0].name)


def _staged(job: _Job, files: Iterable[SourceFile], refusals: Refusals) -> Reading:
    """Read files as text columns, then write them with the types that all values allow."""
    inference = Inference(job.declared)
    sheaf = Sheaf(job.options)
    with stage_beside(job.into, inference.kind) as stage:
        for file in files:
            refusals.file, before = file.name, refusals.total
            intake = Intake(
                file.content, file.seen, job.options, job.declared,
                refusals, inference, stage, job.teller(file, sheaf.bytes),
            )  # fmt: skip
            if file.seen.size:
                taken = _READERS[file.format](intake)
                file.require_unchanged(taken.sha256)
            else:
                taken = Taken(0, (), file.seen.sha256)
            sheaf.add(file, taken, refused=refusals.total - before)
        job.settle(refusals, sheaf.rows, sheaf.files)
        for name in job.declared:
            if name not in stage.columns:
                raise missing_column(name, stage.columns)
        stage.write(job.into, {name: inference.kind(name) for name in stage.columns})
    return sheaf.reading(Table.open(job.into), refusals)


def _copied(job: _Job, files: Sequence[SourceFile], refusals: Refusals) -> Reading:
    """Copy Parquet files with the types they have."""
    sheaf = Sheaf(job.options)
    with ExitStack() as opened:
        paths = [opened.enter_context(file.content.on_disk(job.into)) for file in files]
        schema, _ = read_columns(paths[0], job.declared, refusals, file=files[0].name)
        for name in job.declared:
            if name not in schema.names:
                raise missing_column(name, schema.names)

        def checked() -> Iterator[pa.RecordBatch]:
            for file, path in zip(files, paths, strict=True):
                refusals.file, before = file.name, refusals.total
                tell, rows, done = job.teller(file, sheaf.bytes), 0, 0
                _, batches = read_columns(path, job.declared, refusals, file=file.name)
                for batch in batches:
                    rows += batch.num_rows
                    done = min(file.seen.size, done + batch.nbytes)
                    tell(done)
                    yield batch
                file.require_unchanged(sha256_file(path))
                taken = Taken(rows, tuple(schema.names), file.seen.sha256)
                sheaf.add(file, taken, refused=refusals.total - before)
            job.settle(refusals, sheaf.rows, files)

        write_groups(checked(), schema, job.into)
    return sheaf.reading(Table.open(job.into), refusals)


_NOTHING = {
    "input.empty": Text("檔案是空的。", "The file is empty."),
    "input.no-rows": Text("檔案只有標題列，沒有資料。", "The file has a header and no rows."),
    "input.all-refused": Text("沒有任何一列可以讀取。", "Not one row of the file can be read."),
}


def _nothing(code: str, file: str) -> InputError:
    return InputError(
        code,
        _NOTHING[code],
        where=Where(file=file),
        hint=Text(
            "請確認檔案已完整匯出，並檢查分隔符號、標題列與文字編碼的設定。",
            "Check that the file was exported completely, and check the delimiter, "
            "the header and the encoding.",
        ),
    )
