from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pyarrow as pa
import pyarrow.csv as pc
import pyarrow.parquet as pq
import pytest

from anping.core.digest import sha256_file
from anping.core.errors import ParameterError
from anping.core.measure import Measure
from anping.share.package import ReleaseContent, write_content


def test_every_promised_file_is_there(content: ReleaseContent, tmp_path: Path) -> None:
    folder = tmp_path / "dossier"
    files = write_content(folder, content)
    found = {p.relative_to(folder).as_posix() for p in folder.rglob("*") if p.is_file()}
    assert set(files) == found
    assert list(files) == sorted(files)
    assert {
        "assessment.en.html",
        "assessment.zh.html",
        "card.en.html",
        "card.zh.html",
        "charts/risk.zh.svg",
        "charts/risk.en.vl.json",
        "data/customers.csv",
        "data/customers.parquet",
        "index.html",
        "measures.json",
        "metadata/contract.odcs.yaml",
        "metadata/croissant.json",
        "metadata/licence.odrl.json",
        "metadata/openlineage.jsonl",
        "plan.yaml",
        "policy.dsse.json",
        "policy.yaml",
        "protection/coverage.json",
        "scan.json",
    } <= found


def test_the_parquet_is_copied_byte_for_byte_and_the_csv_says_the_same(
    content: ReleaseContent, tmp_path: Path
) -> None:
    folder = tmp_path / "dossier"
    write_content(folder, content)
    parquet = folder / "data" / "customers.parquet"
    assert sha256_file(parquet) == sha256_file(content.table)
    read = pc.read_csv(folder / "data" / "customers.csv")
    assert read.num_rows == 7
    assert read.column("年收入").to_pylist() == pq.read_table(parquet).column("年收入").to_pylist()


def test_the_card_and_the_metadata_name_the_data_by_digest(
    content: ReleaseContent, tmp_path: Path
) -> None:
    folder = tmp_path / "dossier"
    write_content(folder, content)
    for name in ("customers.csv", "customers.parquet"):
        digest = sha256_file(folder / "data" / name)
        for place in ("card.zh.html", "metadata/croissant.json", "metadata/contract.odcs.yaml"):
            assert digest in (folder / place).read_text("utf-8")


def test_measures_read_back(content: ReleaseContent, tmp_path: Path) -> None:
    folder = tmp_path / "dossier"
    write_content(folder, content)
    read = json.loads((folder / "measures.json").read_text("utf-8"))
    assert tuple(Measure.from_json(one) for one in read) == content.card.release.measures


def test_the_same_content_gives_the_same_bytes(content: ReleaseContent, tmp_path: Path) -> None:
    one, two = tmp_path / "one", tmp_path / "two"
    for name in write_content(one, content) + write_content(two, content):
        assert (one / name).read_bytes() == (two / name).read_bytes()


def test_a_table_of_dictionaries_and_many_batches_becomes_csv(
    content: ReleaseContent, tmp_path: Path
) -> None:
    table = pq.read_table(content.table)
    coded = table.set_column(1, "性別", table.column("性別").combine_chunks().dictionary_encode())
    pq.write_table(pa.concat_tables([coded]), content.table, row_group_size=2)
    folder = tmp_path / "dossier"
    write_content(folder, content)
    read = pc.read_csv(folder / "data" / "customers.csv")
    assert read.column("性別").to_pylist() == table.column("性別").to_pylist()


def test_a_table_that_is_not_the_one_described_leaves_nothing(
    content: ReleaseContent, tmp_path: Path
) -> None:
    card = replace(content.card, release=replace(content.card.release, rows=8))
    with pytest.raises(ParameterError) as error:
        write_content(tmp_path / "dossier", replace(content, card=card))
    assert error.value.code == "release.columns"
    assert not (tmp_path / "dossier").exists()


def test_a_finished_folder_is_never_overwritten(content: ReleaseContent, tmp_path: Path) -> None:
    write_content(tmp_path / "dossier", content)
    with pytest.raises(FileExistsError):
        write_content(tmp_path / "dossier", content)
