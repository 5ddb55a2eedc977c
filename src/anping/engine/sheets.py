"""Where the table lies in a worksheet: under titles, below one or two lines of names."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from typing import Any

from anping.core.text import Text
from anping.engine.reading import ReadOptions

_LOOKED_AT = 50
_JOIN = "_"

#: First and last row and column of merged cells, counted from 0.
Merge = tuple[int, int, int, int]


@dataclass(frozen=True)
class Grid:
    """The cells of a worksheet; rows and columns are counted from 0 at its upper left corner."""

    sheet: Any
    left: int
    width: int
    merges: tuple[Merge, ...]

    @classmethod
    def of(cls, sheet: Any) -> Grid:
        """Return the grid of an opened sheet."""
        left = 0 if sheet.start is None else int(sheet.start[1])
        merges = tuple(
            (int(top), int(bottom), int(first), int(last))
            for (top, first), (bottom, last) in sheet.merged_cell_ranges or ()
        )
        return cls(sheet, left, int(sheet.width), merges)

    def rows(self, start: int = 0, *, filled: bool = False) -> Iterator[tuple[int, list[Any]]]:
        """Yield the rows from ``start`` on with their numbers, as a spreadsheet shows them.

        With ``filled`` every cell that a merged cell covers holds its value.
        """
        open_merges: list[tuple[Merge, Any]] = []
        begins: dict[int, list[Merge]] = {}
        for merge in self.merges if filled else ():
            begins.setdefault(merge[0], []).append(merge)
        for number, cells in enumerate(self.sheet.iter_rows()):
            if filled:
                open_merges = [held for held in open_merges if held[0][1] >= number]
                for merge in begins.get(number, ()):
                    at = merge[2] - self.left
                    open_merges.append((merge, cells[at] if 0 <= at < len(cells) else ""))
                for merge, value in open_merges:
                    for at in range(max(0, merge[2] - self.left), merge[3] - self.left + 1):
                        if at < len(cells):
                            cells[at] = value
            if number >= start:
                yield number + 1, cells

    def merged_below(self, start: int) -> int:
        """Return how many merged cells begin at row ``start`` or below."""
        return sum(merge[0] >= start for merge in self.merges)


@dataclass(frozen=True, slots=True)
class Heading:
    """The names of the columns, where in the grid they are, and where the rows begin.

    ``moments`` are the columns in which some day has a time: there every day is written with one.
    ``line`` is the number of the line of names; ``body`` is counted from 0.
    """

    names: tuple[str, ...]
    columns: tuple[int, ...]
    moments: frozenset[int]
    line: int
    body: int
    notes: tuple[Text, ...] = ()


def heading_of(grid: Grid, options: ReadOptions) -> Heading:
    """Find the heading: titles above it are passed over, merged names filled and joined."""
    top = list(islice(grid.rows(), options.skip_lines + _LOOKED_AT))
    plain = [cells for _, cells in top]
    full = [cells for _, cells in islice(grid.rows(filled=True), len(plain))]
    used, moments = _columns(grid, options.skip_lines)
    start = _first_of_table(plain, full, options.skip_lines)
    notes = []
    if start > options.skip_lines and any(map(_filled, plain[options.skip_lines : start])):
        notes.append(
            Text(
                f"第 {start} 列以上是標題文字，略過不讀。",
                f"The lines down to number {start} are titles and were passed over.",
            )
        )
    if not options.header:
        names = tuple(f"column_{n}" for n in range(1, len(used) + 1))
        return Heading(names, used, moments, start + 1, start, tuple(notes))
    depth = _depth(grid, start, full)
    names, filled = _joined(plain[start], full[start : start + depth], used)
    if filled:
        notes.append(
            Text(
                f"標題列有合併儲存格：{filled} 個欄位的名稱由合併的標題填補或連接。",
                f"The header has merged cells: the names of {filled} columns were filled in "
                "or joined from them.",
            )
        )
    return Heading(names, used, moments, start + 1, start + depth, tuple(notes))


def _filled(cells: Sequence[Any]) -> int:
    return sum(cell != "" for cell in cells)


def _columns(grid: Grid, skipped: int) -> tuple[tuple[int, ...], frozenset[int]]:
    """Return the columns that hold anything, and those in which some day has a time.

    Formatting alone makes no column.
    """
    used: set[int] = set()
    moments: set[int] = set()
    for _, cells in grid.rows(skipped):
        for at, cell in enumerate(cells):
            if cell != "":
                used.add(at)
                if isinstance(cell, datetime):
                    moments.add(at)
    return tuple(sorted(used)), frozenset(moments)


def _first_of_table(plain: list[list[Any]], full: list[list[Any]], skipped: int) -> int:
    """Return the first row that is as wide as the table: above it stand titles and remarks."""
    wide = max((_filled(cells) for cells in plain[skipped:]), default=0)
    for at in range(skipped, len(plain)):
        own, all_told = _filled(plain[at]), _filled(full[at])
        # One cell merged over the whole width is a title; one of two cells may be a nameless column.
        alone = own <= 1 and not (wide <= 2 and own == all_told)
        if own and all_told * 2 > wide - (wide <= 2) and not alone:
            return at
    return skipped


def _depth(grid: Grid, start: int, full: list[list[Any]]) -> int:
    """Return how many lines the names take: two where merged cells say so."""
    here = [merge for merge in grid.merges if merge[0] == start]
    tall = max((merge[1] - start + 1 for merge in here), default=1)
    if tall > 1:
        return min(tall, 3)
    wide = [merge for merge in here if merge[3] > merge[2]]
    if not wide or start + 1 >= len(full):
        return 1
    below = full[start + 1]
    covered = [
        below[at]
        for merge in wide
        for at in range(merge[2] - grid.left, merge[3] - grid.left + 1)
        if 0 <= at < len(below)
    ]
    texts = [cell for cell in covered if isinstance(cell, str) and cell != ""]
    is_header = len(texts) == len(covered) and all(
        cell == "" or isinstance(cell, str) for cell in below
    )
    return 2 if is_header else 1


def _joined(
    first: list[Any], lines: list[list[Any]], used: tuple[int, ...]
) -> tuple[tuple[str, ...], int]:
    """Return the names, and how many of them came from merged cells."""
    names: list[str] = []
    seen: dict[str, int] = {}
    filled = 0
    for at in used:
        words: list[str] = []
        for line in lines:
            word = _word(line[at])
            if word and word not in words:
                words.append(word)
        name = _JOIN.join(words)
        covered = name != "" and _word(first[at]) != name
        seen[name] = seen.get(name, 0) + 1
        if covered and seen[name] > 1:
            name = f"{name}{_JOIN}{seen[name]}"
        filled += covered
        names.append(name)
    return tuple(names), filled


def _word(cell: Any) -> str:
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    return " ".join(str(cell).split())
