"""One model behind ``anping serve-model`` and behind MLflow's server, under the same open load.

``MLFLOW_PYTHON=… python -m benchmarks.serve`` runs MLflow in its own environment; without it its
line is left out. ``--workspace FOLDER`` keeps the learnt model for the next time.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

import pyarrow.csv

from benchmarks import report
from benchmarks.serve.load import Job
from benchmarks.serve.processes import free_port, server, used

_TARGET = "default.payment.next.month"
_PEER = Path(__file__).parents[1] / "peers" / "mlflow_model.py"
_SOURCE = Path(__file__).parents[2] / "src"
_ROWS = 2_000
_NAME = "credit"
_COMMAND = (sys.executable, "-c", "from anping.cli.main import main; main()")


class Door(NamedTuple):
    """A server that is under test: where it listens, and what it is sent."""

    name: str
    port: int
    path: str
    bodies: tuple[str, ...]
    process: int


def main() -> None:
    asked = _asked()
    credit = report.shared("data", "credit_taiwan", "credit.csv")
    if credit is None:
        print("the public data folder is not beside this checkout")
        return
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(asked.workspace or scratch)
        workspace = _learnt(folder, credit, asked.seconds)
        rows = _rows(credit, folder)
        found = []
        for name, door in _doors(workspace, rows, folder):
            if not asked.only or name in asked.only:
                with door as opened:
                    found.append((opened, _measured(opened, asked)))
    if asked.publish:
        _publish(found, asked)
    else:
        for door, told in found:
            print(door.name, json.dumps(told))


def _asked() -> argparse.Namespace:
    parser = argparse.ArgumentParser()
    parser.add_argument("--workspace", type=Path)
    parser.add_argument("--seconds", type=float, default=20.0, help="nominal seconds of learning")
    parser.add_argument("--rate", type=float, default=200.0)
    parser.add_argument("--load", type=float, default=20.0, help="seconds of load")
    parser.add_argument("--warm", type=float, default=3.0)
    parser.add_argument("--only", action="append")
    parser.add_argument("--publish", action="store_true")
    return parser.parse_args()


def _anping(workspace: Path, *words: str) -> None:
    subprocess.run(
        [*_COMMAND, *words, "--workspace", str(workspace)],
        check=True, stdout=subprocess.DEVNULL,
    )  # fmt: skip


def _learnt(folder: Path, credit: Path, seconds: float) -> Path:
    """Return a workspace with two versions of a model, learnt if they are not there yet."""
    workspace = folder / "workspace"
    if workspace.exists():
        return workspace
    _anping(workspace, "init")
    _anping(workspace, "add", _NAME, str(credit), "--purposes", "TRAIN")
    learn = ("learn", "tabular", _NAME, "--target", _TARGET)
    _anping(workspace, *learn, "--seconds", str(seconds))
    _anping(workspace, *learn, "--only", "linear", "--seconds", "2")
    return workspace


def _rows(credit: Path, folder: Path) -> list[dict[str, Any]]:
    from anping.steps.compose.models import open_model
    from anping.workspace.workspace import Workspace

    workspace = Workspace.open(folder / "workspace")
    opened = open_model(workspace, f"{_NAME}@1")
    names = [feature.name for feature in opened.model.signature.features]
    (folder / "model.anping").write_bytes(workspace.path(opened.asset).read_bytes())
    return list(pyarrow.csv.read_csv(credit).select(names).slice(0, _ROWS).to_pylist())


def _doors(
    workspace: Path, rows: Sequence[dict[str, Any]], folder: Path
) -> Iterator[tuple[str, Any]]:
    """Yield each server by name, as what starts it."""
    plain = tuple(json.dumps({"instance": row}) for row in rows)
    explained = tuple(json.dumps({"instance": row, "reasons": True}) for row in rows)
    yield "Anping", _ours("Anping", workspace, plain, folder)
    yield "disk", _ours("Anping, each record on the disk before its reply", workspace, plain, folder,
                        "--durability", "disk")  # fmt: skip
    yield "reasons", _ours("Anping, with reasons", workspace, explained, folder)
    yield "shadow", _ours("Anping, a second model in its shadow", workspace, plain, folder,
                          shadow=True)  # fmt: skip
    python = os.environ.get("MLFLOW_PYTHON")
    if python:
        yield "mlflow", _mlflow(python, rows, folder)


@contextmanager
def _ours(
    name: str, workspace: Path, bodies: tuple[str, ...], folder: Path, *more: str,
    shadow: bool = False,
) -> Iterator[Door]:  # fmt: skip
    port = free_port()
    if shadow:
        workspace = _shadowed(workspace, folder)
    spool = tempfile.mkdtemp(dir=folder)
    command = [*_COMMAND, "serve-model", f"{_NAME}@1", "--port", str(port),
               "--workspace", str(workspace), "--spool", spool, *more]  # fmt: skip
    with server(command, port, "/healthz") as process:
        yield Door(name, port, f"/v1/models/{_NAME}:predict", bodies, process)


def _shadowed(workspace: Path, folder: Path) -> Path:
    """Return a copy of the workspace in which the linear model answers in the other's shadow."""
    copy = folder / "shadow"
    if not copy.exists():
        subprocess.run(["cp", "-r", str(workspace), str(copy)], check=True)
        subprocess.run(["cp", "-r", f"{workspace}.keys", f"{copy}.keys"], check=True)
        _anping(copy, "stage", _NAME, "promote", "--version", "1", "--why", "benchmark")
        _anping(copy, "stage", _NAME, "try", "--version", "2", "--why", "benchmark")
    return copy


