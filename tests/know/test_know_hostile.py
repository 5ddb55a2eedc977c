"""What may lie in tables: bytes, control characters, a book in a cell, thousands of columns."""

from __future__ import annotations

import pyarrow as pa
import pytest

from anping.core.columns import Role
from anping.engine.table import Table
from anping.know.discover.columns import find_columns
from anping.know.scan import scan

ROWS = 60


def test_bytes_and_control_characters_are_scanned_and_hide_nothing() -> None:
    columns = {
        "bytes": pa.array([bytes([n, 255, 0, 128]) * 20 for n in range(ROWS)], pa.binary()),
        "odd": [f"\x00\x01王小明\ufffd 電話 0912-345-{n:03d}\x1f" for n in range(ROWS)],
        "nested": [{"a": n, "b": ["x", None]} for n in range(ROWS)],
        "null": pa.nulls(ROWS),
    }
    found = scan(Table.of(pa.table(columns)))
    assert {one.type for one in found.inside if one.column == "odd"} >= {"PHONE"}
    assert found.finding("null").semantic_type == "EMPTY"
    assert "bytes" in [one.column for one in found.findings]


@pytest.mark.parametrize("full", [False, True])
def test_a_book_in_a_cell_is_read_and_is_no_identifier(*, full: bool) -> None:
    book = "客戶王小明電話0912345678，住臺北市大安區和平東路二段106號3樓。" * 6_000
    found = scan(Table.of(pa.table({"text": [book, book[:-1], "短"]})), full=full)
    (finding,) = found.findings
    assert finding.role is Role.FREE_TEXT
    assert {"PHONE", "ADDRESS_FULL"} <= {one.type for one in found.inside}


def test_a_run_of_one_character_is_looked_at_once() -> None:
    runs = [letter * 60_000 for letter in "1a臺 -("] + ["臺北市" * 20_000, "1@" * 30_000]
    (finding,) = find_columns(Table.of(pa.table({"text": runs})))
    assert finding.n >= len(runs) - 1


def test_thousands_of_columns_are_each_found() -> None:
    wide: dict[str, list[int] | list[str]] = {
        f"c{n}": [(n * row) % 97 for row in range(10)] for n in range(2_000)
    }
    wide["手機"] = [f"09123456{row:02d}" for row in range(10)]
    found = find_columns(Table.of(pa.table(wide)))
    assert len(found) == 2_001
    assert found[-1].semantic_type == "PHONE"
