"""Surrogates of dates: moved by a number of days, written as they were.

Every date of one text (or of one person) moves alike, so that the days between them stay. A date
without a year or a day moves within the calendar as far as it is written.
"""

from __future__ import annotations

import re
from datetime import date, timedelta

from anping.core import dates
from anping.protect.text.folding import fold
from anping.protect.text.surrogates.draw import Draw

_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_FULL = (
    "January", "February", "March", "April", "May", "June", "July", "August", "September",
    "October", "November", "December",
)  # fmt: skip
_NUMBER = re.compile("[0-9]+")
_NAMED = re.compile(
    r"(?P<month>[A-Z]{3,9})(?P<dot>\.?) (?P<day>\d{1,2})(?P<th>ST|ND|RD|TH)?(?P<comma>,?) (?P<year>\d{4})"
    r"|(?P<day2>\d{1,2})(?P<th2>ST|ND|RD|TH)? (?P<month2>[A-Z]{3,9})(?P<dot2>\.?,?) (?P<year2>\d{4})"
)
_HAN = re.compile("[〇○零一二三四五六七八九十百]+")
#: The year that a date without one is moved in.
_ANY_YEAR = 2023


def moved(text: str, days: int) -> str | None:
    """Return the date that ``text`` writes, moved by ``days``; None if no date can be read."""
    written = dates.parse(text) or dates.parse("".join(text.split()))
    if written is not None:
        there = _day(written.day, days)
        return None if there is None else _poured(text, written.write(there))
    for read in (_english, _american, _partial, _numerals):
        made = read(text, days)
        if made is not None:
            return made
    return None


def offset(draw: Draw, *, max_days: int) -> int:
    """Return a number of days, uniform on -``max_days`` to ``max_days`` without 0."""
    drawn = draw.below(2 * max_days) - max_days
    return drawn if drawn < 0 else drawn + 1


def _day(day: date, days: int) -> date | None:
    try:
        return day + timedelta(days=days)
    except OverflowError:
        return None


def _poured(text: str, made: str) -> str:
    """Return ``text`` with its numbers replaced by those of ``made``, if both have as many."""
    numbers = _NUMBER.findall(made)
    folded = fold(text)
    places = list(_NUMBER.finditer(folded))
    if len(numbers) != len(places):
        return made
    parts, at = [], 0
    for number, place in zip(numbers, places, strict=True):
        old = text[place.start() : place.end()]
        value = (
            number.zfill(len(old)) if old.startswith(("0", "０")) or "月" not in text else number
        )
        if "月" in text and not old.startswith(("0", "０")):
            value = value.lstrip("0")
        parts += [text[at : place.start()], value if old.isascii() else _wide(value)]
        at = place.end()
    return "".join([*parts, text[at:]])


def _wide(digits: str) -> str:
    return "".join(chr(ord(mark) + 0xFEE0) for mark in digits)


def _english(text: str, days: int) -> str | None:
    found = _NAMED.fullmatch(fold(text).strip())
    if found is None:
        return None
    month = (found["month"] or found["month2"])[:3].title()
    if month not in _MONTHS:
        return None
    there = _safely(found["year"] or found["year2"], _MONTHS.index(month) + 1,
                    found["day"] or found["day2"], days)  # fmt: skip
    if there is None:
        return None
    long = len(found["month"] or found["month2"]) > 3
    name = (_FULL if long else _MONTHS)[there.month - 1]
    if found["month"]:
        return f"{name}{found['dot']} {there.day}{found['comma']} {there.year}"
    return f"{there.day} {name}{found['dot2']} {there.year}"


def _american(text: str, days: int) -> str | None:
    found = re.fullmatch(r"(\d{1,2})([/-])(\d{1,2})\2(\d{4})", fold(text).strip())
    if found is None:
        return None
    there = _safely(found[4], found[1], found[3], days) or _safely(
        found[4], found[3], found[1], days
    )
    if there is None:
        return None
    return f"{there.month:02d}{found[2]}{there.day:02d}{found[2]}{there.year}"


def _partial(text: str, days: int) -> str | None:
    """Move a month and a day, or a year and a month; the day or year that is missing is assumed."""
    folded = fold(text)
    found = re.search(r"(\d{1,2})( ?月 ?|/)(\d{1,2})( ?[日號]|\Z)", folded)
    if found is not None:
        there = _safely(_ANY_YEAR, found[1], found[3], days)
        if there is None or found.start() or found.end() < len(folded):
            return None
        zero = "02d" if found[2] == "/" else "d"
        return f"{there.month:{zero}}{found[2]}{there.day:{zero}}{found[4]}"
    found = re.fullmatch(r"(\d{2,4})( ?年 ?)(\d{1,2})( ?月)", folded)
    if found is None:
        return None
    year = int(found[1])
    roc = 1911 if len(found[1]) < 4 else 0
    there = _safely(year + roc, found[3], 15, days)
    return None if there is None else f"{there.year - roc}{found[2]}{there.month}{found[4]}"


def _numerals(text: str, days: int) -> str | None:
    """Move a date in Chinese numerals."""
    parts = _HAN.findall(text)
    if not 2 <= len(parts) <= 3 or "月" not in text:
        return None
    numbers = [_value(part) for part in parts]
    year, month, day = (*numbers, 15)[:3] if "年" in text else (_ANY_YEAR, *numbers[:2])
    roc = 1911 if "年" in text and year < 1000 else 0
    there = _safely(year + roc, month, day, days)
    if there is None:
        return None
    fresh = [_written(there.month), _written(there.day)]
    if "年" in text:
        positional = len(parts[0]) >= 4 and "百" not in parts[0]
        fresh.insert(0, _positional(there.year) if positional else _written(there.year - roc))
    made = iter(fresh)
    return _HAN.sub(lambda _: next(made), text)


def _safely(year: int | str, month: int | str, day: int | str, days: int) -> date | None:
    try:
        return _day(date(int(year), int(month), int(day)), days)
    except ValueError:
        return None


_DIGIT: dict[str, int] = {mark: n for n, mark in enumerate("零一二三四五六七八九")} | {
    "〇": 0,
    "○": 0,
}
_MARKS = "零一二三四五六七八九"


def _value(text: str) -> int:
    if not set(text) & set("十百"):
        return int("".join(str(_DIGIT[mark]) for mark in text))
    total, current = 0, 0
    for mark in text:
        if mark in "十百":
            total += (current or 1) * (10 if mark == "十" else 100)
            current = 0
        else:
            current = _DIGIT[mark]
    return total + current


def _positional(number: int) -> str:
    return "".join("〇一二三四五六七八九"[int(digit)] for digit in str(number))


def _written(number: int) -> str:
    """Return a number below a thousand in Chinese numerals."""
    hundreds, rest = divmod(number, 100)
    tens, units = divmod(rest, 10)
    made = f"{_MARKS[hundreds]}百" if hundreds else ""
    if tens:
        made += "十" if tens == 1 and not hundreds else f"{_MARKS[tens]}十"
    elif hundreds and units:
        made += "零"
    return made + (_MARKS[units] if units else "")
