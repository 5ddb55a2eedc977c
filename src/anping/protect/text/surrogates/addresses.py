"""Surrogates of addresses: the same county, another township, street and number.

Written as the true one: parts that are there stay there, numbers keep their number of digits. A
fake address need not exist, but its township does, and its postal code is that of the township.
"""

from __future__ import annotations

import re
from functools import cache

from anping.core import taiwan
from anping.protect.text.folding import fold
from anping.protect.text.surrogates.draw import Draw
from anping.protect.text.surrogates.layout import reformed

#: The commonest street names, in any county: they point nowhere.
_STREETS = (
    "中正", "中山", "中華", "民生", "民權", "民族", "和平", "復興", "光復", "建國", "成功", "信義",
    "仁愛", "忠孝", "文化", "博愛", "自由", "三民", "大同", "新生", "永安", "中興", "公園", "學府",
)  # fmt: skip
_VILLAGES = ("中正", "光明", "和平", "新興", "永安", "福德", "仁愛", "文化", "東興", "大同")
_STREETS_ENGLISH = (
    "Zhongzheng", "Zhongshan", "Minsheng", "Minquan", "Heping", "Fuxing", "Guangfu", "Jianguo",
    "Xinyi", "Renai", "Wenhua", "Boai", "Sanmin", "Datong", "Xinsheng", "Zhonghua",
)  # fmt: skip
_PART = re.compile(
    r"(?P<number>[0-9]+)|(?P<numeral>[一二三四五六七八九十百]+(?=[段巷弄號樓鄰]))"
    r"|(?P<street>(?:(?![里村鄰])[\u3400-\u9fff]){1,6}?(?=大道|路|街))"
    r"|(?P<village>[\u3400-\u9fff]{1,3}(?=[里村]))"
    r"|(?P<latin>[A-Za-z][A-Za-z']+(?=\W+(?:Rd|Road|St|Street|Blvd|Boulevard|Ave|Avenue)\b))"
)
_NUMERALS = "一二三四五"
_POSTAL = re.compile(r"\s*[\[(]?([0-9]{3}(?:[- ]?[0-9]{2,3})?)[\])]?[\s　]*")


def address(text: str, draw: Draw) -> str:
    """Return another address of the same county in the layout of ``text``."""
    folded = fold(text)
    head = _POSTAL.match(folded)
    start = head.end() if head else 0
    body = folded[start:].replace(" ", "")
    division = taiwan.locate(body) or (taiwan.locate(folded) if head else None)
    county = division.county if division else _county_of(body)
    fake = _another(county, division, draw)
    made, rest = _divided(text[start:], county, division, fake)
    street = _PART.sub(lambda match: _part(match, draw), rest)
    if made + street == text[start:] and not made:
        street = reformed(rest, draw)
    return _postal(text[:start], fake, draw) + made + street


def street_of(text: str) -> str:
    """Return an address without postal code, county and township: what names the place."""
    body = "".join(fold(text).split()).lstrip("0123456789-")
    division = taiwan.locate(body)
    county = division.county if division else _county_of(body)
    rest = body.removeprefix(county)
    return rest.removeprefix(division.township) if division else rest


def _county_of(body: str) -> str:
    return next((county for county in taiwan.counties() if body.startswith(county)), "")


def _another(county: str, true: taiwan.Division | None, draw: Draw) -> taiwan.Division | None:
    # Drawn in any case, so that the street that follows is the same with and without a county.
    drawn = draw.below(1 << 48)
    members = _members(county)
    if len(members) < 2 or true is None:
        return members[drawn % len(members)] if members else true
    place = drawn % (len(members) - 1)
    # The place of the true township is left out.
    return members[place + (place >= members.index(true))]


@cache
def _members(county: str) -> tuple[taiwan.Division, ...]:
    return tuple(one for one in taiwan.divisions() if one.county == county)


def _divided(
    text: str, county: str, true: taiwan.Division | None, fake: taiwan.Division | None
) -> tuple[str, str]:
    """Return the county and township of the fake as ``text`` writes them, and the rest of it."""
    at = _after(text, 0, county) if county else 0
    made = text[:at]
    if true is not None and fake is not None:
        end = _after(text, at, true.township)
        if end > at:
            return made + fake.township, text[end:]
    return made, text[at:]


def _after(text: str, at: int, name: str) -> int:
    """Return the place behind a name that stands at ``at``, blanks between its characters or not."""
    place = at
    for mark in name:
        while place < len(text) and text[place].isspace():
            place += 1
        if place >= len(text) or fold(text[place]) != mark:
            return at
        place += 1
    return place


def _part(match: re.Match[str], draw: Draw) -> str:
    old = match[0]
    match match.lastgroup:
        case "number":
            return _number(old, draw)
        case "numeral":
            return old if len(old) > 1 else draw.one_of(_NUMERALS)
        case "street":
            return draw.one_of([name for name in _STREETS if name != old])
        case "latin":
            return draw.one_of([name for name in _STREETS_ENGLISH if name != old])
        case _:
            return draw.one_of([name for name in _VILLAGES if name != old])


def _number(old: str, draw: Draw) -> str:
    """Return another number of as many digits, in the width of the old one, without a leading 0."""
    width = 0 if old.isascii() else 0xFEE0
    first = str(1 + draw.below(9))
    return "".join(chr(ord(mark) + width) for mark in first + draw.digits(len(old) - 1))


def _postal(head: str, fake: taiwan.Division | None, draw: Draw) -> str:
    """Return the postal code of the fake's township in the layout of ``head``."""
    digits = iter((fake.postal_code if fake else draw.digits(3)) + draw.digits(3))
    return "".join(_wide(next(digits), mark) if mark.isdigit() else mark for mark in head)


def _wide(digit: str, like: str) -> str:
    return digit if like.isascii() else chr(ord(digit) + 0xFEE0)
