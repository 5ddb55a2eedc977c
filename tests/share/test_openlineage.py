from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest

from anping.core.text import Text
from anping.core.verdict import Verdict
from anping.share.openlineage import StepRun, events, json_lines, run_id

client: Any = pytest.importorskip("openlineage.client.generated.base")
lineage: Any = pytest.importorskip("openlineage.client.generated.column_lineage_dataset")
quality: Any = pytest.importorskip("openlineage.client.generated.data_quality_assertions_dataset")
schema: Any = pytest.importorskip("openlineage.client.generated.schema_dataset")


def test_each_step_starts_and_completes(runs: tuple[StepRun, ...]) -> None:
    found = events(runs, tool="0.1.0")
    assert [event["eventType"] for event in found] == ["START", "COMPLETE", "START", "COMPLETE"]
    assert found[0]["run"]["runId"] == found[1]["run"]["runId"] != found[2]["run"]["runId"]
    assert found[0]["outputs"] == []


def test_a_refusal_is_a_failed_run(runs: tuple[StepRun, ...]) -> None:
    refused = replace(runs[1], decision=Verdict("g", "refuse", ()))
    assert events([refused], tool="1")[1]["eventType"] == "FAIL"


def test_the_openlineage_client_takes_every_event(runs: tuple[StepRun, ...]) -> None:
    for event in events(runs, tool="0.1.0"):
        made = client.RunEvent(
            eventTime=event["eventTime"],
            producer=event["producer"],
            run=client.Run(event["run"]["runId"]),
            job=client.Job(event["job"]["namespace"], event["job"]["name"]),
            eventType=client.EventType(event["eventType"]),
            inputs=[client.InputDataset(d["namespace"], d["name"]) for d in event["inputs"]],
            outputs=[client.OutputDataset(d["namespace"], d["name"]) for d in event["outputs"]],
        )
        assert made.schemaURL == event["schemaURL"]


def test_the_client_takes_the_facets(runs: tuple[StepRun, ...]) -> None:
    found = events(runs, tool="0.1.0")
    facet = found[1]["outputs"][0]["facets"]["columnLineage"]
    made = lineage.ColumnLineageDatasetFacet(
        fields={
            name: lineage.Fields(
                [
                    lineage.InputField(
                        one["namespace"],
                        one["name"],
                        one["field"],
                        [lineage.Transformation(**each) for each in one["transformations"]],
                    )
                    for one in body["inputFields"]
                ]
            )
            for name, body in facet["fields"].items()
        },
        producer=facet["_producer"],
    )
    assert made._schemaURL == facet["_schemaURL"]
    fields = found[1]["outputs"][0]["facets"]["schema"]
    listed = [schema.SchemaDatasetFacetFields(**one) for one in fields["fields"]]
    assert schema.SchemaDatasetFacet(fields=listed)._schemaURL == fields["_schemaURL"]
    checks = found[3]["inputs"][0]["inputFacets"]["dataQualityAssertions"]
    asserted = [quality.Assertion(**one) for one in checks["assertions"]]
    made = quality.DataQualityAssertionsDatasetFacet(assertions=asserted)
    assert made._schemaURL == checks["_schemaURL"]


def test_masking_is_told_column_by_column(runs: tuple[StepRun, ...]) -> None:
    fields = events(runs, tool="0.1.0")[1]["outputs"][0]["facets"]["columnLineage"]["fields"]

    def first(column: str) -> dict[str, Any]:
        found: dict[str, Any] = fields[column]["inputFields"][0]["transformations"][0]
        return found

    assert first("身分證字號")["masking"] is True
    assert first("身分證字號")["subtype"] == "TRANSFORMATION"
    assert first("違約") == {
        "type": "DIRECT",
        "subtype": "IDENTITY",
        "description": "kept as it was / 原樣保留",
        "masking": False,
    }


def test_equal_runs_give_equal_lines(runs: tuple[StepRun, ...]) -> None:
    once, twice = (json_lines(runs, tool="0.1.0") for _ in range(2))
    assert once == twice
    assert [json.loads(line) for line in once.splitlines()] == list(events(runs, tool="0.1.0"))


def test_a_run_is_known_by_its_statement() -> None:
    assert run_id("aa") == run_id("aa") != run_id("bb")


def test_a_step_without_tables_is_an_event_too() -> None:
    run = StepRun(
        "know.scan", Text("掃描", "Scan"), "aa", "2026-01-01T00:00:00Z", "2026-01-01T00:00:01Z"
    )
    assert len(events([run], tool="1")) == 2
