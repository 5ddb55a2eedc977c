from collections import Counter
from itertools import product
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from anping.core.errors import ParameterError, SchemaError
from anping.core.measure import Measure, find
from anping.engine.table import Table
from anping.protect.risk.candidates import released_groups, search
from anping.protect.risk.classes import group_rows
from anping.protect.risk.compatible import Compatible
from anping.protect.risk.linkage import LinkageOptions, link

AGES = {str(age): (str(age), f"{age // 10 * 10}-", "*") for age in range(20, 60)}
ZONES = {
    f"{county}{town}": (f"{county}{town}", county, "*") for county in "ABC" for town in range(4)
}
PATHS = {"age": AGES, "zone": ZONES}


def people(n: int, seed: int = 1) -> pa.Table:
    generator = np.random.default_rng(seed)
    return pa.table(
        {
            "age": generator.integers(20, 60, n),
            "zone": generator.choice(list(ZONES), n),
            "sick": generator.choice(["yes", "no"], n, p=[0.3, 0.7]),
            "income": np.round(generator.lognormal(10, 1, n)),
        }
    )


def release(raw: pa.Table, levels: tuple[int, int]) -> tuple[pa.Table, pa.Table]:
    """Generalise to the levels, shuffle, and return the table and its links."""
    order = np.random.default_rng(9).permutation(raw.num_rows)
    shown = raw.take(pa.array(order))
    for (name, paths), level in zip(PATHS.items(), levels, strict=True):
        cells = [paths[str(cell)][level] for cell in shown.column(name).to_pylist()]
        shown = shown.set_column(shown.column_names.index(name), name, pa.array(cells))
    links = pa.table({"protected_row": np.arange(order.size), "raw_row": order})
    return shown, links


def attack(raw: pa.Table, levels: tuple[int, int], **options: Any) -> dict[str, Measure]:
    shown, links = release(raw, levels)
    measures = link(
        raw,
        shown,
        links=links,
        quasi_identifiers=["age", "zone"],
        compatible=Compatible(PATHS),
        options=LinkageOptions(**({"seed": 3} | options)),
    )
    return {measure.key: measure for measure in measures}


def test_on_the_raw_table_one_in_each_class_is_linked() -> None:
    raw = people(600)
    found = attack(raw, (0, 0))
    sizes: dict[tuple[int, str], int] = {}
    for key in zip(raw["age"].to_pylist(), raw["zone"].to_pylist(), strict=True):
        sizes[key] = sizes.get(key, 0) + 1
    expected = len(sizes) / raw.num_rows
    success = found["risk.linkage.success"]
    assert success.n == 600
    assert abs(success.value - expected) < 0.06
    assert found["risk.linkage.control"].value < 0.02
    excess = found["risk.linkage.excess"].interval
    assert excess is not None
    assert excess.low > 0.5


def test_unique_people_are_always_linked() -> None:
    cells = list(product(range(20, 60), ZONES))
    raw = pa.table({"age": [a for a, _ in cells], "zone": [z for _, z in cells]})
    found = attack(raw, (0, 0))
    assert found["risk.linkage.success"].value == 1.0


def test_on_the_fully_generalised_table_the_attack_is_at_its_control() -> None:
    found = attack(people(600), (2, 2), sensitive=("sick",))
    excess = found["risk.linkage.excess"].interval
    assert excess is not None
    assert excess.low <= 0 <= excess.high
    assert found["risk.linkage.success"].value < 0.02
    assert found["risk.linkage.claimed"].value == 1.0
    told = found["risk.inference.excess[sick]"].interval
    assert told is not None
    assert told.low <= 0 <= told.high


def test_generalising_lowers_the_success() -> None:
    raw = people(900)
    raw_rate, half, top = (
        attack(raw, levels)["risk.linkage.success"].value for levels in ((0, 0), (1, 1), (2, 2))
    )
    assert raw_rate > half > top


def test_suppressed_targets_count_as_not_linked() -> None:
    raw = people(400)
    shown, links = release(raw, (0, 0))
    kept = pa.array(np.arange(100))
    measures = link(
        raw,
        shown.take(kept),
        links=links.take(kept),
        quasi_identifiers=["age", "zone"],
        compatible=Compatible(PATHS),
    )
    success = find(measures, "risk.linkage.success")
    assert success is not None
    assert success.n == 400
    assert success.value <= 0.25
    empty = link(
        raw,
        shown.slice(0, 0),
        links=links.slice(0, 0),
        quasi_identifiers=["age", "zone"],
        compatible=Compatible(PATHS),
        options=LinkageOptions(sensitive=("sick",)),
    )
    assert {m.value for m in empty if m.name.startswith("risk.linkage")} == {0.0}


