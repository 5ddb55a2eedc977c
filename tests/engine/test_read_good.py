from __future__ import annotations

import hashlib
import itertools
from collections.abc import Callable
from datetime import UTC, date, datetime, time
from decimal import Decimal
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from anping.core.text import Text
from anping.engine.read import read
from anping.engine.reading import Reading

Read = Callable[..., Reading]

GOLDEN = {
    "姓名": ["王小明", "陳 美\n麗", None],
    "金額": [1000, None, -3],
    "備註": ["a,b", '說"好"', "甲"],
}
LINES = ["姓名,金額,備註", '王小明,1000,"a,b"', '"陳 美\n麗",NA,"說""好"""', ",-3,甲"]


@pytest.mark.parametrize(
    ("encoding", "newline"),
    list(
        itertools.product(
            ["utf-8", "utf-8-sig", "utf-16", "cp950", "big5hkscs"], ["\n", "\r\n", "\r"]
        )
    ),
)
def test_every_encoding_and_line_end_gives_the_same_table(
    read_bytes: Read, encoding: str, newline: str
) -> None:
    lines = [*LINES, ""]
    content = newline.join(lines).replace("美\n麗", f"美{newline}麗").encode(encoding)

    reading = read_bytes(content)

    assert reading.table.arrow().to_pydict() == GOLDEN
    assert reading.encoding == ("cp950" if encoding == "big5hkscs" else encoding)
    assert reading.newline == {"\n": "LF", "\r\n": "CRLF", "\r": "CR"}[newline]
    assert reading.delimiter == ","
    assert (reading.rows, reading.refused_rows, reading.format) == (3, 0, "csv")
    assert reading.source_sha256 == hashlib.sha256(content).hexdigest()
    assert reading.source_bytes == len(content)


def test_equal_rows_give_equal_bytes_whatever_the_encoding(read_bytes: Read) -> None:
    written = []
    for encoding in ("utf-8", "cp950", "utf-16"):
        reading = read_bytes("\r\n".join(LINES).encode(encoding))
        assert isinstance(reading.table.source, Path)
        written.append(reading.table.source.read_bytes())

    assert written[0] == written[1] == written[2]


def test_mixed_line_ends(read_bytes: Read) -> None:
    reading = read_bytes(b"a,b\r1,2\r\n3,4\n5,6")

    assert reading.newline == "mixed"
    assert reading.table.arrow().to_pydict() == {"a": [1, 3, 5], "b": [2, 4, 6]}


def test_hkscs_letters_that_cp950_lacks(read_bytes: Read) -> None:
    reading = read_bytes("地名,n\n深水埗,1\n鰂魚涌,2\n𨋢,3\n".encode("big5hkscs"))

    assert reading.encoding == "big5hkscs"
    assert reading.table.arrow()["地名"].to_pylist() == ["深水埗", "鰂魚涌", "𨋢"]


def test_gb18030_when_asked_for(read_bytes: Read) -> None:
    reading = read_bytes("姓名\n赵钱孙\n".encode("gb18030"), encoding="gb18030")

    assert reading.table.arrow().to_pydict() == {"姓名": ["赵钱孙"]}


@pytest.mark.parametrize("delimiter", [",", "\t", ";", "|"])
def test_the_delimiter_is_found(read_bytes: Read, delimiter: str) -> None:
    rows = [["id", "note"], ["1", '"a,b;c|d"'], ["2", "x"]]
    content = "\n".join(delimiter.join(row) for row in rows).encode()

    reading = read_bytes(content)

    assert reading.delimiter == delimiter
    assert reading.table.columns == ("id", "note")


def test_semicolons_win_over_decimal_commas(read_bytes: Read) -> None:
    assert read_bytes(b"a;b\n1,5;2,5\n3,0;4,1\n").delimiter == ";"


