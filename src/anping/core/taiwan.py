"""Taiwan's counties, townships and names: public facts that several rooms need.

Divisions are the 22 counties and cities and their townships with three-digit postal codes
(Chunghwa Post). Names are surname and given-name weights (Ministry of the Interior, June 2023).
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Any


@dataclass(frozen=True, slots=True)
class Division:
    """One township of one county."""

    county: str
    township: str
    postal_code: str
    county_en: str
    township_en: str


@dataclass(frozen=True, slots=True)
class Names:
    """Surnames and given names with their relative weights."""

    surnames: tuple[tuple[str, float], ...]
    given_female: tuple[tuple[str, float], ...]
    given_male: tuple[tuple[str, float], ...]


def _data(name: str) -> Any:
    return json.loads(resources.files("anping.core").joinpath("data", name).read_text("utf-8"))


@cache
def divisions() -> tuple[Division, ...]:
    """Return every township."""
    return tuple(
        Division(county, township, facts["postal_code"], body["en"], facts["en"])
        for county, body in _data("taiwan_divisions.json").items()
        for township, facts in body["townships"].items()
    )


@cache
def names() -> Names:
    """Return the surname and given-name weights."""
    raw = _data("taiwan_names.json")

    def pairs(key: str) -> tuple[tuple[str, float], ...]:
        return tuple((name, float(weight)) for name, weight in raw[key])

    return Names(pairs("surnames"), pairs("given_names_female"), pairs("given_names_male"))


@cache
def _by_county() -> dict[str, tuple[Division, ...]]:
    grouped: dict[str, list[Division]] = {}
    for division in divisions():
        grouped.setdefault(division.county, []).append(division)
    return {county: tuple(members) for county, members in grouped.items()}


def counties() -> tuple[str, ...]:
    """Return the names of the 22 counties and cities, written with 臺."""
    return tuple(_by_county())


@cache
def _by_postal_code() -> dict[str, Division]:
    return {division.postal_code: division for division in reversed(divisions())}


def locate(address: str) -> Division | None:
    """Return the township an address lies in, or None if its county and township are not named.

    Accepts 台 for 臺, full-width digits, blanks and a leading postal code. Without a township's
    name in the text the postal code (three digits or more, at the start) decides.
    """
    text = address.translate(_FOLD).replace(" ", "").replace("台", "臺")
    digits = len(text) - len(text.lstrip("0123456789-"))
    body = text[digits:]
    for county, members in _by_county().items():
        if body.startswith(county):
            rest = body[len(county) :]
            found = [member for member in members if rest.startswith(member.township)]
            if found:
                return max(found, key=lambda member: len(member.township))
    return _by_postal_code().get(text[:3]) if digits >= 3 else None


_FOLD = {ord("０") + n: ord("0") + n for n in range(10)} | {0x3000: 0x20}
