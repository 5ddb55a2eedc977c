"""One check: what was looked at, how it stands, and what to do."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

from anping.core.errors import AnpingError
from anping.core.measure import Measure
from anping.core.text import Text

#: ``pass``: as it should be; ``warn``: works, but do something; ``fail``: broken; ``info``: told.
State = Literal["pass", "warn", "fail", "info"]


@dataclass(frozen=True, slots=True)
class Check:
    """A finding. ``id`` is stable (``objects.whole``); ``hint`` says what to do, where something is."""

    id: str
    title: Text
    state: State
    said: Text
    hint: Text | None = None
    measures: tuple[Measure, ...] = ()

    def as_json(self) -> dict[str, Any]:
        """Return plain values."""
        return {
            "id": self.id,
            "title": self.title.as_json(),
            "state": self.state,
            "said": self.said.as_json(),
            "hint": None if self.hint is None else self.hint.as_json(),
            "measures": [measure.as_json() for measure in self.measures],
        }


def failed(name: str, title: Text, error: AnpingError) -> Check:
    """Return the failed check that an error means."""
    zh, en = error.where.to("zh"), error.where.to("en")
    said = Text(
        f"{error.what.zh}（{zh}）" if zh else error.what.zh,
        f"{error.what.en} ({en})" if en else error.what.en,
    )
    return Check(name, title, "fail", said, error.hint)


def count(name: str, value: float, *, n: int, unit: str, title: Text) -> Measure:
    """Return a counted number as a measure."""
    return Measure(name, float(value), unit, n, title, method="count")
