from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator
from itertools import product
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from anping.core.errors import AnpingError
from anping.core.measure import find
from anping.engine.table import Table
from anping.protect.counts.complementary import suppression_pattern
from anping.protect.counts.cube import Cube, cube_of
from anping.protect.counts.primary import Unsafe, unsafe_cells
from anping.protect.counts.publish import publish_counts
from anping.protect.counts.rules import CountRules


def drawn(seed: int, *, rows: int = 60, dimensions: int = 2) -> pa.Table:
    draw = np.random.default_rng(seed)
    names = "abc"[:dimensions]
    columns: dict[str, Any] = {
        name: draw.choice(list("uvwxy"[: draw.integers(1, 5)]), rows) for name in names
    }
    columns["value"] = np.round(draw.lognormal(2, 1.5, rows), 1)
    columns["person"] = draw.integers(0, rows, rows)
    return pa.table(columns)


def lines(shape: tuple[int, ...]) -> Iterator[tuple[tuple[int, ...], list[tuple[int, ...]]]]:
    """Each total with the cells that it is the sum of."""
    for axis, size in enumerate(shape):
        others = [range(each) if at != axis else [size - 1] for at, each in enumerate(shape)]
        for total in product(*others):
            yield total, [(*total[:axis], at, *total[axis + 1 :]) for at in range(size - 1)]


def widest(
    cube: Cube, gone: np.ndarray[Any, Any], values: np.ndarray[Any, Any]
) -> Callable[..., tuple[float, float]]:
    """The exact range of a suppressed cell by linear programming, from what is published."""
    from scipy.optimize import linprog

    hidden = {tuple(place): at for at, place in enumerate(np.argwhere(gone).tolist())}
    rows, right = [], []
    for total, parts in lines(cube.shape):
        row, rest = np.zeros(len(hidden)), 0.0
        for place, sign in [(total, -1.0), *((part, 1.0) for part in parts)]:
            if place in hidden:
                row[hidden[place]] += sign
            else:
                rest -= sign * float(values[place])
        if row.any():
            rows.append(row)
            right.append(rest)

    def of(cell: tuple[int, ...]) -> tuple[float, float]:
        aim = np.zeros(len(hidden))
        aim[hidden[cell]] = 1.0
        found = []
        for sign in (1.0, -1.0):
            answer = linprog(
                sign * aim, A_eq=np.array(rows), b_eq=np.array(right), bounds=(0, None)
            )
            assert answer.status in (0, 3), answer.message
            found.append(np.inf if answer.status == 3 else sign * answer.fun)
        return float(found[0]), float(found[1])

    return of


RULES = st.builds(
    CountRules,
    threshold=st.integers(1, 6),
    dominance=st.none() | st.tuples(st.integers(1, 2), st.sampled_from([50.0, 80.0])),
    p_percent=st.none() | st.sampled_from([10.0, 40.0]),
)


def made(seed: int, dimensions: int, rules: CountRules) -> tuple[Cube, Unsafe]:
    table = Table.of(drawn(seed, dimensions=dimensions))
    top = 1 if rules.dominance is None else rules.dominance[0]
    cube = cube_of(table, "abc"[:dimensions], value="value", person="person", top=top)
    return cube, unsafe_cells(cube, rules, summed=True)


@given(st.integers(0, 10_000), st.integers(1, 3), RULES)
@settings(max_examples=60, deadline=None)
def test_each_witness_is_another_table_with_the_same_published_cells(
    seed: int, dimensions: int, rules: CountRules
) -> None:
    cube, unsafe = made(seed, dimensions, rules)
    pattern = suppression_pattern(cube, unsafe, totals=True)
    assert len(pattern.witnesses) == int(unsafe.cells.sum())
    for witness in pattern.witnesses:
        cell = witness.cell
        for values, least, up in (
            (cube.count.astype(float), np.minimum(cube.count, 1), unsafe.count_up[cell]),
            (cube.total, cube.largest, unsafe.total_up[cell]),
        ):
            other = values.copy()
            other[cell] += up
            for corner, sign in zip(witness.corners, witness.signs, strict=True):
                other[corner] += sign * up
            changed = ~np.isclose(other, values, rtol=1e-12)
            assert not (changed & ~pattern.cells).any()
            assert (other >= least - 1e-9 * cube.total.max()).all()
            for total, parts in lines(cube.shape):
                assert np.isclose(sum(other[part] for part in parts), other[total])


