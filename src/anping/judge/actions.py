"""What a person could change in a row, to which cells, and what each change costs.

A step costs its size in units of the column's spread (Wachter et al. 2018, median absolute
deviation); another category costs one.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from anping.engine.prediction import Feature, Signature
from anping.judge.asking import cells_of, numbers, spread, texts_of

Floats = NDArray[np.float64]
_VALUES, _CATEGORIES = 15, 10
#: A category needs so many rows to be proposed.
_FEWEST = 20
_BORN_WITH = re.compile(
    r"(^|[^a-z])(sex|gender|race|ethnic\w*|birth\w*|born|nation\w*|native\w*|religion|disab\w*"
    r"|marital|marriage|relationship|blood|id)([^a-z]|$)|性別|種族|族群|民族|出生|生日|籍貫|國籍|宗教|障礙|婚姻|親屬|配偶|血型"
)
_ONLY_RISING = re.compile(r"(^|[^a-z])(age|tenure|seniority)([^a-z]|$)|年齡|年資|^歲$|滿.*歲")


@dataclass(frozen=True)
class Actions:
    """What may be changed: all columns but the ``immutable``, at most ``most`` of them together.

    ``rising`` and ``falling`` columns change one way only; ``bounds`` narrow what was seen.
    """

    immutable: tuple[str, ...] = ()
    rising: tuple[str, ...] = ()
    falling: tuple[str, ...] = ()
    bounds: Mapping[str, tuple[float, float]] = field(default_factory=dict)
    most: int = 3


def likely_actions(signature: Signature, *, most: int = 3) -> Actions:
    """Return what the columns' names suggest: sex and birth stay, age and tenure only rise.

    It is a guess in English and Chinese words, to be looked over by who knows the columns.
    """
    names = [feature.name for feature in signature.features]
    fixed = [name for name in names if _BORN_WITH.search(name.lower())]
    rising = [name for name in names if _ONLY_RISING.search(name.lower()) and name not in fixed]
    return Actions(tuple(fixed), tuple(rising), most=most)


@dataclass(frozen=True, eq=False)
class Moves:
    """The cells that one column may be changed to: ``cells`` (v,), and numbers or -1 in ``places`` (v,).

    ``scale`` is the spread of the column's numbers, ``finer`` (w,) all numbers between which a found
    change may be made smaller.
    """

    feature: Feature
    kind: pa.DataType
    cells: tuple[str, ...]
    places: Floats
    scale: float
    finer: Floats
    way: int = 0

    def costs(self, own: float, text: str) -> Floats:
        """Return (v,): what each change costs from a row's own number or category; NaN if not allowed."""
        if self.feature.nature == "category":
            return np.array([np.nan if cell == text else 1.0 for cell in self.cells])
        return self.cost_of(self.places, own)

    def cost_of(self, places: Floats, own: float) -> Floats:
        """Return what it costs to go from ``own`` to numbers; NaN where that is not allowed."""
        if not np.isfinite(own):
            return np.full(places.size, 1.0 if not self.way else np.nan)
        step = places - own
        allowed = (step != 0) & ((self.way == 0) | (np.sign(step) == self.way))
        found: Floats = np.where(allowed, np.abs(step) / self.scale, np.nan)
        return found


def moves_of(
    rows: pa.Table,
    signature: Signature,
    actions: Actions,
    *,
    among: tuple[str, ...] | None = None,
) -> tuple[Moves, ...]:
    """Return the moves that real rows suggest, for each column that may be changed.

    Numbers are quantiles that stand in the rows, within the bounds of training; categories have at
    least 20 rows. A column without another cell than one is left out, and so is one that is not
    ``among`` those named.
    """
    found = []
    for feature in signature.features:
        if feature.name in actions.immutable or (among is not None and feature.name not in among):
            continue
        kind = rows.schema.field(feature.name).type
        if feature.nature == "category":
            texts, counts = np.unique(texts_of(rows, feature.name), return_counts=True)
            kept = [
                str(texts[at])
                for at in np.argsort(-counts, kind="stable")[:_CATEGORIES]
                if counts[at] >= min(_FEWEST, rows.num_rows // 10) and texts[at]
            ]
            if len(kept) > 1:
                empty = np.zeros(0)
                found.append(Moves(feature, kind, tuple(kept), empty, 1.0, empty))
            continue
        own = _within(numbers(rows, feature), feature, actions)
        if np.unique(own).size < 2:
            continue
        way = (feature.name in actions.rising) - (feature.name in actions.falling)
        places, finer = (
            np.unique(np.quantile(own, np.linspace(0.01, 0.99, count), method="nearest"))
            for count in (_VALUES, 199)
        )
        found.append(Moves(feature, kind, (), places, spread(own), finer, way))
    return tuple(found)


def _within(own: Floats, feature: Feature, actions: Actions) -> Floats:
    low, high = actions.bounds.get(feature.name, (-np.inf, np.inf))
    low = max(low, -np.inf if feature.low is None else feature.low)
    high = min(high, np.inf if feature.high is None else feature.high)
    told = own[np.isfinite(own)]
    inside: Floats = told[(told >= low) & (told <= high)]
    return inside


def arrow_cells(move: Moves, places: Floats | tuple[str, ...]) -> pa.Array:
    """Return numbers or categories as cells of the column's type, texts where it holds categories."""
    if isinstance(places, tuple):
        return pa.array(places, pa.string())
    return cells_of(places, move.feature, move.kind)
