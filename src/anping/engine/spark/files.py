"""Parquet that the workers can reach, as a Spark frame and the schema its rows have here."""

from __future__ import annotations

import re
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING

import pyarrow as pa
import pyarrow.parquet as pq

from anping.core.errors import SchemaError, Where
from anping.core.text import Text
from anping.engine.spark.failures import told
from anping.engine.spark.types import travelling

if TYPE_CHECKING:
    from pyspark.sql import DataFrame, SparkSession

_PATTERN_LETTERS = re.compile(r"([\\*?\[\]{},])")


def parquet_frame(
    path: Path | str, session: SparkSession, *, schema: pa.Schema | None = None
) -> tuple[DataFrame, pa.Schema]:
    """Return Parquet at a path or URL, and its schema: ``schema`` if it was written with one.

    Raises InputError (``spark.failed``) if it cannot be read, SchemaError for what Spark cannot
    carry.
    """
    known = schema or _footer(path)
    if known is not None:
        travelling(known)
    with told():
        # Dates before 1582 are as they are written: no other calendar is guessed.
        reader = session.read.option("datetimeRebaseMode", "CORRECTED")
        frame = reader.option("int96RebaseMode", "CORRECTED").parquet(_named(path))
        found = schema_of(frame)
    return frame, found if known is None or known.names != found.names else known


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


def schema_of(frame: DataFrame) -> pa.Schema:
    """Return a frame's schema. Raises SchemaError for doubled names and what Spark cannot carry."""
    from pyspark.sql.pandas.types import to_arrow_schema

    doubled = [name for name, times in Counter(frame.columns).items() if times > 1]
    if doubled:
        raise SchemaError(
            "schema.doubled-column",
            Text("欄位名稱重複。", "A column's name is doubled."),
            where=Where(column=doubled[0]),
            hint=Text("請先改名再交給安平。", "Rename the columns first."),
        )
    schema = to_arrow_schema(frame.schema, timezone="UTC")
    travelling(schema)
    return schema
