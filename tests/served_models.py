"""A workspace with two versions of a small model, and its server as a process of its own."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
import time
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from http.client import HTTPException
from pathlib import Path
from typing import Any

import numpy as np

from anping.steps.catalogue import step
from anping.workspace.perform import Job, perform
from anping.workspace.workspace import Workspace

ROW = {"income": 41.5, "job": "driver"}
_COMMAND = (sys.executable, "-c", "from anping.cli.main import main; main()")


def learnt(folder: Path) -> Workspace:
    """Make a workspace in which a model of ``loans`` was learnt twice."""
    draw = np.random.default_rng(1)
    lines = ["income,job,late"]
    for income, job in zip(
        draw.uniform(10, 90, 300), draw.choice(["nurse", "driver"], 300), strict=True
    ):
        late = income + 20 * (job == "nurse") + draw.normal(0, 10) < 50
        lines.append(f"{income:.1f},{job},{'yes' if late else 'no'}")
    file = folder / "loans.csv"
    file.write_text("\n".join(lines), "utf-8")
    workspace = Workspace.create(folder / "workspace")
    perform(workspace, Job(step("know.add"), "loans", {"path": str(file), "purposes": ["TRAIN"]}))
    for seed in (1, 2):
        given = {"target": "late", "only": "linear", "seconds": 0.1, "seed": seed}
        perform(workspace, Job(step("learn.tabular"), "loans", given))
    return workspace


@dataclass
class Server:
    """A running server: what it was asked, and which decisions it acknowledged."""

    process: subprocess.Popen[str]
    address: str
    acknowledged: list[str]

    def ask(
        self, body: Mapping[str, Any], path: str = "/v1/models/loans:predict"
    ) -> dict[str, Any]:
        """Return the reply; what was acknowledged is remembered."""
        request = urllib.request.Request(
            self.address + path,
            json.dumps(body).encode(),
            {"Content-Type": "application/json"},
        )
        with urllib.request.urlopen(request, timeout=20) as reply:
            told: dict[str, Any] = json.loads(reply.read())
        self.acknowledged += [each["decision"] for each in told["predictions"]]
        return told

    def ask_until_it_ends(self) -> threading.Thread:
        """Ask again and again in a thread, until the server is gone."""

        def asking() -> None:
            at = 0
            while True:
                at += 1
                try:
                    self.ask({"instance": {**ROW, "income": 10 + at % 80}})
                except (OSError, HTTPException):
                    return

        thread = threading.Thread(target=asking)
        thread.start()
        return thread

    def stop(self, how: signal.Signals = signal.SIGTERM) -> None:
        """Send a signal and wait for the end."""
        self.process.send_signal(how)
        self.process.wait(30)


@contextmanager
def serving(workspace: Workspace, *words: str) -> Iterator[Server]:
    """Run ``anping serve-model loans``."""
    process = subprocess.Popen(
        [
            *_COMMAND,
            "serve-model",
            "loans",
            "--port",
            "0",
            "--workspace",
            workspace.location,
            *words,
        ],
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, "ANPING_LANG": "en", "PYTHONUNBUFFERED": "1"},
    )
    try:
        assert process.stdout is not None
        address = ""
        for line in process.stdout:
            if line.startswith("POST "):
                address = line.split()[1].partition("/v1/")[0]
                break
        assert address, process.wait(10)
        yield Server(process, address, [])
    finally:
        process.kill()
        process.wait()
        assert process.stdout is not None
        process.stdout.close()


def wait_for(condition: Any, *, seconds: float = 20.0) -> None:
    """Wait until a condition holds."""
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.05)
