"""Searching a walked workspace: columns, findings and releases by words of either language."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from anping.steps.add import ADD
from anping.steps.compose.searching import KINDS, find, index
from anping.steps.quality import QUALITY
from anping.steps.scan import SCAN
from anping.workspace.perform import Job, perform
from anping.workspace.search.index import standing
from anping.workspace.workspace import Workspace
from command_line import MARKER, Place, anping
from walking import Walk


def test_columns_are_found_by_what_they_are(either: Walk) -> None:
    for words in ("身分証", "national id", "type:TW_NATIONAL_ID kind:column"):
        best = find(either.workspace, words).hits[0].entry
        assert (best.kind, best.asset, best.column) == ("column", "customers", "身分證字號")
    direct = find(either.workspace, "role:direct_identifier", limit=100)
    assert {hit.entry.column for hit in direct.hits} >= {"身分證字號", "手機"}


def test_reports_are_found_by_what_they_measure(either: Walk) -> None:
    for words in ("檢察官風險", "prosecutor risk"):
        assert "customers.risk" in {hit.entry.asset for hit in find(either.workspace, words).hits}
    kinds = {hit.entry.kind for hit in find(either.workspace, "customers*", limit=500).hits}
    assert {"table", "column", "plan", "report", "release"} <= kinds <= KINDS.keys()


def test_both_databases_answer_alike(bank: Walk, bank_in_postgresql: Walk) -> None:
    for words in (
        "電話",
        "risk",
        "kind:table",
        "phone*",
        "身分證號碼",
        '"national id" -kind:table',
    ):
        one, other = (
            json.dumps(find(walk.workspace, words, limit=500).as_json(), ensure_ascii=False)
            for walk in (bank, bank_in_postgresql)
        )
        assert one == other


def test_made_anew_finds_the_same(either_place: Place) -> None:
    workspace = either_place.workspace()
    before = find(workspace, "電話", limit=500).as_json()
    assert index(workspace, anew=True) == workspace.ledger.size
    after = find(workspace, "電話", limit=500).as_json()
    assert before == after


def test_the_command_line_searches_and_migrating_makes_the_index_anew(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ANPING_LANG", "zh")
    said = place.run("search", "身分證號碼")
    assert "沒有一項含有全部的字" in said.out
    assert "customers:身分證字號" in said.out
    body = json.loads(place.run("search", "--json", "national id", "-kind:table").out)
    assert body["hits"][0]["column"] == "身分證字號"
    assert body["matches"]["unit"] == "entries"
    monkeypatch.setenv("ANPING_LANG", "en")
    assert "Nothing was found" in place.run("search", "zzzz").out
    checks = json.loads(place.run("doctor", "--quick", "--json").out)["checks"]
    assert "pass" in {one["state"] for one in checks if one["id"] == "search.current"}
    place.run("migrate")
    assert standing(place.workspace()).current
    place.refused("search", "-zzz", code="search.nothing")


def test_a_step_on_the_command_line_keeps_the_index(tmp_path: Path) -> None:
    table = tmp_path / "t.csv"
    table.write_text("電話,備註\n0912345678,a\n")
    place = ("--workspace", tmp_path / "w")
    assert anping("init", *place).code == 0
    said = anping("add", "phones", table, *place)
    assert said.code == 0, said.all
    workspace = Workspace.open(tmp_path / "w")
    assert standing(workspace).current


def test_no_value_of_a_person_is_indexed(tmp_path: Path) -> None:
    table = tmp_path / "t.csv"
    rows = "".join(f"{MARKER}{n},09{n:08}\n" for n in range(60))
    table.write_text(f"name,phone\n{rows}")
    workspace = Workspace.create(tmp_path / "w")
    perform(workspace, Job(ADD, "people", {"path": table}))
    perform(workspace, Job(SCAN, "people", {}))
    index(workspace)
    assert find(workspace, "phone").hits
    assert not find(workspace, "祕密標記").hits
    content = (workspace.folder / "workspace.sqlite").read_bytes()
    content += b"".join(path.read_bytes() for path in workspace.folder.glob("*.sqlite-*"))
    assert "祕密標記".encode() not in content
    assert b"0900000001" not in content


def test_a_release_is_found_by_its_title(either: Walk) -> None:
    found = find(either.workspace, "kind:release")
    assert [hit.entry.asset for hit in found.hits] == ["customers.release"]


def test_a_described_table_is_found_by_its_words(place: Place) -> None:
    place.run("describe", "customers", "--title-zh", "貸款客戶名冊", "--title-en", "Loan clients")
    workspace = place.workspace()
    for words in ("贷款客户名册 kind:description", "loan clients kind:description"):
        best = find(workspace, words).hits[0].entry
        assert (best.kind, best.asset, best.title.en) == (
            "description",
            "customers",
            "Loan clients",
        )


def test_an_asset_whose_content_is_lost_is_found_by_name(place: Place) -> None:
    workspace = place.workspace()
    for path in (workspace.folder / "objects").rglob("*"):
        if path.is_file():
            path.unlink()
    index(workspace, anew=True)
    assert find(workspace, "customers.scan").hits[0].entry.asset == "customers.scan"
    assert not find(workspace, "kind:column").hits


def test_broken_expectations_are_findings(tmp_path: Path) -> None:
    workspace = Workspace.create(tmp_path / "w")
    table = tmp_path / "t.csv"
    for turn in range(4):
        filled = 400 if turn < 3 else 40
        rows = [f"{n},{'x' if n < filled else ''}" for n in range(400 + turn)]
        table.write_text("\n".join(["number,phone", *rows]) + "\n")
        perform(workspace, Job(ADD, "people", {"path": table}))
        perform(workspace, Job(SCAN, "people", {}))
        perform(workspace, Job(QUALITY, "people", {}))
    for words in ("品質 kind:finding", "completeness kind:finding"):
        best = find(workspace, words).hits[0].entry
        assert (best.kind, best.asset, best.column) == ("finding", "people", "phone")
