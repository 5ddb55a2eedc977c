"""Counts and summaries of columns, computed by DuckDB out of core. The SQL of Anping lives here."""

from __future__ import annotations

import math
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from anping.core.errors import ParameterError, SchemaError, Where
from anping.core.text import Text
from anping.engine.coded import nulls_told
from anping.engine.codes import code_counts, counted, one_zero
from anping.engine.connect import connected, place
from anping.engine.distributed import Distributed
from anping.engine.repeats import rows_that_repeat
from anping.engine.short_texts import distinct_short_texts
from anping.engine.stream import BatchFunction, mapped, rows_at, through
from anping.engine.table import Table
from anping.engine.whole_counts import whole_counts

#: Of so many rows one number each is held in memory, and of so few cells the values.
_NUMBERED_ROWS = 1 << 26
_HELD_CELLS = 20_000_000

QUANTILES = (0.01, 0.05, 0.25, 0.5, 0.75, 0.95, 0.99)


@dataclass(frozen=True, slots=True)
class NumericSummary:
    """A numeric column in numbers. All but the counts are None when there is no finite value.

    ``n`` counts finite values, ``nulls`` the missing ones (NaN among them); ``standard_deviation``
    is the sample's (n - 1), None for one value; ``quantiles`` are (probability, value), linearly
    interpolated (type 7 of Hyndman & Fan 1996, The American Statistician 50:361).
    """

    n: int
    nulls: int
    minimum: float | None
    maximum: float | None
    mean: float | None
    standard_deviation: float | None
    quantiles: tuple[tuple[float, float], ...]


@dataclass(frozen=True, slots=True)
class Histogram:
    """Counts in bins of equal width: bin i holds edges[i] ≤ x < edges[i + 1], the last its end too.

    Missing and infinite values are in no bin. No values: no edges and no counts.
    """

    edges: tuple[float, ...]
    counts: tuple[int, ...]
    nulls: int


@dataclass(frozen=True, slots=True)
class ValueCount:
    """A value of a column and the number of rows that hold it."""

    value: Any
    count: int


@dataclass(frozen=True, slots=True)
class NullCount:
    """A column, its missing values, and the table's rows."""

    column: str
    nulls: int
    rows: int


def frequencies(
    table: Table, columns: Sequence[str], *, count: str = "count", at_least: int = 1
) -> pa.Table:
    """Return the distinct combinations of ``columns`` with the rows of each in a last column.

    Only those of ``at_least`` that many rows. Missing values are equal to one another. Sorted by the columns, missing values first. Raises
    SchemaError for an unknown column, ParameterError if ``count`` is one of the columns.
    """
    table.require(columns)
    if count in columns or not columns:
        raise ParameterError(
            "aggregate.columns",
            Text(
                "要計數的欄位不能是空的，也不能與計數欄位同名。",
                "The columns to count must be given, and none may be named as the count is.",
            ),
            where=Where(column=count),
            hint=Text("請以 count= 另取計數欄位的名稱。", "Name the count's column with count=."),
        )
    if isinstance(table.source, pa.Table) and len(set(columns)) == len(columns):
        found = counted(table.arrow(columns), count)
        if found is not None:
            return found.filter(pc.greater_equal(found.column(count), at_least))
    known = _counted_alone(table, columns[0], count) if len(columns) == 1 else None
    if known is not None:
        return known.filter(pc.greater_equal(known.column(count), at_least))
    places = [place(table, name) for name in columns]
    listed = ", ".join(places)
    order = ", ".join(f"{name} ASC NULLS FIRST" for name in places)
    query = (
        f"SELECT {listed}, count(*) FROM source GROUP BY {listed} "  # noqa: S608 - places
        f"HAVING count(*) >= {int(at_least)} ORDER BY {order}"
    )
    found = _rows(table, query)
    fields = [pa.field(name, _answer_type(table, name)) for name in columns]
    schema = pa.schema([*fields, pa.field(count, pa.int64())])
    return _one_zero(found.rename_columns(schema.names).cast(schema))


