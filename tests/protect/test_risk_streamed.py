"""What is read in batches and counted by codes and hashes says what counting by hand says."""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Sequence
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from anping.engine.numbering import numbered
from anping.engine.table import Table
from anping.protect.risk import alike as alike_module
from anping.protect.risk.alike import alike
from anping.protect.risk.classes import column_codes, equivalence_classes
from anping.protect.risk.compatible import Compatible
from anping.protect.risk.linkage import LinkageOptions, link
from anping.protect.risk.people import people_of
from anping.protect.risk.reidentification import measure_diversity, measure_risk
from anping.protect.risk.uniqueness import measure_uniqueness

KINDS: dict[str, tuple[pa.DataType, st.SearchStrategy[Any]]] = {
    "text": (pa.string(), st.sampled_from(["", "a", "b", "ab", "a" * 9, "臺北市大安區和平東路"])),
    "long": (pa.large_string(), st.sampled_from(["", "x", "y"])),
    "coded": (pa.dictionary(pa.int32(), pa.string()), st.sampled_from(["p", "q"])),
    "whole": (pa.int64(), st.sampled_from([0, 1, -1, 2**62])),
    "real": (pa.float64(), st.sampled_from([0.0, 1.5, float("nan"), float("inf")])),
    "flag": (pa.bool_(), st.booleans()),
    "day": (pa.date32(), st.sampled_from([date(1970, 1, 1), date(2024, 2, 29)])),
    "at": (pa.timestamp("us"), st.sampled_from([datetime(2024, 1, 1), datetime(1969, 1, 1)])),  # noqa: DTZ001 - a moment without a zone is what is tested
    "money": (pa.decimal128(9, 2), st.sampled_from([Decimal("1.00"), Decimal("1.10")])),
    "tags": (pa.list_(pa.string()), st.sampled_from([["a"], ["a", "b"], []])),
    "raw": (pa.binary(), st.sampled_from([b"", b"\xff", b"a"])),
}
FLAT = [name for name in KINDS if name not in {"tags", "raw"}]


@st.composite
def tables(draw: st.DrawFn, names: Sequence[str] = tuple(KINDS)) -> pa.Table:
    rows = draw(st.integers(1, 20))
    wanted = draw(st.lists(st.sampled_from(list(names)), min_size=1, max_size=4, unique=True))
    columns = {}
    for name in wanted:
        kind, cells = KINDS[name]
        held = draw(st.lists(st.none() | cells, min_size=rows, max_size=rows))
        base = pa.string() if pa.types.is_dictionary(kind) else kind
        columns[name] = pa.array(held, base)
        if base != kind:
            columns[name] = columns[name].dictionary_encode()
    return pa.table(columns)


def plain(cell: Any) -> Any:
    """A cell that compares as classes do: NaN is one value, and not a missing one."""
    if isinstance(cell, float) and math.isnan(cell):
        return "NaN"
    return tuple(cell) if isinstance(cell, list) else cell


def rows_of(table: pa.Table) -> list[tuple[Any, ...]]:
    return [tuple(plain(cell) for cell in row.values()) for row in table.to_pylist()]


def stored(table: pa.Table, folder: Path, group: int) -> Table:
    pq.write_table(table, folder / "t.parquet", row_group_size=group)
    return Table.open(folder / "t.parquet")


@settings(max_examples=60, deadline=None)
@given(table=tables(), group=st.integers(1, 7))
def test_rows_are_alike_exactly_when_they_are_equal(
    tmp_path_factory: pytest.TempPathFactory, table: pa.Table, group: int
) -> None:
    source = stored(table, tmp_path_factory.mktemp("a"), group)
    codes, count = alike(source, table.column_names)
    rows = rows_of(table)
    assert count == len(set(rows)) == len(set(codes.tolist()))
    assert len(set(zip(rows, codes.tolist(), strict=True))) == count


def test_order_and_column_of_a_value_count() -> None:
    table = pa.table({"a": ["x", "y", None, "x"], "b": ["y", "x", "x", None]})
    assert alike(Table.of(table), ["a", "b"])[1] == 4
    numbers = pa.table({"a": [1, 2, 1], "b": [2, 1, 2]})
    assert alike(Table.of(numbers), ["a", "b"])[1] == 2


def test_a_shared_hash_does_not_make_rows_alike(monkeypatch: pytest.MonkeyPatch) -> None:
    def poor(cells: pa.Array) -> tuple[Any, Any]:
        given = np.array([ord(cell) for cell in cells.to_pylist()], np.uint64)
        return given // np.uint64(2), given

    monkeypatch.setattr(alike_module, "_hashes_of", poor)
    table = Table.of(pa.table({"a": list("abcdabcd")}))
    codes, count = alike(table, ["a"])
    assert count == 4
    assert len(set(zip("abcdabcd", codes.tolist(), strict=True))) == 4


@given(st.lists(st.integers(-(2**63), 2**63 - 1), max_size=40))
def test_dense_numbers_name_the_same_rows(keys: list[int]) -> None:
    repeated = np.array(keys * 3, np.int64)
    codes, count = numbered(repeated)
    assert count == len(set(keys))
    assert len(set(zip(repeated.tolist(), codes.tolist(), strict=True))) == count
    assert set(codes.tolist()) == set(range(count))


