"""A user's own entities found through Spark are those that are found on one machine."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pyarrow as pa
import pytest

from anping.engine.table import Table
from anping.know.discover import table_values
from anping.know.discover.own_entities import rules_with
from anping.know.scan import scan

OWN = """\
- type: EMPLOYEE_NUMBER
  labels: [員工編號]
  rules:
    - {pattern: 'E[0-9]{6}', prior: -2, context: 5}
- type: STAFF_PASS
  rules:
    - {pattern: 'ZQ[0-9]{5}[A-Z]', prior: 2}
"""
ROWS = 600

Both = tuple[Table, Table]


@pytest.fixture
def staff(both: Callable[[pa.Table], Both]) -> Both:
    """Employees' numbers, codes among which one number lies, and notes with passes."""
    numbers = [f"E{7919 * row % 1_000_000:06d}" for row in range(ROWS)]
    codes = [f"Q-{row:05d}" for row in range(ROWS)]
    codes[577] = numbers[5]
    notes = [f"同事來電討論，通行證 ZQ1{row:04d}K 遺失，請補發。" for row in range(ROWS)]
    return both(pa.table({"a": numbers, "b": codes, "c": notes, "d": ["甲", "乙"] * (ROWS // 2)}))


@pytest.mark.parametrize("full", [False, True])
def test_a_scan_finds_the_same_own_entities(
    staff: Both, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, *, full: bool
) -> None:
    file = tmp_path / "own.yaml"
    file.write_text(OWN, "utf-8")
    if full:
        monkeypatch.setattr(table_values, "FEW_VALUES", 50)
    rules = rules_with(file)
    here, there = (scan(one, full=full, rules=rules) for one in staff)
    assert there.findings == here.findings
    assert there.inside == here.inside
    assert there.entities == here.entities
    assert here.findings[0].semantic_type == "EMPLOYEE_NUMBER"
    held = {(one.column, one.type, one.where): one.cells for one in here.inside}
    assert held[("c", "STAFF_PASS", "texts")] == ROWS
    assert held[("b", "EMPLOYEE_NUMBER", "cells")] == 1
