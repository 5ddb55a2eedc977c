"""Monitoring measured: drift beside Evidently, expected against true AUC, false alarms.

``EVIDENTLY_PYTHON=… python -m benchmarks.monitor`` runs Evidently in its own environment; without it
its line is left out.
"""

from __future__ import annotations

import json
import os
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.csv
import pyarrow.parquet as pq
from numpy.typing import NDArray

from anping.engine.prediction import Predictor
from anping.learn.search import Effort
from anping.learn.tabular import Learning, learn_tabular
from anping.run.monitoring.input_drift import drifts
from anping.run.monitoring.monitor import Monitored, Monitoring, monitor
from anping.run.monitoring.reading import Cells, cells_of
from anping.run.monitoring.rules import own_rules
from anping.stats.auc import auc
from anping.stats.intervals import wilson
from benchmarks import report

Rows = NDArray[np.int64]
_PEER = Path(__file__).parents[1] / "peers" / "evidently_drift.py"
_TARGET = "default.payment.next.month"
_SEED = 20260101
_REPEATS, _RESAMPLES = 10, 200


def main() -> None:
    path = report.shared("data", "credit_taiwan", "credit.csv")
    if path is None:
        raise SystemExit("the Taiwan credit table is not there")
    table = pa.csv.read_csv(path).drop_columns(["ID"])
    order = np.random.default_rng(_SEED).permutation(table.num_rows)
    train, reference, current = (
        table.take(pa.array(np.sort(part))) for part in np.split(order, [10_000, 20_000])
    )
    asked = Learning(held_out=0.0, effort=Effort(2.0, only="lightgbm"))
    model = learn_tabular(train, _TARGET, asked).model
    report.publish(
        "monitor",
        "Monitoring a model",
        "Taiwan credit, 23 columns: a LightGBM model learnt on 10,000 rows, 10,000 rows of reference, "
        "10,000 rows from which current rows are drawn.",
        _speed(model, reference, current),
        _estimates(model, reference, current),
        _false_alarms(model, reference, current),
        report.machine("numpy", "pyarrow", "lightgbm"),
    )


def _speed(model: Predictor, reference: pa.Table, current: pa.Table) -> str:
    columns = model.signature.features

    def ours() -> int:
        sides: list[dict[str, Cells]] = [
            {each.name: cells_of(rows.column(each.name), each) for each in columns}
            for rows in (reference, current)
        ]
        return len(drifts(sides[0], sides[1], own_rules(), seed=_SEED))

    ours()
    spent = min(report.timed(ours)[1].cpu for _ in range(5))
    rows: list[tuple[object, ...]] = [
        ("Anping: PSI, KS and Jensen-Shannon, intervals and limits", f"{spent:.3f}", "1.0")
    ]
    told = _evidently(reference.select([each.name for each in columns]), current)
    if told is not None:
        three = sum(told["spent"][name] for name in ("psi", "ks", "jensenshannon"))
        name = f"Evidently {told['version']}"
        rows += [
            (f"{name}: PSI, KS and Jensen-Shannon, one after the other", f"{three:.3f}", f"{three / spent:.1f}"),
            (f"{name}: its preset's own choice of one test", f"{told['spent']['preset']:.3f}", f"{told['spent']['preset'] / spent:.1f}"),
            (f"{name}: import", f"{told['import']:.3f}", ""),
        ]  # fmt: skip
    return report.table(("drift of 23 columns, 10,000 × 10,000 rows", "CPU s", "ratio"), rows)


def _evidently(reference: pa.Table, current: pa.Table) -> dict[str, Any] | None:
    python = os.environ.get("EVIDENTLY_PYTHON")
    if not python:
        return None
    with tempfile.TemporaryDirectory() as folder:
        paths = [Path(folder) / f"{name}.parquet" for name in ("reference", "current")]
        pq.write_table(reference, paths[0])
        pq.write_table(current.select(reference.column_names), paths[1])
        command = [python, str(_PEER), *map(str, paths)]
        said = subprocess.run(command, capture_output=True, text=True, check=True)
    told: dict[str, Any] = json.loads(said.stdout.strip().splitlines()[-1])
    return told


