"""What a hostile or broken file holds is refused or read, never held in memory as a whole."""

from __future__ import annotations

import gzip
import json
import subprocess
import sys
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from anping.core.errors import AnpingError, InputError, SchemaError
from anping.engine import delimited, layout, lines
from anping.engine.read import read
from anping.engine.reading import Reading, ReadOptions

Read = Callable[..., Reading]

MEBIBYTE = 1 << 20

PROBE = """
import json, resource, sys
from pathlib import Path
from anping.core.errors import AnpingError
from anping.engine.read import read
folder = Path(sys.argv[1])
try:
    reading = read(folder / sys.argv[2], into=folder / "out.parquet", quarantine=folder / "bad.jsonl")
    found = {"rows": reading.rows, "refused": [[row.row, row.code] for row in reading.refused]}
except AnpingError as error:
    found = {"code": error.code}
status = Path("/proc/self/status")
if status.exists():
    # ru_maxrss would count the memory of the process that started this one.
    lines = status.read_text().splitlines()
    found["peak"] = next(int(line.split()[1]) * 1024 for line in lines if line.startswith("VmHWM"))
else:
    unit = 1 if sys.platform == "darwin" else 1024
    found["peak"] = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit
print(json.dumps(found))
"""


def probe(folder: Path, name: str) -> dict[str, Any]:
    """Read a file in a process of its own, which says how much memory it took at its peak."""
    done = subprocess.run(
        [sys.executable, "-c", PROBE, str(folder), name], capture_output=True, check=True, text=True
    )
    found: dict[str, Any] = json.loads(done.stdout)
    return found


