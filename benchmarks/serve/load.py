"""Send requests at fixed times, whether or not earlier ones were answered (open loop).

``python -m benchmarks.serve.load FILE`` reads a JSON job and prints what came of it. Times count from
when a request was due, not from when it could be sent, so that a server that stalls is charged for
every request that had to wait (no coordinated omission).
"""

from __future__ import annotations

import asyncio
import json
import selectors
import sys
from collections import Counter, deque
from dataclasses import dataclass, field
from pathlib import Path
from time import perf_counter
from typing import Any, cast

import numpy as np


@dataclass(frozen=True)
class Job:
    """Where to send what: ``bodies`` in turn, ``rate`` a second, the first ``warm`` seconds uncounted."""

    host: str
    port: int
    path: str
    bodies: tuple[str, ...]
    rate: float
    seconds: float
    warm: float
    connections: int = 32


class _Connection(asyncio.Protocol):
    def __init__(self, load: _Load) -> None:
        self.load, self.held, self.due = load, b"", 0.0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast("asyncio.Transport", transport)

    def send(self, request: bytes, due: float) -> None:
        self.due, self.held = due, b""
        self.transport.write(request)

    def data_received(self, data: bytes) -> None:
        self.held += data
        head, end, body = self.held.partition(b"\r\n\r\n")
        if not end:
            return
        lower = head.lower()
        at = lower.find(b"content-length:")
        length = int(lower[at + 15 :].split(b"\r\n", 1)[0])
        if len(body) >= length:
            self.load.answered(self, int(head[9:12]))

    def connection_lost(self, exc: Exception | None) -> None:
        del exc
        self.load.lost(self)


@dataclass
class _Load:
    requests: list[bytes]
    free: deque[_Connection] = field(default_factory=deque)
    waiting: deque[tuple[bytes, float]] = field(default_factory=deque)
    took: list[tuple[float, float]] = field(default_factory=list)
    statuses: Counter[int] = field(default_factory=Counter)
    broken: int = 0

    def send(self, request: bytes, due: float) -> None:
        if self.free:
            self.free.popleft().send(request, due)
        else:
            self.waiting.append((request, due))

    def answered(self, connection: _Connection, status: int) -> None:
        now = perf_counter()
        self.took.append((connection.due, now - connection.due))
        self.statuses[status] += 1
        if self.waiting:
            connection.send(*self.waiting.popleft())
        else:
            self.free.append(connection)

    def lost(self, connection: _Connection) -> None:
        self.broken += 1
        if connection in self.free:
            self.free.remove(connection)


async def run(job: Job) -> dict[str, Any]:
    """Return the percentiles of the times (ms), the statuses, and how many were never answered."""
    head = f"POST {job.path} HTTP/1.1\r\nHost: {job.host}\r\nContent-Type: application/json\r\n"
    load = _Load([_request(head, body) for body in job.bodies])
    loop = asyncio.get_running_loop()
    for _ in range(job.connections):
        _, made = await loop.create_connection(lambda: _Connection(load), job.host, job.port)
        load.free.append(made)
    began, total = perf_counter() + 0.1, int(job.rate * (job.seconds + job.warm))
    for at in range(total):
        due = began + at / job.rate
        if (left := due - perf_counter()) > 0:
            await asyncio.sleep(left)
        load.send(load.requests[at % len(load.requests)], due)
    for _ in range(100):
        if len(load.took) == total:
            break
        await asyncio.sleep(0.1)
    times = np.array([took for due, took in load.took if due >= began + job.warm]) * 1000
    told = {f"p{p:g}": float(np.percentile(times, p)) for p in (50, 90, 99, 99.9)}
    return {
        **told,
        "max": float(times.max()),
        "n": int(times.size),
        "unanswered": total - len(load.took),
        "statuses": {str(status): count for status, count in load.statuses.items()},
    }


def _request(head: str, body: str) -> bytes:
    content = body.encode()
    return f"{head}Content-Length: {len(content)}\r\n\r\n".encode() + content


def main() -> None:
    told = json.loads(Path(sys.argv[1]).read_text("utf-8"))
    job = Job(**{**told, "bodies": tuple(told["bodies"])})
    # select() waits to the microsecond; epoll, in whole milliseconds.
    with asyncio.Runner(
        loop_factory=lambda: asyncio.SelectorEventLoop(selectors.SelectSelector())
    ) as runner:
        print(json.dumps(runner.run(run(job))))


if __name__ == "__main__":
    main()
