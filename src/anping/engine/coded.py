"""What a Parquet file tells without being read, or in codes.

Texts that it holds as codes need not be spelled out to be compared or counted.
"""

from __future__ import annotations

from collections import Counter
from pathlib import Path

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


def nulls_told(path: Path) -> dict[str, int] | None:
    """Return the missing cells of every column by the file's own count; None where it has none.

    The count is written with the cells and covered by the file's digest.
    """
    with pq.ParquetFile(path) as file:
        footer, schema = file.metadata, file.schema_arrow
    if any(pa.types.is_nested(field.type) for field in schema):
        return None
    found = Counter(dict.fromkeys(schema.names, 0))
    for group in range(footer.num_row_groups):
        row_group = footer.row_group(group)
        for place, name in enumerate(schema.names):
            told = row_group.column(place).statistics
            if told is None or not told.has_null_count:
                return None
            found[name] += told.null_count
    return dict(found)


def told_range(footer: pq.FileMetaData, place: int) -> tuple[int, int] | None:
    """Return the least and the greatest number of a column of whole numbers or days.

    None where a part of the file with values does not tell them, or none has values.
    """
    ends: list[int] = []
    for group in range(footer.num_row_groups):
        cells = footer.row_group(group).column(place)
        told = cells.statistics
        if told is not None and told.has_min_max:
            ends += [int(told.min_raw), int(told.max_raw)]
        elif told is None or not told.has_null_count or told.null_count < cells.num_values:
            return None
    return (min(ends), max(ends)) if ends else None
