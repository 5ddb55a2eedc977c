"""The maximum mean discrepancy: whether two samples of many columns come from one distribution.

It sees what no column shows alone, such as two columns that no longer move together. Random Fourier
features stand for the Gaussian kernel, so that the work grows with the rows, not with their square.

Sources: Gretton et al. 2012, JMLR 13:723 (the discrepancy, the median heuristic, permutations);
Rahimi & Recht 2007, NIPS 20 (random Fourier features).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from anping.core.errors import ParameterError
from anping.core.text import Text

Floats = NDArray[np.float64]
#: Rows from which the width of the kernel is told.
_PAIRED = 1000


@dataclass(frozen=True, slots=True)
class MeanDiscrepancy:
    """The discrepancy (a distance of two mean embeddings, 0 equal), and the chance of one as large.

    ``p`` is of ``draws`` permutations of the rows of both samples, (1 + those as large) / (1 + draws).
    """

    value: float
    p: float
    draws: int


def mean_discrepancy(
    one: Floats, other: Floats, *, seed: int, features: int = 128, draws: int = 200
) -> MeanDiscrepancy:
    """Return the discrepancy of two samples (n, w) and (m, w) of finite, scaled numbers.

    The kernel's width is the median distance of rows of both samples. Raises ParameterError where a
    sample has no rows, or the columns differ in number (``stats.mean-discrepancy``).
    """
    if one.ndim != 2 or other.ndim != 2 or one.shape[1] != other.shape[1]:
        raise _wrong()
    if not one.size or not other.size:
        raise _wrong()
    generator = np.random.default_rng(seed)
    rows = np.concatenate([one, other])
    waves = _waves(rows, features, generator)
    n, m = one.shape[0], other.shape[0]
    total = waves.sum(axis=0)

    def distance(chosen: Floats) -> float:
        mean = chosen @ waves / n
        return float(np.linalg.norm(mean - (total - n * mean) / m))

    first = np.zeros(n + m)
    first[:n] = 1.0
    value = distance(first)
    as_large = sum(distance(generator.permutation(first)) >= value for _ in range(draws))
    return MeanDiscrepancy(value, (1 + as_large) / (1 + draws), draws)


def _waves(rows: Floats, features: int, generator: np.random.Generator) -> Floats:
    """Return (n, features): cosines whose products are, on average, the Gaussian kernel."""
    width = _width(rows, generator)
    ways = generator.normal(0.0, 1.0 / width, (rows.shape[1], features))
    starts = generator.uniform(0.0, 2 * np.pi, features)
    found: Floats = np.cos(rows @ ways + starts) * np.sqrt(2.0 / features)
    return found


def _width(rows: Floats, generator: np.random.Generator) -> float:
    pairs = generator.integers(0, rows.shape[0], (2, _PAIRED))
    gaps = np.linalg.norm(rows[pairs[0]] - rows[pairs[1]], axis=1)
    apart = gaps[gaps > 0]
    return float(np.median(apart)) if apart.size else 1.0


def _wrong() -> ParameterError:
    return ParameterError(
        "stats.mean-discrepancy",
        Text(
            "兩個樣本都要有列，而且欄數相同。",
            "Both samples must have rows, and as many columns as one another.",
        ),
        hint=Text("請檢查輸入的資料。", "Check the data given."),
    )