def frequencies_if_few(
    table: Table, column: str, *, most: int, count: str = "count"
) -> tuple[int, pa.Table | None]:
    """Return the number of distinct values, missing ones left out, and their :func:`frequencies`.

    The latter only where there are at most ``most`` values. What can be told in one pass is.
    """
    table.require([column])
    found = _counted_alone(table, column, count)
    if found is not None:
        different = found.num_rows - found.column(0).null_count
        return different, found if different <= most else None
    different = distinct_count(table, column)
    return different, frequencies(table, [column], count=count) if different <= most else None


def distinct_count(table: Table, column: str) -> int:
    """Return the number of distinct values, missing ones left out."""
    table.require([column])
    counts = _counted_alone(table, column, f"{column} rows")
    if counts is not None:
        return int(counts.num_rows - counts.column(0).null_count)
    different = distinct_short_texts(table, column)
    if different is not None:
        return different
    return int(_one(table, f"count(DISTINCT {place(table, column)})")[0])


def _counted_alone(table: Table, column: str, count: str) -> pa.Table | None:
    """Return the :func:`frequencies` of a column whose cells a file holds as codes or numbers."""
    if column in table.held_as_codes:
        return code_counts(table, column, count)
    return whole_counts(table, column, count)


def distinct_within(table: Table, columns: Sequence[str], counted: str) -> pa.Table:
    """Return the distinct combinations of ``columns`` with ``rows`` and ``distinct`` beside each.

    ``distinct`` counts the distinct values of the column ``counted``, missing ones left out. Sorted
    as :func:`frequencies` are. Raises SchemaError for an unknown column.
    """
    table.require([*columns, counted])
    places = [place(table, name) for name in columns]
    listed = ", ".join(places)
    order = ", ".join(f"{name} ASC NULLS FIRST" for name in places)
    found = _rows(
        table,
        f"SELECT {listed}, count(*), count(DISTINCT {place(table, counted)}) FROM source "  # noqa: S608 - places
        f"GROUP BY {listed} ORDER BY {order}",
    )
    fields = [pa.field(name, _answer_type(table, name)) for name in columns]
    both = [pa.field("rows", pa.int64()), pa.field("distinct", pa.int64())]
    schema = pa.schema([*fields, *both])
    return pa.Table.from_arrays(
        [column.cast(field.type) for column, field in zip(found.columns, schema, strict=True)],
        schema=schema,
    )


def distinct_rows(table: Table, *, telling: Sequence[str] = ()) -> int | None:
    """Return how many different rows there are, missing equal to missing.

    Exact out of core: rows are counted by a hash of 64 bits, and those that share one are compared.
    Where the caller names columns that tell most rows apart, the best first, only the rows that share
    their values are looked at. None for a table with nested columns, whose rows are not compared.
    """
    if any(pa.types.is_nested(field.type) for field in table.schema):
        return None
    if telling and isinstance(table.source, Path) and table.rows <= _NUMBERED_ROWS:
        doubtful = rows_that_repeat(table, telling)
        if doubtful.size * len(table.columns) <= _HELD_CELLS:
            same = distinct_rows(Table.of(rows_at(table, doubtful, columns=table.columns)))
            return None if same is None else table.rows - int(doubtful.size) + same
    listed = ", ".join(f"c{index}" for index in range(len(table.columns)))
    if isinstance(table.source, Distributed):
        query = f"SELECT count(*) FROM (SELECT DISTINCT {listed} FROM source)"  # noqa: S608 - places
        return int(table.source.answer(query).column(0)[0].as_py())
    with connected(table) as connection:
        alone, shared = connection.execute(
            "SELECT count(*) FILTER (WHERE n = 1), count(*) FILTER (WHERE n > 1) FROM "  # noqa: S608 - places
            f"(SELECT count(*) AS n FROM source GROUP BY hash({listed}))"
        ).fetchall()[0]
        if not shared:
            return int(alone)
        different = connection.execute(
            f"WITH shared AS (SELECT hash({listed}) AS h FROM source GROUP BY h HAVING count(*) > 1) "  # noqa: S608 - places
            f"SELECT count(*) FROM (SELECT DISTINCT {listed} FROM source "
            f"WHERE hash({listed}) IN (SELECT h FROM shared))"
        ).fetchall()[0][0]
    return int(alone) + int(different)


