"""A table or a query of a database comes in streamed, digested, checked and typed, as one Parquet file.

::

    from anping.engine.database import Selection, read_query
    reading = read_query("sqlite:///clinic.db", into=Path("visits.parquet"),
                         selection=Selection(table="visits"))
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing, suppress
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from sqlalchemy.exc import NoSuchTableError, SQLAlchemyError

from anping.core.errors import InputError, ParameterError, Where
from anping.core.progress import Progress, silent
from anping.core.text import Text
from anping.engine.declared import from_driver, from_schema
from anping.engine.header import check_names
from anping.engine.kinds import kind_named
from anping.engine.query_intake import QueryColumn, QueryIntake
from anping.engine.reading import Reading, ReadOptions
from anping.engine.refusals import Refusals, quarantine_file
from anping.engine.sessions import failure, snapshot
from anping.engine.source import shown
from anping.engine.spelling import Declared
from anping.engine.staging import stage_beside
from anping.engine.table import Table, missing_column

_READING = Text("讀取資料庫", "Reading the database")
_DEFAULTS = ReadOptions()
_CELLS = 400_000
_MOST_ROWS = 10_000


@dataclass(frozen=True, slots=True)
class Selection:
    """What to read of a database: a ``table`` (or view, ``schema.table``) or a SELECT ``query``.

    With ``since`` (a column) and ``after`` (a value) only rows whose column is greater come in.
    """

    table: str | None = None
    query: str | None = None
    since: str | None = None
    after: Any = None


def read_query(
    url: str,
    *,
    into: Path,
    selection: Selection,
    options: ReadOptions = _DEFAULTS,
    quarantine: Path | None = None,
    progress: Progress = silent,
) -> Reading:
    """Read a table or a query into one typed Parquet file at ``into``.

    ``url`` is any SQLAlchemy URL of an installed driver. One read-only transaction sees one moment;
    rows are streamed. A table's rows come in the order of its primary key, where it has one. Types
    are those the values have (:mod:`anping.engine.spelling`); columns that are not what the
    database declares are told in ``notes``. Of ``options`` the declared ``types`` count. A row that
    no column can hold is refused, numbered from 1 as the database gave it. ``progress`` is told
    rows. With a ``since`` and no new row the table has the columns as text and no rows.

    ``Reading.source_sha256`` is the SHA-256 of the canonical JSON
    ``{"columns": [[name, type], ...], "rows": n, "sha256": rows}`` where *rows* is the SHA-256 of
    one line per accepted row: the JSON array of its values as text (null for a missing one) and a
    line feed. ``source_bytes`` counts these lines' bytes.

    Raises:
        InputError: the database cannot be reached or read, the table is missing, rows are refused
            and there is no quarantine, or nothing is there.
        SchemaError: column names are doubled or empty, or a column named is missing.
        ParameterError: the URL or the selection cannot be used, or a type is unknown.
        MissingExtraError: the driver is an extra that is not installed.

    """
    _check(selection)
    declared = {name: kind_named(kind, column=name) for name, kind in options.types.items()}
    place = Where(file=shown(url))
    with quarantine_file(quarantine) as kept, snapshot(url) as connection:
        try:
            with closing(_Rows.asked(connection, selection, place)) as rows:
                intake = QueryIntake(rows.columns, declared, Refusals(kept), place)
                with stage_beside(into, intake.inference.kind) as stage:
                    for block in rows:
                        intake.take(block, stage)
                        progress(_READING, intake.rows, None)
                    if not stage.columns:
                        intake.take((), stage)
                    intake.settle(empty_is_fine=selection.after is not None)
                    kinds = {name: intake.inference.kind(name) for name in stage.columns}
                    stage.write(into, kinds)
        except SQLAlchemyError as error:
            raise failure(error, place) from None
    return intake.reading(Table.open(into), kinds)


def _check(selection: Selection) -> None:
    if (selection.table is None) == (selection.query is None):
        raise ParameterError(
            "parameter.source-selection",
            Text("請指定資料表或查詢，二者擇一。", "Name a table or a query, one of the two."),
            hint=Text(
                "用 --table 名稱，或 --query 'SELECT …'。",
                "Use --table NAME or --query 'SELECT …'.",
            ),
        )
    if selection.query is not None:
        body = selection.query.strip().rstrip(";").strip()
        first = body.lstrip("( \n\t").partition("(")[0].split(None, 1)[:1]
        if (
            ";" in body
            or not first
            or first[0].lower() not in {"select", "with", "values", "table"}
        ):
            raise ParameterError(
                "parameter.source-query",
                Text("查詢必須是單一個 SELECT。", "The query must be one SELECT."),
                hint=Text(
                    "不能有分號；較複雜的請在資料庫裡建立檢視表再讀取。",
                    "It may hold no semicolon; for more, make a view in the database and read that.",
                ),
            )


class _Rows:
    """The rows of a selection, streamed in blocks."""

    def __init__(self, result: sa.CursorResult[Any], columns: tuple[QueryColumn, ...]) -> None:
        self._result = result
        self.columns = columns

    @classmethod
    def asked(cls, connection: sa.Connection, selection: Selection, place: Where) -> _Rows:
        """Ask the database and look at the columns it gives."""
        reflected: Mapping[str, Declared] = {}
        statement: sa.Executable
        if selection.table is not None:
            statement, reflected = _of_table(connection, selection, place)
        else:
            statement = _of_query(selection)
        result = connection.execution_options(
            stream_results=True, max_row_buffer=_MOST_ROWS
        ).execute(statement)
        description = result.cursor.description if result.cursor is not None else ()
        names = [str(entry[0]) for entry in description]
        check_names(names, file=place.file or "", line=None)
        if selection.since is not None and selection.since not in names:
            raise missing_column(selection.since, names)
        dialect = connection.dialect.name
        columns = tuple(
            QueryColumn(name, from_driver(dialect, entry[1]) or reflected.get(name, _else(dialect)))
            for name, entry in zip(names, description, strict=True)
        )
        return cls(result, columns)

    def close(self) -> None:
        """End the streaming; a driver whose connection broke may fail at that, which says nothing new."""
        # PyMySQL would first receive every row that is left, even from a connection that is gone.
        unread: Any = getattr(self._result.cursor, "_result", None)
        if getattr(unread, "unbuffered_active", False):
            unread.unbuffered_active = False
        with suppress(Exception):
            self._result.close()

    def __iter__(self) -> Iterator[Sequence[Any]]:
        size = max(1, min(_MOST_ROWS, _CELLS // max(1, len(self.columns))))
        yield from self._result.partitions(size)


def _else(dialect: str) -> Declared:
    """Return what is declared where neither driver nor schema says it; SQLite declares nothing."""
    return "unknown" if dialect == "sqlite" else "text"


def _of_query(selection: Selection) -> sa.Executable:
    body = (selection.query or "").strip().rstrip(";")
    # A colon in the user's text is a colon, not a parameter.
    text = sa.text(body.replace(":", r"\:"))
    if selection.since is None or selection.after is None:
        return text
    inner = text.columns(sa.column(selection.since)).subquery("selected")
    cursor: sa.ColumnElement[Any] = inner.c[selection.since]
    return sa.select(sa.text("*")).select_from(inner).where(cursor > sa.literal(selection.after))


def _of_table(
    connection: sa.Connection, selection: Selection, place: Where
) -> tuple[sa.Select[Any], Mapping[str, Declared]]:
    inspector = sa.inspect(connection)
    schema, name = _named(inspector, selection.table or "", place)
    try:
        columns = inspector.get_columns(name, schema=schema)
        key = inspector.get_pk_constraint(name, schema=schema).get("constrained_columns") or []
    except NoSuchTableError:
        raise _no_table(inspector, name, schema, place) from None
    names = [column["name"] for column in columns]
    if selection.since is not None and selection.since not in names:
        raise missing_column(selection.since, names)
    source = sa.table(name, *(sa.column(each) for each in names), schema=schema)
    statement = sa.select(*(source.c[each] for each in names))
    if selection.since is not None and selection.after is not None:
        statement = statement.where(source.c[selection.since] > sa.literal(selection.after))
    if key:
        statement = statement.order_by(*(source.c[each] for each in key))
    return statement, {column["name"]: from_schema(column["type"]) for column in columns}


def _named(inspector: sa.Inspector, given: str, place: Where) -> tuple[str | None, str]:
    """Return schema and name; a name with a dot is taken whole first."""
    found: list[tuple[str | None, str]] = [(None, given)]
    if "." in given:
        owner, _, rest = given.partition(".")
        found.append((owner, rest))
    for place_of, name in found:
        if inspector.has_table(name, schema=place_of):
            return place_of, name
    raise _no_table(inspector, found[-1][1], found[-1][0], place)


def _no_table(inspector: sa.Inspector, name: str, schema: str | None, place: Where) -> InputError:
    try:
        there = [
            *inspector.get_table_names(schema=schema),
            *inspector.get_view_names(schema=schema),
        ]
    except SQLAlchemyError:
        there = []
    near = get_close_matches(name, there, n=5, cutoff=0.4) or sorted(there)[:10]
    listed = ", ".join(near) or "-"
    return InputError(
        "input.database-no-table",
        Text(f"資料庫裡沒有資料表「{name}」。", f"The database has no table “{name}”."),
        where=place,
        hint=Text(f"可用的資料表：{listed}", f"Tables there: {listed}"),
    )
