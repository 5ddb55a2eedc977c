from collections import Counter, defaultdict
from math import isclose

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from anping.core.errors import ParameterError, SchemaError
from anping.core.measure import Measure, find
from anping.engine.table import Table
from anping.protect.risk.bands import class_size_bands
from anping.protect.risk.classes import combine, equivalence_classes
from anping.protect.risk.reidentification import measure_diversity, measure_risk

rows_of = st.lists(
    st.tuples(
        st.sampled_from(["a", "b", None]),
        st.one_of(st.none(), st.integers(0, 2)),
        st.sampled_from(["p", "q", "r", None]),
    ),
    min_size=1,
    max_size=25,
)


def table_of(rows: list[tuple[str | None, int | None, str | None]]) -> pa.Table:
    zone, age, who = zip(*rows, strict=True)
    return pa.table(
        {
            "zone": pa.array(zone, pa.string()),
            "age": pa.array(age, pa.int64()),
            "who": pa.array(who, pa.string()),
        }
    )


def value(measures: tuple[Measure, ...], name: str) -> float:
    found = find(measures, name)
    assert found is not None
    return found.value


@given(rows_of)
def test_rows_are_counted_as_by_hand(rows: list[tuple[str | None, int | None, str | None]]) -> None:
    sizes = Counter((zone, age) for zone, age, _ in rows)
    own = [sizes[zone, age] for zone, age, _ in rows]
    measures = measure_risk(table_of(rows), ["zone", "age"], threshold=0.5)
    assert value(measures, "risk.prosecutor.max") == 1 / min(own)
    assert isclose(value(measures, "risk.marketer"), sum(1 / size for size in own) / len(own))
    assert value(measures, "risk.sample_uniqueness") == sum(size == 1 for size in own) / len(own)
    above = sum(1 / size > 0.5 for size in own) / len(own)
    assert value(measures, "risk.prosecutor.share_above") == above
    assert value(measures, "risk.classes") == len(sizes)
    assert value(measures, "risk.class_size.min") == min(sizes.values())
    assert isclose(value(measures, "risk.class_size.mean"), len(rows) / len(sizes))
    assert value(measures, "risk.class_size.median") == np.median(list(sizes.values()))


@given(rows_of)
def test_people_are_counted_as_by_hand(
    rows: list[tuple[str | None, int | None, str | None]],
) -> None:
    named = [(zone, age, who or f"once {at}") for at, (zone, age, who) in enumerate(rows)]
    people: dict[tuple[str | None, int | None], set[str]] = defaultdict(set)
    for zone, age, who in named:
        people[zone, age].add("nobody" if who.startswith("once") else who)
    smallest: dict[str, int] = {}
    for zone, age, who in named:
        smallest[who] = min(smallest.get(who, 99), len(people[zone, age]))
    measures = measure_risk(table_of(rows), ["zone", "age"], person="who", threshold=0.4)
    pairs = sum(len(members) for members in people.values())
    assert value(measures, "risk.prosecutor.max") == 1 / min(smallest.values())
    assert isclose(value(measures, "risk.marketer"), len(people) / pairs)
    unique = sum(size == 1 for size in smallest.values()) / len(smallest)
    assert value(measures, "risk.sample_uniqueness") == unique
    above = sum(size < 2.5 for size in smallest.values()) / len(smallest)
    assert value(measures, "risk.prosecutor.share_above") == above
    as_array = [who for _, _, who in rows]
    assert [m.value for m in measure_risk(table_of(rows), ["zone", "age"], person=as_array)] == [
        m.value for m in measures if m.name != "risk.prosecutor.share_above"
    ]


@given(rows_of)
def test_diversity_is_the_fewest_values_of_a_class(
    rows: list[tuple[str | None, int | None, str | None]],
) -> None:
    seen = defaultdict(set)
    for zone, age, who in rows:
        seen[zone, age].add(who)
    (measure,) = measure_diversity(table_of(rows), ["zone", "age"], ["who"], subject="after")
    assert measure.value == min(len(values) for values in seen.values())
    assert measure.subject == "who"


def test_one_person_with_many_rows_is_not_hidden_by_them() -> None:
    table = pa.table({"zone": ["n"] * 5, "who": ["A"] * 5})
    assert value(measure_risk(table, ["zone"]), "risk.prosecutor.max") == 0.2
    measures = measure_risk(table, ["zone"], person="who")
    assert value(measures, "risk.prosecutor.max") == 1.0


