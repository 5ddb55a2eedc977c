"""Hostile tables through the front of the chain (add, scan, plan, protect), and settings by the way."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from datetime import date
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import yaml

from anping.core.errors import AnpingError
from anping.steps.catalogue import step
from anping.workspace.pipeline import read_pipeline, run_pipeline
from anping.workspace.workspace import Workspace

PEOPLE = 40
DAYS: Mapping[str, Callable[[int], str]] = {
    "year-zero": lambda n: "0000-01-01" if n % 5 == 0 else f"19{n % 90 + 10}-02-03",
    "year-one": lambda n: f"0001-01-{n % 28 + 1:02d}",
    "before-the-republic": lambda n: f"民國前{n % 9 + 1}年5月6日",
    "mixed-republic": lambda n: f"民國前{n}年1月1日" if n % 2 else f"民國{n + 1}年1月1日",
    "short-years": lambda n: f"-{n % 9 + 1}/01/02" if n % 2 else f"0{n % 90 + 10}/01/02",
    "far": lambda n: "9999-12-31" if n % 2 else "1900-01-01",
}


def chain(folder: Path, source: Path, steps: tuple[str, ...]) -> list[str]:
    """Run steps on one file; return what they were, or raise AnpingError."""
    pipeline = {"pipeline": 1, "subject": "people", "steps": [
        {"step": "know.add", "with": {"path": source.name, "purposes": ["TRAIN"]}},
        *({"step": each} for each in steps),
    ]}  # fmt: skip
    (folder / "pipeline.yaml").write_text(yaml.safe_dump(pipeline), "utf-8")
    workspace = Workspace.create(folder / "workspace")
    done = run_pipeline(workspace, read_pipeline(folder / "pipeline.yaml"), step=step)
    return [each.step.id for each in done]


@pytest.mark.parametrize("case", DAYS)
def test_days_outside_of_any_calendar_go_through_the_chain(tmp_path: Path, case: str) -> None:
    rows = [f"p{n},{DAYS[case](n)},{n % 4},{'ab'[n % 2]}" for n in range(PEOPLE)]
    source = tmp_path / "people.csv"
    source.write_text("\n".join(["person,born,area,group", *rows, ""]), "utf-8")
    steps = ("know.scan", "protect.plan", "protect.deid")
    assert chain(tmp_path, source, steps) == ["know.add", *steps]


def test_parquet_days_before_the_year_one_are_told(tmp_path: Path) -> None:
    days = pa.array([-800_000, 0, 1], pa.int32()).cast(pa.date32())
    pq.write_table(pa.table({"born": days, "a": [1, 2, 3]}), tmp_path / "people.parquet")
    with pytest.raises(AnpingError) as raised:
        chain(tmp_path, tmp_path / "people.parquet", ())
    assert str(date(1970, 1, 2)) not in str(raised.value)


def test_ten_thousand_columns_are_scanned_and_planned(tmp_path: Path) -> None:
    names = [f"c{n}" for n in range(10_000)]
    lines = [",".join(str(n % (row + 2)) for n in range(10_000)) for row in range(3)]
    (tmp_path / "wide.csv").write_text("\n".join([",".join(names), *lines, ""]), "utf-8")
    assert (
        chain(tmp_path, tmp_path / "wide.csv", ("know.scan", "protect.plan"))[-1] == "protect.plan"
    )


@pytest.mark.parametrize("value", ["\ud800", "\u0000", "a\udfffb"])
def test_surrogates_and_nul_in_parameters_are_refused(tmp_path: Path, value: str) -> None:
    (tmp_path / "a.csv").write_text("a,b\n1,2\n", "utf-8")
    text = json.dumps({"pipeline": 1, "subject": "people", "steps": [
        {"step": "know.add", "with": {"path": "a.csv", "purposes": [value]}}]})  # fmt: skip
    (tmp_path / "pipeline.yaml").write_text(text, "utf-8")
    workspace = Workspace.create(tmp_path / "workspace")
    with pytest.raises(AnpingError):
        list(run_pipeline(workspace, read_pipeline(tmp_path / "pipeline.yaml"), step=step))
    with pytest.raises(AnpingError):
        (tmp_path / "pipeline.yaml").write_text(
            text.replace('"people"', json.dumps(value)), "utf-8"
        )
        list(run_pipeline(workspace, read_pipeline(tmp_path / "pipeline.yaml"), step=step))