def test_inference_finds_what_a_class_shares() -> None:
    # Everyone of a county has the county's illness: classes are large, yet tell the value.
    zones = np.repeat([f"{c}{t}" for c in "ABC" for t in range(4)], 50)
    raw = pa.table({"age": [30] * 600, "zone": zones, "sick": [zone[0] for zone in zones]})
    found = attack(raw, (2, 1), sensitive=("sick",))
    assert found["risk.linkage.success"].value < 0.05
    assert found["risk.inference.success[sick]"].value == 1.0
    assert found["risk.inference.baseline[sick]"].value == pytest.approx(1 / 3)
    # What others of the class tell is no leak about the target alone.
    assert found["risk.inference.control[sick]"].value == 1.0
    assert found["risk.inference.excess[sick]"].value == 0.0


def test_inference_on_unique_people_is_a_leak() -> None:
    found = attack(people(120), (0, 0), sensitive=("sick", "income"))
    for column in ("sick", "income"):
        success = found[f"risk.inference.success[{column}]"].value
        assert success > 0.8
        excess = found[f"risk.inference.excess[{column}]"].interval
        assert excess is not None
        assert excess.low > 0
    assert "tenth" in found["risk.inference.success[income]"].title.en


def test_a_seed_repeats_the_attack_and_targets_are_sampled() -> None:
    raw = people(500)
    one = attack(raw, (1, 0), targets=120, sensitive=("sick",))
    assert one == attack(raw, (1, 0), targets=120, sensitive=("sick",))
    assert one["risk.linkage.success"].n == 120


def test_a_person_with_many_rows_is_one_target() -> None:
    raw = people(300)
    raw = pa.concat_tables([raw, raw])
    found = attack(raw, (0, 0), person=np.r_[np.arange(300), np.arange(300)])
    assert found["risk.linkage.success"].n == 300
    rows_only = attack(raw, (0, 0))
    assert found["risk.linkage.success"].value > rows_only["risk.linkage.success"].value + 0.2


def test_raw_cells_become_leaves() -> None:
    raw = pa.table({"zone": ["A1 road 3", "B2 lane 5"]})
    shown = pa.table({"zone": ["B", "A"]})
    measures = link(
        raw,
        shown,
        links=pa.table({"protected_row": [0, 1], "raw_row": [1, 0]}),
        quasi_identifiers=["zone"],
        compatible=Compatible({"zone": ZONES}, {"zone": lambda cell: cell[:2]}),
    )
    success = find(measures, "risk.linkage.success")
    assert success is not None
    assert success.value == 1.0


def test_the_attacker_undoes_top_coding() -> None:
    paths = {"age": {age: (age, "*") for age in ("20", "30", "90")}}
    leaves = ["105", "2", "26", "n/a"]
    released = ["90", "20", "30", "*"]
    found = Compatible(paths).allowed("age", leaves, released)
    assert [[released[at] for at in places] for places in found] == [
        ["90", "*"],
        ["20", "*"],
        ["30", "*"],
        ["*"],
    ]


levels_of_rows = st.lists(
    st.tuples(
        st.integers(20, 30), st.sampled_from(list(ZONES)), st.integers(0, 2), st.integers(0, 2)
    ),
    min_size=1,
    max_size=25,
)


@given(levels_of_rows)
@settings(max_examples=60)
def test_candidates_are_the_most_specific_compatible_rows(
    rows: list[tuple[int, str, int, int]],
) -> None:
    leaves = [(str(age), zone) for age, zone, _, _ in rows]
    shown = [(AGES[str(a)][i], ZONES[z][j]) for a, z, i, j in rows]
    table = pa.table({"age": [a for a, _ in shown], "zone": [z for _, z in shown]})
    known = {"age": Counter(a for a, _ in leaves), "zone": Counter(z for _, z in leaves)}
    grouped = group_rows(Table.of(table), ["age", "zone"])
    groups = released_groups(grouped, known, Compatible(PATHS))

    def share(column: int, name: str, cell: str) -> float:
        return sum(cell in PATHS[name][leaf[column]] for leaf in leaves) / len(leaves)

    weight = [share(0, "age", a) * share(1, "zone", z) for a, z in shown]
    for own in leaves:
        fits = [
            at
            for at, (a, z) in enumerate(shown)
            if a in PATHS["age"][own[0]] and z in PATHS["zone"][own[1]]
        ]
        rarest = min(weight[at] for at in fits)
        expected = [at for at in fits if weight[at] <= rarest * (1 + 1e-6)]
        found = search(groups, [own])
        assert found.rows_of(found.groups[0]).tolist() == expected
        assert found.sizes.tolist() == [len(expected)]


def test_mistakes_are_named() -> None:
    raw = people(5)
    shown, links = release(raw, (0, 0))

    def run(**changed: Any) -> None:
        arguments = {"links": links, "quasi_identifiers": ["age"], "compatible": Compatible(PATHS)}
        link(raw, shown, **(arguments | changed))

    with pytest.raises(SchemaError):
        run(quasi_identifiers=["aeg"])
    with pytest.raises(SchemaError):
        run(links=links.rename_columns(["a", "b"]))
    for wrong in (links.slice(1), pa.table({"protected_row": range(5), "raw_row": [9] * 5})):
        with pytest.raises(ParameterError, match=r"links\.incomplete"):
            run(links=wrong)
    with pytest.raises(ParameterError, match=r"risk\.no-rows"):
        run(options=LinkageOptions(targets=0))
