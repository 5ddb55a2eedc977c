"""Finds what identifies people in a text: identifiers, addresses, dates and names.

Offsets are code points of the text as given. A match's score joins what its shape, its checksum
(weighed against chance), the nearest label and the words nearby say; :func:`scoring.explain` tells
them apart. ``recall`` is the mode for redaction: it would rather hide too much. One text at a time
here, many at once in :mod:`batch`, with the same findings.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import lru_cache

from anping.core.span import Span
from anping.know.discover.addresses import find_streets
from anping.know.discover.beside_names import with_neighbours
from anping.know.discover.fold import bounded, fold
from anping.know.discover.joined import find_joined
from anping.know.discover.matching import Modes, find_identifiers
from anping.know.discover.names import find_names
from anping.know.discover.names_en import openings_of_labels
from anping.know.discover.organisations import find_organisations
from anping.know.discover.resolving import resolve
from anping.know.discover.rules import Rules, standard_rules
from anping.know.discover.tabled import find_tabled

#: Finds names in a folded text; with ``recall`` weak ones too.
Names = Callable[[str, bool], list[Span]]
THRESHOLD = 0.5
#: Precision mode's threshold becomes this in recall mode; findings between the two are the tier of
#: low confidence.
RECALL_THRESHOLD = 0.15
RECALL_DIGITS = 7
_LONG_NUMBER = re.compile(f"[0-9](?:[ -]?[0-9]){{{RECALL_DIGITS - 1},}}")
#: Dates without a year or a day, and dates in Chinese numerals: recall mode only.
PARTIAL_DATE = (
    "[0-9]{1,2} ?月 ?[0-9]{1,2} ?[日號]|[0-9]{2,4} ?年 ?[0-9]{1,2} ?月|(?:0[1-9]|1[0-2])/(?:[0-2][0-9]|3[01])"
    "|[〇○零一二三四五六七八九十百]{1,4}年[一二三四五六七八九十]{1,3}月(?:[一二三四五六七八九十]{1,3}[日號])?"
)
_PARTIAL_DATE = re.compile(PARTIAL_DATE)


def standard_names(folded: str, recall: bool) -> list[Span]:  # noqa: FBT001 - the seam's form
    """Return the names that the embedded recogniser finds."""
    return find_names(folded, recall=recall)


def no_names(folded: str, recall: bool) -> list[Span]:  # noqa: FBT001 - the seam's form
    """Return nothing: for scans that leave names to somebody else, or out."""
    del folded, recall
    return []


@dataclass(frozen=True, slots=True)
class Scanner:
    """How texts are scanned: the least score, the mode, the rules, and who finds names.

    With ``recall`` the threshold is at most 0.15 and every date, run of seven or more digits and
    name-like string counts too. With ``attributes`` ages count, which name nobody.
    """

    threshold: float = THRESHOLD
    recall: bool = False
    attributes: bool = False
    rules: Rules = field(default_factory=standard_rules)
    names: Names = standard_names

    @property
    def floor(self) -> float:
        """The least score that counts."""
        return min(self.threshold, RECALL_THRESHOLD) if self.recall else self.threshold

    @property
    def modes(self) -> Modes:
        """Which rules count beside the ordinary ones."""
        wanted = {"recall": self.recall, "attributes": self.attributes}
        return frozenset(name for name, on in wanted.items() if on)

    @property
    def openings(self) -> frozenset[str]:
        """The first two characters of words that name columns of tables inside texts."""
        return _openings(self.rules)

    def counts(self, span: Span) -> bool:
        """Return whether a finding is sure enough."""
        return span.score >= self.floor or (self.recall and span.type == "DATE")

    def find(self, text: str) -> tuple[Span, ...]:
        """Return the findings of one text, in order, never overlapping."""
        folded = fold(text)
        found = self.identifiers(folded)
        found += self.beside_identifiers(folded, found)
        found += self.names(folded, self.recall)
        found += find_organisations(folded)
        found = with_neighbours(found, recall=self.recall)
        return resolve(list(filter(self.counts, found)), keep_rest=self.recall)

    def identifiers(self, folded: str) -> list[Span]:
        """Return every rule's matches with their scores, overlapping ones too."""
        return find_identifiers(self.rules, folded, self.modes)

    def named(self, folded: str) -> list[Span]:
        """Return names of people and of organisations."""
        return [*self.names(folded, self.recall), *find_organisations(folded)]

    def in_cells(self, folded: str) -> list[Span]:
        """Return what is looked for in the cells of tables inside texts."""
        return self.identifiers(folded) + self.names(folded, self.recall)

    def beside_identifiers(self, folded: str, found: list[Span]) -> list[Span]:
        """Return what is found where no rule matches as the text stands."""
        more = find_joined(folded, self.identifiers, self.named) + find_streets(folded, found)
        more += find_tabled(folded, self.openings, self.in_cells)
        if self.recall:
            more += recall_only(folded)
        return more


@lru_cache(8)
def _openings(rules: Rules) -> frozenset[str]:
    return rules.openings | openings_of_labels()


def find_spans(
    text: str, *, threshold: float = THRESHOLD, recall: bool = False
) -> tuple[Span, ...]:
    """Return the spans of ``text`` that score at least ``threshold``, in order, never overlapping.

    With ``recall`` the threshold is at most 0.15 and every date, run of seven or more digits and
    name-like string counts too. Types are ids of the taxonomy. :class:`Scanner` has more options.
    """
    return Scanner(threshold, recall).find(text)


def recall_only(folded: str) -> list[Span]:
    """Return what only recall mode finds: long runs of digits, and dates without all their parts."""
    return _long_numbers(folded) + _partial_dates(folded)


def long_number(start: int, end: int) -> Span:
    """Return the finding of a long run of digits."""
    return Span(start, end, "LONG_NUMBER", RECALL_THRESHOLD, ("long-number",))


def partial_date(start: int, end: int) -> Span:
    """Return the finding of a date without all its parts."""
    return Span(start, end, "DATE", 0.2, ("partial-date",))


def _long_numbers(folded: str) -> list[Span]:
    # The expression asks for as many digits as count.
    return [long_number(*match.span()) for match in _LONG_NUMBER.finditer(folded)]


def _partial_dates(folded: str) -> list[Span]:
    return [
        partial_date(*match.span())
        for match in _PARTIAL_DATE.finditer(folded)
        if bounded(folded, match.start(), match.end(), also="/.-")
    ]
