"""One Spark session for all tests of this folder: two cores, little memory, bound to this machine."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pyarrow as pa
import pytest

from anping.engine.spark.session import session
from anping.engine.spark.table import spark_table
from anping.engine.table import Table
from anping.engine.write import write_parquet

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

SETTINGS = {
    "spark.driver.memory": "1g",
    "spark.sql.shuffle.partitions": "2",
    "spark.default.parallelism": "2",
    # A job on ten rows is over sooner than code for it is compiled.
    "spark.sql.codegen.wholeStage": "false",
    "spark.sql.codegen.factoryMode": "NO_CODEGEN",
    # Workers import the tests' own functions, as they import anping on a cluster.
    "spark.executorEnv.PYTHONPATH": str(Path(__file__).parents[1]),
    "spark.sql.execution.arrow.maxRecordsPerBatch": "7000",
}


@pytest.fixture(scope="session")
def spark(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SparkSession]:
    if not os.environ.get("CI"):
        pytest.importorskip("pyspark", reason="anping[spark] is not installed")
        if shutil.which("java") is None:
            pytest.skip("there is no Java on this machine")
    folder = tmp_path_factory.mktemp("spark")
    running = session(
        "local[2]",
        settings={
            **SETTINGS,
            "spark.local.dir": str(folder),
            "spark.sql.warehouse.dir": str(folder / "warehouse"),
        },
    )
    yield running
    running.stop()


#: A table as it lies on one machine, and the same on Spark.
Both = tuple[Table, Table]


@pytest.fixture
def both(spark: SparkSession, tmp_path: Path) -> Callable[[pa.Table], Both]:
    """Return a function that puts Arrow columns on one machine and on Spark."""
    made = iter(range(10_000))

    def put(columns: pa.Table) -> Both:
        path = tmp_path / f"table-{next(made)}.parquet"
        write_parquet(columns, path)
        return Table.open(path), spark_table(path, spark)

    return put
