"""A workbook is looked through before it is opened: the library that opens it holds it in memory.

An .xlsx or .ods file is a ZIP of XML. One cell in its last row and column, or a million repetitions
of one cell, makes a few bytes into a table of billions of cells; so cells are counted as they
stream past, and nothing larger than :data:`MOST_CELLS` is opened (ECMA-376 part 1, 18.3.1; ODF 1.3
part 3, 19.675).
"""

from __future__ import annotations

import html
import re
import zipfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from anping.core.errors import InputError, Where
from anping.core.text import Text
from anping.engine.compression import damaged, expands_too_much
from anping.engine.content import TORN
from anping.engine.zips import is_zip, require_small_directory

#: The largest sheet that is opened, in cells: about 3 GB of memory.
MOST_CELLS = 40_000_000

#: The most bytes of XML in a workbook.
MOST_BYTES = 2 << 30

_PIECE = 1 << 20
_OVERLAP = 400
_CELL = re.compile(rb"""\sr\s*=\s*["']([A-Za-z]{1,3})(\d{1,7})["']""")
_ERROR = re.compile(rb"""<(?:\w+:)?c\s[^>]{0,200}?\bt\s*=\s*["']e["']""")
_UNSTORED = re.compile(rb"""</(?:\w+:)?f>\s*(?:<(?:\w+:)?v\s*/>|<(?:\w+:)?v></|</(?:\w+:)?c>)""")
_SHEET = re.compile(r"""<(?:\w+:)?sheet\s([^>]*)>""")
_RELATION = re.compile(r"""<(?:\w+:)?Relationship\s([^>]*)>""")
_ATTRIBUTE = re.compile(r"""([\w:]+)\s*=\s*(?:"([^"]*)"|'([^']*)')""")
_ANY_CELL = re.compile(rb"<(?:\w+:)?c[\s/>]")
_LONGEST_LIST = 8 << 20
_MOST_BLANKS = 100_000
_ODS_BLANKS = re.compile(rb"""text:c\s*=\s*["'](\d{1,18})["']""")
_ODS_TAG = re.compile(
    rb"<(table:table-row|table:table-cell|table:covered-table-cell|table:table)\b([^>]*)>"
)
_REPEATED = re.compile(rb"""number-(?:columns|rows)-repeated\s*=\s*["'](\d{1,9})["']""")


@dataclass(frozen=True, slots=True)
class SheetFacts:
    """What streamed past of one sheet: its cells, and those that hold no value of their own."""

    cells: int
    errors: int = 0
    unstored: int = 0


def look_through(path: Path, *, file: str) -> Mapping[str, SheetFacts]:
    """Return the facts of each sheet of an .xlsx by its name; nothing for other workbooks.

    Raises InputError if the workbook is damaged, is another kind of document, or would not fit in
    memory. An .xls has at most 65,536 × 256 cells and needs no look.
    """
    with path.open("rb") as stream:
        if not is_zip(stream.read(4)):
            return {}
    require_small_directory(path)
    try:
        with zipfile.ZipFile(path) as archive:
            names = set(archive.namelist())
            if "content.xml" in names:
                _require_ods_fits(archive, file)
                return {}
            if "xl/workbook.xml" not in names:
                raise _other_document(file)
            return _xlsx(archive, file)
    except TORN as error:
        raise damaged(file) from error


def _xlsx(archive: zipfile.ZipFile, file: str) -> dict[str, SheetFacts]:
    allowed = MOST_BYTES
    by_path: dict[str, SheetFacts] = {}
    for name in archive.namelist():
        facts, read = _sheet(archive, name, allowed, file)
        allowed -= read
        if name.startswith("xl/worksheets/"):
            by_path[name] = facts
    found = {}
    for name, target in _sheet_paths(archive).items():
        if target in by_path:
            found[name] = by_path[target]
    return found


def _pieces(archive: zipfile.ZipFile, name: str, allowed: int, file: str) -> Iterator[bytes]:
    read = 0
    with archive.open(name) as stream:
        while piece := stream.read(_PIECE):
            read += len(piece)
            if read > allowed:
                raise expands_too_much(file, MOST_BYTES)
            yield piece


def _sheet(archive: zipfile.ZipFile, name: str, allowed: int, file: str) -> tuple[SheetFacts, int]:
    is_sheet = name.startswith("xl/worksheets/")
    read = written = errors = unstored = 0
    box, tail = _Box(), b""
    for piece in _pieces(archive, name, allowed, file):
        read += len(piece)
        if not is_sheet:
            continue
        text = tail + piece
        cut = max(text.rfind(b"<c "), text.rfind(b"<row"))
        if cut < len(text) - _OVERLAP:
            cut = max(cut, text.rfind(b"<"), len(text) - _OVERLAP)
        text, tail = text[:cut], text[cut:]
        box.hold(_CELL.findall(text))
        written += len(_ANY_CELL.findall(text))
        errors += len(_ERROR.findall(text))
        unstored += len(_UNSTORED.findall(text))
    box.hold(_CELL.findall(tail))
    written += len(_ANY_CELL.findall(tail))
    cells = max(box.cells, written)
    if cells > MOST_CELLS:
        raise too_many_cells(file)
    errors += len(_ERROR.findall(tail))
    return SheetFacts(cells, errors, unstored + len(_UNSTORED.findall(tail))), read


