"""How many people stand in classes of which size, for a chart: small counts are not told."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from anping.protect.risk.classes import EquivalenceClasses

_EDGES = (1, 2, 3, 5, 10, 20, 50, 100, 200, 500, 1000)


@dataclass(frozen=True, slots=True)
class SizeBand:
    """Classes of ``low`` to ``high`` people (None: no end): memberships in them and their number.

    ``people`` and ``classes`` are None where fewer than the small-count threshold, but not zero,
    people stand in the band: a count of one would point at somebody.
    """

    low: int
    high: int | None
    people: int | None
    classes: int | None

    def as_json(self) -> dict[str, Any]:
        """Return plain values."""
        return {
            "low": self.low,
            "high": self.high,
            "people": self.people,
            "classes": self.classes,
        }


def class_size_bands(classes: EquivalenceClasses, *, small_count: int = 5) -> tuple[SizeBand, ...]:
    """Return the distribution of class sizes in fixed bands, counts under ``small_count`` hidden.

    When exactly one band would be hidden the next smallest occupied one is hidden too, because the
    total would otherwise give it away.
    """
    sizes, counts = classes.spread
    bands = []
    for low, following in zip(_EDGES, (*_EDGES[1:], None), strict=True):
        inside = sizes >= low
        if following is not None:
            inside &= sizes < following
        count = int(counts[inside].sum())
        people = int((sizes[inside] * counts[inside]).sum())
        bands.append((low, None if following is None else following - 1, people, count))
    hidden = {low for low, _, people, _ in bands if 0 < people < small_count}
    if len(hidden) == 1:
        rest = sorted((people, low) for low, _, people, _ in bands if people >= small_count)
        hidden |= {low for _, low in rest[:1]}
    return tuple(
        SizeBand(low, high, *((None, None) if low in hidden else (people, count)))
        for low, high, people, count in bands
    )
