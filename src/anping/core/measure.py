"""A measure is a number that can be checked: with its unit, its n, its interval and its method.

Every number in a report, gate or dossier is a Measure; nothing is a bare float.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from anping.core.text import Text


@dataclass(frozen=True, slots=True)
class Interval:
    """An uncertainty interval at ``level`` (0.95) by a named ``method`` (``wilson``)."""

    low: float
    high: float
    level: float
    method: str


@dataclass(frozen=True, slots=True)
class Replay:
    """How to compute a measure again: a replayer's id and the allowed absolute difference.

    ``needs`` lists what the replayer must be given: ``protected`` (in every dossier) or ``raw``
    (only the owner has it), so that ``verify`` can say which numbers an outsider can recompute.
    """

    id: str
    needs: tuple[str, ...] = ("protected",)
    tolerance: float = 1e-9


@dataclass(frozen=True, slots=True)
class Measure:
    """One measured number.

    ``name`` is dotted and stable (``risk.prosecutor.max``); ``n`` counts the units that were
    measured; ``subject`` narrows it (a column's name, ``before``); ``assumptions`` state what must
    hold for the number to mean what it says. ``value`` must be finite: a measure that could not
    be taken is left out, not written as NaN.
    """

    name: str
    value: float
    unit: str
    n: int
    title: Text
    subject: str = ""
    interval: Interval | None = None
    method: str = ""
    seed: int | None = None
    assumptions: tuple[Text, ...] = ()
    replay: Replay | None = None

    def __post_init__(self) -> None:
        if not math.isfinite(self.value):
            msg = f"measure {self.name} is not finite"
            raise ValueError(msg)

    @property
    def key(self) -> str:
        """``name`` or ``name[subject]``: unique within one step."""
        return f"{self.name}[{self.subject}]" if self.subject else self.name

    def as_json(self) -> dict[str, Any]:
        """Return the measure as it stands in a statement."""
        uncertainty = None
        if self.interval is not None:
            uncertainty = {
                "method": self.interval.method,
                "level": self.interval.level,
                "lo": self.interval.low,
                "hi": self.interval.high,
            }
        replay = None
        if self.replay is not None:
            replay = {
                "id": self.replay.id,
                "needs": list(self.replay.needs),
                "tolerance": self.replay.tolerance,
            }
        return {
            "id": self.name,
            "subject": self.subject,
            "value": self.value,
            "unit": self.unit,
            "n": self.n,
            "title": self.title.as_json(),
            "uncertainty": uncertainty,
            "method": self.method,
            "seed": self.seed,
            "assumptions": [text.as_json() for text in self.assumptions],
            "replay": replay,
        }

    @classmethod
    def from_json(cls, value: dict[str, Any]) -> Measure:
        """Read a measure from the plain values of :meth:`as_json`."""
        uncertainty, replay = value["uncertainty"], value["replay"]
        return cls(
            name=value["id"],
            subject=value["subject"],
            value=value["value"],
            unit=value["unit"],
            n=value["n"],
            title=Text(**value["title"]),
            interval=None
            if uncertainty is None
            else Interval(
                uncertainty["lo"], uncertainty["hi"], uncertainty["level"], uncertainty["method"]
            ),
            method=value["method"],
            seed=value["seed"],
            assumptions=tuple(Text(**text) for text in value["assumptions"]),
            replay=None
            if replay is None
            else Replay(replay["id"], tuple(replay["needs"]), replay["tolerance"]),
        )


#: Units that count single mentions or cells: a count of one would point at somebody.
_POINTING = frozenset({"mentions", "cells", "texts", "documents"})


def without_small_counts(measures: Iterable[Measure], *, threshold: int = 5) -> tuple[Measure, ...]:
    """Return the measures but those that rest on, or count, fewer than ``threshold`` (but some).

    What is left out can be measured again by whoever holds the data; it may not enter the ledger.
    """
    return tuple(
        measure
        for measure in measures
        if not 0 < measure.n < threshold
        and not (measure.unit in _POINTING and 0 < measure.value < threshold)
    )


def find(measures: tuple[Measure, ...], name: str, subject: str | None = None) -> Measure | None:
    """Return the last measure of that name (and subject, when given), or None."""
    found = [m for m in measures if m.name == name and subject in (None, m.subject)]
    return found[-1] if found else None
