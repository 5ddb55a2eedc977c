"""SUDA2: which rows stand out on very few columns, how strongly, and which columns make them.

A minimal sample unique is a set of columns on which a row is alone while it is not on any part of
the set. The fewer columns it takes and the more such sets there are, the likelier the row also
stands out in the population. Sources: Elliot, Manning & Ford 2002, Int. J. Uncertainty, Fuzziness
and Knowledge-Based Systems 10:493 (the score); Manning, Haglin & Keane 2008, Data Mining and
Knowledge Discovery 16:165 (SUDA2); Skinner & Elliot 2002, J. R. Statist. Soc. B 64:855 (DIS).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations
from math import comb, prod

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from anping.core.errors import ParameterError
from anping.core.text import Text
from anping.engine.numbering import numbered
from anping.engine.table import Table
from anping.protect.risk.classes import as_table, column_codes, require_rows
from anping.protect.risk.people import Codes, Codes32

#: Column sets that are looked at, at most: ten columns by fours are 385, thirty by threes 4,525.
MOST_SETS = 20_000
#: A table of counts is faster than sorting while it has few cells per row.
_CELLS_PER_ROW = 8
_ROOM = 1 << 62

_Flags = NDArray[np.bool_]
_Packed = NDArray[np.uint8]


@dataclass(frozen=True)
class SpecialUniques:
    """What SUDA2 finds in n rows and d columns, looking at sets of at most ``largest`` columns.

    ``scores`` (n,) are the SUDA scores, 0 for rows without a minimal sample unique; ``smallest``
    (n,) the fewest columns on which a row is alone (0: none); ``sets`` (n,) how many minimal
    sample uniques it has. ``contributions`` is, per column, the sum of the scores of the minimal
    sample uniques it stands in.
    """

    scores: NDArray[np.float64]
    smallest: NDArray[np.int8]
    sets: Codes32
    contributions: dict[str, float]
    largest: int

    def score_of(self, size: int) -> float:
        """Return the score that one minimal sample unique of ``size`` columns adds."""
        return _weight(size, self.largest, len(self.contributions))


def special_uniques(
    table: Table | pa.Table, columns: Sequence[str], *, largest: int = 3
) -> SpecialUniques:
    """Find every minimal sample unique of at most ``largest`` columns, and score the rows.

    The score of a row is the sum over its minimal sample uniques, of k columns each, of the product
    of (d − i) for i from k to ``largest``. A missing value counts as a value. Raises SchemaError
    for an unknown column and ParameterError ``risk.suda-sets`` where too many sets of columns
    would have to be looked at, ``risk.suda-size`` unless 1 ≤ ``largest``.
    """
    source = as_table(table)
    source.require(columns)
    require_rows(source)
    names = list(dict.fromkeys(columns))
    largest = min(largest, len(names))
    _check(len(names), largest)
    rows = source.rows
    coded = [column_codes(source, name).codes for name in names]
    scores, smallest = np.zeros(rows), np.zeros(rows, np.int8)
    sets = np.zeros(rows, np.int32)
    contributions = dict.fromkeys(names, 0.0)
    for chosen, found in _minimal(coded, rows, largest):
        weight = _weight(len(chosen), largest, len(names))
        scores[found] += weight
        sets[found] += 1
        smallest[found] = np.where(smallest[found] == 0, len(chosen), smallest[found])
        for at in chosen:
            contributions[names[at]] += weight * found.size
    return SpecialUniques(scores, smallest, sets, contributions, largest)


def data_intrusion_simulation(ones: int, pairs: int, *, sampling_fraction: float) -> float:
    """Return the chance that a unique match with the sample is right (the DIS measure).

    ``ones`` and ``pairs`` are the classes of one and of two rows: somebody is taken out of the
    sample and copied back with chance ``sampling_fraction`` (Skinner & Elliot 2002).
    """
    hits = sampling_fraction * ones
    misses = 2 * (1 - sampling_fraction) * pairs
    return hits / (hits + misses) if hits else 0.0


def calibrated(found: SpecialUniques, dis: float) -> NDArray[np.float64]:
    """Return (n,) DIS-SUDA: scores in proportion, with ``dis`` as the mean of rows that have one.

    No row gets more than 1.
    """
    scored = found.scores > 0
    if not scored.any():
        return np.zeros_like(found.scores)
    return np.asarray(np.minimum(1.0, found.scores * (dis / found.scores[scored].mean())))


def _weight(size: int, largest: int, columns: int) -> float:
    return float(prod(max(1, columns - i) for i in range(size, largest + 1)))


def _check(columns: int, largest: int) -> None:
    if largest < 1:
        raise ParameterError(
            "risk.suda-size",
            Text("最小唯一組合至少要看一欄。", "SUDA looks at sets of at least one column."),
            hint=Text("給一個以上的準識別欄位。", "Give one quasi-identifier or more."),
        )
    sets = sum(comb(columns, size) for size in range(1, largest + 1))
    if sets > MOST_SETS:
        raise ParameterError(
            "risk.suda-sets",
            Text(
                f"{columns} 欄取至多 {largest} 欄有 {sets:,} 種組合，超過 {MOST_SETS:,}。",
                f"{columns} columns have {sets:,} sets of at most {largest}, over {MOST_SETS:,}.",
            ),
            hint=Text(
                "減少欄位，或把組合的欄數調小。", "Give fewer columns, or look at smaller sets."
            ),
        )


def _minimal(
    coded: Sequence[Codes32], rows: int, largest: int
) -> Iterator[tuple[tuple[int, ...], Codes]]:
    """Yield each set of columns with the rows that are alone on it and on no part of it."""
    if not _stands_alone(coded).any():
        # Who is like somebody on all columns is so on every part of them.
        return
    alone: dict[tuple[int, ...], _Packed] = {(): np.packbits(np.zeros(rows, np.bool_))}
    for size in range(1, largest + 1):
        following: dict[tuple[int, ...], _Packed] = {}
        for chosen in combinations(range(len(coded)), size):
            # Who is alone on a part is alone on the whole and like nobody: it need not be compared.
            known = np.bitwise_or.reduce([alone[part] for part in combinations(chosen, size - 1)])
            open_rows = np.flatnonzero(np.unpackbits(known, count=rows) == 0)
            found = open_rows[_stands_alone([coded[at][open_rows] for at in chosen])]
            if found.size:
                yield chosen, found
            flags = np.unpackbits(known, count=rows)
            flags[found] = 1
            following[chosen] = np.packbits(flags)
        alone = following


def _stands_alone(parts: Sequence[Codes32]) -> _Flags:
    """Return which rows no other one equals on all of some columns."""
    keys = parts[0].astype(np.int64)
    room = int(parts[0].max(initial=0)) + 1
    for part in parts[1:]:
        width = int(part.max(initial=0)) + 1
        if room > _ROOM // width:
            packed, room = numbered(keys)
            keys = packed.astype(np.int64)
        keys = keys * width + part
        room *= width
    if room > _CELLS_PER_ROW * max(1, keys.size):
        packed, room = numbered(keys)
        return np.asarray(np.bincount(packed, minlength=room)[packed] == 1)
    return np.asarray(np.bincount(keys, minlength=room)[keys] == 1)
