"""Finding a root or a maximum on a line: what the models are fitted with."""

from __future__ import annotations

from collections.abc import Callable
from math import sqrt

_GOLDEN = (sqrt(5) - 1) / 2
_HALVINGS = 100
_GRID = 24
_CLOSE = 1e-9


def root(falling: Callable[[float], float], low: float, high: float) -> float:
    """Return where a function that goes from above zero to below crosses it, by halving.

    Where it does not cross between ``low`` and ``high``, the end that comes nearest is returned.
    """
    for _ in range(_HALVINGS):
        middle = (low + high) / 2
        if falling(middle) > 0:
            low = middle
        else:
            high = middle
        if high - low <= _CLOSE * max(1.0, abs(low)):
            break
    return (low + high) / 2


def highest(function: Callable[[float], float], low: float, high: float) -> float:
    """Return where a function on a line is highest: the best of a grid, then golden section."""
    step = (high - low) / _GRID
    best = max((low + step * i for i in range(_GRID + 1)), key=function)
    left, right = max(low, best - step), min(high, best + step)
    one, two = right - _GOLDEN * (right - left), left + _GOLDEN * (right - left)
    at_one, at_two = function(one), function(two)
    while right - left > _CLOSE:
        if at_one >= at_two:
            right, two, at_two = two, one, at_one
            one = right - _GOLDEN * (right - left)
            at_one = function(one)
        else:
            left, one, at_one = one, two, at_two
            two = left + _GOLDEN * (right - left)
            at_two = function(two)
    return (left + right) / 2