@given(st.integers(0, 10_000), st.integers(1, 3), RULES)
@settings(max_examples=25, deadline=None)
def test_linear_programming_finds_no_narrower_range(
    seed: int, dimensions: int, rules: CountRules
) -> None:
    cube, unsafe = made(seed, dimensions, rules)
    pattern = suppression_pattern(cube, unsafe, totals=True)
    if not pattern.witnesses:
        return
    counts = widest(cube, pattern.cells, cube.count.astype(float))
    sums = widest(cube, pattern.cells, cube.total)
    for witness in pattern.witnesses[:8]:
        cell = witness.cell
        low, high = counts(cell)
        assert low <= cube.count[cell] + 1e-6
        assert high >= cube.count[cell] + unsafe.count_up[cell] - 1e-6
        low, high = sums(cell)
        slack = 1e-6 * max(1.0, cube.total.max())
        assert high >= cube.total[cell] + unsafe.total_up[cell] - slack
        if witness.lowered:
            down = min(unsafe.total_up[cell], cube.total[cell])
            assert low <= cube.total[cell] - down + slack


@given(st.integers(0, 10_000), st.integers(1, 3))
@settings(max_examples=30, deadline=None)
def test_cells_and_margins_are_what_a_plain_count_gives(seed: int, dimensions: int) -> None:
    raw = drawn(seed, dimensions=dimensions)
    by = list("abc"[:dimensions])
    cube = cube_of(Table.of(raw), by, value="value", person="person", top=2)
    people: dict[tuple[str, ...], set[int]] = defaultdict(set)
    given_by: dict[tuple[str, ...], dict[int, float]] = defaultdict(lambda: defaultdict(float))
    pairs: dict[tuple[str, ...], set[tuple[Any, ...]]] = defaultdict(set)
    for row in raw.to_pylist():
        inner = tuple(row[name] for name in by)
        for cell in product(*((name, "*") for name in inner)):
            people[cell].add(row["person"])
            given_by[cell][row["person"]] += row["value"]
            pairs[cell].add((inner, row["person"]))
    for place in np.ndindex(cube.shape):
        names = tuple([*labels, "*"][at] for labels, at in zip(cube.labels, place, strict=True))
        largest = [*sorted(given_by[names].values(), reverse=True), 0.0, 0.0]
        assert cube.people[place] == len(people[names])
        assert cube.count[place] == len(pairs[names])
        assert cube.total[place] == pytest.approx(sum(largest))
        assert cube.largest[place] == pytest.approx(largest[0])
        assert cube.second[place] == pytest.approx(largest[1])
        assert cube.top[place] == pytest.approx(sum(largest[:2]))


def shown(table: pa.Table, name: str = "count") -> dict[tuple[str, ...], str]:
    return {tuple(row[each] for each in "ab"): row[name] for row in table.to_pylist()}


def test_a_published_table_shows_x_where_a_cell_is_unsafe_and_one_more_per_line() -> None:
    rows = [("u", "m")] * 9 + [("u", "n")] * 2 + [("v", "m")] * 8 + [("v", "n")] * 7
    raw = pa.table({"a": [a for a, _ in rows], "b": [b for _, b in rows]})
    done = publish_counts(Table.of(raw), ["a", "b"], rules=CountRules(threshold=3))
    cells = shown(done.table)
    assert [cells["u", "n"], cells["u", "m"], cells["v", "n"], cells["v", "m"]] == ["x"] * 4
    assert cells["*", "*"] == "26"
    assert cells["u", "*"] == "11"
    measures = {each.name: each.value for each in done.measures}
    assert measures["counts.primary"] == 1
    assert measures["counts.complementary"] == 3
    assert measures["counts.proven"] == 1
    assert all("x" not in each.method for each in done.measures if each.name == "counts.rows")


