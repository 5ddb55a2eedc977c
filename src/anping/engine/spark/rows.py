"""The engine's doors on a Spark frame: group-bys for counts, functions that travel to the rows."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from enum import Enum
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from anping.core.files import folder_aside
from anping.engine.distributed import Distributed
from anping.engine.spark.failures import told
from anping.engine.spark.files import parquet_frame
from anping.engine.spark.quantiles import quantiles
from anping.engine.spark.travel import (
    CONTENT,
    GROUP,
    INDEX,
    NUMBER,
    PARCEL,
    Chosen,
    Parcels,
    Rows,
    Runner,
    numbered_rows,
    opened,
    same,
)
from anping.engine.spark.types import travelling

if TYPE_CHECKING:
    from pyspark.sql import Column, DataFrame, SparkSession

_PLACES_IN_PARTITION = 2**33

BatchFunction = Callable[[pa.RecordBatch], pa.RecordBatch]


class Order(Enum):
    """What orders the rows: the files they lie in, the frame's partitions, or numbers they carry."""

    FILES = "files"
    PARTITIONS = "partitions"
    NUMBERS = "numbers"


class SparkRows(Distributed):
    """Rows of a Spark frame. Its columns are known by their places: c0, c1 ..."""

    def __init__(
        self, frame: DataFrame, session: SparkSession, *, schema: pa.Schema, order: Order
    ) -> None:
        self._schema = schema
        self._session = session
        self._order = order
        self._places = {name: f"c{place}" for place, name in enumerate(schema.names)}
        carried = [NUMBER, INDEX] if order is Order.NUMBERS else []
        self._frame = frame.toDF(*self._places.values(), *carried)

    @classmethod
    def of_parquet(
        cls, path: Path | str, session: SparkSession, *, schema: pa.Schema | None = None
    ) -> SparkRows:
        """Return the rows of Parquet at a path or URL, in ``schema`` if they were written with one."""
        frame, known = parquet_frame(path, session, schema=schema)
        return cls(frame, session, schema=known, order=Order.FILES)

    @property
    def schema(self) -> pa.Schema:
        """The Arrow schema."""
        return self._schema

    @property
    def rows(self) -> int:
        """The number of rows, counted once."""
        return int(self._groups.sizes.sum())

    @cached_property
    def _groups(self) -> _Groups:
        """The groups of rows in the table's order, with their sizes: one job that reads no column."""
        group, _, name = self._locators()
        with told():
            counted = self._frame.select(group, name).groupBy(GROUP, _NAME).count().toArrow()
        # Two names with one hash would be one group: that the names differ is all that is needed.
        keys = counted.column(GROUP).to_numpy()
        names = counted.column(_NAME).to_pylist()
        order = sorted(range(len(names)), key=names.__getitem__)
        assert len(set(keys.tolist())) == len(names)
        return _Groups(keys[order], counted.column("count").to_numpy()[order])

    def _locators(self) -> tuple[Column, Column, Column]:
        """Return a row's group, its place within it, and the group's name, by which groups sort."""
        from pyspark.sql import functions as spark

        if self._order is Order.FILES:
            file = spark.col("_metadata.file_path")
            group, index, name = spark.xxhash64(file), spark.col("_metadata.row_index"), file
        else:
            partition = spark.spark_partition_id().cast("long")
            place = spark.monotonically_increasing_id()
            group, index, name = partition, place % _PLACES_IN_PARTITION, partition
        return group.alias(GROUP), index.alias(INDEX), name.alias(_NAME)

    def _located(self, columns: Sequence[str]) -> DataFrame:
        """Return the columns, whose names no longer matter, with each row's group and place in it."""
        from pyspark.sql import functions as spark

        group, index, _ = self._locators()
        known = enumerate(self._placed(columns))
        asked = [spark.col(name).alias(f"r{place}") for place, name in known]
        return self._frame.select(*asked, group, index)

    def _placed(self, columns: Sequence[str]) -> list[str]:
        return [self._places[name] for name in columns]

    def _runner(
        self,
        function: BatchFunction,
        columns: Sequence[str],
        made: pa.Schema,
        numbered: str | None = None,
    ) -> Runner:
        given = pa.schema([self._schema.field(name) for name in columns])
        return Runner(function, given, made, self._groups.starts, numbered)

    def _parcels(self, runner: Runner) -> DataFrame:
        from pyspark.sql.pandas.types import from_arrow_schema

        located = self._located(runner.given.names)
        return located.mapInArrow(Parcels(runner), from_arrow_schema(PARCEL))

    @property
    def _in_order(self) -> bool:
        """Whether Spark hands out the partitions in the rows' order; it packs files by size."""
        return self._order is Order.PARTITIONS or len(self._groups.sizes) <= 1

    def batches(self, columns: Sequence[str], *, size: int) -> Iterator[pa.RecordBatch]:
        """Bring whole columns here, one partition at a time."""
        if not self.rows:
            return
        schema = pa.schema([self._schema.field(name) for name in columns])
        parcels = self._parcels(self._runner(same, columns, schema))
        if not self._in_order:
            parcels = parcels.orderBy(NUMBER)
        with told():
            for parcel in parcels.toLocalIterator(prefetchPartitions=True):
                for batch in opened(bytes(parcel[CONTENT])):
                    for start in range(0, batch.num_rows, size):
                        yield batch.slice(start, size)

    def mapped(
        self,
        function: BatchFunction,
        *,
        columns: Sequence[str],
        schema: pa.Schema,
        numbered: str | None,
    ) -> Iterator[pa.RecordBatch]:
        """Run the function on the workers; its results come here together and in order."""
        runner = self._runner(function, columns, schema, numbered)
        with told():
            parcels = self._parcels(runner).toArrow()
        order = np.argsort(parcels.column(NUMBER).to_numpy(), kind="stable")
        contents = parcels.column(CONTENT)
        for place in order.tolist():
            yield from opened(contents[place].as_py())

    def through(
        self,
        function: BatchFunction,
        *,
        columns: Sequence[str],
        schema: pa.Schema,
        numbered: str | None,
    ) -> SparkRows:
        """Return the rows that the function makes, computed where and when they are needed."""
        from pyspark.sql.pandas.types import from_arrow_schema

        carried = travelling(schema)
        runner = self._runner(function, columns, schema, numbered)
        made = from_arrow_schema(numbered_rows(carried))
        frame = self._located(columns).mapInArrow(Rows(runner, carried), made)
        if self._in_order:
            rows = frame.drop(NUMBER, INDEX)
            return SparkRows(rows, self._session, schema=schema, order=Order.PARTITIONS)
        return SparkRows(frame, self._session, schema=schema, order=Order.NUMBERS)

    def write(
        self, into: Path, *, columns: Sequence[str], by: str | None, ordered: bool
    ) -> SparkRows:
        """Write columns as a folder of Parquet files."""
        frame = self._frame
        if by is not None:
            frame = frame.orderBy(*self._placed([by]))
        elif ordered and self._order is Order.NUMBERS:
            frame = frame.orderBy(NUMBER, INDEX)
        elif ordered and not self._in_order:
            frame = frame.orderBy("_metadata.file_path", "_metadata.row_index")
        with folder_aside(into) as folder, told():
            named = frame.select(*self._placed(columns)).toDF(*columns)
            named.write.mode("overwrite").option("compression", "zstd").parquet(str(folder))
        schema = pa.schema([self._schema.field(name) for name in columns])
        return SparkRows.of_parquet(into, self._session, schema=schema)

    def keep(self) -> None:
        """Keep the rows in the workers' memory and on their disks."""
        self._frame.persist()

    def forget(self) -> None:
        """Keep them no longer."""
        self._frame.unpersist()

    def reopened(self, path: Path) -> SparkRows:
        """Return the rows of the folder at ``path``, in this schema."""
        return SparkRows.of_parquet(path, self._session, schema=self._schema)

    def rows_at(self, positions: npt.NDArray[np.int64], *, columns: Sequence[str]) -> pa.Table:
        """Bring the rows with these numbers here: the numbers travel, not the rows."""
        schema = pa.schema([self._schema.field(name) for name in columns])
        chosen = Chosen(NUMBER, positions)
        found = self.mapped(chosen, columns=columns, schema=schema, numbered=NUMBER)
        return pa.Table.from_batches(found, schema)

    def answer(self, query: str) -> pa.Table:
        """Return the answer to a query on ``source``."""
        escaped = query.replace("{", "{{").replace("}", "}}")
        with told():
            asked = f"WITH source AS (SELECT * FROM {{frame}}) {escaped}"  # noqa: S608 - places
            return self._session.sql(asked, frame=self._frame).toArrow()

    def quantiles(self, value: str, probabilities: Sequence[float]) -> tuple[float, ...]:
        """Return exact quantiles of an SQL expression."""
        return quantiles(self.answer, value, probabilities)


_NAME = "anping_name"


class _Groups:
    """Files or partitions in the table's order: ``keys`` and ``sizes`` have shape (groups,)."""

    def __init__(self, keys: npt.NDArray[np.int64], sizes: npt.NDArray[np.int64]) -> None:
        self.keys = keys
        self.sizes = sizes
        self._firsts = np.cumsum(sizes) - sizes

    @property
    def starts(self) -> dict[int, int]:
        """The number of each group's first row."""
        return dict(zip(self.keys.tolist(), self._firsts.tolist(), strict=True))
