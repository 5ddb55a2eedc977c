"""Exact quantiles of a column of any length in two passes, with no sorting of the whole column.

The first pass finds approximate quantiles (Greenwald & Khanna 2001, SIGMOD, error of rank at most
n / ACCURACY), which bracket the exact ones; the second brings the values within the brackets here,
counted, and how many lie below each. On 10^9 rows a bracket holds 6 * 10^5 rows.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from anping.engine.connect import connected
from anping.engine.table import Table

ACCURACY = 10_000
#: The bracket's half width in rows, as a share of all: thrice the error, for it is cheap.
_MARGIN = 3 / ACCURACY

Answer = Callable[[str], pa.Table]
Numbers = npt.NDArray[np.float64]


def quantiles(answer: Answer, value: str, probabilities: Sequence[float]) -> tuple[float, ...]:
    """Return the quantiles (type 7) of the SQL expression ``value``; none if it is null everywhere.

    ``answer`` answers a query on ``source``.
    """
    wanted = np.asarray(probabilities, np.float64)
    n, low, high = _brackets(answer, value, wanted)
    if not n or not wanted.size:
        return ()
    places = (n - 1) * wanted
    ranks = np.concatenate([np.floor(places), np.ceil(places)]).astype(np.int64)
    values = _at(answer, value, _united(low, high), ranks)
    lower, upper = values[: wanted.size], values[wanted.size :]
    parts = zip(lower, upper, places - np.floor(places), strict=True)
    return tuple(_between(below, above, part) for below, above, part in parts)


def _brackets(answer: Answer, value: str, wanted: Numbers) -> tuple[int, Numbers, Numbers]:
    """Return the number of values, and below and above each quantile a value."""
    ends = [*np.clip(wanted - _MARGIN, 0, 1), *np.clip(wanted + _MARGIN, 0, 1)]
    listed = ", ".join(f"{end:.17f}" for end in ends) or "0"
    found = answer(
        f"SELECT count({value}), approx_percentile({value}, array({listed}), {ACCURACY}), "  # noqa: S608 - places
        f"min({value}), max({value}) FROM source"
    )
    n, cuts, least, greatest = (column[0].as_py() for column in found.columns)
    if not n:
        return 0, np.empty(0), np.empty(0)
    low, high = np.split(np.asarray(cuts, np.float64), 2)
    # Among few values a rank is more than the margin, and all of them are soon brought here.
    few = n <= ACCURACY
    low[(wanted <= _MARGIN) | few] = least
    high[(wanted >= 1 - _MARGIN) | few] = greatest
    return int(n), low, high


def _united(low: Numbers, high: Numbers) -> list[tuple[float, float]]:
    """Return the brackets in order, those that touch made one."""
    united: list[tuple[float, float]] = []
    for start, end in sorted(zip(low.tolist(), high.tolist(), strict=True)):
        if united and start <= united[-1][1]:
            united[-1] = (united[-1][0], max(end, united[-1][1]))
        else:
            united.append((start, end))
    return united


def _at(
    answer: Answer,
    value: str,
    brackets: Sequence[tuple[float, float]],
    ranks: npt.NDArray[np.int64],
) -> Numbers:
    """Return the values of these ranks (from 0), all of which lie within the brackets."""
    counts = ", ".join(
        f"count(CASE WHEN {value} < {_double(low)} THEN 1 END)" for low, _ in brackets
    )
    below = [column[0].as_py() for column in answer(f"SELECT {counts} FROM source").columns]  # noqa: S608 - places
    within = " OR ".join(
        f"{value} BETWEEN {_double(low)} AND {_double(high)}" for low, high in brackets
    )
    found = answer(
        f"SELECT value, count(*) FROM (SELECT {value} AS value FROM source WHERE {within}) "  # noqa: S608 - places
        "GROUP BY value ORDER BY value"
    )
    values, counted = (column.to_numpy() for column in found.columns)
    result = np.full(ranks.size, np.nan)
    for (low, high), less in zip(brackets, below, strict=True):
        first, last = np.searchsorted(values, low), np.searchsorted(values, high, side="right")
        ends = less + np.cumsum(counted[first:last])
        inside = (ranks >= less) & (ranks < ends[-1])
        result[inside] = values[first:last][np.searchsorted(ends, ranks[inside], side="right")]
    assert not np.isnan(result).any(), "a rank lies outside its bracket"
    return result


def _between(below: float, above: float, part: float) -> float:
    """Interpolate as the embedded engine does, by its own arithmetic, to the last bit."""
    with connected(Table.of(pa.table({"value": [below, above]}))) as connection:
        found = connection.execute(f"SELECT quantile_cont(c0, {float(part)!r}::DOUBLE) FROM source")  # noqa: S608 - a number
        return float(found.fetchall()[0][0])


def _double(value: float) -> str:
    text = repr(value)
    return text if "e" in text else f"{text}e0"
