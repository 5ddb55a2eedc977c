"""Attacks arranged for a reader: one row for each, its success beside its control and a guess."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from anping.core.measure import Measure
from anping.core.text import Text

_SUCCESS, _CONTROL, _BASELINE, _EXCESS = "success", "control", "baseline", "excess"


@dataclass(frozen=True, slots=True)
class AttackRow:
    """One attack: the measures of its four endings; control, guess and difference may be missing."""

    name: str
    success: Measure
    control: Measure | None = None
    baseline: Measure | None = None
    excess: Measure | None = None

    @property
    def compared(self) -> tuple[Text, ...]:
        """What the attack is compared with, in words."""
        others = (self.control, self.baseline)
        return tuple(_what(each.title, self.success.title) for each in others if each is not None)

    @property
    def cells(self) -> tuple[Measure | None, ...]:
        """The difference first, which is to be read first, then what it is the difference of."""
        return (self.excess, self.success, self.control, self.baseline)


def attack_rows(measures: Iterable[Measure]) -> tuple[AttackRow, ...]:
    """Return the attacks among measures, in the order of their successes."""
    listed = tuple(measures)
    ends = {(*_parts(measure), measure.subject): measure for measure in listed}
    return tuple(
        AttackRow(
            name,
            measure,
            *(ends.get((name, end, measure.subject)) for end in (_CONTROL, _BASELINE, _EXCESS)),
        )
        for measure in listed
        for name, end in (_parts(measure),)
        if end == _SUCCESS
    )


def beside_attacks(measures: Iterable[Measure]) -> tuple[Measure, ...]:
    """Return the measures that stand in no row of :func:`attack_rows`."""
    listed = tuple(measures)
    placed = {id(cell) for row in attack_rows(listed) for cell in row.cells}
    return tuple(measure for measure in listed if id(measure) not in placed)


def _parts(measure: Measure) -> tuple[str, str]:
    name, _, end = measure.name.rpartition(".")
    return name, end


def _what(title: Text, success: Text) -> Text:
    """Return what a title says beside the title of the success: what stands in its brackets."""
    zh, en = title.zh.removeprefix(success.zh), title.en.removeprefix(success.en)
    return Text(zh.strip("（） "), en.removeprefix(" (").removesuffix(")"))