ENDLESS: dict[str, tuple[bytes, bytes, bytes, dict[str, Any]]] = {
    "fields.csv": (
        b"a,b\n1,2\n", b"1,", b"\n3,4\n", {"rows": 2, "refused": [[3, "input.line-too-long"]]},
    ),
    "header.csv": (b"", b"x,", b"\n3,4\n", {"code": "input.line-too-long"}),
    "quoted.csv": (
        b'a,b\n1,"', b"xy", b"\n3,4\n", {"rows": 1, "refused": [[2, "input.line-too-long"]]},
    ),
    "line.jsonl": (
        b'{"a":1}\n{"a":"', b"xy", b'"}\n{"a":2}\n', {"rows": 2, "refused": [[2, "input.line-too-long"]]},
    ),
    "list.json": (
        b'[{"a":1},\n{"a":"', b"xy", b'"},\n{"a":2}]', {"rows": 2, "refused": [[2, "input.line-too-long"]]},
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", ENDLESS)
def test_three_hundred_megabytes_on_one_line(tmp_path: Path, name: str) -> None:
    start, unit, end, expected = ENDLESS[name]
    with (tmp_path / name).open("wb") as stream:
        stream.write(start)
        for _ in range(300):
            stream.write(unit * (MEBIBYTE // 2))
        stream.write(end)

    found = probe(tmp_path, name)

    assert found.pop("peak") < 400 * MEBIBYTE
    assert found == expected
    # What is kept of an endless line is its beginning.
    assert sum(path.stat().st_size for path in tmp_path.glob("bad.jsonl")) < MEBIBYTE


def test_a_gigabyte_of_zeros_in_a_megabyte(tmp_path: Path) -> None:
    with gzip.open(tmp_path / "zeros.csv.gz", "wb", compresslevel=1) as stream:
        for _ in range(1024):
            stream.write(bytes(MEBIBYTE))

    found = probe(tmp_path, "zeros.csv.gz")

    assert found.pop("peak") < 250 * MEBIBYTE
    assert found == {"code": "input.expands-too-much"}


def test_ten_thousand_columns(read_bytes: Read) -> None:
    names = [f"column {n}" for n in range(10_000)]
    content = "\n".join([",".join(names), *[",".join(map(str, range(10_000)))] * 3]).encode()
    reading = read_bytes(content)
    assert (reading.table.columns, reading.rows) == (tuple(names), 3)

    line = json.dumps(dict.fromkeys(names, 1)).encode()
    assert len(read_bytes(line + b"\n" + line, name="a.jsonl").table.columns) == 10_000


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("a.csv", ",".join(f"c{n}" for n in range(20_001)).encode() + b"\n1\n"),
        ("a.jsonl", b"".join(b'{"k%d":1}\n' % n for n in range(20_001))),
    ],
)
def test_columns_without_end(read_bytes: Read, name: str, content: bytes) -> None:
    with pytest.raises(SchemaError) as caught:
        read_bytes(content, name=name)
    assert caught.value.code == "schema.too-many-columns"


def test_an_endless_line_spoils_itself_only(
    read_bytes: Read, monkeypatch: pytest.MonkeyPatch
) -> None:
    for module in (delimited, lines):
        monkeypatch.setattr(module, "LONGEST_RECORD", 2_000)
    monkeypatch.setattr("anping.engine.encodings.CHUNK", 300)
    body = b"1,2\n" + b"x" * 5_000 + b"\n3,4\n" + b'5,"' + b"y" * 5_000
    reading = read_bytes(b"a,b\n" + body, quarantine=True)
    assert [(row.row, row.code) for row in reading.refused] == [
        (3, "input.line-too-long"),
        (5, "input.line-too-long"),
    ]
    assert reading.table.arrow().to_pydict() == {"a": [1, 3], "b": [2, 4]}


def test_a_line_of_delimiters_is_not_split(read_bytes: Read) -> None:
    reading = read_bytes(b"a,b\n1,2\n" + b"," * 500_000 + b"\n3,4\n", quarantine=True)
    assert [(row.row, row.code) for row in reading.refused] == [(3, "input.ragged-row")]
    quoted = b'"x",' * 100_000
    reading = read_bytes(b"a,b\n1,2\n" + quoted + b"\n3,4\n", quarantine=True)
    assert [(row.row, row.code) for row in reading.refused] == [(3, "input.ragged-row")]


def test_the_top_of_a_file_is_bounded(read_bytes: Read, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(layout, "LONGEST_TOP", 2_000)
    monkeypatch.setattr("anping.engine.encodings.CHUNK", 300)
    with pytest.raises(InputError) as caught:
        read_bytes(b"\n" + b"x" * 9_000 + b"\n1\n")
    assert caught.value.code == "input.line-too-long"


def test_nul_bytes_refuse_their_rows(read_bytes: Read) -> None:
    content = b"a,b\n" + b"1,2\n" * 20_000 + b'3,x\0y\n"\0",4\n5,6\n'
    reading = read_bytes(content, quarantine=True)
    assert [(row.row, row.column, row.code) for row in reading.refused] == [
        (20_002, "b", "input.nul-character"),
        (20_003, "a", "input.nul-character"),
    ]
    assert reading.rows == 20_001


def test_unpaired_surrogates_refuse_their_rows(read_bytes: Read) -> None:
    utf8 = b"a,b\n1,2\n3,\xed\xa0\x80\n5,6\n"
    utf16 = "a,b\n1,2\n".encode("utf-16") + "3,\ud800\n5,6\n".encode("utf-16-le", "surrogatepass")
    for content in (utf8, utf16):
        reading = read_bytes(content, quarantine=True)
        assert [(row.row, row.column, row.code) for row in reading.refused] == [
            (3, "b", "input.undecodable")
        ]
        assert reading.table.arrow().to_pydict() == {"a": [1, 5], "b": [2, 6]}


DAYS = {
    "year 0": ["0000-01-01", "2024-01-01"],
    "year 1": ["0001-01-01", "2024-01-01"],
    "before the republic": ["民國前1年5月6日", "民國1年1月1日"],
    "short years before the republic": ["-5/01/02", "-1/12/31"],
    "impossible day": ["2023-02-29", "2024-02-29"],
}


@pytest.mark.parametrize("case", DAYS)
def test_days_that_no_date_holds_stay_text(read_bytes: Read, case: str) -> None:
    reading = read_bytes("\n".join(["d,n", *(f"{day},1" for day in DAYS[case])]).encode())
    assert reading.table.arrow()["d"].to_pylist() == DAYS[case]


def test_the_last_day_is_a_day(read_bytes: Read) -> None:
    reading = read_bytes(b"d,n\n9999-12-31,1\n1000-01-01,2\n")
    assert reading.table.arrow()["d"].to_pylist() == [date(9999, 12, 31), date(1000, 1, 1)]


def test_impossible_days_in_parquet_are_refused(tmp_path: Path) -> None:
    days = pa.array([-719_163, 0, 2_932_897, None], pa.int32()).cast(pa.date32())
    moments = pa.array([0, 0, 0, 2**62], pa.int64()).cast(pa.timestamp("us"))
    pq.write_table(pa.table({"d": days, "t": moments, "n": [1, 2, 3, 4]}), tmp_path / "in.parquet")

    reading = read(
        tmp_path / "in.parquet", into=tmp_path / "out.parquet", quarantine=tmp_path / "bad"
    )

    assert [(row.row, row.column, row.code) for row in reading.refused] == [
        (1, "d", "input.impossible-date"),
        (3, "d", "input.impossible-date"),
        (4, "t", "input.impossible-date"),
    ]
    assert reading.table.arrow()["n"].to_pylist() == [2]


def test_carriage_returns_alone_end_lines(read_bytes: Read) -> None:
    reading = read_bytes(b"a,b\r1,2\r3,4\r")
    assert (reading.rows, reading.newline) == (2, "CR")
    assert read_bytes(b"ab\rcd\r", widths=(1, 1), width_unit="bytes").newline == "CR"


@pytest.mark.parametrize("format_", ["csv", "jsonl", "json", "fhir", "excel", "parquet", "fixed"])
def test_rubbish_in_every_format_is_an_error_of_ours(read_bytes: Read, format_: str) -> None:
    for content in (b"\0" * 100, bytes(range(256)) * 4, b"{[" * 50, b'"' * 99, b"PK\x05\x06"):
        with pytest.raises(AnpingError):
            read_bytes(content, format=format_, widths=(1000,))


def test_options_travel(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_bytes(b"a\n1\n")
    assert (
        read(tmp_path / "a.csv", into=tmp_path / "o", options=ReadOptions(format="csv")).rows == 1
    )
