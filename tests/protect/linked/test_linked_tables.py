from __future__ import annotations

from collections import Counter, defaultdict
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from anping.core.dates import parse
from anping.core.errors import AnpingError, InfeasibleError
from anping.core.measure import find
from anping.engine.table import Table
from anping.engine.write import write_parquet
from anping.protect import KeyRing, Means, Plan, Settings, parse_plan
from anping.protect.deid.loss import information_loss_of_release
from anping.protect.linked import Linked, LinkedOptions, protect_linked, protect_linked_into
from anping.protect.linked.profiles import profiles

KEYS = KeyRing({"person": b"p" * 32, "date-shift": b"d" * 32})

_PATIENTS = """
plan: 1
privacy_unit: id
model: {k: 4, suppression_limit: 0.1}
columns:
  id: {do: pseudonym}
  age: {do: generalise, hierarchy: {kind: age, widths: [5, 20]}}
  town: {do: generalise, hierarchy: {kind: category, groups: {n: [a, b], s: [c, d]}}}
  born: {do: date_shift}
"""
_VISITS = """
plan: 1
privacy_unit: person
model: {k: 4, suppression_limit: 0.1}
columns:
  person: {do: pseudonym}
  ward: {do: generalise, hierarchy: {kind: category, groups: {in: [w, x], out: [y, z]}}}
  day: {do: date_shift}
"""


def patients(seed: int, people: int = 80) -> pa.Table:
    draw = np.random.default_rng(seed)
    return pa.table(
        {
            "id": [f"p{number}" for number in range(people)],
            "age": draw.integers(20, 60, people),
            "town": draw.choice(list("abcd"), people),
            "born": [
                f"19{draw.integers(50, 99)}-01-{1 + number % 28:02d}" for number in range(people)
            ],
        }
    )


def visits(seed: int, people: int = 80, rows: int = 160) -> pa.Table:
    draw = np.random.default_rng(seed + 1)
    return pa.table(
        {
            "person": [f"P {number}" for number in draw.integers(0, people + 10, rows)],
            "ward": draw.choice(list("wxyz"), rows),
            "day": [f"2024-02-{1 + number % 28:02d}" for number in range(rows)],
        }
    )


def plans() -> dict[str, Plan]:
    return {"patients": parse_plan(_PATIENTS), "visits": parse_plan(_VISITS)}


def done(seed: int, **options: Any) -> tuple[Linked, dict[str, pa.Table]]:
    raw = {"patients": patients(seed), "visits": visits(seed)}
    tables = {name: Table.of(table) for name, table in raw.items()}
    asked = LinkedOptions(settings=Settings(seed=seed), **options)
    return protect_linked(tables, plans(), means=Means(KEYS), options=asked), raw


def joined(linked: Linked) -> Counter[frozenset[Any]]:
    """What an attacker who joins by pseudonym sees of each person, and how many share it."""
    seen: dict[str, set[Any]] = defaultdict(set)
    for name, one in linked.tables.items():
        who = "id" if name == "patients" else "person"
        for row in one.table.to_pylist():
            seen[row[who]].add((name, *(row[column] for column in one.quasi_identifiers)))
    return Counter(frozenset(shown) for shown in seen.values())


@given(st.integers(0, 50))
@settings(max_examples=8, deadline=None)
def test_whoever_joins_the_tables_finds_k_people(seed: int) -> None:
    linked, raw = done(seed)
    shared = joined(linked)
    assert min(shared.values()) >= 4
    after = find(linked.measures, "deid.linked.k", "after")
    before = find(linked.measures, "deid.linked.k", "before")
    assert after is not None
    assert before is not None
    assert after.value == min(shared.values())
    for name, one in linked.tables.items():
        classes: dict[Any, set[str]] = defaultdict(set)
        who = "id" if name == "patients" else "person"
        for row in one.table.to_pylist():
            classes[tuple(row[column] for column in one.quasi_identifiers)].add(row[who])
        assert min(map(len, classes.values())) >= 4
        _agrees_with_its_account(one, raw[name])