def _shifts(current: pa.Table, generator: np.random.Generator) -> Iterator[tuple[str, pa.Table]]:
    """Yield the current rows under shifts that leave the relation to the target as it is."""

    def drawn(weights: NDArray[np.float64]) -> Rows:
        chances = weights / weights.sum()
        return generator.choice(current.num_rows, 5000, replace=True, p=chances)

    numbers = {
        name: current.column(name).to_numpy() for name in ("PAY_0", "LIMIT_BAL", "AGE", "SEX")
    }
    for name, weights in (
        ("none", np.ones(current.num_rows)),
        ("late payers four times as often", np.where(numbers["PAY_0"] > 0, 4.0, 1.0)),
        ("small limits four times as often", np.where(numbers["LIMIT_BAL"] < 1e5, 4.0, 1.0)),
        ("one segment: women under 30", ((numbers["AGE"] < 30) & (numbers["SEX"] == 2)) * 1.0),
        ("older people four times as often", np.where(numbers["AGE"] > 45, 4.0, 1.0)),
    ):
        yield name, current.take(pa.array(drawn(weights)))


def _estimates(model: Predictor, reference: pa.Table, current: pa.Table) -> str:
    generator = np.random.default_rng(_SEED)
    found: dict[str, list[tuple[float, float]]] = {}
    for _ in range(_REPEATS):
        for name, rows in _shifts(current, generator):
            without = monitor(model, reference, rows.drop_columns([_TARGET]), Monitoring())
            expected = next(
                each.expected for each in without.found.performance if each.name == "auc"
            )
            truth = rows.column(_TARGET).to_numpy() == 1
            actual = auc(truth, model.predict(rows).values[:, 1])
            if expected is not None:
                found.setdefault(name, []).append((expected.value, actual))
    lines = []
    for name, pairs in found.items():
        expected, actual = np.array(pairs).T
        gaps = expected - actual
        lines.append((
            name, report.number(float(actual.mean()), 4), report.number(float(expected.mean()), 4),
            f"{gaps.mean():+.4f}", report.number(float(np.abs(gaps).mean()), 3),
            report.number(float(np.abs(gaps).max()), 3),
        ))  # fmt: skip
    return report.table(
        (
            f"AUC of 5,000 rows without labels, {_REPEATS} draws", "true", "expected",
            "mean error", "mean absolute error", "largest",
        ),
        lines,
    )  # fmt: skip


def _false_alarms(model: Predictor, reference: pa.Table, current: pa.Table) -> str:
    """Draw reference and current from the same rows, again and again."""
    together = pa.concat_tables([reference, current])
    generator = np.random.default_rng(_SEED + 1)
    grave: dict[str, int] = {"with labels": 0, "without labels": 0}
    for _ in range(_RESAMPLES):
        order = generator.permutation(together.num_rows)
        before, now = (together.take(pa.array(part)) for part in (order[:2000], order[2000:3000]))
        for name, rows in (("with labels", now), ("without labels", now.drop_columns([_TARGET]))):
            grave[name] += _is_grave(monitor(model, before, rows, Monitoring()))
    return report.table(
        (f"{_RESAMPLES} comparisons without any shift, 2,000 × 1,000 rows", "with an alarm or warning", "95 % interval"),
        [
            (name, f"{100 * count / _RESAMPLES:.1f} %", f"{100 * bounds.low:.1f} – {100 * bounds.high:.1f} %")
            for name, count in grave.items()
            for bounds in (wilson(count, _RESAMPLES),)
        ],
    )  # fmt: skip


def _is_grave(found: Monitored) -> bool:
    return any(alert.severity != "note" for alert in found.alerts)


if __name__ == "__main__":
    main()
