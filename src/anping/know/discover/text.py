"""Finds what identifies people in a text: identifiers, addresses, dates and names.

Offsets are code points of the text as given. A match's score joins what its shape, its checksum
(weighed against chance) and the nearest label say. ``recall`` is the mode for redaction: it would
rather hide too much.
"""

from __future__ import annotations

import re
from dataclasses import replace

from anping.core.span import Span
from anping.know.discover.addresses import find_addresses
from anping.know.discover.context import OTHER, Label, label_before, label_behind, words_of
from anping.know.discover.entities import Entity, entities, probability
from anping.know.discover.fold import bounded, clear_before, fold
from anping.know.discover.names import find_names
from anping.know.discover.organisations import find_organisations
from anping.know.discover.wrapped import find_wrapped

THRESHOLD = 0.5
#: Precision mode's threshold becomes this in recall mode.
RECALL_THRESHOLD = 0.15
#: What a word of birth adds to a date.
_BORN = 4.5
#: What a label of another type directly before a value takes from an unsure shape.
_OTHER_TYPE, _CLOSE = -1.5, 2
#: Below this prior no score reaches even recall's threshold without a label.
_NEEDS_LABEL = -3.8
_LONG_NUMBER = re.compile(r"[0-9](?:[ -]?[0-9]){6,}")
_RECALL_DIGITS = 7
#: Dates without a year or a day, and dates in Chinese numerals: recall mode only.
_PARTIAL_DATE = re.compile(
    "[0-9]{1,2} ?月 ?[0-9]{1,2} ?[日號]|[0-9]{2,4} ?年 ?[0-9]{1,2} ?月|(?:0[1-9]|1[0-2])/(?:[0-2][0-9]|3[01])"
    "|[〇○零一二三四五六七八九十百]{1,4}年[一二三四五六七八九十]{1,3}月(?:[一二三四五六七八九十]{1,3}[日號])?"
)


def find_spans(
    text: str, *, threshold: float = THRESHOLD, recall: bool = False
) -> tuple[Span, ...]:
    """Return the spans of ``text`` that score at least ``threshold``, in order, never overlapping.

    With ``recall`` the threshold is at most 0.15 and every date, run of seven or more digits and
    name-like string counts too. Types are ids of the taxonomy.
    """
    folded = fold(text)
    floor = min(threshold, RECALL_THRESHOLD) if recall else threshold
    found = find_identifiers(folded)
    found += find_wrapped(folded, find_identifiers)
    found += find_addresses(folded, recall=recall)
    found += find_names(folded, recall=recall)
    found += find_organisations(folded)
    if recall:
        found += _long_numbers(folded) + _partial_dates(folded)
    kept = [span for span in found if span.score >= floor or (recall and span.type == "DATE")]
    return resolve(kept, keep_rest=recall)


def find_identifiers(folded: str) -> list[Span]:
    """Return every rule's matches with their scores, overlapping ones too."""
    lower = folded.lower()
    if len(lower) != len(folded):
        lower = folded
    spans: list[Span] = []
    labels: dict[int, Label | None] = {}
    for entity in entities():
        if entity.hints and not any(hint in folded for hint in entity.hints):
            continue
        if entity.prior < _NEEDS_LABEL and not any(map(lower.__contains__, words_of(entity.type))):
            continue
        for start, end in _matches(entity, folded):
            if start not in labels:
                labels[start] = label_before(lower, start)
            label = label_behind(lower, end) or labels[start]
            span = _scored(entity, (folded, start, end), label)
            if span is not None:
                spans.append(span)
    return spans


def _matches(entity: Entity, folded: str) -> list[tuple[int, int]]:
    """Return where the pattern matches with nothing ASCII beside it, trying each later start."""
    places, position = [], 0
    search = entity.pattern.search
    while (match := search(folded, position)) is not None:
        start, end = match.span()
        trimmed = end - (folded[end - 1] in " -")
        if bounded(folded, start, trimmed, also=entity.beside) or (
            entity.birth and _before_time(folded, start, end)
        ):
            places.append((start, trimmed))
            position = end
        elif _joined(folded, start):
            # Nothing inside a run of ASCII letters and digits can start with a clear boundary.
            position = _run_end(folded, start)
        else:
            position = start + 1
    return places


def _joined(folded: str, start: int) -> bool:
    return start > 0 and folded[start - 1].isascii() and folded[start - 1].isalnum()


def _run_end(folded: str, start: int) -> int:
    end = start + 1
    while end < len(folded) and folded[end].isascii() and folded[end].isalnum():
        end += 1
    return end


