"""Coarsen the rows of people whose joined profile too few share, until enough do."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from anping.engine.codes import combine
from anping.protect.apply import Protected
from anping.protect.deid.hierarchy import MISSING, TOP, Hierarchy
from anping.protect.linked.people import Whole
from anping.protect.linked.profiles import profiles, shared_by
from anping.protect.transform.rows import RAW_ROW

Bools = npt.NDArray[np.bool_]


@dataclass
class _Column:
    """A generalised column of released rows: its texts as codes, and each row's leaf."""

    hierarchy: Hierarchy
    texts: list[str]
    codes: Whole
    leaves: Sequence[str]
    leaf: Whole
    places: dict[str, int] = field(init=False)

    def __post_init__(self) -> None:
        self.places = {text: code for code, text in enumerate(self.texts)}

    @classmethod
    def of(
        cls, hierarchy: Hierarchy, released: pa.ChunkedArray, leaves: pa.ChunkedArray
    ) -> _Column:
        texts, codes = _coded(released)
        own, leaf = _coded(leaves)
        return cls(hierarchy, texts, codes, own, leaf)

    def raised(self, rows: Bools) -> bool:
        """Raise the texts of ``rows`` by one level; return whether one changed."""
        many = len(self.texts)
        pairs, place = np.unique(self.leaf[rows] * many + self.codes[rows], return_inverse=True)
        above = [
            self._code(self._above(self.leaves[pair // many], self.texts[pair % many]))
            for pair in pairs.tolist()
        ]
        new = np.array(above, np.int64)[place.reshape(-1)]
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
    def released(self) -> pa.StringArray:
        return pa.array(self.texts, pa.string()).take(pa.array(self.codes))


@dataclass
class Coarsening:
    """The released rows of all tables, on their way. Build one with :meth:`of`.

    ``person`` gives each released row its person, by table, from 0 to ``people``.
    """

    person: Mapping[str, Whole]
    people: int
    columns: dict[str, dict[str, _Column]]

    @classmethod
    def of(
        cls, done: Mapping[str, Protected], person: Mapping[str, Whole], *, people: int
    ) -> Coarsening:
        """Return the rows as they were protected table by table."""
        columns = {}
        for name, one in done.items():
            raw = one.links.column(RAW_ROW)
            columns[name] = {
                column: _Column.of(
                    one.hierarchies[column],
                    one.table.column(column),
                    one.leaves.column(column).take(raw),
                )
                for column in one.quasi_identifiers
            }
        return cls(person, people, columns)

    def shared(self) -> Whole:
        """Return by how many people each person's joined profile is shared; 0 without rows."""
        items, following = [], 0
        for name in self.person:
            tuples = self.tuples(name)
            items.append(tuples + following)
            following += int(tuples.max(initial=-1)) + 1
        owner = np.concatenate(list(self.person.values()))
        found = shared_by(profiles(owner, np.concatenate(items), people=self.people))
        there = np.bincount(owner, minlength=self.people) > 0
        return np.asarray(np.where(there, found, 0), np.int64)

    def coarsen(self, k: int) -> Bools:
        """Raise the rows of people whose profile fewer than ``k`` share; return who is still so.

        The column with the most different values among them goes up one level, again and again
        (Datafly's choice; Sweeney 2002). All people of one profile go together, so the profiles of
        others are shared by no fewer.
        """
        spent: set[tuple[str, str]] = set()
        while (rare := self._rare(k)).any():
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

    def diversify(self, name: str, values: Sequence[Whole], *, l: float, kind: str) -> Bools:  # noqa: E741 - the field's own name for it
        """Lift the people of a table's classes with too few sensitive values; return who still fails.

        ``values``, each of shape (rows,), are the sensitive columns as codes. Whoever shares a
        profile shares the class, so profiles move as a whole again.
        """
        while True:
            classes = self.tuples(name)
            failing = np.zeros(int(classes.max(initial=-1)) + 1, np.bool_)
            for column in values:
                failing |= diversity(classes, column, kind=kind) < l - 1e-6
            people = np.zeros(self.people, np.bool_)
            people[self.person[name][failing[classes]]] = True
            if not people.any() or not self.lift(people, [name]):
                return people

    def tuples(self, name: str) -> Whole:
        """Return the number of each released row's class in its table, shape (rows,)."""
        codes = [each.codes.astype(np.int32) for each in self.columns[name].values()]
        rows = self.person[name].size
        return combine(codes).classes if codes and rows else np.zeros(rows, np.int64)

    def _rare(self, k: int) -> Bools:
        shared = self.shared()
        return np.asarray((shared > 0) & (shared < k), np.bool_)

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


def diversity(classes: Whole, values: Whole, *, kind: str) -> npt.NDArray[np.float64]:
    """Return each class's number of different values, or e to the power of their entropy."""
    spread = int(values.max(initial=0)) + 1
    pairs, rows = np.unique(classes * spread + values, return_counts=True)
    owner, size = pairs // spread, int(classes.max(initial=-1)) + 1
    if kind == "distinct":
        return np.bincount(owner, minlength=size).astype(np.float64)
    share = rows / np.bincount(owner, rows, size)[owner]
    return np.asarray(np.exp(-np.bincount(owner, share * np.log(share), size)), np.float64)


def _coded(cells: pa.ChunkedArray) -> tuple[list[str], Whole]:
    flat = cells.combine_chunks().fill_null(MISSING).dictionary_encode()
    return flat.dictionary.to_pylist(), flat.indices.to_numpy().astype(np.int64)
