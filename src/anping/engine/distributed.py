"""Rows that lie on other machines: what the engine's doors ask of them instead of reading them."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pyarrow as pa


class Distributed(ABC):
    """A table's rows on a cluster. Verb rooms never see one: they see a Table that stands on it.

    Rows have a fixed order and are numbered from 0 in it. Whoever asks has checked the columns.
    """

    @property
    @abstractmethod
    def schema(self) -> pa.Schema:
        """The Arrow schema, as the same rows would have it on one machine."""

    @property
    @abstractmethod
    def rows(self) -> int:
        """The number of rows."""

    @abstractmethod
    def batches(self, columns: Sequence[str], *, size: int) -> Iterator[pa.RecordBatch]:
        """Bring whole columns here, in order, in batches of at most ``size`` rows."""

    @abstractmethod
    def mapped(
        self,
        function: Callable[[pa.RecordBatch], pa.RecordBatch],
        *,
        columns: Sequence[str],
        schema: pa.Schema,
        numbered: str | None,
    ) -> Iterator[pa.RecordBatch]:
        """Run ``function`` where the rows are and bring its results here, in the rows' order."""

    @abstractmethod
    def through(
        self,
        function: Callable[[pa.RecordBatch], pa.RecordBatch],
        *,
        columns: Sequence[str],
        schema: pa.Schema,
        numbered: str | None,
    ) -> Distributed:
        """Return the rows that ``function`` makes; they stay where they are made."""

    @abstractmethod
    def write(
        self, into: Path, *, columns: Sequence[str], by: str | None, ordered: bool
    ) -> Distributed:
        """Write columns as a folder of Parquet files and return the rows of it.

        The rows stand in the order of the column ``by``, or in their own, or, not ``ordered``, in
        any. The folder is there at once or not at all.
        """

    @abstractmethod
    def keep(self) -> None:
        """Make the rows once and keep them on the cluster, for several looks at them."""

    @abstractmethod
    def forget(self) -> None:
        """Keep the rows no longer."""

    @abstractmethod
    def reopened(self, path: Path) -> Distributed:
        """Return written rows whose folder was moved to ``path``."""

    @abstractmethod
    def rows_at(self, positions: npt.NDArray[np.int64], *, columns: Sequence[str]) -> pa.Table:
        """Bring the rows with these ascending numbers here."""

    @abstractmethod
    def answer(self, query: str) -> pa.Table:
        """Return the answer to an SQL query on ``source``, whose columns are named by their places."""

    @abstractmethod
    def quantiles(self, value: str, probabilities: Sequence[float]) -> tuple[float, ...]:
        """Return exact quantiles (type 7) of an SQL expression; none if it is null everywhere."""
