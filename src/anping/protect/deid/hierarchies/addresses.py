"""Taiwanese addresses and postal codes: township, county, region.

The domain is public (every township of Taiwan), so it gives nothing away about the table. Regions
follow the National Development Council's four regions of the main island, with the outlying
counties of Penghu, Kinmen and Lienchiang together.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from functools import cache
from typing import Any, Literal

import pyarrow as pa
import pyarrow.compute as pc

from anping.core.errors import ParameterError, Where
from anping.core.taiwan import Division, counties, divisions, locate
from anping.core.text import Text
from anping.protect.deid.hierarchy import MISSING, Hierarchy, Prepare, levels, merging

Step = Callable[[str], str]

REGIONS: dict[str, tuple[str, ...]] = {
    "北部": ("臺北市", "新北市", "基隆市", "桃園市", "新竹市", "新竹縣", "宜蘭縣"),
    "中部": ("臺中市", "苗栗縣", "彰化縣", "南投縣", "雲林縣"),
    "南部": ("臺南市", "高雄市", "嘉義市", "嘉義縣", "屏東縣"),
    "東部": ("花蓮縣", "臺東縣"),
    "離島": ("澎湖縣", "金門縣", "連江縣"),
}


def addresses(
    column: str, values: Iterable[Any], *, start: Literal["township", "county"] = "township"
) -> Hierarchy:
    """Return township (``臺北市大安區``), county, region, ``*``; from the county with ``start``.

    A full address never becomes a leaf. An address that names no county and township is missing.
    With ``start="county"`` the county's name alone is enough. Raises ParameterError for another start.
    """
    if start not in ("township", "county"):
        raise ParameterError(
            "deid.address-start",
            Text("地址要從 township 或 county 開始。", "An address starts at township or county."),
            where=Where(column=column),
            hint=Text("修改計畫中的 start。", "Change start in the plan."),
        )
    by_county = start == "county"
    prepare = _county if by_county else _township
    domain = [*counties()] if by_county else list(_county_of_township())
    if not domain or any(prepare(value) == MISSING for value in set(values)):
        domain.append(MISSING)
    steps = [_region] if by_county else [_county_of_township().__getitem__, _region_of_township]
    return levels(column, domain, steps, prepare, given=True)


def postal_codes(
    column: str, values: Iterable[Any], *, start: Literal["full", "code", "county"] = "code"
) -> Hierarchy:
    """Return the first three digits (``106``), county, region, ``*``.

    Chunghwa Post writes three digits, 3+2 (until 2020) or 3+3 (since). Five- and six-digit codes
    are cut to three; with ``start="full"`` they stay whole on level 0, and the next level is named
    with its township (``106 臺北市大安區``). A code whose first three digits are not in use is
    missing. Raises ParameterError for another start.
    """
    known = _county_of_code()
    prepare: Prepare = _code
    domain = list(known)
    steps: list[Step] = [known.__getitem__, lambda code: _region(known[code])]
    if start == "full":
        prepare = _full
        domain = sorted({_full(value) for value in values} - {MISSING})
        finer: list[Step] = [_code_named, lambda full: known[full[:3]]]
        steps = merging(domain, [*finer, lambda full: _region(known[full[:3]])])
    elif start == "county":
        prepare, domain, steps = _county_of, [*counties()], [_region]
    elif start != "code":
        raise ParameterError(
            "deid.postal-start",
            Text("郵遞區號要從 full、code 或 county 開始。", "This postal code level is unknown."),
            where=Where(column=column),
            hint=Text("可用：full、code、county", "Use one of: full, code, county"),
        )
    if not domain or any(prepare(value) == MISSING for value in set(values)):
        domain.append(MISSING)
    return levels(column, domain, steps, prepare, given=start != "full")


def beginnings(cells: pa.StringArray) -> pa.StringArray:
    """Return what is enough of each address to find its township and county: few different texts.

    Digits before the county go after the third (:func:`core.taiwan.locate`), and so does what
    follows the township. An address with blanks stays whole.
    """
    texts = pc.replace_substring_regex(cells, "^([0-9０-９-]{3})[0-9０-９-]*", r"\1")
    longest = max(len(division.county) + len(division.township) for division in divisions())
    short = pc.utf8_slice_codeunits(texts, 0, longest + 3)
    return pc.if_else(pc.match_substring_regex(cells, r"[\s\p{Z}]"), cells, short)


def located(address: str) -> Division | None:
    """Return the township of an address, also of one written before the county was merged.

    The counties of Taipei, Taichung, Tainan and Kaohsiung became cities with the year's end of
    2010, that of Taoyuan with 2014's (地方制度法): their towns, ``臺北縣板橋市``, are districts.
    """
    found = locate(address)
    if found is not None:
        return found
    text = address.strip().replace("台", "臺").lstrip("0123456789- ")
    county = _MERGED.get(text[:3])
    town = _TOWN.match(text[3:])
    if county is None or town is None:
        return None
    district = _RENAMED.get(text[: 3 + town.end()], f"{town[1]}區")
    return locate(county + district)


_MERGED = {
    "臺北縣": "新北市",
    "臺中縣": "臺中市",
    "臺南縣": "臺南市",
    "高雄縣": "高雄市",
    "桃園縣": "桃園市",
}
# Kaohsiung City had a district of this name already.
_RENAMED = {"高雄縣三民鄉": "那瑪夏區"}
_TOWN = re.compile(r"(.{1,3}?)[市鎮鄉]")


@cache
def _region_of_county() -> dict[str, str]:
    return {county: region for region, members in REGIONS.items() for county in members}


@cache
def _county_of_township() -> dict[str, str]:
    return {division.county + division.township: division.county for division in divisions()}


@cache
def _county_of_code() -> dict[str, str]:
    return {division.postal_code: division.county for division in reversed(divisions())}


def _region(county: str) -> str:
    return _region_of_county()[county]


def _region_of_township(township: str) -> str:
    return _region(_county_of_township()[township])


def _township(value: Any) -> str:
    division = None if value is None else located(str(value))
    return MISSING if division is None else division.county + division.township


def _county(value: Any) -> str:
    if value is None:
        return MISSING
    division = located(str(value))
    if division is not None:
        return division.county
    text = str(value).strip().replace("台", "臺").lstrip("0123456789- ")
    text = _MERGED.get(text[:3], text)
    return next((county for county in counties() if text.startswith(county)), MISSING)


def _full(value: Any) -> str:
    if value is None:
        return MISSING
    text = str(int(value)) if isinstance(value, float) and value.is_integer() else str(value)
    digits = text.strip().translate(_WIDE).replace("-", "")
    written = digits.isascii() and digits.isdigit() and len(digits) in (3, 5, 6)
    return digits if written and digits[:3] in _county_of_code() else MISSING


def _code(value: Any) -> str:
    if value is None:
        return MISSING
    text = str(int(value)) if isinstance(value, float) and value.is_integer() else str(value)
    code = text.strip().translate(_WIDE)[:3]
    return code if code in _county_of_code() else MISSING


def _county_of(value: Any) -> str:
    return _county_of_code().get(_code(value), MISSING)


def _code_named(full: str) -> str:
    """Return three digits with the township, or with the county where several share them."""
    code = full[:3]
    named = {each.township for each in divisions() if each.postal_code == code}
    return f"{code} {_county_of_code()[code]}{named.pop() if len(named) == 1 else ''}"


_WIDE = {ord("０") + n: ord("0") + n for n in range(10)} | {ord("－"): "-"}
