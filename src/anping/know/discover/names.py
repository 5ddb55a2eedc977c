"""Personal names in texts: Chinese ones by a small trained scorer, English ones by lists and labels.

A Chinese candidate is a family name and one or two given-name characters; its log-odds are a sum of
weights over its characters, their neighbours and the known words around it (:mod:`name_features`),
learnt by ``training/names`` from made sentences only. Many texts are one text with a 0 between: a 0
ends what a candidate sees, so one by one and all at once give the same.

Limits, said plainly: indigenous and transliterated foreign names and nicknames are hardly found.
``recall`` finds more and is often wrong.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from anping.core.span import Span
from anping.know.discover.entities import probability
from anping.know.discover.name_features import (
    PAD,
    TITLE,
    Candidates,
    Codes,
    Places,
    candidates,
    label_place,
    lexicon,
    padded,
    word_before,
    word_behind,
)
from anping.know.discover.name_model import STEP, margins, shipped_weights
from anping.know.discover.name_texts import Named, named_in, titled_in
from anping.know.discover.names_en import find_english_names

#: Findings below this score are not worth naming; in log-odds -2.2.
_LEAST = round(-2.2 / STEP)
#: Redaction would rather hide too much: what is unsure counts this much more.
_RECALL = round(2 / STEP)
_TITLED = 0.4
#: Texts of more characters go over arrays.
_SHORT = 1_000
#: The numbers of words take so many bits.
_BITS = 16


@dataclass(frozen=True, eq=False)
class FoundNames:
    """Names as columns, shape (names,) each; ``kind`` numbers ``kinds``: score and evidence."""

    start: Places
    end: Places
    kind: Places
    kinds: tuple[tuple[float, tuple[str, ...]], ...]

    def spans(self) -> list[Span]:
        """Return them as spans."""
        rows = zip(self.start.tolist(), self.end.tolist(), self.kind.tolist(), strict=True)
        return [Span(start, end, "PERSON_NAME", *self.kinds[kind]) for start, end, kind in rows]


def find_names(folded: str, *, recall: bool = False) -> list[Span]:
    """Return candidate personal names with their scores; the caller applies its threshold.

    With ``recall``, a surname with a title alone (王先生) and weak candidates count too.
    """
    if len(folded) > _SHORT:
        return find_names_in(folded, recall=recall).spans()
    english = find_english_names(folded, recall=recall)
    return english if folded.isascii() else english + _in_short(folded, recall=recall)


def _in_short(folded: str, *, recall: bool) -> list[Span]:
    best: dict[int, Named] = {}
    for name in named_in(folded):
        margin = name.margin
        if recall and margin < 0:
            margin = min(margin + _RECALL, 0)
        known = best.get(name.start)
        if margin >= _LEAST and (known is None or (known.margin, known.end) < (margin, name.end)):
            best[name.start] = name._replace(margin=margin)
    found = [best[start] for start in sorted(best)]
    if recall:
        alone = (name for name in titled_in(folded) if name.start not in best)
        found += [name._replace(margin=_NO_MARGIN) for name in alone]
    return [Span(name.start, name.end, "PERSON_NAME", *_kind(_key(name))) for name in found]


def _key(name: Named) -> int:
    title = name.title if lexicon().behind.kinds[name.title] == TITLE else -1
    return (name.margin << 2 * _BITS) + ((name.label + 1) << _BITS) + title + 1


def find_names_in(folded: str, *, recall: bool = False) -> FoundNames:
    """Return the names of one text, or of many with a 0 between them, as columns."""
    english = find_english_names(folded, recall=recall)
    kinds: dict[tuple[float, tuple[str, ...]], int] = {}
    rows = [
        (span.start, span.end, kinds.setdefault((span.score, span.evidence), len(kinds)))
        for span in english
    ]
    start, end, kind = np.array(rows, np.int64).reshape(-1, 3).T
    if folded.isascii():
        return FoundNames(start, end, kind, tuple(kinds))
    chinese = _chinese(folded, recall=recall)
    return FoundNames(
        np.concatenate([start, chinese.start]),
        np.concatenate([end, chinese.end]),
        np.concatenate([kind, chinese.kind + len(kinds)]),
        (*kinds, *chinese.kinds),
    )


def _chinese(folded: str, *, recall: bool) -> FoundNames:
    raw = np.frombuffer(folded.encode("utf-32-le", "surrogatepass"), "<u4")
    codes = padded(raw)
    found, around, margin = margins(shipped_weights(), codes, candidates(codes))
    if recall:
        margin = np.where(margin < 0, np.minimum(margin + _RECALL, 0), margin)
    best = _best(found, margin)
    start, end, margin = found.start[best], found.end[best], margin[best]
    label, title = around.label[best], around.title[best]
    if recall:
        alone = _titled(codes)
        alone = alone[:, ~np.isin(alone[0], start)]
        start, end = np.append(start, alone[0]), np.append(end, alone[1])
        label, title = np.append(label, alone[2]), np.append(title, alone[3])
        margin = np.append(margin, np.full(alone.shape[1], _NO_MARGIN))
    title = np.where(lexicon().behind.kinds[title] == TITLE, title, -1)
    key = (margin << 2 * _BITS) + ((label + 1) << _BITS) + title + 1
    unique, kind = np.unique(key, return_inverse=True)
    kinds = tuple(map(_kind, unique.tolist()))
    return FoundNames(start - PAD, end - PAD, kind, kinds)


#: In place of the log-odds of a family name with a title alone.
_NO_MARGIN = -(2**20)


def _best(found: Candidates, margin: Places) -> Places:
    """Return the candidates that score enough, the best at each start, by start."""
    enough = np.flatnonzero(margin >= _LEAST)
    order = enough[np.lexsort((-found.end[enough], -margin[enough], found.start[enough]))]
    start = found.start[order]
    first = np.ones(len(start), bool)
    first[1:] = start[1:] != start[:-1]
    chosen: Places = order[first]
    return chosen


def _titled(codes: Codes) -> Places:
    """Return (start, end, label, title) of family names with a title and no given name (王小姐)."""
    words = lexicon()
    start = np.flatnonzero(words.family[codes] & ~words.doubtful[codes])
    title = word_behind(codes, start + 1)
    here = words.behind.kinds[title] == TITLE
    start, title = start[here], title[here]
    lengths = np.array([len(word) for word in words.behind.words])
    label = word_before(codes, label_place(codes, start))
    return np.stack([start, start + 1 + lengths[title], label, title])


@lru_cache(1 << 14)
def _kind(key: int) -> tuple[float, tuple[str, ...]]:
    words = lexicon()
    margin, rest = divmod(key, 1 << 2 * _BITS)
    label, title = (number - 1 for number in divmod(rest, 1 << _BITS))
    codes = ["surname"]
    if label >= 0:
        codes.append(f"label:{words.before.words[label][::-1]}")
    if title >= 0:
        codes.append(f"title:{words.behind.words[title]}")
    return (_TITLED if margin == _NO_MARGIN else probability(margin * STEP)), tuple(codes)
