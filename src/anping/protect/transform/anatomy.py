"""Anatomization: sensitive values stand in a table of their own, linked by groups only.

Xiao and Tao 2006 (VLDB, *Anatomy*): rows are put into groups in which no sensitive value stands
twice and at least l do, so whoever finds a person's row knows each value of the group by a chance of
1/l at most. Groups are made by dealing the rows, sorted by value, round robin to ⌊n/l⌋ groups: a
value of at most ⌊n/l⌋ rows meets no group twice. It can be done exactly where no value is more
frequent than that, which is the condition of the paper. Rows are dealt by parts of the values, so that
what is held beside the rows' codes and groups is that of one part.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import numpy.typing as npt

from anping.core.errors import InfeasibleError
from anping.core.text import Text
from anping.protect.transform.draws import Draws

Codes = npt.NDArray[np.int64]
Codes32 = npt.NDArray[np.int32]

#: Rows that are dealt at once, where no value has more.
PART_ROWS = 2**22


def anatomized(codes: Codes | Codes32, l: int, draws: Draws) -> Codes32:  # noqa: E741 - the field's own name
    """Return the group of every row, from 0: l or more rows each, all of different values.

    ``codes`` are the rows' sensitive values as numbers from 0. Which rows meet is drawn by chance.
    Raises InfeasibleError where one value is held by more than one in ``l`` rows.
    """
    groups = codes.size // l
    counts = np.bincount(codes)
    if groups == 0 or counts.max() > groups:
        raise InfeasibleError(
            "protect.too-frequent-value",
            Text(
                f"有一個值超過 1/{l} 的列，無法把每組分成 {l} 個不同的值。",
                f"One value is held by more than 1 in {l} rows, so groups of {l} different values"
                " cannot be made.",
            ),
            hint=Text("降低 l，或概化這一欄。", "Lower l, or generalise the column."),
        )
    # The most frequent values are dealt first, and rows of one value stand in a random order.
    ranked = np.argsort(-counts, kind="stable")
    rank = np.empty(counts.size, np.int32)
    rank[ranked] = np.arange(counts.size, dtype=np.int32)
    numbers = Draws.of(draws.key, "groups").order(groups).astype(np.int32)
    group_of = np.empty(codes.size, np.int32)
    of_row, dealt = rank[codes], 0
    for low, high in _parts(counts[ranked]):
        rows = np.flatnonzero((of_row >= low) & (of_row < high))
        order = np.lexsort((draws.words(rows), of_row[rows]))
        places = np.arange(dealt, dealt + rows.size) % groups
        group_of[rows[order]] = numbers[places]
        dealt += rows.size
    return group_of


def _parts(counts: Codes) -> Iterator[tuple[int, int]]:
    """Yield ranges of successive values (from, to) that stand in few rows together, or one value."""
    ends, start = np.cumsum(counts), 0
    while start < counts.size:
        before = int(ends[start - 1]) if start else 0
        end = max(start + 1, int(np.searchsorted(ends, before + PART_ROWS, side="right")))
        yield start, end
        start = end
