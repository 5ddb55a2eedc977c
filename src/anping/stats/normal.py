"""The normal distribution on arrays: its cumulative function, quantiles and two dimensions.

Sources: Abramowitz & Stegun 1964, 26.2 (derivatives by Hermite polynomials); Wichura 1988, Applied
Statistics 37:477 (AS 241, quantiles to 1e-16); Drezner & Wesolowsky 1990, J. Stat. Comput. Simul.
35:101 (two dimensions as a single integral over the angle of the correlation).
"""

from __future__ import annotations

from functools import cache
from math import asin, erfc, pi, sqrt

import numpy as np
from numpy.polynomial.legendre import leggauss
from numpy.typing import NDArray

Floats = NDArray[np.float64]

#: Beyond this many standard deviations a double holds 0 or 1.
EDGE = 9.0
_STEPS = 64
_CENTRAL = 0.425
_TAIL = 5.0
_ANGLES = 32

_NEAR = (
    (3.387132872796366608, 133.14166789178437745, 1971.5909503065514427, 13731.693765509461125,
     45921.953931549871457, 67265.770927008700853, 33430.575583588128105, 2509.0809287301226727),
    (1.0, 42.313330701600911252, 687.1870074920579083, 5394.1960214247511077,
     21213.794301586595867, 39307.89580009271061, 28729.085735721942674, 5226.495278852854561),
)  # fmt: skip
_MIDDLE = (
    (1.42343711074968357734, 4.6303378461565452959, 5.7694972214606914055, 3.64784832476320460504,
     1.27045825245236838258, 0.24178072517745061177, 0.0227238449892691845833,
     7.7454501427834140764e-4),
    (1.0, 2.05319162663775882187, 1.6763848301838038494, 0.68976733498510000455,
     0.14810397642748007459, 0.0151986665636164571966, 5.475938084995344946e-4,
     1.05075007164441684324e-9),
)  # fmt: skip
_OUTER = (
    (6.6579046435011037772, 5.4637849111641143699, 1.7848265399172913358, 0.29656057182850489123,
     0.026532189526576123093, 0.0012426609473880784386, 2.71155556874348757815e-5,
     2.01033439929228813265e-7),
    (1.0, 0.59983220655588793769, 0.13692988092273580531, 0.0148753612908506148525,
     7.868691311456132591e-4, 1.8463183175100546818e-5, 1.4215117583164458887e-7,
     2.04426310338993978564e-15),
)  # fmt: skip


def normal_cdf(x: Floats) -> Floats:
    """Return P(Z ≤ x) of every value, of any shape, to 1e-15; ±inf are allowed."""
    nodes, heights = _table()
    inside = np.clip(x, -EDGE, EDGE)
    place = np.rint((inside + EDGE) * _STEPS).astype(np.int64)
    at = place / _STEPS - EDGE
    step = inside - at
    # Taylor around the nearest node: the derivatives are Hermite polynomials times the density.
    square = at * at
    series = 1 + step * (
        -at / 2
        + step
        * (
            (square - 1) / 6
            + step * (at * (3 - square) / 24 + step * ((square - 6) * square + 3) / 120)
        )
    )
    return np.asarray(nodes[place] + heights[place] * step * series)


@cache
def _table() -> tuple[Floats, Floats]:
    at = np.arange(int(2 * EDGE * _STEPS) + 1) / _STEPS - EDGE
    nodes = np.array([0.5 * erfc(-x / sqrt(2)) for x in at.tolist()])
    return nodes, np.exp(-at * at / 2) / sqrt(2 * pi)


def normal_quantile(p: Floats) -> Floats:
    """Return x with P(Z ≤ x) = p of every probability; −inf at 0 and inf at 1 (or beyond)."""
    q = p - 0.5
    found = np.empty_like(q)
    central = np.abs(q) <= _CENTRAL
    found[central] = q[central] * _ratio(_NEAR, _CENTRAL**2 - q[central] ** 2)
    tail = np.minimum(p[~central], 1 - p[~central])
    with np.errstate(divide="ignore", invalid="ignore"):
        root = np.sqrt(-np.log(np.maximum(tail, 0.0)))
        outer = np.where(root <= _TAIL, _ratio(_MIDDLE, root - 1.6), _ratio(_OUTER, root - _TAIL))
    outer[tail <= 0] = np.inf
    found[~central] = np.copysign(outer, q[~central])
    return found


def _ratio(coefficients: tuple[tuple[float, ...], tuple[float, ...]], r: Floats) -> Floats:
    above, below = np.zeros_like(r), np.zeros_like(r)
    for top, bottom in zip(reversed(coefficients[0]), reversed(coefficients[1]), strict=True):
        above, below = above * r + top, below * r + bottom
    return np.asarray(above / below)


@cache
def _angles() -> tuple[Floats, Floats]:
    nodes, weights = leggauss(_ANGLES)  # type: ignore[no-untyped-call]
    return nodes, weights


def bivariate_normal_cdf(x: Floats, y: Floats, correlation: float) -> Floats:
    """Return P(X ≤ x_i, Y ≤ y_j) (a, b) for all pairs of ``x`` (a,) and ``y`` (b,), finite or not.

    Accurate to 1e-10 for correlations of at most 0.99 in size.
    """
    h = np.clip(x, -EDGE, EDGE)[:, None]
    k = np.clip(y, -EDGE, EDGE)[None, :]
    both = normal_cdf(h) * normal_cdf(k)
    nodes, weights = _angles()
    end = asin(correlation)
    sums, products = h * h + k * k, 2 * h * k
    for node, weight in zip(nodes.tolist(), weights.tolist(), strict=True):
        sine = np.sin(end * (node + 1) / 2)
        both += weight * end / (4 * pi) * np.exp((products * sine - sums) / (2 * (1 - sine * sine)))
    return np.asarray(both)
