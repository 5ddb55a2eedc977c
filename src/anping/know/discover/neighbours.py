"""What a table's other columns say about one that its own values and header leave open.

Types that stand together in registers speak for each other (``data/neighbours.yaml``), each a little.
Eight digits without a header can number anything; beside diagnoses and blood types they most likely
number patients.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

from anping.know.discover.column_values import ColumnValues
from anping.know.discover.headers import meaningless
from anping.know.discover.lexicon import load

_MEDICINE, _RECORD, _NUMBERED = "medicine", "MEDICAL_RECORD_NO", "RECORD_ID"
#: So many different medical columns make a table a register of patients, and what that adds.
_ENOUGH, _PATIENTS = 2, 3.2
#: What the other half of a position adds to one half.
_POSITION, _HALF = "LOCATION", 2.5
_DIGITS = frozenset(range(6, 11))
#: A column speaks for others when it is as sure as this; a table is wide from so many columns on.
_SURE, _WIDE = 0.9, 5
#: So many neighbours are named.
_NAMED = 3


@dataclass(frozen=True, slots=True)
class Group:
    """Types that stand together: which speak, for which, and how much (log-odds)."""

    name: str
    beside: frozenset[str]
    supports: frozenset[str]
    each: float
    most: float
    absent: float


@dataclass(frozen=True, slots=True)
class Looked:
    """What a column looks like by itself: its likeliest type, how sure, and its values."""

    type: str
    confidence: float
    values: ColumnValues
    #: ``latitude`` or ``longitude`` where the values can be one.
    half: str = ""


@dataclass(frozen=True, slots=True)
class Support:
    """What a column's neighbours add to one type, in log-odds, and which neighbours they are."""

    log_odds: float
    neighbours: tuple[str, ...]


@cache
def groups() -> tuple[Group, ...]:
    """Return the groups of ``data/neighbours.yaml``."""
    return tuple(
        Group(
            name,
            frozenset(body["beside"]),
            frozenset(body["supports"]),
            float(body["each"]),
            float(body["most"]),
            float(body.get("absent", 0.0)),
        )
        for name, body in load("neighbours").items()
    )


def supports(columns: Sequence[Looked]) -> tuple[dict[str, Support], ...]:
    """Return for each column, by type, what the other columns of the table add to it.

    Each column is judged by the others only, never by itself; a type counts once however many
    columns have it. A column of latitudes and one of longitudes make each other positions. Only a column with a meaningless header that numbers its rows in 6 to 10 digits,
    and not one after the other, becomes a medical record number, the first of them only.
    """
    sure = [one.type if one.confidence >= _SURE else "" for one in columns]
    found: list[dict[str, Support]] = []
    for place in range(len(columns)):
        others = {*sure[:place], *sure[place + 1 :]} - {""}
        found.append(_added(others, wide=len(columns) >= _WIDE))
    halves = {one.half for one in columns} - {""}
    if len(halves) > 1:
        for place, one in enumerate(columns):
            if one.half:
                other = next(iter(halves - {one.half}))
                found[place] = {**found[place], _POSITION: Support(_HALF, (other,))}
    patients = _patients(columns)
    if patients is not None:
        place, support = patients
        found[place] = {**found[place], _RECORD: support}
    return tuple(found)


def _added(others: set[str], *, wide: bool) -> dict[str, Support]:
    found: dict[str, Support] = {}
    for group in groups():
        speaking = sorted(others & group.beside)
        weight = min(group.most, group.each * len(speaking))
        if not speaking and wide:
            weight = group.absent
        if not weight:
            continue
        for kind in group.supports:
            known = found.get(kind, Support(0.0, ()))
            found[kind] = Support(known.log_odds + weight, (*known.neighbours, *speaking)[:_NAMED])
    return found


def _patients(columns: Sequence[Looked]) -> tuple[int, Support] | None:
    """Return which column numbers the patients of a table, and what speaks for it."""
    medicine = next(group for group in groups() if group.name == _MEDICINE)
    medical = sorted({one.type for one in columns} & medicine.beside)
    if len(medical) < _ENOUGH or _RECORD in medical:
        return None
    for place, one in enumerate(columns):
        if one.type == _NUMBERED and _numbers_people(one.values):
            return place, Support(_PATIENTS, tuple(medical[:_NAMED]))
    return None


def _numbers_people(column: ColumnValues) -> bool:
    texts = column.counts
    if not meaningless(column.name) or not all(map(str.isdigit, texts)):
        return False
    if not {len(text) for text in texts} <= _DIGITS:
        return False
    numbers = sorted(map(int, texts))
    return numbers[-1] - numbers[0] > 10 * len(numbers)
