"""Intervals and sets that hold the truth with a stated chance, whatever the model (conformal).

Sources: Vovk, Gammerman & Shafer 2005; Romano, Sesia & Candès 2020 (sets by cumulated chance);
Lei et al. 2018 (residuals in units of their expected size). The chance is over rows drawn as the
training rows were; it is no promise for one person, nor after a shift.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from anping.engine.prediction import Task

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]


@dataclass(frozen=True)
class Conformal:
    """For each level of coverage the score that it takes; ``levels`` and ``scores`` go together.

    A number's score is its distance from the prediction; a class's is the chance of all classes that
    are thought likelier than it.
    """

    task: Task
    levels: tuple[float, ...] = ()
    scores: tuple[float, ...] = ()

    def bounds(self, values: Floats, level: float) -> tuple[Floats, Floats]:
        """Return the ends of the intervals (n,) about numbers (n,)."""
        reach = self.scores[self.levels.index(level)]
        return values - reach, values + reach

    def sets(self, values: Floats, level: float) -> Flags:
        """Return (n, classes): the classes that cannot be excluded; the likeliest never is."""
        found = likelier(values) <= self.scores[self.levels.index(level)]
        found[np.arange(len(values)), values.argmax(axis=1)] = True
        return found

    def as_json(self) -> dict[str, Any]:
        """Return plain values."""
        return {"task": self.task, "levels": list(self.levels), "scores": list(self.scores)}

    @classmethod
    def from_json(cls, value: dict[str, Any]) -> Conformal:
        """Read from the plain values of :meth:`as_json`."""
        return cls(value["task"], tuple(value["levels"]), tuple(value["scores"]))


def conformal(
    task: Task, values: Floats, target: Floats, *, levels: tuple[float, ...]
) -> Conformal:
    """Return what the levels take, from values (n,) or (n, classes) of rows not learnt from.

    A level that n rows cannot promise is left out: it needs n ≥ level / (1 - level).
    """
    scores = np.sort(scores_of(task, values, target))
    kept, found = [], []
    for level in levels:
        place = int(np.ceil((scores.size + 1) * level)) - 1
        if place < scores.size:
            kept.append(level)
            found.append(float(scores[place]))
    return Conformal(task, tuple(kept), tuple(found))


def scores_of(task: Task, values: Floats, target: Floats) -> Floats:
    """Return (n,): how far the truth was from what was said."""
    if task == "number":
        distance: Floats = np.abs(target - values)
        return distance
    chance: Floats = likelier(values)[np.arange(target.size), target.astype(np.int64)]
    return chance


def likelier(values: Floats) -> Floats:
    """Return (n, classes): the chance of all classes that are thought likelier than each class."""
    order = np.argsort(-values, axis=1, kind="stable")
    ordered = np.take_along_axis(values, order, axis=1)
    before = np.cumsum(ordered, axis=1) - ordered
    found = np.empty_like(values)
    np.put_along_axis(found, order, before, axis=1)
    return found
