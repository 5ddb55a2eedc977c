"""What every family of models learns from, and what it gives back."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from anping.engine.prediction import Task
from anping.learn.additive import Additive
from anping.learn.forest import Forest

Floats = NDArray[np.float64]
Rows = NDArray[np.int64]
Part = Forest | Additive
Setting = float | int | str | bool


@dataclass(frozen=True, eq=False)
class Design:
    """Rows to learn from: ``matrix`` (n, p), and ``target`` (n,), class codes or numbers.

    ``codes`` says which columns hold a category's codes, and how many there are; ``monotone`` (p,)
    is 1 where the answer may only rise with the column, -1 where it may only fall. The last
    ``generated`` columns are made of others.
    """

    matrix: Floats
    target: Floats
    task: Task
    classes: int
    codes: Mapping[int, int]
    monotone: tuple[int, ...]
    seed: int
    generated: int = 0

    @cached_property
    def plain(self) -> Design:
        """The same rows without what was generated: the columns keep their places."""
        if not self.generated:
            return self
        read = self.matrix.shape[1] - self.generated
        matrix = np.ascontiguousarray(self.matrix[:, :read])
        return replace(self, matrix=matrix, monotone=self.monotone[:read], generated=0)

    @property
    def outputs(self) -> int:
        """How many sums a model of these rows gives: one log-odds, one for each class, or a number."""
        return self.classes if self.task == "classes" else 1

    @property
    def constrained(self) -> bool:
        """Whether any column is bound to rise or fall."""
        return any(self.monotone)


@dataclass(frozen=True)
class Config:
    """A family of models and the settings to try it with; ``plain`` ones see nothing generated."""

    family: str
    name: str
    settings: Mapping[str, Setting] = field(default_factory=dict)
    plain: bool = False

    def as_json(self) -> dict[str, Any]:
        """Return plain values."""
        told = {"family": self.family, "name": self.name, "settings": dict(self.settings)}
        return {**told, "plain": True} if self.plain else told

    @classmethod
    def from_json(cls, value: dict[str, Any]) -> Config:
        """Read a config from the plain values of :meth:`as_json`."""
        return cls(value["family"], value["name"], value["settings"], value.get("plain", False))


@dataclass(frozen=True, eq=False)
class Fitted:
    """A model of the training rows, its sums for the rows it was stopped on, and what it cost.

    ``raw`` (m, outputs) are log-odds or numbers. ``work`` counts nominal CPU seconds: it depends on
    the data and the settings alone, so that the same search is done on any machine.
    """

    part: Part
    raw: Floats
    work: float


#: Learn from some rows of a design; the others tell when to stop.
Family = Callable[[Design, Config, Rows, Rows], Fitted]
