from __future__ import annotations

import json
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from anping.core.digest import canonical_json, sha256
from anping.core.errors import InputError, SchemaError
from anping.engine.expand import expand
from anping.engine.read import read_many
from anping.engine.reading import Part, Reading, ReadOptions


def write(folder: Path, files: dict[str, bytes]) -> tuple[Path, ...]:
    for name, content in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(content)
    return tuple(folder / name for name in files)


def read(folder: Path, files: dict[str, bytes], **options: Any) -> Reading:
    paths = write(folder, files)
    return read_many(
        paths,
        into=folder / "out" / "out.parquet",
        options=ReadOptions(**options),
        quarantine=folder / "out" / "bad.jsonl",
    )


def test_files_of_the_same_columns_are_one_table(tmp_path: Path) -> None:
    files = {
        "a.csv": b"id,name\n1,x\n2,y\n",
        "b.csv": "name;id\n王小明;3\n".encode("cp950"),
        "c.tsv": b"id\tname\n4\tz\n",
        "d.jsonl": b'{"name": "w", "id": 5}\n{"id": 6}\n',
    }
    reading = read(tmp_path, files)

    assert reading.table.arrow().to_pydict() == {
        "id": [1, 2, 3, 4, 5, 6],
        "name": ["x", "y", "王小明", "z", "w", None],
    }
    digests = {name: sha256(content) for name, content in files.items()}
    assert reading.parts == (
        Part("a.csv", digests["a.csv"], 16, 2, 0),
        Part("b.csv", digests["b.csv"], 17, 1, 2),
        Part("c.tsv", digests["c.tsv"], 12, 1, 3),
        Part("d.jsonl", digests["d.jsonl"], 33, 2, 4),
    )
    assert reading.source_sha256 == sha256(canonical_json([list(pair) for pair in digests.items()]))
    assert reading.source_bytes == 78
    assert (reading.encoding, reading.delimiter, reading.newline) == (None, None, "LF")


def test_types_are_inferred_over_all_files(tmp_path: Path) -> None:
    reading = read(
        tmp_path,
        {"a.csv": b"v,d\n1,2024-01-02\n", "b.csv": b"v,d\n1.5,2024-01-03\n", "c.csv": b"v,d\nx,\n"},
    )

    assert reading.table.arrow().to_pydict() == {
        "v": ["1", "1.5", "x"],
        "d": [date(2024, 1, 2), date(2024, 1, 3), None],
    }


def test_other_columns_are_named(tmp_path: Path) -> None:
    files = {"a.csv": b"id,name\n1,x\n", "b.csv": b"id,nom\n2,y\n"}
    with pytest.raises(SchemaError) as caught:
        read(tmp_path, files)
    assert caught.value.code == "schema.other-columns"
    assert caught.value.where.file == "b.csv"
    assert "nom" in caught.value.what.en
    assert "name" in caught.value.what.zh
    assert not (tmp_path / "out" / "out.parquet").exists()

    reading = read(tmp_path, files, union_columns=True)
    assert reading.table.arrow().to_pydict() == {
        "id": [1, 2], "name": ["x", None], "nom": [None, "y"],
    }  # fmt: skip


def test_refused_rows_name_their_file(tmp_path: Path) -> None:
    reading = read(tmp_path, {"a.csv": b"a,b\n1,2\n", "b.csv": b"a,b\n3\n4,5\n"})

    assert [(row.file, row.row, row.code) for row in reading.refused] == [
        ("b.csv", 2, "input.ragged-row")
    ]
    assert [part.refused_rows for part in reading.parts] == [0, 1]
    line = json.loads((tmp_path / "out" / "bad.jsonl").read_text("utf-8"))
    assert (line["file"], line["row"]) == ("b.csv", 2)


def test_the_error_names_the_file_and_its_encodings(tmp_path: Path) -> None:
    paths = write(tmp_path, {"a.csv": b"a\n1\n", "b.csv": "a\n王\n".encode("cp950")})
    with pytest.raises(InputError) as caught:
        read_many(paths, into=tmp_path / "out.parquet", options=ReadOptions(encoding="utf-8"))
    assert (caught.value.code, caught.value.where.file) == ("input.undecodable", "b.csv")
    assert "cp950" in caught.value.hint.en


def test_declared_types_hold_in_every_file(tmp_path: Path) -> None:
    files = {"a.csv": b"a,b\n1,2\n", "b.csv": b"a,b\nx,3\n"}
    reading = read(tmp_path, files, types={"a": "integer"})
    assert [row.code for row in reading.refused] == ["input.wrong-type"]
    with pytest.raises(SchemaError):
        read(tmp_path, files, types={"z": "integer"}, union_columns=True)


