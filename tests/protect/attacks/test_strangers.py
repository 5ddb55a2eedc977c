"""Linkage, inference and downcoding set against people who are in no release."""

from __future__ import annotations

from collections import Counter
from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from anping.core.measure import Measure
from anping.protect.risk.attacks.downcoding import downcode
from anping.protect.risk.attacks.scene import Attacked, AttackOptions
from anping.protect.risk.attacks.strangers import link_strangers
from anping.protect.risk.compatible import Compatible

KNOWN = ("age", "zone")
LINKAGE, INFERENCE = "risk.linkage.held_out", "risk.inference.held_out"


def by_name(measures: tuple[Measure, ...]) -> dict[str, float]:
    return {m.name: m.value for m in measures}


def doubles(raw: pa.Table, outside: pa.Table) -> float:
    """The chance that a stranger is linked to his double, when everything is released."""
    there = Counter(zip(*(raw[name].to_pylist() for name in KNOWN), strict=True))
    asked = zip(*(outside[name].to_pylist() for name in KNOWN), strict=True)
    return float(np.mean([1 / there[each] if there[each] else 0 for each in asked]))


def test_of_a_raw_table_strangers_find_their_doubles(people: Any, scene: Any) -> None:
    raw, outside = people(600), people(900, seed=2)
    played = scene(raw, control=outside)
    found = by_name(link_strangers(played, KNOWN, sensitive=("sick", "weight")))
    classes = len(set(zip(*(raw[name].to_pylist() for name in KNOWN), strict=True)))
    # Everybody's candidates are those exactly like him: one of each class is found.
    assert found[f"{LINKAGE}.success"] == pytest.approx(classes / 600, abs=0.06)
    assert found[f"{LINKAGE}.control"] == pytest.approx(doubles(raw, outside), abs=0.06)
    assert found[f"{LINKAGE}.baseline"] < 0.02


def test_what_likeness_tells_is_no_leak(people: Any, scene: Any) -> None:
    def tied(table: pa.Table) -> pa.Table:
        zones = ["yes" if zone < "B" else "no" for zone in table["zone"].to_pylist()]
        return table.set_column(2, "sick", pa.array(zones))

    def measured(raw: pa.Table, outside: pa.Table) -> dict[str, Measure]:
        played = scene(raw, control=outside)
        measures = link_strangers(played, KNOWN, sensitive=("sick",), subject="held-out")
        assert {m.subject for m in measures} == {"held-out", "sick"}
        return {m.name: m for m in measures if m.name.startswith(INFERENCE)}

    alike = measured(tied(people(600)), tied(people(500, seed=2)))
    assert alike[f"{INFERENCE}.success"].value == 1
    # Of a stranger like nobody the commonest value is guessed.
    assert alike[f"{INFERENCE}.control"].value > 0.85
    alone = measured(people(150), people(500, seed=2))
    assert alone[f"{INFERENCE}.success"].value > 0.85
    assert alone[f"{INFERENCE}.control"].value < 0.75
    excess = alone[f"{INFERENCE}.excess"].interval
    assert excess is not None
    assert excess.low > 0


def test_numbers_are_guessed_to_the_tenth_of_the_raw_table(people: Any, scene: Any) -> None:
    played = scene(people(500), control=people(400, seed=2))
    found = by_name(link_strangers(played, KNOWN, sensitive=("weight",)))
    assert found[f"{INFERENCE}.control"] < 0.2 < found[f"{INFERENCE}.success"]


def test_at_the_top_nobody_is_told_from_a_stranger(people: Any, scene: Any) -> None:
    played = scene(people(800), (2, 2), control=people(800, seed=2))
    measures = link_strangers(played, KNOWN, sensitive=("sick",))
    for name in (LINKAGE, INFERENCE):
        [excess] = [m for m in measures if m.name == f"{name}.excess"]
        assert excess.interval is not None
        assert excess.interval.low < 0.01


def test_a_stranger_whose_values_nobody_has_is_linked_to_nobody(people: Any, scene: Any) -> None:
    outside = people(50, seed=2).set_column(1, "zone", pa.array(["elsewhere"] * 50))
    found = by_name(link_strangers(scene(people(300), control=outside), KNOWN, sensitive=("sick",)))
    assert found[f"{LINKAGE}.control"] == 0


def test_without_people_outside_there_is_nothing_to_say(people: Any, scene: Any) -> None:
    assert link_strangers(scene(people(100)), KNOWN) == ()


def test_equal_seeds_attack_alike(people: Any, scene: Any) -> None:
    def attacked(seed: int) -> tuple[Measure, ...]:
        played = scene(people(400), (1, 1), control=people(300, seed=2))
        return link_strangers(played, KNOWN, options=AttackOptions(seed, 100))

    assert attacked(1) == attacked(1) != attacked(2)


SHAPES = {s: (s, "*") for s in "xyz"}


def test_what_a_rule_tells_of_members_is_asked_of_strangers_too() -> None:
    # In 200 zones live an x and somebody else, who could not be parted; strangers there are all x.
    zones = [f"Z{zone}" for zone in range(200) for _ in range(2)]
    shapes = ["x", "y"] * 150 + ["x", "z"] * 50
    raw = pa.table({"zone": [*zones, *["W"] * 2000], "shape": [*shapes, *["x"] * 2000]})
    shown = pa.table({"zone": raw["zone"], "shape": [*["*"] * 400, *["x"] * 2000]})
    outside = pa.table({"zone": zones, "shape": ["x"] * 400})
    links = pa.table({"protected_row": np.arange(2400), "raw_row": np.arange(2400)})
    played = Attacked.of(
        raw, shown, links=links, compatible=Compatible({"shape": SHAPES}), control=outside
    )
    measures = downcode(played, ("zone", "shape"), smallest=2, subject="held-out")
    found = {m.name.removeprefix("risk.downcoding."): m for m in measures}
    # Two rows cannot both be x: an x and a y is guessed, which is right in three zones of four.
    assert found["success"].value == pytest.approx(0.875)
    assert found["control"].value == found["baseline"].value == 0.5
    assert {(m.n, m.subject) for m in measures} == {(200, "held-out")}
    assert "not in the raw table" in found["control"].title.en
    assert "marginals" in found["baseline"].title.en
    assert downcode(played, ("zone", "shape"), smallest=2, subject="held-out") == measures


def test_a_class_where_no_stranger_would_stand_is_no_trial() -> None:
    raw = pa.table({"zone": ["A", "A"] * 30, "shape": ["x", "y"] * 30})
    shown = pa.table({"zone": ["A", "A"] * 30, "shape": ["*"] * 60})
    links = pa.table({"protected_row": np.arange(60), "raw_row": np.arange(60)})
    elsewhere = pa.table({"zone": ["B"], "shape": ["x"]})
    played = Attacked.of(
        raw, shown, links=links, compatible=Compatible({"shape": SHAPES}), control=elsewhere
    )
    assert downcode(played, ("zone", "shape")) == ()
