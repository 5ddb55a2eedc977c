"""Values of tables inside texts: the cell above a column names them, as a label before a value does.

A table is two lines or more, one below the other, with as many tabs, or as many upright strokes. Each
cell is looked at behind the first line's cell of its column; what is found there counts where its
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
            yield from _cells_between(folded, mark)


def _cells_between(folded: str, mark: str) -> Iterator[tuple[str, _Cell]]:
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


def _split(line: str, start: int, mark: str) -> Iterator[_Cell]:
    place = 0
    for part in line.split(mark):
        left = len(part) - len(part.lstrip())
        yield _Cell(part.strip(), start + place + left)
        place += len(part) + 1
