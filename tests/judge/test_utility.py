import sys
from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from anping.core.errors import AnpingError, MissingExtraError, ParameterError, SchemaError
from anping.core.measure import Measure
from anping.engine.table import Table
from anping.judge.distribution import measure_distribution
from anping.judge.reading import Reading
from anping.judge.utility import UtilityOptions, measure_utility

PATHS: dict[str, dict[str, tuple[str, ...]]] = {
    "age": {str(a): (str(a), f"{a // 10 * 10}-", "*") for a in range(20, 60)},
    "zone": {z: (z, "*") for z in ("north", "south", "east")},
}


def people(n: int = 900, seed: int = 4) -> pa.Table:
    generator = np.random.default_rng(seed)
    age = generator.integers(20, 60, n)
    zone = generator.choice(["north", "south", "east"], n)
    risk = (age - 40) / 8 + (zone == "north") * 1.5 + generator.logistic(size=n)
    return pa.table(
        {
            "age": age,
            "zone": zone,
            "noise": generator.normal(size=n),
            "default": np.where(risk > 0.5, "yes", "no"),
            "grade": np.array(["low", "mid", "high"])[np.digitize(risk, [-1, 1.5])],
            "limit": np.round(risk * 1000 + 50_000),
        }
    )


def release(
    raw: pa.Table, levels: tuple[int, int], keep: int | None = None
) -> tuple[pa.Table, pa.Table]:
    order = np.random.default_rng(2).permutation(raw.num_rows)[:keep]
    shown = raw.take(pa.array(order))
    for (name, paths), level in zip(PATHS.items(), levels, strict=True):
        cells = [paths[str(cell)][level] for cell in shown.column(name).to_pylist()]
        shown = shown.set_column(shown.column_names.index(name), name, pa.array(cells))
    return shown, pa.table({"protected_row": np.arange(order.size), "raw_row": order})


OTHERS = {
    "default": ("grade", "limit"),
    "grade": ("default", "limit"),
    "limit": ("default", "grade"),
}


def utility(
    raw: pa.Table, levels: tuple[int, int], target: str = "default", **more: Any
) -> dict[str, Measure]:
    shown, links = release(raw, levels, more.pop("keep", None))
    options: dict[str, Any] = {
        "exclude": OTHERS[target],
        "seed": 5,
        "draws": 60,
        "reading": Reading(PATHS),
    } | more
    measures = measure_utility(
        raw, shown, links=links, target=target, options=UtilityOptions(**options)
    )
    return {measure.key: measure for measure in measures}


def test_unprotected_data_loses_nothing() -> None:
    found = utility(people(), (0, 0))
    assert found["utility.auc[raw]"].value > 0.75
    assert found["utility.auc.kept"].value == pytest.approx(1, abs=0.02)
    assert found["utility.auc[raw]"].n == 270


def test_generalising_loses_and_generalising_all_leaves_chance() -> None:
    raw = people()
    half = utility(raw, (1, 0))
    top = utility(raw, (2, 1))
    assert half["utility.auc.kept"].value > 0.9
    assert top["utility.auc[raw]"].value > 0.75
    interval = top["utility.auc[protected]"].interval
    assert interval is not None
    assert interval.low < 0.5 < interval.high + 0.05
    lost = top["utility.auc.lost"].interval
    assert lost is not None
    assert lost.low > 0.1
    assert lost.method == "delong-paired"


def test_a_seed_repeats_the_result() -> None:
    assert utility(people(300), (1, 0)) == utility(people(300), (1, 0))
    assert utility(people(300), (1, 0)) != utility(people(300), (1, 0), seed=6)


def test_several_classes_and_numbers() -> None:
    raw = people(600)
    grades = utility(raw, (1, 0), "grade")
    assert grades["utility.macro_auc[raw]"].value > 0.65
    assert grades["utility.macro_auc[protected]"].interval is not None
    limits = utility(raw, (2, 1), "limit")
    assert limits["utility.r2[raw]"].value > 0.3
    assert limits["utility.r2[protected]"].value < 0.1
    assert limits["utility.rmse[protected]"].value > limits["utility.rmse[raw]"].value
    assert limits["utility.rmse[raw]"].unit == "target unit"


def test_nobody_is_learnt_from_and_tested_on() -> None:
    # Twice the same people with a target that only the person explains: a leak would score 1.
    generator = np.random.default_rng(8)
    n = 300
    key = generator.normal(size=n)
    target = generator.choice(["yes", "no"], n)
    raw = pa.table({"key": np.r_[key, key], "default": np.r_[target, target]})
    links = pa.table({"protected_row": range(2 * n), "raw_row": range(2 * n)})

    def run(person: Any) -> dict[str, Measure]:
        options = UtilityOptions(person=person, seed=1, draws=40)
        measures = measure_utility(raw, raw, links=links, target="default", options=options)
        return {measure.key: measure for measure in measures}

    apart = run(np.r_[np.arange(n), np.arange(n)])
    assert apart["utility.auc[raw]"].value < 0.65
    assert run(None)["utility.auc[raw]"].value > 0.65
    assert run(pa.chunked_array([np.r_[np.arange(n), np.arange(n)]])) == apart
    once = run([None, ""] * n)
    assert once["utility.auc[raw]"].value > 0.65
    interval = apart["utility.auc[raw]"].interval
    assert interval is not None
    assert interval.method == "bootstrap-percentile-grouped"


