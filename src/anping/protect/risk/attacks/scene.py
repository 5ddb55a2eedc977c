"""What every attack plays on: a raw table, the release made of it, and whose row is whose."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property

import numpy as np
import pyarrow as pa

from anping.core.errors import ParameterError
from anping.core.text import Text
from anping.engine.grouping import order_of
from anping.engine.links import raw_rows
from anping.engine.table import Table
from anping.protect.risk.classes import as_table
from anping.protect.risk.compatible import Compatible
from anping.protect.risk.people import Codes, Codes32, People, Person, people_of


@dataclass(frozen=True, slots=True)
class AttackOptions:
    """How hard is attacked.

    At most ``targets`` people (or predicates, or cells) are attacked, fewer where that would compare
    more than ``work`` cells; ``neighbours`` is how many nearest records an attacker looks at. Equal
    seeds give equal attacks.
    """

    seed: int = 0
    targets: int = 2000
    neighbours: int = 5
    work: int = 2_000_000_000

    def within(self, cells: int) -> int:
        """Return how many may be attacked when each costs ``cells`` comparisons; 1 at least."""
        return max(1, min(self.targets, self.work // max(1, cells)))


@dataclass(frozen=True)
class Attacked:
    """A release under attack.

    ``raw_row`` (m,) is the raw row of each released one, and ``people`` says who the raw rows are
    about. ``control`` holds people, in the raw table's form, who are not in it: what is learned about
    them cannot come from their records. Without it the control of an attack leaves the target's own
    released rows out.
    """

    raw: Table
    released: Table
    raw_row: Codes
    people: People
    compatible: Compatible = field(default_factory=Compatible)
    control: Table | None = None

    @classmethod
    def of(
        cls,
        raw: Table | pa.Table,
        released: Table | pa.Table,
        *,
        links: Table | pa.Table,
        compatible: Compatible | None = None,
        person: Person | None = None,
        control: Table | pa.Table | None = None,
    ) -> Attacked:
        """Return the scene; ``links`` has ``protected_row`` and ``raw_row``, the owner's truth.

        Raises ParameterError for links that do not name every released row once
        (``links.incomplete``) and for an empty raw table (``risk.no-rows``).
        """
        source, shown = as_table(raw), as_table(released)
        if not source.rows:
            raise nothing_to_attack()
        return cls(
            source,
            shown,
            raw_rows(links, protected=shown.rows, raw=source.rows),
            everybody(person, source),
            compatible or Compatible(),
            None if control is None else as_table(control),
        )

    @cached_property
    def person(self) -> Codes32:
        """The person of every released row, -1 where it is nobody's of the raw table."""
        known = self.people.codes[self.raw_row]
        return np.where(self.raw_row < 0, np.int32(-1), known)

    @cached_property
    def _rows_by_person(self) -> tuple[Codes, Codes]:
        order = order_of(self.person)
        return order, np.searchsorted(self.person[order], np.arange(self.people.count + 1))

    def own_rows(self, targets: Codes) -> list[Codes]:
        """Return the released rows of the person of each of some raw rows."""
        order, starts = self._rows_by_person
        people = self.people.codes[targets]
        return [order[starts[each] : starts[each + 1]] for each in people]

    def shared(self, columns: Sequence[str]) -> tuple[str, ...]:
        """Return those of ``columns`` that the raw table has, too: others cannot be known."""
        self.released.require(columns)
        return tuple(name for name in columns if name in self.raw.columns)

    def outside(self) -> Attacked | None:
        """Return the scene seen by people who are not in the raw table, or None without them."""
        if self.control is None or not self.control.rows:
            return None
        alone = np.arange(self.control.rows, dtype=np.int32)
        strangers = People(alone, np.zeros(alone.size, np.bool_), alone.size)
        nobody = np.full(self.raw_row.size, -1, np.int64)
        compatible = replace(self.compatible, leaf_table=None)
        return Attacked(self.control, self.released, nobody, strangers, compatible)


def everybody(person: Person | None, table: Table) -> People:
    """Return who the rows are about; where nothing names people each row is a person."""
    people = people_of(person, table)
    if people is not None:
        return people
    alone = np.arange(table.rows, dtype=np.int32)
    return People(alone, np.zeros(table.rows, np.bool_), table.rows)


def sample_targets(people: People, targets: int, generator: np.random.Generator) -> Codes:
    """Return one raw row for each of at most ``targets`` people, ascending."""
    shuffled = generator.permutation(people.codes.size)
    first = _first_places(people.codes[shuffled], people.count)
    return np.sort(shuffled[generator.permutation(first[_as_met(people)])[:targets]])


def _as_met(people: People) -> Codes32:
    """Return people in the order of their first rows, those without a name last.

    However they are numbered, the same seed then attacks the same people.
    """
    rows = np.arange(people.codes.size)
    newly = _first_places(people.codes, people.count)[people.codes] == rows
    sides = (newly & ~people.unnamed, newly & people.unnamed)
    return np.concatenate([people.codes[side] for side in sides])


def _first_places(codes: Codes32, count: int) -> Codes:
    """Return (count,) where each code comes first."""
    first = np.zeros(count, np.int64)
    # Backwards, so that what comes first is written last.
    first[codes[::-1]] = np.arange(codes.size)[::-1]
    return first


def exchanged(targets: int, generator: np.random.Generator) -> Codes:
    """Return whose records each target gets: a rotated random order leaves nobody their own."""
    order = generator.permutation(targets)
    found = np.arange(targets)
    found[order] = np.roll(order, 1)
    return found


def nothing_to_attack() -> ParameterError:
    """Return the error for a table, or a number of targets, that leaves nobody to attack."""
    return ParameterError(
        "risk.no-rows",
        Text("沒有可以作為攻擊目標的資料列。", "There is no row to attack."),
        hint=Text("請確認原始表與目標數。", "Check the raw table and the number of targets."),
    )
