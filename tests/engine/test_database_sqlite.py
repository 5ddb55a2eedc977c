"""SQLite has no types but those of its values, and lies about them freely."""

import json
import sqlite3
import stat
import sys
from collections.abc import Callable
from datetime import date, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from anping.core.errors import (
    AnpingError,
    InputError,
    MissingExtraError,
    ParameterError,
    SchemaError,
)
from anping.engine.database import Selection, read_query
from anping.engine.reading import Reading, ReadOptions

Read = Callable[..., Reading]


def made(path: Path, *statements: str, rows: list[tuple[Any, ...]] | None = None) -> str:
    path.unlink(missing_ok=True)
    with sqlite3.connect(path) as connection:
        for statement in statements:
            connection.execute(statement)
        for row in rows or []:
            marks = ",".join("?" * len(row))
            connection.execute(f"INSERT INTO visits VALUES ({marks})", row)
    connection.close()
    return f"sqlite:///{path}"


@pytest.fixture
def read_rows(tmp_path: Path) -> Read:
    """Read the table ``visits`` made by a statement and rows."""

    def reading(columns: str, rows: list[tuple[Any, ...]], **options: Any) -> Reading:
        url = made(tmp_path / "clinic.db", f"CREATE TABLE visits ({columns})", rows=rows)
        aside = tmp_path / "bad.jsonl" if options.pop("quarantine", False) else None
        return read_query(
            url,
            into=tmp_path / "out.parquet",
            selection=Selection(table="visits"),
            options=ReadOptions(**options),
            quarantine=aside,
        )

    return reading


def column(reading: Reading, name: str) -> list[Any]:
    found: list[Any] = reading.table.column(name).to_pylist()
    return found


def test_values_decide_where_the_schema_lies(read_rows: Read) -> None:
    reading = read_rows(
        "id INTEGER PRIMARY KEY, age INTEGER, born DATE, seen DATETIME, code TEXT, bed CHAR(5), anything",
        [
            (1, 40, "1984-02-03", "2024-01-01 10:00:00", "007", "A1   ", "12"),
            (2, "forty", "1990-12-31", None, "12", "B", "13"),
            (3, None, None, "2024-01-02 11:30:00", None, None, "NA"),
        ],
    )
    kinds = {field.name: field.type for field in reading.table.fields}
    assert kinds == {
        "id": "int64", "age": "string", "born": "date32[day]", "seen": "timestamp[us]",
        "code": "string", "bed": "string", "anything": "int64",
    }  # fmt: skip
    assert column(reading, "age") == ["40", "forty", None]
    assert column(reading, "born") == [date(1984, 2, 3), date(1990, 12, 31), None]
    assert column(reading, "seen")[0] == datetime(2024, 1, 1, 10)  # noqa: DTZ001 - as it is stored
    assert column(reading, "code") == ["007", "12", None]
    assert column(reading, "bed") == ["A1", "B", None]
    assert column(reading, "anything") == [12, 13, None]
    assert [("age" in note.en, "age" in note.zh) for note in reading.notes] == [(True, True)]
    assert "forty" not in str(reading.notes)
    assert reading.parts[0].sha256 == reading.source_sha256
    assert reading.parts[0].name == "sqlite:///clinic.db"


def test_what_no_column_holds_is_refused_by_number(read_rows: Read, tmp_path: Path) -> None:
    rows: list[tuple[Any, ...]] = [
        (1, 1.5, "2024-01-01", "fine"),
        (2, float("inf"), "2024-01-01", "fine"),
        (3, 1.0, "0000-00-00", "fine"),
        (4, 1.0, "12024-01-01", "fine"),
        (5, 1.0, "2024-01-01", "a\0b"),
        (6, 1.0, "2024-01-02", "fine"),
    ]
    columns = "id INTEGER PRIMARY KEY, x REAL, d DATE, t TEXT"
    reading = read_rows(columns, rows, quarantine=True)
    assert [(row.row, row.column, row.code) for row in reading.refused] == [
        (2, "x", "input.not-finite"),
        (3, "d", "input.impossible-date"),
        (4, "d", "input.impossible-date"),
        (5, "t", "input.nul-character"),
    ]
    assert column(reading, "id") == [1, 6]
    kept = tmp_path / "bad.jsonl"
    assert stat.S_IMODE(kept.stat().st_mode) == 0o600
    lines = [json.loads(line) for line in kept.read_text("utf-8").splitlines()]
    assert [line["row"] for line in lines] == [2, 3, 4, 5]
    assert json.loads(lines[1]["raw"])[2] == "0000-00-00"


