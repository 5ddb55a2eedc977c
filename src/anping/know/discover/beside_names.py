"""What stands beside a doubtful name: another sure finding speaks for it, and nothing against it.

A name is most often written where its owner's number, telephone or address is; a string that only looks
like one stands alone in prose. The same rule for one text and for many at once.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Sequence
from functools import lru_cache
from math import log

import numpy as np
import numpy.typing as npt

from anping.core.span import Span
from anping.know.discover.entities import probability
from anping.know.discover.scoring import Verdict

Places = npt.NDArray[np.int64]
#: Characters between a name and its neighbour at most; how sure a neighbour is, and a doubtful name.
REACH, SURE, DOUBTFUL = 40, 0.9, 0.15
#: Log-odds of a name beside a sure finding, and of one that stands alone. On labelled texts and on
#: statutes more takes away a few false names more, and true ones in letters as well.
BESIDE, ALONE = 0.8, -0.3
_NAME = "PERSON_NAME"
NEIGHBOURS = (
    "ADDRESS_FULL",
    "BANK_ACCOUNT",
    "CREDIT_CARD",
    "DATE_OF_BIRTH",
    "EMAIL",
    "MEDICAL_RECORD_NO",
    "PHONE",
    "TW_NATIONAL_ID",
    "TW_NHI_CARD",
    "TW_PASSPORT",
    "TW_RESIDENT_ID",
)


def doubtful(verdict: Verdict | Span) -> bool:
    """Return whether a finding is a name of which its neighbours may say something."""
    return verdict.type == _NAME and DOUBTFUL <= verdict.score < SURE


def speaks(verdict: Verdict | Span) -> bool:
    """Return whether a finding speaks for names beside it."""
    return verdict.score >= SURE and verdict.type in NEIGHBOURS


@lru_cache(1 << 12)
def weighed(verdict: Verdict, neighbour: str, recall: bool) -> Verdict:  # noqa: FBT001 - a cache's key
    """Return a doubtful name's verdict with its neighbour of a type, or with none ("").

    In recall mode, where rather too much is hidden, standing alone costs nothing.
    """
    if not neighbour and recall:
        return verdict
    code = f"neighbour:{neighbour}" if neighbour else "alone"
    log_odds = log(verdict.score / (1 - verdict.score)) + (BESIDE if neighbour else ALONE)
    return Verdict(verdict.type, probability(log_odds), (*verdict.evidence, code))


def with_neighbours(found: Sequence[Span], *, recall: bool) -> list[Span]:
    """Return the findings of one text, doubtful names with what their neighbours say."""
    if not any(map(doubtful, found)):
        return list(found)
    sure = [span for span in found if speaks(span)]
    before = sorted((span.end, span.type) for span in sure)
    behind = sorted((span.start, span.type) for span in sure)

    def judged(span: Span) -> Span:
        if not doubtful(span):
            return span
        verdict = Verdict(span.type, span.score, span.evidence)
        neighbour = _nearest(span, before, behind)
        return Span(span.start, span.end, *weighed(verdict, neighbour, recall))

    return list(map(judged, found))


def _nearest(
    span: Span, before: Sequence[tuple[int, str]], behind: Sequence[tuple[int, str]]
) -> str:
    """Return the type of the nearest neighbour within reach, the one before it if both are as near."""
    at = bisect_right(before, (span.start, "~")) - 1
    left = (span.start - before[at][0], before[at][1]) if at >= 0 else (REACH + 1, "")
    at = bisect_left(behind, (span.end, ""))
    right = (behind[at][0] - span.end, behind[at][1]) if at < len(behind) else (REACH + 1, "")
    gap, kind = left if left[0] <= right[0] else right
    return kind if gap <= REACH else ""


def verdicts_beside(
    rows: tuple[Places, Places, Places, Places],
    listed: Sequence[Verdict],
    *,
    number: Callable[[Verdict], int],
    recall: bool,
) -> Places:
    """Return the verdicts of findings in many texts, doubtful names with what their neighbours say.

    ``rows`` are text, start, end and verdict of each, places counted through all texts; ``listed``
    are the verdicts by number, and ``number`` gives one its number.
    """
    text, start, end, verdict = rows
    names = np.flatnonzero(np.array([doubtful(one) for one in listed], bool)[verdict])
    if not len(names):
        return verdict
    kinds = np.array([NEIGHBOURS.index(v.type) if speaks(v) else -1 for v in listed])[verdict]
    sure = np.flatnonzero(kinds >= 0)
    left, left_kind = _beside(
        (text[sure], end[sure], kinds[sure]), (text[names], start[names]), before=True
    )
    right, right_kind = _beside(
        (text[sure], start[sure], kinds[sure]), (text[names], end[names]), before=False
    )
    gap, kind = np.minimum(left, right), np.where(left <= right, left_kind, right_kind)
    kind = np.where(gap <= REACH, kind, -1)
    changed = verdict.copy()
    pairs = np.stack([verdict[names], kind], axis=1)
    distinct, which = np.unique(pairs, axis=0, return_inverse=True)
    made = [
        number(weighed(listed[old], NEIGHBOURS[found] if found >= 0 else "", recall))
        for old, found in distinct.tolist()
    ]
    changed[names] = np.array(made, np.int64)[which.reshape(-1)]
    return changed


def _beside(
    sure: tuple[Places, Places, Places], names: tuple[Places, Places], *, before: bool
) -> tuple[Places, Places]:
    """Return the gap to the nearest neighbour of each name on one side, and its kind."""
    texts, places, kinds = sure
    far = np.full(len(names[0]), REACH + 1), np.full(len(names[0]), -1)
    if not len(places):
        return far
    order = np.lexsort((kinds, places))
    texts, places, kinds = texts[order], places[order], kinds[order]
    at = (
        np.searchsorted(places, names[1], side="right") - 1
        if before
        else np.searchsorted(places, names[1], side="left")
    )
    there = (at >= 0) & (at < len(places))
    at = np.clip(at, 0, len(places) - 1)
    there &= texts[at] == names[0]
    gap = np.where(there, np.abs(names[1] - places[at]), far[0])
    return gap, np.where(there, kinds[at], far[1])