def test_rows_that_name_nobody_do_not_hide_anybody() -> None:
    table = pa.table({"zone": ["n"] * 6, "who": [None, "", " ", None, "A", "B"]})
    measures = measure_risk(table, ["zone"], person="who")
    assert value(measures, "risk.class_size.min") == 3
    maximum = find(measures, "risk.prosecutor.max")
    assert maximum is not None
    assert maximum.n == 6


def test_a_fifth_is_not_above_a_fifth() -> None:
    table = pa.table({"zone": ["n"] * 5 + ["s"] * 11})
    for threshold, share in ((0.2, 0.0), (1 / 11, 5 / 16), (0.19, 5 / 16)):
        measures = measure_risk(table, ["zone"], threshold=threshold)
        assert value(measures, "risk.prosecutor.share_above") == share


def test_a_register_gives_the_journalists_risk() -> None:
    sample = pa.table({"zone": ["n", "n", "s"]})
    register = pa.table({"zone": ["n"] * 10 + ["s"] * 4 + ["w"]})
    measures = measure_risk(sample, ["zone"], population=register, subject="after")
    assert value(measures, "risk.journalist.max") == 1 / 4
    assert value(measures, "risk.journalist.absent") == 0
    assert value(measures, "risk.prosecutor.max") == 1
    journalist = find(measures, "risk.journalist.max")
    assert journalist is not None
    assert journalist.replay is not None
    assert journalist.replay.needs == ("raw",)
    without = find(measure_risk(sample, ["zone"]), "risk.journalist.max")
    assert without is not None
    assert without.value == 1
    assert "upper bound" in without.assumptions[0].en


def test_an_outsider_can_replay_what_the_protected_table_shows() -> None:
    table = pa.table({"zone": ["n", "n"], "who": ["A", "B"]})

    def needs(measures: tuple[Measure, ...]) -> set[tuple[str, ...]]:
        return {m.replay.needs for m in measures if m.replay is not None}

    assert needs(measure_risk(table, ["zone"], person="who", subject="after")) == {("protected",)}
    assert needs(measure_risk(table, ["zone"], person=["A", "B"], subject="after")) == {("raw",)}
    assert needs(measure_risk(table, ["zone"], subject="before")) == {("raw",)}
    assert needs(measure_risk(table, ["zone"])) == set()


def test_codes_do_not_overflow_sixty_four_bits() -> None:
    generator = np.random.default_rng(1)
    parts = [generator.integers(0, 50_000, 400) for _ in range(9)]
    repeated = [np.r_[part, part] for part in parts]
    codes, count = combine(repeated, 800)
    assert np.array_equal(codes[:400], codes[400:])
    assert np.unique(codes).size == count == 400


def test_every_column_type_can_be_a_quasi_identifier() -> None:
    table = pa.table(
        {
            "n": pa.array([1.5, float("nan"), None, 1.5]),
            "b": pa.array([True, None, None, True]),
            "d": pa.array([1, None, None, 1], pa.date32()),
            "c": pa.array(["x", None, None, "x"]).dictionary_encode(),
        }
    )
    classes = equivalence_classes(Table.of(table), table.column_names)
    assert sorted(classes.rows.tolist()) == [1, 1, 2]


def test_mistakes_are_named() -> None:
    table = pa.table({"zone": ["n"]})
    with pytest.raises(SchemaError):
        measure_risk(table, ["zoen"])
    with pytest.raises(ParameterError, match=r"risk\.no-rows"):
        measure_risk(table.slice(0, 0), ["zone"])
    with pytest.raises(ParameterError, match=r"risk\.threshold"):
        measure_risk(table, ["zone"], threshold=0.0)
    with pytest.raises(ParameterError, match=r"risk\.person-length"):
        measure_risk(table, ["zone"], person=["A", "B"])


@given(st.lists(st.integers(1, 12), min_size=1, max_size=12), st.integers(1, 6))
def test_bands_never_tell_a_small_count(sizes: list[int], small: int) -> None:
    table = pa.table({"zone": [at for at, size in enumerate(sizes) for _ in range(size)]})
    bands = class_size_bands(equivalence_classes(table, ["zone"]), small_count=small)
    told = [band.people for band in bands if band.people is not None]
    assert all(people == 0 or people >= small for people in told)
    hidden = sum(band.people is None for band in bands)
    assert hidden != 1 or not [people for people in told if people]
    if not hidden:
        assert sum(told) == sum(sizes)
