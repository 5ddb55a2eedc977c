"""Forecasting as a step: behind the gate, with its rows, its model and its report as evidence."""

from __future__ import annotations

import csv
import json
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow.parquet as pq
import pytest

from anping.core.measure import find
from anping.steps.catalogue import step
from anping.steps.compose.lineage import lineage
from anping.workspace.perform import Job, Performed, perform
from anping.workspace.workspace import Workspace

pytest.importorskip("lightgbm")
pytest.importorskip("holidays")
QUICK: dict[str, Any] = {
    "time": "日期", "value": "銷售額", "id": "門市", "horizon": 7, "seconds": 0.1,
    "statistical": "never",
}  # fmt: skip


def write(path: Path) -> Path:
    """Write daily sales of four shops, with ROC dates."""
    draw = np.random.default_rng(0)
    with path.open("w", encoding="utf-8", newline="") as lines:
        rows = csv.writer(lines)
        rows.writerow(["門市", "日期", "銷售額"])
        for shop in "甲乙丙丁":
            for each in range(90):
                day = date(2024, 1, 1) + timedelta(each)
                sales = 100 + 30 * (day.weekday() >= 5) + draw.normal()
                rows.writerow([shop, f"{day.year - 1911}/{day:%m/%d}", round(sales, 1)])
    return path


@pytest.fixture(scope="module")
def shops(tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    folder = tmp_path_factory.mktemp("shops")
    workspace = Workspace.create(folder / "workspace")
    path = write(folder / "sales.csv")
    do(workspace, "know.add", "sales", path=str(path), purposes=["TRAIN"])
    do(workspace, "know.add", "unnamed", path=str(path))
    return workspace


def do(workspace: Workspace, identifier: str, subject: str, **parameters: Any) -> Performed:
    return perform(workspace, Job(step(identifier), subject, parameters))


def test_a_forecast_its_model_and_its_report(shops: Workspace) -> None:
    done = do(shops, "learn.series", "sales", **QUICK)
    made = {asset.name: asset for asset in done.outputs}
    assert set(made) == {"sales.series", "sales.series-learning", "sales.forecast"}
    rows = pq.read_table(shops.path(made["sales.forecast"])).to_pylist()
    assert len(rows) == 28
    saturday = next(row for row in rows if row["日期"].weekday() == 5)
    assert saturday["銷售額"] == pytest.approx(130, abs=6)
    assert saturday["銷售額_low_95"] < 130 < saturday["銷售額_high_95"]
    report = json.loads(shops.path(made["sales.series-learning"]).read_bytes())
    assert report["model"] == made["sales.series"].digest
    assert report["season"] == 7
    assert done.outcome is not None
    assert find(done.outcome.measures, "series.mase", "seasonal-naive") is not None
    assert find(done.outcome.measures, "series.coverage", "80") is not None
    assert made["sales.forecast"].labels == made["sales.series"].labels
    assert made["sales.forecast"].labels.purposes == frozenset({"TRAIN"})


@pytest.mark.parametrize("column", ["門市", "日期", "銷售額", "銷售額_low_80"])
def test_a_column_of_a_forecast_has_a_past(shops: Workspace, column: str) -> None:
    do(shops, "learn.series", "sales", **QUICK)
    found = lineage(shops, f"sales.forecast:{column}")
    assert {way.flow.source.dataset for way in found.ways} >= {"sales@1"}


def test_without_the_purpose_nothing_is_learnt(shops: Workspace) -> None:
    refused = do(shops, "learn.series", "unnamed", **QUICK)
    assert refused.refused
