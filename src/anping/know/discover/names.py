"""Personal names in text and in cells: Chinese names by evidence around a surname, English by lists.

A candidate is a surname (statistics of 2023, rarer and compound ones) and one or two given-name
characters. Evidence: how common the surname is, whether the given name is made of characters that
given names are made of, the label, role or relation before it, the title or verb behind it, and
whether an ordinary word begins there. Scores are logistic sums of these.

Limits, said plainly: in form-like records most names are found; in running prose without labels
many are missed in precise mode, and indigenous, transliterated foreign and one-word names are
found only behind a label. ``recall`` finds more and is often wrong.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache

from anping.core.span import Span
from anping.core.taiwan import names as statistics
from anping.know.discover.entities import probability
from anping.know.discover.lexicon import load
from anping.know.discover.names_en import english_label, find_english_names

_HAN = re.compile("[\u3400-\u9fff]")
_LABEL_GAP = ":：為是「『【\"' \t="
_CLAUSE = "，。、；！？,;\n\r\t |/()（）「」『』【】:："
#: Function words are no part of a given name.
_FUNCTION = frozenset(
    "的了是在於與和及或其也都而且將被把從對為因至由並則等著過嗎呢們這那你我他她它"
)
#: Family names that 氏 follows in Vietnamese women's names (阮氏秋芳).
_VIETNAMESE = frozenset("阮黎范陳武裴鄧潘黃吳杜胡楊李段丁鄭張")
#: Nouns of roles end in these: 催收員, 治療師, 立約人.
_ROLE_ENDINGS = "員師人士者"
#: Log-odds of a surname character beginning a name at all, and what each evidence adds.
_PRIOR = -3.2
_LABEL, _RELATION, _TITLE, _LISTED, _STOPPED = 3.8, 3.0, 3.4, 2.0, -2.9
#: Redaction would rather hide too much: a given name of usual characters is enough.
_RECALL = 1.4


@dataclass(frozen=True)
class _Words:
    surnames: dict[str, float]
    compounds: frozenset[str]
    given_characters: frozenset[str]
    given_names: frozenset[str]
    titles: frozenset[str]
    labels: frozenset[str]
    relations: frozenset[str]
    follows: frozenset[str]
    stop: frozenset[str]
    ambiguous: frozenset[str]
    start: re.Pattern[str]


@cache
def _words() -> _Words:
    body, facts = load("names"), statistics()
    surnames = {name: weight for name, weight in facts.surnames if len(name) == 1}
    surnames |= {name: 0.005 for name in body["single"] if name not in surnames and name != " "}
    compounds = {name for name, _ in facts.surnames if len(name) == 2} | set(
        body["surnames"].split()
    )
    given = {name for name, _ in (*facts.given_female, *facts.given_male)}
    characters = set(body["given"]) | {character for name in given for character in name}
    return _Words(
        surnames=surnames,
        compounds=frozenset(compounds),
        given_characters=frozenset(characters),
        given_names=frozenset(given),
        titles=frozenset(body["titles"].split()),
        labels=frozenset(body["labels"].split()),
        relations=frozenset(body["relations"].split()),
        follows=frozenset(body["follows"].split()),
        stop=frozenset(body["stop"].split()),
        ambiguous=frozenset(body["ambiguous"]),
        start=re.compile(f"[{''.join(surnames)}{''.join({name[0] for name in compounds})}]"),
    )


def find_names(folded: str, *, recall: bool = False) -> list[Span]:
    """Return candidate personal names with their scores; the caller applies its threshold.

    With ``recall``, a surname with a title alone (王先生) and weak candidates count too.
    """
    spans = [] if folded.isascii() else _chinese(folded, recall=recall)
    return spans + find_english_names(folded, recall=recall)


def name_score(cell: str) -> float:
    """Return how likely a whole cell is a personal name, by its form alone (0 to 1)."""
    words, text = _words(), cell.strip()
    if text.isascii():
        return max(
            (span.score for span in find_english_names(text) if len(text) == span.end), default=0.0
        )
    for length in (4, 3, 2):
        if len(text) - length >= 2 and text[-length:] in words.titles:
            text = text[:-length]
            break
    length = 2 if text[:2] in words.compounds and len(text) > 2 else 1
    if not length + 1 <= len(text) <= length + 2 or not all(map(_HAN.match, text)):
        return 0.0
    weight = _name_weight(words, text[:length], text[length:])
    # A cell that holds nothing else is a clause of its own, so the prior is higher than in prose.
    return probability(weight + 1.6)


def _chinese(folded: str, *, recall: bool) -> list[Span]:
    words = _words()
    spans: list[Span] = []
    for match in words.start.finditer(folded):
        best = _best(words, folded, match.start(), _RECALL if recall else 0.0)
        if best is not None:
            spans.append(best)
        elif recall:
            titled = _titled(words, folded, match.start())
            if titled is not None:
                spans.append(titled)
    return spans


def _best(words: _Words, folded: str, start: int, favour: float) -> Span | None:
    """Return the best-scoring name that begins at ``start``, or None when none reaches 0.1."""
    before, evidence = _before(words, folded, start)
    best: Span | None = None
    for family in _families(words, folded, start):
        for length in (2, 1):
            end = start + len(family) + length
            given = folded[start + len(family) : end]
            if len(given) != length or not all(map(_HAN.match, given)):
                continue
            after, behind = _after(words, folded, end)
            weight = _name_weight(words, family, given) + before + after
            plain = (family + given)[:2] not in words.stop or before > 0
            if weight < 0 and plain and words.given_characters.issuperset(given):
                weight += favour
            score = probability(weight)
            if score >= 0.1 and (best is None or score > best.score):
                codes = tuple(code for code in ("surname", evidence, behind) if code)
                best = Span(start, end, "PERSON_NAME", score, codes)
    return best


def _families(words: _Words, folded: str, start: int) -> list[str]:
    """Return the family names that begin at ``start``: 歐, 歐陽, and 阮氏 of Vietnamese names."""
    one, two = folded[start], folded[start : start + 2]
    families = [one] if one in words.surnames else []
    if two in words.compounds or (one in _VIETNAMESE and two[1:] == "氏"):
        families.append(two)
    return families


def _name_weight(words: _Words, family: str, given: str) -> float:
    weight = _PRIOR
    share = words.surnames.get(family, 0.05)
    weight += 0.8 if share >= 1 else 0.3 if share >= 0.1 else -0.6
    if len(family) == 2:
        weight += 1.5
    known = sum(character in words.given_characters for character in given)
    if len(given) == 2:
        weight += (-2.5, -0.3, 1.4)[known]
    else:
        weight += (-2.0, 0.2)[known]
    if given in words.given_names:
        weight += _LISTED
    if family in words.ambiguous:
        weight -= 1.5
    if (family + given)[:2] in words.stop or given in words.titles:
        weight += _STOPPED
    elif given in words.stop:
        weight -= 1.5
    if not _FUNCTION.isdisjoint(given):
        weight -= 3.0
    return weight


def _before(words: _Words, folded: str, start: int) -> tuple[float, str]:
    """Return what stands before a candidate: a label, a relation, a clause's edge, or a word."""
    place = start
    while place > 0 and folded[place - 1] in _LABEL_GAP and start - place < 3:
        place -= 1
    label = _label_at(words, folded, place)
    if label is None and place < start and (english := english_label(folded[:place])) is not None:
        label = (_LABEL, english)
    if label is None and folded[start - 1 : start] in words.labels:
        label = (1.6, folded[start - 1])
    if label is not None:
        return label[0], f"label:{label[1]}"
    if start == 0 or folded[start - 1] in _CLAUSE:
        return (1.6 if folded[start - 1 : start] in {":", "："} else 0.9), ""
    return (0.0, "") if folded[start - 1].isascii() else (-1.0, "")