def test_types_come_from_every_value(read_bytes: Read) -> None:
    header = (
        "id,postal,real,flag,bit,day,moment,zoned,roc,thousands,huge,mixed,none,plus,code,sheet"
    )
    rows = [
        (
            "1,106,1.5,true,0,2024-02-29,2024-01-01 10:00,2024-01-01T10:00:00Z,民國113年1月1日,"
            '"1,000",92233720368547758080,3,,+886912345678,1E5,1.00E+05'
        ),
        (
            "2,007,-2,FALSE,1,1999-12-31,2024-01-01T10:00:01.5,2024-01-01T10:00:00+08:00,112/05/06,"
            '"2,500",1,三,NA,+886911111111,2E7,250'
        ),
    ]
    reading = read_bytes("\n".join([header, *rows]).encode())

    types = {field.name: field.type for field in reading.table.fields}
    assert types == {
        "id": "int64",
        "postal": "string",
        "real": "double",
        "flag": "bool",
        "bit": "int64",
        "day": "date32[day]",
        "moment": "timestamp[us]",
        "zoned": "timestamp[us, tz=UTC]",
        "roc": "string",
        "thousands": "string",
        "huge": "string",
        "mixed": "string",
        "none": "string",
        "plus": "string",
        "code": "string",
        "sheet": "int64",
    }
    assert reading.table.arrow()["sheet"].to_pylist() == [100_000, 250]
    assert reading.table.arrow()["none"].null_count == 2


def test_one_odd_value_far_down_decides(read_bytes: Read) -> None:
    content = b"n\n" + b"1\n" * 200_000 + b"x\n"

    assert read_bytes(content).table.fields[0].type == "string"


@pytest.mark.parametrize("day", ["2023-02-29", "2023-13-01", "0000-01-01", "0999-01-01"])
def test_a_day_that_is_none_keeps_the_column_text(read_bytes: Read, day: str) -> None:
    assert read_bytes(f"d\n2023-01-01\n{day}\n".encode()).table.fields[0].type == "string"


def test_whole_numbers_too_long_for_a_double_stay_text(read_bytes: Read) -> None:
    reading = read_bytes(b"n\n1.5\n1234567890123456789\n")

    assert reading.table.arrow()["n"].to_pylist() == ["1.5", "1234567890123456789"]


def test_declared_types_win(read_bytes: Read) -> None:
    reading = read_bytes(b"a,b,c\n1,007,1\n", types={"a": "string", "b": "int64", "c": "real"})

    assert reading.table.arrow().to_pydict() == {"a": ["1"], "b": [7], "c": [1.0]}


def test_blank_lines_comments_and_skipped_lines(read_bytes: Read) -> None:
    content = b"|1x3 Cross validator\n# made by hand\n\na,b\n1,2\n   \n# 3,4\n5,6\n\n"

    reading = read_bytes(content, skip_lines=1, comment="#")

    assert reading.table.arrow().to_pydict() == {"a": [1, 5], "b": [2, 6]}


def test_blanks_are_trimmed_or_kept(read_bytes: Read) -> None:
    content = b'a, b ,c\n x , "y, z" ,1\n'

    assert read_bytes(content).table.arrow().to_pydict() == {"a": ["x"], "b": ["y, z"], "c": [1]}
    kept = read_bytes(b"a,b\n x ,1\n", trim_blanks=False)
    assert kept.table.arrow().to_pydict() == {"a": [" x "], "b": [1]}


def test_quotes_inside_plain_fields_are_letters(read_bytes: Read) -> None:
    reading = read_bytes(b'a,b\n5" pipe,1\n"x",2\n')

    assert reading.table.arrow()["a"].to_pylist() == ['5" pipe', "x"]


def test_column_names(read_bytes: Read) -> None:
    given = read_bytes(b"1,2\n3,4\n", header=False, column_names=("x", "y"))
    assert given.table.arrow().to_pydict() == {"x": [1, 3], "y": [2, 4]}
    assert read_bytes(b"1,2\n3,4\n", header=False).table.columns == ("column_1", "column_2")
    replaced = read_bytes(b"a,a\n3,4\n", column_names=("x", "y"))
    assert replaced.table.arrow().to_pydict() == {"x": [3], "y": [4]}


def test_years_may_be_column_names(read_bytes: Read) -> None:
    assert read_bytes(b"city,2019,2020,2021\nx,1,2,3\n").table.columns[1:] == (
        "2019",
        "2020",
        "2021",
    )


def test_one_column(read_bytes: Read) -> None:
    reading = read_bytes(b'a\n1\n""\n3')

    assert reading.table.arrow().to_pydict() == {"a": [1, None, 3]}


