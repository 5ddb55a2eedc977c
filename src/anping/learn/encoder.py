"""A table's rows as a matrix that every family of models learns from."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from math import nan
from typing import Any, Literal

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from anping.core.errors import SchemaError, Where
from anping.core.text import Text
from anping.engine.prediction import Feature
from anping.learn.columns import Column, column_of

Floats = NDArray[np.float64]
Operation = Literal["difference", "ratio"]


@dataclass(frozen=True)
class Pair:
    """A generated number: the difference or the ratio of two numbers of the matrix, by their places."""

    operation: Operation
    left: int
    right: int

    def of(self, matrix: Floats) -> Floats:
        """Return (n,): a ratio is left / (|left| + |right|), so that it is bounded and 0 / 0 missing."""
        left, right = matrix[:, self.left], matrix[:, self.right]
        if self.operation == "difference":
            return left - right
        whole = np.abs(left) + np.abs(right)
        return np.divide(left, whole, out=np.full(left.size, np.nan), where=whole > 0)

    def one(self, cells: Sequence[float]) -> float:
        """Return what :meth:`of` does for one row, without arrays."""
        left, right = cells[self.left], cells[self.right]
        if self.operation == "difference":
            return left - right
        whole = abs(left) + abs(right)
        return left / whole if whole > 0 else nan


@dataclass(frozen=True)
class Encoder:
    """Columns read one after the other, then generated numbers."""

    columns: tuple[Column, ...]
    pairs: tuple[Pair, ...] = ()

    @cached_property
    def names(self) -> tuple[str, ...]:
        """The names of the matrix's columns."""
        read = [name for column in self.columns for name in column.names]
        signs = {"difference": "−", "ratio": "÷"}
        made = [
            f"{read[pair.left]} {signs[pair.operation]} {read[pair.right]}" for pair in self.pairs
        ]
        return (*read, *made)

    @cached_property
    def codes(self) -> Mapping[int, int]:
        """How many codes each column of the matrix has that holds a category's codes."""
        found, place = {}, 0
        for column in self.columns:
            if column.codes:
                found[place] = column.codes
            place += len(column.names)
        return found

    @cached_property
    def column_at(self) -> tuple[tuple[int, ...], ...]:
        """Which of the table's columns each column of the matrix is made of, by their places."""
        read = [at for at, column in enumerate(self.columns) for _ in column.names]
        return (
            *((at,) for at in read),
            *((read[pair.left], read[pair.right]) for pair in self.pairs),
        )

    @property
    def features(self) -> tuple[Feature, ...]:
        """The columns that are read."""
        return tuple(column.feature for column in self.columns)

    def with_pairs(self, pairs: Sequence[Pair]) -> Encoder:
        """Return the encoder that makes these numbers, too."""
        return Encoder(self.columns, tuple(pairs))

    def matrix(self, rows: pa.Table) -> Floats:
        """Return (n, p) for the rows. Raises SchemaError for a column that is not there."""
        parts, there = [], frozenset(rows.column_names)
        for column in self.columns:
            if column.feature.name not in there:
                raise _missing(column.feature.name)
            parts.append(column.matrix(rows.column(column.feature.name)))
        read = np.concatenate(parts, axis=1) if parts else np.empty((rows.num_rows, 0))
        return self.extended(read)

    def matrix_of(self, rows: Sequence[Mapping[str, Any]]) -> Floats:
        """Return (n, p) for single rows. Raises SchemaError for a column that is not there."""
        read = np.empty((len(rows), len(self.names)))
        for at, row in enumerate(rows):
            cells: list[float] = []
            for column in self.columns:
                name = column.feature.name
                if name not in row:
                    raise _missing(name)
                cells += column.read(row[name])
            read[at] = [*cells, *(pair.one(cells) for pair in self.pairs)]
        return read

    def extended(self, read: Floats) -> Floats:
        """Return the matrix with the generated numbers beside those that were read."""
        if not self.pairs:
            return read
        return np.column_stack([read, *(pair.of(read) for pair in self.pairs)])

    def as_json(self) -> dict[str, Any]:
        """Return plain values."""
        return {
            "columns": [column.as_json() for column in self.columns],
            "pairs": [[pair.operation, pair.left, pair.right] for pair in self.pairs],
        }

    @classmethod
    def from_json(cls, value: dict[str, Any]) -> Encoder:
        """Read an encoder from the plain values of :meth:`as_json`."""
        return cls(
            tuple(Column.from_json(each) for each in value["columns"]),
            tuple(Pair(*each) for each in value["pairs"]),
        )


def encoder_of(rows: pa.Table, columns: Sequence[str]) -> Encoder:
    """Return the encoder of these columns, fixed on the rows."""
    return Encoder(tuple(column_of(name, rows.column(name)) for name in columns))


def _missing(column: str) -> SchemaError:
    return SchemaError(
        "learn.missing-column",
        Text(
            f"資料缺少模型要讀的欄位「{column}」。",
            f"The rows lack the column “{column}” that the model reads.",
        ),
        where=Where(column=column),
        hint=Text(
            "請給出訓練時的所有欄位；沒有值的儲存格可以是空的。",
            "Give every column that the model was trained on; a cell may be empty.",
        ),
    )
