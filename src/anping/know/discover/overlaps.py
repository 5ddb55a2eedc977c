"""Overlapping findings of many texts at once; the same choice as in :mod:`resolving`."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import pairwise

import numpy as np
import numpy.typing as npt

from anping.know.discover.resolving import SURE
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
    ranked = _ranked(crowd, cluster[at], verdicts)
    chosen: Rows
    if keep_rest:
        chosen = _with_rests(
            (crowd[0][ranked], crowd[1][ranked], crowd[2][ranked]),
            cluster[at][ranked],
            verdicts,
            number,
        )
    else:
        best = _best(crowd, cluster[at], ranked)
        chosen = crowd[0][best], crowd[1][best], crowd[2][best]
    joined = [
        np.concatenate([column[~several], more])
        for column, more in zip((start, end, verdict), chosen, strict=True)
    ]
    order = np.argsort(joined[0], kind="stable")
    return joined[0][order], joined[1][order], joined[2][order]


def _ranked(rows: Rows, cluster: Places, verdicts: Sequence[Verdict]) -> Places:
    """Return the places of rows by cluster, the surer first; see :func:`resolving.resolve`."""
    start, end, verdict = rows
    score = np.array([v.score for v in verdicts])[verdict]
    ranked = sorted(range(len(verdicts)), key=lambda n: (verdicts[n].type, verdicts[n].evidence))
    rank = np.empty(len(verdicts), np.int64)
    rank[ranked] = np.arange(len(verdicts))
    order: Places = np.lexsort((rank[verdict], start, start - end, -score, cluster))
    return order


def _best(rows: Rows, cluster: Places, left: Places) -> Places:
    """Return the places of those that stay, cluster by cluster in rounds."""
    start, end, _ = rows
    taken = []
    while len(left):
        first = np.ones(len(left), bool)
        first[1:] = cluster[left[1:]] != cluster[left[:-1]]
        winners = left[first]
        taken.append(winners)
        winner = winners[np.cumsum(first) - 1]
        left = left[(start[left] >= end[winner]) | (end[left] <= start[winner])]
    return np.concatenate(taken) if taken else np.zeros(0, np.int64)


def _with_rests(
    rows: Rows, cluster: Places, verdicts: Sequence[Verdict], number: Callable[[Verdict], int]
) -> Rows:
    """Return those that stay and the pieces of the others that they leave open.

    Rows come by cluster, the surer first. All clusters' first ones are looked at together, then
    their second ones, and so on.
    """
    start, end, verdict = rows
    rests = {n: _rest(verdicts[n], number) for n in np.unique(verdict).tolist()}
    rest_of = np.full(len(verdicts), -1)
    rest_of[list(rests)] = list(rests.values())
    opens = np.flatnonzero(np.append(True, cluster[1:] != cluster[:-1]))
    turn = np.arange(len(start)) - np.repeat(opens, np.diff(np.append(opens, len(start))))
    order = np.argsort(turn, kind="stable")
    edges = np.searchsorted(turn[order], np.arange(int(turn.max(initial=-1)) + 2))
    occupied = np.zeros(int(end.max(initial=0)) + 1, bool)
    found: list[Rows] = []
    for low, high in pairwise(edges.tolist()):
        here = order[low:high]
        found.append(_turn(occupied, start[here], end[here], (verdict[here], rest_of)))
    columns = zip(*found, strict=True) if found else ([_NONE], [_NONE], [_NONE])
    starts, ends, numbers = (np.concatenate(list(part)) for part in columns)
    return starts, ends, numbers


def _turn(
    occupied: npt.NDArray[np.bool_],
    start: Places,
    end: Places,
    of: tuple[Places, Places],
) -> Rows:
    """Return what is left open of rows that do not overlap, and occupy it."""
    verdict, rest_of = of
    row = np.repeat(np.arange(len(start)), end - start)
    first = np.cumsum(end - start) - (end - start)
    places = start[row] + np.arange(len(row)) - first[row]
    taken = occupied[places]
    crossed = np.bincount(row[taken], minlength=len(start)) > 0
    counted = ~crossed | (rest_of[verdict] >= 0)
    free = ~taken & counted[row]
    occupied[places[counted[row]]] = True
    edge = np.ones(len(row), bool)
    edge[1:] = row[1:] != row[:-1]
    begins, ends = free.copy(), free.copy()
    begins[1:] &= edge[1:] | ~free[:-1]
    ends[:-1] &= edge[1:] | ~free[1:]
    owner = row[begins]
    numbers = np.where(crossed[owner], rest_of[verdict[owner]], verdict[owner])
    return places[begins], places[ends] + 1, numbers


def _rest(verdict: Verdict, number: Callable[[Verdict], int]) -> int:
    """Return the number of the verdict that pieces have; -1 where they are let go."""
    if verdict.type == "PERSON_NAME" and verdict.score < SURE:
        return -1
    return number(Verdict(verdict.type, verdict.score, (*verdict.evidence, "rest")))


_NONE = np.zeros(0, np.int64)
