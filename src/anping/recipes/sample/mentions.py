"""Who and what a note may mention: its subject, a relative, a colleague, and their identifiers."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Final

import numpy as np

from anping.recipes.sample import contacts, identifiers
from anping.recipes.sample.draw import chance, pick
from anping.recipes.sample.identifiers import Sex
from anping.recipes.sample.notes import Piece, full_name, harmless, titled_name, written_date
from anping.recipes.sample.people import ADULT_AGES, Person, chinese_name, draw_person

#: What a relative is to a patient or customer, and the sex of the relative (None: the other).
RELATIONS: Final[tuple[tuple[str, Sex | None], ...]] = (
    ("配偶", None), ("母親", "F"), ("父親", "M"), ("女兒", "F"), ("兒子", "M"), ("胞姊", "F"),
    ("胞弟", "M"), ("姪女", "F"), ("表弟", "M"), ("阿姨", "F"), ("舅舅", "M"), ("外甥女", "F"),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Subject:
    """A person with the contacts that the records hold. ``mobile`` is ten digits."""

    person: Person
    mobile: str
    landline: contacts.Landline
    email: str
    address: str
    line: str


def draw_subject(person: Person, rng: np.random.Generator) -> Subject:
    """Return the person with contacts drawn."""
    return Subject(
        person,
        contacts.mobile(rng),
        contacts.landline(person.home.county, rng, office=chance(0.3, rng)),
        contacts.email(person.sex, rng),
        contacts.address(person.home, rng),
        contacts.line_name(person.sex, rng),
    )


@dataclass
class Bystanders:
    """People who are mentioned but have no record; indexed from where the subjects end."""

    first: int
    rng: np.random.Generator
    today: date
    _count: int = field(default=0, init=False)

    def relative(self, sex: Sex) -> Person:
        """Return a new person of ``sex``."""
        index = self.first + self._count
        self._count += 1
        drawn = draw_person(index, self.rng, today=self.today, ages=ADULT_AGES)
        surname, name = chinese_name(sex, self.rng)
        identity = identifiers.national_id(drawn.identity[0], sex, self.rng)
        return Person(index, sex, drawn.born, drawn.home, surname, name, identity, "TW_NATIONAL_ID")

    def staff(self, count: int) -> tuple[Person, ...]:
        """Return ``count`` new people, men and women alike."""
        return tuple(self.relative("F" if chance(0.5, self.rng) else "M") for _ in range(count))


class Mentions:
    """Fills the slots of one note. The same relative and colleague answer all its slots.

    ``extra`` holds the slots of one field (a company, a diagnosis); what neither knows is asked
    of :func:`anping.recipes.sample.notes.harmless`, which raises KeyError.
    """

    def __init__(
        self,
        subject: Subject,
        bystanders: Bystanders,
        staff: tuple[Person, ...],
        *,
        day: date,
        extra: dict[str, Callable[[], Piece]],
    ) -> None:
        self._subject = subject
        self._bystanders = bystanders
        self._rng = bystanders.rng
        self._staff = pick(staff, self._rng)
        self._day = day
        relation, sex = pick(RELATIONS, self._rng)
        if sex is None:
            sex = "M" if subject.person.sex == "F" else "F"
        self._relation = relation
        self._relative_sex: Sex = sex
        self._relative: Person | None = None
        self._slots = self._personal() | self._others() | extra

    def fill(self, slot: str) -> Piece:
        """Return the piece for ``slot``."""
        maker = self._slots.get(slot)
        return harmless(slot, self._rng) if maker is None else maker()

    def _own(self, text: str, kind: str) -> Piece:
        return Piece(text, kind, self._subject.person.index)

    def _personal(self) -> dict[str, Callable[[], Piece]]:
        subject, rng, own = self._subject, self._rng, self._own
        person = subject.person
        return {
            "name": lambda: full_name(person),
            "titled": lambda: titled_name(person),
            "id": lambda: own(person.identity, person.identity_type),
            "dob": lambda: Piece(
                written_date(person.born, rng).text, "DATE_OF_BIRTH", person.index
            ),
            "mobile": lambda: own(self._written_mobile(subject.mobile), "PHONE"),
            "new_mobile": lambda: own(self._written_mobile(contacts.mobile(rng)), "PHONE"),
            "landline": lambda: own(
                subject.landline.write(contacts.LANDLINE_FORMS.one(rng)), "PHONE"
            ),
            "address": lambda: own(subject.address, "ADDRESS_FULL"),
            "new_address": lambda: own(contacts.address(person.home, rng), "ADDRESS_FULL"),
            "email": lambda: own(subject.email, "EMAIL"),
            "line": lambda: own(subject.line, "LINE_ID"),
            "card": lambda: own(self._written_card(), "CREDIT_CARD"),
            "plate": lambda: own(identifiers.licence_plate(rng), "VEHICLE_PLATE"),
            "passport": lambda: own(identifiers.passport(rng), "TW_PASSPORT"),
        }

    def _others(self) -> dict[str, Callable[[], Piece]]:
        rng = self._rng
        return {
            "relation": lambda: Piece(self._relation),
            "relative": lambda: full_name(self._kin()),
            "relative_titled": lambda: titled_name(self._kin()),
            "relative_id": lambda: Piece(self._kin().identity, "TW_NATIONAL_ID", self._kin().index),
            "relative_mobile": lambda: Piece(
                self._written_mobile(contacts.mobile(rng)), "PHONE", self._kin().index
            ),
            "relative_address": lambda: Piece(
                contacts.address(self._kin().home, rng), "ADDRESS_FULL", self._kin().index
            ),
            "staff": lambda: full_name(self._staff),
            "staff_titled": lambda: titled_name(self._staff),
            "date": lambda: written_date(self._day - timedelta(days=int(rng.integers(1, 90))), rng),
            "next_date": lambda: written_date(
                self._day + timedelta(days=int(rng.integers(1, 45))), rng
            ),
        }

    def _kin(self) -> Person:
        if self._relative is None:
            self._relative = self._bystanders.relative(self._relative_sex)
        return self._relative

    def _written_mobile(self, number: str) -> str:
        return contacts.write_mobile(number, contacts.MOBILE_FORMS.one(self._rng))

    def _written_card(self) -> str:
        number = identifiers.credit_card(self._rng)
        gap = pick(("", "-", " "), self._rng)
        return gap.join(number[i : i + 4] for i in range(0, 16, 4))