def distinct_mapped(
    table: Table, function: BatchFunction, *, columns: Sequence[str], kind: pa.DataType
) -> int:
    """Return the number of distinct values in the column ``made`` of ``function`` of every batch.

    Missing values are left out. Memory holds one batch; distinct values that are many spill to disk.
    """
    schema = pa.schema([("made", kind)])
    if isinstance(table.source, Distributed):
        return distinct_count(through(table, function, columns=columns, schema=schema), "made")
    made = mapped(table, function, columns=columns, schema=schema)
    with connected(Table.of(schema.empty_table())) as connection:
        connection.register("stream", pa.RecordBatchReader.from_batches(schema, made))
        found = connection.execute("SELECT count(DISTINCT made) FROM stream").fetchall()
    return int(found[0][0])


def null_counts(table: Table) -> tuple[NullCount, ...]:
    """Return the missing values of every column, in the table's order."""
    if not table.columns:
        return ()
    if isinstance(table.source, Path):
        told = nulls_told(table.source)
        if told is not None:
            return tuple(NullCount(name, told[name], table.rows) for name in table.columns)
    found = _one(table, ", ".join(f"count(c{index})" for index in range(len(table.columns))))
    return tuple(
        NullCount(name, table.rows - int(present), table.rows)
        for name, present in zip(table.columns, found, strict=True)
    )


def top_values(table: Table, column: str, limit: int = 10) -> tuple[ValueCount, ...]:
    """Return the most frequent values, missing ones left out; ties in the values' order."""
    table.require([column])
    name = place(table, column)
    found = _rows(
        table,
        f"SELECT {name} AS value, count(*) AS n FROM source WHERE {name} IS NOT NULL "  # noqa: S608 - places
        f"GROUP BY {name} ORDER BY n DESC, value ASC LIMIT {int(limit)}",
    )
    values = plain_values(found.column("value").cast(_answer_type(table, column)))
    counts = found.column("n").to_pylist()
    return tuple(ValueCount(value, n) for value, n in zip(values, counts, strict=True))


def numeric_summary(
    table: Table, column: str, *, quantiles: Sequence[float] = QUANTILES
) -> NumericSummary:
    """Return a numeric column's summary. Raises SchemaError if the column is not numeric."""
    _require_numeric(table, column)
    value = _finite(place(table, column))
    n, absent, low, high, mean, deviation = _one(
        table,
        f"count({value}), count(*) FILTER (WHERE {_absent(place(table, column))}), min({value}), max({value}), "
        f"avg({value}), stddev_samp({value})",
    )
    pairs = zip(quantiles, _quantiles(table, value, quantiles) if n else (), strict=False)
    return NumericSummary(
        n=int(n),
        nulls=int(absent),
        minimum=_number(low),
        maximum=_number(high),
        mean=_number(mean),
        standard_deviation=_number(deviation),
        quantiles=tuple((float(p), float(cut)) for p, cut in pairs),
    )