def _agrees_with_its_account(one: Any, raw: pa.Table) -> None:
    suppressed = raw.num_rows - one.table.num_rows
    loss = find(one.measures, "deid.information_loss")
    assert loss is not None
    assert loss.value == pytest.approx(
        information_loss_of_release(one.table, one.coverage, suppressed_rows=suppressed)
    )
    rows = {each.name: each.value for each in one.measures}
    assert rows["deid.rows.released"] + rows["deid.rows.suppressed"] == raw.num_rows
    assert one.leaves.num_rows == raw.num_rows
    for column in one.quasi_identifiers:
        leaves = one.leaves.column(column).take(one.links.column("raw_row")).to_pylist()
        for leaf, text in zip(leaves, one.table.column(column).to_pylist(), strict=True):
            assert text in one.hierarchies[column].paths[leaf]


@given(st.integers(0, 200), st.sampled_from([12, 20, 30]), st.integers(2, 4))
@settings(max_examples=15, deadline=None)
def test_few_people_and_a_sensitive_column_hold_too_or_are_refused(
    seed: int, people: int, k: int
) -> None:
    raw = {"patients": patients(seed, people), "visits": visits(seed, people, 2 * people)}
    draw = np.random.default_rng(seed)
    illness = pa.array(draw.choice(list("fgh"), raw["visits"].num_rows, p=[0.7, 0.2, 0.1]))
    raw["visits"] = raw["visits"].append_column("illness", illness)
    text = _VISITS.replace("k: 4,", "k: 3, l: 2, sensitive: [illness],")
    own = {
        "patients": plans()["patients"],
        "visits": parse_plan(f"{text}  illness: {{do: keep}}\n"),
    }
    asked = LinkedOptions(k=k, settings=Settings(seed=seed))
    tables = {name: Table.of(table) for name, table in raw.items()}
    try:
        linked = protect_linked(tables, own, means=Means(KEYS), options=asked)
    except InfeasibleError:
        return
    assert min(joined(linked).values()) >= k
    for illnesses in of_profiles(linked, "visits", "illness"):
        assert len(set(illnesses)) >= 2
    for name, one in linked.tables.items():
        _agrees_with_its_account(one, raw[name])


def of_profiles(linked: Linked, table: str, column: str) -> list[list[Any]]:
    """The cells of a column in a table's rows of one tuple, for the people of each joined profile."""
    seen: dict[str, set[Any]] = defaultdict(set)
    cells: list[tuple[str, Any, Any]] = []
    for name, one in linked.tables.items():
        who = "id" if name == "patients" else "person"
        for row in one.table.to_pylist():
            shown = (name, *(row[each] for each in one.quasi_identifiers))
            seen[row[who]].add(shown)
            if name == table:
                cells.append((row[who], shown, row[column]))
    groups: dict[Any, list[Any]] = defaultdict(list)
    for person, shown, cell in cells:
        groups[frozenset(seen[person]), shown].append(cell)
    return list(groups.values())


