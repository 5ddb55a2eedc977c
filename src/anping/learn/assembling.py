"""A model put together from trials: which of them answer, with what weights, and how surely."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from anping.engine.prediction import Signature
from anping.learn.attribution import centred
from anping.learn.blend import blend
from anping.learn.conformal import conformal
from anping.learn.design import Design, Part
from anping.learn.encoder import Encoder
from anping.learn.folds import Folds
from anping.learn.forest import Forest
from anping.learn.link import calibrated
from anping.learn.model import Model, joined
from anping.learn.search import Trial

Floats = NDArray[np.float64]
#: More trees than these would answer one row in more than two milliseconds.
_MOST_TREES = 2_500
_LEVELS = (0.8, 0.9, 0.95)


def lean(trials: tuple[Trial, ...], design: Design, folds: Folds) -> Floats:
    """Return the weights of a blend that answers fast: the least weighted trees are left out."""
    tested = folds.tested
    able = list(range(len(trials)))
    while True:
        weights = np.zeros(len(trials))
        sums = [trials[at].sums[tested] for at in able]
        weights[able] = blend(design.task, sums, design.target[tested])
        used = [at for at in able if weights[at] > 0]
        trees = {at: _trees(trials[at], folds) for at in used}
        if sum(trees.values()) <= _MOST_TREES or len(used) == 1:
            return weights
        able = [
            at for at in used if at != min(used, key=lambda at: weights[at] / max(trees[at], 1))
        ]


def _trees(trial: Trial, folds: Folds) -> int:
    return sum(part.trees for part in _answering(trial, folds) if isinstance(part, Forest))


def _answering(trial: Trial, folds: Folds) -> tuple[Part, ...]:
    """Return the parts that answer for new rows.

    By time they are the part of the last window, which was tested on what came after it, and the one
    that learnt from all rows, the latest included.
    """
    if folds.way != "time":
        return trial.parts
    return (trial.parts[-1], trial.parts[-1] if trial.whole is None else trial.whole)


def assembled(
    signature: Signature,
    encoder: Encoder,
    *,
    design: Design,
    folds: Folds,
    chosen: tuple[tuple[Trial, ...], Floats],
) -> Model:
    """Return the model of the chosen trials and their weights, calibrated on rows not learnt from."""
    trials, weights = chosen
    parts = [
        (part, float(weight) / len(_answering(trial, folds)))
        for trial, weight in zip(trials, weights, strict=True)
        if weight > 0
        for part in _answering(trial, folds)
    ]
    forest, additive = joined(parts, outputs=design.outputs)
    if additive is not None:
        additive = centred(additive, design.matrix)
    tested = folds.tested
    sums = blended(trials, weights)[tested]
    link = calibrated(design.task, sums, design.target[tested])
    bounds = conformal(design.task, link.values(sums), design.target[tested], levels=_LEVELS)
    return Model(signature, encoder, forest, additive, link, bounds)


def blended(trials: tuple[Trial, ...], weights: Floats) -> Floats:
    """Return (n, outputs): the weighted sums of rows that the trials did not learn from."""
    whole: Floats = np.sum(
        [w * trial.sums for w, trial in zip(weights, trials, strict=True) if w > 0], axis=0
    )
    return whole
