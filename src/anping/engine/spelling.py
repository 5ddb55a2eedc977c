"""How a database's value is written as text, and which types such a text can be.

What a driver hands over decides, not what the database declares: a text in an integer column is
text. A text where the database declares text never becomes a number (``"007"``), as with JSON; one
where it declares something else, or nothing, is read as a file's text is.
"""

from __future__ import annotations

import base64
import json
import math
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any, Literal

from anping.engine import refusals as refusal
from anping.engine.kinds import NARROW, Kind
from anping.engine.reading import NULL_MARKERS, RefusedRow

#: What the database says about a column. ``padded`` is CHAR(n), whose blanks at the end mean nothing.
Declared = Literal["boolean", "number", "date", "moment", "text", "padded", "other", "unknown"]

#: Which types a written value can be; the empty tuple is text for good.
Among = tuple[Kind, ...]

_TEMPORAL: Among = ("date", "timestamp", "instant")
_ABSENT = frozenset(NULL_MARKERS)
_EXACT_DIGITS = 15
# Year, month or day 0 (MySQL), years beyond 9999, years before Christ, and PostgreSQL's infinity.
_IMPOSSIBLE = re.compile(
    r"0000-\d|\d{4}-00-|\d{4}-\d{2}-00|\d{5,}-|-\d{4,}-|-?infinity$|.* BC$", re.IGNORECASE
)
_SHORT_OFFSET = re.compile(r"\d{2}:\d{2}:\d{2}(\.\d+)?[+-]\d{2}\Z")


class UnspellableError(ValueError):
    """A value that no column can hold; it knows why."""

    def __init__(self, refused: Callable[[int, str], RefusedRow]) -> None:
        super().__init__()
        self.refused = refused


@dataclass(frozen=True, slots=True)
class SpelledColumn:
    """One block of a column as text: which types each shape of value can be, and what is refused."""

    texts: list[str | None]
    shapes: dict[Among, list[str]]
    refused: dict[int, UnspellableError]


def spelled_column(values: Sequence[Any], declared: Declared) -> SpelledColumn:
    """Return a block of values as text; a value that no column can hold is refused by its place.

    Whole numbers, and text where text is declared, are written without looking at each by itself.
    """
    kinds = {*map(type, values)} - {type(None)}
    if kinds == {int}:
        texts = [None if value is None else str(value) for value in values]
        return SpelledColumn(texts, {("integer", "real"): _present(texts)}, {})
    if kinds == {str} and declared in {"text", "other"}:
        present = _present(values)
        if _is_clean("".join(present)):
            among = _TEMPORAL if declared == "text" else ()
            return SpelledColumn(list(values), {among: present}, {})
    found = SpelledColumn([], {}, {})
    for at, value in enumerate(values):
        try:
            text, among = spelled(value, declared)
        except UnspellableError as error:
            found.refused[at] = error
            text, among = None, ()
        found.texts.append(text)
        if text is not None:
            found.shapes.setdefault(among, []).append(text)
    return found


def _present(texts: Sequence[str | None]) -> list[str]:
    return [text for text in texts if text is not None]


def _is_clean(text: str) -> bool:
    try:
        _clean(text)
    except UnspellableError:
        return False
    return True


def spelled(value: Any, declared: Declared) -> tuple[str | None, Among]:
    """Return a value as text (None: missing) and the types it can be.

    Raises UnspellableError for an infinite number, a date that no calendar column holds, NUL
    characters and text that is not Unicode.
    """
    if value is None:
        return None, ()
    rule = _RULES.get(type(value))
    if rule is None:
        rule = next((rule for kind, rule in _RULES.items() if isinstance(value, kind)), None)
    if rule is None:
        return _clean(str(value)), ()
    return rule(value, declared)


