"""Which of the plans that were tried nothing beats: less risk for no more cost."""

from __future__ import annotations

from collections.abc import Sequence

from anping.core.frontier import COSTS, RISKS, Cost, Frontier, Point, Risk
from anping.stats.pareto import pareto_front


def frontier_of(
    points: Sequence[Point], *, risk: Risk = "average", cost: Cost = "loss"
) -> Frontier:
    """Return the points with their Pareto front on the two axes, by falling risk.

    A point that could not be met, or of which an axis was not measured, is on no front; of points
    that are equal on both axes the first is.
    """
    first: dict[tuple[float, float], str] = {}
    for point in points:
        one, other = point.measure(RISKS[risk]), point.measure(COSTS[cost])
        if one is not None and other is not None:
            first.setdefault((one.value, other.value), point.id)
    placed = [(*place, name) for place, name in first.items()]
    stands = pareto_front([place[:2] for place in placed]) if placed else ()
    front = sorted(place for place, best in zip(placed, stands, strict=True) if best)
    return Frontier(tuple(points), tuple(place[2] for place in front[::-1]), risk, cost)
