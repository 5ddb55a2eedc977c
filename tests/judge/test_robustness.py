"""Rows that go wrong, other mixes of people, and small changes: what they cost a model whose answer is known."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from anping.judge.actions import Actions
from anping.judge.adversary import adversary
from anping.judge.counterfactual import Goal
from anping.judge.recourse import recourse
from anping.judge.robustness import Robustness, robustness
from anping.judge.shift import shift
from anping.judge.stresses import column_stresses, overall_stresses
from toy_predictors import Floats, Toy, cells, people, risky, signature


def _truth(toy: Toy, rows: pa.Table, seed: int = 2) -> Floats:
    chance = toy.predict(rows).values[:, 1]
    drawn: Floats = (np.random.default_rng(seed).random(rows.num_rows) < chance).astype(float)
    return drawn


def _robust(rows: pa.Table, toy: Toy) -> Robustness:
    found = robustness(toy, rows, _truth(toy, rows), seed=1)
    assert found is not None
    return found


def _named(found: Robustness, name: str, subject: str) -> tuple[float, float]:
    (one,) = [each for each in found.stressed if (each.stress.name, each.stress.subject) == (name, subject)]  # fmt: skip
    assert one.changed is not None
    return one.lost.value, one.changed.value


def test_more_gaps_and_noise_cost_more_and_what_is_not_read_costs_nothing() -> None:
    rows = people(1500).append_column("idle", pa.array(np.random.default_rng(1).random(1500)))
    toy = risky(rows)
    found = _robust(rows, toy)
    for name, subjects in (("missing", ("5 %", "20 %")), ("noise", ("0.1 spreads", "1 spreads"))):
        less, more = (_named(found, name, subject) for subject in subjects)
        assert less[1] < more[1]
        assert more[0] > 0.01
    assert _named(found, "absent", "idle") == (0.0, 0.0)
    assert _named(found, "absent", "debt")[0] > 0.05
    assert _named(found, "times_1000", "debt")[1] > 0.2
    assert found.worst[0].lost.value == max(each.lost.value for each in found.stressed)
    assert all(each.lost.n == 1500 and each.lost.interval is not None for each in found.stressed)
    assert len({measure.key for measure in found.measures}) == len(found.measures)
    assert found.section().grids


@settings(max_examples=15, deadline=None)
@given(seed=st.integers(0, 1000))
def test_stresses_keep_rows_and_columns_and_change_what_they_say(seed: int) -> None:
    rows = people(300, seed)
    told = signature(rows)
    for stress in [*overall_stresses(told), *column_stresses(rows, told.features[0])]:
        changed = stress.change(rows, np.random.default_rng(seed))
        assert changed.num_rows == 300
        assert changed.column_names == rows.column_names
        again = stress.change(rows, np.random.default_rng(seed))
        assert changed.equals(again)
        if stress.name == "missing":
            gaps = sum(changed.column(name).null_count for name in changed.column_names)
            share = float(stress.subject.split()[0]) / 100
            assert gaps / (4 * 300) == pytest.approx(share, abs=0.05)
        if stress.name == "absent":
            assert changed.column(stress.subject).null_count == 300


def test_years_may_be_those_of_the_republic() -> None:
    rows = pa.table({"born": np.arange(1950, 2000), "size": np.arange(50) / 7})
    toy = Toy(signature(rows), lambda asked: cells(asked, "born") - 1975)
    found = {name: [one.name for feature in toy.signature.features if feature.name == name for one in column_stresses(rows, feature)] for name in rows.column_names}  # fmt: skip
    assert "calendar" in found["born"]
    assert "calendar" not in found["size"]
    (stress,) = [one for one in column_stresses(rows, toy.signature.features[0]) if one.name == "calendar"]  # fmt: skip
    changed = stress.change(rows, np.random.default_rng(0))
    assert changed.column("born").to_pylist() == list(range(39, 89))


def test_one_class_or_no_truth_is_not_judged() -> None:
    rows = people(60)
    toy = risky(rows)
    assert robustness(toy, rows, np.ones(60), seed=1) is None
    assert robustness(toy, rows, np.full(60, np.nan), seed=1) is None
    assert shift(toy, rows, np.ones(60), seed=1) is None


def test_a_slice_where_the_model_fails_is_found() -> None:
    rows = people(2000)
    toy = risky(rows)
    truth = _truth(toy, rows)
    drivers = np.array(rows.column("job").to_pylist()) == "driver"
    truth[drivers] = np.random.default_rng(9).integers(0, 2, int(drivers.sum()))
    found = shift(toy, rows, truth, seed=1)
    assert found is not None
    assert found.slices[0].subject == "job is “driver”"
    assert found.slices[0].value == pytest.approx(0.5, abs=0.06)
    assert found.score.value > found.slices[0].value
    assert {one.subject for one in found.tilted} == {f"{name} {sign}" for name in ("income", "debt", "age") for sign in "+-"}  # fmt: skip
    assert all(one.interval is not None and one.interval.low <= one.value <= one.interval.high for one in found.measures)  # fmt: skip


def test_numbers_are_judged_without_decisions() -> None:
    rows = people(500)
    toy = Toy(signature(rows, "number"), lambda asked: cells(asked, "income") * 2)
    truth = cells(rows, "income") * 2 + np.random.default_rng(3).normal(0, 5, 500)
    found = robustness(toy, rows, truth, seed=1)
    assert found is not None
    assert all(each.changed is None for each in found.stressed)
    assert _lost(found, "absent", "income") > 0.5
    assert adversary(toy, rows, seed=1) is None
    assert shift(toy, rows, truth, seed=1) is not None


def _lost(found: Robustness, name: str, subject: str) -> float:
    (one,) = [each for each in found.stressed if (each.stress.name, each.stress.subject) == (name, subject)]  # fmt: skip
    return one.lost.value


def test_small_changes_turn_decisions_at_the_edge_only() -> None:
    rows = people(600)
    found = adversary(risky(rows), rows, seed=1, most=40)
    assert found is not None
    shares = [one.value for one in found.flipped]
    assert shares == sorted(shares)
    assert shares[-1] > shares[0]
    firm = Toy(signature(rows), lambda asked: np.full(asked.num_rows, -4.0))
    none = adversary(firm, rows, seed=1, most=10)
    assert none is not None
    assert [one.value for one in none.flipped] == [0.0] * len(none.flipped)


def test_recourse_counts_who_has_none_and_holds_when_asked_again() -> None:
    rows = people(600)
    toy = risky(rows)
    found = recourse(
        toy, rows, Goal("no"), actions=Actions(("job", "age"), most=2), seed=1, most=25
    )
    assert found is not None
    named = {one.name.rsplit(".", 1)[1]: one for one in found.measures}
    assert named["valid"].value == 1.0
    assert named["none"].n == 25
    assert 1 <= named["columns"].value <= 2
    stuck = recourse(
        toy, rows, Goal("no"), actions=Actions(tuple(rows.column_names)), seed=1, most=12
    )
    assert stuck is not None
    assert stuck.measures[0].value == 1.0
    assert recourse(toy, rows.slice(0, 5), Goal("no"), seed=1) is None
