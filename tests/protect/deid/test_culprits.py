"""Which columns isolate people, and what the error of an infeasible problem says of them."""

from __future__ import annotations

from itertools import combinations, product

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from anping.core.errors import InfeasibleError
from anping.core.progress import silent
from anping.engine.stream import mapped
from anping.engine.table import Table
from anping.protect.deid import culprits
from anping.protect.deid.anonymize import anonymize, coder_of
from anping.protect.deid.counting import encoded_of
from anping.protect.deid.criteria.likeness import LimitedFrequency
from anping.protect.deid.culprits import isolating_columns
from anping.protect.deid.hierarchies.categories import all_or_nothing
from anping.protect.deid.hierarchy import Hierarchy
from anping.protect.deid.model import Options, PrivacyModel
from anping.protect.deid.tuples import Encoded
from protect.deid.lattice_cases import binary_hierarchy

ROWS = st.lists(
    st.tuples(*[st.sampled_from("01")] * 2, *[st.sampled_from("012")] * 2, st.integers(0, 9)),
    min_size=1,
    max_size=30,
)


def encoded(table: Table, hierarchies: dict[str, Hierarchy], person: str | None) -> Encoded:
    coder = coder_of(table, hierarchies, model=PrivacyModel(2), person=person)
    batches = mapped(table, coder, columns=coder.columns, schema=coder.schema)
    return encoded_of(Table.of(pa.Table.from_batches(batches, coder.schema)), coder)[0]


def isolated(table: pa.Table, columns: tuple[str, ...], k: int, person: str | None) -> float:
    """Return the share of rows in classes of fewer than k people, by looking at every row."""
    rows = table.to_pylist()
    people: dict[tuple[str, ...], set[int]] = {}
    for number, row in enumerate(rows):
        key = tuple(row[name] for name in columns)
        people.setdefault(key, set()).add(number if person is None else row[person])
    small = [row for row in rows if len(people[tuple(row[name] for name in columns)]) < k]
    return len(small) / len(rows)


@settings(deadline=None)
@given(ROWS, st.integers(2, 6), st.sampled_from([None, "p"]), st.sampled_from([0.0, 0.2, 0.5]))
def test_the_smallest_set_is_found_with_the_largest_share(
    rows: list[tuple[str, str, str, str, int]], k: int, person: str | None, over: float
) -> None:
    names = ("a", "b", "c", "d")
    table = pa.table({name: [row[at] for row in rows] for at, name in enumerate((*names, "p"))})
    hierarchies = {name: all_or_nothing(name, "012") for name in names}
    found = isolating_columns(encoded(Table.of(table), hierarchies, person), k, over=over)
    shares = {
        chosen: isolated(table, chosen, k, person)
        for size in (1, 2, 3)
        for chosen in combinations(names, size)
    }
    shares = {
        chosen: share
        for chosen, share in shares.items()
        if all(len(set(table.column(name).to_pylist())) > 1 for name in chosen)
    }
    enough = [chosen for chosen, share in shares.items() if share > over]
    if found is None:
        assert not any(shares.values())
        return
    assert found.exact
    assert found.share == pytest.approx(shares[found.columns])
    if enough:
        least = min(map(len, enough))
        assert len(found.columns) == least
        assert found.share == pytest.approx(
            max(shares[each] for each in enough if len(each) == least)
        )
    else:
        assert found.share == pytest.approx(max(shares.values()))
    assert found.together == pytest.approx(isolated(table, names, k, person))
    several = [name for name in names if len(set(table.column(name).to_pylist())) > 1]
    rest = tuple(name for name in several if name not in found.columns)
    assert found.without == pytest.approx(isolated(table, rest, k, person) if rest else 0.0)
    assert found.without <= found.together + 1e-12
    assert found.share <= found.together + 1e-12


def test_of_many_tuples_the_strongest_columns_are_combined(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(culprits, "_MANY_TUPLES", 10)
    draw = np.random.default_rng(5)
    names = [f"q{n}" for n in range(10)]
    table = Table.of(pa.table({name: draw.choice(list("01"), 400) for name in names}))
    hierarchies = {name: all_or_nothing(name, "01") for name in names}
    found = isolating_columns(encoded(table, hierarchies, None), 60, over=0.99)
    assert found is not None
    assert not found.exact
    assert len(found.columns) == 3
    (measure,) = found.measures()
    assert measure.n == 400
    assert measure.subject == " × ".join(found.columns)


def table_of_three() -> tuple[Table, dict[str, Hierarchy]]:
    """Three columns of three bits that are unique together only, and a harmless one."""
    rows = [
        (format(a, "03b"), format(b, "03b"), format(c, "03b"))
        for a, b, c in product(range(8), repeat=3)
    ]
    table = pa.table(
        {
            "age": [row[0] for row in rows],
            "place": [row[1] for row in rows],
            "job": [row[2] for row in rows],
            "sex": ["01"[number % 2] for number in range(len(rows))],
        }
    )
    hierarchies = {
        name: binary_hierarchy(name, 3, to_top=False) for name in ("age", "place", "job")
    }
    return Table.of(table), hierarchies | {"sex": binary_hierarchy("sex", 1)}


@pytest.mark.parametrize(
    "options",
    [Options(seed=1), Options(full_domain=False, seed=1), Options(0, local_recoding=False)],
)
def test_an_infeasible_problem_names_three_columns_and_what_would_help(options: Options) -> None:
    table, hierarchies = table_of_three()
    with pytest.raises(InfeasibleError) as caught:
        anonymize(table, hierarchies, model=PrivacyModel(70), options=options, progress=silent)
    error = caught.value
    assert error.code == "deid.infeasible"
    assert "these 3 columns (age, place, job) alone put 100% of the 512 rows" in error.what.en
    assert "這 3 個欄位（age、place、job）" in error.what.zh
    assert "0% of the rows" in error.hint.en
    assert "to at least 100%" in error.hint.en


def test_one_column_is_told_as_one() -> None:
    table, hierarchies = table_of_three()
    only = {"age": Hierarchy("age", {format(a, "03b"): (format(a, "03b"),) for a in range(8)})}
    with pytest.raises(InfeasibleError) as caught:
        anonymize(table, only | {"sex": hierarchies["sex"]}, model=PrivacyModel(65))
    assert "this column alone (age) puts 100%" in caught.value.what.en
    assert caught.value.where.column == "age"


def test_a_criterion_beside_k_that_nothing_reaches_is_named() -> None:
    table = Table.of(pa.table({"q": ["0", "1"] * 20, "s": ["a", "b"] * 20}))
    model = PrivacyModel(2, criteria=(LimitedFrequency("s", 0.2),))
    with pytest.raises(InfeasibleError) as caught:
        anonymize(table, {"q": binary_hierarchy("q", 1)}, model=model, options=Options(0, seed=1))
    error = caught.value
    assert error.code == "deid.criteria-out-of-reach"
    assert "k = 2, (alpha, k)-anonymity" in error.what.en
    assert error.where.column == "s"
