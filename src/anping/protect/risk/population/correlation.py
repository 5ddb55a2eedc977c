"""The correlations of a Gaussian copula that make pairs of columns tell as much as they do.

Mutual information needs no order of the values, so it also fits names and codes; the sign, which it
cannot tell, is that of the rank correlation in the values' natural order. Source: Rocher et al.
2019 (see ``copula``); Miller 1955 (correction of the bias of mutual information).
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from anping.protect.risk.population.ordered import OrderedColumn
from anping.stats.normal import bivariate_normal_cdf, normal_quantile

Floats = NDArray[np.float64]

#: Values of a column that are told apart here; a finer column is merged to so many.
_VALUES = 24
_STRONGEST = 0.98
_HALVINGS = 10
_SMALLEST = 1e-6


def correlations(columns: Sequence[OrderedColumn]) -> Floats:
    """Return (d, d) correlations, positive definite, that reproduce each pair's information."""
    merged = [column.merged(_VALUES) for column in columns]
    matrix = np.eye(len(merged))
    for i, one in enumerate(merged):
        for j, other in enumerate(merged[:i]):
            matrix[i, j] = matrix[j, i] = _correlation(one, other)
    return _positive_definite(matrix)


def _correlation(one: OrderedColumn, other: OrderedColumn) -> float:
    shape = one.counts.size, other.counts.size
    if min(shape) == 1:
        return 0.0
    pairs = one.codes.astype(np.int64) * shape[1] + other.codes
    table = np.bincount(pairs, minlength=shape[0] * shape[1]).reshape(shape)
    rows = table.sum()
    bias = (np.count_nonzero(table) - shape[0] - shape[1] + 1) / (2 * rows)
    wanted = _information(table / rows) - max(0.0, bias)
    if wanted <= 0:
        return 0.0
    x, y = (_inner_cuts(column) for column in (one, other))
    sign = 1.0 if _rank_covariance(table) >= 0 else -1.0
    low, high = 0.0, _STRONGEST
    for _ in range(_HALVINGS):
        middle = (low + high) / 2
        if _information(_cells(x, y, sign * middle)) < wanted:
            low = middle
        else:
            high = middle
    return sign * (low + high) / 2


def _inner_cuts(column: OrderedColumn) -> Floats:
    shares = np.cumsum(column.counts)[:-1] / column.counts.sum()
    return normal_quantile(shares)


def _cells(x: Floats, y: Floats, correlation: float) -> Floats:
    """Return the probability of every pair of values under the bivariate normal."""
    x, y = (np.concatenate([[-np.inf], cuts, [np.inf]]) for cuts in (x, y))
    below = bivariate_normal_cdf(x, y, correlation)
    return np.maximum(np.diff(np.diff(below, axis=0), axis=1), 0.0)


def _information(cells: Floats) -> float:
    """Return the mutual information of a table of probabilities, in nats."""
    expected = np.outer(cells.sum(axis=1), cells.sum(axis=0))
    filled = cells > 0
    return float((cells[filled] * np.log(cells[filled] / expected[filled])).sum())


def _rank_covariance(table: NDArray[np.int64]) -> float:
    total = table.sum()
    ranks = [
        (np.cumsum(side) - side / 2) / total - 0.5
        for side in (table.sum(axis=1), table.sum(axis=0))
    ]
    return float(ranks[0] @ table @ ranks[1])


def _positive_definite(matrix: Floats) -> Floats:
    """Return the matrix with eigenvalues of at least a little, and ones on its diagonal again."""
    values, vectors = np.linalg.eigh(matrix)
    if values.min() >= _SMALLEST:
        return matrix
    raised = (vectors * np.maximum(values, _SMALLEST)) @ vectors.T
    scale = 1 / np.sqrt(np.diag(raised))
    return np.asarray(raised * np.outer(scale, scale))
