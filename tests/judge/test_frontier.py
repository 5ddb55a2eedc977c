import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from anping.core.errors import ParameterError
from anping.core.frontier import Frontier, Point
from anping.core.measure import Measure
from anping.core.text import Text
from anping.judge.frontier import frontier_of

WORD = Text("字", "word")


def point(name: str, risk: float | None, loss: float | None) -> Point:
    pairs = (("risk.prosecutor.average", risk), ("deid.information_loss", loss))
    measures = tuple(
        Measure(key, value, "share", 10, WORD) for key, value in pairs if value is not None
    )
    why = None if measures else Text("不成立", "cannot be met")
    return Point(name, WORD, WORD, f"plan: {name}\n", name, measures, why)


levels = st.integers(0, 6).map(lambda number: number / 6)


@settings(deadline=None)
@given(st.lists(st.tuples(levels, levels), max_size=15))
def test_the_front_is_what_nothing_beats(places: list[tuple[float, float]]) -> None:
    points = [point(f"p{at}", *place) for at, place in enumerate(places)]
    found = frontier_of([*points, point("impossible", None, None), point("half", 0.0, None)])
    where = {one.id: place for one, place in zip(points, places, strict=True)}
    assert bool(found.front) == bool(points)
    assert len({where[name] for name in found.front}) == len(found.front)
    for name, mine in where.items():
        beaten = any(
            other != mine and other[0] <= mine[0] and other[1] <= mine[1]
            for other in where.values()
        )
        if name in found.front:
            assert not beaten
        else:
            assert beaten or mine in {where[each] for each in found.front}
    risks = [where[name][0] for name in found.front]
    assert risks == sorted(risks, reverse=True)


def test_a_frontier_is_read_back_as_it_was_written() -> None:
    found = frontier_of([point("a", 0.5, 0.1), point("b", 0.1, 0.5), point("c", None, None)])
    assert Frontier.from_json(json.loads(json.dumps(found.as_json()))) == found


def test_a_point_is_picked_by_its_id_and_a_wrong_one_is_told_the_nearest() -> None:
    found = frontier_of([point("k5-local", 0.5, 0.1), point("k9-full", 0.1, 0.5)])
    assert found.pick("k9-full").plan == "plan: k9-full\n"
    with pytest.raises(ParameterError) as caught:
        found.pick("k5-locl")
    assert caught.value.code == "frontier.unknown-point"
    assert caught.value.hint is not None
    assert "k5-local" in caught.value.hint.en
