"""Which entries a query finds and in which order: BM25 over fields.

Robertson, Zaragoza & Taylor 2004, "Simple BM25 extension to multiple weighted fields" (CIKM): the
weighted counts of a word in all fields saturate together. k1 and b as in Robertson & Zaragoza 2009,
"The Probabilistic Relevance Framework", section 3.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from anping.workspace.search.entry import FIELDS
from anping.workspace.search.postings import Keys, Lengths, entry_of, field_of
from anping.workspace.search.query import Unit

_K1, _B = 1.2, 0.5
#: What a word counts by the field it stands in; a filter's exact value counts nothing.
_WEIGHTS = {"name": 3.0, "title": 2.0, "column": 3.0, "type": 2.0, "about": 1.0}
_WEIGHT = np.array([*(_WEIGHTS[name] for name in FIELDS), *[0.0] * (16 - len(FIELDS))])

Numbers = npt.NDArray[np.int64]
Scores = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Ranked:
    """Entries' numbers, best first, and their scores, each (n,)."""

    numbers: Numbers
    scores: Scores


def matched(unit: Unit, terms: Sequence[Keys]) -> Keys:
    """Return where a unit stands: ``terms`` are the postings of its terms, in its order."""
    found = terms[0]
    first = unit.terms[0][1] if unit.terms else 0
    for (_, place), keys in zip(unit.terms[1:], terms[1:], strict=True):
        found = found[np.isin(found, keys - np.uint64(place - first), assume_unique=True)]
    if unit.field is not None:
        found = found[field_of(found) == FIELDS.index(unit.field)]
    return found


def rank(asked: Sequence[tuple[Unit, Keys]], lengths: Lengths, *, every: bool = True) -> Ranked:
    """Return the entries in which every unit stands (or any, but all filters), the best first.

    ``asked`` are the units with where they stand; those excluded take entries away. Of equal scores
    the entry that was told first comes first.
    """
    alive = lengths > 0
    average = float(lengths[alive].mean()) if alive.any() else 1.0
    scores = np.zeros(lengths.size)
    wanted, any_word, words = alive.copy(), np.zeros(lengths.size, np.bool_), False
    for unit, keys in asked:
        numbers = entry_of(keys)
        weights: Scores = np.bincount(
            numbers, _WEIGHT[field_of(keys)], minlength=lengths.size
        ).astype(np.float64)
        here = np.zeros(lengths.size, np.bool_)
        here[numbers] = True
        here &= alive
        if unit.excluded:
            wanted &= ~here
            continue
        if every or unit.exact is not None:
            wanted &= here
        if unit.exact is not None:
            continue
        words = True
        any_word |= here
        scores += np.where(here, _score(weights, lengths, here, average), 0.0)
    if words:
        wanted &= any_word
    found = np.flatnonzero(wanted)
    order = np.lexsort((found, -np.round(scores[found], 9)))
    return Ranked(found[order], scores[found][order])


def _score(
    weights: Scores, lengths: Lengths, here: npt.NDArray[np.bool_], average: float
) -> Scores:
    holding, count = int(here.sum()), int((lengths > 0).sum())
    rarity = np.log1p((count - holding + 0.5) / (holding + 0.5))
    saturated = weights + _K1 * (1 - _B + _B * lengths / average)
    scores: Scores = rarity * weights * (_K1 + 1) / saturated
    return scores