def test_a_large_table_is_sampled_by_people_and_says_so() -> None:
    raw = people(3000)
    raw = raw.append_column("who", pa.array([f"p{at % 2500}" for at in range(3000)]))
    found = utility(raw, (1, 0), rows=1200, person="who")
    measure = found["utility.auc[raw]"]
    assert measure.value > 0.7
    assert measure.n < 400
    assert "of 3,000 rows, people drawn at random" in measure.method
    assert found == utility(raw, (1, 0), rows=1200, person="who")
    assert "drawn" not in utility(raw, (1, 0), rows=3000)["utility.auc[raw]"].method


def test_leaves_may_lie_beside_the_raw_table() -> None:
    raw = people(400)
    leaves = pa.table({"zone": raw.column("zone")})
    texts = pa.array([f"{zone} road" for zone in raw["zone"].to_pylist()])
    addresses = raw.set_column(1, "zone", texts)
    shown, links = release(raw, (1, 0))

    def run(table: pa.Table, **more: Any) -> tuple[Measure, ...]:
        options = UtilityOptions(exclude=("grade", "limit"), draws=20, rows=300, **more)
        return measure_utility(table, shown, links=links, target="default", options=options)

    plain = run(raw, reading=Reading(PATHS))
    assert run(addresses, reading=Reading(PATHS), leaf_table=Table.of(leaves)) == plain
    assert run(addresses, reading=Reading(PATHS, {"zone": lambda c: str(c).split()[0]})) == plain


def test_suppressed_rows_and_dropped_columns_cost() -> None:
    raw = people(600)
    few = utility(raw, (0, 0), keep=60)
    assert few["utility.auc.kept"].value < 1
    shown, links = release(raw, (0, 0))
    options = UtilityOptions(exclude=("grade", "limit"), reading=Reading(PATHS), draws=20)
    measures = measure_utility(
        raw, shown.drop_columns(["age"]), links=links, target="default", options=options
    )
    kept = [m.value for m in measures if m.name == "utility.auc.kept"]
    assert kept[0] < 0.95


def test_a_release_without_rows_predicts_nothing() -> None:
    found = utility(people(300), (0, 0), keep=0)
    assert found["utility.auc[protected]"].value == 0.5


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"target": "nothing"}, "schema.missing-column"),
        ({"raw": "one-class"}, "utility.one-class"),
        ({"raw": "few"}, "utility.too-few-rows"),
        ({"options": UtilityOptions(test_share=1.0)}, "utility.test-share"),
        ({"options": UtilityOptions(person=["A"])}, "utility.person-length"),
        (
            {"options": UtilityOptions(exclude=("age", "zone", "noise", "grade", "limit"))},
            "utility.no-features",
        ),
        ({"links": pa.table({"protected_row": [0], "raw_row": [0]})}, "links.incomplete"),
        ({"raw": "words", "target": "words"}, "utility.many-classes"),
    ],
)
def test_mistakes_are_named(change: dict[str, Any], code: str) -> None:
    raw = people(200)
    match change.pop("raw", None):
        case "one-class":
            raw = raw.set_column(3, "default", pa.array(["yes"] * 200))
        case "few":
            raw = raw.slice(0, 40)
        case "words":
            raw = raw.append_column("words", pa.array([f"w{at % 50}" for at in range(200)]))
    links = pa.table({"protected_row": range(raw.num_rows), "raw_row": range(raw.num_rows)})
    with pytest.raises((ParameterError, SchemaError)) as caught:
        measure_utility(raw, raw, **({"links": links, "target": "default"} | change))
    assert isinstance(caught.value, AnpingError)
    assert caught.value.code == code


def test_the_extra_is_named_when_it_is_absent(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "lightgbm", None)
    with pytest.raises(MissingExtraError) as caught:
        utility(people(200), (0, 0))
    assert "anping[learn]" in caught.value.hint.en


def test_distributions_are_compared_column_by_column() -> None:
    raw = people(400)

    def distances(levels: tuple[int, int]) -> dict[str, float]:
        shown, _ = release(raw, levels)
        columns = ("age", "zone", "default")
        measures = measure_distribution(raw, shown, columns=columns, reading=Reading(PATHS))
        return {measure.subject: measure.value for measure in measures}

    assert distances((0, 0)) == {"age": 0, "zone": 0, "default": 0}
    half, top = distances((1, 0)), distances((2, 1))
    assert 0 < half["age"] < top["age"] <= 1
    assert 0 < top["zone"] < 0.2
    with pytest.raises(SchemaError):
        measure_distribution(raw, raw.drop_columns(["age"]), columns=["age"])
