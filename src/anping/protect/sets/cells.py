"""Sets as they stand in a column: texts with a separator between the items, or lists."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from anping.protect.sets.baskets import Whole


def is_list(kind: pa.DataType) -> bool:
    """Return whether a type holds lists."""
    return bool(pa.types.is_list(kind) or pa.types.is_large_list(kind))


def split(cells: pa.Array, separator: str) -> tuple[Whole, pa.StringArray]:
    """Return each item's row and the items, outer blanks trimmed, empty ones left out.

    ``separator`` stands between the items of a text; a list has its items already.
    """
    if not is_list(cells.type):
        cells = pc.split_pattern(pc.cast(cells, pa.string()), separator)
    rows = pc.list_parent_indices(cells).to_numpy(zero_copy_only=False).astype(np.int64)
    items = pc.utf8_trim_whitespace(pc.cast(pc.list_flatten(cells), pa.string()))
    there = pc.fill_null(pc.not_equal(items, ""), False)
    return rows[there.to_numpy(zero_copy_only=False)], items.filter(there)


def joined(
    rows: Whole, items: pa.StringArray, *, count: int, separator: str, kind: pa.DataType
) -> pa.Array:
    """Return ``count`` cells of the type ``kind``, null where no item is left.

    ``rows`` is sorted and gives each item its row.
    """
    sizes = np.bincount(rows, minlength=count)
    offsets = np.concatenate([[0], np.cumsum(sizes)]).astype(np.int32)
    lists = pa.ListArray.from_arrays(
        pa.array(offsets), items, mask=pa.array(sizes == 0) if count else None
    )
    return lists.cast(kind) if is_list(kind) else pc.binary_join(lists, separator)
