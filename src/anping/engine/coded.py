"""Texts that a Parquet file holds as codes need not be spelled out to be compared or counted."""

from __future__ import annotations

import pyarrow as pa
import pyarrow.parquet as pq

#: A text that is spelled out takes more bytes of a file than this, its length alone four; a code less.
_BYTES = 4


def held_as_codes(file: pq.ParquetFile) -> frozenset[str]:
    """Return the text columns that a file holds as codes, for the most part at least.

    The file does not say so, but a cell that is a code is shorter than any text with its length.
    """
    texts = {field.name for field in file.schema_arrow if pa.types.is_string(field.type)}
    footer = file.metadata
    if not texts or not footer.num_row_groups:
        return frozenset()
    size = dict.fromkeys(texts, 0)
    cells = dict.fromkeys(texts, 0)
    places = [
        (place, name)
        for place in range(footer.num_columns)
        if (name := footer.row_group(0).column(place).path_in_schema) in texts
    ]
    for group in range(footer.num_row_groups):
        row_group = footer.row_group(group)
        for place, name in places:
            column = row_group.column(place)
            size[name] += column.total_uncompressed_size
            cells[name] += column.num_values
    return frozenset(name for name in texts if size[name] < _BYTES * cells[name])


def as_met(cells: pa.DictionaryArray) -> pa.DictionaryArray | None:
    """Return coded cells with only the values that occur, in the order in which they are met.

    None where the dictionary itself holds a missing value or one value twice.
    """
    values = cells.dictionary
    if values.null_count or len(values.unique()) < len(values):
        return None
    met = cells.indices.dictionary_encode()
    return pa.DictionaryArray.from_arrays(met.indices.cast(pa.int32()), values.take(met.dictionary))
