"""Taiwanese addresses and postal codes: township, county, region.

The domain is public (every township of Taiwan), so it gives nothing away about the table. Regions
follow the National Development Council's four regions of the main island, with the outlying
counties of Penghu, Kinmen and Lienchiang together.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache
from typing import Any, Literal

import pyarrow as pa
import pyarrow.compute as pc

from anping.core.errors import ParameterError, Where
from anping.core.taiwan import counties, divisions, locate
from anping.core.text import Text
from anping.protect.deid.hierarchy import MISSING, Hierarchy, levels

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
    return levels(column, domain, steps, prepare)


def postal_codes(column: str, values: Iterable[Any]) -> Hierarchy:
    """Return the first three digits (``106``), county, region, ``*``.

    Five- and six-digit codes are cut to three; a code that is not in use is missing.
    """
    known = _county_of_code()
    domain = list(known)
    if any(_code(value) == MISSING for value in set(values)):
        domain.append(MISSING)
    steps = [known.__getitem__, lambda code: _region(known[code])]
    return levels(column, domain, steps, _code)


def beginnings(cells: pa.StringArray) -> pa.StringArray:
    """Return what is enough of each address to find its township and county: few different texts.

    Digits before the county go after the third (:func:`core.taiwan.locate`), and so does what
    follows the township. An address with blanks stays whole.
    """
    texts = pc.replace_substring_regex(cells, "^([0-9０-９-]{3})[0-9０-９-]*", r"\1")
    longest = max(len(division.county) + len(division.township) for division in divisions())
    short = pc.utf8_slice_codeunits(texts, 0, longest + 3)
    return pc.if_else(pc.match_substring_regex(cells, r"[\s\p{Z}]"), cells, short)


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
    division = None if value is None else locate(str(value))
    return MISSING if division is None else division.county + division.township


def _county(value: Any) -> str:
    if value is None:
        return MISSING
    division = locate(str(value))
    if division is not None:
        return division.county
    text = str(value).strip().replace("台", "臺").lstrip("0123456789- ")
    return next((county for county in counties() if text.startswith(county)), MISSING)


def _code(value: Any) -> str:
    if value is None:
        return MISSING
    text = str(int(value)) if isinstance(value, float) and value.is_integer() else str(value)
    code = text.strip()[:3]
    return code if code in _county_of_code() else MISSING
