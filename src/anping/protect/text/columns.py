"""Redaction of many texts at once, in columns: mentions stay rows of arrays until somebody asks for one.

What one round settles is settled here; a text that shows something new when it is looked through again
goes on by itself (:mod:`settling`), with the same result.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Protocol, runtime_checkable

import numpy as np
import numpy.typing as npt

from anping.core.span import Span
from anping.protect.text.offsets import Replacement
from anping.protect.text.operators import InColumns, OfMentions, Operator
from anping.protect.text.placeholders import is_chinese

Places = npt.NDArray[np.int64]
Mask = npt.NDArray[np.bool_]
#: A letter or a digit of any script.
_TELLING = re.compile(r"[^\W_]")


@runtime_checkable
class Found(Protocol):
    """What a detector finds in many texts, a row for each mention, in order of the texts.

    ``document`` is the number of the text, ``start`` and ``end`` its code points, ``verdict`` the
    number of one of ``verdicts``: type, score and evidence.
    """

    @property
    def document(self) -> Places:
        """The number of the text."""
        ...

    @property
    def start(self) -> Places:
        """Where it begins, in code points."""
        ...

    @property
    def end(self) -> Places:
        """Where it ends."""
        ...

    @property
    def verdict(self) -> Places:
        """The number of its verdict."""
        ...

    @property
    def verdicts(self) -> Sequence[tuple[str, float, tuple[str, ...]]]:
        """Types, scores and evidence."""
        ...


@dataclass(frozen=True, eq=False)
class Mentions:
    """Mentions in many texts, shape (mentions,) each; ``kind`` is a number of one of ``kinds``."""

    document: Places
    start: Places
    end: Places
    kind: Places
    score: npt.NDArray[np.float64]
    kinds: tuple[str, ...]

    @classmethod
    def of(cls, found: Found, more: Iterable[tuple[int, Span]] = ()) -> Mentions:
        """Return what a detector found, and behind it more spans, each with its text's number."""
        spans = list(more)
        kinds = tuple(
            dict.fromkeys([v[0] for v in found.verdicts] + [span.type for _, span in spans])
        )
        number = {kind: place for place, kind in enumerate(kinds)}
        of_verdict = np.array([number[v[0]] for v in found.verdicts], np.int64)
        scores = np.array([v[1] for v in found.verdicts], np.float64)
        rows = np.array(
            [(at, span.start, span.end, number[span.type]) for at, span in spans], np.int64
        ).reshape(-1, 4)
        return cls(
            np.append(found.document, rows[:, 0]),
            np.append(found.start, rows[:, 1]),
            np.append(found.end, rows[:, 2]),
            np.append(of_verdict[found.verdict], rows[:, 3]),
            np.append(scores[found.verdict], [span.score for _, span in spans]),
            kinds,
        )

    def joined(self, other: Mentions) -> Mentions:
        """Return the mentions of both, these first."""
        kinds = tuple(dict.fromkeys([*self.kinds, *other.kinds]))
        number = np.array([kinds.index(kind) for kind in other.kinds], np.int64)
        return Mentions(
            np.append(self.document, other.document),
            np.append(self.start, other.start),
            np.append(self.end, other.end),
            np.append(self.kind, number[other.kind]),
            np.append(self.score, other.score),
            kinds,
        )

    def of_kind(self, kind: str, *, least: float) -> dict[int, list[Span]]:
        """Return the mentions of a type that are sure enough, by the number of their text."""
        found: dict[int, list[Span]] = {}
        if kind not in self.kinds:
            return found
        here = np.flatnonzero((self.kind == self.kinds.index(kind)) & (self.score >= least))
        columns = (self.document[here], self.start[here], self.end[here], self.score[here])
        for at, start, end, score in zip(*(c.tolist() for c in columns), strict=True):
            found.setdefault(at, []).append(Span(start, end, kind, score))
        return found


@dataclass(frozen=True, eq=False)
class Replaced:
    """Texts with something in place of every mention; ``old`` and ``new`` are places in each text.

    Shape (mentions, 2); ``begins`` says where each text's mentions begin, shape (texts + 1,).
    """

    texts: list[str]
    begins: Places
    old: Places
    new: Places
    kind: Places
    kinds: tuple[str, ...]

    def replacements(self, document: int) -> tuple[Replacement, ...]:
        """Return the replacements of one text, in order."""
        here = slice(int(self.begins[document]), int(self.begins[document + 1]))
        return tuple(
            Replacement(old[0], old[1], new[0], new[1], self.kinds[kind])
            for old, new, kind in zip(
                self.old[here].tolist(),
                self.new[here].tolist(),
                self.kind[here].tolist(),
                strict=True,
            )
        )

    @property
    def changed(self) -> list[int]:
        """The numbers of the texts that had mentions."""
        return [int(at) for at in np.flatnonzero(np.diff(self.begins))]

    def counts(self, *, without: Collection[int]) -> Counter[str]:
        """Return how many mentions of each type were replaced, some texts left out."""
        counted = np.ones(len(self.texts), bool)
        counted[list(without)] = False
        of_mention = np.repeat(counted, np.diff(self.begins))
        numbers = np.bincount(self.kind[of_mention], minlength=len(self.kinds)).tolist()
        return +Counter(dict(zip(self.kinds, numbers, strict=True)))

    def beside(self, found: Mentions, which: Sequence[int]) -> set[int]:
        """Return which texts show something outside of one replacement; ``which`` were looked at."""
        documents = np.array(which, np.int64)[found.document]
        inside = _holder(self, documents, found.start, found.end)
        return set(documents[~inside].tolist())