@given(
    st.integers(0, 200),
    st.sampled_from(
        [
            "criteria: [{kind: t-closeness, column: illness, t: 0.3}]",
            "criteria: [{kind: alpha, column: illness, alpha: 0.8}]",
            "l: 2, l_kind: entropy, sensitive: [illness]",
            "l: 2, l_kind: recursive, c: 6, sensitive: [illness]",
            "criteria: [{kind: average-risk, most: 0.12}]",
        ],
    ),
)
@settings(max_examples=15, deadline=None)
def test_criteria_hold_for_those_who_share_a_joined_profile(seed: int, asked: str) -> None:
    raw = {"patients": patients(seed), "visits": visits(seed)}
    draw = np.random.default_rng(seed)
    drawn = draw.choice(list("fgh"), raw["visits"].num_rows, p=[0.5, 0.3, 0.2])
    raw["visits"] = raw["visits"].append_column("illness", pa.array(drawn))
    text = _VISITS.replace("k: 4,", f"k: 4, {asked},")
    own = {**plans(), "visits": parse_plan(f"{text}  illness: {{do: keep}}\n")}
    how = LinkedOptions(settings=Settings(seed=seed))
    try:
        linked = protect_linked(
            {name: Table.of(table) for name, table in raw.items()},
            own,
            means=Means(KEYS),
            options=how,
        )
    except InfeasibleError:
        return
    after = find(linked.measures, "deid.linked.failing", "after")
    assert after is not None
    assert after.value == 0
    # Who was left out of all is part of the distribution no more: compare with what is released.
    whole = linked.tables["visits"].against.whole
    for illnesses in of_profiles(linked, "visits", "illness"):
        counts = Counter(illnesses)
        shares = {value: count / len(illnesses) for value, count in counts.items()}
        if "closeness" in asked:
            values, known = whole["illness"]
            total = dict(zip(values.to_pylist(), known / known.sum(), strict=True))
            away = sum(abs(shares.get(value, 0) - share) for value, share in total.items()) / 2
            assert away <= 0.3 + 1e-9
        elif "alpha" in asked:
            assert max(shares.values()) <= 0.8 + 1e-9
        elif "entropy" in asked:
            assert -sum(share * np.log(share) for share in shares.values()) >= np.log(2) - 1e-9
        elif "recursive" in asked:
            first, *others = sorted(counts.values(), reverse=True)
            assert first < 6 * sum(others)
    if "average" in asked:
        shared = joined(linked)
        here = [
            count for profile, count in shared.items() if any(n == "visits" for n, *_ in profile)
        ]
        assert len(here) / sum(here) <= 0.12 + 1e-9


def test_separate_tables_would_not_have_held() -> None:
    linked, _ = done(1)
    before = find(linked.measures, "deid.linked.k", "before")
    assert before is not None
    assert before.value < 4


def test_a_person_has_one_pseudonym_and_one_shift_in_all_tables() -> None:
    linked, raw = done(2)
    tokens: dict[str, set[str]] = defaultdict(set)
    shifts: dict[str, set[int]] = defaultdict(set)
    for name, who, dated in (("patients", "id", "born"), ("visits", "person", "day")):
        one = linked.tables[name]
        before = raw[name].take(one.links.column("raw_row"))
        for old, new in zip(before.to_pylist(), one.table.to_pylist(), strict=True):
            person = old[who].upper().replace(" ", "")
            tokens[person].add(new[who])
            then, now = parse(old[dated]), parse(new[dated])
            assert then is not None
            assert now is not None
            shifts[person].add((now.day - then.day).days)
    assert all(len(each) == 1 for each in tokens.values())
    assert all(len(each) == 1 for each in shifts.values())
    assert len({next(iter(each)) for each in tokens.values()}) == len(tokens)


def test_a_row_that_names_nobody_is_refused_or_a_person_of_its_own() -> None:
    raw = visits(3)
    ids = [None if row == 7 else name for row, name in enumerate(raw["person"].to_pylist())]
    raw = raw.set_column(0, "person", pa.array(ids, pa.string()))
    tables = {"patients": Table.of(patients(3)), "visits": Table.of(raw)}
    with pytest.raises(AnpingError) as caught:
        protect_linked(tables, plans(), means=Means(KEYS))
    assert caught.value.code == "linked.person-missing"
    assert caught.value.where.file == "visits"
    assert caught.value.where.row == 8
    asked = LinkedOptions(missing="own", settings=Settings(seed=3))
    linked = protect_linked(tables, plans(), means=Means(KEYS), options=asked)
    after = find(linked.measures, "deid.linked.k", "after")
    assert after is not None
    assert after.value >= 4


def test_k_can_be_larger_than_in_the_plans() -> None:
    linked, _ = done(4, k=9)
    assert min(joined(linked).values()) >= 9


