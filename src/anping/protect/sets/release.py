"""What was found for the sets of a column, as a transform of batches."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from anping.engine.codes import hashes
from anping.protect.sets.baskets import Bools, Whole
from anping.protect.sets.cells import joined, split
from anping.protect.transform.rows import Rows


@dataclass(frozen=True)
class Taken:
    """The nodes that single owners lose. Build one with :meth:`of`.

    ``owners`` are sorted; ``keys``, sorted too, are the owner's place times ``nodes`` and the node.
    """

    owners: Whole = field(repr=False)
    keys: Whole = field(repr=False)
    nodes: int

    @classmethod
    def of(cls, owner: Whole, node: Whole, *, nodes: int) -> Taken:
        """Return the pairs of an owner and a node, shape (pairs,), as a look-up."""
        owners, place = np.unique(owner, return_inverse=True)
        return cls(owners, np.sort(place.reshape(-1) * np.int64(nodes) + node), nodes)

    def __call__(self, owner: Whole, node: Whole) -> Bools:
        """Return which of the pairs are taken, shape (pairs,)."""
        if not self.owners.size:
            return np.zeros(owner.size, np.bool_)
        place = np.minimum(np.searchsorted(self.owners, owner), self.owners.size - 1)
        known = self.owners[place] == owner
        return np.asarray(known & np.isin(place * np.int64(self.nodes) + node, self.keys), np.bool_)


@dataclass(frozen=True)
class SetRelease:
    """Items become nodes, and single people (or rows that name nobody) lose some of them.

    ``items`` are those seen, ``node_of`` their nodes, ``texts`` the nodes' texts. An item that was
    not seen in the rows that are released is left out.
    """

    separator: str
    person: str | None
    items: pa.StringArray = field(repr=False)
    node_of: Whole = field(repr=False)
    texts: pa.StringArray = field(repr=False)
    of_people: Taken
    of_rows: Taken

    @property
    def needs(self) -> tuple[str, ...]:
        """The person's column, if people are named."""
        return () if self.person is None else (self.person,)

    def kind(self, given: pa.DataType) -> pa.DataType:
        """Return the type as it was; where nothing stood, texts."""
        return pa.string() if pa.types.is_null(given) else given

    def __call__(self, cells: pa.Array, rows: Rows) -> pa.Array:
        """Return the sets, items in the order of their texts; null where none is left."""
        row, items = split(cells, self.separator)
        found = pc.index_in(items, value_set=self.items)
        seen = found.is_valid().to_numpy(zero_copy_only=False)
        row, node = row[seen], self.node_of[found.drop_null().to_numpy()]
        count = np.int64(max(1, len(self.texts)))
        keys = np.unique(row * count + node)
        row, node = keys // count, keys % count
        left = ~self._taken(row, node, rows)
        row, node = row[left], node[left]
        texts = self.texts.take(pa.array(node))
        return joined(
            row, texts, count=len(cells), separator=self.separator, kind=self.kind(cells.type)
        )

    def _taken(self, row: Whole, node: Whole, rows: Rows) -> Bools:
        owner, named = owners_of(rows)
        gone = np.empty(row.size, np.bool_)
        whose = named[row]
        gone[whose] = self.of_people(owner[row[whose]], node[whose])
        gone[~whose] = self.of_rows(owner[row[~whose]], node[~whose])
        return gone


def owners_of(rows: Rows) -> tuple[Whole, Bools]:
    """Return whose each row is, and whether that is a person rather than the row's own number."""
    places = rows.places
    if rows.persons is None:
        return places, np.zeros(len(places), np.bool_)
    people = hashes(rows.persons)
    return np.where(people == 0, places, people), people != 0
