"""The measures of a card arranged for a reader: by family, with long lists of one kind folded."""

from __future__ import annotations

from dataclasses import dataclass

from anping.core.measure import Measure
from anping.core.text import Text
from anping.share.charts.scale import form_of, written
from anping.share.words import FAMILIES

#: So many measures of one name are folded into a list of their own.
_MANY = 4


@dataclass(frozen=True, slots=True)
class Series:
    """Measures of one name taken on many columns or types; ``shared`` is their common title."""

    name: str
    shared: Text | None
    method: str
    rows: tuple[Measure, ...]

    @property
    def range(self) -> tuple[Text, Text]:
        """The lowest and the highest value, in words."""
        ordered = sorted(self.rows, key=lambda measure: measure.value)
        return shown_value(ordered[0]), shown_value(ordered[-1])


@dataclass(frozen=True, slots=True)
class Family:
    """The measures of one family: those that stand alone, and the long series."""

    title: Text
    singles: tuple[Measure, ...]
    series: tuple[Series, ...]


def families_of(measures: tuple[Measure, ...]) -> tuple[Family, ...]:
    """Return the measures by family, in the order a reader needs them; none is left out."""
    grouped: dict[str, list[Measure]] = {name: [] for name in (*FAMILIES, "")}
    for measure in measures:
        name = measure.name.partition(".")[0]
        grouped[name if name in FAMILIES else ""].append(measure)
    titles = {**FAMILIES, "": Text("其他", "Other")}
    return tuple(_family(titles[name], rows) for name, rows in grouped.items() if rows)


def _family(title: Text, rows: list[Measure]) -> Family:
    names: dict[str, list[Measure]] = {}
    for measure in rows:
        names.setdefault(measure.name, []).append(measure)
    return Family(
        title,
        tuple(measure for measure in rows if len(names[measure.name]) < _MANY),
        tuple(_series(name, many) for name, many in names.items() if len(many) >= _MANY),
    )


def _series(name: str, rows: list[Measure]) -> Series:
    titles = {measure.title for measure in rows}
    methods = {measure.method for measure in rows}
    return Series(
        name,
        titles.pop() if len(titles) == 1 else None,
        methods.pop() if len(methods) == 1 else "",
        tuple(rows),
    )


def shown_value(measure: Measure) -> Text:
    """Return a measure's value as the card writes it: a share in percent, a truth as a word."""
    if measure.unit == "boolean":
        return Text("是", "yes") if measure.value else Text("否", "no")
    value = written(measure.value, form_of(measure.unit))
    return Text(value, value)


def shown_interval(measure: Measure) -> str:
    """Return ``low – high`` of a measure's interval, or an empty string."""
    interval = measure.interval
    if interval is None:
        return ""
    form = form_of(measure.unit)
    return f"{written(interval.low, form)} – {written(interval.high, form)}"
