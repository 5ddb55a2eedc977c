from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from anping.core.errors import AnpingError, InputError, ParameterError, SchemaError
from anping.engine import delimited, encodings
from anping.engine.read import read
from anping.engine.reading import Reading, ReadOptions

Read = Callable[..., Reading]

BAD_FILES: dict[str, tuple[Any, ...]] = {
    "empty": (b"", {}, InputError, "input.empty", None, None),
    "only a mark": (b"\xef\xbb\xbf", {}, InputError, "input.empty", None, None),
    "only blank lines": (b"\n\n \n", {}, InputError, "input.empty", None, None),
    "header only": (b"a,b\n", {}, InputError, "input.no-rows", None, None),
    "too few": (b"a,b,c\n1,2,3\n4,5\n", {}, InputError, "input.ragged-row", 3, None),
    "too many": (b"a,b\n1,2,3\n", {}, InputError, "input.ragged-row", 2, None),
    "line counts": (b'a,b\n"1\n1",2\n\n3\n', {}, InputError, "input.ragged-row", 5, None),
    "doubled": (b"a,b,a\n1,2,3\n", {}, SchemaError, "schema.doubled-column-name", 1, "#3"),
    "nameless": (b"a,,c\n1,2,3\n", {}, SchemaError, "schema.empty-column-name", 1, "#2"),
    "unclosed": (b'a,b\n1,"x\n2,y\n', {}, InputError, "input.unclosed-quote", 2, "b"),
    "stray": (b'a,b\n1,"x"y\n2,y\n', {}, InputError, "input.stray-quote", 2, "b"),
    "wrong bytes": (
        "姓名,b\n王小明,陳美麗\n".encode() + b"x,\xff\n", {}, InputError, "input.undecodable", 3, "b",
    ),
    "not that encoding": (
        "a,b\n王,1\n".encode("cp950"), {"encoding": "utf-8"}, InputError, "input.undecodable", 2, "a",
    ),
    "unknown encoding": (
        b"a\n1\n", {"encoding": "klingon"}, ParameterError, "input.unknown-encoding", None, None,
    ),
    "no mark": (
        "a\n1\n".encode("utf-16-le"), {"encoding": "utf-16"}, InputError, "input.no-byte-order-mark", None, None,
    ),
    "not text encoding": (
        b"a\n1\n", {"encoding": "base64"}, ParameterError, "input.unknown-encoding", None, None,
    ),
    "declared": (
        b"a,b\n1,2\n2,x\n", {"types": {"b": "integer"}}, InputError, "input.wrong-type", 3, "b",
    ),
    "declared day": (
        b"a\n2024-02-30\n", {"types": {"a": "date"}}, InputError, "input.wrong-type", 2, "a",
    ),
    "declared missing": (
        b"a\n1\n", {"types": {"z": "date"}}, SchemaError, "schema.missing-column", None, "z",
    ),
    "unknown type": (
        b"a\n1\n", {"types": {"a": "blob"}}, ParameterError, "input.unknown-type", None, "a",
    ),
    "bad delimiter": (b"a\n1\n", {"delimiter": "ab"}, ParameterError, "input.bad-delimiter", None, None),
    "names too few": (
        b"1,2\n", {"header": False, "column_names": ("a",)}, SchemaError, "schema.column-count", None, None,
    ),
    "a torn archive": (b"PK\x03\x04....", {}, InputError, "input.damaged-archive", None, None),
    "binary": (b"a,b\n\x00\x01\n", {}, InputError, "input.not-a-table", None, None),
    "header quote": (b'"a,b\n1,2\n', {}, InputError, "input.unreadable-header", 1, None),
    "not json": (b'{"a": 1}\n{"a": \n', {"format": "jsonl"}, InputError, "input.invalid-json", 2, None),
    "infinity": (b'{"a": Infinity}\n', {"format": "jsonl"}, InputError, "input.invalid-json", 1, None),
    "surrogate": (b'{"a": "\\ud800"}\n', {"format": "jsonl"}, InputError, "input.invalid-json", 1, None),
    "deep": (b'{"a": ' + b"[" * 100_000 + b"\n", {"format": "jsonl"}, InputError, "input.invalid-json", 1, None),
    "no key": (b'{}\n{"a": 1}\n', {"format": "jsonl"}, InputError, "input.empty-object", 1, None),
    "no header": (b"a,39\nb,50\n", {}, SchemaError, "schema.header-looks-like-data", 1, "#2"),
    "a person as header": (
        b"name,A123456789\nb,50\n", {}, SchemaError, "schema.header-looks-like-data", 1, "#2",
    ),
    "list": (b'{"a": 1}\n[1]\n', {"format": "jsonl"}, InputError, "input.not-an-object", 2, None),
    "doubled key": (b'{"a": 1, "a": 2}\n', {"format": "jsonl"}, InputError, "input.doubled-key", 1, None),
    "flat clash": (
        b'{"a.b": 1, "a": {"b": 2}}\n', {"format": "jsonl"}, InputError, "input.doubled-key", 1, None,
    ),
    "json type": (
        b'{"a": 1}\n{"a": "x"}\n', {"format": "jsonl", "types": {"a": "integer"}},
        InputError, "input.wrong-type", 2, "a",
    ),
    "damaged parquet": (b"PAR1 and nothing", {}, InputError, "input.damaged-parquet", None, None),
}  # fmt: skip


