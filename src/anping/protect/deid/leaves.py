"""Rows become whole numbers, batch by batch: each cell its leaf, several columns one code."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from anping.engine.codes import hashes
from anping.protect.deid.encoding import Codes, Ladder, ladder_of
from anping.protect.deid.hierarchy import Hierarchy
from anping.protect.deid.tuples import Groups, packed_leaves

#: The column of people in a coded batch.
PERSON = "person"
_FEW = 100_000


@dataclass(frozen=True)
class LeafMap:
    """Gives every cell of one column the index of its leaf among the ``observed`` ones.

    ``values`` are the cells seen, ``places`` their leaves' indices, ``missing`` that of a missing
    cell. Of more than a hundred thousand values each batch's own are looked at instead.
    """

    hierarchy: Hierarchy
    observed: tuple[str, ...]
    values: pa.Array
    places: npt.NDArray[np.int32]
    missing: int

    @classmethod
    def of(cls, hierarchy: Hierarchy, values: pa.Array) -> LeafMap:
        """Return the map for a column's distinct ``values``, the missing one among them if seen.

        Raises PlanError for a value outside the hierarchy.
        """
        leaves = [hierarchy.leaf_of(value) for value in values.to_pylist()]
        hierarchy.require(leaves)
        present = set(leaves)
        observed = tuple(leaf for leaf in hierarchy.leaves if leaf in present)
        place = {leaf: index for index, leaf in enumerate(observed)}
        places = np.fromiter((place[leaf] for leaf in leaves), np.int32, len(leaves))
        missing = place.get(hierarchy.leaf_of(None), -1)
        if len(values) > _FEW:
            return cls(hierarchy, observed, values.slice(0, 0), places[:0], missing)
        known = pc.is_valid(values).to_numpy(zero_copy_only=False)
        return cls(hierarchy, observed, values.drop_null(), places[known], missing)

    def ladder(self, share: float) -> Ladder:
        """Return the levels over the observed leaves; ``share`` is the column's part of the loss."""
        return ladder_of(self.hierarchy, self.observed, share)

    def __call__(self, cells: pa.Array) -> Codes:
        """Return the index of each cell's leaf."""
        if pa.types.is_dictionary(cells.type):
            own = np.append(self(cells.dictionary), self.missing)
            place = pc.fill_null(cells.indices, len(cells.dictionary)).to_numpy()
            return np.asarray(own[place], np.int64)
        if not len(self.values):
            return self._one_by_one(cells)
        found = pc.index_in(cells, value_set=self.values)
        # Values that compare equal need not be spelt alike: 0.0 and -0.0 are one in a count.
        if found.null_count != cells.null_count:
            return self._one_by_one(cells)
        places = self.places[pc.fill_null(found, 0).to_numpy()].astype(np.int64)
        if cells.null_count:
            places[pc.is_null(cells).to_numpy(zero_copy_only=False)] = self.missing
        return np.asarray(places, np.int64)

    def _one_by_one(self, cells: pa.Array) -> Codes:
        """Return the same by asking the hierarchy for the leaf of each distinct cell."""
        coded = cells.dictionary_encode()
        place = {leaf: index for index, leaf in enumerate(self.observed)}
        leaves = [self.hierarchy.leaf_of(value) for value in coded.dictionary.to_pylist()]
        own = np.array([*(place[leaf] for leaf in leaves), self.missing], np.int64)
        return np.asarray(own[pc.fill_null(coded.indices, len(leaves)).to_numpy()], np.int64)


@dataclass(frozen=True)
class Coder:
    """Turns a batch of cells into codes: the packed leaves, the person, the sensitive values.

    The columns are ``g0``, ``g1`` ... (packed leaves), :data:`PERSON` where ``person`` names a
    column, and ``s0``, ``s1`` ... (hashes of the columns ``sensitive``).
    """

    maps: Mapping[str, LeafMap]
    groups: Groups
    person: str | None
    sensitive: Sequence[str]

    @property
    def columns(self) -> tuple[str, ...]:
        """The columns that are looked at."""
        person = () if self.person is None else (self.person,)
        return tuple(dict.fromkeys((*self.maps, *self.sensitive, *person)))

    @property
    def packed(self) -> tuple[str, ...]:
        """The names of the columns of packed leaves."""
        return tuple(f"g{place}" for place in range(len(self.groups)))

    @property
    def schema(self) -> pa.Schema:
        """The schema of a coded batch."""
        person = () if self.person is None else (PERSON,)
        hashed = (*person, *(f"s{place}" for place in range(len(self.sensitive))))
        packed = [pa.field(name, pa.int32()) for name in self.packed]
        return pa.schema([*packed, *(pa.field(name, pa.int64()) for name in hashed)])

    def __call__(self, batch: pa.RecordBatch) -> pa.RecordBatch:
        """Return the codes of a batch that has at least :attr:`columns`."""
        columns: list[Codes] = list(self.packed_leaves([batch.column(name) for name in self.maps]))
        if self.person is not None:
            columns.append(hashes(batch.column(self.person)))
        columns += [hashes(batch.column(name)) for name in self.sensitive]
        arrays = [pa.array(codes) for codes in columns]
        typed = [array.cast(field.type) for array, field in zip(arrays, self.schema, strict=True)]
        return pa.RecordBatch.from_arrays(typed, schema=self.schema)

    def packed_leaves(self, cells: Sequence[pa.Array]) -> tuple[Codes, ...]:
        """Return the packed leaves of the generalised columns' cells."""
        maps = list(self.maps.values())
        leaves = [to_leaf(each) for to_leaf, each in zip(maps, cells, strict=True)]
        return packed_groups(leaves, [len(each.observed) for each in maps], self.groups)


def packed_groups(
    leaves: Sequence[Codes], sizes: Sequence[int], groups: Groups
) -> tuple[Codes, ...]:
    """Return one array of codes for each group of columns."""
    return tuple(
        packed_leaves([leaves[column] for column in group], [sizes[column] for column in group])
        for group in groups
    )
