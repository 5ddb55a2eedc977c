from collections import Counter, defaultdict

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from anping.core.errors import ParameterError, SchemaError
from anping.protect.risk.uniqueness import measure_uniqueness

rows_of = st.lists(
    st.tuples(
        st.sampled_from(["a", "b", None]), st.integers(0, 3), st.sampled_from(["p", "q", "r"])
    ),
    min_size=1,
    max_size=20,
)


def table_of(rows: list[tuple[str | None, int, str]]) -> pa.Table:
    return pa.table(
        dict(zip(("zone", "n", "who"), map(list, zip(*rows, strict=True)), strict=True))
    )


@given(rows_of)
def test_rows_and_people_are_counted_as_by_hand(rows: list[tuple[str | None, int, str]]) -> None:
    sizes = Counter((zone, n) for zone, n, _ in rows)
    (of_rows,) = measure_uniqueness(table_of(rows), ["zone", "n"])
    assert of_rows.value == pytest.approx(
        sum(sizes[zone, n] == 1 for zone, n, _ in rows) / len(rows)
    )
    holders: dict[tuple[str | None, int], set[str]] = defaultdict(set)
    for zone, n, who in rows:
        holders[zone, n].add(who)
    alone = {who for zone, n, who in rows if len(holders[zone, n]) == 1}
    people = {who for _, _, who in rows}
    (of_people,) = measure_uniqueness(table_of(rows), ["zone", "n"], person="who", subject="after")
    assert of_people.value == pytest.approx(len(alone) / len(people))
    assert (of_people.n, of_rows.n) == (len(people), len(rows))


def test_what_it_is_and_who_can_recompute_it() -> None:
    table = table_of([("a", 1, "p"), ("a", 1, "q"), ("b", 2, "r"), ("b", 3, "r")])
    (after,) = measure_uniqueness(table, ["zone", "n"], person="who", subject="after")
    assert after.key == "risk.uniqueness.all_columns[after]"
    assert after.unit == "share"
    assert "k-anonymity does not cover" in after.title.en
    assert "k-匿名不涵蓋" in after.title.zh
    assert after.replay is not None
    assert (after.replay.id, after.replay.needs) == ("risk.classes", ("protected",))
    (before,) = measure_uniqueness(table, ["zone"], subject="before")
    assert before.replay is not None
    assert before.replay.needs == ("raw",)
    (keyed,) = measure_uniqueness(table, ["zone"], person=list("pqrs"), subject="after")
    assert keyed.replay is not None
    assert keyed.replay.needs == ("raw",)
    (plain,) = measure_uniqueness(table, ["zone"])
    assert plain.replay is None


def test_nested_and_dictionary_columns_are_compared() -> None:
    table = pa.table(
        {"tags": [["a"], ["a"], ["b"], None], "kind": pa.array(list("xxyy")).dictionary_encode()}
    )
    (measure,) = measure_uniqueness(table, ["tags", "kind"])
    assert measure.value == 0.5


def test_nothing_released_is_not_measured_and_wrong_input_is_named() -> None:
    table = table_of([("a", 1, "p")])
    assert measure_uniqueness(table, []) == ()
    with pytest.raises(SchemaError):
        measure_uniqueness(table, ["none"])
    with pytest.raises(ParameterError) as caught:
        measure_uniqueness(table.slice(0, 0), ["zone"])
    assert caught.value.code == "risk.no-rows"
