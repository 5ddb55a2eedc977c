"""Several tables of the same people: what no table tells alone their joined profiles tell."""

from __future__ import annotations

from typing import Any

import numpy as np
import pyarrow as pa

from anping.core.measure import Measure
from anping.protect.risk.attacks.person_linkage import link_people
from anping.protect.risk.attacks.profile_linkage import LinkedTable, link_profiles
from anping.protect.risk.attacks.scene import AttackOptions

NAMES = ("age", "zone")


def values(measures: tuple[Measure, ...]) -> dict[str, float]:
    return {m.name.removeprefix("risk.linkage.profile."): m.value for m in measures}


def visits(people: Any, who: list[int], seed: int) -> pa.Table:
    raw = people(len(who), seed)
    return raw.append_column("who", pa.array([f"p {each:04}" for each in who]))


def linked(scene: Any, raw: pa.Table, levels: tuple[int, int]) -> LinkedTable:
    return LinkedTable(scene(raw, levels, person="who"), NAMES, "who", "who")


def test_two_tables_tell_who_neither_tells(people: Any, scene: Any) -> None:
    everybody = list(range(300))
    tables = {
        name: linked(scene, visits(people, everybody, seed), (1, 1))
        for seed, name in enumerate("ab")
    }
    joined = values(link_profiles(tables))
    # Four decades and three counties: twelve classes in each table, 144 profiles in both.
    assert joined["success"] > 0.3
    assert joined["control"] < 0.05
    assert joined["baseline"] < 0.01
    assert joined["excess"] > 0.25
    assert link_people(tables["a"].scene, NAMES, pseudonym="who") == ()


def test_nothing_is_told_at_the_top(people: Any, scene: Any) -> None:
    tables = {
        name: linked(scene, visits(people, list(range(200)), seed), (2, 2))
        for seed, name in enumerate("ab")
    }
    excess = next(m for m in link_profiles(tables) if m.name.endswith("excess")).interval
    assert excess is not None
    assert excess.low <= 0 <= excess.high


def test_who_is_in_which_tables_tells_by_itself(people: Any, scene: Any) -> None:
    """Everything is at the top, but only one person is in the first two tables alone."""
    all_three = list(range(1, 60))
    tables = {
        "a": linked(scene, visits(people, [0, *all_three], 1), (2, 2)),
        "b": linked(scene, visits(people, [0, 0, *all_three], 2), (2, 2)),
        "c": linked(scene, visits(people, [*all_three, 70], 3), (2, 2)),
    }
    found = link_profiles(tables, options=AttackOptions(seed=5))
    assert {m.n for m in found if m.name.endswith("success")} == {60}
    assert values(found)["success"] >= 1 / 60
    alone = {name: tables[name] for name in "ab"}
    assert values(link_profiles(alone))["success"] < 0.2
    assert link_profiles(tables, options=AttackOptions(seed=5)) == found


def test_rows_that_name_nobody_are_nobody_elses(people: Any, scene: Any) -> None:
    raw = visits(people, list(range(40)), 1)
    names = [None if place < 5 else each for place, each in enumerate(raw["who"].to_pylist())]
    unnamed = raw.set_column(raw.column_names.index("who"), "who", pa.array(names, pa.string()))
    tables = {"a": linked(scene, unnamed, (0, 0)), "b": linked(scene, unnamed, (0, 0))}
    found = link_profiles(tables)
    assert {m.n for m in found if m.name.endswith("success")} == {35}
    assert values(found)["success"] > 0.9
    nobody = pa.array(np.full(40, None, object), pa.string())
    nameless = raw.set_column(raw.column_names.index("who"), "who", nobody)
    assert link_profiles({name: linked(scene, nameless, (0, 0)) for name in "ab"}) == ()
