"""A model of a table: what it reads, its parts, and how their sum becomes an answer.

It is data, not code: columns' readings, trees, curves and tables, a link and a conformal rule.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from anping.core.errors import ParameterError
from anping.core.text import Text
from anping.engine.prediction import Contributions, Prediction, Signature
from anping.learn.additive import Additive, added
from anping.learn.attribution import Paths, additive_contributions, paths_of
from anping.learn.conformal import Conformal
from anping.learn.design import Part
from anping.learn.encoder import Encoder
from anping.learn.forest import Forest, merged
from anping.learn.link import Link

Floats = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Model:
    """What was learnt. ``account`` tells how, in plain values: configs, weights, seeds, versions."""

    signature: Signature
    encoder: Encoder
    forest: Forest | None
    additive: Additive | None
    link: Link
    conformal: Conformal
    account: Mapping[str, Any] = field(default_factory=dict)

    def sums(self, matrix: Floats, *, fast: bool | None = None) -> Floats:
        """Return (n, outputs): log-odds or numbers, before the link, for an encoded matrix."""
        found = [] if self.additive is None else [self.additive.sums(matrix)]
        if self.forest is not None:
            found.append(self.forest.sums(matrix, fast=fast))
        whole: Floats = np.sum(found, axis=0)
        return whole

    def predict(
        self, rows: pa.Table, *, coverage: float | None = None, fast: bool | None = None
    ) -> Prediction:
        """Return what the model says of each row, with intervals or sets of a ``coverage`` if asked.

        Raises SchemaError for a missing column, ParameterError for a coverage that the model has not
        (``learn.coverage``).
        """
        return self._said(self.encoder.matrix(rows), coverage, fast=fast)

    def answer(
        self, rows: Sequence[Mapping[str, Any]], *, coverage: float | None = None
    ) -> Prediction:
        """Return what :meth:`predict` says of single rows: a cell for each name, None if it is empty.

        Raises what :meth:`predict` raises.
        """
        return self._said(self.encoder.matrix_of(rows), coverage, fast=None)

    def _said(self, matrix: Floats, coverage: float | None, *, fast: bool | None) -> Prediction:
        values = self.link.values(self.sums(matrix, fast=fast))
        if coverage is None:
            return Prediction(values)
        if coverage not in self.conformal.levels:
            raise _no_coverage(coverage, self.conformal.levels)
        if self.signature.task == "number":
            low, high = self.conformal.bounds(values, coverage)
            return Prediction(values, low=low, high=high, coverage=coverage)
        return Prediction(values, sets=self.conformal.sets(values, coverage), coverage=coverage)

    @cached_property
    def _paths(self) -> Paths | None:
        return None if self.forest is None else paths_of(self.forest)

    def contributions(self, rows: pa.Table, *, fast: bool | None = None) -> Contributions:
        """Return what each column added to the answer of each row, exactly.

        What a number made of two columns added is shared by them in halves. Raises SchemaError for a
        missing column, ParameterError for a model without covers (``learn.no-cover``).
        """
        matrix = self.encoder.matrix(rows)
        outputs = self.additive.base.size if self.additive is not None else 1
        outputs = self.forest.outputs if self.forest is not None else outputs
        base, added = np.zeros(outputs), np.zeros((*matrix.shape, outputs))
        if self.additive is not None:
            base = base + self.additive.base
            added = added + additive_contributions(self.additive, matrix)
        if self._paths is not None:
            base = base + self._paths.base
            added = added + self._paths.contributions(matrix, fast=fast)
        values = np.zeros((len(matrix), len(self.signature.features), outputs))
        for at, places in enumerate(self.encoder.column_at):
            for place in places:
                values[:, place] += added[:, at] / len(places)
        return Contributions(base * self.link.slope + self.link.offset, values * self.link.slope)


def joined(
    parts: Sequence[tuple[Part, float]], *, outputs: int
) -> tuple[Forest | None, Additive | None]:
    """Return the forest and the additive model that give the weighted sum of parts."""
    forests = [part.scaled(weight) for part, weight in parts if isinstance(part, Forest)]
    sums = [part.scaled(weight) for part, weight in parts if isinstance(part, Additive)]
    return (
        merged(forests) if forests else None,
        added(sums, outputs=outputs) if sums else None,
    )


def _no_coverage(coverage: float, levels: Sequence[float]) -> ParameterError:
    known = ", ".join(f"{level:g}" for level in levels)
    return ParameterError(
        "learn.coverage",
        Text(
            f"這個模型沒有涵蓋率 {coverage:g} 的區間。",
            f"The model has no intervals with a coverage of {coverage:g}.",
        ),
        hint=Text(f"可用的有：{known or '無'}", f"It has: {known or 'none'}"),
    )
