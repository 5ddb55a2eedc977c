from __future__ import annotations

import pickle
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from itertools import combinations
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from anping.core.errors import AnpingError, PlanError
from anping.core.measure import find
from anping.core.progress import silent
from anping.engine.table import Table
from anping.protect import KeyRing, Means, Settings, parse_plan, protect
from anping.protect.fit_plan import fit_plan
from anping.protect.plan_file import dump_plan
from anping.protect.sets import combinations as counting
from anping.protect.sets.anonymity import anonymise_sets
from anping.protect.sets.baskets import Baskets
from anping.protect.sets.combinations import rare_combinations, smallest_support
from anping.protect.sets.tree import ItemTree

KEYS = KeyRing({"person": b"p" * 32})


def support(people: Iterable[Iterable[str]], m: int) -> Counter[tuple[str, ...]]:
    """How many sets hold each combination of up to m items, by brute force."""
    found: Counter[tuple[str, ...]] = Counter()
    for items in people:
        for size in range(1, m + 1):
            found.update(combinations(sorted(set(items)), size))
    return found


def baskets_of(sets: Sequence[Iterable[int]], *, items: int) -> Baskets:
    pairs = [(place, item) for place, each in enumerate(sets) for item in each]
    rows = np.array(pairs, np.int64).reshape(-1, 2)
    named = np.ones(len(sets), np.bool_)
    return Baskets.of(rows[:, 0], rows[:, 1], items=items, named=named)


SETS = st.lists(st.sets(st.integers(0, 7), max_size=6), min_size=1, max_size=25)


@settings(deadline=None)
@given(SETS, st.integers(1, 4), st.integers(2, 5), st.sampled_from([1, 3, 4_000_000]))
def test_every_rare_combination_is_found_however_it_is_split(
    sets: list[set[int]], size: int, k: int, at_once: int
) -> None:
    baskets = baskets_of(sets, items=8)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(counting, "_AT_ONCE", at_once)
        found = rare_combinations(baskets, size, k=k)
        least = smallest_support(baskets, size)
    members = baskets.item[found.places]
    seen = Counter(tuple(row) for row in members.tolist())
    true = Counter(each for items in sets for each in combinations(sorted(items), size))
    assert seen == {each: count for each, count in true.items() if count < k}
    assert found.different == len(seen)
    every = support([[str(item) for item in items] for items in sets], size)
    assert least == min(every.values(), default=None)


@settings(deadline=None)
@given(SETS, st.integers(1, 3), st.integers(2, 4), st.sampled_from(["flat", "tree"]))
def test_what_is_released_is_anonymous_and_true(
    sets: list[set[int]], m: int, k: int, shape: str
) -> None:
    items = [f"i{number}" for number in range(8)]
    paths = {item: (item, f"g{int(item[1]) // 2}", f"h{int(item[1]) // 4}", "*") for item in items}
    tree = ItemTree.of(paths, items) if shape == "tree" else ItemTree.flat(items)
    raw = baskets_of(sets, items=8)
    found = anonymise_sets(raw, tree, k=k, m=m)
    released: dict[int, set[str]] = defaultdict(set)
    for basket, node in zip(found.released.basket, found.released.item, strict=True):
        released[int(basket)].add(tree.texts[node])
    assert all(count >= k for count in support(released.values(), m).values())
    for basket, texts in released.items():
        true = {
            text
            for item in sets[basket]
            for text in (paths[items[item]] if shape == "tree" else (items[item],))
        }
        assert texts <= true
    assert 0 <= found.loss <= 1
    assert found.released.occurrences + found.taken.occurrences == found.generalised.occurrences


def test_sets_that_are_common_enough_stay_as_they_are() -> None:
    raw = baskets_of([{0, 1}, {0, 1}, {0, 1, 2}, {2}, {2}, {0, 2}, {1, 2}, {0, 2}, {1, 2}], items=3)
    found = anonymise_sets(raw, ItemTree.flat(["a", "b", "c"]), k=3, m=2)
    assert found.released.occurrences == raw.occurrences
    assert found.loss == 0
    assert found.support == 3


def test_the_rows_of_nobody_count_as_one_person() -> None:
    item, basket = np.zeros(6, np.int64), np.arange(6, dtype=np.int64)
    named = np.array([True, True, False, False, False, False])
    baskets = Baskets.of(basket, item, items=1, named=named)
    assert smallest_support(baskets, 1) == 3


_PLAN = """
plan: 1
privacy_unit: id
columns:
  id: {do: pseudonym}
  codes: {do: set_anonymity, k: 4, m: 2, separator: "|"}
  row: {do: keep}
"""
_GROUPED = _PLAN.replace(
    'separator: "|"',
    'separator: "|", hierarchy: {kind: category, groups: {x: [a, b], y: [c, d], z: [e, f]}}',
)


def visits(seed: int, *, lists: bool = False, missing: bool = False) -> pa.Table:
    draw = np.random.default_rng(seed)
    people = draw.integers(0, 60, 150)
    sets = [list(draw.choice(list("abcdef"), draw.integers(0, 4))) for _ in people]
    texts = [None if not items and draw.random() < 0.5 else " | ".join(items) for items in sets]
    ids = [None if missing and person % 9 == 0 else f"p{person}" for person in people]
    cells = pa.array(sets, pa.list_(pa.string())) if lists else pa.array(texts, pa.string())
    return pa.table({"id": ids, "codes": cells, "row": list(range(150))})