@contextmanager
def _mlflow(python: str, rows: Sequence[dict[str, Any]], folder: Path) -> Iterator[Door]:
    """Serve the same model file behind MLflow's server, one worker as ours."""
    place = folder / "mlflow"
    # MLflow calls its web server by name.
    search = f"{Path(python).parent}{os.pathsep}{os.environ['PATH']}"
    environment = {
        "PYTHONPATH": str(_SOURCE), "MLFLOW_DISABLE_TELEMETRY": "true", "PATH": search,
    }  # fmt: skip
    if not place.exists():
        subprocess.run(
            [python, str(_PEER), str(folder / "model.anping"), str(place)],
            check=True, env={**os.environ, **environment}, stdout=subprocess.DEVNULL,
        )  # fmt: skip
    port = free_port()
    command = [python, "-m", "mlflow", "models", "serve", "-m", str(place), "-p", str(port),
               "--env-manager", "local", "-w", "1"]  # fmt: skip
    bodies = tuple(json.dumps({"dataframe_records": [row]}) for row in rows)
    with server(command, port, "/ping", environment=environment) as process:
        yield Door("MLflow models serve", port, "/invocations", bodies, process)


def _measured(door: Door, asked: argparse.Namespace) -> dict[str, Any]:
    """Return what the load came to, CPU per request in ms, and memory in MB."""
    job = Job("127.0.0.1", door.port, door.path, door.bodies, asked.rate, asked.load, asked.warm)
    with tempfile.NamedTemporaryFile("w", suffix=".json") as file:
        json.dump(vars(job), file)
        file.flush()
        before = used(door.process)
        done = subprocess.run(
            [sys.executable, "-m", "benchmarks.serve.load", file.name],
            check=True, capture_output=True, text=True,
        )  # fmt: skip
    after = used(door.process)
    told: dict[str, Any] = json.loads(done.stdout)
    total = asked.rate * (asked.load + asked.warm) - told["unanswered"]
    told["cpu"] = (after.cpu - before.cpu) / max(total, 1) * 1000
    told["memory"] = after.memory / 2**20
    return told


def _publish(found: Sequence[tuple[Door, dict[str, Any]]], asked: argparse.Namespace) -> None:
    rows = [
        (
            door.name,
            *(f"{told[p]:.1f}" for p in ("p50", "p99", "p99.9", "max")),
            f"{told['cpu']:.2f}",
            f"{told['memory']:.0f}",
            f"{told['n']:,}",
            told["unanswered"],
        )
        for door, told in found
    ]
    header = ("server", "p50 ms", "p99 ms", "p99.9 ms", "most ms", "CPU ms a request", "memory MB",
              "n", "never answered")  # fmt: skip
    report.publish(
        "serve",
        "Serving: one row at a time, beside MLflow",
        report.machine("starlette", "uvicorn"),
        f"Taiwan credit, one row a request, {asked.rate:g} requests a second at fixed times for "
        f"{asked.load:g} s after {asked.warm:g} s; times count from when a request was due. The same "
        "model file answers in all of them (MLflow has it as a pyfunc). Ours also checks the schema "
        "and writes a record of every decision before it replies; MLflow writes none. Server and load "
        "share the two cores; other work was stopped meanwhile.",
        report.table(header, rows),
    )


if __name__ == "__main__":
    main()
