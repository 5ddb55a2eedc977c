from __future__ import annotations

import json
from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from anping.core.errors import ParameterError, SchemaError
from anping.engine.read import read
from anping.engine.reading import Reading, ReadOptions, WidthUnit

Read = Callable[..., Reading]

NAMES = ("姓名", "生日", "金額")


def test_big5_widths_count_bytes(read_bytes: Read) -> None:
    lines = ["王小明    2024-01-02  12", "歐陽小小  2024-01-03 345"]
    content = "\r\n".join(lines).encode("cp950") + b"\r\n"

    reading = read_bytes(
        content, name="a.dat", widths=(10, 10, 4), width_unit="bytes", column_names=NAMES,
        encoding="cp950",
    )  # fmt: skip

    assert reading.table.arrow().to_pydict() == {
        "姓名": ["王小明", "歐陽小小"],
        "生日": [date(2024, 1, 2), date(2024, 1, 3)],
        "金額": [12, 345],
    }
    assert (reading.format, reading.encoding, reading.newline) == ("fixed", "cp950", "CRLF")


def test_widths_count_characters(read_bytes: Read) -> None:
    content = "# remark\nskip me\n王小明\u3000 12\n陳美麗\u30009ab\n\n".encode("utf-16")

    reading = read_bytes(content, widths=(4, 3), skip_lines=2)

    assert reading.table.arrow().to_pydict() == {
        "column_1": ["王小明", "陳美麗"],
        "column_2": ["12", "9ab"],
    }


def test_lines_of_another_length_are_refused(read_bytes: Read, tmp_path: Path) -> None:
    content = b"ab12\nab1\nab123\n\xff\xffab\nb\0 3\ncd56\n"
    reading = read_bytes(content, widths=(2, 2), quarantine=True, encoding="utf-8", name="a.dat")

    assert [(row.row, row.code, row.column) for row in reading.refused] == [
        (2, "input.wrong-length", None),
        (3, "input.wrong-length", None),
        (4, "input.undecodable", "column_1"),
        (5, "input.nul-character", "column_1"),
    ]
    kept = [json.loads(line)["raw"] for line in (tmp_path / "bad.jsonl").read_text().splitlines()]
    assert kept == ["ab1", "ab123", "\\xff\\xffab", "b\0 3"]
    assert reading.table.arrow().to_pydict() == {"column_1": ["ab", "cd"], "column_2": [12, 56]}


def test_a_character_cut_in_two_is_undecodable(read_bytes: Read) -> None:
    content = "王ab\n甲cd\n".encode("cp950")
    reading = read_bytes(
        content + b"abcd\n", widths=(1, 3), width_unit="bytes", encoding="cp950", quarantine=True
    )
    assert [row.code for row in reading.refused] == ["input.undecodable"] * 2


def test_declared_types_refuse_rows(read_bytes: Read) -> None:
    reading = read_bytes(
        b"ab12\ncdxx\n", widths=(2, 2), types={"column_2": "integer"}, quarantine=True
    )
    assert [(row.row, row.column) for row in reading.refused] == [(2, "column_2")]


@pytest.mark.parametrize("widths", [(), (0, 2), (-1,)])
def test_widths_that_make_no_line(read_bytes: Read, widths: tuple[int, ...]) -> None:
    with pytest.raises(ParameterError) as caught:
        read_bytes(b"ab12\n", widths=widths)
    assert caught.value.code == "input.bad-widths"


def test_as_many_names_as_widths(read_bytes: Read) -> None:
    with pytest.raises(SchemaError) as caught:
        read_bytes(b"ab12\n", widths=(2, 2), column_names=("a",))
    assert caught.value.code == "schema.column-count"


CELL = st.text(st.sampled_from("ab甲乙1"), max_size=4)


@settings(max_examples=50, deadline=None)
@given(rows=st.lists(st.tuples(CELL, CELL).filter(any), min_size=1, max_size=8), data=st.data())
def test_what_is_padded_is_read(
    tmp_path_factory: pytest.TempPathFactory, rows: list[tuple[str, str]], data: st.DataObject
) -> None:
    unit: WidthUnit = data.draw(st.sampled_from(["bytes", "characters"]))
    encoding = data.draw(st.sampled_from(["utf-8", "cp950"]))
    lines = []
    for row in rows:
        line = b""
        for cell in row:
            length = len(cell.encode(encoding)) if unit == "bytes" else len(cell)
            line += cell.encode(encoding) + b" " * (12 - length)
        lines.append(line)
    folder = tmp_path_factory.mktemp("fixed")
    (folder / "a.txt").write_bytes(b"\n".join(lines))

    reading = read(
        folder / "a.txt",
        into=folder / "out.parquet",
        options=ReadOptions(
            widths=(12, 12), width_unit=unit, encoding=encoding,
            types={"column_1": "string", "column_2": "string"},
        ),
    )  # fmt: skip

    expected = [tuple(cell or None for cell in row) for row in rows]
    found = reading.table.arrow().to_pydict()
    assert list(zip(found["column_1"], found["column_2"], strict=True)) == expected
