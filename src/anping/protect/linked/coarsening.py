"""Coarsen the rows of people whose joined profile too few share, until enough do."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from anping.engine.codes import combine, encode
from anping.engine.table import Table
from anping.protect.deid.hierarchy import MISSING, TOP, Hierarchy
from anping.protect.linked.alone import Alone
from anping.protect.linked.judging import Judge
from anping.protect.linked.people import Whole
from anping.protect.linked.profiles import profiles

Bools = npt.NDArray[np.bool_]
Codes32 = npt.NDArray[np.int32]


@dataclass
class _Column:
    """A generalised column of released rows: its texts as codes, and each row's leaf."""

    hierarchy: Hierarchy
    texts: list[str]
    codes: Codes32
    leaves: Sequence[str]
    leaf: Codes32
    places: dict[str, int] = field(init=False)

    def __post_init__(self) -> None:
        self.places = {text: code for code, text in enumerate(self.texts)}

    @classmethod
    def of(cls, one: Alone, column: str) -> _Column:
        texts, codes = coded(one.table, column)
        leaves, of_row = coded(one.leaves, column)
        return cls(one.account.hierarchies[column], texts, codes, leaves, of_row[one.within])

    def raised(self, rows: Bools) -> bool:
        """Raise the texts of ``rows`` by one level; return whether one changed."""
        many = len(self.texts)
        keys = self.leaf[rows].astype(np.int64) * many + self.codes[rows]
        pairs, place = np.unique(keys, return_inverse=True)
        above = [
            self._code(self._above(self.leaves[pair // many], self.texts[pair % many]))
            for pair in pairs.tolist()
        ]
        new = np.array(above, np.int32)[place.reshape(-1)]
        changed = bool((new != self.codes[rows]).any())
        self.codes[rows] = new
        return changed

    def _above(self, leaf: str, text: str) -> str:
        """Return the value one level above ``text`` on the leaf's path; the top at the end.

        A text that is no value of the hierarchy (a free interval) goes to the top at once.
        """
        path = self.hierarchy.paths.get(leaf, ())
        if text not in path:
            return path[-1] if path else TOP
        place = len(path) - 1 - path[::-1].index(text)
        return path[min(place + 1, len(path) - 1)]

    def _code(self, text: str) -> int:
        if text not in self.places:
            self.places[text] = len(self.texts)
            self.texts.append(text)
        return self.places[text]

    @property
    def released(self) -> pa.DictionaryArray:
        """The texts, dictionary-encoded: four bytes a row."""
        return pa.DictionaryArray.from_arrays(self.codes, pa.array(self.texts, pa.string()))

    @property
    def counts(self) -> dict[str, int]:
        """The rows of each released text."""
        found = np.bincount(self.codes, minlength=len(self.texts)).tolist()
        return {text: count for text, count in zip(self.texts, found, strict=True) if count}


@dataclass(frozen=True, slots=True)
class State:
    """How people stand: by how many their joined profile is shared, and whether it fails.

    Both have the shape (people,). Who is not there is shared by 0; a profile fails where its people's
    rows lack what a table's model asks beside ``k``.
    """

    shared: Whole
    failing: Bools
    k: int

    @property
    def rare(self) -> Bools:
        """Who must not be released so."""
        return np.asarray((self.shared > 0) & ((self.shared < self.k) | self.failing), np.bool_)


@dataclass
class Coarsening:
    """The released rows of all tables, on their way. Build one with :meth:`of`.

    ``person`` gives each released row its person, by table, from 0 to ``people``; ``judges`` are what
    the tables' models ask of people who share a profile, beside ``k``.
    """

    person: Mapping[str, Whole]
    people: int
    k: int
    columns: dict[str, dict[str, _Column]]
    judges: Mapping[str, Judge]

    @classmethod
    def of(
        cls, alone: Mapping[str, Alone], person: Mapping[str, Whole], *, people: int, k: int
    ) -> Coarsening:
        """Return the rows as they were protected table by table."""
        columns = {
            name: {each: _Column.of(one, each) for each in one.account.quasi_identifiers}
            for name, one in alone.items()
        }
        judges = {name: Judge.of(one.account, one.table) for name, one in alone.items()}
        asking = {name: judge for name, judge in judges.items() if judge.asks}
        return cls(person, people, k, columns, asking)

    def state(self) -> State:
        """Return how the people stand now."""
        tuples = {name: self.tuples(name) for name in self.person}
        sizes = [int(each.max(initial=-1)) + 1 for each in tuples.values()]
        starts = np.cumsum([0, *sizes])
        items = np.concatenate(
            [each + start for each, start in zip(tuples.values(), starts[:-1], strict=True)]
        )
        owner = np.concatenate(list(self.person.values()))
        profile = profiles(owner, items, people=self.people)
        there = np.bincount(owner, minlength=self.people) > 0
        sharing = np.bincount(profile)
        shared = np.asarray(np.where(there, sharing[profile], 0), np.int64)
        failing = np.zeros(sharing.size, np.bool_)
        for name, judge in self.judges.items():
            many = np.int64(int(tuples[name].max(initial=0)) + 1)
            cells = profile[self.person[name]] * many + tuples[name]
            groups, of_row = np.unique(cells, return_inverse=True)
            groups //= many
            failing[groups[judge.failing(of_row.reshape(-1), sharing[groups])]] = True
        return State(shared, failing[profile] & there, self.k)

    def coarsen(self) -> Bools:
        """Raise the rows of people whose profile fails; return who is still so.

        The column with the most different values among them goes up one level, again and again
        (Datafly's choice; Sweeney 2002). All people of one profile go together, so the profiles of
        others are shared by no fewer.
        """
        spent: set[tuple[str, str]] = set()
        while (rare := self.state().rare).any():
            widest = self._widest(rare, spent)
            if widest is None:
                break
            name, column = widest
            if not self.columns[name][column].raised(rare[self.person[name]]):
                spent.add(widest)
        return rare

    def lift(self, people: Bools, names: Iterable[str] | None = None) -> bool:
        """Raise all rows of these people in the tables ``names`` (all) to the top.

        Returns whether a row changed.
        """
        changed = False
        for name in self.columns if names is None else names:
            rows = people[self.person[name]]
            for column in self.columns[name].values():
                while column.raised(rows):
                    changed = True
        return changed

    def tuples(self, name: str) -> Whole:
        """Return the number of each released row's class in its table, shape (rows,)."""
        codes = [each.codes for each in self.columns[name].values()]
        rows = self.person[name].size
        return combine(codes).classes if codes and rows else np.zeros(rows, np.int64)

    def _widest(self, rare: Bools, spent: set[tuple[str, str]]) -> tuple[str, str] | None:
        best: tuple[int, tuple[str, str]] | None = None
        for name, columns in self.columns.items():
            rows = rare[self.person[name]]
            for column, own in columns.items():
                different = int(np.unique(own.codes[rows]).size)
                if (
                    different
                    and (name, column) not in spent
                    and (best is None or different > best[0])
                ):
                    best = (different, (name, column))
        return None if best is None else best[1]


def coded(table: Table, column: str) -> tuple[list[str], Codes32]:
    """Return the distinct texts of a column, missing ones spelled out, and each row's place in them."""
    found = encode(table, column)
    texts, codes = found.values.to_pylist(), found.codes
    if codes.size and codes.min() < 0:
        if MISSING not in texts:
            texts.append(MISSING)
        codes = np.where(codes < 0, np.int32(texts.index(MISSING)), codes)
    return texts, codes