def test_p_percent_and_dominance_find_the_cell_that_one_contributor_rules() -> None:
    raw = pa.table(
        {
            "a": ["u"] * 6 + ["v"] * 6 + ["w"] * 6,
            "b": ["m"] * 18,
            "value": [1000, 5, 5, 5, 5, 5, *range(90, 96), *range(80, 86)],
        }
    )
    for rules in (CountRules(3, p_percent=10), CountRules(3, dominance=(1, 80.0))):
        done = publish_counts(Table.of(raw), ["a", "b"], value="value", rules=rules)
        cells = shown(done.table, "sum")
        assert cells["u", "m"] == "x"
        assert find(done.measures, "counts.primary") is not None
    calm = publish_counts(Table.of(raw), ["a", "b"], value="value", rules=CountRules(3))
    assert "x" not in calm.table["sum"].to_pylist()


def test_without_totals_only_the_unsafe_cells_go() -> None:
    raw = drawn(3)
    rules = CountRules(4, totals=False)
    done = publish_counts(Table.of(raw), ["a", "b"], person="person", rules=rules)
    assert "*" not in done.table["a"].to_pylist()
    measures = {each.name: each.value for each in done.measures}
    assert measures["counts.complementary"] == 0
    assert done.table["count"].to_pylist().count("x") == measures["counts.primary"]


def test_numbers_are_rounded_one_by_one() -> None:
    raw = drawn(4, rows=200)
    done = publish_counts(Table.of(raw), ["a"], rules=CountRules(2, rounding=5))
    assert all(int(cell) % 5 == 0 for cell in done.table["count"].to_pylist() if cell != "x")
    assert any("rounded" in limit.en for limit in done.limits)


def test_missing_categories_values_and_people() -> None:
    raw = pa.table(
        {
            "a": ["u"] * 6 + [None] * 6,
            "person": [1, 2, 3, 4, 5, 6, None, None, None, None, None, None],
            "value": [1.0] * 11 + [None],
        }
    )
    cube = cube_of(Table.of(raw), ["a"], value="value", person="person", top=1)
    assert cube.labels == (("u", ""),)
    assert cube.people.tolist() == [6, 1, 7]
    assert cube.count.tolist() == [6, 1, 7]
    assert cube.rows == 11
    assert cube.total.tolist() == [6.0, 5.0, 11.0]


def test_one_person_written_in_two_ways_is_one() -> None:
    people = ["A1", "a-1", " A1", "B2", "", None]
    cube = cube_of(
        Table.of(pa.table({"a": ["u"] * 6, "who": people})), ["a"], value=None, person="who", top=1
    )
    assert cube.people.tolist() == [3, 3]


def test_a_column_called_count_keeps_its_name() -> None:
    raw = pa.table({"count": ["u"] * 9 + ["v"] * 9})
    done = publish_counts(Table.of(raw), ["count"])
    assert done.table.column_names == ["count", "count_"]


@pytest.mark.parametrize(
    ("call", "code"),
    [
        (lambda t: publish_counts(t, []), "counts.columns"),
        (lambda t: publish_counts(t, ["a", "a"]), "counts.columns"),
        (lambda t: publish_counts(t, ["nobody"]), "schema.missing-column"),
        (lambda t: publish_counts(t, ["a"], value="b"), "counts.values"),
        (lambda t: publish_counts(t, ["a"], value="low"), "counts.values"),
        (lambda t: publish_counts(t, ["star"]), "counts.star"),
        (lambda t: publish_counts(t, ["row", "person"]), "counts.too-large"),
        (lambda t: publish_counts(t, ["a"], rules=CountRules(p_percent=10)), "counts.no-value"),
        (lambda _: CountRules(dominance=(0, 50)), "counts.rules"),
        (lambda _: CountRules(threshold=0), "counts.rules"),
    ],
)
def test_bad_input_has_a_code(call: Callable[[Table], Any], code: str) -> None:
    raw = drawn(1, rows=700)
    more = {"low": [-1.0] * 700, "star": ["*"] * 700, "row": list(range(700))}
    table = Table.of(pa.table({**{n: raw[n] for n in raw.column_names}, **more}))
    with pytest.raises(AnpingError) as caught:
        call(table)
    assert caught.value.code == code


def test_an_empty_table_is_refused() -> None:
    with pytest.raises(AnpingError) as caught:
        publish_counts(Table.of(pa.table({"a": pa.array([], pa.string())})), ["a"])
    assert caught.value.code == "input.empty"