@pytest.mark.parametrize(
    ("change", "code"),
    [
        (("method: hmac", "x"), None),
        (("{do: pseudonym}", "{do: pseudonym, key: other}"), "linked.keys-differ"),
        (("{do: pseudonym}", "{do: pseudonym, normalise: exact}"), "linked.keys-differ"),
        (("{do: date_shift}", "{do: date_shift, max_days: 9}"), "linked.shifts-differ"),
        (("{do: pseudonym}", "{do: drop}"), None),
        (("k: 4,", "k: 4, criteria: [{kind: k-map, k: 5}],"), "linked.criteria"),
        (("k: 4,", "k: 4, criteria: [{kind: delta-presence, most: 0.5}],"), "linked.criteria"),
    ],
)
def test_plans_must_agree(change: tuple[str, str], code: str | None) -> None:
    own = {**plans(), "visits": parse_plan(_VISITS.replace(*change))}
    tables = {"patients": Table.of(patients(5)), "visits": Table.of(visits(5))}
    keys = Means(KeyRing({**KEYS.secrets, "other": b"o" * 32}))
    asked = LinkedOptions(settings=Settings(seed=5))
    if code is None:
        protect_linked(tables, own, means=keys, options=asked)
        return
    with pytest.raises(AnpingError) as caught:
        protect_linked(tables, own, means=keys, options=asked)
    assert caught.value.code == code


@pytest.mark.parametrize("seed", [2, 5])
def test_in_files_it_is_the_same(seed: int, tmp_path: Path) -> None:
    linked, raw = done(seed)
    for name, table in raw.items():
        write_parquet(table, tmp_path / f"{name}.parquet")
    tables = {name: Table.open(tmp_path / f"{name}.parquet") for name in raw}
    asked = LinkedOptions(settings=Settings(seed=seed))
    into = tmp_path / "made"
    made = protect_linked_into(tables, plans(), into, means=Means(KEYS), options=asked)
    assert made.measures == linked.measures
    for name, one in linked.tables.items():
        two = made.tables[name]
        assert two.table.arrow().equals(one.table)
        assert two.links.arrow().equals(one.links)
        assert two.leaves.arrow().equals(one.leaves)
        assert (two.measures, two.coverage, two.paths) == (one.measures, one.coverage, one.paths)
        assert sorted(each.name for each in (into / name).iterdir()) == [
            "leaves.parquet",
            "links.parquet",
            "protected.parquet",
        ]
    assert sorted(each.name for each in tmp_path.iterdir()) == [
        "made",
        "patients.parquet",
        "visits.parquet",
    ]
    with pytest.raises(AnpingError) as caught:
        protect_linked_into(tables, plans(), into, means=Means(KEYS), options=asked)
    assert caught.value.code == "protect.folder-exists"


def test_more_rows_than_can_be_joined_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("anping.protect.linked.protect.MOST_ROWS", 239)
    with pytest.raises(AnpingError) as caught:
        done(1)
    assert caught.value.code == "protect.too-many-rows"


def test_names_and_units_must_be_there() -> None:
    table = Table.of(patients(6))
    with pytest.raises(AnpingError) as caught:
        protect_linked({"patients": table}, plans())
    assert caught.value.code == "linked.names"
    plain = parse_plan(
        "plan: 1\ncolumns:\n  person: {do: drop}\n  ward: {do: keep}\n  day: {do: keep}\n"
    )
    with pytest.raises(AnpingError) as caught:
        protect_linked(
            {"patients": table, "visits": Table.of(visits(6))}, {**plans(), "visits": plain}
        )
    assert caught.value.code == "linked.no-person"


@given(st.lists(st.tuples(st.integers(0, 6), st.integers(0, 4)), max_size=40))
def test_equal_profiles_are_equal_sets(pairs: list[tuple[int, int]]) -> None:
    rows = np.array(pairs, np.int64).reshape(-1, 2)
    found = profiles(rows[:, 0], rows[:, 1], people=7)
    sets = [{item for person, item in pairs if person == number} for number in range(7)]
    for first in range(7):
        for second in range(7):
            assert (found[first] == found[second]) == (sets[first] == sets[second])
