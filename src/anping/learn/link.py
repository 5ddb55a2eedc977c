"""From sums to what is said: probabilities from log-odds, calibrated on rows not learnt from.

Sources: Platt 1999 (binary); Guo et al. 2017, temperature scaling (several classes).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from anping.engine.prediction import Task

Floats = NDArray[np.float64]
_STEPS = 60


@dataclass(frozen=True)
class Link:
    """Sums times ``slope``, plus ``offset`` for the second of two classes; then the logistic."""

    task: Task
    slope: float = 1.0
    offset: float = 0.0

    def values(self, sums: Floats) -> Floats:
        """Return (n,) numbers, or (n, classes) probabilities, for sums (n, outputs)."""
        if self.task == "number":
            number: Floats = sums[:, 0] * self.slope + self.offset
            return number
        if self.task == "binary":
            second = _logistic(sums[:, 0] * self.slope + self.offset)
            return np.column_stack([1 - second, second])
        scaled = sums * self.slope
        powers = np.exp(scaled - scaled.max(axis=1, keepdims=True))
        shares: Floats = powers / powers.sum(axis=1, keepdims=True)
        return shares

    def as_json(self) -> dict[str, Any]:
        """Return plain values."""
        return {"task": self.task, "slope": self.slope, "offset": self.offset}

    @classmethod
    def from_json(cls, value: dict[str, Any]) -> Link:
        """Read a link from the plain values of :meth:`as_json`."""
        return cls(value["task"], value["slope"], value["offset"])


def loss_of(task: Task, values: Floats, target: Floats) -> Floats:
    """Return (n,): the log loss of the true class in nats, or the squared error of a number."""
    if task == "number":
        squared: Floats = (values - target) ** 2
        return squared
    chance = values[np.arange(target.size), target.astype(np.int64)]
    missed: Floats = -np.log(np.maximum(chance, 1e-15))
    return missed


def calibrated(task: Task, sums: Floats, target: Floats) -> Link:
    """Return the link that fits sums (n, outputs) of rows not learnt from; numbers need none.

    The link is taken only where it says the truth better than no calibration by more than one
    standard error of the difference; a slope that is not positive never is.
    """
    plain = Link(task)
    if task == "number" or target.size < 50:
        return plain
    found = _platt(sums[:, 0], target) if task == "binary" else _tempered(sums, target)
    if found.slope <= 0 or not np.isfinite([found.slope, found.offset]).all():
        return plain
    gain = loss_of(task, plain.values(sums), target) - loss_of(task, found.values(sums), target)
    error = gain.std(ddof=1) / np.sqrt(gain.size)
    return found if gain.mean() > error else plain


def _platt(sums: Floats, target: Floats) -> Link:
    """Return the slope and offset by Newton's method, with Platt's targets against certainty."""
    many, few = target.sum(), (1 - target).sum()
    aim = np.where(target > 0, (many + 1) / (many + 2), 1 / (few + 2))
    design = np.column_stack([sums, np.ones(sums.size)])

    def loss(weights: Floats) -> float:
        said = design @ weights
        return float((np.logaddexp(0.0, said) - aim * said).sum())

    weights = np.zeros(2)
    for _ in range(_STEPS):
        chance = _logistic(design @ weights)
        gradient = design.T @ (chance - aim)
        curvature = (design * (chance * (1 - chance))[:, None]).T @ design + 1e-9 * np.eye(2)
        step = np.linalg.solve(curvature, gradient)
        # Newton's step may pass the valley where chances are nearly certain.
        while loss(weights - step) > loss(weights) and np.abs(step).max() > 1e-10:
            step = step / 2
        weights = weights - step
        if np.abs(step).max() < 1e-10:
            break
    return Link("binary", float(weights[0]), float(weights[1]))


def _tempered(sums: Floats, target: Floats) -> Link:
    """Return the slope that fits best, by golden section on its logarithm."""

    def loss(log_slope: float) -> float:
        link = Link("classes", float(np.exp(log_slope)))
        return float(loss_of("classes", link.values(sums), target).mean())

    low, high = np.log(0.1), np.log(10.0)
    golden = (np.sqrt(5) - 1) / 2
    for _ in range(_STEPS):
        one, other = high - golden * (high - low), low + golden * (high - low)
        low, high = (low, other) if loss(one) < loss(other) else (one, high)
    return Link("classes", float(np.exp((low + high) / 2)))


def _logistic(sums: Floats) -> Floats:
    found: Floats = np.where(
        sums >= 0,
        1 / (1 + np.exp(-np.abs(sums))),
        np.exp(-np.abs(sums)) / (1 + np.exp(-np.abs(sums))),
    )
    return found
