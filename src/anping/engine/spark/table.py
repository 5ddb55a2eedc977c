"""A table on Spark: three lines, and every room that works on tables works on a cluster.

::

    from anping.engine.spark.session import session
    from anping.engine.spark.table import spark_table
    table = spark_table("s3a://bucket/people", session("spark://host:7077"))
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

import pyarrow as pa
import pyarrow.parquet as pq

from anping.core.errors import SchemaError, Where
from anping.core.text import Text
from anping.engine.spark.failures import told
from anping.engine.spark.rows import Order, SparkRows
from anping.engine.spark.types import travelling
from anping.engine.table import Table

if TYPE_CHECKING:
    from pyspark.sql import DataFrame, SparkSession

_PATTERN_LETTERS = re.compile(r"([\\*?\[\]{},])")


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
        return Table(parquet_rows(source, session))
    with told():
        rows = SparkRows(source, session, schema=_schema_of(source), order=Order.PARTITIONS)
    return Table(rows)


def parquet_rows(
    path: Path | str, session: SparkSession, *, schema: pa.Schema | None = None
) -> SparkRows:
    """Return the rows of Parquet at a path or URL, in ``schema`` if they were written with one."""
    known = schema or _footer(path)
    if known is not None:
        travelling(known)
    with told():
        # Dates before 1582 are as they are written: no other calendar is guessed.
        reader = session.read.option("datetimeRebaseMode", "CORRECTED")
        frame = reader.option("int96RebaseMode", "CORRECTED").parquet(_named(path))
        found = _schema_of(frame)
    if known is None or known.names != found.names:
        known = found
    return SparkRows(frame, session, schema=known, order=Order.FILES)


def _named(path: Path | str) -> str:
    """Return a path as Spark names it: letters of a pattern are taken literally, a URL as it is."""
    if isinstance(path, str) and "://" in path:
        return path
    return _PATTERN_LETTERS.sub(r"\\\1", str(Path(path).absolute()))


def _footer(path: Path | str) -> pa.Schema | None:
    """Return the schema that Arrow left in the first file, where this machine can see it."""
    if isinstance(path, str) and "://" in path:
        return None
    place = Path(path)
    files = sorted(place.glob("*.parquet")) if place.is_dir() else [place]
    if not files or not files[0].is_file():
        return None
    try:
        return pq.read_schema(files[0]).remove_metadata()
    except pa.ArrowInvalid:
        return None


def _schema_of(frame: DataFrame) -> pa.Schema:
    from pyspark.sql.pandas.types import to_arrow_schema

    doubled = {name for name in frame.columns if frame.columns.count(name) > 1}
    if doubled:
        raise SchemaError(
            "schema.doubled-column",
            Text("欄位名稱重複。", "A column's name is doubled."),
            where=Where(column=min(doubled)),
            hint=Text("請先改名再交給安平。", "Rename the columns first."),
        )
    schema = to_arrow_schema(frame.schema, timezone="UTC")
    travelling(schema)
    return schema