@pytest.mark.parametrize("case", BAD_FILES)
def test_bad_files_name_code_place_and_way_out(read_bytes: Read, tmp_path: Path, case: str) -> None:
    content, options, kind, code, row, column = BAD_FILES[case]

    with pytest.raises(kind) as caught:
        read_bytes(content, **options)

    error = caught.value
    assert isinstance(error, AnpingError)
    assert (error.code, error.where.row, error.where.column) == (code, row, column)
    for text in (error.what, error.hint):
        assert any("\u4e00" <= letter <= "\u9fff" for letter in text.zh)
        assert text.en.isascii() or "“" in text.en
    assert sorted(path.name for path in tmp_path.iterdir()) == ["data.csv"]


def test_a_missing_file(tmp_path: Path) -> None:
    with pytest.raises(InputError) as caught:
        read(tmp_path / "none.csv", into=tmp_path / "out.parquet")

    assert caught.value.code == "input.unreadable-file"
    assert caught.value.where.file == "none.csv"


def test_a_failed_reading_leaves_the_old_output(read_bytes: Read, tmp_path: Path) -> None:
    read_bytes(b"a\n1\n")
    before = (tmp_path / "out.parquet").read_bytes()

    with pytest.raises(InputError):
        read_bytes(b"a,b\n1\n")

    assert (tmp_path / "out.parquet").read_bytes() == before


def test_the_error_counts_the_other_bad_rows_and_shows_no_value(read_bytes: Read) -> None:
    with pytest.raises(InputError) as caught:
        read_bytes("a,b\nA123456789\n1,2\n王小明,x,y\n".encode())

    message = str(caught.value)
    assert caught.value.where.as_json() == {"file": "data.csv", "row": 2, "column": None}
    assert "另有 1 列" in message
    assert "besides: 1." in message
    assert "A123456789" not in message
    assert "王小明" not in message


def test_the_hint_names_the_encodings_that_fit(read_bytes: Read) -> None:
    with pytest.raises(InputError) as caught:
        read_bytes("a\n王小明\n".encode("cp950"), encoding="utf-8")

    assert "cp950" in caught.value.hint.en
    assert "cp950" in caught.value.hint.zh


def test_the_hint_says_when_a_file_mixes_encodings(read_bytes: Read) -> None:
    rows = ["王小明".encode("cp950"), "陳怡君".encode()] * 20
    with pytest.raises(InputError) as caught:
        read_bytes(b"a\n" + b"\n".join(rows) + b"\n")

    assert caught.value.code == "input.undecodable"
    assert "No encoding decodes the whole file" in caught.value.hint.en
    assert "混有多種編碼" in caught.value.hint.zh


