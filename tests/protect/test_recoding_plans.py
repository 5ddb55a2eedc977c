"""Local recoding asked for in a plan: cut along hierarchies, or anywhere."""

from __future__ import annotations

import pickle
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest

from anping.core.measure import find
from anping.engine.table import Table
from anping.protect.apply import protect, protect_into
from anping.protect.deid.loss import information_loss_of_release
from anping.protect.fit_plan import Means, Settings, fit_plan
from anping.protect.plan_file import dump_plan, parse_plan

PLAN = """\
plan: 1
model: {k: 5, recoding: numeric}
columns:
  age: {do: generalise, hierarchy: {kind: age}}
  born: {do: generalise, hierarchy: {kind: date}}
  zone: {do: generalise, hierarchy: {kind: category}}
"""


@pytest.fixture(scope="module")
def people() -> Table:
    draw = np.random.default_rng(8)
    days = np.datetime64("1990-01-01") + draw.integers(0, 4000, 600)
    return Table.of(
        pa.table(
            {
                "age": draw.integers(18, 80, 600),
                "born": pa.array(days),
                "zone": [str(zone) for zone in draw.integers(1, 9, 600)],
            }
        )
    )


def test_a_numeric_plan_is_written_applied_and_accounted_for(people: Table, tmp_path: Path) -> None:
    plan = parse_plan(PLAN)
    assert plan.model is not None
    assert parse_plan(dump_plan(plan).decode()) == plan
    settings = Settings(seed=4)
    done = protect(people, plan, settings=settings)
    nested = protect(people, parse_plan(PLAN.replace("numeric", "hierarchical")), settings=settings)
    loss, other, coarser, minimal = (
        find(measures, name)
        for measures, name in (
            (done.measures, "deid.information_loss"),
            (nested.measures, "deid.information_loss"),
            (done.measures, "deid.rows.left_coarser"),
            (done.measures, "deid.information_loss.minimal"),
        )
    )
    assert loss is not None
    assert other is not None
    assert coarser is not None
    assert minimal is not None
    assert loss.value < other.value
    assert minimal.value <= loss.value
    again = information_loss_of_release(done.table, done.coverage, suppressed_rows=0)
    assert again == pytest.approx(loss.value, abs=1e-9)
    # Categories that look like numbers are no scale.
    assert set(done.table.column("zone").to_pylist()) <= {*map(str, range(1, 9)), "*"}
    assert any("-" in text for text in done.table.column("age").to_pylist())
    assert any("/" in text for text in done.table.column("born").to_pylist())
    assert len(done.limits) == len(nested.limits) + 1
    assert any(f"{coarser.value:,.0f}" in limit.en for limit in done.limits)
    written = protect_into(people, plan, tmp_path / "out", settings=settings)
    assert written.table.arrow() == done.table


def test_a_fitted_recoding_travels(people: Table) -> None:
    settings = Settings(seed=4)
    plan = parse_plan(PLAN)
    fit = fit_plan(people, plan, means=Means(), settings=settings, progress=lambda *_: None)
    again = pickle.loads(pickle.dumps(fit.protection))
    (batch, *_) = people.arrow().to_batches()
    numbered = batch.append_column(fit.protection.columns.numbers, pa.array(np.arange(len(batch))))
    assert again(numbered).equals(fit.protection(numbered))


def test_without_local_recoding_a_plan_searches() -> None:
    model = parse_plan(PLAN.replace("recoding: numeric", "local_recoding: false")).model
    assert model is not None
    assert model.full_domain
    default = parse_plan(PLAN).model
    assert default is not None
    assert not default.full_domain
