"""Scorecards measured: AUC in five folds and CPU seconds, beside optbinning and a boosted model.

``OPTBINNING_PYTHON=… python -m benchmarks.scorecard`` runs optbinning in its own environment; without
it its lines are left out.
"""

from __future__ import annotations

import json
import os
import subprocess
import tempfile
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.csv
import pyarrow.parquet as pq
from numpy.typing import NDArray

from anping.learn.folds import folds_of
from anping.learn.scorecard_fit import Way
from anping.learn.scorecard_learning import Card, learn_scorecard
from anping.learn.search import Effort
from anping.learn.tabular import Learning, learn_tabular
from anping.stats.auc import auc
from anping.stats.binning import Trend
from benchmarks import report

Folds = NDArray[np.int64]
Row = tuple[str, str, str]
_PEER = Path(__file__).parent / "peers" / "optbinning_scorecard.py"
_TARGET = "default.payment.next.month"
_SEED = 20260101


def main() -> None:
    path = report.shared("data", "credit_taiwan", "credit.csv")
    if path is None:
        raise SystemExit("the Taiwan credit table is not there")
    table = pa.csv.read_csv(path).drop_columns(["ID"])
    truth = table.column(_TARGET).to_numpy()
    folds = folds_of(truth.astype(np.float64), count=5, seed=_SEED).of
    rows = [
        _card("Anping, all bins fitted together", table, folds, way="joint", trend="monotone"),
        _card("Anping, one slope for each column", table, folds, way="weights", trend="monotone"),
        _card("Anping, together, one turn allowed", table, folds, way="joint", trend="any"),
        *_optbinning(table, folds),
        _boosted(table, folds),
    ]
    report.publish(
        "scorecard",
        "Credit scorecards",
        "Taiwan credit, 30,000 rows, 23 columns: five folds, whole points (20 to double the odds, 600 at "
        "50 to 1), the same folds for all. CPU seconds are of one fit; Anping's include looking for "
        "leakage and measuring.",
        report.table(("scorecard", "AUC, mean ± sd of folds", "CPU s for a fit"), rows),
        report.machine("numpy", "pyarrow"),
    )


def _card(name: str, table: pa.Table, folds: Folds, *, way: Way, trend: Trend) -> Row:
    areas, spent = [], 0.0
    for fold in range(5):
        kept = tuple(np.flatnonzero(folds == fold).tolist())
        asked = Card(event="1", fit=way, trend=trend, kept=kept)
        found, took = report.timed(lambda asked=asked: learn_scorecard(table, _TARGET, asked))  # type: ignore[misc]
        spent += took.cpu
        areas.append(next(m.value for m in found.measures if m.name == "scorecard.auc"))
    return _row(name, areas, spent / 5)


def _boosted(table: pa.Table, folds: Folds) -> Row:
    areas, spent = [], 0.0
    truth = table.column(_TARGET).to_numpy() == 1
    for fold in range(5):
        learnt, kept = (table.take(np.flatnonzero(side)) for side in (folds != fold, folds == fold))
        asked = Learning(held_out=0.0, effort=Effort(2.0, only="lightgbm"))
        found, took = report.timed(lambda rows=learnt, how=asked: learn_tabular(rows, _TARGET, how))  # type: ignore[misc]
        spent += took.cpu
        areas.append(auc(truth[folds == fold], found.model.predict(kept).values[:, 1]))
    return _row("Anping learn tabular, LightGBM alone, 2 s (no scorecard)", areas, spent / 5)


def _optbinning(table: pa.Table, folds: Folds) -> list[Row]:
    python = os.environ.get("OPTBINNING_PYTHON")
    if not python:
        return []
    with tempfile.TemporaryDirectory() as folder:
        path, places = Path(folder) / "table.parquet", Path(folder) / "folds.npy"
        pq.write_table(table, path)
        np.save(places, folds)
        command = [python, str(_PEER), str(path), _TARGET, str(places)]
        said = subprocess.run(command, capture_output=True, text=True, check=True)
    told: dict[str, Any] = json.loads(said.stdout.strip().splitlines()[-1])
    return [
        _row(f"optbinning {told['version']}, trends “{trend}”", one["areas"], one["cpu"])
        for trend, one in told["found"].items()
    ]


def _row(name: str, areas: list[float], cpu: float) -> Row:
    return name, f"{np.mean(areas):.4f} ± {np.std(areas):.4f}", f"{cpu:.2f}"


if __name__ == "__main__":
    main()
