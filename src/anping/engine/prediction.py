"""What a model says of the rows of a table, in one form for every room that asks a model.

A model is learnt in ``learn``, examined in ``judge`` and served in ``run``; none of them needs to
know what is inside.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal, Protocol, runtime_checkable

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from anping.engine.natures import Nature

Task = Literal["binary", "classes", "number"]
Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]


@dataclass(frozen=True)
class Feature:
    """A column that a model reads: its name, what its cells are, and what was seen in training.

    ``categories`` are the known values of a category, most frequent first; ``low`` and ``high`` the
    bounds within which almost all numbers (or days, as proleptic ordinals) lay. ``missing`` says
    whether a cell may be empty.
    """

    name: str
    nature: Nature
    categories: tuple[str, ...] = ()
    low: float | None = None
    high: float | None = None
    missing: bool = True

    def as_json(self) -> dict[str, Any]:
        """Return plain values."""
        return {
            "name": self.name,
            "nature": self.nature,
            "categories": list(self.categories),
            "low": self.low,
            "high": self.high,
            "missing": self.missing,
        }

    @classmethod
    def from_json(cls, value: dict[str, Any]) -> Feature:
        """Read a feature from the plain values of :meth:`as_json`."""
        return cls(
            value["name"],
            value["nature"],
            tuple(value["categories"]),
            value["low"],
            value["high"],
            value["missing"],
        )


@dataclass(frozen=True)
class Signature:
    """What a model reads and what it answers: ``classes`` are the target's values, in order."""

    target: str
    task: Task
    classes: tuple[str, ...]
    features: tuple[Feature, ...]

    def as_json(self) -> dict[str, Any]:
        """Return plain values."""
        return {
            "target": self.target,
            "task": self.task,
            "classes": list(self.classes),
            "features": [feature.as_json() for feature in self.features],
        }

    @classmethod
    def from_json(cls, value: dict[str, Any]) -> Signature:
        """Read a signature from the plain values of :meth:`as_json`."""
        return cls(
            value["target"],
            value["task"],
            tuple(value["classes"]),
            tuple(Feature.from_json(each) for each in value["features"]),
        )


@dataclass(frozen=True, eq=False)
class Prediction:
    """What a model says of n rows.

    ``values`` are (n,) numbers, or (n, c) probabilities of the signature's c classes (two for a
    binary target). ``low`` and ``high`` (n,) bound a number, ``sets`` (n, c) mark the classes that
    cannot be excluded, both with the chance ``coverage``; None where the model was not asked for it.
    """

    values: Floats
    low: Floats | None = None
    high: Floats | None = None
    sets: Flags | None = None
    coverage: float | None = None


class Predictor(Protocol):
    """Whatever answers for the rows of a table; it reads the columns that its signature names."""

    @property
    def signature(self) -> Signature:
        """What it reads and what it answers."""

    def predict(self, rows: pa.Table) -> Prediction:
        """Return what it says of each row; columns it does not read are passed over."""


@dataclass(frozen=True, eq=False)
class Contributions:
    """What each column added to the answers of n rows, in log-odds or in the target's unit.

    ``base`` (c,) is what would be said without knowing any column; ``values`` (n, f, c) follow the
    signature's f features; c is 1 for a number and for two classes (then of the second), else the
    number of classes. ``base + values.sum(axis=1)`` is what the link turns into the answer.
    """

    base: Floats
    values: Floats

    @property
    def sums(self) -> Floats:
        """Return (n, c): the answers before they are turned into chances."""
        found: Floats = self.base + self.values.sum(axis=1)
        return found


@runtime_checkable
class Explained(Predictor, Protocol):
    """A predictor that tells exactly what each column added."""

    def contributions(self, rows: pa.Table) -> Contributions:
        """Return what each column added to the answer of each row."""


class RowPredictor(Predictor, Protocol):
    """A predictor that also answers for single rows at once, as a server needs it."""

    def answer(
        self, rows: Sequence[Mapping[str, Any]], *, coverage: float | None = None
    ) -> Prediction:
        """Return what ``predict`` says of the rows: a cell for each name, None where it is empty."""
