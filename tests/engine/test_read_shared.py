from __future__ import annotations

from pathlib import Path

import pytest

from anping.engine.read import read
from anping.engine.reading import ReadOptions

HEADERLESS = ReadOptions(header=False)


def test_taiwan_credit_is_one_table_in_both_files(shared: Path, tmp_path: Path) -> None:
    folder = shared / "data" / "credit_taiwan"

    plain = read(folder / "credit.csv", into=tmp_path / "plain.parquet")
    cr_only = read(folder / "credit_cr_line_ends.csv", into=tmp_path / "cr.parquet")

    assert (plain.rows, len(plain.table.columns), plain.newline) == (30_000, 25, "LF")
    assert (cr_only.rows, cr_only.newline) == (30_000, "CR")
    assert (tmp_path / "plain.parquet").read_bytes() == (tmp_path / "cr.parquet").read_bytes()
    assert {field.type for field in plain.table.fields} == {"int64"}


def test_adult(shared: Path, tmp_path: Path) -> None:
    reading = read(
        shared / "data" / "adult" / "adult.data", into=tmp_path / "a.parquet", options=HEADERLESS
    )

    assert (reading.rows, len(reading.table.columns)) == (32_561, 15)
    assert reading.table.column("column_1").to_pylist()[:2] == [39, 50]
    # UCI documents the missing values of workclass, occupation and native-country.
    missing = [reading.table.column(f"column_{n}").null_count for n in (2, 7, 14)]
    assert missing == [1836, 1843, 583]


def test_adult_as_arx_uses_it(shared: Path, tmp_path: Path) -> None:
    reading = read(shared / "data" / "adult_arx" / "adult.csv", into=tmp_path / "a.parquet")

    assert (reading.rows, reading.delimiter, len(reading.table.columns)) == (30_162, ";", 9)


@pytest.mark.parametrize(
    ("name", "rows"), [("cleveland", 303), ("hungarian", 294), ("switzerland", 123), ("va", 200)]
)
def test_heart_disease(shared: Path, tmp_path: Path, name: str, rows: int) -> None:
    reading = read(
        shared / "data" / "heart_uci" / f"processed.{name}.data",
        into=tmp_path / "h.parquet",
        options=HEADERLESS,
    )

    assert (reading.rows, len(reading.table.columns)) == (rows, 14)
    assert all(field.type in {"int64", "double"} for field in reading.table.fields)


def test_tables_of_the_peers(shared: Path, tmp_path: Path) -> None:
    files = sorted((shared / "peers" / "pii" / "tables").glob("*.csv"))
    if not files:
        pytest.skip("the peers' tables are not here")
    for file in files:
        reading = read(file, into=tmp_path / "t.parquet")
        assert (reading.rows, reading.encoding) == (400, "utf-8"), file.name
