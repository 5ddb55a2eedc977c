from typing import Any

import numpy as np
import pyarrow as pa

from anping.core.measure import Measure
from anping.protect.risk.attacks.person_linkage import link_people

NAMES = ("age", "zone")


def values(measures: tuple[Measure, ...]) -> dict[str, float]:
    return {m.name.removeprefix("risk.linkage.person."): m.value for m in measures}


def several(people: Any, count: int, each: int) -> pa.Table:
    raw = people(count * each)
    return raw.append_column("who", pa.array(np.repeat(np.arange(count), each)))


def test_all_rows_together_tell_who_no_row_tells(people: Any, scene: Any) -> None:
    raw = several(people, 300, 4)
    played = scene(raw, (1, 1), person="who")
    joined = values(link_people(played, NAMES, pseudonym="who"))
    apart = values(link_people(played, NAMES))
    assert joined["success"] > 0.5
    assert apart["success"] < 0.1
    assert joined["control"] < 0.05
    assert joined["baseline"] < 0.01


def test_nothing_is_told_at_the_top(people: Any, scene: Any) -> None:
    found = link_people(
        scene(several(people, 200, 3), (2, 2), person="who"), NAMES, pseudonym="who"
    )
    excess = next(m for m in found if m.name.endswith("excess")).interval
    assert excess is not None
    assert excess.low <= 0 <= excess.high


def test_people_of_one_row_are_not_attacked(people: Any, scene: Any) -> None:
    raw = people(60)
    assert link_people(scene(raw), NAMES) == ()
    mixed = raw.append_column("who", pa.array([0, 0, *range(2, 60)]))
    found = link_people(scene(mixed, person="who"), NAMES, pseudonym="who")
    assert {m.n for m in found} == {1}
    assert values(found)["success"] == 1.0
    assert found == link_people(scene(mixed, person="who"), NAMES, pseudonym="who")
