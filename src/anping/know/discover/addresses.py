"""Addresses in running text: Taiwanese ones by grammar and gazetteer, and street addresses in English.

The grammar follows 內政部 field names (縣市、鄉鎮市區、村里、鄰、路街、段、巷、弄、號、樓、室).
"""

from __future__ import annotations

import re
from functools import cache

from anping.core.span import Span
from anping.core.taiwan import counties, divisions
from anping.know.discover.fold import bounded

_NUMERAL = "[0-9一二三四五六七八九十百]"
_HAN = "[\u4e00-\u9fff○]"
_HOUSE = re.compile(rf"{_NUMERAL}+ ?(?:[之-] ?{_NUMERAL}+ ?)?號|{_NUMERAL}+ ?巷")
_COUNT = "(?:[0-9]{1,4}|[一二三四五六七八九十百]{1,3})"
_FLOOR = rf"(?: ?[,、之]? ?(?:地下)?{_COUNT} ?(?:樓|[fF])(?: ?[之-] ?{_COUNT})?)"
_NUMBER = (
    rf"(?:{_COUNT} ?(?:[之-] ?{_COUNT} ?)?號(?:(?: ?之 ?{_COUNT})?{_FLOOR}| ?之 ?{_COUNT})?"
    rf"(?: ?{_COUNT} ?室| ?[A-Z] ?[室座棟])?)"
)
_LANES = rf"(?: ?{_NUMERAL}{{1,3}} ?段)?(?: ?{_HAN}{{0,4}}{_NUMERAL}{{1,4}} ?巷)?(?: ?{_NUMERAL}{{1,4}} ?[弄衖])?"
_VILLAGE = rf"(?: ?{_HAN}{{1,4}}[村里])?(?: ?{_NUMERAL}{{1,3}} ?鄰)?"
_ROAD = rf"(?: ?{_HAN}{{1,10}}?(?:路|街|大道))?"
_STREET = re.compile(rf"{_HAN}{{2,5}}?(?:路|街|大道){_LANES} ?{_NUMBER}")
#: Words before a street's name that are not part of it.
_LEAD = re.compile(r"^.{0,3}?(?:位於|住在|地址|搬到|寄到|送到|住址|前往|[為是在於住至到往從址])")
_PART_EN = r"(?:(?:(?:Rd|St|Ave|Blvd|Dist|Sec|Ln|Aly|Vil|Twp|Cty|[NSEW])\.|[A-Z][A-Za-z'’-]*|[0-9]{1,4}(?:st|nd|rd|th)) ?)+"
_ENGLISH = re.compile(
    r"(?:[0-9]{1,3}F\.?(?:-[0-9]{1,2})?, ?)?No\. ?[0-9]{1,4}(?:-[0-9]{1,3})?"
    r"(?:, (?:Aly\.|Alley|Ln\.|Lane|Sec\.|Section) ?[0-9]{1,4}){0,3}"
    rf"(?:, {_PART_EN}){{1,5}}(?:[0-9]{{3,6}})?(?:, ?Taiwan(?: ?\(R\.O\.C\.\))?)?"
)
_AMERICAN = re.compile(
    r"[0-9]{1,6} (?:[NSEW]\. )?(?:[A-Z][A-Za-z]+ ){1,3}(?:Street|St|Avenue|Ave|Road|Rd|Boulevard|Blvd|Lane|Ln|Drive|Dr|Court|Ct|Way|Place|Pl|Hill|Terrace)\.?"
    r"(?:,? (?:Apt|Suite|Unit|#)\.? ?[0-9A-Z]+)?(?:, (?:[A-Z][A-Za-z]+ ?){1,3}, [A-Z]{2} [0-9]{5}(?:-[0-9]{4})?)?"
)


def _variants(names: tuple[str, ...] | list[str]) -> str:
    ordered = sorted(set(names), key=lambda name: (-len(name), name))
    return "|".join(re.escape(name).replace("臺", "[臺台]") for name in ordered)


@cache
def _full() -> re.Pattern[str]:
    county = _variants(list(counties()))
    township = _variants([division.township for division in divisions()])
    area = (
        rf"(?:[0-9]{{3}}(?:-?[0-9]{{2,3}})? ?)?"
        rf"(?:(?:[臺台]灣省?)?(?:{county}) ?(?:{township})?|(?:{township}))"
    )
    return re.compile(rf"{area}{_VILLAGE}{_ROAD}(?: ?{_HAN}{{0,6}}?){_LANES} ?{_NUMBER}")


@cache
def _part() -> re.Pattern[str]:
    county = _variants(list(counties()))
    township = _variants([division.township for division in divisions()])
    return re.compile(
        rf"(?:{county}) ?(?:{township})(?:{_HAN}{{1,4}}[村里])?(?:{_HAN}{{1,4}}?(?:路|街|大道)(?:{_NUMERAL}{{1,3}}段)?)?"
    )


def find_addresses(folded: str, *, recall: bool = False) -> list[Span]:
    """Return full addresses (score .95 with a county or township, .75 with a street alone).

    With ``recall``, parts (county and township, perhaps a street) are returned as ADDRESS_PART.
    """
    spans = _chinese(folded) if "號" in folded else []
    if recall:
        spans += [
            Span(match.start(), match.end(), "ADDRESS_PART", 0.4, ("gazetteer",))
            for match in _part().finditer(folded)
        ]
    if "No" in folded or any(
        word in folded for word in (" St", " Av", " R", " B", " L", " D", " H")
    ):
        spans += _english(folded)
    return spans


def _chinese(folded: str) -> list[Span]:
    spans: list[Span] = []
    past = 0
    for house in _HOUSE.finditer(folded):
        if house.start() < past:
            continue
        begin, limit = max(past, house.start() - 45), min(len(folded), house.end() + 24)
        match = _full().search(folded, begin, limit)
        if match is not None and match.end() >= house.end():
            start = match.start()
            spans.append(
                Span(start, match.end(), "ADDRESS_FULL", 0.95, ("gazetteer", "pattern:ADDRESS"))
            )
            past = match.end()
            continue
        match = _STREET.search(folded, max(begin, house.start() - 24), limit)
        if match is not None and match.end() >= house.end():
            lead = _LEAD.match(match.group())
            start = match.start() + (lead.end() if lead else 0)
            spans.append(Span(start, match.end(), "ADDRESS_FULL", 0.75, ("pattern:STREET",)))
            past = match.end()
    return spans


def _english(folded: str) -> list[Span]:
    spans = []
    for match in _ENGLISH.finditer(folded):
        end = match.start() + len(match.group().rstrip())
        if bounded(folded, match.start(), end):
            spans.append(Span(match.start(), end, "ADDRESS_FULL", 0.9, ("pattern:ADDRESS_EN",)))
    for match in _AMERICAN.finditer(folded):
        if bounded(folded, match.start(), match.end()):
            score = 0.9 if "," in match.group() else 0.6
            spans.append(
                Span(match.start(), match.end(), "ADDRESS_FULL", score, ("pattern:ADDRESS_EN",))
            )
    return spans
