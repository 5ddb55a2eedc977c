"""A risk-utility frontier: plans that were tried, what each came to, and which nothing beats."""

from __future__ import annotations

from dataclasses import dataclass
from difflib import get_close_matches
from typing import Any, Literal

from anping.core.errors import ParameterError
from anping.core.measure import Measure, find
from anping.core.text import Text

Risk = Literal["maximum", "average", "linkage"]
Cost = Literal["loss", "columns", "pairs", "model"]

#: Which measure of a point each axis shows; the first that was taken counts.
RISKS: dict[Risk, tuple[str, ...]] = {
    "maximum": ("risk.prosecutor.max",),
    "average": ("risk.prosecutor.average",),
    "linkage": ("risk.linkage.success",),
}
COSTS: dict[Cost, tuple[str, ...]] = {
    "loss": ("deid.information_loss",),
    "columns": ("utility.distribution.mean",),
    "pairs": ("utility.pairwise.mean",),
    "model": ("utility.auc.lost", "utility.macro_auc.lost", "utility.r2.lost"),
}


@dataclass(frozen=True, slots=True)
class Point:
    """One plan that was tried.

    ``id`` is what it is picked by, ``what`` says in words what is particular about it, ``kind`` what
    it shares with others, ``plan`` is its YAML. ``measures`` are what it came to, empty where ``why_not`` says why it cannot be met.
    ``key`` names the work: equal keys, equal measures.
    """

    id: str
    what: Text
    kind: Text
    plan: str
    key: str = ""
    measures: tuple[Measure, ...] = ()
    why_not: Text | None = None

    def measure(self, names: tuple[str, ...]) -> Measure | None:
        """Return the first of the named measures that was taken of the whole point."""
        found = (find(self.measures, name, "") for name in names)
        return next((measure for measure in found if measure is not None), None)

    def as_json(self) -> dict[str, Any]:
        """Return plain values."""
        return {
            "id": self.id,
            "what": self.what.as_json(),
            "kind": self.kind.as_json(),
            "plan": self.plan,
            "key": self.key,
            "measures": [measure.as_json() for measure in self.measures],
            "whyNot": None if self.why_not is None else self.why_not.as_json(),
        }

    @classmethod
    def from_json(cls, value: dict[str, Any]) -> Point:
        """Read what :meth:`as_json` gives."""
        return cls(
            value["id"],
            Text(**value["what"]),
            Text(**value["kind"]),
            value["plan"],
            value["key"],
            tuple(Measure.from_json(measure) for measure in value["measures"]),
            None if value["whyNot"] is None else Text(**value["whyNot"]),
        )


@dataclass(frozen=True, slots=True)
class Frontier:
    """All points that were tried, in the order of their trying.

    ``front`` are the ids of the points that no other point beats on both axes ``risk`` and
    ``cost``, by falling risk.
    """

    points: tuple[Point, ...]
    front: tuple[str, ...]
    risk: Risk = "average"
    cost: Cost = "loss"

    def pick(self, identifier: str) -> Point:
        """Return the point with this id. Raises ParameterError naming the nearest ones."""
        for point in self.points:
            if point.id == identifier:
                return point
        known = [point.id for point in self.points]
        listed = ", ".join(get_close_matches(identifier, known, n=3, cutoff=0.4) or self.front)
        raise ParameterError(
            "frontier.unknown-point",
            Text(f"沒有試過「{identifier}」這一點。", f"No point “{identifier}” was tried."),
            hint=Text(f"可選的有：{listed}", f"Among those tried: {listed}"),
        )

    def as_json(self) -> dict[str, Any]:
        """Return plain values."""
        return {
            "frontier": 1,
            "risk": self.risk,
            "cost": self.cost,
            "front": list(self.front),
            "points": [point.as_json() for point in self.points],
        }

    @classmethod
    def from_json(cls, value: dict[str, Any]) -> Frontier:
        """Read what :meth:`as_json` gives."""
        points = tuple(Point.from_json(point) for point in value["points"])
        return cls(points, tuple(value["front"]), value["risk"], value["cost"])
