"""Read the sets of a column, one for each person, of the rows that the release keeps."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from anping.core.errors import InfeasibleError, Where
from anping.core.text import Text
from anping.engine.stream import mapped
from anping.engine.table import Table
from anping.protect.leaving import Leaving
from anping.protect.sets.baskets import Baskets, Bools, Whole
from anping.protect.sets.cells import split
from anping.protect.sets.release import owners_of
from anping.protect.transform.columns import Columns

#: Items in all sets together; more do not fit in memory while combinations are counted.
MOST_OCCURRENCES = 200_000_000
_SCHEMA = pa.schema(
    [
        pa.field("owner", pa.int64()),
        pa.field("named", pa.bool_()),
        pa.field("item", pa.dictionary(pa.int32(), pa.string())),
    ]
)


@dataclass(frozen=True)
class ReadSets:
    """The sets of a column.

    ``owners``, shape (baskets,), is the person's hash or, where ``named`` is false, the row's
    number. ``items`` are the different items, sorted.
    """

    items: tuple[str, ...] = field(repr=False)
    baskets: Baskets = field(repr=False)
    owners: Whole = field(repr=False)
    named: Bools = field(repr=False)


@dataclass(frozen=True)
class _Reading:
    """Turns a batch into one row for each item of the rows that are kept."""

    columns: Columns
    name: str
    separator: str
    leaving: Leaving

    @property
    def needed(self) -> tuple[str, ...]:
        person = self.columns.person
        mine = () if person is None else (person.column,)
        needed = (*self.columns.needed, *self.leaving.columns.needed, *mine)
        return tuple(dict.fromkeys(needed))

    def __call__(self, batch: pa.RecordBatch) -> pa.RecordBatch:
        rows = self.columns.rows(batch)
        row, items = split(self.columns.cells(self.name, rows), self.separator)
        kept = self.leaving(rows)[row]
        owner, named = owners_of(rows)
        arrays = [pa.array(each[row[kept]]) for each in (owner, named)]
        arrays.append(items.filter(pa.array(kept)).dictionary_encode())
        return pa.RecordBatch.from_arrays(arrays, schema=_SCHEMA)


def read_sets(
    table: Table, columns: Columns, name: str, *, separator: str, leaving: Leaving
) -> ReadSets:
    """Return the sets of the column ``name``: one for each person, or row that names nobody.

    Several rows of a person are taken together; rows that do not leave are left out.
    Raises InfeasibleError for more than :data:`MOST_OCCURRENCES` items.
    """
    reading = _Reading(columns.only([name]), name, separator, leaving)
    made = mapped(table, reading, columns=reading.needed, schema=_SCHEMA, numbered=columns.numbers)
    batches, found = [], 0
    for batch in made:
        found += batch.num_rows
        if found > MOST_OCCURRENCES:
            raise _too_many(name)
        batches.append(batch)
    whole = pa.Table.from_batches(batches, _SCHEMA).unify_dictionaries().combine_chunks()
    return _sets(whole, columns.person is not None)


def _sets(whole: pa.Table, people: bool) -> ReadSets:  # noqa: FBT001 - one private caller
    owner, named = whole.column("owner").to_numpy(), whole.column("named").to_numpy()
    chunks = whole.column("item").chunks
    texts = chunks[0].dictionary.to_pylist() if chunks else []
    order = sorted(range(len(texts)), key=texts.__getitem__)
    rank = np.empty(len(texts), np.int64)
    rank[order] = np.arange(len(texts))
    codes = chunks[0].indices.to_numpy() if chunks else np.empty(0, np.int64)
    basket, owners, whose = _numbered(owner, named)
    # Without a person column every row is a person of its own.
    counted = whose if people else np.ones(owners.size, np.bool_)
    baskets = Baskets.of(basket, rank[codes], items=len(texts), named=counted)
    return ReadSets(tuple(texts[place] for place in order), baskets, owners, whose)


def _numbered(owner: Whole, named: npt.NDArray[np.bool_]) -> tuple[Whole, Whole, Bools]:
    """Return each occurrence's basket, and each basket's owner and whether it is a person."""
    people, first = np.unique(owner[named], return_inverse=True)
    rows, second = np.unique(owner[~named], return_inverse=True)
    basket = np.empty(owner.size, np.int64)
    basket[named] = first.reshape(-1)
    basket[~named] = second.reshape(-1) + people.size
    whose = np.arange(people.size + rows.size) < people.size
    return basket, np.concatenate([people, rows]).astype(np.int64), whose


def _too_many(name: str) -> InfeasibleError:
    return InfeasibleError(
        "sets.too-large",
        Text(
            f"各集合的項目合計超過 {MOST_OCCURRENCES:,} 個，記憶體放不下。",
            f"The sets hold more than {MOST_OCCURRENCES:,} items together, too many for memory.",
        ),
        where=Where(column=name),
        hint=Text("分成數個表處理，或刪除這一欄。", "Split the table, or drop this column."),
    )
