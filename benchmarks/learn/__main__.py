"""Models of tables beside AutoGluon and FLAML, on the same rows, one after the other.

``AUTOGLUON_PYTHON=… FLAML_PYTHON=… python -m benchmarks.learn`` runs the peers in their own
environments; without them their lines are left out. ``--table NAME`` (repeatable) takes some tables.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from numpy.typing import NDArray

from anping.core.measure import Interval
from anping.learn.target import target_of
from anping.stats.auc import auc, auc_interval
from benchmarks import report
from benchmarks.learn.tables import Problem, problems, splits

Floats = NDArray[np.float64]
_PEER = Path(__file__).parents[1] / "peers" / "automl.py"
_OURS = (("Anping", 20.0), ("Anping", 100.0))
_PEERS = (("autogluon-medium", 60.0), ("autogluon-best", 300.0), ("flaml", 60.0))
#: Small tables are given a quarter of the seconds, as their learners need less.
_SMALL_ROWS, _SMALL_SHARE = 2_000, 0.25


class Run(NamedTuple):
    """What one learner said of the test rows of all folds, and what it cost."""

    name: str
    asked: float
    said: list[Floats]
    cpu: float
    row: float
    size: float


def runs_of(problem: Problem, folder: Path) -> list[Run]:
    """Return the runs of every learner that is there on a problem."""
    share = _SMALL_SHARE if problem.table.num_rows <= _SMALL_ROWS else 1.0
    found = [
        _run(problem, name, seconds * share, python=None, folder=folder) for name, seconds in _OURS
    ]
    for name, seconds in _PEERS:
        python = os.environ.get("FLAML_PYTHON" if name == "flaml" else "AUTOGLUON_PYTHON")
        if python:
            found.append(_run(problem, name, seconds * share, python=python, folder=folder))
    return found


def _run(problem: Problem, name: str, seconds: float, *, python: str | None, folder: Path) -> Run:
    said, cpu, row, size = [], 0.0, 0.0, 0.0
    kind = "number" if problem.number else "binary"
    for number, (train, test) in enumerate(splits(problem)):
        work = folder / f"{problem.name}-{name}-{seconds:g}-{number}"
        work.mkdir()
        for part, rows in (("train", train), ("test", test)):
            pq.write_table(rows, work / f"{part}.parquet")
        if python is None:
            command = [sys.executable, "-m", "benchmarks.learn.ours", work, problem.target, seconds]
        else:
            command = [python, _PEER, name, work, problem.target, seconds, kind]
        cpu += _spent([str(each) for each in command])
        told = json.loads((work / "told.json").read_text("utf-8"))
        said.append(np.load(work / "said.npy"))
        row, size = row + told["row"], size + told["bytes"]
    folds = problem.folds
    print(
        problem.name, name, seconds, f"{cpu / folds:.1f} CPU s", _score(problem, said), flush=True
    )
    return Run(name, seconds, said, cpu / folds, row / folds, size / folds)


def _spent(command: Sequence[str]) -> float:
    """Run a command on one thread and return the CPU seconds of the whole process."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    one = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"), "1")
    subprocess.run(command, check=True, env={**os.environ, **one}, stdout=subprocess.DEVNULL)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def _truths(problem: Problem) -> list[Floats]:
    return [
        target_of(problem.target, pa.chunked_array(test.column(problem.target).chunks)).values
        for _, test in splits(problem)
    ]


def _score(problem: Problem, said: Sequence[Floats]) -> float:
    """Return the mean over the folds of the AUC, or of the root mean squared error."""
    truths = _truths(problem)
    if problem.number:
        return float(
            np.mean([np.sqrt(np.mean((t - s) ** 2)) for t, s in zip(truths, said, strict=True)])
        )
    return float(np.mean([auc(t == 1, s) for t, s in zip(truths, said, strict=True)]))


def _interval(problem: Problem, said: Sequence[Floats]) -> Interval | None:
    if problem.number or problem.folds > 1:
        return None
    return auc_interval(_truths(problem)[0] == 1, said[0])


def _block(problem: Problem, runs: Sequence[Run]) -> str:
    measure = "RMSE" if problem.number else "AUC"
    header = ("learner", "seconds asked", measure, "interval", "CPU s", "ms for one row", "MB")
    rows = [
        (
            run.name, f"{run.asked:g}", f"{_score(problem, run.said):.4f}",
            report.interval(_interval(problem, run.said)), f"{run.cpu:.1f}", f"{run.row:.2f}",
            f"{run.size / 1e6:.1f}",
        )
        for run in runs
    ]  # fmt: skip
    folds = "the first of 5 folds" if problem.folds == 1 else "the mean of 5 folds"
    title = f"### {problem.name}, n = {problem.table.num_rows:,}, {folds}"
    return f"{title}\n\n{report.table(header, rows)}"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--table", action="append")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        wanted = [each for each in problems() if not given.table or each.name in given.table]
        blocks = [_block(each, runs_of(each, Path(folder))) for each in wanted]
    report.publish(
        "learn",
        "Models of tables, beside AutoGluon and FLAML",
        report.machine(),
        "How to read it: every learner gets the same rows and one thread, in a process of its own; CPU "
        "seconds are of that whole process, imports and the answers for the test rows counted. The "
        "intervals are DeLong's for one AUC.",
        *blocks,
    )


if __name__ == "__main__":
    main()
