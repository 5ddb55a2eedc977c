"""What is common in a column: against it a cell is told to be low, high or usual.

It holds percentiles and shares only, never a row, so that it can be kept beside a model.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from anping.engine.prediction import Signature
from anping.judge.asking import numbers, texts_of

Floats = NDArray[np.float64]
#: The ends are left out: they are single people's cells.
_PERCENTS = np.arange(1, 100)


@dataclass(frozen=True)
class Common:
    """One column: the 1st to 99th percentile of its numbers or days, or the shares of its categories."""

    percentiles: tuple[float, ...] = ()
    shares: tuple[tuple[str, float], ...] = ()

    @cached_property
    def share_of(self) -> Mapping[str, float]:
        """The categories' shares."""
        return dict(self.shares)

    def rank(self, number: float) -> float:
        """Return the share of rows below a number, ties counted half; 0.5 where nothing is known."""
        if not self.percentiles:
            return 0.5
        held = np.asarray(self.percentiles)
        below, within = np.searchsorted(held, [number], side="left")[0], (held == number).sum()
        return float((below + within / 2) / held.size)


@dataclass(frozen=True)
class Reference:
    """What is common, by column, and of how many rows that was told."""

    columns: Mapping[str, Common]
    n: int

    def as_json(self) -> dict[str, Any]:
        """Return plain values."""
        return {
            "n": self.n,
            "columns": {
                name: {"percentiles": list(one.percentiles), "shares": dict(one.shares)}
                for name, one in self.columns.items()
            },
        }

    @classmethod
    def from_json(cls, value: Mapping[str, Any]) -> Reference:
        """Read a reference from the plain values of :meth:`as_json`."""
        return cls(
            {
                name: Common(tuple(one["percentiles"]), tuple(one["shares"].items()))
                for name, one in value["columns"].items()
            },
            value["n"],
        )


def reference_of(rows: pa.Table, signature: Signature, *, rare: int = 20) -> Reference:
    """Return what is common in the columns that a model reads; ``rare`` categories are left out."""
    found = {}
    for feature in signature.features:
        if feature.nature == "category":
            texts, counts = np.unique(texts_of(rows, feature.name), return_counts=True)
            told = [(str(text), int(count)) for text, count in zip(texts, counts, strict=True)]
            shares = [(text, count / rows.num_rows) for text, count in told if count >= rare]
            found[feature.name] = Common(shares=tuple(shares))
            continue
        own = numbers(rows, feature)
        told_ = own[np.isfinite(own)]
        if told_.size:
            held = np.quantile(told_, _PERCENTS / 100, method="nearest")
            found[feature.name] = Common(tuple(float(one) for one in held))
    return Reference(found, rows.num_rows)
