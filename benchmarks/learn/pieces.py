"""One learner on one fold of one table: run in a process of its own, and kept in a folder.

A run of all learners takes hours, so that each piece is done once and found again after a kill.
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

from anping.core.files import write
from benchmarks.learn.tables import Problem, splits

Floats = NDArray[np.float64]
_PEER = Path(__file__).parents[1] / "peers" / "automl.py"
#: Small tables are given a quarter of the seconds, as their learners need less.
_SMALL_ROWS, _SMALL_SHARE = 2_000, 0.25


class Learner(NamedTuple):
    """Who learns, for how many CPU seconds; ``python`` names the variable with a peer's Python."""

    name: str
    seconds: float
    python: str | None = None

    def asked(self, problem: Problem) -> float:
        """Return the seconds for a table."""
        small = problem.table.num_rows <= _SMALL_ROWS
        return self.seconds * (_SMALL_SHARE if small else 1.0)


class Piece(NamedTuple):
    """What was said of the test rows of one fold, and what it cost."""

    said: Floats
    cpu: float
    row: float
    size: float


def known(problem: Problem, learner: Learner, fold: int, keep: Path) -> Piece | None:
    """Return a piece that is in the folder."""
    path = _file(problem, learner, fold, keep)
    if not path.exists():
        return None
    told = json.loads(path.read_text("utf-8"))
    return Piece(np.array(told["said"]), told["cpu"], told["row"], told["bytes"])


def piece(problem: Problem, learner: Learner, fold: int, keep: Path) -> Piece | None:
    """Return a piece of the folder, or run it; None where the peer is not there."""
    path = _file(problem, learner, fold, keep)
    if not path.exists():
        python = sys.executable if learner.python is None else os.environ.get(learner.python)
        if not python:
            return None
        with tempfile.TemporaryDirectory() as folder:
            told = _run(problem, learner, (fold, python), Path(folder))
        write(path, json.dumps(told).encode())
    return known(problem, learner, fold, keep)


def _file(problem: Problem, learner: Learner, fold: int, keep: Path) -> Path:
    name = f"{problem.name}-{learner.name}-{learner.seconds:g}-{fold}.json"
    return keep / name.replace(" ", "_")


def _run(
    problem: Problem, learner: Learner, how: tuple[int, str], folder: Path
) -> dict[str, object]:
    fold, python = how
    train, test = list(splits(problem))[fold]
    for part, rows in (("train", train), ("test", test)):
        pq.write_table(rows, folder / f"{part}.parquet")
    seconds = learner.asked(problem)
    if learner.python is None:
        command = [python, "-m", "benchmarks.learn.ours", folder, problem.target, seconds]
    else:
        kind = "number" if problem.number else "binary"
        command = [python, _PEER, learner.name, folder, problem.target, seconds, kind]
    cpu = _spent([str(each) for each in command])
    told = json.loads((folder / "told.json").read_text("utf-8"))
    return {**told, "cpu": cpu, "said": np.load(folder / "said.npy").tolist()}


def _spent(command: Sequence[str]) -> float:
    """Run a command on one thread and return the CPU seconds of the whole process."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    one = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"), "1")
    subprocess.run(command, check=True, env={**os.environ, **one}, stdout=subprocess.DEVNULL)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
