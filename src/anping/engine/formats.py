"""What a file is: by what was asked, by its first bytes, then by its name."""

from __future__ import annotations

import json

from anping.core.errors import InputError, Where
from anping.core.text import Text
from anping.engine.content import Content
from anping.engine.reading import Format, ReadOptions

_OTHER_KINDS = (
    (b"PK\x03\x04", Text("這是 Excel 或壓縮檔，不是文字表格。", "This is an Excel or ZIP file.")),
    (b"\xd0\xcf\x11\xe0", Text("這是舊版 Excel 檔，不是文字表格。", "This is an old Excel file.")),
    (b"\x1f\x8b", Text("這是 gzip 壓縮檔。", "This is a gzip file.")),
    (b"%PDF", Text("這是 PDF 檔。", "This is a PDF file.")),
)
_BY_SUFFIX: dict[str, Format] = {
    ".tsv": "tsv",
    ".tab": "tsv",
    ".jsonl": "jsonl",
    ".ndjson": "jsonl",
    ".csv": "csv",
}


def format_of(content: Content, head: bytes, options: ReadOptions) -> Format:
    """Return the format of a file that begins with ``head``; raise InputError if it is no table."""
    if options.format is not None:
        return options.format
    if options.widths is not None:
        return "fixed"
    if head.startswith(b"PAR1"):
        return "parquet"
    for magic, what in _OTHER_KINDS:
        if head.startswith(magic):
            raise _not_a_table(content.name, what)
    if b"\x00" in head and options.encoding is None and head[:2] not in (b"\xff\xfe", b"\xfe\xff"):
        raise _not_a_table(
            content.name,
            Text("檔案含有空位元組，不是文字檔。", "The file holds NUL bytes; it is not text."),
        )
    found = _BY_SUFFIX.get(content.suffix)
    if found is not None:
        return found
    start = head.removeprefix(b"\xef\xbb\xbf").lstrip()
    if content.suffix == ".json" and start.startswith(b"["):
        raise _not_a_table(
            content.name,
            Text(
                "這是一個 JSON 陣列，不是 JSON Lines。", "This is one JSON array, not JSON Lines."
            ),
        )
    return "jsonl" if _is_object(start.splitlines()[0] if start else b"") else "csv"


def _is_object(line: bytes) -> bool:
    if not line.startswith(b"{"):
        return False
    try:
        return isinstance(json.loads(line), dict)
    except ValueError:
        return False


def _not_a_table(file: str, what: Text) -> InputError:
    return InputError(
        "input.not-a-table",
        what,
        where=Where(file=file),
        hint=Text(
            "請另存為 CSV（UTF-8）、JSON Lines 或 Parquet；UTF-16 文字檔請指定 encoding。",
            "Save it as CSV (UTF-8), JSON Lines or Parquet; for UTF-16 text name the encoding.",
        ),
    )
