"""Values of tables inside texts: the cell above a column names them, as a label before a value does.

A table is two lines or more, one below the other, with as many tabs, or as many upright strokes, or
with two or more commas, semicolons or gaps below a line that holds no digit and is short. Each cell
is looked at behind the first line's cell of its column; what is found there counts where its label
or checksum speaks for it.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from operator import add
from typing import NamedTuple

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
#: Two characters end a line at most: the next row begins behind them.
_ENDS = 2


class _Cell(NamedTuple):
    """What stands in a cell, and where."""

    text: str
    start: int


@dataclass(frozen=True, slots=True)
class Tabled:
    """The cells of a text's tables as a text of their own, each behind its column's heading.

    ``begins`` are where its pieces begin; ``cells`` where each piece's cell begins, and the cell.
    """

    text: str
    begins: list[int]
    cells: list[tuple[int, _Cell]]

    def counted(self, spans: Iterable[Span]) -> list[Span]:
        """Return the matches in this text that count, at their places in the tables' text."""
        found = []
        for span in spans:
            first, cell = self.cells[bisect_right(self.begins, span.start) - 1]
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


def find_tabled(
    folded: str, openings: frozenset[str], find: Callable[[str], list[Span]]
) -> list[Span]:
    """Return what ``find`` sees in the cells of tables behind their columns' headings.

    ``openings`` as :func:`tabled` takes them.
    """
    tables = tabled(folded, openings)
    return tables.counted(find(tables.text)) if tables.text else []


def tabled(folded: str, openings: frozenset[str], heads: Sequence[int] | None = None) -> Tabled:
    """Return the cells of a text's tables; empty where it has none.

    ``openings`` are the first two characters of words that name columns: of headings that signs of
    prose divide one must hold such a pair. ``heads`` are where lines begin that may be headings which commas, semicolons or gaps divide, in
    order, by who knows them already (see :mod:`headings`); None looks for them.
    """
    pieces: list[str] = []
    begins: list[int] = []
    cells: list[tuple[int, _Cell]] = []
    length = 0
    for heading, cell in _cells(folded, openings, heads):
        piece = f"{heading}: {cell.text}{_END}"
        begins.append(length)
        cells.append((length + len(heading) + 2, cell))
        pieces.append(piece)
        length += len(piece)
    return Tabled("".join(pieces), begins, cells)


def _cells(
    folded: str, openings: frozenset[str], heads: Sequence[int] | None
) -> Iterator[tuple[str, _Cell]]:
    """Yield the cells of all tables, each with its column's heading."""
    for mark in "\t|":
        if mark in folded:
            yield from _cells_between(folded, re.compile(re.escape(mark)))
    pairs = [_pair(folded, place) for place in (_heads(folded) if heads is None else heads)]
    for sign, gap in (*_SIGNS, (" ", _WIDE_GAP), (" ", _GAP)) if pairs else ():
        divided = [
            line
            for line, following in pairs
            if _goes_on(line.text, following, (sign, gap)) and _names_columns(line.text, openings)
        ]
        yield from _cells_apart(folded, divided, gap)


def _heads(folded: str) -> list[int]:
    """Return where short lines without a digit begin that another line follows at once."""
    if "\n" not in folded and "\r" not in folded:
        return []
    lines = [line.span() for line in _LINE.finditer(folded)]
    return [
        begin
        for (begin, end), (following, _) in pairwise(lines)
        if end - begin <= LONGEST_HEAD
        and following <= end + _ENDS
        and not _DIGIT.search(folded, begin, end)
    ]


def _names_columns(line: str, openings: frozenset[str]) -> bool:
    """Return whether a word that names a column may begin in a line."""
    plain = line.replace(" ", "").lower()
    return not openings.isdisjoint(map(add, plain, plain[1:]))


def _pair(folded: str, place: int) -> tuple[_Cell, str]:
    """Return the line that begins at a place, and the text of the one directly below."""
    line = _line(folded, place)
    following = None if line is None else _below(folded, line)
    return line or _Cell("", place), "" if following is None else following.text


def _line(folded: str, place: int) -> _Cell | None:
    found = _LINE.match(folded, place)
    return None if found is None else _Cell(found.group(), place)


def _below(folded: str, line: _Cell) -> _Cell | None:
    """Return the line behind one end of a line."""
    end = line.start + len(line.text)
    for place in range(end + 1, min(end + _ENDS, len(folded) - 1) + 1):
        if folded[place] not in "\r\n":
            return _line(folded, place)
    return None


def _goes_on(line: str, following: str, divider: tuple[str, re.Pattern[str]]) -> bool:
    """Return whether a sign may divide a line and the one below into as many cells."""
    sign, gap = divider
    count = line.count(sign)
    if count < LEAST_GAPS or following.count(sign) < LEAST_GAPS:
        return False
    if sign == " ":
        gaps = len(gap.findall(line.strip(" ")))
        return gaps >= LEAST_GAPS and gaps == len(gap.findall(following.strip(" ")))
    return following.count(sign) == count and all(
        len(part.strip()) <= _HEADING for part in line.split(sign)
    )


def _cells_apart(
    folded: str, heads: list[_Cell], gap: re.Pattern[str]
) -> Iterator[tuple[str, _Cell]]:
    """Yield the cells below lines that look like headings, divided by a sign that prose has, too."""
    reached = -1
    for head in heads:
        # Single blanks divide only what is not English.
        if head.start < reached or (gap is _GAP and head.text.lstrip(" ")[:1] <= _LAST_ASCII):
            continue
        headings = _split(head.text, head.start, gap)
        if len(headings) <= LEAST_GAPS or not all(_heading(cell.text) for cell in headings):
            continue
        line = _below(folded, head)
        while line is not None:
            reached = line.start
            cells = _split(line.text, line.start, gap)
            if len(cells) != len(headings):
                break
            for heading, cell in zip(headings, cells, strict=True):
                if cell.text and len(cell.text) <= _CELL:
                    yield heading.text, cell
            reached, line = line.start + len(line.text), _below(folded, line)


def _cells_between(folded: str, mark: re.Pattern[str]) -> Iterator[tuple[str, _Cell]]:
    headings: list[str] = []
    below = -1
    for line in _LINE.finditer(folded):
        cells = _split(line.group(), line.start(), mark)
        row_follows = len(cells) > 1 and len(cells) == len(headings) and line.start() <= below
        if row_follows:
            for heading, cell in zip(headings, cells, strict=True):
                if heading and cell.text and len(cell.text) <= _CELL:
                    yield heading, cell
        else:
            headings = [_heading(cell.text) for cell in cells]
        below = line.end() + _ENDS


def _heading(text: str) -> str:
    """Return a cell that can be a heading: short, and no number."""
    plain = len(text) <= _HEADING and not any(map(str.isdigit, text))
    return text if plain and not _RULE.fullmatch(text) else ""


def _split(line: str, start: int, mark: re.Pattern[str]) -> list[_Cell]:
    lead = len(line) - len(line.lstrip(" "))
    place, line = lead, line.rstrip(" ")
    found = []
    for match in mark.finditer(line, lead):
        found.append(_cell(line[place : match.start()], start + place))
        place = match.end()
    found.append(_cell(line[place:], start + place))
    return found


def _cell(part: str, start: int) -> _Cell:
    text = part.strip()
    return _Cell(text, start if text == part else start + len(part) - len(part.lstrip()))
