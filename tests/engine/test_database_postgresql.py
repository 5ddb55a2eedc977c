"""A real PostgreSQL: every type it has, its limits beyond Python's, its faults."""

from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from anping.core.errors import AnpingError, InputError
from anping.engine.database import Selection, read_query
from anping.engine.reading import Reading, ReadOptions
from anping.engine.sessions import snapshot
from database_servers import postgresql_server


@pytest.fixture(scope="module")
def url() -> Iterator[str]:
    with postgresql_server() as url:
        yield url


@pytest.fixture
def owner(url: str) -> Iterator[sa.Connection]:
    """A connection that may write, beside what is under test; its schema is new."""
    engine = sa.create_engine(url.replace("://", "+psycopg://"), poolclass=sa.pool.NullPool)
    with engine.connect() as connection:
        connection.exec_driver_sql("DROP SCHEMA IF EXISTS ward CASCADE")
        connection.exec_driver_sql("CREATE SCHEMA ward")
        connection.commit()
        yield connection
    engine.dispose()


def run(owner: sa.Connection, *statements: str) -> None:
    for statement in statements:
        owner.exec_driver_sql(statement)
    owner.commit()


def read(url: str, folder: Path, selection: Selection, *, aside: bool = False) -> Reading:
    return read_query(
        url, into=folder / "o.parquet", selection=selection, options=ReadOptions(),
        quarantine=folder / "bad.jsonl" if aside else None,
    )  # fmt: skip


def test_every_type(url: str, owner: sa.Connection, tmp_path: Path) -> None:
    run(
        owner,
        "CREATE TYPE ward.mood AS ENUM ('好', 'bad')",
        """CREATE TABLE ward.visits (
            id bigint PRIMARY KEY, ok boolean, small smallint, price numeric(10, 2),
            huge numeric(30, 0), x double precision, code text, bed char(5), day date,
            seen timestamp, at timestamptz, long interval, hour time, raw bytea, tags text[],
            doc jsonb, who uuid, host inet, span int4range, mood ward.mood, born text)""",
        """INSERT INTO ward.visits VALUES
            (2, false, NULL, 2.00, 123456789012345678901234567890, 'NaN', '12', 'B', '1999-12-31',
             '2024-01-01 00:00:00', '2024-01-01 00:00:00+00', '-1 day', '24:00', NULL, NULL, NULL,
             NULL, NULL, NULL, 'bad', '2001-02-03'),
            (1, true, 7, 1.50, 1, 0.1, '007', 'A1', '2024-02-29', '2024-01-01 10:00:00.25',
             '2024-01-01 08:00:00+08', '1 mon 2 days', '10:30', '\\x00ff', '{a,"b c",NULL}',
             '{"n": 1.10, "中": null}', 'a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11', '10.0.0.1/8',
             '[1,5)', '好', '1999-01-01')""",
    )
    reading = read(url, tmp_path, Selection(table="ward.visits"))
    kinds = {field.name: field.type for field in reading.table.fields}
    one: dict[str, Any] = reading.table.arrow().to_pylist()[0]
    assert one["id"] == 1
    assert (kinds["ok"], one["ok"]) == ("bool", True)
    assert (kinds["small"], one["small"]) == ("int64", 7)
    assert (kinds["price"], one["price"]) == ("double", 1.5)
    assert (kinds["huge"], reading.table.column("huge").to_pylist()[1]) == (
        "string", "123456789012345678901234567890",
    )  # fmt: skip
    assert reading.table.column("x").to_pylist() == [0.1, None]
    assert (kinds["code"], one["code"]) == ("string", "007")
    assert reading.table.column("bed").to_pylist() == ["A1", "B"]
    assert (kinds["day"], one["day"]) == ("date32[day]", date(2024, 2, 29))
    assert one["seen"] == datetime(2024, 1, 1, 10, 0, 0, 250_000)  # noqa: DTZ001 - as it is stored
    assert one["at"] == datetime(2024, 1, 1, tzinfo=UTC)
    assert one["long"] == "P1M2D"
    assert reading.table.column("hour").to_pylist() == ["10:30:00", "24:00:00"]
    assert one["raw"] == "AP8="
    assert one["tags"] == '["a", "b c", null]'
    assert one["doc"] == '{"n": 1.10, "中": null}'
    assert one["who"] == "a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11"
    assert one["host"] == "10.0.0.1/8"
    assert one["mood"] == "好"
    assert kinds["born"] == "date32[day]"
    assert "127.0.0.1" in reading.parts[0].name
    assert "geheim" not in reading.parts[0].name


