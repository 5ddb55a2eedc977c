from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from anping.core.text import Text
from anping.share.croissant import croissant, data_type
from anping.share.package import ReleaseContent, write_content
from anping.share.release import ContentFile, Release

FILES = (ContentFile("data/customers.csv", "00" * 32, 12, "text/csv"),)


def test_the_required_fields_are_there(release: Release) -> None:
    written = croissant(release, FILES)
    for name in (
        "@context",
        "conformsTo",
        "name",
        "description",
        "license",
        "url",
        "creator",
        "datePublished",
        "distribution",
        "version",
    ):
        assert written[name], name
    assert len(written["recordSet"][0]["field"]) == len(release.columns)
    assert written["distribution"][0]["sha256"] == "00" * 32


def test_a_release_that_nobody_described_is_described_by_its_title(release: Release) -> None:
    bare = replace(release, title=Text("customers", "customers"), description=Text("", ""))
    assert croissant(bare, FILES)["description"] == "customers"


def test_what_rai_has_no_word_for_stands_under_anping(release: Release) -> None:
    written = croissant(release, FILES)
    assert written["anping:tier"] == "controlled"
    assert release.policy.digest in written["anping:policy"]
    assert any("removed" in line for line in written["rai:dataPreprocessingProtocol"])
    assert written["usageInfo"]["@type"] == "Offer"


@pytest.mark.parametrize(
    ("arrow", "expected"),
    [
        ("int64", "sc:Integer"),
        ("uint8", "sc:Integer"),
        ("double", "sc:Float"),
        ("decimal128(10, 2)", "sc:Float"),
        ("bool", "sc:Boolean"),
        ("date32[day]", "sc:Date"),
        ("timestamp[us]", "sc:DateTime"),
        ("string", "sc:Text"),
        ("dictionary<values=string>", "sc:Text"),
    ],
)
def test_arrow_types_have_a_schema_org_type(arrow: str, expected: str) -> None:
    assert data_type(arrow) == expected


def test_mlcroissant_accepts_it_and_reads_the_records(
    content: ReleaseContent, tmp_path: Path
) -> None:
    mlcroissant = pytest.importorskip("mlcroissant")
    folder = tmp_path / "dossier"
    write_content(folder, content)
    dataset = mlcroissant.Dataset(str(folder / "metadata" / "croissant.json"))
    assert not dataset.metadata.ctx.issues.errors
    assert not dataset.metadata.ctx.issues.warnings
    records = list(dataset.records("records"))
    assert len(records) == 7
    assert records[0]["records/5"] == 600_000
    assert records[0]["records/2"].decode() == "女"
    kept = dataset.metadata.to_json()
    assert "controlled" in json.dumps(json.loads((folder / "metadata/croissant.json").read_text()))
    assert kept["name"] == "customers"
