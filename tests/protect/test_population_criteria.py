"""Criteria about a population's table: from a plan to a release, counted again in plain Python."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable

import numpy as np
import pyarrow as pa
import pytest

from anping.core.errors import AnpingError, InputError, PlanError, SchemaError
from anping.core.measure import find
from anping.engine.table import Table
from anping.protect import dump_plan, parse_plan, protect
from anping.protect.apply import Protected
from anping.protect.fit_plan import Settings
from anping.protect.limits import limits_of

_PLAN = """\
plan: 1
model: {{k: 2, {model}}}
columns:
  age: {age}
  area: {{do: generalise, hierarchy: {{kind: category}}}}
  salary: {{do: keep}}
"""
_AGE = "{do: generalise, hierarchy: {kind: age}}"
SEARCH = "full_domain: true, local_recoding: false, suppression_limit: 0.3"


@pytest.fixture(scope="module")
def population() -> pa.Table:
    draw = np.random.default_rng(6)
    return pa.table({"age": draw.integers(20, 80, 3000), "area": draw.choice(list("ABCD"), 3000)})


@pytest.fixture(scope="module")
def table(population: pa.Table) -> pa.Table:
    draw = np.random.default_rng(7)
    # Nobody of area D is in the table.
    there = np.flatnonzero(population["area"].to_numpy(zero_copy_only=False) != "D")
    rows = population.take(pa.array(draw.choice(there, 300, replace=False)))
    return rows.append_column("salary", pa.array(draw.integers(1, 4, 300)))


def released(
    table: pa.Table, population: pa.Table | None, model: str, *, age: str = _AGE, seed: int = 1
) -> Protected:
    plan = parse_plan(_PLAN.format(model=model, age=age))
    assert parse_plan(dump_plan(plan).decode()) == plan
    beside = None if population is None else Table.of(population)
    return protect(Table.of(table), plan, settings=Settings(seed=seed, population=beside))


def told(made: Protected, name: str) -> float:
    found = find(made.measures, name)
    assert found is not None
    return found.value


def covering(made: Protected, table: pa.Table) -> Counter[tuple[str, str]]:
    """Count the rows of a table that each released class could be of."""
    found: Counter[tuple[str, str]] = Counter()
    classes = {(row["age"], row["area"]) for row in made.table.to_pylist()}
    leaves = Counter((str(row["age"]), row["area"]) for row in table.to_pylist())
    for (age, area), rows in leaves.items():
        paths = [set(made.paths["age"].get(age, ())), set(made.paths["area"].get(area, ()))]
        for one in classes:
            if one[0] in paths[0] and one[1] in paths[1]:
                found[one] += rows
    return found


@pytest.mark.parametrize("way", [SEARCH, "full_domain: true", "local_recoding: true",
                                 "recoding: numeric"])  # fmt: skip
def test_a_class_has_k_people_of_the_population(
    table: pa.Table, population: pa.Table, way: str
) -> None:
    made = released(table, population, f"criteria: [{{kind: k-map, k: 25}}], {way}")
    found = covering(made, population)
    assert min(found.values()) >= 25
    assert told(made, "deid.population.rows") == 3000
    assert told(made, "deid.population.outside") == 0
    smallest = told(made, "deid.population.smallest")
    assert 25 <= smallest <= min(found.values())
    assert any("k-map" in each.en for each in made.limits)


@pytest.mark.parametrize(("least", "most"), [(0.0, 0.2), (0.05, 0.3)])
@pytest.mark.parametrize("way", ["full_domain: true", "local_recoding: true", "recoding: numeric"])
def test_presence_stays_within_its_bounds_when_recoded_locally(
    table: pa.Table, population: pa.Table, least: float, most: float, *, way: str
) -> None:
    model = f"criteria: [{{kind: delta-presence, least: {least}, most: {most}}}], {way}"
    made = released(table, population, model)
    here = Counter((row["age"], row["area"]) for row in made.table.to_pylist())
    could_be = covering(made, population)
    assert max(here[one] / could_be[one] for one in here) <= most
    assert least <= told(made, "deid.presence.low") <= told(made, "deid.presence.high") <= most
    assert len(here) > 1
    assert any("code book" in each.en for each in made.limits)


@pytest.mark.parametrize(("least", "most"), [(0.0, 0.2), (0.05, 0.3)])
def test_presence_stays_within_its_bounds(
    table: pa.Table, population: pa.Table, least: float, most: float
) -> None:
    model = f"criteria: [{{kind: delta-presence, least: {least}, most: {most}}}], {SEARCH}"
    made = released(table, population, model)
    here = Counter((row["age"], row["area"]) for row in made.table.to_pylist())
    there = covering(made, population)
    shares = [here[one] / there[one] for one in here]
    assert least <= min(shares)
    assert max(shares) <= most
    assert told(made, "deid.presence.high") == pytest.approx(max(shares))
    assert told(made, "deid.presence.low") == pytest.approx(min(shares))


def test_the_population_goes_the_way_of_the_table(table: pa.Table, population: pa.Table) -> None:
    model = f"criteria: [{{kind: k-map, k: 25}}], {SEARCH}"
    age = "[{do: top_bottom, low: 30, high: 70}, " + _AGE + "]"
    narrow = population.set_column(0, "age", population["age"].cast(pa.int16()))
    narrow = narrow.append_column("name", pa.array([f"N{n}" for n in range(3000)]))
    made = released(table, narrow, model, age=age)
    ages = np.clip(population["age"].to_numpy(), 30, 70)
    clipped = population.set_column(0, "age", pa.array(ages))
    assert min(covering(made, clipped).values()) >= 25


def test_rows_that_the_population_lacks_are_counted(table: pa.Table, population: pa.Table) -> None:
    some = population.slice(0, 1500)
    made = released(table, some, f"criteria: [{{kind: k-map, k: 3}}], {SEARCH}")
    assert told(made, "deid.population.outside") > 0


def _no_area(population: pa.Table) -> pa.Table:
    return population.drop_columns(["area"])


def _worded(population: pa.Table) -> pa.Table:
    words = pa.array(["old" if age > 40 else "young" for age in population["age"].to_pylist()])
    return population.set_column(0, "age", words)


MISFITS: dict[str, tuple[Callable[[pa.Table], pa.Table | None], type[AnpingError]]] = {
    "plan.no-population": (lambda _: None, PlanError),
    "input.population-empty": (lambda each: each.slice(0, 0), InputError),
    "schema.population-column": (_no_area, SchemaError),
    "schema.population-type": (_worded, SchemaError),
}


@pytest.mark.parametrize("code", MISFITS)
def test_a_population_that_does_not_fit(table: pa.Table, population: pa.Table, code: str) -> None:
    change, kind = MISFITS[code]
    with pytest.raises(kind) as caught:
        released(table, change(population), f"criteria: [{{kind: k-map, k: 5}}], {SEARCH}")
    assert caught.value.code == code


IMPOSSIBLE = {
    "plan.presence": (
        f"criteria: [{{kind: delta-presence, least: 0.6, most: 0.5}}], {SEARCH}",
        _AGE,
    ),
    "plan.population-changed": (
        f"criteria: [{{kind: k-map, k: 5}}], {SEARCH}",
        "[{do: round, to: 5, method: random}, " + _AGE + "]",
    ),
}


@pytest.mark.parametrize("code", IMPOSSIBLE)
def test_a_plan_about_a_population_that_cannot_be(
    table: pa.Table, population: pa.Table, code: str
) -> None:
    model, age = IMPOSSIBLE[code]
    with pytest.raises(PlanError) as caught:
        released(table, population, model, age=age)
    assert caught.value.code == code


@pytest.mark.parametrize("way", [SEARCH, "full_domain: true, suppression_limit: 0.3",
                                 "suppression_limit: 0.3", "recoding: numeric"])  # fmt: skip
def test_average_risk_with_every_way_of_recoding(table: pa.Table, way: str) -> None:
    made = released(table, None, f"criteria: [{{kind: average-risk, most: 0.1}}], {way}")
    classes = {(row["age"], row["area"]) for row in made.table.to_pylist()}
    assert len(classes) <= 0.1 * made.table.num_rows
    limit = 0.3 if "0.3" in way else 0.05
    assert made.table.num_rows >= (1 - limit) * table.num_rows


def test_population_uniqueness_with_local_recoding(table: pa.Table) -> None:
    criterion = "{kind: population-uniqueness, most: 0.001, population: 100000}"
    made = released(table, None, f"criteria: [{criterion}]")
    classes = Counter((row["age"], row["area"]) for row in made.table.to_pylist())
    assert min(classes.values()) >= 2
    assert limits_of(parse_plan(_PLAN.format(model=f"criteria: [{criterion}]", age=_AGE)))
