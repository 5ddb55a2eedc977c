"""The score of every applicant with the reasons that may be given, as a table of the owner's."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from anping.core.text import Text

if TYPE_CHECKING:
    from anping.learn.scorecard import Scorecard

#: So many reasons are given to an applicant.
MOST = 4


def scores_table(
    card: Scorecard, rows: pa.Table, numbers: NDArray[np.int64], *, never: Collection[str]
) -> pa.Table:
    """Return row number, score, probability and reasons of all rows, worst reason first.

    ``numbers`` (n,) say which rows of the whole table these are, from 0. Columns of ``never`` are no
    reason. The reasons are those of :meth:`anping.learn.scorecard.Scorecard.reasons`.
    """
    places = card.places(rows)
    points = card.points_at(places)
    told = [at for at, one in enumerate(card.characteristics) if one.column not in never]
    best = np.array([card.characteristics[at].best for at in told])
    lost = best - points[:, told]
    order = np.argsort(-lost, axis=1, kind="stable")[:, :MOST]
    scores = card.base + points.sum(axis=1)
    at = card.signature.classes.index(card.event)
    columns: dict[str, pa.Array] = {
        "row": pa.array(numbers),
        "score": pa.array(scores),
        "probability": pa.array(card.predict(rows).values[:, at]),
    }
    texts = [_texts(card, column) for column in told]
    starts = np.cumsum([0, *(len(each) for each in texts)])
    flat = [text for each in texts for text in each]
    for rank in range(order.shape[1]):
        which = order[:, rank]
        codes = starts[which] + places[:, told][np.arange(len(which)), which]
        held = lost[np.arange(len(which)), which] >= 0.5
        for language in ("zh", "en"):
            words = pa.array([text.zh if language == "zh" else text.en for text in flat])
            taken = pa.array(codes, mask=~held)
            columns[f"reason_{rank + 1}_{language}"] = words.take(taken)
    return pa.table(columns)


def _texts(card: Scorecard, at: int) -> Sequence[Text]:
    """Return the reason that each attribute of a characteristic is."""
    one = card.characteristics[at]
    return [
        Text(
            f"「{one.column}」為「{each.title.zh}」，少 {one.best - each.points} 分",
            f"“{one.column}” is “{each.title.en}”: {one.best - each.points} points fewer",
        )
        for each in one.attributes
    ]
