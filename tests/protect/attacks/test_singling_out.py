from math import exp
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from anping.core.errors import ParameterError, SchemaError
from anping.core.measure import Measure
from anping.protect.risk.attacks.predicates import Predicate, coded, satisfied, weight
from anping.protect.risk.attacks.scene import Attacked, AttackOptions
from anping.protect.risk.attacks.singling_out import isolating, single_out
from anping.protect.risk.compatible import Compatible

EVERY = ("age", "zone", "sick", "income")


def by_name(measures: tuple[Measure, ...]) -> dict[str, Measure]:
    return {m.name.removeprefix("risk.singling_out."): m for m in measures}


def test_unique_people_of_a_raw_table_are_singled_out(people: Any, scene: Any) -> None:
    found = by_name(single_out(scene(people(800)), EVERY))
    assert found["multivariate.success"].value > 0.95
    assert found["multivariate.control"].value < 0.1
    assert found["univariate.success"].value == 1.0
    assert found["univariate.control"].value == 0.0
    # A value that one person has isolates by chance as often as any predicate can.
    assert found["univariate.baseline"].value == pytest.approx(exp(-1), abs=0.01)
    excess = found["multivariate.excess"].interval
    assert excess is not None
    assert excess.low > 0.2


def test_a_fully_generalised_release_singles_out_nobody(people: Any, scene: Any) -> None:
    found = by_name(single_out(scene(people(400), (2, 2)), ("age", "zone")))
    assert {m.value for name, m in found.items() if name.endswith("success")} == {0.0}


def test_outsiders_are_the_control_where_there_are_any(people: Any, scene: Any) -> None:
    raw, others = people(500), people(500, seed=7)
    found = by_name(single_out(scene(raw, control=others), EVERY))
    assert "not in the raw table" in found["multivariate.control"].title.en
    assert found["multivariate.control"].value < 0.2
    assert found["multivariate.success"].value > 0.9


def test_a_person_with_two_equal_rows_is_still_one_person(people: Any, scene: Any) -> None:
    raw = people(200)
    twice = pa.concat_tables([raw, raw])
    who = np.r_[np.arange(200), np.arange(200)]
    as_person = by_name(single_out(scene(twice, person=who), EVERY))
    as_rows = by_name(single_out(scene(twice), EVERY))
    assert as_person["multivariate.success"].value > 0.9
    assert as_rows["multivariate.success"].value < 0.1


def test_noise_is_allowed_for(people: Any, scene: Any) -> None:
    raw = people(300)
    income = raw["income"].to_numpy()
    near = income + np.random.default_rng(3).normal(0, 0.2, income.size)
    far = np.random.default_rng(3).permutation(income)
    success = [
        by_name(single_out(scene(raw, changed={"income": cells}), ("income",)))
        for cells in (near, far)
    ]
    assert success[0]["univariate.success"].value > 0.8
    # A permutation shows the same values: they still exist, one person each.
    assert success[1]["univariate.control"].value > 0.5
    assert success[1]["univariate.success"].value > 0.8


def test_a_seed_repeats_the_attack(people: Any, scene: Any) -> None:
    raw = people(300)
    options = AttackOptions(seed=4, targets=50)
    one = single_out(scene(raw, (1, 1)), EVERY, options=options)
    assert one == single_out(scene(raw, (1, 1)), EVERY, options=options)
    assert by_name(one)["multivariate.success"].n == 50
    assert one[0].seed == 4
    less = AttackOptions(targets=50, work=12_000)
    assert by_name(single_out(scene(raw), EVERY, options=less))["multivariate.success"].n == 10


cells = st.tuples(
    st.integers(20, 24), st.sampled_from(["A0", "A1", "B0"]), st.integers(0, 2), st.integers(0, 2)
)


@given(st.lists(cells, min_size=1, max_size=12), st.data())
@settings(max_examples=60)
def test_predicates_hold_for_whom_they_should(
    rows: list[tuple[int, str, int, int]], data: st.DataObject
) -> None:
    ages = {str(age): (str(age), "2-" if age < 22 else "2+", "*") for age in range(20, 25)}
    zones = {zone: (zone, zone[0], "*") for zone in ("A0", "A1", "B0")}
    raw = pa.table({"age": [row[0] for row in rows], "zone": [row[1] for row in rows]})
    shown = pa.table(
        {
            "age": [ages[str(age)][level] for age, _, level, _ in rows],
            "zone": [zones[zone][level] for _, zone, _, level in rows],
        }
    )
    links = pa.table({"protected_row": range(len(rows)), "raw_row": range(len(rows))})
    compatible = Compatible({"age": ages, "zone": zones})
    known = coded(Attacked.of(raw, shown, links=links, compatible=compatible), ("age", "zone"))
    row = data.draw(st.integers(0, len(rows) - 1))
    chosen = data.draw(st.sampled_from([(0,), (1,), (0, 1)]))
    told = Predicate(chosen, tuple(int(known[at].released[row]) for at in chosen), row)
    paths = (ages, zones)
    columns = (shown["age"].to_pylist(), shown["zone"].to_pylist())
    fits = [
        all(columns[at][row] in paths[at][str(raw.column(at)[person].as_py())] for at in chosen)
        for person in range(len(rows))
    ]
    assert sorted(satisfied(told, known).tolist()) == np.flatnonzero(fits).tolist()
    assert 0 < weight(told, known) <= 1


@given(st.floats(0, 1), st.integers(1, 10_000))
def test_chance_isolates_the_more_the_nearer_to_one_in_n(share: float, people: int) -> None:
    chance = isolating(share, people)
    assert 0 <= chance <= isolating(1 / people, people) + 1e-12
    assert isolating(1 / people, people) >= exp(-1)


def test_mistakes_are_named(people: Any, scene: Any) -> None:
    raw = people(20)
    with pytest.raises(SchemaError):
        single_out(scene(raw), ("aeg",))
    assert single_out(scene(raw), ()) == ()
    with pytest.raises(ParameterError, match=r"risk\.no-rows"):
        scene(raw.slice(0, 0))
    none = pa.table({"protected_row": [], "raw_row": []}).cast(
        pa.schema([("protected_row", pa.int64()), ("raw_row", pa.int64())])
    )
    assert single_out(Attacked.of(raw, raw.slice(0, 0), links=none), EVERY) == ()