def test_empty_and_equal_files_are_told(tmp_path: Path) -> None:
    reading = read(tmp_path, {"a.csv": b"a,b\n1,2\n", "b.csv": b"", "c.csv": b"a,b\n1,2\n"})

    assert (reading.rows, [part.rows for part in reading.parts]) == (2, [1, 0, 1])
    told = " ".join(note.en for note in reading.notes)
    assert "b.csv is empty" in told
    assert "c.csv is the same as another" in told
    with pytest.raises(InputError) as caught:
        read(tmp_path, {"a.csv": b"", "b.csv": b""})
    assert caught.value.code == "input.no-rows"


def test_parquet_among_other_files_keeps_text_as_text(tmp_path: Path) -> None:
    table = pa.table({"a": ["007", "12"], "b": [1, 2], "c": [date(2024, 1, 1), None]})
    pq.write_table(table, tmp_path / "a.parquet")
    paths = (tmp_path / "a.parquet", *write(tmp_path, {"b.csv": b"b,a,c\n3.5,13,2024-01-02\n"}))

    reading = read_many(paths, into=tmp_path / "out.parquet")

    assert reading.table.arrow().to_pydict() == {
        "a": ["007", "12", "13"],
        "b": [1.0, 2.0, 3.5],
        "c": [date(2024, 1, 1), None, date(2024, 1, 2)],
    }


def test_parquet_files_alike_keep_their_types(tmp_path: Path) -> None:
    for name, value in (("a", "1.50"), ("b", "2.25")):
        table = pa.table({"x": pa.array([Decimal(value)], pa.decimal128(10, 2)), "y": [name]})
        pq.write_table(table, tmp_path / f"{name}.parquet")

    reading = read_many(expand(tmp_path), into=tmp_path / "out" / "out.parquet")

    assert reading.table.schema.field("x").type == pa.decimal128(10, 2)
    assert reading.table.arrow()["y"].to_pylist() == ["a", "b"]
    assert [(part.name, part.first_row) for part in reading.parts] == [
        ("a.parquet", 0),
        ("b.parquet", 1),
    ]


def test_files_of_one_name_are_told_apart(tmp_path: Path) -> None:
    reading = read(tmp_path, {"2023/a.csv": b"a\n1\n", "2024/a.csv": b"a\n2\n"})

    assert [part.name for part in reading.parts] == ["2023/a.csv", "2024/a.csv"]


def test_a_folder_stands_for_its_tables_in_order(tmp_path: Path) -> None:
    paths = write(
        tmp_path,
        {
            "b.csv": b"", "a.csv": b"", "c.csv.gz": b"", "d.xlsx": b"", ".hidden.csv": b"",
            "read.me": b"", "below/e.csv": b"",
        },
    )  # fmt: skip

    assert [path.name for path in expand(tmp_path)] == ["a.csv", "b.csv", "c.csv.gz", "d.xlsx"]
    assert expand(str(tmp_path / "*.csv")) == (tmp_path / "a.csv", tmp_path / "b.csv")
    assert [path.name for path in expand(tmp_path / "**" / "*.csv")] == ["a.csv", "b.csv", "e.csv"]
    assert expand(paths[0]) == (paths[0],)
    assert expand(tmp_path / "absent.csv") == (tmp_path / "absent.csv",)


def test_a_name_with_the_letters_of_a_pattern_is_a_name(tmp_path: Path) -> None:
    (path,) = write(tmp_path, {"a[1].csv": b"a\n1\n"})
    assert expand(path) == (path,)


@pytest.mark.parametrize("source", ["", "*.csv", "nothing/*.csv"])
def test_nothing_found_is_an_error(tmp_path: Path, source: str) -> None:
    with pytest.raises(InputError) as caught:
        expand(tmp_path / source)
    assert caught.value.code in {"input.no-files", "input.unreadable-file"}


def test_a_link_that_leads_out_is_refused(tmp_path: Path) -> None:
    outside, folder = tmp_path / "outside.csv", tmp_path / "folder"
    write(tmp_path, {"outside.csv": b"a\n1\n", "folder/a.csv": b"a\n1\n"})
    (folder / "c.csv").symlink_to(folder / "a.csv")
    assert [path.name for path in expand(folder)] == ["a.csv", "c.csv"]

    (folder / "b.csv").symlink_to(outside)
    for source in (folder, folder / "*.csv"):
        with pytest.raises(InputError) as caught:
            expand(source)
        assert (caught.value.code, caught.value.where.file) == ("input.link-leads-out", "b.csv")
