"""Short texts as numbers of 64 bits, one to one: numbers and codes of people are compared so."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pyarrow as pa

from anping.engine.cores import in_order
from anping.engine.table import Table
from anping.engine.text_hashes import Bits, pieces

#: Six bits a letter of U+0020 to U+005F (digits, capitals, signs), and four for their number.
_MOST_LETTERS = 10
_FIRST, _LAST = 0x20, 0x5F
_SIX = np.uint64(0x3F3F3F3F3F3F3F3F)
#: Neighbours move together, pairs and then pairs of pairs: what stays, what moves, and by how much.
_MOVES = (
    (np.uint64(0x003F003F003F003F), np.uint64(0x3F003F003F003F00), np.uint64(2)),
    (np.uint64(0x00000FFF00000FFF), np.uint64(0x0FFF00000FFF0000), np.uint64(4)),
    (np.uint64(0x0000000000FFFFFF), np.uint64(0x00FFFFFF00000000), np.uint64(8)),
)
_PIECE_BITS, _LENGTH_BITS = np.uint64(48), np.uint64(60)
#: Of so many rows one number each is held in memory.
_HELD_ROWS = 1 << 26


def as_numbers(texts: pa.StringArray) -> Bits | None:
    """Return a number (n,) for each text, equal for equal texts only; None where one does not fit.

    Texts of up to ten letters of U+0020 to U+005F fit. There must be no missing ones.
    """
    begins = np.frombuffer(texts.buffers()[1] or bytes(4), np.int32)
    ends = begins[texts.offset : texts.offset + len(texts) + 1]
    lengths = np.diff(ends)
    if lengths.max(initial=0) > _MOST_LETTERS:
        return None
    letters = np.frombuffer(texts.buffers()[2] or b"", np.uint8)[int(ends[0]) : int(ends[-1])]
    if letters.min(initial=_FIRST) < _FIRST or letters.max(initial=_LAST) > _LAST:
        return None
    found = lengths.astype(np.uint64) << _LENGTH_BITS
    for place, (rows, piece) in enumerate(pieces(texts)):
        packed = piece & _SIX
        for stay, move, by in _MOVES:
            packed = (packed & stay) | ((packed & move) >> by)
        found[rows] |= packed << (_PIECE_BITS * np.uint64(place))
    return found


def distinct_short_texts(table: Table, column: str) -> int | None:
    """Return how many different texts a file's column holds, missing ones left out.

    None where one is not short, or the table is no file or one of very many rows. Exact: in memory
    is one number a row.
    """
    if not isinstance(table.source, Path) or table.rows > _HELD_ROWS:
        return None
    if not pa.types.is_string(table.schema.field(column).type):
        return None
    numbers = np.empty(table.rows, np.uint64)
    end = 0
    for made in in_order(_numbers, table.batches([column])):
        if made is None:
            return None
        numbers[end : end + made.size] = made
        end += made.size
    held = numbers[:end]
    held.sort()
    return int(np.count_nonzero(held[1:] != held[:-1])) + int(end > 0)


def _numbers(batch: pa.RecordBatch) -> Bits | None:
    return as_numbers(batch.column(0).drop_null())
