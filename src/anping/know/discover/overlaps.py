"""Overlapping findings of many texts at once; the same choice as in :mod:`resolving`."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
import numpy.typing as npt

from anping.core.span import Span
from anping.know.discover.resolving import resolve
from anping.know.discover.scoring import Verdict

Places = npt.NDArray[np.int64]
Rows = tuple[Places, Places, Places]


def resolve_many(
    rows: Rows,
    verdicts: Sequence[Verdict],
    *,
    number: Callable[[Verdict], int],
    keep_rest: bool = False,
) -> Rows:
    """Return the (start, end, verdict) that do not overlap, by start.

    ``number`` gives the number of a verdict that may be new.
    """
    order = np.argsort(rows[0], kind="stable")
    start, end, verdict = (column[order] for column in rows)
    if not len(start):
        return start, end, verdict
    opens = np.ones(len(start), bool)
    opens[1:] = start[1:] >= np.maximum.accumulate(end)[:-1]
    cluster = np.cumsum(opens) - 1
    several = np.bincount(cluster)[cluster] > 1
    at = np.flatnonzero(several)
    crowd = (start[at], end[at], verdict[at])
    if keep_rest:
        chosen = _one_by_one(crowd, cluster[at], verdicts, number)
    else:
        best = _best(crowd, cluster[at], verdicts)
        chosen = tuple(column[best] for column in crowd)  # type: ignore[assignment]
    joined = [
        np.concatenate([column[~several], more])
        for column, more in zip((start, end, verdict), chosen, strict=True)
    ]
    order = np.argsort(joined[0], kind="stable")
    return joined[0][order], joined[1][order], joined[2][order]


def _best(rows: Rows, cluster: Places, verdicts: Sequence[Verdict]) -> Places:
    """Return the places of those that stay, cluster by cluster in rounds."""
    start, end, verdict = rows
    score = np.array([v.score for v in verdicts])[verdict]
    ranked = sorted(range(len(verdicts)), key=lambda n: (verdicts[n].type, verdicts[n].evidence))
    rank = np.empty(len(verdicts), np.int64)
    rank[ranked] = np.arange(len(verdicts))
    left = np.lexsort((rank[verdict], start, start - end, -score, cluster))
    taken = []
    while len(left):
        first = np.ones(len(left), bool)
        first[1:] = cluster[left[1:]] != cluster[left[:-1]]
        winners = left[first]
        taken.append(winners)
        winner = winners[np.cumsum(first) - 1]
        left = left[(start[left] >= end[winner]) | (end[left] <= start[winner])]
    return np.concatenate(taken) if taken else np.zeros(0, np.int64)


def _one_by_one(
    rows: Rows, cluster: Places, verdicts: Sequence[Verdict], number: Callable[[Verdict], int]
) -> Rows:
    start, end, verdict = (column.tolist() for column in rows)
    groups: dict[int, list[Span]] = {}
    for group, s, e, v in zip(cluster.tolist(), start, end, verdict, strict=True):
        groups.setdefault(group, []).append(Span(s, e, *verdicts[v]))
    kept = [
        (span.start, span.end, number(Verdict(span.type, span.score, span.evidence)))
        for group in groups.values()
        for span in resolve(group, keep_rest=True)
    ]
    columns = np.array(kept, np.int64).reshape(-1, 3).T
    return columns[0], columns[1], columns[2]