def _text(value: str, declared: Declared) -> tuple[str | None, Among]:
    text = _clean(value)
    if declared == "text":
        return text, _TEMPORAL
    if declared == "padded":
        return text.rstrip(" "), _TEMPORAL
    if declared == "other":
        return text, ()
    text = text.strip(" \t")
    if text in _ABSENT:
        return None, ()
    if declared in {"date", "moment"}:
        if _IMPOSSIBLE.match(text):
            raise UnspellableError(refusal.impossible_day)
        if _SHORT_OFFSET.search(text):
            text += ":00"
    return text, NARROW


def _clean(text: str) -> str:
    if "\0" in text:
        raise UnspellableError(refusal.nul_character)
    if not text.isascii():
        try:
            text.encode()
        except UnicodeEncodeError:
            raise UnspellableError(_not_unicode) from None
    return text


def _not_unicode(row: int, column: str) -> RefusedRow:
    return refusal.undecodable(row, column, "utf-8")


def _truth(value: bool, _declared: Declared) -> tuple[str | None, Among]:  # noqa: FBT001 - a rule
    return ("true" if value else "false"), ("boolean",)


def _whole(value: int, _declared: Declared) -> tuple[str | None, Among]:
    return str(int(value)), ("integer", "real")


def _real(value: float, _declared: Declared) -> tuple[str | None, Among]:
    if math.isnan(value):
        return None, ()
    if math.isinf(value):
        raise UnspellableError(refusal.not_finite)
    return repr(float(value)), ("real",)


def _decimal(value: Decimal, _declared: Declared) -> tuple[str | None, Among]:
    if value.is_nan():
        return None, ()
    if value.is_infinite():
        raise UnspellableError(refusal.not_finite)
    digits = len(value.as_tuple().digits)
    among: Among = ("integer", "real") if digits <= _EXACT_DIGITS else ("integer",)
    return format(value, "f"), among


def _moment(value: datetime, _declared: Declared) -> tuple[str | None, Among]:
    return value.isoformat(sep=" "), ("timestamp", "instant")


def _day(value: date, _declared: Declared) -> tuple[str | None, Among]:
    return value.isoformat(), ("date",)


def _hour(value: time, _declared: Declared) -> tuple[str | None, Among]:
    return value.isoformat(), ()


def _span(value: timedelta, _declared: Declared) -> tuple[str | None, Among]:
    """Write a duration as MySQL's TIME is written: hours may be more than 24, or negative."""
    seconds = abs(value) // timedelta(seconds=1)
    micro = abs(value).microseconds
    sign = "-" if value < timedelta() else ""
    rest = f".{micro:06d}" if micro else ""
    return f"{sign}{seconds // 3600:02d}:{seconds // 60 % 60:02d}:{seconds % 60:02d}{rest}", ()


def _bytes(value: Any, _declared: Declared) -> tuple[str | None, Among]:
    return base64.b64encode(bytes(value)).decode(), ()


def _nested(value: Any, _declared: Declared) -> tuple[str | None, Among]:
    return _clean(json.dumps(value, ensure_ascii=False, default=_inner, allow_nan=True)), ()


def _inner(value: Any) -> Any:
    if isinstance(value, (bytes, bytearray, memoryview)):
        return base64.b64encode(bytes(value)).decode()
    if isinstance(value, (date, time)):
        return value.isoformat()
    if isinstance(value, (set, frozenset)):
        return sorted(value)
    return str(value)


_Rule = Callable[[Any, Declared], tuple[str | None, Among]]

# A datetime is a date and a bool an int, so the narrower type stands first.
_RULES: Mapping[type, _Rule] = {
    str: _text,
    bool: _truth,
    int: _whole,
    float: _real,
    Decimal: _decimal,
    datetime: _moment,
    date: _day,
    time: _hour,
    timedelta: _span,
    bytes: _bytes,
    bytearray: _bytes,
    memoryview: _bytes,
    list: _nested,
    tuple: _nested,
    dict: _nested,
    set: _nested,
    frozenset: _nested,
}