def test_ten_thousand_columns(read_bytes: Read) -> None:
    names = ",".join(f"c{n}" for n in range(10_000))
    row = ",".join(str(n) for n in range(10_000))

    reading = read_bytes(f"{names}\n{row}\n{row}\n".encode())

    assert len(reading.table.columns) == 10_000
    assert reading.table.arrow(["c9999"]).to_pydict() == {"c9999": [9999, 9999]}


def test_json_lines(read_bytes: Read) -> None:
    content = (
        '{"id": "007", "age": 3, "address": {"city": "臺北", "zip": null}, "tags": ["a", 1]}\n\n'
        '{"id": "8", "age": 4.5, "ok": true, "day": "2024-01-01", "big": 1e22}\n'
    ).encode()

    reading = read_bytes(content, name="data.jsonl")

    assert reading.format == "jsonl"
    assert reading.table.arrow().drop_columns(["day"]).to_pydict() == {
        "id": ["007", "8"],
        "age": [3.0, 4.5],
        "address.city": ["臺北", None],
        "address.zip": [None, None],
        "tags": ['["a", 1]', None],
        "ok": [None, True],
        "big": [None, 1e22],
    }
    assert reading.table.schema.field("day").type == pa.date32()


def test_parquet(tmp_path: Path) -> None:
    source = tmp_path / "in.parquet"
    table = pa.table(
        {
            "n": pa.array([1, 2], pa.int8()),
            "who": pa.array(["甲", "乙"]).dictionary_encode(),
            "at": pa.array([{"x": 1, "y": {"z": "q"}}, None]),
            "list": pa.array([[1, 2], None]),
            "text": pa.array(["1", "2"], pa.large_string()),
        }
    )
    pq.write_table(table, source)

    reading = read(source, into=tmp_path / "out.parquet")

    assert reading.table.arrow().to_pydict() == {
        "n": [1, 2],
        "who": ["甲", "乙"],
        "at.x": [1, None],
        "at.y.z": ["q", None],
        "list": ["[1, 2]", None],
        "text": ["1", "2"],
    }
    assert reading.table.schema.field("n").type == pa.int64()
    assert (reading.format, reading.rows, reading.encoding) == ("parquet", 2, None)


def test_progress_is_told_in_bytes(tmp_path: Path) -> None:
    source = tmp_path / "a.csv"
    source.write_bytes(b"a\n1\n")
    told: list[tuple[int, int | None]] = []

    def progress(_: Text, done: int, total: int | None) -> None:
        told.append((done, total))

    read(source, into=tmp_path / "out.parquet", progress=progress)

    assert told[-1] == (4, 4)


def test_parquet_of_every_type(tmp_path: Path) -> None:
    moment = datetime(2024, 1, 1, 1, 2, 3, tzinfo=UTC)
    table = pa.table(
        {
            "u": pa.array([2**64 - 1], pa.uint64()),
            "f": pa.array([1.5], pa.float32()),
            "d": pa.array([Decimal("1.10")]),
            "ns": pa.array([1_000_000_001], pa.timestamp("ns")),
            "zoned": pa.array([moment], pa.timestamp("s", "Asia/Taipei")),
            "date": pa.array([date(2024, 1, 1)], pa.date64()),
            "time": pa.array([time(1, 2)], pa.time64("us")),
            "bytes": pa.array([b"\xff"]),
            "map": pa.array([[("k", 1)]], pa.map_(pa.string(), pa.int64())),
            "null": pa.nulls(1),
        }
    )
    pq.write_table(table, tmp_path / "in.parquet")

    found = read(tmp_path / "in.parquet", into=tmp_path / "out.parquet").table

    assert [(field.name, field.type) for field in found.fields] == [
        ("u", "string"),
        ("f", "double"),
        ("d", "decimal128(3, 2)"),
        ("ns", "timestamp[us]"),
        ("zoned", "timestamp[us, tz=UTC]"),
        ("date", "date32[day]"),
        ("time", "string"),
        ("bytes", "string"),
        ("map", "string"),
        ("null", "string"),
    ]
    row = found.arrow().to_pylist()[0]
    assert (row["u"], row["time"], row["bytes"]) == ("18446744073709551615", "01:02:00", "/w==")
    assert (row["zoned"], row["map"], row["null"]) == (moment, '[["k", 1]]', None)
