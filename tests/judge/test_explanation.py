"""What a model leans on: exact where it tells, estimated where not, and put in words."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from anping.core.errors import ParameterError, SchemaError
from anping.core.text import Text
from anping.engine.prediction import Contributions, Feature, Signature
from anping.judge.asking import numbers
from anping.judge.attribution import attribution
from anping.judge.importance import importance
from anping.judge.partial_dependence import Effect, effects
from anping.judge.reasons import Wording, reasons_of
from anping.judge.reference import Reference, reference_of
from anping.judge.section import Plot, Spots
from toy_predictors import Floats, Toy, cells, people, risk, risky, signature


class _Telling(Toy):
    """A sum of columns that tells its parts."""

    def contributions(self, rows: pa.Table) -> Contributions:
        parts = np.column_stack([cells(rows, name) for name in ("a", "b", "c")]) * [2.0, -1.0, 0.0]
        return Contributions(np.array([0.5]), (parts - [1.0, -0.5, 0.0])[:, :, None])


def _sum(rows: pa.Table) -> Floats:
    found: Floats = 2 * cells(rows, "a") - cells(rows, "b")
    return found


def _uniform(rows: int = 500) -> pa.Table:
    draw = np.random.default_rng(1)
    return pa.table({name: draw.random(rows) for name in ("a", "b", "c")})


def _truth(toy: Toy, rows: pa.Table, seed: int = 2) -> Floats:
    chance = toy.predict(rows).values[:, 1]
    drawn: Floats = (np.random.default_rng(seed).random(rows.num_rows) < chance).astype(float)
    return drawn


def test_a_column_that_is_not_there_and_values_of_other_rows_are_told() -> None:
    rows = _uniform()
    toy = _Telling(signature(rows), _sum)
    with pytest.raises(SchemaError):
        effects(toy, rows, ("d",), seed=1)
    for few in (rows.slice(0, 0), rows.slice(0, 7)):
        with pytest.raises(ParameterError):
            importance(toy, few, _truth(toy, rows), seed=1)
    with pytest.raises(ParameterError) as problem:
        reasons_of(toy.contributions(rows), rows.slice(0, 2), signature=toy.signature)
    assert problem.value.code == "judge.rows"


def test_columns_that_matter_come_first_and_a_useless_one_has_nothing() -> None:
    rows = _uniform()
    toy = _Telling(signature(rows), _sum)
    found = importance(toy, rows, _truth(toy, rows), seed=1)
    assert found.order == ("a", "b", "c")
    assert found.attribution.how == "exact"
    by_column = {each.column: each for each in found.columns}
    assert by_column["c"].added.value == 0
    permuted = by_column["c"].permuted
    assert permuted is not None
    assert permuted.value == 0
    wanted = np.abs(2 * cells(rows, "a") - 1).mean()
    one = by_column["a"].added
    assert one.value == pytest.approx(wanted)
    assert one.interval is not None
    assert one.interval.low < one.value < one.interval.high
    assert one.n == 500
    assert len(found.section().grids[0].rows) == 3


def test_estimates_are_the_exact_ones_of_a_sum() -> None:
    rows = _uniform()
    toy = Toy(signature(rows), _sum)
    found = attribution(toy, rows.slice(0, 40), background=rows, seed=3, orders=200)
    assert found.how == "sampled"
    told = found.contributions
    assert np.allclose(told.sums[:, 0], _sum(rows.slice(0, 40)), atol=1e-8)
    wanted = 2 * (cells(rows, "a")[:40] - cells(rows, "a").mean())
    assert np.abs(told.values[:, 0, 0] - wanted).max() < 0.15
    assert np.allclose(told.values[:, 2, 0].std(), 0, atol=1e-9)


def test_curves_follow_a_sum_and_its_slopes() -> None:
    rows = _uniform(900)
    toy = Toy(signature(rows, "number"), _sum)
    found = effects(toy, rows, ("a", "b"), seed=1, most=100)
    slopes = {"a": 2.0, "b": -1.0}
    assert [(one.column, one.shape) for one in found.effects] == [
        ("a", "partial"), ("a", "accumulated"), ("b", "partial"), ("b", "accumulated")
    ]  # fmt: skip
    for one in found.effects:
        at, value = (
            np.array([getattr(point, name) for point in one.points]) for name in ("at", "value")
        )
        assert np.allclose(np.diff(value) / np.diff(at), slopes[one.column])
        assert all(
            point.low <= point.value + 1e-9 and point.value <= point.high + 1e-9
            for point in one.points
        )
    assert sum(point.n for point in found.effects[0].points) == 900
    assert len(found.section().pictures) == 2


def test_accumulated_effects_do_not_ask_of_rows_that_cannot_be() -> None:
    draw = np.random.default_rng(4)
    a = draw.random(800)
    rows = pa.table({"a": a, "b": a + draw.normal(0, 0.02, 800), "c": draw.random(800)})

    def odd(asked: pa.Table) -> Floats:
        # Wild where the two columns part, which never happens.
        return np.where(
            np.abs(cells(asked, "a") - cells(asked, "b")) > 0.2, 50.0, cells(asked, "c")
        )

    found = effects(Toy(signature(rows, "number"), odd), rows, ("a",), seed=1)
    spans = {one.shape: one.span.value for one in found.effects}
    assert spans["accumulated"] < 0.2
    assert spans["partial"] > 5
    assert found.effects[0].close == ("b",)
    assert any("ALE" in note.en for note in found.section().notes)


def _categories(found: Effect) -> list[str]:
    return [point.label for point in found.points]


def test_dates_are_told_as_dates() -> None:
    days = np.arange(300).astype("datetime64[D]") + np.datetime64("2020-01-01").astype(int)
    rows = pa.table({"day": pa.array(days)})
    since = Feature("day", "date", (), 737425.0, 737724.0)
    toy = Toy(
        Signature("target", "number", (), (since,)), lambda asked: numbers(asked, since) / 100
    )
    found = effects(toy, rows, ("day",), seed=1)
    (plot,) = found.section().pictures
    assert isinstance(plot, Plot)
    assert plot.ticks[0].label.en == "2020-01-04"
    assert len(plot.ticks) == 4
    assert [one.shape for one in found.effects] == ["partial", "accumulated"]


def test_categories_have_partial_dependence_only() -> None:
    rows = people()
    found = effects(risky(rows), rows, ("job",), seed=1)
    assert [one.shape for one in found.effects] == ["partial"]
    assert _categories(found.effects[0]) == ["clerk", "driver", "nurse"]
    (spots,) = found.section().pictures
    assert isinstance(spots, Spots)
    assert [spot.label.en for spot in spots.spots] == ["clerk", "driver", "nurse"]
    values = {point.label: point.value for point in found.effects[0].points}
    assert values["driver"] > values["nurse"] == pytest.approx(values["clerk"])


def _told(task: str, values: Floats, classes: tuple[str, ...] = ("no", "yes")) -> tuple[Contributions, pa.Table, Reference, Toy]:  # fmt: skip
    rows = people()
    toy = Toy(signature(rows, task, classes), risk)  # type: ignore[arg-type]
    row = pa.table(
        {"income": [12], "debt": [20.5], "age": pa.array([None], pa.int64()), "job": ["driver"]}
    )
    return (
        Contributions(np.zeros(values.shape[2]), values),
        row,
        reference_of(rows, toy.signature),
        toy,
    )


def test_reasons_say_how_usual_a_cell_is_and_how_far_it_moves_the_chance() -> None:
    values = np.array([[[1.0], [-0.5], [0.2], [0.0]]])
    told, row, reference, toy = _told("binary", values)
    titles = {"income": Text("月收入", "monthly income")}
    outcome = Text("違約", "default")
    (reasons,) = reasons_of(told, row, signature=toy.signature, reference=reference, wording=Wording(titles, outcome=outcome))  # fmt: skip
    assert [one.column for one in reasons] == ["income", "debt", "age"]
    assert reasons[0].text.en == "monthly income is 12, lower than nearly all: it raises the chance of default by 24 points"  # fmt: skip
    assert reasons[0].text.zh == "月收入 12（比幾乎所有資料低）：讓違約的機率提高 24 個百分點"
    assert reasons[2].text.en == "age is not given: it raises the chance of default by 5 points"
    chance = 1 / (1 + np.exp(-0.7))
    assert reasons[0].effect == pytest.approx(100 * (chance - 1 / (1 + np.exp(0.3))))
    (lowering,) = reasons_of(told, row, signature=toy.signature, wording=Wording(way="lowering"))
    assert [one.column for one in lowering] == ["debt"]
    (of_no,) = reasons_of(told, row, signature=toy.signature, wording=Wording(of="no", most=1))
    assert of_no[0].effect == pytest.approx(-reasons[0].effect)


def test_reasons_of_numbers_and_of_several_classes() -> None:
    values = np.array([[[3.0], [-5.5], [0.0], [0.0]]])
    told, row, reference, toy = _told("number", values)
    (reasons,) = reasons_of(told, row, signature=toy.signature, reference=reference, wording=Wording(unit=Text("元", "dollars")))  # fmt: skip
    assert reasons[0].text.en == "debt is 20.5, in the usual range: it lowers the predicted target by 5.5 dollars"  # fmt: skip
    several = np.zeros((1, 4, 3))
    several[0, 3] = [0.0, 0.0, 2.0]
    told, row, reference, toy = _told("classes", several, ("low", "mid", "high"))
    (reasons,) = reasons_of(told, row, signature=toy.signature, reference=reference)
    assert len(reasons) == 1
    assert "“driver”" in reasons[0].text.en
    assert "the chance of “high”" in reasons[0].text.en


@settings(max_examples=30, deadline=None)
@given(seed=st.integers(0, 1000))
def test_a_reference_ranks_as_the_rows_do_and_survives_its_file(seed: int) -> None:
    draw = np.random.default_rng(seed)
    rows = pa.table({"x": draw.normal(size=300)})
    reference = reference_of(rows, signature(rows))
    again = Reference.from_json(reference.as_json())
    assert again == reference
    asked = float(draw.normal())
    share = float((rows.column("x").to_numpy() < asked).mean())
    assert reference.columns["x"].rank(asked) == pytest.approx(share, abs=0.02)
