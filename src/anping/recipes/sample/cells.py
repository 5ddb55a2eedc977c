"""A cell is a text and what is planted in it; a sheet is named columns of cells, row by row."""

from __future__ import annotations

from dataclasses import dataclass, replace

from anping.core.columns import Role
from anping.core.text import Text


@dataclass(frozen=True, slots=True)
class Mark:
    """Code points ``start`` to ``end`` of a cell name something of a person.

    ``valid`` is False for a number whose checksum was broken on purpose; ``partial`` is True for a
    mention that alone points to nobody (a surname with a title).
    """

    start: int
    end: int
    type: str
    person: int | None
    valid: bool = True
    partial: bool = False


@dataclass(frozen=True, slots=True)
class Cell:
    """The text of one cell as it is written to the file, and its marks in order."""

    text: str
    marks: tuple[Mark, ...] = ()

    @classmethod
    def whole(cls, text: str, kind: str, person: int | None, *, valid: bool = True) -> Cell:
        """Return a cell that is an identifier from end to end; without marks when it is empty."""
        if not text:
            return EMPTY
        return cls(text, (Mark(0, len(text), kind, person, valid),))

    def followed_by(self, tail: str) -> Cell:
        """Return the cell with ``tail`` after its text, outside every mark."""
        return replace(self, text=self.text + tail)


EMPTY = Cell("")


@dataclass(frozen=True, slots=True)
class Column:
    """A column: its name, what it truly is, whether it holds numbers, and how it was drawn."""

    name: str
    type: str
    role: Role
    meaning: Text
    numeric: bool = False


@dataclass(frozen=True, slots=True)
class Sheet:
    """Rows of cells in the order of ``columns``, and the person each row is about."""

    columns: tuple[Column, ...]
    rows: tuple[tuple[Cell, ...], ...]
    people: tuple[int, ...]

    @property
    def header(self) -> tuple[str, ...]:
        """The column names."""
        return tuple(column.name for column in self.columns)

    def texts(self) -> list[list[str]]:
        """Return the text of every cell, row by row."""
        return [[cell.text for cell in row] for row in self.rows]
