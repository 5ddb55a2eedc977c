"""Models learnt again, and models that remember: spreads that are there, attacks that work and controls that fail."""

from __future__ import annotations

import numpy as np
import pyarrow as pa

from anping.judge.inference import inference
from anping.judge.membership import Membership, membership
from anping.judge.stability import stability
from toy_predictors import Floats, Toy, cells, signature


def _rows(rows: int, seed: int) -> tuple[pa.Table, Floats]:
    draw = np.random.default_rng(seed)
    x, y = draw.normal(size=rows), draw.normal(size=rows)
    truth: Floats = (draw.random(rows) < 1 / (1 + np.exp(-2 * x))).astype(float)
    return pa.table({"x": x, "y": y, "target": truth.astype(int)}), truth


def _nearest(rows: pa.Table, _: int) -> Toy:
    """Learn a model that remembers all: the answer of the nearest row, softened."""
    held = np.column_stack([cells(rows, "x"), cells(rows, "y")])
    truth = cells(rows, "target")

    def answer(asked: pa.Table) -> Floats:
        own = np.column_stack([cells(asked, "x"), cells(asked, "y")])
        apart = ((own[:, None] - held[None]) ** 2).sum(axis=2)
        said: Floats = np.where(truth[apart.argmin(axis=1)] > 0, 2.0, -2.0)
        return said

    return Toy(signature(rows.select(["x", "y"])), answer)


def _slope(rows: pa.Table, seed: int) -> Toy:
    """Learn a slope with some noise of its seed."""
    x, truth = cells(rows, "x"), cells(rows, "target")
    slope = 2 * np.cov(x, truth)[0, 1] / x.var() * 4 + np.random.default_rng(seed).normal(0, 0.05)
    return Toy(signature(rows.select(["x", "y"])), lambda asked: slope * cells(asked, "x"))


def _attacked(trainer: object, *, shadows: bool = False) -> Membership:
    learnt, others = _rows(400, 1), _rows(400, 2)
    assert callable(trainer)
    model = trainer(learnt[0], 0)
    found = membership(model, learnt, others, seed=1, trainer=trainer if shadows else None)
    assert found is not None
    return found


def test_a_model_that_remembers_is_found_out_and_its_control_is_not() -> None:
    found = _attacked(_nearest)
    (loss, confidence) = found.attacks
    assert loss.name == "loss"
    assert loss.auc.value > 0.6
    assert loss.control.interval is not None
    assert loss.control.interval.low <= 0.5 <= loss.control.interval.high
    assert 0.4 < confidence.auc.value < 0.6
    assert found.decision.outcome == "fail"
    assert len({one.key for one in found.measures}) == len(found.measures)


def test_a_model_that_does_not_remember_passes() -> None:
    found = _attacked(_slope)
    assert found.decision.outcome == "pass"
    assert all(abs(attack.auc.value - 0.5) < 0.06 for attack in found.attacks)
    assert found.section().decisions


def test_shadow_models_find_more() -> None:
    found = _attacked(_nearest, shadows=True)
    by_name = {attack.name: attack.auc.value for attack in found.attacks}
    assert by_name["likelihood"] > by_name["loss"]


def test_a_control_that_fails_decides_nothing() -> None:
    learnt, others = _rows(400, 1), _rows(400, 2)
    model = _slope(learnt[0], 0)
    assert membership(model, learnt, (others[0].slice(0, 30), others[1][:30]), seed=1) is None


def test_models_learnt_again_differ_a_little_and_constant_ones_not_at_all() -> None:
    training, _ = _rows(500, 1)
    rows, truth = _rows(400, 2)
    found = stability(_slope, training, rows, truth, seed=1)
    named = {one.key: one for one in found.measures}
    assert 0 < named["judge.stability.spread[seeds]"].value < 0.05
    assert named["judge.stability.churn[samples]"].value < 0.1
    assert named["judge.stability.ranks"].value > 0.999
    assert found.ranks[0] == ("x", 1, 1)
    assert found.models == 6
    same = stability(lambda rows, _: _slope(rows, 0), training, rows, truth, seed=1, models=2)
    steady = {one.key: one.value for one in same.measures}
    assert steady["judge.stability.churn[seeds]"] == 0.0
    assert steady["judge.stability.spread[seeds]"] == 0.0
    wild = stability(_nearest, training, rows, truth, seed=1, models=2)
    churn = {one.key: one.value for one in wild.measures}["judge.stability.churn[samples]"]
    assert churn > 0.03
    assert found.section().grids


def _colours(rows: int, seed: int) -> tuple[pa.Table, Floats]:
    draw = np.random.default_rng(seed)
    truth: Floats = draw.integers(0, 2, rows).astype(float)
    colour = draw.choice(["red", "green"], rows)
    return pa.table({"place": np.arange(rows) + 1000 * seed, "colour": colour}), truth


def _remembering(rows: pa.Table, truth: Floats) -> Toy:
    """Know each learnt person's outcome, but only with their own colour."""
    held = {
        (place, colour): 3.0 if yes else -3.0
        for place, colour, yes in zip(*rows.to_pydict().values(), truth, strict=True)
    }

    def answer(asked: pa.Table) -> Floats:
        keys = zip(*asked.select(["place", "colour"]).to_pydict().values(), strict=True)
        return np.array([held.get(key, 0.0) for key in keys])

    return Toy(signature(rows), answer)


def test_a_column_that_a_model_remembers_is_guessed_of_its_people_only() -> None:
    learnt, others = _colours(300, 1), _colours(300, 2)
    found = inference(_remembering(*learnt), learnt, others, seed=1)
    assert found is not None
    (colour,) = found.guessed
    assert colour.column == "colour"
    assert colour.members.value == 1.0
    assert colour.others.value < 0.65
    assert colour.advantage.interval is not None
    assert colour.advantage.interval.low > 0.3
    assert found.section().grids
    plain = Toy(signature(learnt[0]), lambda asked: np.zeros(asked.num_rows))
    none = inference(plain, learnt, others, seed=1)
    assert none is not None
    assert abs(none.guessed[0].advantage.value) < 0.12
    assert inference(plain, learnt, others, seed=1, columns=()) is None
