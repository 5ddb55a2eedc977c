"""How likely a correlated normal vector falls into a box, for many boxes at once.

Source: Genz 1992, J. Comput. Graph. Stat. 1:141: the integral is turned, one variable after
another, into one over the unit cube, and taken on a randomly shifted lattice (Richtmyer's).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from anping.stats.normal import normal_cdf, normal_quantile

Floats = NDArray[np.float64]

_POINTS = 128
#: Boxes at a time, so that memory stays small.
_AT_ONCE = 256


@dataclass(frozen=True)
class Rectangles:
    """Boxes with corners ``low`` and ``high``, both (t, d); ends may be infinite."""

    low: Floats
    high: Floats


def box_probabilities(boxes: Rectangles, root: Floats, *, seed: int) -> Floats:
    """Return (t,) how likely each box is under a normal of covariance ``root`` @ ``root``.T.

    ``root`` is lower triangular (d, d). The estimate is unbiased; ``seed`` shifts the lattice.
    """
    dimensions = root.shape[0]
    shift = np.random.default_rng(seed).random(dimensions)
    points = (np.arange(1, _POINTS + 1)[:, None] * _irrational(dimensions) + shift) % 1.0
    # The tent makes the integrand periodic, which a lattice integrates better.
    points = np.clip(np.abs(2 * points - 1), 1e-12, 1 - 1e-12)
    parts = [
        _box(boxes.low[at : at + _AT_ONCE], boxes.high[at : at + _AT_ONCE], root, points)
        for at in range(0, boxes.low.shape[0], _AT_ONCE)
    ]
    return np.concatenate([np.empty(0), *parts])


def _box(low: Floats, high: Floats, root: Floats, points: Floats) -> Floats:
    boxes, dimensions = low.shape
    drawn = np.empty((dimensions, boxes, points.shape[0]))
    weight = np.ones((boxes, points.shape[0]))
    for at in range(dimensions):
        centre = np.tensordot(root[at, :at], drawn[:at], axes=1) if at else np.zeros_like(weight)
        below = normal_cdf((low[:, at, None] - centre) / root[at, at])
        width = normal_cdf((high[:, at, None] - centre) / root[at, at]) - below
        weight *= width
        drawn[at] = np.clip(normal_quantile(below + points[:, at] * width), -9.0, 9.0)
    return np.asarray(weight.mean(axis=1))


def _irrational(dimensions: int) -> Floats:
    """Return the square roots of the first primes: Richtmyer's generator."""
    primes: list[int] = []
    number = 2
    while len(primes) < dimensions:
        if all(number % prime for prime in primes):
            primes.append(number)
        number += 1
    return np.asarray(np.sqrt(np.array(primes, float)) % 1.0)
