"""A small model behind the service, without a workspace: what it says follows from two columns."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from starlette.testclient import TestClient

from anping.core.text import Text
from anping.engine.prediction import Feature, Prediction, Signature
from anping.run.serving.application import Running, application
from anping.run.serving.decision import Recorder
from anping.run.serving.deployment import Alternative, Deployment, Reason, Served
from anping.run.serving.limits import Limits
from anping.run.serving.segment import Segment, read_segment
from anping.run.serving.service import Service
from anping.run.serving.spool import Durability, Spool, Spooling
from anping.run.serving.tokens import Tokens

KEY = b"k" * 32
SIGNATURE = Signature(
    "late",
    "binary",
    ("no", "yes"),
    (
        Feature("income", "number", (), 10.0, 90.0),
        Feature("job", "category", ("nurse", "driver")),
        Feature("joined", "date", (), 730_000.0, 740_000.0),
    ),
)
ROW = {"income": 40, "job": "nurse", "joined": "2026-01-31"}
NUMBER = Signature("amount", "number", (), SIGNATURE.features)


def answer(rows: Sequence[Mapping[str, Any]], *, coverage: float | None = None) -> Prediction:
    """The chance of being late falls with income."""
    second = np.array([1 / (1 + float(row["income"] or 0) / 40) for row in rows])
    values = np.column_stack([1 - second, second])
    if coverage is None:
        return Prediction(values)
    return Prediction(values, sets=values > 1 - coverage, coverage=coverage)


def reasons(rows: Sequence[Mapping[str, Any]]) -> list[list[Reason]]:
    return [[Reason("income", -3.5, Text("收入 40 降低", "income 40 lowers it"))] for _ in rows]


def alternatives(row: Mapping[str, Any]) -> list[Alternative]:
    return [Alternative({"income": row["income"] + 20}, Text("收入再多 20", "20 more income"))]


def served(version: int = 1, **more: Any) -> Served:
    told = {
        "reference": f"loans.model@{version}",
        "version": version,
        "digest": f"{version:064x}",
        "signature": SIGNATURE,
        "answer": answer,
        "levels": (0.8, 0.9),
        "reasons": reasons,
        "alternatives": alternatives,
    }
    return Served(**{**told, **more})


@dataclass
class House:
    """A running service, the client that asks it, and what its segments hold."""

    client: TestClient
    service: Service
    folder: Path
    next: list[Any] = field(default_factory=list)

    def predict(self, body: Any, path: str = "/v1/models/loans:predict", **more: Any) -> Any:
        if isinstance(body, bytes):
            headers = {"content-type": "application/json", **more.pop("headers", {})}
            return self.client.post(path, content=body, headers=headers, **more)
        return self.client.post(path, json=body, **more)

    def decided(self, body: Any, **more: Any) -> dict[str, Any]:
        reply = self.predict(body, **more)
        assert reply.status_code == 200, reply.text
        first: dict[str, Any] = reply.json()["predictions"][0]
        return first

    def refused(self, body: Any, **more: Any) -> tuple[int, str]:
        reply = self.predict(body, **more)
        error = reply.json()["error"]
        assert {"zh", "en"} == set(error["what"]) == set(error["hint"])
        return reply.status_code, error["code"]

    def segments(self) -> tuple[Segment, ...]:
        return tuple(read_segment(path) for path in sorted(self.folder.glob("*.decisions")))

    def records(self) -> list[dict[str, Any]]:
        return [json.loads(line) for segment in self.segments() for line in segment.lines]


@contextmanager
def house(
    folder: Path,
    deployment: Deployment | None = None,
    *,
    tokens: Tokens | None = None,
    limits: Limits | None = None,
    durability: Durability = "process",
    records: int = 10_000,
) -> Iterator[House]:
    """Run a service in this process; what segments ended is in ``folder`` afterwards."""
    ended: list[Path] = []
    spool = Spool(Spooling(folder, "loans", durability=durability, records=records), ended.append)
    known = {3: served(3)}
    service = Service(
        deployment or Deployment("loans", served()), spool, Recorder(KEY), known.get,
        limits or Limits(),
    )  # fmt: skip
    following: list[Any] = []

    def changed() -> Deployment | None:
        found = following.pop() if following else None
        if isinstance(found, Exception):
            raise found
        return found

    running = Running(changed, every=0.01)
    app = application(service, tokens or Tokens(), running)
    with TestClient(app, raise_server_exceptions=False) as client:
        yield House(client, service, folder, following)
    assert sorted(ended) == sorted(folder.glob("*.decisions"))


def appended(spool: Spool, records: Sequence[Mapping[str, Any]]) -> tuple[str, ...]:
    """Append to a spool from outside of a loop."""
    return asyncio.run(spool.append(records))
