"""Equal keys get equal numbers, from 0 without gaps, without sorting the keys.

Every key claims a place in a table by a hash; whoever wrote last stands for the place. All rows of
one key meet at one place, so either all of them equal the row that stands there or none does, and
what lost claims again by another hash. Sorting ten million keys takes three times as long.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

#: Odd multipliers of Knuth's and Steele's spread keys over the high bits, another in each round.
_SPREAD, _NEXT = 0x9E3779B97F4A7C15, 6364136223846793005
_WORD = 2**64 - 1
_LEAST_BITS, _MOST_BITS = 10, 26
# Keys that are made to collide must not make many rounds: the rest is then sorted.
_ROUNDS = 16


def numbered(keys: NDArray[np.int64]) -> tuple[NDArray[np.int32], int]:
    """Return a number (n,) for each key, 0 to m - 1, equal for equal keys only; and m.

    The numbers follow the last rows of the keys that are met, so they are the same in every run.
    """
    if not keys.size:
        return np.empty(0, np.int32), 0
    standing = _standing(keys)
    marked = np.zeros(keys.size, np.bool_)
    marked[standing] = True
    number = np.cumsum(marked, dtype=np.int32)
    number -= 1
    return number[standing], int(number[-1]) + 1


def _standing(keys: NDArray[np.int64]) -> NDArray[np.int32]:
    """Return (n,) one row for each key that has the same key, the same one for all that have it."""
    bits = min(_MOST_BITS, max(_LEAST_BITS, (2 * keys.size - 1).bit_length()))
    table = np.empty(1 << bits, np.int32)
    standing = np.empty(keys.size, np.int32)
    rows, left, factor = np.arange(keys.size, dtype=np.int32), keys, _SPREAD
    for _ in range(_ROUNDS):
        places = (left.view(np.uint64) * np.uint64(factor)) >> np.uint64(64 - bits)
        # NumPy looks for places below 0 in signed numbers only, and these are as many.
        places = places.view(np.int64)
        table[places] = rows
        won = table[places]
        lost = keys[won] != left
        standing[rows] = won
        if not lost.any():
            return standing
        rows, left = rows[lost], left[lost]
        factor = (factor * _NEXT + 2) & _WORD
    _, first, of_row = np.unique(left, return_index=True, return_inverse=True)
    standing[rows] = rows[first[of_row]]
    return standing
