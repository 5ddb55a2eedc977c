"""Points: log-odds on the scale that lending knows, whole numbers that a person can add up.

A score of ``score`` points means odds of ``odds`` good to one bad, and every ``double`` points more
double the odds (Siddiqi 2006, ch. 6: 600 points at 50 to 1, 20 points to double the odds).
"""

from __future__ import annotations

from dataclasses import dataclass
from math import log
from typing import Any

import numpy as np
from numpy.typing import NDArray

from anping.core.text import Text

Floats = NDArray[np.float64]
Points = NDArray[np.int64]


@dataclass(frozen=True)
class Scale:
    """``double`` points to double the odds, and ``score`` points at ``odds`` good to one bad."""

    double: float = 20.0
    score: float = 600.0
    odds: float = 50.0

    @property
    def factor(self) -> float:
        """Points for each unit of log-odds."""
        return self.double / log(2)

    def points(self, log_odds: Floats) -> Floats:
        """Return the points, not rounded, for the log-odds of the event (the bad outcome)."""
        return self.score - self.factor * (log(self.odds) + log_odds)

    def log_odds(self, points: Floats) -> Floats:
        """Return the log-odds of the event that points stand for."""
        return (self.score - points) / self.factor - log(self.odds)

    def as_json(self) -> dict[str, float]:
        """Return plain values."""
        return {"double": self.double, "score": self.score, "odds": self.odds}


@dataclass(frozen=True)
class Attribute:
    """One bin of a characteristic: what it is, its points, and its rows in training.

    ``share`` is its share of the training rows and ``event_rate`` that of events among them, None
    where fewer than 10 rows are in it; ``weight`` its weight of evidence.
    """

    title: Text
    points: int
    share: float
    event_rate: float | None
    weight: float

    def as_json(self) -> dict[str, Any]:
        """Return plain values."""
        return {
            "title": self.title.as_json(),
            "points": self.points,
            "share": self.share,
            "eventRate": self.event_rate,
            "weight": self.weight,
        }

    @classmethod
    def from_json(cls, value: dict[str, Any]) -> Attribute:
        """Read an attribute from the plain values of :meth:`as_json`."""
        return cls(
            Text(**value["title"]),
            value["points"],
            value["share"],
            value["eventRate"],
            value["weight"],
        )


@dataclass(frozen=True)
class Characteristic:
    """A column of the card: its attributes, and which of them each bin of the model's axis is."""

    column: str
    trend: str
    information: float
    attributes: tuple[Attribute, ...]
    of_bin: tuple[int, ...]

    @property
    def best(self) -> int:
        """The most points that an attribute gives that was met in training."""
        return max(each.points for each in self.attributes if each.share)

    @property
    def average(self) -> float:
        """The mean points of the training rows."""
        return sum(each.points * each.share for each in self.attributes)

    def as_json(self) -> dict[str, Any]:
        """Return plain values."""
        return {
            "column": self.column,
            "trend": self.trend,
            "information": self.information,
            "attributes": [each.as_json() for each in self.attributes],
            "ofBin": list(self.of_bin),
        }

    @classmethod
    def from_json(cls, value: dict[str, Any]) -> Characteristic:
        """Read a characteristic from the plain values of :meth:`as_json`."""
        return cls(
            value["column"],
            value["trend"],
            value["information"],
            tuple(Attribute.from_json(each) for each in value["attributes"]),
            tuple(value["ofBin"]),
        )


def rounded_points(heights: Floats, scale: Scale, *, met: NDArray[np.bool_]) -> Points:
    """Return whole points (bins,) for log-odds of the event: 0 for the worst bin that was met."""
    points = -scale.factor * heights
    found: Points = np.rint(points - points[met].min()).astype(np.int64)
    return found
