"""One structure that finds every known identifier in a text, in one pass over its characters.

Forms are kept in one hash table; a second one gives, for the first two characters of a form, the
lengths to try. A text of length c costs at most c look-ups, whatever the number of identifiers.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from anping.core.span import Span
from anping.protect.text.folding import Squeezed, cut_in_two, squeeze
from anping.protect.text.forms import TITLES, everywhere, surname_and_given, type_of

_EVIDENCE = ("known",)


@dataclass(frozen=True)
class IdentifierDictionary:
    """The known identifiers of a table. ``given_names`` count only before a title (小明先生)."""

    forms: Mapping[str, str]
    given_names: frozenset[str]
    lengths: Mapping[str, tuple[int, ...]]

    @classmethod
    def of(cls, values: Iterable[Any]) -> IdentifierDictionary:
        """Return the dictionary of identifying values; null and unusably short ones are left out."""
        forms: dict[str, str] = {}
        given_names: set[str] = set()
        surnames: set[str] = set()
        for value in values:
            if value is None:
                continue
            found = list(everywhere(value))
            if not found:
                continue
            kind = type_of(str(value))
            forms.update(dict.fromkeys(found, kind))
            name = surname_and_given(found[0]) if kind == "PERSON_NAME" else None
            if name is not None:
                surnames.add(name[0])
                given_names |= {name[1]} if len(name[1]) > 1 else set()
        for surname in surnames:
            forms.update({f"{surname}{title}": "PERSON_NAME" for title in TITLES})
        return cls(forms, frozenset(given_names), _lengths((*forms, *given_names)))

    def find(self, text: str) -> list[Span]:
        """Return where known identifiers stand in ``text``; longest first at each place."""
        return self.find_in(squeeze(text))

    def find_in(self, squeezed: Squeezed) -> list[Span]:
        """Return where known identifiers stand in a squeezed text, as places of the original."""
        text, spans, end = squeezed.text, [], 0
        for first in self._firsts.finditer(text):
            at = first.start()
            if at < end:
                continue
            for length in self.lengths.get(text[at : at + 2], ()):
                span = self._match(squeezed, at, length)
                if span is not None:
                    spans.append(span)
                    end = at + length
                    break
        return spans

    @cached_property
    def _firsts(self) -> re.Pattern[str]:
        """An expression for the characters that a form begins with."""
        characters = "".join(sorted({head[0] for head in self.lengths if head}))
        return re.compile(f"[{re.escape(characters)}]" if characters else "(?!)")

    def _match(self, squeezed: Squeezed, at: int, length: int) -> Span | None:
        form = squeezed.text[at : at + length]
        if len(form) < length:
            return None
        if form in self.forms:
            return spanning(squeezed, at, at + length, self.forms[form])
        if form in self.given_names and squeezed.text.startswith(TITLES, at + length):
            return spanning(squeezed, at, at + length, "PERSON_NAME")
        return None


def spanning(squeezed: Squeezed, start: int, end: int, kind: str) -> Span | None:
    """Return the span of the original text, or None if its border cuts a number or word in two."""
    first, last = squeezed.places[start], squeezed.places[end - 1]
    folded = squeezed.folded
    if first > 0 and cut_in_two(folded[first - 1], folded[first]):
        return None
    if last + 1 < len(folded) and cut_in_two(folded[last], folded[last + 1]):
        return None
    return Span(first, last + 1, kind, 1.0, _EVIDENCE)


def find_forms(squeezed: Squeezed, forms: Mapping[str, str]) -> list[Span]:
    """Return where any of a few forms stands in a squeezed text."""
    spans = []
    for form, kind in forms.items():
        at = squeezed.text.find(form)
        while at >= 0:
            span = spanning(squeezed, at, at + len(form), kind)
            if span is not None:
                spans.append(span)
            at = squeezed.text.find(form, at + 1)
    return spans


def _lengths(forms: Iterable[str]) -> dict[str, tuple[int, ...]]:
    gathered: dict[str, set[int]] = {}
    for form in forms:
        gathered.setdefault(form[:2], set()).add(len(form))
    return {head: tuple(sorted(found, reverse=True)) for head, found in gathered.items()}
