"""Fit anatomization: who meets whom in a group, and the table of values that is released beside."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from anping.core.measure import Measure
from anping.core.text import Text
from anping.engine.codes import one_zero
from anping.engine.stream import mapped
from anping.engine.table import Table
from anping.protect.entries_perturbing import Anatomize
from anping.protect.fit_perturbing import Made, require_fitting
from anping.protect.leaving import Reading
from anping.protect.transform.anatomy import anatomized
from anping.protect.transform.draws import Draws
from anping.protect.transform.perturbing import Placed

#: More rows than this are refused: at its highest some 65 bytes a row are held (measured on 30 million).
MOST_ROWS = 100_000_000

#: Rows of the table of values that are spelled out together: one array of texts has 2 GB at most.
_TOGETHER = 2**22

Codes32 = npt.NDArray[np.int32]


@dataclass(frozen=True)
class _Coding:
    """Gives the cells of one column of the rows that leave as codes, with the rows' numbers."""

    reading: Reading
    name: str
    schema: pa.Schema

    def __call__(self, batch: pa.RecordBatch) -> pa.RecordBatch:
        read = self.reading(batch)
        cells = one_zero(read.column(self.name)).dictionary_encode()
        numbers = read.column(self.reading.columns.numbers)
        return pa.RecordBatch.from_arrays([cells, numbers.cast(pa.int32())], schema=self.schema)


def anatomize(
    table: Table, name: str, entry: Anatomize, reading: Reading, *, key: bytes
) -> tuple[Made, pa.Table]:
    """Return the groups of a column, and the table of their values.

    Held are twelve bytes a row (its number, code and group), the different values, and the table that is
    released: a text and a value a row. Raises InfeasibleError where a value is too frequent, and
    ParameterError for more than :data:`MOST_ROWS` rows (on a cluster ``MOST_THERE``).
    """
    require_fitting(table, "anatomize", most=MOST_ROWS)
    values, codes, numbers = _coded(table, name, reading)
    groups = anatomized(codes, entry.l, Draws.of(key, "anatomize", name))
    count = int(groups.max()) + 1
    width = len(str(count))
    digits = pc.utf8_lpad(pa.array(np.arange(1, count + 1)).cast(pa.string()), width, "0")
    texts = pc.binary_join_element_wise("G", digits, "")
    whole = np.full(table.rows, -1, np.int32)
    whole[numbers] = groups
    del numbers
    placed = pa.DictionaryArray.from_arrays(pa.array(whole, mask=whole < 0), texts)
    measures = tuple(
        Measure(key, float(value), unit, codes.size, title, subject=name, method="count")
        for key, value, unit, title in (
            ("deid.anatomy.groups", count, "classes", Text("解剖化的群組數", "Groups of anatomization")),
            ("deid.anatomy.smallest", int(np.bincount(groups).min()), "values",
             Text("一組最少有幾個不同的值", "Fewest different values in a group")),
        )
    )  # fmt: skip
    return Made(Placed(placed), measures), _values(name, values, codes, (groups, texts))


def _coded(table: Table, name: str, reading: Reading) -> tuple[pa.Array, Codes32, Codes32]:
    """Return the different values of the rows that leave, missing first, these as codes, and their numbers."""
    kind = reading.columns.schema(table.schema).field(name).type
    schema = pa.schema([("value", pa.dictionary(pa.int32(), kind)), ("number", pa.int32())])
    made = mapped(
        table,
        _Coding(reading, name, schema),
        columns=reading.needed or table.columns[:1],
        schema=schema,
        numbered=reading.columns.numbers,
    )
    read = pa.Table.from_batches(made, schema).unify_dictionaries()
    cells = read.column(0)
    values = cells.chunk(0).dictionary if cells.num_chunks else pa.array([], kind)
    order = pc.array_sort_indices(values).to_numpy()
    # Code 0 is the missing value: it addresses the first place, which the others follow.
    rank = np.zeros(order.size + 1, np.int32)
    rank[order] = np.arange(1, order.size + 1, dtype=np.int32)
    parts = [rank[chunk.indices.fill_null(-1).to_numpy()] for chunk in cells.chunks]
    codes = np.concatenate(parts) if parts else np.empty(0, np.int32)
    known = pa.concat_arrays([pa.nulls(1, kind), values.take(pa.array(order))])
    return known, codes, np.asarray(read.column(1).to_numpy(), np.int32)


def _values(
    name: str, values: pa.Array, codes: Codes32, groups: tuple[Codes32, pa.Array]
) -> pa.Table:
    """Return each group's values with their rows, by group and value: one each, as all are different."""
    of_row, texts = groups
    keys = of_row.astype(np.int64) * len(values) + codes
    keys.sort()
    names = ["group", "value" if name == "group" else name, "count"]
    made = []
    for start in range(0, keys.size, _TOGETHER):
        group, value = np.divmod(keys[start : start + _TOGETHER], len(values))
        found = texts.take(pa.array(group)), values.take(pa.array(value))
        made.append(pa.table([*found, pa.array(np.ones(group.size, np.int64))], names=names))
    return pa.concat_tables(made)
