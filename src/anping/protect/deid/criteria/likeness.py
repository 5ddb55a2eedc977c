"""How far a class may move the odds of a single sensitive value: caps on its share in the class.

Every criterion here gives each value a largest (and perhaps a smallest) share, from the value's
share in the whole table. Shares of a union lie between those of its parts, so caps are closed under
union; and a class whose values' caps do not even sum to one has no part that could pass.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import exp
from typing import Literal

import numpy as np

from anping.core.text import Text
from anping.protect.deid.criteria.classes import (
    TOLERANCE,
    Bools,
    ClassCounts,
    Floats,
    ValueCounts,
    require,
)


@dataclass(frozen=True, slots=True)
class LimitedFrequency:
    """No value of ``column`` has more than the share ``alpha`` of any class.

    Together with k this is (alpha, k)-anonymity (Wong, Li, Fu and Wang 2006, KDD), here for all values.
    """

    column: str
    alpha: float

    union_closed = True

    def __post_init__(self) -> None:
        require(
            0 < self.alpha <= 1,
            "deid.alpha",
            Text("alpha 要大於 0，至多 1。", "alpha lies above 0 and up to 1."),
        )

    def failing(self, classes: ClassCounts) -> Bools:
        """Return the classes in which a value is too common."""
        return _above(classes, self.column, self._caps(classes.values[self.column]))

    def doomed(self, classes: ClassCounts) -> Bools:
        """Return the classes of fewer than 1 / ``alpha`` values."""
        return _starved(classes, self.column, self._caps(classes.values[self.column]))

    def _caps(self, values: ValueCounts) -> Floats:
        return np.full(values.whole.size, self.alpha)


@dataclass(frozen=True, slots=True)
class BetaLikeness:
    """A value's share p in a class exceeds its share q in the table by at most ``beta`` times q.

    ``enhanced`` limits the relative gain (p - q) / q by min(beta, -ln q) instead, so that common
    values cannot fill a class (Cao and Karras 2012, PVLDB 5(11), definitions 1 and 3).
    """

    column: str
    beta: float
    enhanced: bool = False

    union_closed = True

    def __post_init__(self) -> None:
        require(self.beta > 0, "deid.beta", Text("beta 要大於 0。", "beta must be above 0."))

    def failing(self, classes: ClassCounts) -> Bools:
        """Return the classes that make a value too likely."""
        return _above(classes, self.column, self._caps(classes.values[self.column]))

    def doomed(self, classes: ClassCounts) -> Bools:
        """Return the classes whose values together may not reach a share of 1."""
        return _starved(classes, self.column, self._caps(classes.values[self.column]))

    def _caps(self, values: ValueCounts) -> Floats:
        share = values.distribution
        gain = np.full(share.size, float(self.beta))
        if self.enhanced:
            gain = np.minimum(gain, -np.log(share))
        return np.asarray(share * (1 + gain), np.float64)


@dataclass(frozen=True, slots=True)
class DeltaDisclosure:
    """For each value, |ln(p / q)| < ``delta``: its share p in each class is near its share q.

    Brickell and Shmatikov 2008, KDD, definition 2. A value that a class lacks has p = 0 and so
    ``fails`` by the definition; ``ignored`` looks only at values that occur, as ARX does: that is
    weaker, and not closed under union.
    """

    column: str
    delta: float
    absent: Literal["fails", "ignored"] = "fails"

    def __post_init__(self) -> None:
        require(self.delta > 0, "deid.delta", Text("delta 要大於 0。", "delta must be above 0."))
        require(
            self.absent in ("fails", "ignored"),
            "deid.absent",
            Text("absent 要是 fails 或 ignored。", "absent is fails or ignored."),
        )

    @property
    def union_closed(self) -> bool:
        """Whether absent values fail: else a union can dilute a value below its floor."""
        return self.absent == "fails"

    def failing(self, classes: ClassCounts) -> Bools:
        """Return the classes that make a value too likely or too unlikely."""
        values = classes.values[self.column]
        shares, own = values.shares(classes.count), values.distribution[values.value]
        off = np.abs(np.log(shares / own)) >= self.delta
        failing = np.bincount(values.class_of[off], minlength=classes.count) > 0
        return np.asarray(failing | self._lacking(classes), np.bool_)

    def doomed(self, classes: ClassCounts) -> Bools:
        """Return the classes that lack a value, or whose values cannot reach a share of 1."""
        caps = classes.values[self.column].distribution * exp(self.delta)
        starved = _starved(classes, self.column, caps)
        return np.asarray(starved | self._lacking(classes), np.bool_)

    def _lacking(self, classes: ClassCounts) -> Bools:
        if self.absent == "ignored":
            return classes.nobody()
        values = classes.values[self.column]
        every = np.count_nonzero(values.whole)
        return np.asarray(values.different(classes.count) < every, np.bool_)


def _above(classes: ClassCounts, column: str, caps: Floats) -> Bools:
    """Return the classes in which a value has more than its cap."""
    values = classes.values[column]
    over = values.shares(classes.count) > caps[values.value] + TOLERANCE
    return np.asarray(np.bincount(values.class_of[over], minlength=classes.count) > 0, np.bool_)


def _starved(classes: ClassCounts, column: str, caps: Floats) -> Bools:
    """Return the classes whose values' caps sum to less than 1: so do those of every part."""
    values = classes.values[column]
    room = np.bincount(values.class_of, caps[values.value], classes.count)
    return np.asarray(room < 1 - TOLERANCE * (caps.size + 1), np.bool_)
