"""Which placed tuples may be released: for criteria that a union of groups, or all groups, can fail.

Groups of local recoding that end on the same values are one class of the release. For most criteria
a union of classes that pass passes too; where it need not, or where a criterion looks at the whole
release, the classes are judged once more, and those that fail are suppressed.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import chain

import numpy as np

from anping.protect.deid.encoding import Codes, Ladder
from anping.protect.deid.judging import failing_classes, people
from anping.protect.deid.loss import Levels
from anping.protect.deid.model import PrivacyModel
from anping.protect.deid.tuples import Bools, Encoded, chosen_of


def must_be_judged(model: PrivacyModel) -> bool:
    """Return whether groups that pass can make a release that fails."""
    return not model.union_closed or bool(model.release_criteria)


def standing(
    encoded: Encoded,
    model: PrivacyModel,
    *,
    ladders: Sequence[Ladder],
    levels: Levels,
    placed: Bools,
) -> Bools:
    """Return which of the ``placed`` tuples may stay; ``ladders`` and ``levels`` as in a placement."""
    chosen = np.flatnonzero(placed)
    if not chosen.size:
        return placed
    tuples = chosen_of(encoded.tuples, chosen)
    class_of = np.zeros(chosen.size, np.int64)
    for column, ladder in enumerate(ladders):
        value = _values(ladder, levels[chosen, column], encoded.leaves(column)[chosen])
        pairs = class_of * (int(value.max()) + 1) + value
        class_of = np.asarray(np.unique(pairs, return_inverse=True)[1], np.int64).reshape(-1)
    classes = int(class_of.max()) + 1
    gone = failing_classes(tuples, class_of, size=classes, model=model).failing.copy()
    sizes = people(tuples, class_of, classes).astype(np.int64)
    for criterion in model.release_criteria:
        found, counts = np.unique(sizes[~gone & (sizes > 0)], return_counts=True)
        least = criterion.least_size(found, counts) if found.size else 0
        gone |= np.ones_like(gone) if least is None else sizes < least
    stays = placed.copy()
    stays[chosen] = ~gone[class_of]
    return stays


def _values(ladder: Ladder, level: Levels, leaf: Codes) -> Codes:
    """Return a number for the released text of each cell: one text may stand on several levels."""
    number = {text: place for place, text in enumerate(dict.fromkeys(chain(*ladder.names)))}
    widest = max(ladder.sizes)
    table = np.zeros((len(ladder.sizes), widest), np.int64)
    for at, names in enumerate(ladder.names):
        table[at, : len(names)] = [number[text] for text in names]
    return np.asarray(table[level, np.stack(ladder.codes)[level, leaf]], np.int64)