@pytest.mark.parametrize("twice", [0, 1, 40, 3000])
def test_dense_numbers_of_keys_that_mostly_stand_alone(twice: int) -> None:
    draw = np.random.default_rng(twice)
    keys = draw.integers(-(2**63), 2**63 - 1, 5000)
    keys[4000:4050] = 0, *range(49)
    repeated = draw.permutation(np.concatenate([keys, keys[:twice]]))
    codes, count = numbered(repeated)
    assert count == np.unique(repeated).size
    assert np.unique(np.stack([repeated, codes]), axis=1).shape[1] == count
    assert np.array_equal(np.unique(codes), np.arange(count))


@settings(max_examples=60, deadline=None)
@given(table=tables(FLAT), group=st.integers(1, 7), named=st.booleans())
def test_classes_and_people_are_counted_as_by_hand(
    tmp_path_factory: pytest.TempPathFactory, table: pa.Table, group: int, *, named: bool
) -> None:
    names = table.column_names
    who = names[-1] if named else None
    quasi = names[:-1] if named else names
    source = stored(table, tmp_path_factory.mktemp("c"), group)
    classes = equivalence_classes(source, quasi, person=who)
    keys = rows_of(table.select(quasi)) if quasi else [()] * table.num_rows
    sizes = Counter(keys)
    assert sorted(classes.rows.tolist()) == sorted(sizes.values())
    assert len(set(zip(keys, classes.of_row.tolist(), strict=True))) == classes.count == len(sizes)
    if who is None:
        assert classes.people is classes.rows
        return
    held: dict[Any, set[Any]] = defaultdict(set)
    for key, cell in zip(keys, table.column(who).to_pylist(), strict=True):
        nobody = cell is None or plain(cell) == "NaN" or (isinstance(cell, str) and not cell)
        held[key].add("nobody" if nobody else ("somebody", cell))
    assert sorted(classes.people.tolist()) == sorted(map(len, held.values()))


@settings(max_examples=40, deadline=None)
@given(table=tables(FLAT), group=st.integers(1, 7))
def test_measures_do_not_depend_on_how_a_table_is_stored(
    tmp_path_factory: pytest.TempPathFactory, table: pa.Table, group: int
) -> None:
    source = stored(table, tmp_path_factory.mktemp("m"), group)
    names = table.column_names
    for given_table in (source, Table.of(table)):
        told = [m.value for m in measure_risk(given_table, names[:1], person=names[-1])]
        told += [m.value for m in measure_diversity(given_table, names[:1], names)]
        told += [m.value for m in measure_uniqueness(given_table, names, person=names[0])]
        if given_table is source:
            first = told
    assert told == first


@given(st.lists(st.none() | st.sampled_from("abc"), max_size=15))
def test_codes_count_values_as_they_are_first_met(cells: list[str | None]) -> None:
    table = Table.of(pa.table({"c": pa.array(cells, pa.string())}))
    found = column_codes(table, "c")
    assert found.values.to_pylist() == list(dict.fromkeys(cells))
    assert [found.values[code].as_py() for code in found.codes] == cells


@given(st.lists(st.none() | st.sampled_from(["A", "B", " ", ""]), min_size=1, max_size=12))
def test_people_can_be_looked_up_by_row(cells: list[str | None]) -> None:
    table = Table.of(pa.table({"who": pa.array(cells, pa.string())}))
    people = people_of("who", table)
    assert people is not None
    assert people.column == "who"
    named = {cell for cell in cells if cell and cell.strip()}
    assert people.count == len(named) + int(people.unnamed.sum())
    assert set(people.codes.tolist()) == set(range(people.count))
    backwards = people.at(np.arange(len(cells))[::-1])
    assert backwards.column is None
    assert people_of(backwards, table) is backwards
    sizes = equivalence_classes(table, [], person=people).size_of_unit
    assert sizes.size == people.count


def test_leaves_beside_the_raw_table_attack_as_functions_do(tmp_path: Path) -> None:
    zones = {f"{c}{t}": (f"{c}{t}", c, "*") for c in "ABC" for t in range(4)}
    draw = np.random.default_rng(5)
    leaves = draw.choice(list(zones), 300)
    raw = pa.table({"zone": [f"{leaf} road {at}" for at, leaf in enumerate(leaves)]})
    raw = raw.append_column(
        "sick", pa.array([("yes", "no", None)[at] for at in draw.integers(0, 3, 300)])
    )
    order = draw.permutation(300)
    shown = raw.take(pa.array(order)).set_column(0, "zone", pa.array([z[0] for z in leaves[order]]))
    links = pa.table({"protected_row": np.arange(300), "raw_row": order})
    options = LinkageOptions(seed=2, targets=40, sensitive=("sick",))

    def attack(compatible: Compatible, kept: Table | pa.Table) -> list[tuple[str, float]]:
        measures = link(
            raw, shown, links=kept, quasi_identifiers=["zone"], compatible=compatible,
            options=options,
        )  # fmt: skip
        return [(measure.key, measure.value) for measure in measures]

    by_function = attack(Compatible({"zone": zones}, {"zone": lambda cell: cell[:2]}), links)
    beside = Table.of(pa.table({"zone": leaves}))
    kept = stored(links, tmp_path, 7)
    assert attack(Compatible({"zone": zones}, leaf_table=beside), kept) == by_function