def test_days_that_no_calendar_column_holds(url: str, owner: sa.Connection, tmp_path: Path) -> None:
    run(
        owner,
        "CREATE TABLE ward.days (id int PRIMARY KEY, d date, t timestamptz, n numeric, f float8)",
        """INSERT INTO ward.days VALUES
            (1, '2024-01-01', '2024-01-01', 1, 1), (2, 'infinity', NULL, 1, 1),
            (3, '0044-03-15 BC', NULL, 1, 1), (4, '12024-01-01', NULL, 1, 1),
            (5, NULL, '-infinity', 1, 1), (6, NULL, '294276-12-31', 1, 1), (7, NULL, NULL, 'NaN', 'NaN'),
            (8, NULL, NULL, 1, 'Infinity'), (9, '0001-01-01', NULL, 1, 1)""",
    )
    with pytest.raises(InputError) as caught:
        read(url, tmp_path, Selection(table="ward.days"))
    assert (caught.value.code, caught.value.where.row) == ("input.impossible-date", 2)
    assert not (tmp_path / "o.parquet").exists()
    reading = read(url, tmp_path, Selection(table="ward.days"), aside=True)
    assert [(row.row, row.column, row.code) for row in reading.refused] == [
        (2, "d", "input.impossible-date"), (3, "d", "input.impossible-date"),
        (4, "d", "input.impossible-date"), (5, "t", "input.impossible-date"),
        (6, "t", "input.impossible-date"), (8, "f", "input.not-finite"),
    ]  # fmt: skip
    assert reading.table.column("id").to_pylist() == [1, 7, 9]
    # Year 1 is written as text: no other reader is trusted to agree on a day so early.
    assert reading.table.column("d").to_pylist() == ["2024-01-01", None, "0001-01-01"]
    assert reading.table.column("n").to_pylist() == [1, None, 1]


def test_the_snapshot_sees_one_moment(url: str, owner: sa.Connection) -> None:
    run(owner, "CREATE TABLE ward.t (id int)", "INSERT INTO ward.t VALUES (1)")
    count = sa.text("SELECT count(*) FROM ward.t")
    with snapshot(url) as connection:
        assert connection.execute(count).scalar() == 1
        run(owner, "INSERT INTO ward.t VALUES (2)")
        assert connection.execute(count).scalar() == 1


def test_a_query_cannot_write(url: str, owner: sa.Connection, tmp_path: Path) -> None:
    run(
        owner,
        "CREATE TABLE ward.t (id int)", "INSERT INTO ward.t VALUES (1)",
        "CREATE FUNCTION ward.evil() RETURNS int LANGUAGE sql AS 'DELETE FROM ward.t RETURNING 1'",
    )  # fmt: skip
    for query in (
        "WITH gone AS (DELETE FROM ward.t RETURNING id) SELECT id FROM gone",
        "SELECT ward.evil()",
    ):
        with pytest.raises(InputError) as caught:
            read(url, tmp_path, Selection(query=query))
        assert caught.value.code in {"input.database-forbidden", "input.database-refused"}
    assert owner.exec_driver_sql("SELECT count(*) FROM ward.t").scalar() == 1


def test_many_rows_stream_and_later_ones_come_alone(
    url: str, owner: sa.Connection, tmp_path: Path
) -> None:
    run(
        owner,
        "CREATE TABLE ward.t (id int PRIMARY KEY, at timestamptz)",
        "INSERT INTO ward.t SELECT n, '2024-01-01'::timestamptz + n * interval '1 second' "
        "FROM generate_series(1, 50000) n",
    )
    assert read(url, tmp_path, Selection(table="ward.t")).rows == 50_000
    after = datetime(2024, 1, 1, 13, 53, 10, tzinfo=UTC)
    later = read(url, tmp_path, Selection(table="ward.t", since="at", after=after))
    assert later.table.column("id").to_pylist() == list(range(49_991, 50_001))
    query = (
        "SELECT id, at::text AS shown, at FROM ward.t WHERE at::text LIKE '%:%' ORDER BY id DESC"
    )
    later = read(url, tmp_path, Selection(query=query, since="at", after=after))
    assert later.rows == 10


def test_faults_are_told_without_the_password(
    url: str, owner: sa.Connection, tmp_path: Path
) -> None:
    run(
        owner,
        "DROP ROLE IF EXISTS nobody_here", "CREATE ROLE nobody_here LOGIN PASSWORD 'schwach'",
        "CREATE TABLE ward.t (id int)",
    )  # fmt: skip
    stranger = url.replace("reader:geheim", "nobody_here:schwach")
    for wrong, selection, code in (
        (url.replace("geheim", "falsch"), Selection(table="t"), "input.database-login"),
        (url.replace("/postgres", "/nothing"), Selection(table="t"), "input.database-missing"),
        (url, Selection(table="ward.tt"), "input.database-no-table"),
        (stranger, Selection(query="SELECT * FROM ward.t"), "input.database-forbidden"),
        (url, Selection(query="SELECT 'Wang'::int AS x"), "input.database-refused"),
        (url, Selection(query="SELECT 1/0 AS x"), "input.database-refused"),
    ):
        with pytest.raises(AnpingError) as caught:
            read(wrong, tmp_path, selection)
        assert caught.value.code == code
        for secret in ("geheim", "falsch", "schwach", "Wang"):
            assert secret not in str(caught.value)
    assert list(tmp_path.iterdir()) == []


def test_a_connection_lost_halfway_writes_nothing(
    url: str, owner: sa.Connection, tmp_path: Path
) -> None:
    run(owner, "CREATE TABLE ward.t AS SELECT n AS id FROM generate_series(1, 60000) n")
    cut = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid <> pg_backend_pid()"

    def cut_after_first_block(_what: object, done: int, _total: int | None) -> None:
        if done == 10_000:
            run(owner, cut)

    with pytest.raises(InputError) as caught:
        read_query(
            url, into=tmp_path / "o.parquet", selection=Selection(table="ward.t"),
            progress=cut_after_first_block,
        )  # fmt: skip
    assert caught.value.code == "input.database-lost"
    assert list(tmp_path.iterdir()) == []
