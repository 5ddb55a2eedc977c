"""Seeded draws: one stream of random numbers per part, so that one part never shifts another."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Generic, TypeVar

import numpy as np

Value = TypeVar("Value")


def streams(seed: int, parts: int) -> tuple[np.random.Generator, ...]:
    """Return ``parts`` independent generators that depend on ``seed`` alone (PCG64)."""
    return tuple(
        np.random.default_rng(child) for child in np.random.SeedSequence(seed).spawn(parts)
    )


@dataclass(frozen=True)
class Weighted(Generic[Value]):
    """Values with relative weights, drawn by inverting the cumulative distribution."""

    values: tuple[Value, ...]
    weights: tuple[float, ...]

    @classmethod
    def of(cls, pairs: Sequence[tuple[Value, float]]) -> Weighted[Value]:
        """Return the distribution of ``(value, weight)`` pairs; weights need not sum to 1."""
        return cls(tuple(value for value, _ in pairs), tuple(weight for _, weight in pairs))

    @cached_property
    def _cumulative(self) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
        sums: np.ndarray[tuple[int], np.dtype[np.float64]] = np.cumsum(
            np.array(self.weights, dtype=np.float64)
        )
        return np.divide(sums, sums[-1])

    def one(self, rng: np.random.Generator) -> Value:
        """Return one draw."""
        return self.values[int(np.searchsorted(self._cumulative, rng.random(), side="right"))]


def pick(values: Sequence[Value], rng: np.random.Generator) -> Value:
    """Return one of ``values``, each as likely as the others."""
    return values[int(rng.integers(len(values)))]


def digits(count: int, rng: np.random.Generator) -> str:
    """Return ``count`` uniform decimal digits."""
    return f"{int(rng.integers(10**count)):0{count}d}"


def chance(probability: float, rng: np.random.Generator) -> bool:
    """Return True with ``probability``."""
    return bool(rng.random() < probability)
