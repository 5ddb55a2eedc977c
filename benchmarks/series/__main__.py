"""Forecasts of M4 series beside AutoGluon, on the same series, one after the other.

``AUTOGLUON_PYTHON=… python -m benchmarks.series`` runs the peer in its own environment; without it
its lines are left out. The test window is looked at here alone: every choice is made by rolling
origins within the training part.
"""

from __future__ import annotations

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
import pyarrow.parquet as pq
from numpy.typing import NDArray

from anping.stats.bootstrap import bootstrap_interval
from benchmarks import report
from benchmarks.series.problems import Problem, mase, problems, seasonal_naive, smape

Floats = NDArray[np.float64]
_PEER = Path(__file__).parents[1] / "peers" / "automl_series.py"
_OURS = (6.0, 60.0)
_PEERS = (60.0,)


class Run(NamedTuple):
    """What one learner said, what it cost, and how many truths lay within its intervals."""

    name: str
    said: Floats
    cpu: float
    megabytes: float
    inside: str
    note: str


def runs_of(problem: Problem, folder: Path) -> list[Run]:
    """Return the runs of every learner that is there."""
    name = "Naive" if problem.season == 1 else "Seasonal naive"
    found = [Run(name, seasonal_naive(problem), 0.0, 0.0, "", "")]
    about = [str(problem.horizon), str(problem.season)]
    for seconds in _OURS:
        work = _work(problem, folder, f"ours-{seconds:g}")
        command = [sys.executable, "-m", "benchmarks.series.ours", str(work), *about, str(seconds)]
        found.append(_run(problem, f"Anping, {seconds:g} s asked", command, work))
    python = os.environ.get("AUTOGLUON_PYTHON")
    for seconds in _PEERS if python else ():
        work = _work(problem, folder, f"peer-{seconds:g}")
        asked = [*about, problem.frequency, str(seconds)]
        command = [str(python), str(_PEER), str(work), *asked]
        found.append(_run(problem, f"AutoGluon fast, {seconds:g} s asked", command, work))
    return found


def _work(problem: Problem, folder: Path, name: str) -> Path:
    work = folder / f"{problem.name}-{name}"
    work.mkdir()
    pq.write_table(problem.table(), work / "train.parquet")
    return work


def _run(problem: Problem, name: str, command: Sequence[str], work: Path) -> Run:
    cpu = _spent(command)
    told = json.loads((work / "told.json").read_text("utf-8"))
    said = np.load(work / "said.npy")
    inside = ""
    if (work / "bounds.npy").exists():
        low, high = np.load(work / "bounds.npy")
        shares = ((low <= problem.truth) & (problem.truth <= high)).mean(axis=(1, 2))
        inside = " / ".join(f"{share:.3f}" for share in shares)
    note = ", ".join(f"{each} {weight:g}" for each, weight in told.get("members", {}).items())
    print(problem.name, name, f"{cpu:.1f} CPU s", mase(problem, said).mean(), flush=True)
    return Run(name, said, cpu, told["bytes"] / 1e6, inside, note)


def _spent(command: Sequence[str]) -> float:
    """Run a command on one thread and return the CPU seconds of the whole process."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    one = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"), "1")
    subprocess.run(command, check=True, env={**os.environ, **one}, stdout=subprocess.DEVNULL)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def _block(problem: Problem, runs: Sequence[Run]) -> str:
    header = ("learner", "MASE", "interval", "sMAPE", "CPU s", "MB", "within 80 / 95 %")
    rows = []
    for run in runs:
        errors = mase(problem, run.said)
        bounds = bootstrap_interval(_mean_of(errors), errors.size, seed=0)
        rows.append(
            (
                run.name, f"{errors.mean():.3f}", report.interval(bounds),
                f"{smape(problem, run.said).mean():.2f}", f"{run.cpu:.1f}", f"{run.megabytes:.1f}",
                run.inside,
            )
        )  # fmt: skip
    count, ahead = len(problem.train), problem.horizon
    title = f"### M4 {problem.name}, n = {count} series, {ahead} steps ahead"
    members = [f"{run.name}: {run.note}." for run in runs if run.note]
    return "\n\n".join((title, report.table(header, rows), *_paired(problem, runs), *members))


def _mean_of(errors: Floats):  # type: ignore[no-untyped-def]  # noqa: ANN202
    return lambda rows: float(errors[rows].mean())


def _paired(problem: Problem, runs: Sequence[Run]) -> list[str]:
    """Return the paired difference in MASE between ours and the peer's."""
    ours = [run for run in runs if run.name.startswith("Anping")]
    found = []
    for peer in (run for run in runs if run.name.startswith("AutoGluon")):
        for run in ours:
            away = mase(problem, run.said) - mase(problem, peer.said)
            bounds = report.interval(bootstrap_interval(_mean_of(away), away.size, seed=0))
            found.append(f"{run.name} less {peer.name}: MASE {away.mean():+.3f} {bounds}.")
    return found


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        blocks = [_block(each, runs_of(each, Path(folder))) for each in problems()]
    report.publish(
        "series",
        "Forecasts of series, beside AutoGluon",
        report.machine("statsforecast"),
        "How to read it: every learner gets the same series (rows of M4 evenly spaced, the last 1,000 "
        "points of each) in a process of its own; CPU seconds are of that whole process, imports, "
        "trying on the past, writing the model and forecasting counted. MASE is in units of the "
        "competition's season (24 hours; 1 week). Intervals are of the bootstrap over series. Which "
        "kinds of members are in the portfolio was settled on rolling origins of the training part; "
        "the test window was seen while that was done, but not chosen by. The peer's models run in one "
        "process under its own time limit, without those whose weights lie on the web; of the hourly "
        "series it left out ETS and Theta for lack of time.",
        *blocks,
    )


if __name__ == "__main__":
    main()
