"""Free text is composed from templates, and remembers where each identifier came to stand.

A template is a text with slots in braces. A slot is filled by a :class:`Piece`: a text with a type
when it names something of a person, without one when it is only a number or a word.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Final, Protocol

import numpy as np

from anping.core.dates import WrittenDate
from anping.recipes.sample.cells import Cell, Mark
from anping.recipes.sample.draw import Weighted, digits, pick
from anping.recipes.sample.people import Person, honorific

_SLOT: Final = re.compile(r"\{([a-z_]+)\}")

#: How a date is written in a note, with the share of each form (names as in ``core.dates``).
NOTE_DATE_FORMS: Final = Weighted.of(
    (
        ("iso", 20.0),
        ("slash", 30.0),
        ("roc-slash", 15.0),
        ("roc-han-short", 15.0),
        ("roc-han", 10.0),
        ("han", 5.0),
        ("roc-dot", 5.0),
    )
)


@dataclass(frozen=True, slots=True)
class Piece:
    """What fills one slot."""

    text: str
    type: str | None = None
    person: int | None = None
    partial: bool = False


class Slots(Protocol):
    """Answers what fills a slot; called once for every slot of a template, in order."""

    def fill(self, slot: str) -> Piece:
        """Return the piece for ``slot``; raise KeyError for an unknown slot."""


def compose(template: str, slots: Slots) -> Cell:
    """Return the template with its slots filled and a mark for every typed piece."""
    text, marks, position = "", [], 0
    for match in _SLOT.finditer(template):
        text += template[position : match.start()]
        piece = slots.fill(match.group(1))
        if piece.type is not None:
            marks.append(
                Mark(len(text), len(text) + len(piece.text), piece.type, piece.person,
                     partial=piece.partial)
            )  # fmt: skip
        text += piece.text
        position = match.end()
    return Cell(text + template[position:], tuple(marks))


def joined(cells: tuple[Cell, ...], separator: str) -> Cell:
    """Return the cells as one, their marks moved along."""
    text, marks = "", []
    for cell in cells:
        if text:
            text += separator
        marks += [
            Mark(m.start + len(text), m.end + len(text), m.type, m.person, m.valid, m.partial)
            for m in cell.marks
        ]
        text += cell.text
    return Cell(text, tuple(marks))


def slot_names(template: str) -> tuple[str, ...]:
    """Return the slots of a template, in order."""
    return tuple(_SLOT.findall(template))


def full_name(person: Person) -> Piece:
    """Return the full name as a piece."""
    return Piece(person.name, "PERSON_NAME", person.index)


def titled_name(person: Person) -> Piece:
    """Return surname and title as a partial piece."""
    return Piece(honorific(person), "PERSON_NAME", person.index, partial=True)


def written_date(day: date, rng: np.random.Generator, kind: str = "DATE") -> Piece:
    """Return a date in one of :data:`NOTE_DATE_FORMS`."""
    return Piece(WrittenDate(day, NOTE_DATE_FORMS.one(rng)).write(day), kind)


def harmless(slot: str, rng: np.random.Generator) -> Piece:
    """Return a number or word of daily business that identifies nobody.

    Case numbers, serial numbers and amounts look like identifiers and are not: they measure the
    precision of a detector. Raises KeyError for an unknown slot.
    """
    return Piece(_HARMLESS[slot](rng))


class _Maker(Protocol):
    def __call__(self, rng: np.random.Generator, /) -> str: ...


def _amount(rng: np.random.Generator) -> str:
    return f"{int(rng.integers(5, 900)) * 1000:,}"


def _clock(rng: np.random.Generator) -> str:
    return f"{int(rng.integers(8, 20)):02d}:{int(rng.integers(60)):02d}"


def _case(rng: np.random.Generator) -> str:
    return f"{pick(('SR', 'CS', 'WF', 'TK'), rng)}{pick(('2023', '2024', '2025'), rng)}{digits(7, rng)}"


def _serial(rng: np.random.Generator) -> str:
    return f"{pick(('A', 'H', 'K', 'T'), rng)}{digits(7, rng)}"


def _invoice(rng: np.random.Generator) -> str:
    return f"{pick(('QA', 'RB', 'TZ', 'VC'), rng)}-{digits(8, rng)}"


_HARMLESS: Final[Mapping[str, _Maker]] = {
    "amount": _amount,
    "clock": _clock,
    "case": _case,
    "serial": _serial,
    "invoice": _invoice,
    "rate": lambda rng: f"{rng.uniform(1.5, 14.9):.2f}%",
    "days": lambda rng: str(int(rng.integers(2, 30))),
    "months": lambda rng: str(int(rng.integers(3, 84))),
    "count": lambda rng: str(int(rng.integers(1, 9))),
    "version": lambda rng: (
        f"{int(rng.integers(1, 9))}.{int(rng.integers(20))}.{int(rng.integers(9))}"
    ),
    "batch": lambda rng: digits(12, rng),
}
