from __future__ import annotations

import csv
import io
import json
import tempfile
from datetime import date
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from anping.engine import delimited, encodings
from anping.engine.read import read
from anping.engine.reading import ReadOptions

# Letters that every one of the encodings below has, with all that CSV finds difficult.
LETTERS = "ab甲乙臺,;|\t\"\n '=07.-e+"
TEXT = st.text(st.sampled_from(LETTERS), min_size=1, max_size=8)
ENCODINGS = ["utf-8", "utf-8-sig", "utf-16", "cp950", "big5hkscs", "gb18030"]
FIELD = st.text(st.sampled_from('a,"\n 甲'), max_size=4)


def read_bytes(content: bytes, **options: Any) -> Any:
    with tempfile.TemporaryDirectory() as folder:
        source = Path(folder, "data.csv")
        source.write_bytes(content)
        reading = read(
            source,
            into=Path(folder, "out.parquet"),
            options=ReadOptions(**options),
            quarantine=Path(folder, "bad.jsonl"),
        )
        bad = Path(folder, "bad.jsonl")
        lines = bad.read_text("utf-8").splitlines() if bad.exists() else []
        return reading, reading.table.arrow(), [json.loads(line) for line in lines]


@st.composite
def tables(draw: st.DrawFn) -> dict[str, list[Any]]:
    rows = draw(st.integers(1, 6))
    kinds = [
        st.none() | TEXT.map(lambda text: f"甲{text}"),
        st.none() | st.integers(-(2**63) + 1, 2**63 - 1),
        st.none() | st.floats(allow_nan=False, allow_infinity=False).map(lambda x: x + 0.0),
        st.none() | st.dates(min_value=date(1000, 1, 1)),
        st.none() | st.booleans(),
    ]
    chosen = draw(st.lists(st.sampled_from(range(len(kinds))), min_size=2, max_size=5))
    names = [f"欄{index}" for index in range(len(chosen))]
    return {
        name: draw(st.lists(kinds[kind], min_size=rows, max_size=rows))
        for name, kind in zip(names, chosen, strict=True)
    }


@pytest.fixture(autouse=True)
def small_chunks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(encodings, "CHUNK", 37)


@settings(max_examples=100, deadline=None)
@given(
    table=tables(),
    encoding=st.sampled_from(ENCODINGS),
    newline=st.sampled_from(["\n", "\r\n", "\r"]),
    delimiter=st.sampled_from(",;|\t"),
    quoting=st.sampled_from([csv.QUOTE_MINIMAL, csv.QUOTE_ALL]),
)
def test_what_is_written_in_any_dialect_is_read(
    table: dict[str, list[Any]], *, encoding: str, newline: str, delimiter: str, quoting: Any
) -> None:
    text = io.StringIO()
    writer = csv.writer(text, delimiter=delimiter, lineterminator="\n", quoting=quoting)
    writer.writerow(table)
    for row in zip(*table.values(), strict=True):
        writer.writerow([str(v).lower() if isinstance(v, bool) else v for v in row])
    content = text.getvalue().replace("\n", newline).encode(encoding)

    reading, found, _ = read_bytes(
        content, encoding=encoding, delimiter=delimiter, trim_blanks=False
    )

    assert reading.refused_rows == 0
    expected = {name: list(column) for name, column in table.items()}
    assert list(found.column_names) == list(expected)
    for name, column in expected.items():
        assert same(found[name].to_pylist(), column), name


def same(found: list[Any], expected: list[Any]) -> bool:
    """Values are equal; a column of texts may hold numbers that no column type holds exactly."""
    return all(
        one == other or (isinstance(one, str) and one == str(other))
        for one, other in zip(found, expected, strict=True)
    )


@settings(max_examples=100, deadline=None)
@given(
    lines=st.lists(st.lists(FIELD, min_size=1, max_size=3), max_size=8),
    chunk=st.sampled_from([5, 64, 4096]),
)
def test_rows_accepted_and_refused_are_the_rows_of_the_file(
    lines: list[list[str]], chunk: int
) -> None:
    """Raw lines with stray quotes and any width: nothing is lost and nothing is counted twice."""
    body = "\n".join(",".join(fields) for fields in lines)
    content = f"x,y\n1,2\n{body}\n".encode()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(encodings, "CHUNK", chunk)
        reading, found, bad = read_bytes(content, delimiter=",", null_markers=())

    assert reading.rows == found.num_rows
    assert len(bad) == reading.refused_rows
    assert [line["row"] for line in bad] == sorted({line["row"] for line in bad})
    # Every letter of the file is in an accepted value or in a refused raw line.
    letters = sum(text.count("甲") + text.count("a") for text in [body])
    kept = sum(
        (value or "").count("甲") + (value or "").count("a")
        for column in found.columns
        for value in column.cast(pa.string()).to_pylist()
    )
    refused = sum(line["raw"].count("甲") + line["raw"].count("a") for line in bad)
    assert kept + refused == letters


@settings(max_examples=80, deadline=None)
@given(lines=st.lists(st.lists(FIELD, min_size=1, max_size=3), max_size=8))
def test_the_fast_look_agrees_with_the_exact_look(lines: list[list[str]]) -> None:
    content = ("x,y\n1,2\n" + "\n".join(",".join(fields) for fields in lines) + "\n").encode()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(encodings, "CHUNK", 1 << 20)
        _, fast, fast_bad = read_bytes(content, delimiter=",")
        patch.setattr(delimited, "_fast", lambda *_: None)
        patch.setattr(delimited, "_whole_records", lambda *_, **__: None)
        _, exact, exact_bad = read_bytes(content, delimiter=",")

    assert fast.equals(exact)
    assert fast_bad == exact_bad


VALUE = st.none() | st.booleans() | st.integers(-(10**20), 10**20) | TEXT | st.lists(st.integers())


@settings(max_examples=100, deadline=None)
@given(
    st.lists(
        st.dictionaries(st.sampled_from(["a", "b", "丙"]), VALUE, min_size=1),
        min_size=1,
        max_size=6,
    )
)
def test_json_lines_keep_every_value(rows: list[dict[str, Any]]) -> None:
    content = "\n".join(json.dumps(row, ensure_ascii=False) for row in rows).encode()

    reading, found, _ = read_bytes(content, format="jsonl", null_markers=())

    assert reading.rows == len(rows)
    for name in found.column_names:
        for value, row in zip(found[name].to_pylist(), rows, strict=True):
            expected = row.get(name)
            if isinstance(value, str) and not isinstance(expected, str):
                assert json.loads(value) == expected
            else:
                assert value == expected
