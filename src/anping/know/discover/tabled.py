"""Values of tables inside texts: the cell above a column names them, as a label before a value does.

A table is two lines or more, one below the other, with as many tabs, or as many upright strokes, or
with two or more commas, semicolons or gaps below a line that holds no digit and is short. Each cell is looked at behind the first line's cell of its column; what is found there counts where its
label or checksum speaks for it.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

from anping.core.span import Span

#: Cells of more characters are texts of their own; a heading is shorter.
_CELL, _HEADING = 80, 20
#: Evidence that speaks for a value beside its form: of a checksum, of a label, of a name's label.
_SPEAKS = ("checksum", "context:", "label:")
_END = "\n。\n"
_LINE = re.compile("[^\r\n]+")
#: A line of headings that commas or gaps divide has at most so many characters, and as many divisions.
LONGEST_HEAD, LEAST_GAPS = 120, 2
#: Signs that divide cells, and sentences, too.
DIVIDERS = ",;，、"
_GAP, _WIDE_GAP = re.compile(" +"), re.compile(" {2,}")
_SIGNS = tuple((mark, re.compile(re.escape(mark))) for mark in DIVIDERS)
_LAST_ASCII = "\x7f"
_DIGIT = re.compile("[0-9]")
_RULE = re.compile("[-:=+ ]*")


@dataclass(frozen=True, slots=True)
class _Cell:
    """What stands in a cell, and where."""

    text: str
    start: int


def find_tabled(folded: str, find: Callable[[str], list[Span]]) -> list[Span]:
    """Return what ``find`` sees in the cells of tables behind their columns' headings."""
    pieces: list[str] = []
    begins: list[int] = []
    cells: list[tuple[int, _Cell]] = []
    length = 0
    for heading, cell in _cells(folded):
        piece = f"{heading}: {cell.text}{_END}"
        begins.append(length)
        cells.append((length + len(heading) + 2, cell))
        pieces.append(piece)
        length += len(piece)
    if not pieces:
        return []
    found = []
    for span in find("".join(pieces)):
        first, cell = cells[bisect_right(begins, span.start) - 1]
        inside = first <= span.start and span.end <= first + len(cell.text)
        if inside and any(code.startswith(_SPEAKS) for code in span.evidence):
            moved = cell.start - first
            found.append(
                replace(
                    span,
                    start=span.start + moved,
                    end=span.end + moved,
                    evidence=(*span.evidence, "heading"),
                )
            )
    return found


def _cells(folded: str) -> Iterator[tuple[str, _Cell]]:
    """Yield the cells of all tables, each with its column's heading."""
    for mark in "\t|":
        if mark in folded:
            yield from _cells_between(folded, re.compile(re.escape(mark)))
    if "\n" not in folded and "\r" not in folded:
        return
    for mark, gap in _SIGNS:
        if mark in folded:
            yield from _cells_apart(folded, gap)
    for gap in (_WIDE_GAP, _GAP):
        if gap.search(folded):
            yield from _cells_apart(folded, gap)


def _cells_apart(folded: str, gap: re.Pattern[str]) -> Iterator[tuple[str, _Cell]]:
    """Yield the cells below lines that look like headings, divided by a sign that prose has, too."""
    headings: list[_Cell] = []
    below = -1
    for line in _LINE.finditer(folded):
        text = line.group()
        cells = []
        if headings and line.start() <= below:
            cells = list(_split(text, line.start(), gap))
            if len(cells) != len(headings):
                headings = []
        else:
            headings = []
        if headings:
            for heading, cell in zip(headings, cells, strict=True):
                if cell.text and len(cell.text) <= _CELL:
                    yield heading.text, cell
        elif _can_head(text, gap):
            headings = list(_split(text, line.start(), gap))
            if len(headings) <= LEAST_GAPS or not all(_heading(cell.text) for cell in headings):
                headings = []
        below = line.end() + 2


def _can_head(text: str, gap: re.Pattern[str]) -> bool:
    """Return whether a line can hold headings; single blanks divide only what is not English."""
    if len(text) > LONGEST_HEAD or _DIGIT.search(text):
        return False
    return gap is not _GAP or text.lstrip(" ")[:1] > _LAST_ASCII


def _cells_between(folded: str, mark: re.Pattern[str]) -> Iterator[tuple[str, _Cell]]:
    headings: list[str] = []
    below = -1
    for line in _LINE.finditer(folded):
        cells = list(_split(line.group(), line.start(), mark))
        row_follows = len(cells) > 1 and len(cells) == len(headings) and line.start() <= below
        if row_follows:
            for heading, cell in zip(headings, cells, strict=True):
                if heading and cell.text and len(cell.text) <= _CELL:
                    yield heading, cell
        else:
            headings = [_heading(cell.text) for cell in cells]
        # The next row begins behind one end of a line.
        below = line.end() + 2


def _heading(text: str) -> str:
    """Return a cell that can be a heading: short, and no number."""
    plain = len(text) <= _HEADING and not any(map(str.isdigit, text))
    return text if plain and not _RULE.fullmatch(text) else ""


def _split(line: str, start: int, mark: re.Pattern[str]) -> Iterator[_Cell]:
    lead = len(line) - len(line.lstrip(" "))
    place, line = lead, line.rstrip(" ")
    for stop, following in [*(match.span() for match in mark.finditer(line, lead)), (len(line), 0)]:
        part = line[place:stop]
        left = len(part) - len(part.lstrip())
        yield _Cell(part.strip(), start + place + left)
        place = following
