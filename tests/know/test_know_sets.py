"""Sets of columns that single rows out: exactly those that counting every set finds."""

from __future__ import annotations

from collections import Counter
from itertools import combinations
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from anping.core.measure import Interval
from anping.engine.table import Table
from anping.know import alike, singling_out, standing_alone
from anping.know.discover.columns import find_columns
from anping.know.discover.table_values import table_values
from anping.know.singling_out import SinglingSet, class_counts, encode, singling_sets
from anping.know.standing_alone import alone_in_all


def found(table: Table, **limits: float) -> tuple[SinglingSet, ...]:
    values = table_values(table)
    return singling_sets(table, find_columns(table, values=values), values, **limits)  # type: ignore[arg-type]


def alone(table: Table, columns: tuple[str, ...]) -> float:
    rows = list(zip(*(table.column(name).to_pylist() for name in columns), strict=True))
    return sum(count == 1 for count in Counter(rows).values()) / len(rows)


def minimal(table: Table, least: float) -> set[frozenset[str]]:
    """Return the minimal sets of up to four columns by counting every one of them."""
    kept: set[frozenset[str]] = set()
    for size in range(1, 5):
        for columns in combinations(table.columns, size):
            whole = frozenset(columns)
            if not any(part < whole for part in kept) and alone(table, columns) >= least:
                kept.add(whole)
    return kept


@settings(max_examples=20, deadline=None)
@given(
    st.lists(st.tuples(*[st.integers(0, 4)] * 5), min_size=12, max_size=60),
    st.sampled_from([0.05, 0.3, 0.7]),
)
def test_the_search_finds_every_minimal_set(rows: list[tuple[int, ...]], least: float) -> None:
    cells = dict(zip(("a", "b", "c", "d", "e"), zip(*rows, strict=True), strict=True))
    table = Table.of(pa.table({name: [f"k{v}" for v in column] for name, column in cells.items()}))
    varied = [name for name in table.columns if len(set(table.column(name).to_pylist())) > 1]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(singling_out, "REPORTED", 100)
        sets = found(table, least=least)
    assert {frozenset(one.columns) for one in sets} == {
        kept for kept in minimal(table, least) if kept <= set(varied)
    }
    for one in sets:
        assert one.share == pytest.approx(alone(table, one.columns))
        assert (one.n, one.interval) == (len(rows), None)


def test_direct_identifiers_and_free_texts_are_left_out(people: Table) -> None:
    columns = {name for one in found(people) for name in one.columns}
    assert columns.isdisjoint({"c1", "姓名", "mail", "note"})


