from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from anping.core.measure import Measure
from anping.protect.risk.attacks import nearness
from anping.protect.risk.attacks.distance_linkage import link_by_distance
from anping.protect.risk.attacks.linkability import join_sources
from anping.protect.risk.attacks.membership import infer_membership
from anping.protect.risk.attacks.nearness import axes_of, crowd_of, nearest
from anping.protect.risk.attacks.scene import Attacked, AttackOptions

EVERY = ("age", "zone", "sick", "income", "weight")
NUMBERS = ("income", "weight")


def values(measures: tuple[Measure, ...]) -> dict[str, float]:
    return {m.name.removeprefix("risk."): m.value for m in measures}


def test_blocks_find_what_one_look_finds(
    people: Any, scene: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    raw = people(90)
    played = scene(raw, (1, 0))
    targets = np.arange(0, 90, 2)
    axes = axes_of(played, EVERY, targets)
    every = sum(axis.between(slice(0, targets.size), np.arange(90)) for axis in axes)
    assert isinstance(every, np.ndarray)
    monkeypatch.setattr(nearness, "_TARGETS", 7)
    monkeypatch.setattr(nearness, "_ROWS", 11)
    generator = np.random.default_rng(0)
    crowd = crowd_of(played, EVERY, generator)
    found = nearest(axes, crowd, targets=targets.size, count=6, generator=generator)
    assert np.allclose(found.distances, np.sort(every, axis=1)[:, :6], atol=1e-6)
    assert np.allclose(np.take_along_axis(every, found.rows, axis=1), found.distances, atol=1e-6)
    assert all(len(set(row)) == 6 for row in found.rows.tolist())


def test_rows_alike_are_looked_at_once_and_all_found(people: Any, scene: Any) -> None:
    played = scene(people(200), (1, 1))
    targets = np.arange(200)
    axes = axes_of(played, ("age", "zone"), targets)
    generator = np.random.default_rng(0)
    crowd = crowd_of(played, ("age", "zone"), generator)
    assert crowd.count <= 12
    found = nearest(axes, crowd, targets=200, count=30, generator=generator)
    every = sum(axis.between(slice(0, 200), np.arange(200)) for axis in axes)
    assert isinstance(every, np.ndarray)
    assert np.allclose(found.distances, np.sort(every, axis=1)[:, :30], atol=1e-6)
    assert np.allclose(np.take_along_axis(every, found.rows, axis=1), found.distances, atol=1e-6)
    assert all(len(set(row)) == 30 for row in found.rows.tolist())


def test_missing_numbers_are_near_to_missing_ones_only() -> None:
    raw = pa.table({"x": [1.0, None, 3.0]})
    links = pa.table({"protected_row": range(3), "raw_row": range(3)})
    axes = axes_of(Attacked.of(raw, raw, links=links), ["x"], np.arange(3))
    between = axes[0].between(slice(0, 3), np.arange(3))
    assert between[1].tolist() == [2.0, 0.0, 2.0]
    assert np.diag(between).tolist() == [0.0, 0.0, 0.0]


def test_agreement_on_a_rare_value_is_nearer() -> None:
    raw = pa.table({"x": ["rare", *["common"] * 9]})
    links = pa.table({"protected_row": range(10), "raw_row": range(10)})
    axes = axes_of(Attacked.of(raw, raw, links=links), ["x"], np.arange(10))
    between = axes[0].between(slice(0, 10), np.arange(10))
    assert between[0, 0] < between[1, 1] < between[0, 1] == 2.0


def test_noise_hides_only_what_it_is_larger_than(people: Any, scene: Any) -> None:
    raw = people(600)
    noise = np.random.default_rng(5).normal(size=(2, 600))
    found = []
    for scale in (0.001, 3.0):
        changed = {
            name: raw[name].to_numpy() + scale * raw[name].to_numpy().std() * noise[place]
            for place, name in enumerate(NUMBERS)
        }
        found.append(values(link_by_distance(scene(raw, changed=changed), NUMBERS)))
    assert found[0]["linkage.distance.success"] > 0.9
    assert found[1]["linkage.distance.success"] < 0.05
    assert found[0]["linkage.distance.control"] < 0.02
    assert found[0]["linkage.distance.baseline"] == pytest.approx(1 / 600)


def test_two_sources_meet_in_a_raw_table_but_not_in_a_generalised_one(
    people: Any, scene: Any
) -> None:
    raw = people(400)
    halves = (("age", "zone", "sick"), NUMBERS)
    open_release = values(join_sources(scene(raw), EVERY, halves=halves))
    assert open_release["linkability.success"] > 0.9
    assert open_release["linkability.control"] < 0.25
    assert open_release["linkability.baseline"] < 0.1
    top = join_sources(scene(raw, (2, 2)), ("age", "zone"))
    excess = next(m for m in top if m.name.endswith("excess")).interval
    assert excess is not None
    assert excess.low <= 0 <= excess.high
    against = values(join_sources(scene(raw, control=people(300, 5)), EVERY, halves=halves))
    assert against["linkability.control"] < 0.25
    assert join_sources(scene(raw), ("age",)) == ()


def test_members_of_a_copied_table_are_told_from_others(people: Any, scene: Any) -> None:
    raw, others = people(400), people(400, seed=8)
    for control in (None, others):
        found = values(infer_membership(scene(raw, control=control), EVERY))
        assert found["membership.auc"] > 0.99
        assert found["membership.success"] > 0.95
        assert found["membership.advantage"] > 0.95
        assert found["membership.control"] <= 0.01


def test_members_cannot_be_told_from_a_release_of_other_people(people: Any) -> None:
    raw, others, drawn = people(500), people(500, 8), people(500, 9)
    links = pa.table({"protected_row": range(500), "raw_row": range(500)})
    measures = infer_membership(Attacked.of(raw, drawn, links=links, control=others), EVERY)
    found = {m.name: m for m in measures}
    for name, chance in (("auc", 0.5), ("advantage", 0.0)):
        interval = found[f"risk.membership.{name}"].interval
        assert interval is not None
        assert interval.low - 0.03 <= chance <= interval.high + 0.03
    assert found["risk.membership.success"].value < 0.05


def test_only_those_in_the_release_are_members(people: Any, scene: Any) -> None:
    played = scene(people(100))
    kept = pa.array(np.arange(60))
    links = pa.table({"protected_row": np.arange(60), "raw_row": played.raw_row[:60]})
    fewer = Attacked.of(played.raw, played.released.arrow().take(kept), links=links)
    found = {m.name: m for m in infer_membership(fewer, EVERY)}
    assert found["risk.membership.success"].n == 60


@pytest.mark.parametrize("attack", [join_sources, link_by_distance, infer_membership])
def test_equal_seeds_give_equal_attacks(people: Any, scene: Any, attack: Any) -> None:
    raw = people(200)
    options = AttackOptions(seed=3, targets=40)
    one = attack(scene(raw, (1, 1)), EVERY, options=options)
    assert one
    assert one == attack(scene(raw, (1, 1)), EVERY, options=options)
    assert all(m.seed == 3 and m.interval is not None for m in one)
    assert attack(scene(raw), (), options=options) == ()
