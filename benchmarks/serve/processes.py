"""Servers as processes of their own: started, awaited, measured and stopped."""

from __future__ import annotations

import os
import socket
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

_TICKS = os.sysconf("SC_CLK_TCK")
_PATIENCE = 120.0


@dataclass(frozen=True)
class Used:
    """CPU seconds of a process and its children so far, and their memory in bytes now."""

    cpu: float
    memory: int


def free_port() -> int:
    """Return a port that nobody listens on."""
    with socket.socket() as asked:
        asked.bind(("127.0.0.1", 0))
        return int(asked.getsockname()[1])


@contextmanager
def server(
    command: Sequence[str], port: int, health: str, *, environment: Mapping[str, str] | None = None
) -> Iterator[int]:
    """Start a server, wait until it is healthy, yield its process's number, and stop it."""
    running = subprocess.Popen(
        list(command),
        env={**os.environ, **(environment or {})},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        began = time.monotonic()
        while not _healthy(port, health):
            if running.poll() is not None or time.monotonic() - began > _PATIENCE:
                raise RuntimeError(command[0])
            time.sleep(0.2)
        yield running.pid
    finally:
        running.terminate()
        try:
            running.wait(30)
        except subprocess.TimeoutExpired:
            running.kill()
            running.wait()


def used(process: int) -> Used:
    """Return what a process and its children have used."""
    cpu, memory = 0.0, 0
    for one in (process, *_children(process)):
        stat = Path(f"/proc/{one}/stat").read_text("utf-8").rpartition(")")[2].split()
        cpu += (int(stat[11]) + int(stat[12])) / _TICKS
        for line in Path(f"/proc/{one}/status").read_text("utf-8").splitlines():
            if line.startswith("VmRSS:"):
                memory += int(line.split()[1]) * 1024
    return Used(cpu, memory)


def _children(process: int) -> Iterator[int]:
    for task in Path(f"/proc/{process}/task").glob("*/children"):
        for child in map(int, task.read_text("utf-8").split()):
            yield child
            yield from _children(child)


def _healthy(port: int, health: str) -> bool:
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}{health}", timeout=2) as reply:
            return bool(reply.status == 200)
    except (urllib.error.URLError, OSError):
        return False
