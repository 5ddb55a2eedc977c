"""What a person typed, as units: words, ``"phrases"``, ``begin*``, ``type:TW_NATIONAL_ID``, ``-not``."""

from __future__ import annotations

import re
from dataclasses import dataclass

from anping.core.errors import ParameterError
from anping.core.text import Text
from anping.workspace.search.entry import FIELDS, FILTERS
from anping.workspace.search.folding import fold
from anping.workspace.search.postings import filter_term
from anping.workspace.search.words import Placed, asked_of

_LONGEST, _MOST_UNITS = 1000, 32
_OPEN, _CLOSE = '"“「『', '"”」』'
_WORD = re.compile(
    rf"(?P<no>-)?(?:(?P<field>[A-Za-z]+)[:：])?"
    rf"(?:[{_OPEN}](?P<phrase>[^{_CLOSE}]*)(?:[{_CLOSE}]|$)|(?P<plain>[^\s{_OPEN}]+))"
)


@dataclass(frozen=True, slots=True)
class Unit:
    """Terms that stand together in an entry; ``field`` narrows where, ``prefix`` the last is begun.

    ``exact`` is the term of a filter instead.
    """

    terms: tuple[Placed, ...] = ()
    field: str | None = None
    prefix: bool = False
    exact: str | None = None
    excluded: bool = False
    #: A phrase that a person put in quotes: it is never loosened.
    quoted: bool = False


def read_query(text: str) -> tuple[Unit, ...]:
    """Return the units of a query. Raises ParameterError if there is nothing to look for."""
    if len(text) > _LONGEST:
        raise _too_long()
    units = [unit for match in _WORD.finditer(text) for unit in _units(match)]
    if not any(not unit.excluded for unit in units):
        raise _nothing()
    if len(units) > _MOST_UNITS:
        raise _too_long()
    return tuple(dict.fromkeys(units))


def _units(match: re.Match[str]) -> list[Unit]:
    excluded = match["no"] is not None
    name, said = (match["field"] or "").lower(), match["phrase"] or match["plain"] or ""
    # ``type:`` narrows by the exact id; a type's title is found without it.
    if name in FILTERS:
        return [Unit(exact=filter_term(name, fold(said).strip()), excluded=excluded)]
    field = name if name in FIELDS else None
    if name and field is None:
        # An unknown field is no field: ``http://x`` or ``備註:x`` are words.
        said = f"{name} {said}"
    prefix = match["plain"] is not None and said.endswith("*")
    terms = asked_of(said.rstrip("*") if prefix else said)
    quoted = match["phrase"] is not None
    return [Unit(terms, field, prefix, excluded=excluded, quoted=quoted)] if terms else []


def _nothing() -> ParameterError:
    return ParameterError(
        "search.nothing",
        Text("沒有可以搜尋的字。", "There is no word to search for."),
        hint=Text(
            "給一個以上的字，如：身分證 kind:column。",
            "Give at least one word, such as: phone kind:column.",
        ),
    )


def _too_long() -> ParameterError:
    return ParameterError(
        "search.too-long",
        Text(
            f"搜尋的字太多（最多 {_LONGEST:,} 字元、{_MOST_UNITS} 個詞）。",
            f"The search is too long (at most {_LONGEST:,} characters and {_MOST_UNITS} words).",
        ),
        hint=Text("只留幾個最重要的字。", "Keep the few words that matter most."),
    )
