"""What a reader is told (options) and what it hands back (a reading), as plain values."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from anping.core.text import Text
from anping.engine.table import Table

Format = Literal["csv", "tsv", "fixed", "jsonl", "json", "fhir", "excel", "parquet"]
WidthUnit = Literal["characters", "bytes"]
Newline = Literal["LF", "CRLF", "CR", "mixed", "none"]

#: Words that stand for a missing value, compared after blanks are trimmed, quoted or not.
NULL_MARKERS: tuple[str, ...] = (
    "", "NA", "N/A", "n/a", "#N/A", "NULL", "Null", "null", "NaN", "nan", "None", "?",
)  # fmt: skip

#: How many refused rows a reading lists; the rest is counted (and kept in the quarantine file).
REFUSED_LISTED = 100


@dataclass(frozen=True, slots=True)
class ReadOptions:
    """How to read a file; every None is found out from the file itself.

    ``delimiter`` is one character. With ``header`` the first record holds the column names, unless
    ``column_names`` replaces them; without it the columns are ``column_names`` or ``column_1`` and
    on. ``types`` declares column types (``string``, ``integer``, ``real``, ``boolean``, ``date``,
    ``timestamp``); a value that does not fit refuses its row. ``comment``: lines that start with it
    are passed over. ``skip_lines``: that many lines at the top are passed over. ``trim_blanks``
    removes spaces and tabs around a value.

    ``widths`` makes the file one of fixed-width fields, each that many characters or bytes
    (``width_unit``); such a file has no header line and its names are ``column_names``. ``sheet``
    is a worksheet's name or its number from 1; ``fill_merged`` repeats a merged cell's value in
    every cell it covers. ``member`` is the file to read within an archive. A compressed file may
    expand to ``max_expanded_bytes`` (by default 200 times its size, at least 64 MiB, at most
    64 GiB). ``records`` is the key of the list of records in a JSON file. ``resource`` is the FHIR
    resource type to read. With ``union_columns`` files read as one table may lack columns.
    """

    format: Format | None = None
    encoding: str | None = None
    delimiter: str | None = None
    header: bool = True
    column_names: tuple[str, ...] | None = None
    types: Mapping[str, str] = field(default_factory=dict)
    null_markers: tuple[str, ...] = NULL_MARKERS
    comment: str | None = None
    skip_lines: int = 0
    trim_blanks: bool = True
    widths: tuple[int, ...] | None = None
    width_unit: WidthUnit = "characters"
    sheet: str | None = None
    fill_merged: bool = False
    member: str | None = None
    max_expanded_bytes: int | None = None
    records: str | None = None
    resource: str | None = None
    union_columns: bool = False


@dataclass(frozen=True, slots=True)
class RefusedRow:
    """A row that could not be read, and why. It holds no value of the row.

    ``row`` is the number of the line on which the record begins, as a text editor shows it (the
    header's line counts); in Parquet it is the number of the record, from 1. ``file`` names the
    file where several are read as one table.
    """

    row: int
    column: str | None
    reason: Text
    code: str
    file: str | None = None


@dataclass(frozen=True, slots=True)
class Part:
    """One file of a reading: which rows of the table came from which bytes.

    ``sha256`` and ``bytes`` are of the file as it lies on disk. Its ``rows`` begin at ``first_row``
    of the table, counted from 0.
    """

    name: str
    sha256: str
    bytes: int
    rows: int
    first_row: int
    refused_rows: int = 0


@dataclass(frozen=True, slots=True)
class Reading:
    """A file that was read: its typed table, and the facts about its bytes.

    ``rows`` were accepted and ``refused_rows`` refused; ``refused`` lists the first of them.
    ``source_sha256`` is the SHA-256 of the raw bytes in hex. ``encoding``, ``delimiter`` and
    ``newline`` are None where the format has none. ``parts`` lists the files in the order of their
    rows; of several files ``source_sha256`` is the SHA-256 of the canonical JSON
    ``[[name, sha256], ...]`` and the other facts are those that all share. ``notes`` is what a
    person should know about how the file was understood.
    """

    table: Table
    source_sha256: str
    source_bytes: int
    format: Format | Literal["database"]
    rows: int
    encoding: str | None = None
    delimiter: str | None = None
    newline: Newline | None = None
    refused: tuple[RefusedRow, ...] = ()
    refused_rows: int = 0
    null_markers: tuple[str, ...] = ()
    parts: tuple[Part, ...] = ()
    notes: tuple[Text, ...] = ()
