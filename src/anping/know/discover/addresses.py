"""Street addresses without a county or township: in Chinese, a road and a house number.

Full addresses are rules like the others (``data/entities.yaml``). The grammar follows 內政部 field
names (縣市、鄉鎮市區、村里、鄰、路街、段、巷、弄、號、樓、室).
"""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterable
from itertools import accumulate

from anping.core.span import Span
from anping.know.discover.fold import fold
from anping.know.discover.matching import find_identifiers
from anping.know.discover.rules import standard_rules

_NUMERAL = "[0-9一二三四五六七八九十百]"
_HAN = "[\u4e00-\u9fff○]"
#: Counts are bounded: a million digits in a row are looked at once, not once from each of them.
_DIGITS = f"{_NUMERAL}{{1,12}}"
_HOUSE = re.compile(rf"{_DIGITS} ?(?:[之-] ?{_DIGITS} ?)?號|{_DIGITS} ?巷")
_COUNT = "(?:[0-9]{1,4}|[一二三四五六七八九十百]{1,3})"
_FLOOR = rf"(?: ?[,、之]? ?(?:地下)?{_COUNT} ?(?:樓|[fF])(?: ?[之-] ?{_COUNT})?)"
_NUMBER = (
    rf"(?:{_COUNT} ?(?:[之-] ?{_COUNT} ?)?號(?:(?: ?之 ?{_COUNT})?{_FLOOR}| ?之 ?{_COUNT})?"
    rf"(?: ?{_COUNT} ?室| ?[A-Z] ?[室座棟])?)"
)
_LANES = rf"(?: ?{_NUMERAL}{{1,3}} ?段)?(?: ?{_HAN}{{0,4}}{_NUMERAL}{{1,4}} ?巷)?(?: ?{_NUMERAL}{{1,4}} ?[弄衖])?"
_STREET = re.compile(rf"{_HAN}{{2,5}}?(?:路|街|大道){_LANES} ?{_NUMBER}")
_ROADS = ("路", "街", "大道")
#: Words before a street's name that are not part of it.
_LEAD = re.compile(r"^.{0,3}?(?:位於|住在|地址|搬到|寄到|送到|住址|前往|[為是在於住至到往從址])")
_BACK, _AHEAD = 24, 24
_FULL = "ADDRESS_FULL"


def find_streets(folded: str, addresses: Iterable[Span]) -> list[Span]:
    """Return streets with a house number (score .75) that no full address covers."""
    if "號" not in folded or not any(road in folded for road in _ROADS):
        return []
    full = sorted((span.start, span.end) for span in addresses if span.type == _FULL)
    starts, ends = [start for start, _ in full], sorted(end for _, end in full)
    # By how many addresses have begun, how far the farthest of them reaches.
    reach = [0, *accumulate((end for _, end in full), max)]
    spans: list[Span] = []
    past = 0
    for house in _HOUSE.finditer(folded):
        covered = reach[bisect_left(starts, house.end())] > house.start()
        if house.start() < past or covered:
            continue
        ended = bisect_right(ends, house.start())
        before = ends[ended - 1] if ended else 0
        begin = max(past, before, house.start() - _BACK)
        match = _STREET.search(folded, begin, min(len(folded), house.end() + _AHEAD))
        if match is not None and match.end() >= house.end():
            lead = _LEAD.match(match.group())
            start = match.start() + (lead.end() if lead else 0)
            spans.append(Span(start, match.end(), _FULL, 0.75, ("pattern:STREET",)))
            past = match.end()
    return spans


def find_addresses(text: str) -> list[Span]:
    """Return the addresses of a text, in order: full ones and streets with a house number."""
    folded = fold(text)
    found = [span for span in find_identifiers(standard_rules(), folded) if span.type == _FULL]
    return sorted(found + find_streets(folded, found))