def test_without_quarantine_a_bad_row_stops_everything(read_rows: Read, tmp_path: Path) -> None:
    with pytest.raises(InputError) as caught:
        read_rows("x REAL, name TEXT", [(1.0, "ok"), (float("-inf"), "secret-person")])
    assert caught.value.code == "input.not-finite"
    assert caught.value.where.row == 2
    assert "secret-person" not in str(caught.value)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["clinic.db"]


def test_text_that_is_not_unicode_is_refused(tmp_path: Path) -> None:
    url = made(
        tmp_path / "clinic.db",
        "CREATE TABLE visits (id INTEGER, t TEXT)",
        "INSERT INTO visits VALUES (1, CAST(x'ff41' AS TEXT)), (2, '好')",
    )
    reading = read_query(
        url, into=tmp_path / "o.parquet", selection=Selection(table="visits"),
        quarantine=tmp_path / "bad.jsonl",
    )  # fmt: skip
    assert [(row.row, row.code) for row in reading.refused] == [(1, "input.undecodable")]
    assert column(reading, "t") == ["好"]


def test_big_numbers_bytes_and_odd_names(read_rows: Read) -> None:
    reading = read_rows(
        '"select" INTEGER, "a ""b"" % : ?" TEXT, raw BLOB, "身分證" TEXT',
        [(2**62, "x", b"\x00\xff", "A"), (None, None, None, None)],
    )
    assert column(reading, "select") == [2**62, None]
    assert column(reading, 'a "b" % : ?') == ["x", None]
    assert column(reading, "raw") == ["AP8=", None]
    assert reading.rows == 2


def test_declared_types_refuse_what_does_not_fit(read_rows: Read) -> None:
    reading = read_rows(
        "age TEXT", [("40",), ("forty",)], types={"age": "integer"}, quarantine=True
    )
    assert column(reading, "age") == [40]
    assert reading.refused[0].code == "input.wrong-type"
    with pytest.raises(SchemaError):
        read_rows("x TEXT", [("1",)], types={"missing": "integer"})


def test_a_query_is_the_users_own_select(tmp_path: Path) -> None:
    url = made(
        tmp_path / "clinic.db", "CREATE TABLE visits (id INTEGER, t TEXT)",
        rows=[(1, "10%:x"), (2, "b"), (3, "c")],
    )  # fmt: skip
    into = tmp_path / "o.parquet"
    query = "SELECT id, t || ':y' AS t FROM visits WHERE t LIKE '%:%' OR id > 2;"
    reading = read_query(url, into=into, selection=Selection(query=query))
    assert reading.table.arrow().to_pylist() == [{"id": 1, "t": "10%:x:y"}, {"id": 3, "t": "c:y"}]
    later = Selection(query="SELECT id, t FROM visits", since="id", after=1)
    assert column(read_query(url, into=into, selection=later), "id") == [2, 3]
    none = Selection(table="visits", since="id", after=3)
    assert read_query(url, into=into, selection=none).rows == 0


@pytest.mark.parametrize(
    ("selection", "error", "code"),
    [
        (Selection(table="vists"), InputError, "input.database-no-table"),
        (Selection(query="DELETE FROM visits"), ParameterError, "parameter.source-query"),
        (Selection(query="SELECT 1; DELETE FROM visits"), ParameterError, "parameter.source-query"),
        (Selection(query="SELECT nope FROM visits"), InputError, "input.database-refused"),
        (Selection(query="SELECT 1 AS a, 2 AS a"), SchemaError, "schema.doubled-column-name"),
        (Selection(table="visits", query="SELECT 1"), ParameterError, "parameter.source-selection"),
        (Selection(), ParameterError, "parameter.source-selection"),
        (Selection(table="visits", since="x"), SchemaError, "schema.missing-column"),
        (Selection(query="SELECT id FROM visits WHERE id > 9"), InputError, "input.no-rows"),
    ],
)
def test_what_cannot_be_asked(
    tmp_path: Path, selection: Selection, error: type[AnpingError], code: str
) -> None:
    url = made(tmp_path / "clinic.db", "CREATE TABLE visits (id INTEGER)", rows=[(1,)])
    with pytest.raises(error) as caught:
        read_query(url, into=tmp_path / "o.parquet", selection=selection)
    assert caught.value.code == code
    assert sorted(path.name for path in tmp_path.iterdir()) == ["clinic.db"]


