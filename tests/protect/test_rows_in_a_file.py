"""A table of very many rows is coded into a file and counted there: the answer is the same."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from anping.engine.table import Table
from anping.protect.apply import protect_into
from anping.protect.fit_plan import Settings
from anping.protect.plan_file import parse_plan

_PLAN = """
plan: 1
{unit}
model: {{k: 4, l: 2, sensitive: [illness], full_domain: {search}}}
columns:
  age: {{do: generalise, hierarchy: {{kind: age}}}}
  town: {{do: generalise, hierarchy: {{kind: category}}}}
  illness: {{do: keep}}
  person: {{do: drop, identifies: false}}
"""


def _table(path: Path) -> Table:
    draw = np.random.default_rng(1)
    rows = 2000
    columns = {
        "age": draw.integers(20, 70, rows),
        "town": draw.choice(["a", "b", "c", "d"], rows),
        "illness": draw.choice(["x", "y", "z"], rows),
        "person": draw.integers(0, 900, rows),
    }
    pq.write_table(pa.table(columns), path)
    return Table.open(path)


@pytest.mark.parametrize("search", ["true", "false"])
@pytest.mark.parametrize("unit", ["", "privacy_unit: person"])
def test_codes_in_a_file_give_the_same_table_and_measures(
    search: str, unit: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    table = _table(tmp_path / "raw.parquet")
    plan = parse_plan(_PLAN.format(search=search, unit=unit))
    settings = Settings(seed=7)
    here = protect_into(table, plan, tmp_path / "here", settings=settings)
    for place in ("anping.engine.stream.MOST_HELD", "anping.protect.apply.MOST_HELD"):
        monkeypatch.setattr(place, 100)
    filed = protect_into(table, plan, tmp_path / "filed", settings=settings)
    assert filed.table.arrow().equals(here.table.arrow())
    assert filed.measures == here.measures
