"""A clerk enters a person's fields: what is true becomes a cell, with the mess of real entry."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from anping.recipes.sample import mess as roughness
from anping.recipes.sample.cells import Cell, Column
from anping.recipes.sample.contacts import LANDLINE_FORMS, MOBILE_FORMS, write_mobile
from anping.recipes.sample.draw import chance
from anping.recipes.sample.mentions import Subject
from anping.recipes.sample.mess import Mess
from anping.recipes.sample.notes import joined


@dataclass(frozen=True, slots=True)
class Clerk:
    """Who enters records: a stream of random numbers and how messy the entry is."""

    rng: np.random.Generator
    mess: Mess

    def name(self, subject: Subject, *, again: bool) -> Cell:
        """Return the name; with a typo when the person is entered ``again``."""
        name = subject.person.name
        if again:
            name = roughness.mistyped_name(name, self.rng)
        return self.blank_tailed(Cell.whole(name, "PERSON_NAME", subject.person.index))

    def identity(self, subject: Subject) -> Cell:
        """Return the identity number, now and then mistyped (the mark says so)."""
        person = subject.person
        wrong = chance(self.mess.invalid_identifiers, self.rng)
        text = roughness.mistyped_number(person.identity, self.rng) if wrong else person.identity
        return Cell.whole(text, person.identity_type, person.index, valid=not wrong)

    def birthday(self, subject: Subject) -> Cell:
        """Return the birthday in the column's main form or another."""
        form = roughness.birthday_form(self.mess, self.rng)
        text = roughness.write_birthday(subject.person.born, form)
        return Cell.whole(text, "DATE_OF_BIRTH", subject.person.index)

    def mobile(self, subject: Subject, *, missing: float = 0.0) -> Cell:
        """Return the mobile number in the column's main form or another, or nothing."""
        form = MOBILE_FORMS.one(self.rng)
        if not chance(self.mess.phone_forms, self.rng):
            form = MOBILE_FORMS.values[0]
        cell = Cell.whole(write_mobile(subject.mobile, form), "PHONE", subject.person.index)
        return self.lost(cell, missing)

    def landline(self, subject: Subject, *, missing: float = 0.0) -> Cell:
        """Return the landline number in the column's main form or another, or nothing."""
        form = LANDLINE_FORMS.one(self.rng)
        if not chance(self.mess.phone_forms, self.rng):
            form = LANDLINE_FORMS.values[0]
        cell = Cell.whole(subject.landline.write(form), "PHONE", subject.person.index)
        return self.lost(cell, missing)

    def address(self, subject: Subject, *, again: bool, missing: float = 0.0) -> Cell:
        """Return the address; entered ``again``, the floor is left out and 臺 becomes 台."""
        text = subject.address
        if again:
            text = text.partition("號")[0].replace("臺", "台") + "號"
        text = roughness.roughened_address(text, self.mess, self.rng)
        return self.lost(Cell.whole(text, "ADDRESS_FULL", subject.person.index), missing)

    def email(self, subject: Subject, *, missing: float = 0.0) -> Cell:
        """Return the e-mail address, or nothing."""
        return self.lost(Cell.whole(subject.email, "EMAIL", subject.person.index), missing)

    def postal_code(self, subject: Subject) -> Cell:
        """Return the three-digit postal code of the home."""
        person = subject.person
        return Cell.whole(person.home.postal_code, "ADDRESS_PART", person.index)

    def word(self, text: str, *, missing: float = 0.0) -> Cell:
        """Return a word that is no identifier, or nothing."""
        return self.blank_tailed(self.lost(Cell(text), missing))

    def note(self, *parts: Cell) -> Cell:
        """Return the parts as one note, on two lines as often as the mess says."""
        broken = chance(self.mess.line_breaks, self.rng)
        return joined(tuple(parts), "\n" if broken else " ")

    def lost(self, cell: Cell, rate: float) -> Cell:
        """Return the cell, or an empty one with probability ``rate`` times the mess's scale."""
        return roughness.lost(cell, rate, self.mess, self.rng)

    def blank_tailed(self, cell: Cell) -> Cell:
        """Return the cell, with blanks after it as often as the mess says."""
        return roughness.blank_tailed(cell, self.mess, self.rng)


def in_order(columns: tuple[Column, ...], cells: dict[str, Cell]) -> tuple[Cell, ...]:
    """Return the cells in the order of the columns; raise KeyError when one is absent."""
    return tuple(cells[column.name] for column in columns)
