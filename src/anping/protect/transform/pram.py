"""Post-randomisation, PRAM: a category becomes another one by the chances of a known matrix.

Gouweleeuw, Kooiman, Willenborg and de Wolf 1998 (Journal of Official Statistics 14:463). With the
matrix, which is told, an analyst corrects estimates; *invariant* PRAM needs no correction for counts
of the one column, because its matrix P keeps the column's distribution t: tP = t.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from math import inf, log

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Codes = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Transition:
    """Chances: row i, column j is the chance that category i is released as category j."""

    matrix: Floats = field(repr=False)

    def apply(self, codes: Codes, uniform: Floats) -> Codes:
        """Return the codes after one draw each, from numbers in [0, 1); -1 (missing) stays."""
        size = self.matrix.shape[0]
        steps = np.cumsum(self.matrix, axis=1)
        steps[:, -1] = 1
        # All rows as one ascending run: row i lies between i and i + 1.
        run = (steps + np.arange(size)[:, None]).ravel()
        found = np.searchsorted(run, codes + uniform, side="right") - codes * size
        # Rounding at the end of a row must not lead to a category that has no chance.
        last = size - 1 - (self.matrix[:, ::-1] > 0).argmax(axis=1)
        return np.where(codes < 0, -1, np.minimum(found, last[codes]))

    @property
    def epsilon(self) -> float:
        """The local differential privacy of one released value; infinite where a chance is 0.

        Right only for a matrix that does not come from the data.
        """
        least, most = self.matrix.min(axis=0), self.matrix.max(axis=0)
        shown = most > 0
        if (least[shown] == 0).any():
            return inf
        return max(log(high / low) for high, low in zip(most[shown], least[shown], strict=True))

    def unchanged(self, counts: Codes) -> float:
        """Return the expected share of cells that stay, ``counts`` being each category's cells."""
        return float(counts @ np.diag(self.matrix) / counts.sum()) if counts.sum() else 1.0


def invariant(counts: Codes, keep: float) -> Transition:
    """Return the matrix that keeps a value by ``keep``, else draws from the column's distribution.

    P = keep I + (1 - keep) 1 t', so tP = t exactly for t = counts / sum.
    """
    shares = counts / max(1, counts.sum())
    matrix = keep * np.eye(counts.size) + (1 - keep) * shares[None, :]
    return Transition(np.asarray(matrix, np.float64))


def uniform(size: int, keep: float) -> Transition:
    """Return the matrix that keeps a value by ``keep``, else draws any other one alike.

    It is randomised response with ``size`` answers (Warner 1965 for two).
    """
    if size == 1:
        return Transition(np.ones((1, 1)))
    matrix = np.full((size, size), (1 - keep) / (size - 1))
    np.fill_diagonal(matrix, keep)
    return Transition(matrix)


def given(values: Sequence[str], rows: Mapping[str, Mapping[str, float]]) -> Transition:
    """Return the matrix written as value to value to chance; KeyError names a value it lacks."""
    place = {value: at for at, value in enumerate(values)}
    matrix = np.zeros((len(values), len(values)))
    for value in values:
        for other, chance in rows[value].items():
            matrix[place[value], place[other]] += chance
    return Transition(matrix)
