"""Context: the nearest label before a value says what the value is, or that it is something else.

A label is a word of the lexicon that ends before the value, at most 28 characters from its own
beginning, in the same clause; the one that ends last counts, of several the longest. A label in
brackets directly behind a value counts more. Where no label stands, words of the value's type
nearby count, or that an unknown word and a colon introduce it.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterable
from dataclasses import dataclass

from anping.know.discover.behind import OPENING, label_place
from anping.know.discover.fold import LETTERS
from anping.know.discover.rules import LABEL, Rules
from anping.know.discover.walking import start_steps

#: How far before and behind a value a label is looked for, in characters.
BEFORE, BEHIND = 28, 8
#: How long a label is at most that follows its value.
REACH = 12
#: How far before and behind it a word nearby may end or begin.
NEAR_BEFORE, NEAR_BEHIND = 12, 8
ENDS_CLAUSE = "。！？；"
_CLAUSE = re.compile(f"[{ENDS_CLAUSE}]")
#: What introduces a value, at most one blank before it.
INTRODUCES = ":=為是"
_LAST_ASCII = "\x7f"
#: A match of a word: where it begins and ends, and its number.
Place = tuple[int, int, int]


@dataclass(frozen=True, slots=True)
class Label:
    """A label: its word's number, and the characters between it and the value."""

    word: int
    gap: int


@dataclass(frozen=True, slots=True)
class Words:
    """The words of the lexicon in one text, by where they end.

    ``labels`` hold wherever they stand; ``touching`` only where the value begins at their end:
    single letters, and English words that run into the value.
    """

    rules: Rules
    labels: list[Place]
    ends: list[int]
    touching: dict[int, Place]
    nearby: list[Place]

    def before(self, folded: str, start: int) -> Label | None:
        """Return the label that ends nearest before ``start`` in the same clause."""
        touching = self.touching.get(start)
        number = bisect_right(self.ends, start) - 1
        best = self.labels[number] if number >= 0 else None
        if touching is not None and (best is None or best[1] < start or best[0] > touching[0]):
            best = touching
        if best is None or best[0] < start - BEFORE or _CLAUSE.search(folded, best[1], start):
            return None
        return Label(best[2], start - best[1])

    def behind(self, folded: str, end: int) -> Label | None:
        """Return the label directly behind ``end``: ``0912345678（手機）``, ``0912345678 是手機``."""
        if folded[end : end + 1] != "(":
            return self._named_behind(folded, end)
        number = bisect_right(self.ends, end + BEHIND) - 1
        if number < 0 or self.labels[number][0] < end:
            return None
        return Label(self.labels[number][2], 0)

    def _named_behind(self, folded: str, end: int) -> Label | None:
        """Return the longest label that begins where one must behind a value."""
        begin = label_place(folded, end) if folded[end : end + 1] in OPENING else None
        if begin is None:
            return None
        number = bisect_right(self.ends, begin + REACH) - 1
        while number >= 0 and self.ends[number] > begin:
            if self.labels[number][0] == begin:
                return Label(self.labels[number][2], 0)
            number -= 1
        return None

    def near(self, kind: str, start: int, end: int) -> bool:
        """Return whether a word of the type stands close before or behind."""
        words = self.rules.words
        return any(
            words[word].type == kind
            and (0 <= start - stop <= NEAR_BEFORE or 0 <= begin - end <= NEAR_BEHIND)
            for begin, stop, word in self.nearby
        )


def words_in(rules: Rules, folded: str) -> Words:
    """Return the words of the lexicon that a folded text holds."""
    labels: list[Place] = []
    nearby: list[Place] = []
    touching: dict[int, Place] = {}
    starts = rules.label_starts.finditer(folded)
    length, is_nearby = len(folded), rules.is_nearby
    for begin, end, number in _places(rules, folded, starts):
        clear = end == length or folded[end] not in LETTERS or folded[end - 1] > _LAST_ASCII
        if is_nearby[number]:
            if clear:
                nearby.append((begin, end, number))
        elif clear and end - begin > 1:
            labels.append((begin, end, number))
        elif end not in touching or touching[end][0] > begin:
            touching[end] = (begin, end, number)
    # Of those with one end the longest stands last.
    labels.sort(key=lambda place: (place[1], -place[0]))
    return Words(rules, labels, [place[1] for place in labels], touching, nearby)


def _places(rules: Rules, folded: str, starts: Iterable[re.Match[str]]) -> list[Place]:
    first = start_steps(rules.automaton, LABEL)
    entities = len(rules.entities)
    length = len(folded)
    found: list[Place] = []
    for match in starts:
        start = place = match.start()
        steps = first[folded[place]]
        while steps is not None:
            place += 1
            if steps.accepted:
                found += [(start, place, number - entities) for number in steps.accepted]
            if place >= length:
                break
            steps = steps[folded[place]]
    return found


def introduced(folded: str, start: int) -> bool:
    """Return whether a colon or its like stands directly before ``start``, or a blank further."""
    before = folded[start - 1 : start]
    if before == " ":
        before = folded[start - 2 : start - 1]
    return bool(before) and before in INTRODUCES


_FILLER = re.compile(
    "(?:[ :=是為即，,「『【《“<→>#/~聯絡帳號請加我的找搜尋(\"']|[Ii]\\.?[Dd](?:\\.(?= |:|=)|(?![0-9A-Za-z]))"
    r"|(?:is|at)(?= )|\.(?=[0-9]{3,8}-[0-9]{2})){0,12}"
)


#: Characters that are filler by themselves, and those that begin longer filler.
FILLS = frozenset(
    character for character in map(chr, range(0x10000)) if _FILLER.fullmatch(character)
)
BEGIN_FILLER = frozenset("Iia.")


def value_behind(folded: str, end: int, *, touching: bool) -> int:
    """Return where the value behind a label begins: nothing but filler stands between.

    Filler are blanks, colons and words such as 帳號請加我的. A label of one letter must touch its
    value, or a single blank.
    """
    if touching:
        return end + (folded[end : end + 1] == " ")
    match = _FILLER.match(folded, end)
    return end if match is None else match.end()