def histogram(
    table: Table, column: str, bins: int = 20, *, between: tuple[float, float] | None = None
) -> Histogram:
    """Return counts in ``bins`` of equal width (one bin when all values are the same).

    The bins lie ``between`` two values, by default the least and the greatest; what lies beyond
    counts in the outer bins. Raises SchemaError if the column is not numeric, ParameterError if
    there is no bin.
    """
    _require_numeric(table, column)
    if bins < 1:
        raise ParameterError(
            "aggregate.bins",
            Text("直方圖至少要有一個組。", "A histogram has at least one bin."),
            where=Where(column=column),
            hint=Text("請給正整數。", "Give a positive number of bins."),
        )
    value = _finite(place(table, column))
    low, high, absent = _one(
        table,
        f"min({value}), max({value}), count(*) FILTER (WHERE {_absent(place(table, column))})",
    )
    if low is None:
        return Histogram((), (), int(absent))
    low, high = (float(low), float(high)) if between is None else between
    bins = bins if high > low else 1
    edges = (*(low + (high - low) * (i / bins) for i in range(bins)), high)
    # Comparing with the edges themselves puts a value on an edge where the edges say it belongs.
    passed = (f"CAST({value} >= {_double(edge)} AS INTEGER)" for edge in edges[1:-1])
    bin_of = " + ".join(("0", *passed))
    query = (
        f"SELECT {bin_of} AS bin, count(*) AS n FROM source WHERE {value} IS NOT NULL GROUP BY 1"  # noqa: S608 - places
    )
    found = _rows(table, query)
    counted = dict(zip(*(column.to_pylist() for column in found.columns), strict=True))
    return Histogram(edges, tuple(counted.get(i, 0) for i in range(bins)), int(absent))


def plain_values(cells: pa.Array | pa.ChunkedArray) -> list[Any]:
    """Return the cells as Python values; dates of years that Python has not, as text."""
    try:
        return list(cells.to_pylist())
    except (OverflowError, ValueError):
        return list(cells.cast(pa.string()).to_pylist())


def _rows(table: Table, query: str) -> pa.Table:
    """Return the answer to a query on ``source``, built of places, numbers and nothing else.

    What is asked here is asked of DuckDB and of a cluster alike, so it keeps to the SQL of both.
    """
    if isinstance(table.source, Distributed):
        return table.source.answer(query)
    with connected(table) as connection:
        return connection.sql(query).to_arrow_table()


def _one(table: Table, listed: str) -> tuple[Any, ...]:
    found = _rows(table, f"SELECT {listed} FROM source")  # noqa: S608 - places
    return tuple(column[0].as_py() for column in found.columns)


def _quantiles(table: Table, value: str, probabilities: Sequence[float]) -> tuple[float, ...]:
    if isinstance(table.source, Distributed):
        return table.source.quantiles(value, probabilities)
    listed = ", ".join(repr(float(p)) for p in probabilities)
    return tuple(_one(table, f"quantile_cont({value}, [{listed}]::DOUBLE[])")[0] or ())


def _answer_type(table: Table, column: str) -> pa.DataType:
    """Return the column's own type, as DuckDB's answer can be brought back to it."""
    given = table.schema.field(column).type
    if pa.types.is_dictionary(given):
        return given.value_type
    return pa.string() if pa.types.is_null(given) else given


def _one_zero(found: pa.Table) -> pa.Table:
    for at, field in enumerate(found.schema):
        if pa.types.is_floating(field.type):
            found = found.set_column(at, field, one_zero(found.column(at)))
    return found


def _finite(name: str) -> str:
    value = f"CAST({name} AS DOUBLE)"
    finite = f"NOT isnan({value}) AND abs({value}) <= {_double(sys.float_info.max)}"
    return f"CASE WHEN {finite} THEN {value} END"


def _double(value: float) -> str:
    """Return a number as a literal that no engine takes for a decimal fraction."""
    text = repr(value)
    return text if "e" in text else f"{text}e0"


def _absent(name: str) -> str:
    return f"{name} IS NULL OR isnan(CAST({name} AS DOUBLE))"


def _number(value: Any) -> float | None:
    return None if value is None or not math.isfinite(value) else float(value)


def _require_numeric(table: Table, column: str) -> None:
    table.require([column])
    given = table.schema.field(column).type
    types = pa.types
    if not (types.is_integer(given) or types.is_floating(given) or types.is_decimal(given)):
        raise SchemaError(
            "schema.not-numeric",
            Text("這個欄位不是數值欄位。", "The column does not hold numbers."),
            where=Where(column=column),
            hint=Text("請選擇數值欄位，或在讀取時宣告型別。", "Choose a numeric column."),
        )
