"""Microaggregation: numbers are replaced by the means of groups of alike rows (ISO/IEC 20889).

Groups are made by MDAV, *maximum distance to average vector* (Domingo-Ferrer and Mateo-Sanz 2002,
IEEE TKDE 14:189; in the generic form of Domingo-Ferrer and Torra 2005, DMKD 11:195), over columns
brought to mean 0 and variance 1. Its time grows with the square of the rows, so more than
:data:`MOST_ROWS` rows are first cut in halves at the median of their widest column until no part
has more than :data:`PART_ROWS`; every part is then grouped by itself, at a slightly greater loss.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from anping.core.errors import InfeasibleError
from anping.core.text import Text

Floats = npt.NDArray[np.float64]
Codes = npt.NDArray[np.int64]

#: Rows that are grouped as one by MDAV; more rows are cut into parts first.
MOST_ROWS = 32_768
#: The size of these parts at most (at least half of it, and 2k).
PART_ROWS = 4_096


@dataclass(frozen=True)
class Microaggregated:
    """Columns of means, the group of every row, and what was lost.

    ``lost`` is, for each column, the sum of squares within groups over the total sum of squares
    (SSE/SST; 0: nothing is lost, 1: all rows have one value; 0 for a column of one value).
    """

    values: Floats
    groups: Codes
    lost: tuple[float, ...]
    count: int
    smallest: int


@dataclass(frozen=True)
class Lost:
    """What became of a column's cells, block after block of its rows.

    ``present`` cells had a number, ``changed`` of them have another now, and ``emptied`` have none.
    ``share`` is SSE/SST over the cells that have a number before and after.
    """

    present: int = 0
    changed: int = 0
    emptied: int = 0
    squares: float = 0.0
    count: int = 0
    mean: float = 0.0
    total: float = 0.0

    @property
    def share(self) -> float:
        """The squares within groups over those around the mean; 0 for a column of one value."""
        return self.squares / self.total if self.total > 0 else 0.0

    def and_more(self, given: Floats, made: Floats) -> Lost:
        """Return the same with the cells of one more block (Chan, Golub and LeVeque 1979)."""
        present = np.isfinite(given)
        both = present & np.isfinite(made)
        n = int(both.sum())
        mean = float(given[both].mean()) if n else 0.0
        count = self.count + n
        apart = mean - self.mean
        between = apart * apart * self.count * n / count if count else 0.0
        return Lost(
            self.present + int(present.sum()),
            self.changed + int((given[present] != made[present]).sum()),
            self.emptied + int((present & ~np.isfinite(made)).sum()),
            self.squares + float(((given[both] - made[both]) ** 2).sum()),
            count,
            self.mean + apart * n / count if count else 0.0,
            self.total + float(((given[both] - mean) ** 2).sum()) + between,
        )


def microaggregate(values: Floats, k: int, *, people: Codes | None = None) -> Microaggregated:
    """Return ``values`` (rows x columns, finite) with each cell the mean of its group.

    Every group has at least ``k`` rows, or with ``people`` (a number for each row) ``k`` different
    people: a group with fewer joins the one nearest to it. The column sums stay. Raises
    InfeasibleError for fewer than ``k`` rows or people.
    """
    count = values.shape[0] if people is None else np.unique(people).size
    if count < k:
        raise InfeasibleError(
            "protect.k-larger-than-table",
            Text(
                f"k = {k}，但只有 {count} 人（或列）。",
                f"k is {k}, but there are only {count} people (or rows).",
            ),
            hint=Text("降低 k，或提供更多資料。", "Lower k, or bring more data."),
        )
    scale = values.std(axis=0)
    points = (values - values.mean(axis=0)) / np.where(scale > 0, scale, 1)
    groups = grouped(points, k)
    if people is not None:
        groups = _with_enough_people(points, groups, k, people)
    sizes = np.bincount(groups)
    made = np.stack([_means(column, groups, sizes)[groups] for column in values.T], axis=1)
    return Microaggregated(
        made,
        groups,
        tuple(_lost(column, mean) for column, mean in zip(values.T, made.T, strict=True)),
        int(sizes.size),
        int(sizes.min()),
    )


def grouped(points: Floats, k: int) -> Codes:
    """Return the MDAV group of every row of ``points`` (rows x columns): ``k`` to 2k - 1 rows each.

    Of more than :data:`MOST_ROWS` rows the parts are grouped by themselves, so that rows on both
    sides of a cut are never in one group.
    """
    rows = points.shape[0]
    groups = np.empty(rows, np.int64)
    made = 0
    most = rows if rows <= MOST_ROWS else max(PART_ROWS, 4 * k)
    for part in _parts(points, np.arange(rows), most):
        of_part = mdav(points[part], k)
        groups[part] = of_part + made
        made += int(of_part.max()) + 1
    return groups


def mdav(points: Floats, k: int) -> Codes:
    """Return the group of every row by MDAV; all rows are one group where they are fewer than 2k."""
    left = _Left(points)
    groups = np.empty(points.shape[0], np.int64)
    made = 0
    while left.count >= 3 * k:
        far = left.farthest(left.distances(left.mean()))
        near_far = left.distances(left.coordinates[:, far])
        groups[left.take_nearest(near_far, k)] = made
        opposite = left.farthest(near_far)
        near_opposite = left.distances(left.coordinates[:, opposite])
        groups[left.take_nearest(near_opposite, k)] = made + 1
        made += 2
        left.pack()
    if left.count >= 2 * k:
        far = left.farthest(left.distances(left.mean()))
        groups[left.take_nearest(left.distances(left.coordinates[:, far]), k)] = made
        made += 1
    groups[left.rest()] = made
    return groups


class _Left:
    """The rows that are in no group yet: one array for each column, packed now and then."""

    def __init__(self, points: Floats) -> None:
        self.coordinates = np.ascontiguousarray(points.T)
        self.rows = np.arange(points.shape[0])
        self.alive = np.ones(points.shape[0], np.bool_)
        self.count = points.shape[0]
        self.total = self.coordinates.sum(axis=1)

    def mean(self) -> Floats:
        return np.asarray(self.total / self.count)

    def distances(self, point: Floats) -> Floats:
        """Return the squared distances to ``point``, of rows already taken too."""
        found = np.zeros(self.rows.size)
        for column, at in zip(self.coordinates, point, strict=True):
            away = column - at
            away *= away
            found += away
        return found

    def farthest(self, distances: Floats) -> int:
        return int(np.where(self.alive, distances, -1).argmax())

    def take_nearest(self, distances: Floats, k: int) -> Codes:
        """Take the ``k`` nearest rows out and return them."""
        nearest = np.argpartition(np.where(self.alive, distances, np.inf), k - 1)[:k]
        self.alive[nearest] = False
        self.count -= k
        self.total -= self.coordinates[:, nearest].sum(axis=1)
        return np.asarray(self.rows[nearest], np.int64)

    def pack(self) -> None:
        """Let go of the rows taken, once they are an eighth of all."""
        if self.count * 8 <= self.rows.size * 7:
            self.coordinates = np.ascontiguousarray(self.coordinates[:, self.alive])
            self.rows = self.rows[self.alive]
            self.alive = np.ones(self.rows.size, np.bool_)
            self.total = self.coordinates.sum(axis=1)

    def rest(self) -> Codes:
        return np.asarray(self.rows[self.alive], np.int64)


def _parts(points: Floats, rows: Codes, most: int) -> list[Codes]:
    """Return the rows in parts of at most ``most``, cut at medians of the widest column."""
    if rows.size <= most:
        return [rows]
    here = points[rows]
    widest = int(here.var(axis=0).argmax())
    middle = rows.size // 2
    order = np.argpartition(here[:, widest], middle)
    halves = (rows[order[:middle]], rows[order[middle:]])
    return [part for half in halves for part in _parts(points, half, most)]


def _with_enough_people(points: Floats, groups: Codes, k: int, people: Codes) -> Codes:
    """Join every group of fewer than ``k`` people to the nearest other one, until there is none."""
    persons = np.unique(people, return_inverse=True)[1]
    while True:
        sizes = np.bincount(groups)
        pairs = np.unique(np.stack([groups, persons]), axis=1)
        short = np.flatnonzero(np.bincount(pairs[0], minlength=sizes.size) < k)
        if not short.size:
            return groups
        means = np.stack([_means(column, groups, sizes) for column in points.T], axis=1)
        into = np.arange(sizes.size)
        for group in short:
            # A group that another one joins, or that has joined one, stays as it is this time.
            if into[group] != group or np.count_nonzero(into == group) > 1:
                continue
            away = ((means - means[group]) ** 2).sum(axis=1)
            away[group] = np.inf
            into[group] = into[int(away.argmin())]
        groups = np.unique(into[groups], return_inverse=True)[1].astype(np.int64)


def _means(column: Floats, groups: Codes, sizes: Codes) -> Floats:
    return np.asarray(np.bincount(groups, column) / sizes, np.float64)


def _lost(column: Floats, made: Floats) -> float:
    total = float(((column - column.mean()) ** 2).sum())
    return float(((column - made) ** 2).sum()) / total if total > 0 else 0.0