def test_nearest_tables_are_named(tmp_path: Path) -> None:
    url = made(tmp_path / "clinic.db", "CREATE TABLE visits (id INTEGER)")
    with pytest.raises(InputError) as caught:
        read_query(url, into=tmp_path / "o.parquet", selection=Selection(table="vists"))
    assert "visits" in caught.value.hint.en


@pytest.mark.parametrize(
    ("url", "code"),
    [
        ("sqlite:///{folder}/none.db", "input.database-missing"),
        ("sqlite://", "input.database-missing"),
        ("sqlite:///{folder}/text.db", "input.database-damaged"),
        ("nonsense://host/db", "parameter.source-url"),
        ("not a url", "parameter.source-url"),
        ("sqlite+aiosqlite:///{folder}/text.db", "parameter.source-driver"),
        ("oracle+oracledb://u:geheim@host/db", "parameter.source-driver"),
        ("postgresql://u:geheim@127.0.0.1:1/db", "input.database-unreachable"),
        ("mysql://u:geheim@127.0.0.1:1/db", "input.database-unreachable"),
    ],
)
def test_what_cannot_be_reached(tmp_path: Path, url: str, code: str) -> None:
    (tmp_path / "text.db").write_text("this is no database at all, only text\n" * 50)
    with pytest.raises(AnpingError) as caught:
        read_query(
            url.format(folder=tmp_path), into=tmp_path / "o.parquet",
            selection=Selection(table="t"),
        )  # fmt: skip
    assert caught.value.code == code
    assert "geheim" not in str(caught.value)
    assert caught.value.__cause__ is None
    assert not (tmp_path / "none.db").exists()


@settings(max_examples=25, deadline=None)
@given(
    rows=st.lists(
        st.tuples(
            st.none() | st.integers(-(2**63), 2**63 - 1) | st.floats() | st.text() | st.binary(),
            st.none() | st.text(),
        ),
        min_size=1, max_size=30,
    )
)  # fmt: skip
def test_any_values_come_in_or_are_refused(
    tmp_path_factory: pytest.TempPathFactory, rows: list[tuple[Any, Any]]
) -> None:
    rows = [(a, None if b is None else b.encode("utf-8", "ignore").decode()) for a, b in rows]
    rows = [(a.encode("utf-8", "ignore").decode() if isinstance(a, str) else a, b) for a, b in rows]
    folder = tmp_path_factory.mktemp("any")
    url = made(folder / "clinic.db", "CREATE TABLE visits (a INTEGER, b TEXT)", rows=rows)
    try:
        reading = read_query(
            url, into=folder / "o.parquet", selection=Selection(table="visits"),
            quarantine=folder / "bad.jsonl",
        )  # fmt: skip
    except InputError as error:
        if error.code != "input.all-refused":
            raise
        return
    assert reading.rows + reading.refused_rows == len(rows)
    kept = {row.row for row in reading.refused}
    texts = [b for at, (_, b) in enumerate(rows, start=1) if at not in kept]
    if reading.table.schema.field("b").type == "string":
        assert column(reading, "b") == texts


def test_equal_rows_give_equal_digests(tmp_path: Path) -> None:
    rows: list[tuple[Any, ...]] = [(n, f"t{n}") for n in range(25_000)]
    statement = "CREATE TABLE visits (id INTEGER PRIMARY KEY, t TEXT)"
    one = made(tmp_path / "one.db", statement, rows=rows)
    other = made(tmp_path / "other.db", statement, rows=rows[::-1])
    third = made(tmp_path / "third.db", statement, rows=rows[:-1])
    digests = [
        read_query(
            url, into=tmp_path / "o.parquet", selection=Selection(table="visits")
        ).source_sha256
        for url in (one, other, third)
    ]
    assert digests[0] == digests[1] != digests[2]


@pytest.mark.parametrize(("module", "url", "extra"), [
    ("psycopg", "postgresql://host/db", "postgres"),
    ("pymysql", "mariadb://host/db", "mysql"),
])  # fmt: skip
def test_a_missing_driver_names_its_extra(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, *, module: str, url: str, extra: str
) -> None:
    monkeypatch.setitem(sys.modules, module, None)
    with pytest.raises(MissingExtraError) as caught:
        read_query(url, into=tmp_path / "o.parquet", selection=Selection(table="t"))
    assert f"anping[{extra}]" in caught.value.hint.en
