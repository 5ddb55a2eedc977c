"""Lineage of a walked workspace: every table's columns, on the command line, as events and as pages."""

from __future__ import annotations

import json
import xml.etree.ElementTree as ET
from pathlib import Path

import pytest

from anping.core.lineage import Place
from anping.steps.catalogue import steps
from anping.steps.compose.lineage import events_of, lineage, write_lineage
from anping.workspace.perform import Job, perform
from command_line import Place as Home
from walking import Walk


def test_every_step_that_gives_tables_tells_what_it_did() -> None:
    gives = {"table", "release"}
    #: Tables that point at raw rows: their columns are not named in evidence.
    inner = {"links", "leaves"}
    for step in steps():
        wanted = [port for port in step.gives if port.kind in gives and port.name not in inner]
        assert not wanted or step.lineage is not None, step.id


def test_released_columns_are_traced_to_the_file(either: Walk) -> None:
    found = lineage(either.workspace, "customers.release")
    left = dict(found.ends)
    assert left[Place("customers.csv", "身分證字號")] == "masked"
    assert left[Place("customers.csv", "違約")] == "readable"
    assert {run.step for run in found.runs} >= {"know.add", "protect.deid", "share.release"}
    one = lineage(either.workspace, "customers.protected:年收入")
    direct = {str(way.flow.source) for way in one.ways if way.flow.kind == "DIRECT"}
    assert direct >= {"customers@1:年收入", "customers.csv:年收入"}
    assert all(way.flow.masking for way in one.ways if way.flow.into.dataset != "customers@1")


def test_what_follows_from_a_column(either: Walk) -> None:
    found = lineage(either.workspace, "customers:違約", down=True)
    assert (Place("customers.release@1", "違約"), "readable") in found.ends


def test_counts_are_aggregations(place: Home) -> None:
    workspace = place.workspace()
    from anping.steps.counts import COUNTS

    perform(workspace, Job(COUNTS, "customers", {"by": ["性別"], "person": "身分證字號"}))
    found = lineage(workspace, "customers.counts")
    made = {str(way.flow.into): way.flow for way in found.ways if way.run.step == "protect.counts"}
    assert made["customers.counts@1:性別"].subtype == "IDENTITY"
    assert made["customers.counts@1"].subtype == "GROUP_BY"
    assert {"AGGREGATION"} <= {flow.subtype for flow in made.values()}


def test_events_tell_columns_and_masking(bank: Walk) -> None:
    found = lineage(bank.workspace, "customers.protected")
    events = [json.loads(line) for line in events_of(found).splitlines()]
    assert [each["eventType"] for each in events] == ["START", "COMPLETE"] * len(found.runs)
    last = next(
        out for each in events for out in each["outputs"] if out["name"] == "customers.protected@1"
    )
    facet = last["facets"]["columnLineage"]
    (source,) = facet["fields"]["身分證字號"]["inputFields"]
    assert (source["name"], source["field"]) == ("customers@1", "身分證字號")
    assert source["transformations"][0]["masking"] is True
    assert facet["fields"]["違約"]["inputFields"][0]["transformations"][0]["subtype"] == "IDENTITY"
    assert {
        each["transformations"][0]["subtype"] for each in facet["dataset"]
    } == {"FILTER", "GROUP_BY"}  # fmt: skip


def test_a_folder_holds_events_pages_and_drawings(bank: Walk, tmp_path: Path) -> None:
    found = lineage(bank.workspace, "customers.release")
    paths = write_lineage(found, tmp_path / "lineage")
    assert {path.name for path in paths} == {
        "openlineage.jsonl", "lineage.zh.html", "lineage.en.html", "lineage.zh.svg",
        "lineage.en.svg",
    }  # fmt: skip
    for path in paths:
        text = path.read_text("utf-8")
        assert "<script" not in text
        if path.suffix == ".svg":
            root = ET.fromstring(text)
            assert root.attrib["role"] == "img"
            assert sum(1 for _ in root.iter("{http://www.w3.org/2000/svg}path")) > 20
        if path.suffix == ".html":
            assert "default-src &#39;none&#39;" in text or "default-src 'none'" in text
            assert "customers.csv:違約" in text


def test_the_command_line(place: Home, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ANPING_LANG", "zh")
    said = place.run("lineage", "customers.protected:違約")
    assert "customers.csv:違約  仍可讀" in said.out
    assert place.run("lineage", "policy").out
    events = place.run("lineage", "customers.protected", "--json").out.splitlines()
    assert all(json.loads(line)["producer"] for line in events)
    place.run("lineage", "customers", "--down", "--into", tmp_path / "out")
    assert (tmp_path / "out" / "lineage.zh.html").exists()
    place.refused("lineage", "customers", "--into", tmp_path / "out", code="lineage.exists")
    place.refused("lineage", "customers:nothing", code="lineage.no-column")
    place.refused("lineage", "nothing", code="workspace.asset-missing")