def test_a_large_table_is_looked_up_in_all_its_rows(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from anping.know.discover import table_values as looking

    monkeypatch.setattr(looking, "FEW_VALUES", 1_000)
    draw = np.random.default_rng(3)
    n = 20_000
    table = pa.table(
        {
            "born": draw.integers(0, 2_000, n),
            "place": pa.array([f"p{v}" for v in draw.integers(0, 60, n)]),
            "sex": pa.array([["男", "女", None][v] for v in draw.integers(0, 3, n)]),
            "kind": pa.array([f"k{v}" for v in draw.integers(0, 4, n)]).dictionary_encode(),
        }
    )
    pq.write_table(table, tmp_path / "rows.parquet", row_group_size=3_000)
    whole = Table.open(tmp_path / "rows.parquet")
    values = table_values(whole, sample=1_000)
    sets = singling_sets(whole, find_columns(whole, values=values), values, probed=800)
    assert ("born", "place") in {tuple(sorted(one.columns)) for one in sets}
    for one in sets:
        assert isinstance(one.interval, Interval)
        assert one.n == 800
        assert one.interval.low - 0.02 <= alone(whole, one.columns) <= one.interval.high + 0.02
        assert SinglingSet.from_json(one.as_json()) == one


def test_rows_alone_in_a_table_are_counted_exactly() -> None:
    draw = np.random.default_rng(4)
    body = {
        "x": [None if v == 0 else int(v) for v in draw.integers(0, 30, 3_000)],
        "y": [f"v{v}" for v in draw.integers(0, 40, 3_000)],
        "z": draw.integers(0, 3, 3_000).tolist(),
    }
    table = Table.of(pa.table(body))
    some = table.arrow().take(pa.array(range(0, 3_000, 7)))
    sets = [("x",), ("x", "y"), ("y", "x", "z")]
    for columns, count in zip(sets, alone_in_all(table, some, sets), strict=True):
        rows = Counter(zip(*(body[name] for name in columns), strict=True))
        wanted = zip(*(some.column(name).to_pylist() for name in columns), strict=True)
        assert count == sum(rows[row] == 1 for row in wanted)


def _mixed(seed: int, n: int) -> pa.Table:
    """Return columns of many types, with missing cells beside zeros and beside empty texts."""
    draw = np.random.default_rng(seed)
    days = [None if v == 0 else int(v) - 1 for v in draw.integers(0, 12, n)]
    return pa.table(
        {
            "day": pa.array(days, pa.int32()).cast(pa.date32()),
            "whole": pa.array([None if v == 0 else int(v) - 1 for v in draw.integers(0, 9, n)]),
            "tiny": pa.array(draw.integers(0, 7, n), pa.uint8()),
            "real": pa.array(draw.integers(0, 8, n) / 2),
            "text": [None if v == 0 else "" if v == 1 else f"t{v}" for v in draw.integers(0, 9, n)],
            "code": pa.array([None, "a", "b", "c"])
            .take(pa.array(draw.integers(0, 4, n)))
            .dictionary_encode(),
        }
    )


@settings(max_examples=10, deadline=None)
@given(seed=st.integers(0, 10_000), least=st.sampled_from([0.05, 0.2, 0.6]), stored=st.booleans())
def test_minimal_sets_get_the_counts_that_counting_every_row_gives(
    *, seed: int, least: float, stored: bool
) -> None:
    rows = _mixed(seed, 700)
    body = [tuple(row.values()) for row in rows.to_pylist()]
    some = rows.take(pa.array(range(0, 700, 3)))
    sets = [each for k in (1, 2, 3, 4) for each in combinations(rows.column_names, k)]
    alone_by: dict[frozenset[str], int] = {}
    for columns in sets:
        places = [rows.column_names.index(name) for name in columns]
        times = Counter(tuple(row[at] for at in places) for row in body)
        looked_up = [tuple(body[row][at] for at in places) for row in range(0, 700, 3)]
        alone_by[frozenset(columns)] = sum(times[row] == 1 for row in looked_up)
    with pytest.MonkeyPatch.context() as patch, TemporaryDirectory() as folder:
        patch.setattr(standing_alone, "_BATCH", 60)
        patch.setattr(alike, "_ROWS", 25)
        table = Table.of(rows)
        if stored:
            pq.write_table(rows, Path(folder) / "rows.parquet", row_group_size=130)
            table = Table.open(Path(folder) / "rows.parquet")
        every = alone_in_all(table, some, sets)
        asked = alone_in_all(table, some, sets, least=least)
    assert list(every) == [alone_by[frozenset(columns)] for columns in sets]
    enough = {one for one, count in alone_by.items() if count / len(some) >= least}
    for columns, count in zip(sets, asked, strict=True):
        whole = frozenset(columns)
        minimal_one = whole in enough and not any(part < whole for part in enough)
        assert count in ({alone_by[whole]} if minimal_one else {0, alone_by[whole]})


def test_a_set_is_found_where_the_first_rows_mislead_about_a_smaller_one() -> None:
    # Every value of ``a`` comes again, but only in the second half of the table.
    table = Table.of(pa.table({"a": [at % 320 for at in range(640)], "b": [0] * 320 + [1] * 320}))
    some = table.arrow().take(pa.array(range(0, 640, 5)))
    sets = [("a",), ("b",), ("a", "b")]
    assert alone_in_all(table, some, sets, least=0.05) == (0, 0, 128)


def test_missing_values_are_alike_and_classes_are_counted() -> None:
    codes = encode(pa.chunked_array([["a", None], ["b", "a", None]]))
    assert codes[1] == codes[4]
    assert codes[0] == codes[3]
    assert sorted(class_counts([codes], [int(codes.max()) + 1])) == [1, 2, 2]
    assert len(set(encode(pa.chunked_array([pa.nulls(3)])))) == 1
