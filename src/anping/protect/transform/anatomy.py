"""Anatomization: sensitive values stand in a table of their own, linked by groups only.

Xiao and Tao 2006 (VLDB, *Anatomy*): rows are put into groups in which no sensitive value stands
twice and at least l do, so whoever finds a person's row knows each value of the group by a chance of
1/l at most. Groups are made by dealing the rows, sorted by value, round robin to ⌊n/l⌋ groups: a
value of at most ⌊n/l⌋ rows meets no group twice. It can be done exactly where no value is more
frequent than that, which is the condition of the paper.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from anping.core.errors import InfeasibleError
from anping.core.text import Text
from anping.protect.transform.draws import Draws

Codes = npt.NDArray[np.int64]


def anatomized(codes: Codes, l: int, draws: Draws) -> Codes:  # noqa: E741 - the field's own name
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
    shuffled = draws.order(codes.size)
    # The most frequent values are dealt first, and rows of one value stand in a random order.
    rank = np.empty(counts.size, np.int64)
    rank[np.argsort(-counts, kind="stable")] = np.arange(counts.size)
    dealt = shuffled[np.argsort(rank[codes[shuffled]], kind="stable")]
    numbers = Draws.of(draws.key, "groups").order(groups)
    group_of = np.empty(codes.size, np.int64)
    group_of[dealt] = numbers[np.arange(codes.size) % groups]
    return group_of
