"""How near a row is to real rows: numbers in units of their spread, categories equal or not."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from anping.engine.prediction import Signature
from anping.judge.asking import numbers, spread, texts_of

Floats = NDArray[np.float64]
#: No column counts for more than this; a far number is far, however far it is.
_FAR = 3.0
_USUAL = 0.95
_ROWS = 1000


@dataclass(frozen=True, eq=False)
class Nearness:
    """Real rows as numbers (n, p) and category codes (n, k).

    ``usual`` is the distance within which 95 % of real rows have another.
    """

    signature: Signature
    scales: Floats
    held: Floats
    codes: tuple[dict[str, int], ...]
    held_codes: NDArray[np.int64]
    usual: float

    def distances(self, rows: pa.Table) -> Floats:
        """Return (m,): the mean distance over columns to the nearest real row."""
        own, codes = _read(rows, self.signature, self.scales, self.codes)
        return _nearest((own, codes), (self.held, self.held_codes), apart=False)


def nearness_of(rows: pa.Table, signature: Signature, *, seed: int, most: int = _ROWS) -> Nearness:
    """Return what real rows, at most ``most`` of them drawn at random, are like."""
    draw = np.random.default_rng(seed)
    some = rows.take(pa.array(np.sort(draw.permutation(rows.num_rows)[:most])))
    scales = np.array(
        [
            spread(numbers(some, feature))
            for feature in signature.features
            if feature.nature != "category"
        ]
    )
    codes = tuple(
        {str(text): at for at, text in enumerate(np.unique(texts_of(some, feature.name)))}
        for feature in signature.features
        if feature.nature == "category"
    )
    held, held_codes = _read(some, signature, scales, codes)
    between = _nearest((held, held_codes), (held, held_codes), apart=True)
    usual = float(np.quantile(between, _USUAL)) if between.size > 1 else np.inf
    return Nearness(signature, scales, held, codes, held_codes, usual)


def _read(
    rows: pa.Table, signature: Signature, scales: Floats, codes: tuple[dict[str, int], ...]
) -> tuple[Floats, NDArray[np.int64]]:
    ordered = [feature for feature in signature.features if feature.nature != "category"]
    named = [feature for feature in signature.features if feature.nature == "category"]
    own = np.empty((rows.num_rows, len(ordered)))
    for at, feature in enumerate(ordered):
        own[:, at] = numbers(rows, feature) / scales[at]
    found = np.empty((rows.num_rows, len(named)), dtype=np.int64)
    for at, feature in enumerate(named):
        found[:, at] = [codes[at].get(str(text), -1) for text in texts_of(rows, feature.name)]
    return own, found


def _nearest(
    asked: tuple[Floats, NDArray[np.int64]],
    held: tuple[Floats, NDArray[np.int64]],
    *,
    apart: bool,
) -> Floats:
    """Return the distance of each row to its nearest; ``apart`` when a row is not its own neighbour."""
    width = max(1, asked[0].shape[1] + asked[1].shape[1])
    found = np.empty(len(asked[0]))
    for at in range(found.size):
        step = np.abs(held[0] - asked[0][at])
        # Both missing is no difference, one missing a far one.
        missing = np.isnan(step)
        both = np.isnan(held[0]) & np.isnan(asked[0][at])
        step = np.where(missing, np.where(both, 0.0, 1.0), np.minimum(step, _FAR))
        total = step.sum(axis=1) + (held[1] != asked[1][at]).sum(axis=1)
        if apart:
            total[at] = np.inf
        found[at] = total.min() / width
    return found
