"""A real MariaDB: its zero dates, times beyond a day, unsigned numbers, its faults."""

from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest
import sqlalchemy as sa

from anping.core.errors import AnpingError
from anping.engine.database import Selection, read_query
from anping.engine.sessions import snapshot
from database_servers import mariadb_server


@pytest.fixture(scope="module")
def url() -> Iterator[str]:
    with mariadb_server() as url:
        yield url


@pytest.fixture
def owner(url: str) -> Iterator[sa.Connection]:
    engine = sa.create_engine(url.replace("://", "+pymysql://"), poolclass=sa.pool.NullPool)
    with engine.connect() as connection:
        connection.exec_driver_sql("DROP TABLE IF EXISTS visits")
        yield connection
    engine.dispose()


def test_what_it_says_and_what_it_holds(url: str, owner: sa.Connection, tmp_path: Path) -> None:
    for statement in (
        "SET sql_mode = ''",
        """CREATE TABLE visits (id int PRIMARY KEY, big bigint unsigned, price decimal(10,2),
            x double, code varchar(20), bed char(5), d date, at datetime, long_ time, raw blob,
            note text, doc json, ok boolean) CHARACTER SET utf8mb4""",
        """INSERT INTO visits VALUES
            (1, 18446744073709551615, 1.50, 0.1, '007', 'A1 ', '2024-02-29', '2024-01-01 10:00:00',
             '100:30:00', x'00ff', '王小明😀 %s', '{"n": 1.10}', true),
            (2, 5, 2, 2, '12', 'B', '0000-00-00', NULL, '-01:00:00', NULL, 'b', NULL, false),
            (3, 5, 2, 2, '12', 'B', '2024-03-00', NULL, NULL, NULL, 'b', NULL, false),
            (4, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL)""",
    ):
        owner.exec_driver_sql(statement.replace("%", "%%"))
    owner.commit()
    reading = read_query(
        url, into=tmp_path / "o.parquet", selection=Selection(table="visits"),
        quarantine=tmp_path / "bad.jsonl",
    )  # fmt: skip
    assert [(row.row, row.column, row.code) for row in reading.refused] == [
        (2, "d", "input.impossible-date"),
        (3, "d", "input.impossible-date"),
    ]
    one, last = reading.table.arrow().to_pylist()
    assert one["big"] == "18446744073709551615"
    assert (one["price"], one["x"], one["code"], one["bed"]) == (1.5, 0.1, "007", "A1")
    assert one["d"] == date(2024, 2, 29)
    assert one["long_"] == "100:30:00"
    assert one["raw"] == "AP8="
    assert one["note"] == "王小明😀 %s"
    assert one["doc"] == '{"n": 1.10}'
    assert one["ok"] == 1
    assert set(last.values()) == {4, None}


def test_it_is_read_in_one_moment_and_never_written(
    url: str, owner: sa.Connection, tmp_path: Path
) -> None:
    owner.exec_driver_sql("CREATE TABLE visits (id int)")
    owner.exec_driver_sql("INSERT INTO visits VALUES (1)")
    owner.commit()
    count = sa.text("SELECT count(*) FROM visits")
    with snapshot(url) as connection:
        assert connection.execute(count).scalar() == 1
        owner.exec_driver_sql("INSERT INTO visits VALUES (2)")
        owner.commit()
        assert connection.execute(count).scalar() == 1
        with pytest.raises(sa.exc.DBAPIError):
            connection.exec_driver_sql("INSERT INTO visits VALUES (3)")
    for wrong, selection, code in (
        (url.replace("geheim", "falsch"), Selection(table="visits"), "input.database-login"),
        (url.replace("/clinic", "/none"), Selection(table="visits"), "input.database-missing"),
        (url, Selection(table="visit"), "input.database-no-table"),
        (url, Selection(query="SELECT nope FROM visits"), "input.database-refused"),
    ):
        with pytest.raises(AnpingError) as caught:
            read_query(wrong, into=tmp_path / "o.parquet", selection=selection)
        assert caught.value.code == code
        assert "geheim" not in str(caught.value)
        assert "falsch" not in str(caught.value)


def test_a_connection_lost_halfway_writes_nothing(
    url: str, owner: sa.Connection, tmp_path: Path
) -> None:
    owner.exec_driver_sql(
        "CREATE TABLE visits AS SELECT seq AS id, REPEAT('x', 400) AS t FROM seq_1_to_60000"
    )
    owner.commit()

    def cut_after_first_block(_what: object, done: int, _total: int | None) -> None:
        if done == 10_000:
            others = owner.exec_driver_sql(
                "SELECT id FROM information_schema.processlist "
                "WHERE id <> CONNECTION_ID() AND user = 'reader'"
            )
            for (number,) in others.fetchall():
                owner.exec_driver_sql(f"KILL {number}")

    with pytest.raises(AnpingError) as caught:
        read_query(
            url, into=tmp_path / "o.parquet", selection=Selection(table="visits"),
            progress=cut_after_first_block,
        )  # fmt: skip
    assert caught.value.code == "input.database-lost"
    assert list(tmp_path.iterdir()) == []
