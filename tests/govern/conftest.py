"""A protected table that the shipped policy would let through, and requests built from it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest

from anping.core.columns import ColumnFinding, Decision, Role
from anping.core.labels import Labels, Tier
from anping.core.measure import Interval, Measure
from anping.core.text import Text
from anping.govern.request import ReleaseRequest

Build = Callable[..., ReleaseRequest]


def measure(
    name: str, value: float, subject: str = "", interval: tuple[float, float] | None = None
) -> Measure:
    ends = None if interval is None else Interval(*interval, 0.95, "wilson")
    return Measure(name, value, "share", 1000, Text(name, name), subject=subject, interval=ends)


def good_measures(k: int = 25) -> tuple[Measure, ...]:
    return (
        measure("risk.class_size.min", k, "after"),
        measure("risk.prosecutor.max", 1 / k, "after"),
        measure("risk.marketer", 1 / (2 * k), "after"),
        measure("risk.sample_uniqueness", 0.0, "after"),
        measure("risk.linkage.success", 0.02),
        measure("risk.linkage.control", 0.01),
        measure("risk.linkage.excess", 0.01, interval=(0.0, 0.02)),
        measure("deid.information_loss", 0.4),
    )


def finding(column: str, role: Role, *, confirmed: bool = True, **more: Any) -> ColumnFinding:
    decision = Decision("steward", "2026-11-21T09:00:00Z", "seen") if confirmed else None
    return ColumnFinding(column, "TYPE", role, 0.9, 1.0, 1000, decision=decision, **more)


def request_for(tier: Tier = Tier.CONTROLLED, **changes: Any) -> ReleaseRequest:
    given: dict[str, Any] = {
        "tier": tier,
        "today": date(2026, 11, 21),
        "labels": Labels(),
        "measures": good_measures(),
        "findings": (
            finding("身分證字號", Role.DIRECT_IDENTIFIER),
            finding("年齡", Role.QUASI_IDENTIFIER),
            finding("違約", Role.SENSITIVE),
        ),
        "columns": ("年齡", "違約"),
        "agent": "officer:chen",
        "licence": "controlled-research",
        "treated": {"年齡": "generalization"},
        "purposes": frozenset({"TRAIN"}),
        "producer": "engineer:lin",
        "approver": "officer:wang",
        "recipient": "university-lab",
    }
    return ReleaseRequest(**{**given, **changes})


@pytest.fixture
def build() -> Build:
    return request_for
