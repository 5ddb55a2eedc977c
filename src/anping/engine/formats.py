"""What a file is: by what was asked, by its first bytes, then by its name."""

from __future__ import annotations

import json
import re

from anping.core.errors import InputError, Where
from anping.core.text import Text
from anping.engine.content import Content
from anping.engine.reading import Format, ReadOptions

_OTHER_KINDS = (
    (b"%PDF", Text("這是 PDF 檔。", "This is a PDF file.")),
    (b"7z\xbc\xaf\x27\x1c", Text("這是 7z 壓縮檔。", "This is a 7z archive.")),
    (b"Rar!", Text("這是 RAR 壓縮檔。", "This is a RAR archive.")),
    (b"SQLite format 3", Text("這是 SQLite 資料庫。", "This is a SQLite database.")),
)
_WORKBOOKS = (b"PK\x03\x04", b"\xd0\xcf\x11\xe0")
_BY_SUFFIX: dict[str, Format] = {
    ".tsv": "tsv",
    ".tab": "tsv",
    ".jsonl": "jsonl",
    ".ndjson": "jsonl",
    ".csv": "csv",
}

_LIST_OF_OBJECTS = re.compile(rb"\[\s*\{")
_RESOURCE = re.compile(rb'\{[^{}\[\]]{0,2000}?"resourceType"\s*:\s*"[A-Z][A-Za-z]+"')


def format_of(content: Content, head: bytes, options: ReadOptions) -> Format:
    """Return the format of a file that begins with ``head``; raise InputError if it is no table."""
    if options.format is not None:
        return options.format
    if head.startswith(b"PAR1"):
        return "parquet"
    if head.startswith(_WORKBOOKS):
        return "excel"
    for magic, what in _OTHER_KINDS:
        if head.startswith(magic):
            raise _not_a_table(content.name, what)
    if b"\x00" in head and options.encoding is None and head[:2] not in (b"\xff\xfe", b"\xfe\xff"):
        raise _not_a_table(
            content.name,
            Text("檔案含有空位元組，不是文字檔。", "The file holds NUL bytes; it is not text."),
        )
    start = head.removeprefix(b"\xef\xbb\xbf").lstrip()
    return _asked_of_text(options) or _text_format(content.suffix, start)


def _asked_of_text(options: ReadOptions) -> Format | None:
    """Return the format that an option makes sense for, if one was given."""
    if options.widths is not None:
        return "fixed"
    if options.resource is not None:
        return "fhir"
    return None if options.records is None else "json"


def _text_format(suffix: str, start: bytes) -> Format:
    if _RESOURCE.match(start) is not None:
        # A FHIR resource says so before anything nested.
        return "fhir"
    if suffix == ".json":
        return "jsonl" if _is_lines_of_objects(start) else "json"
    found = _BY_SUFFIX.get(suffix)
    if found is None and _LIST_OF_OBJECTS.match(start):
        return "json"
    return found or ("jsonl" if _is_object(start.split(b"\n", 1)[0]) else "csv")


def _is_lines_of_objects(start: bytes) -> bool:
    lines = start.split(b"\n", 2)
    return len(lines) > 1 and _is_object(lines[0]) and bool(lines[1].strip())


def _is_object(line: bytes) -> bool:
    if not line.startswith(b"{"):
        return False
    try:
        return isinstance(json.loads(line), dict)
    except (ValueError, RecursionError):
        return False


def _not_a_table(file: str, what: Text) -> InputError:
    return InputError(
        "input.not-a-table",
        what,
        where=Where(file=file),
        hint=Text(
            "請另存為 CSV（UTF-8）、Excel、JSON Lines 或 Parquet；UTF-16 文字檔請指定 encoding。",
            "Save it as CSV (UTF-8), Excel, JSON Lines or Parquet; for UTF-16 text name the encoding.",
        ),
    )