def _label_at(words: _Words, folded: str, place: int) -> tuple[float, str] | None:
    """Return the weight and the word of the label, relation or role that ends at ``place``."""
    for length in (5, 4, 3, 2):
        word = folded[max(0, place - length) : place]
        if word in words.labels:
            return _LABEL, word
        if word in words.relations:
            return _RELATION, word
    if place > 1 and folded[place - 1] in _ROLE_ENDINGS and _HAN.match(folded[place - 2]):
        return 2.2, folded[place - 1]
    return None


def _after(words: _Words, folded: str, end: int) -> tuple[float, str]:
    """Return what stands behind a candidate: a title, a clause's edge, a verb, or another word."""
    ahead = [folded[end : end + length] for length in (4, 3, 2, 1)]
    for word in ahead:
        if word in words.titles:
            return (_TITLE if len(word) > 1 else 0.3), f"title:{word}"
    if end >= len(folded) or folded[end] in _CLAUSE:
        return 0.7, ""
    for word in ahead:
        if word in words.follows:
            return (1.4 if len(word) > 1 else 0.5), ""
    return (0.0, "") if folded[end].isascii() else (-0.7, "")


def _titled(words: _Words, folded: str, start: int) -> Span | None:
    """Return a surname with a title and no given name (王小姐): recall mode only."""
    if folded[start] in words.ambiguous or folded[start] not in words.surnames:
        return None
    for length in (4, 3, 2):
        title = folded[start + 1 : start + 1 + length]
        if title in words.titles:
            end = start + 1 + len(title)
            return Span(start, end, "PERSON_NAME", 0.4, ("surname", f"title:{title}"))
    return None
