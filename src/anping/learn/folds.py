"""Who is learnt from and who is tested on: people stay together, the future stays unseen."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from anping.core.errors import ParameterError
from anping.core.text import Text

Rows = NDArray[np.int64]
Floats = NDArray[np.float64]
Way = Literal["rows", "people", "time"]


@dataclass(frozen=True, eq=False)
class Folds:
    """``of`` (n,) is the fold in which a row is tested, -1 where it is only learnt from.

    ``way`` says what was kept apart. By time, a fold is learnt from what came before it alone.
    """

    of: Rows
    way: Way

    @property
    def count(self) -> int:
        """How many folds there are."""
        return int(self.of.max(initial=-1)) + 1

    @property
    def tested(self) -> Rows:
        """The rows that are in some fold."""
        return np.flatnonzero(self.of >= 0)

    def __iter__(self) -> Iterator[tuple[Rows, Rows]]:
        """Yield for each fold the rows to learn from and the rows to test on."""
        for fold in range(self.count):
            before = self.of < fold if self.way == "time" else self.of != fold
            yield np.flatnonzero(before), np.flatnonzero(self.of == fold)


def folds_of(
    target: Floats, *, count: int, seed: int, people: Rows | None = None, when: Floats | None = None
) -> Folds:
    """Return folds for rows with a target: by time where ``when`` (n,) tells it, else by chance.

    ``people`` (n,) numbers the person of each row; all rows of one fall into the same fold. Classes
    (a target with at most twenty values) are spread evenly. By time the first rows are only learnt
    from; rows of one moment, and without one, stay together. Raises ParameterError
    (``learn.too-few``) where there are fewer rows, people or moments than folds.
    """
    if when is not None:
        return Folds(_by_time(when, count), "time")
    draw = np.random.default_rng(seed)
    units = np.arange(target.size) if people is None else np.unique(people, return_inverse=True)[1]
    size = int(units.max(initial=-1)) + 1
    if size < count:
        raise too_few(size, count)
    first = np.full(size, -1, dtype=np.int64)
    first[units[::-1]] = np.arange(target.size)[::-1]
    place = np.empty(size, dtype=np.int64)
    shuffled = draw.permutation(size)
    # Stable, so that chance decides among the units of one class.
    ordered = shuffled[np.argsort(_strata(target[first[shuffled]]), kind="stable")]
    place[ordered] = np.arange(size) % count
    return Folds(place[units], "rows" if people is None else "people")


def _strata(target: Floats) -> Rows:
    """Return the class of each unit; of many numbers, their rank in twenty parts."""
    values, codes = np.unique(target, return_inverse=True)
    if values.size <= 20:
        return codes.astype(np.int64)
    ranks = np.argsort(np.argsort(target, kind="stable"), kind="stable")
    return (ranks * 20 // target.size).astype(np.int64)


def _by_time(when: Floats, count: int) -> Rows:
    """Return the folds of rows by time: parts of nearly equal size, the first only learnt from."""
    moments = np.where(np.isnan(when), -np.inf, when)
    values, codes, rows = np.unique(moments, return_inverse=True, return_counts=True)
    if values.size <= count:
        raise too_few(int(values.size), count + 1)
    until = np.cumsum(rows) - rows / 2
    part = np.minimum((until * (count + 1) / when.size).astype(np.int64), count)
    # A moment with very many rows may leave a part empty; the parts are numbered without gaps.
    part = np.unique(part, return_inverse=True)[1]
    found: Rows = part[codes].astype(np.int64) - 1
    return found


def too_few(there: int, needed: int) -> ParameterError:
    """Return the error for a table that cannot be divided."""
    return ParameterError(
        "learn.too-few",
        Text(
            f"資料只有 {there} 個可分開的單位，少於所需的 {needed} 個，無法檢驗模型。",
            f"There are {there} units to keep apart, fewer than the {needed} that testing needs.",
        ),
        hint=Text("請增加資料，或減少折數。", "Add data, or ask for fewer folds."),
    )


def hold_out(
    target: Floats,
    share: float,
    *,
    seed: int,
    people: Rows | None = None,
    when: Floats | None = None,
) -> tuple[Rows, Rows]:
    """Return the rows to learn from and about ``share`` of the rows to keep for the examination.

    What is kept apart is as in :func:`folds_of`; by time the last rows are kept.
    """
    parts = max(2, round(1 / share))
    if when is not None:
        cut = float(np.quantile(when[~np.isnan(when)], 1 - share, method="lower"))
        later = when > cut
        if not later.any() or later.all():
            raise too_few(1, 2)
        return np.flatnonzero(~later), np.flatnonzero(later)
    folds = folds_of(target, count=parts, seed=seed, people=people)
    kept = folds.of == 0
    return np.flatnonzero(~kept), np.flatnonzero(kept)


def numbered(cells: Sequence[object]) -> Rows:
    """Return a number for each distinct cell; whoever is not named is somebody of their own."""
    seen: dict[object, int] = {}
    found = []
    for at, cell in enumerate(cells):
        named = cell is not None and str(cell).strip() != ""
        found.append(seen.setdefault(cell if named else ("row", at), len(seen)))
    return np.array(found, dtype=np.int64)