class _Box:
    """The smallest rectangle that holds the cells met so far."""

    def __init__(self) -> None:
        self._letters: set[bytes] = set()
        self._lowest, self._highest = 1 << 30, 0

    def hold(self, cells: list[tuple[bytes, bytes]]) -> None:
        if cells:
            self._letters.update(letters for letters, _ in cells)
            rows = [int(digits) for _, digits in cells]
            self._lowest = min(self._lowest, *rows)
            self._highest = max(self._highest, *rows)

    @property
    def cells(self) -> int:
        columns = [_column(letters) for letters in self._letters]
        if not columns:
            return 0
        return (max(columns) - min(columns) + 1) * (self._highest - self._lowest + 1)


def _column(letters: bytes) -> int:
    number = 0
    for letter in letters.upper():
        number = number * 26 + letter - 64
    return number


def _sheet_paths(archive: zipfile.ZipFile) -> dict[str, str]:
    """Return the path within the archive of every sheet, by the sheet's name."""
    targets = {}
    for found in _RELATION.findall(_text(archive, "xl/_rels/workbook.xml.rels")):
        attributes = _attributes(found)
        target = attributes.get("Target", "")
        path = target[1:] if target.startswith("/") else f"xl/{target}"
        targets[attributes.get("Id", "")] = path
    sheets = (_attributes(found) for found in _SHEET.findall(_text(archive, "xl/workbook.xml")))
    return {
        sheet.get("name", ""): targets.get(relation, "")
        for sheet in sheets
        for key, relation in sheet.items()
        if key.endswith(":id")
    }


def _text(archive: zipfile.ZipFile, name: str) -> str:
    if name not in archive.namelist():
        return ""
    with archive.open(name) as stream:
        return stream.read(_LONGEST_LIST).decode("utf-8", "replace")


def _attributes(tag: str) -> dict[str, str]:
    return {key: html.unescape(one or other) for key, one, other in _ATTRIBUTE.findall(tag)}


def _require_ods_fits(archive: zipfile.ZipFile, file: str) -> None:
    sheet, tail, left = _OdsSheet(), b"", MOST_BYTES
    for name in archive.namelist():
        for piece in _pieces(archive, name, left, file):
            left -= len(piece)
            if name != "content.xml":
                continue
            text = tail + piece
            cut = max(text.rfind(b"<"), 0)
            text, tail = text[:cut], text[cut:][-_PIECE:]
            if any(int(blanks) > _MOST_BLANKS for blanks in _ODS_BLANKS.findall(text)):
                raise too_many_cells(file)
            for tag, attributes in _ODS_TAG.findall(text):
                sheet.see(tag, attributes)
                if sheet.cells > MOST_CELLS:
                    raise too_many_cells(file)


class _OdsSheet:
    """Counts the cells of a sheet with their repetitions, up to the last that holds a value."""

    def __init__(self) -> None:
        self._width = self._rows = self._last_row = 0
        self._place = 0
        self._repeated = 1

    def see(self, tag: bytes, attributes: bytes) -> None:
        found = _REPEATED.search(attributes)
        repeated = int(found[1]) if found else 1
        if tag == b"table:table":
            self._width = self._rows = self._last_row = self._place = 0
        elif tag == b"table:table-row":
            self._rows, self._place, self._repeated = self._rows + repeated, 0, repeated
        else:
            self._place += repeated
            if b"value-type" in attributes:
                self._width = max(self._width, self._place)
                self._last_row = self._rows

    @property
    def cells(self) -> int:
        return self._width * self._last_row


def too_many_cells(file: str) -> InputError:
    """Return the error for a sheet that would not fit in memory."""
    return InputError(
        "input.sheet-too-large",
        Text(
            f"工作表超過 {MOST_CELLS:,} 個儲存格。",
            f"A sheet has more than {MOST_CELLS:,} cells.",
        ),
        where=Where(file=file),
        hint=Text(
            "請刪除遠處的零星儲存格，或把工作表另存為 CSV 再讀取。",
            "Delete stray cells far out, or save the sheet as CSV and read that.",
        ),
    )


def _other_document(file: str) -> InputError:
    return InputError(
        "input.not-a-table",
        Text("這是辦公文件，但不是試算表。", "This is an office document but not a spreadsheet."),
        where=Where(file=file),
        hint=Text(
            "可讀取的試算表是 .xlsx、.xlsm、.xls 與 .ods。",
            "Spreadsheets that are read: .xlsx, .xlsm, .xls and .ods.",
        ),
    )