def _before_time(folded: str, start: int, end: int) -> bool:
    """Return whether a clock time is glued to the date: ``2018/03/0816:24``."""
    return clear_before(folded, start) and bool(_TIME.match(folded, end))


_TIME = re.compile(r"[ T]?[0-2][0-9]:[0-5][0-9]")


def _scored(entity: Entity, place: tuple[str, int, int], label: Label | None) -> Span | None:
    folded, start, end = place
    matched = folded[start:end]
    if entity.only_with and not _named(entity, label, folded[:start], matched):
        return None
    evidence = [f"pattern:{entity.type}"]
    weight = entity.prior
    verdict = entity.validate(matched)
    if verdict is False:
        if entity.fail is None:
            return None
        weight += entity.fail
        evidence.append("checksum-failed")
    elif verdict and entity.chance is not None:
        weight += entity.checksum_weight()
        evidence.append("checksum")
    kind, added = _context(entity, label)
    if entity.birth and folded.startswith(("生", "出生"), end):
        kind, added, label = "DATE_OF_BIRTH", _BORN, Label("生", "DATE_OF_BIRTH", 0)
    weight += added
    if label is not None and added > 0:
        evidence.append(f"context:{label.word}")
    elif added < 0:
        evidence.append("context:other")
    return Span(start, end, kind, probability(weight), tuple(evidence))


def _named(entity: Entity, label: Label | None, before: str, matched: str) -> bool:
    """Return whether the label names this entity and only filler stands between the two."""
    if label is None or label.type != entity.only_with:
        return False
    between = before[len(before) - label.gap :] if label.gap else ""
    if not between.strip() and matched.isalpha():
        return False  # "line was": an English word behind an English word
    return not between.lower().strip(_FILLER) and (len(label.word) > 1 or label.gap <= 1)


#: What may stand between a label such as LINE and its value: ``LINE 聯絡，ID：``.
_FILLER = " :=是為，,「聯絡帳號請加我的id("


def _context(entity: Entity, label: Label | None) -> tuple[str, float]:
    """Return the type in this context and the log-odds that the label adds."""
    if label is None:
        return entity.type, 0.0
    kind, added = entity.type, 0.0
    if entity.birth and label.type == "DATE_OF_BIRTH":
        kind, added = label.type, _BORN
    elif label.type == entity.type:
        added = entity.context
    elif entity.type == "TW_NATIONAL_ID" and label.type == "TW_DRIVER_LICENSE":
        kind, added = label.type, entity.context
    elif label.type == OTHER or (entity.prior < -2 and not entity.birth):
        added = entity.other
    elif entity.prior < 0 and label.gap <= _CLOSE:
        added = _OTHER_TYPE
    nearness = 1.0 if label.gap <= 6 else max(0.35, 1.0 - 0.04 * (label.gap - 6))
    return kind, added * nearness


def _long_numbers(folded: str) -> list[Span]:
    return [
        Span(match.start(), match.end(), "LONG_NUMBER", RECALL_THRESHOLD, ("long-number",))
        for match in _LONG_NUMBER.finditer(folded)
        if sum(character.isdigit() for character in match.group()) >= _RECALL_DIGITS
    ]


def _partial_dates(folded: str) -> list[Span]:
    return [
        Span(match.start(), match.end(), "DATE", 0.2, ("partial-date",))
        for match in _PARTIAL_DATE.finditer(folded)
        if bounded(folded, match.start(), match.end(), also="/.-")
    ]


def resolve(spans: list[Span], *, keep_rest: bool = False) -> tuple[Span, ...]:
    """Return the spans that do not overlap: the surer first, then the longer, then the earlier.

    With ``keep_rest`` what a losing span covers alone stays, as pieces, so that redaction leaves
    nothing open that any rule would have hidden; pieces of unlikely names are let go.
    """
    taken: list[Span] = []
    occupied: set[int] = set()
    for span in sorted(spans, key=lambda span: (-span.score, span.start - span.end, span.start)):
        places = range(span.start, span.end)
        if occupied.isdisjoint(places):
            taken.append(span)
        elif keep_rest and (span.type != "PERSON_NAME" or span.score >= THRESHOLD):
            taken += _pieces(span, occupied)
        else:
            continue
        occupied.update(places)
    return tuple(sorted(taken))


def _pieces(span: Span, occupied: set[int]) -> list[Span]:
    """Return the parts of a span that are not occupied."""
    pieces: list[Span] = []
    start: int | None = None
    for place in range(span.start, span.end + 1):
        free = place < span.end and place not in occupied
        if free and start is None:
            start = place
        elif not free and start is not None:
            pieces.append(replace(span, start=start, end=place, evidence=(*span.evidence, "rest")))
            start = None
    return pieces