def _holder(replaced: Replaced, documents: Places, starts: Places, ends: Places) -> Mask:
    """Return which of some places of the new texts lie within one replacement."""
    counts = np.diff(replaced.begins)
    # Texts stand one behind the other: places of all of them are in one order.
    base = np.cumsum([0, *map(len, replaced.texts)])
    owner = np.repeat(np.arange(len(counts)), counts)
    begins, stops = replaced.new[:, 0] + base[owner], replaced.new[:, 1] + base[owner]
    starts, ends = starts + base[documents], ends + base[documents]
    if not len(begins):
        return np.zeros(len(starts), bool)
    last = np.searchsorted(begins, starts, side="right") - 1
    return np.asarray((last >= 0) & (stops[last] >= ends))


def replaced_in(texts: Sequence[str], mentions: Mentions, operator: Operator) -> Replaced:
    """Return the texts with what the operator makes in place of every mention.

    Mentions that overlap become one, of the longest one's type; those without a letter or a digit
    stay as they are.
    """
    joined = "".join(texts)
    base = np.cumsum([0, *map(len, texts)])
    starts, ends, kinds = _merged(mentions, base)
    telling = [
        _TELLING.search(joined, start, end) is not None
        for start, end in zip(starts.tolist(), ends.tolist(), strict=True)
    ]
    kept = np.flatnonzero(telling)
    starts, ends, kinds = starts[kept], ends[kept], kinds[kept]
    begins = np.searchsorted(starts, base[:-1])
    begins = np.append(begins, len(starts))
    document = np.repeat(np.arange(len(texts)), np.diff(begins))
    old = np.stack([starts, ends], axis=1) - base[document][:, None]
    made = _made(texts, begins, (old, kinds, mentions.kinds), operator)
    lengths = np.fromiter(map(len, made), np.int64, len(made))
    grown = np.cumsum(lengths - (ends - starts))
    moved = np.append(0, grown)
    new_texts = _joined(joined, (starts, ends), made, base + moved[begins])
    shift = moved[:-1] - moved[begins[document]]
    new = np.stack([old[:, 0] + shift, old[:, 0] + shift + lengths], axis=1)
    return Replaced(new_texts, begins, old, new, kinds, mentions.kinds)


def _joined(
    joined: str, cut: tuple[Places, Places], made: Sequence[str], base: Places
) -> list[str]:
    starts, ends = (column.tolist() for column in cut)
    pieces = [""] * (2 * len(made) + 1)
    pieces[1::2] = made
    pieces[::2] = [
        joined[start:end] for start, end in zip([0, *ends], [*starts, len(joined)], strict=True)
    ]
    whole, edges = "".join(pieces), base.tolist()
    return [whole[start:end] for start, end in pairwise(edges)]


def _merged(mentions: Mentions, base: Places) -> tuple[Places, Places, Places]:
    """Return start, end and kind of the mentions that do not overlap, as places in all texts."""
    begin = base[mentions.document]
    start, end = mentions.start + begin, mentions.end + begin
    order = np.lexsort((-end, start))
    start, end = start[order], end[order]
    kind, score = mentions.kind[order], mentions.score[order]
    if not len(start):
        return start, end, kind
    reach = np.maximum.accumulate(end)
    opens = np.append(True, start[1:] >= reach[:-1])
    first = np.flatnonzero(opens)
    last = np.append(first[1:], len(start)) - 1
    cluster = np.cumsum(opens) - 1
    several = np.flatnonzero(np.bincount(cluster)[cluster] > 1)
    chosen = kind[first]
    longest = several[
        np.lexsort((several, -score[several], (start - end)[several], cluster[several]))
    ]
    # Of each cluster the first row counts: written last.
    chosen[cluster[longest][::-1]] = kind[longest][::-1]
    return start[first], reach[last], chosen


def _made(
    texts: Sequence[str],
    begins: Places,
    mentions: tuple[Places, Places, tuple[str, ...]],
    operator: Operator,
) -> list[str]:
    """Return what stands in place of each mention."""
    old, kinds, names = mentions
    if isinstance(operator, InColumns):
        counts = np.diff(begins)
        chinese = [
            count > 0 and is_chinese(text)
            for text, count in zip(texts, counts.tolist(), strict=True)
        ]
        of_mention = np.repeat(np.array(chinese, bool), counts)
        return list(operator.in_columns((names, kinds), old[:, 1] - old[:, 0], chinese=of_mention))
    edges = begins.tolist()
    if isinstance(operator, OfMentions):
        of_mention = np.repeat(np.arange(len(texts)), np.diff(begins))
        columns = (of_mention, old[:, 0], old[:, 1])
        return list(
            operator.of_mentions(
                [
                    texts[at][start:end]
                    for at, start, end in zip(*(c.tolist() for c in columns), strict=True)
                ]
            )
        )
    made: list[str] = []
    rows = list(zip(*old.T.tolist(), kinds.tolist(), strict=True))
    for text, low, high in zip(texts, edges[:-1], edges[1:], strict=True):
        if low < high:
            spans = [Span(start, end, names[kind]) for start, end, kind in rows[low:high]]
            made += operator(text, spans)
    return made
