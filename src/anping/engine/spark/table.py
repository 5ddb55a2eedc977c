"""A table on Spark: three lines, and every room that works on tables works on a cluster.

::

    from anping.engine.spark.session import session
    from anping.engine.spark.table import spark_table
    table = spark_table("s3a://bucket/people", session("spark://host:7077"))
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from anping.engine.spark.failures import told
from anping.engine.spark.files import schema_of
from anping.engine.spark.rows import Order, SparkRows
from anping.engine.table import Table

if TYPE_CHECKING:
    from pyspark.sql import DataFrame, SparkSession


def spark_table(source: DataFrame | Path | str, session: SparkSession) -> Table:
    """Return a table over a Spark frame or over Parquet that the workers can reach.

    ``source`` is a frame, a path of a file or folder (on this machine, or mounted on all), or a URL
    that Spark understands (``hdfs://``, ``s3a://``, ``abfss://``). Rows of Parquet are numbered by
    file, in the order of the files' names, and within each as they lie; rows of another frame by its
    partitions, so a frame must come out alike whenever it is computed (cache it, or write it as
    Parquet, if it does not).

    Raises InputError (``spark.failed``) if it cannot be read, SchemaError for doubled names or a
    type that Spark cannot carry whole.
    """
    if isinstance(source, Path | str):
        return Table(SparkRows.of_parquet(source, session))
    with told():
        rows = SparkRows(source, session, schema=schema_of(source), order=Order.PARTITIONS)
    return Table(rows)