def by_person(table: pa.Table, ids: list[str | None]) -> dict[str, set[str]]:
    """The released sets of each raw person; a row of nobody is one by itself."""
    found: dict[str, set[str]] = defaultdict(set)
    for row, cell in zip(table["row"].to_pylist(), table["codes"].to_pylist(), strict=True):
        items = cell.split("|") if isinstance(cell, str) else cell or []
        assert items == sorted(set(items))
        found[ids[row] or f"row {row}"].update(items)
    return found


@pytest.mark.parametrize("text", [_PLAN, _GROUPED])
@pytest.mark.parametrize("kind", ["text", "list"])
def test_a_plan_makes_the_sets_of_people_anonymous(text: str, kind: str) -> None:
    raw = visits(1, lists=kind == "list")
    done = protect(Table.of(raw), parse_plan(text), keys=KEYS, settings=Settings(seed=1))
    people = by_person(done.table, raw["id"].to_pylist())
    counts = support(people.values(), 2)
    assert counts
    assert min(counts.values()) >= 4
    measure = find(done.measures, "deid.sets.support", "codes")
    assert measure is not None
    assert measure.value == min(counts.values())
    suppressed = find(done.measures, "deid.sets.suppressed", "codes")
    assert suppressed is not None
    assert done.table.schema.field("codes").type == raw.schema.field("codes").type
    (operation,) = [each for each in done.operations if each.column == "codes"]
    assert "k^m" in operation.technique
    assert any("k^m" in limit.en for limit in done.limits)


def test_rows_that_name_nobody_count_as_one_person_together() -> None:
    raw = visits(2, missing=True)
    done = protect(Table.of(raw), parse_plan(_PLAN), keys=KEYS, settings=Settings(seed=1))
    ids = raw["id"].to_pylist()
    found = by_person(done.table, ids)
    named = support([items for who, items in found.items() if who.startswith("p")], 2)
    nobody = support([items for who, items in found.items() if who.startswith("row")], 2)
    for each in {*named, *nobody}:
        assert named[each] + (nobody[each] > 0) >= 4


def test_rows_that_the_model_suppresses_are_not_counted() -> None:
    raw = pa.table(
        {
            "age": [30] * 8 + [70, 71],
            "codes": ["a"] * 3 + ["b"] * 5 + ["a", "a"],
        }
    )
    plan = parse_plan(
        """
plan: 1
model: {k: 4, suppression_limit: 0.5, local_recoding: false}
columns:
  age: {do: generalise, hierarchy: {kind: category, groups: {young: ["30"], s: ["70"], t: ["71"]}}}
  codes: {do: set_anonymity, k: 5, m: 1}
"""
    )
    done = protect(Table.of(raw), plan, settings=Settings(seed=1))
    counts = Counter(done.table["codes"].to_pylist())
    assert all(count >= 5 for text, count in counts.items() if text is not None)


def test_a_list_inside_several_batches_is_treated_alike() -> None:
    raw = visits(3)
    whole = protect(Table.of(raw), parse_plan(_PLAN), keys=KEYS, settings=Settings(seed=1))
    small = pa.Table.from_batches(raw.to_batches(max_chunksize=7))
    parts = protect(Table.of(small), parse_plan(_PLAN), keys=KEYS, settings=Settings(seed=1))
    assert whole.table.sort_by("row").equals(parts.table.sort_by("row"))


def test_a_column_of_nothing_stays_nothing() -> None:
    raw = pa.table({"codes": pa.array([None, "", " ; "], pa.string()), "row": [1, 2, 3]})
    plan = parse_plan("plan: 1\ncolumns:\n  codes: {do: set_anonymity}\n  row: {do: keep}\n")
    done = protect(Table.of(raw), plan)
    assert done.table["codes"].to_pylist() == [None] * 3


def test_the_plan_is_written_as_it_is_read() -> None:
    for text in (_PLAN, _GROUPED):
        plan = parse_plan(text)
        assert parse_plan(dump_plan(plan)) == plan


@pytest.mark.parametrize(
    ("entry", "code"),
    [
        ("{do: set_anonymity, m: 9}", "plan.value"),
        ("{do: set_anonymity, separator: ''}", "plan.value"),
        ("[{do: set_anonymity}, {do: mask}]", "plan.order"),
    ],
)
def test_a_wrong_entry_is_refused(entry: str, code: str) -> None:
    with pytest.raises(PlanError) as caught:
        parse_plan(f"plan: 1\ncolumns:\n  codes: {entry}\n")
    assert caught.value.code == code


def test_numbers_are_no_sets_and_a_hierarchy_must_know_every_item() -> None:
    plan = parse_plan("plan: 1\ncolumns:\n  codes: {do: set_anonymity}\n")
    with pytest.raises(PlanError) as caught:
        protect(Table.of(pa.table({"codes": [1, 2]})), plan)
    assert caught.value.code == "plan.type"


def test_a_hierarchy_file_that_lacks_an_item_is_refused(tmp_path: Path) -> None:
    (tmp_path / "items.csv").write_text("a;x;*\nb;x;*\n")
    plan = parse_plan(
        "plan: 1\ncolumns:\n  codes: {do: set_anonymity, hierarchy: {kind: csv, file: items.csv}}\n"
    )
    table = Table.of(pa.table({"codes": ["a;b", "c"]}))
    with pytest.raises(AnpingError) as caught:
        protect(table, plan, settings=Settings(hierarchies_folder=tmp_path))
    assert caught.value.code == "deid.hierarchy-incomplete"
    assert caught.value.where.column == "codes"


def test_a_fitted_step_travels() -> None:
    plan = parse_plan(_PLAN)
    fit = fit_plan(
        Table.of(visits(1)), plan, means=Means(KEYS), settings=Settings(seed=1), progress=silent
    )
    assert pickle.loads(pickle.dumps(fit.protection)).schema == fit.protection.schema