def test_quarantine_keeps_bad_rows_aside_and_reads_the_rest(
    read_bytes: Read, tmp_path: Path
) -> None:
    content = b'a,b\n1,2\n3\n4,"x\n5,6\n7,8,9\n\xe7\x8e\x8b\xff,0\n"10","11"\n'

    reading = read_bytes(content, quarantine=True, encoding="utf-8")

    kept = tmp_path / "bad.jsonl"
    lines = [json.loads(line) for line in kept.read_text("utf-8").splitlines()]
    assert [(line["row"], line["column"], line["code"], line["raw"]) for line in lines] == [
        (3, None, "input.ragged-row", "3"),
        (4, "b", "input.stray-quote", '4,"x'),
        (6, None, "input.ragged-row", "7,8,9"),
        (7, "a", "input.undecodable", "王\\xff,0"),
    ]
    assert all(set(line["reason"]) == {"zh", "en"} for line in lines)
    assert kept.stat().st_mode & 0o777 == 0o600
    assert reading.table.arrow().to_pydict() == {"a": [1, 5, 10], "b": [2, 6, 11]}
    assert (reading.rows, reading.refused_rows) == (3, 4)
    assert [refused.row for refused in reading.refused] == [3, 4, 6, 7]


def test_no_quarantine_file_without_bad_rows(read_bytes: Read, tmp_path: Path) -> None:
    read_bytes(b"a\n1\n", quarantine=True)

    assert sorted(path.name for path in tmp_path.iterdir()) == ["data.csv", "out.parquet"]


def test_all_rows_refused(read_bytes: Read) -> None:
    with pytest.raises(InputError) as caught:
        read_bytes(b"a,b\n1\n2\n", quarantine=True)

    assert caught.value.code == "input.all-refused"


def test_many_refused_rows_are_counted_and_the_first_listed(read_bytes: Read) -> None:
    reading = read_bytes(b"a,b\n1,2\n" + b"x\n" * 500, quarantine=True)

    assert (reading.rows, reading.refused_rows, len(reading.refused)) == (1, 500, 100)


def test_one_wrong_byte_does_not_turn_utf8_into_big5(read_bytes: Read) -> None:
    content = "姓名\n王小明\n陳美麗\n".encode() + b"\xb8\n"

    reading = read_bytes(content, quarantine=True)

    assert reading.encoding == "utf-8"
    assert reading.table.arrow()["姓名"].to_pylist() == ["王小明", "陳美麗"]


def test_a_bad_byte_in_big5(read_bytes: Read) -> None:
    lines = ["姓名", *["王小明", "陳美麗"] * 20]
    content = "\n".join(lines).encode("cp950") + b"\n\xff\xff\n"

    reading = read_bytes(content, quarantine=True)

    assert (reading.encoding, reading.rows, reading.refused[0].row) == ("cp950", 40, 42)


def test_parquet_rows_that_do_not_fit(tmp_path: Path) -> None:
    source = tmp_path / "in.parquet"
    pq.write_table(pa.table({"a": ["1", "x", None]}), source)
    options = ReadOptions(types={"a": "integer"})
    with pytest.raises(InputError) as caught:
        read(source, into=tmp_path / "out.parquet", options=options)
    assert (caught.value.code, caught.value.where.row) == ("input.wrong-type", 2)
    assert not (tmp_path / "out.parquet").exists()

    bad = tmp_path / "bad.jsonl"
    reading = read(source, into=tmp_path / "out.parquet", options=options, quarantine=bad)
    assert reading.table.arrow().to_pydict() == {"a": [1, None]}


def test_an_opening_quote_that_nothing_closes_spoils_one_line(
    read_bytes: Read, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(encodings, "CHUNK", 256)
    monkeypatch.setattr(delimited, "LONGEST_RECORD", 1024)
    rows = [f"{n},x" for n in range(400)]
    rows[100] = '100,"x'

    reading = read_bytes("\n".join(["a,b", *rows]).encode(), quarantine=True)

    assert reading.rows == 399
    assert [(bad.row, bad.code) for bad in reading.refused] == [(102, "input.unclosed-quote")]


def test_bad_rows_among_many_are_found_at_their_lines(read_bytes: Read) -> None:
    rows = [f'{n},"x, y\n{n}"' for n in range(40_000)]
    for n in range(0, 40_000, 9_001):
        rows[n] = "bad"
    content = "\n".join(["a,b", *rows]).encode()

    reading = read_bytes(content, quarantine=True)

    lines = content.split(b"\n")
    assert [refused.row for refused in reading.refused] == [
        number for number, line in enumerate(lines, start=1) if line == b"bad"
    ]
    assert reading.rows == 40_000 - 5
