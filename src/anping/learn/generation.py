"""Numbers made from two others, taken where they make trees predict better."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from anping.learn.design import Config, Design
from anping.learn.encoder import Encoder, Pair
from anping.learn.families.lightgbm import lightgbm, splits
from anping.learn.folds import Folds
from anping.learn.link import Link, loss_of

_TRIED = Config("lightgbm", "generation", {"learning_rate": 0.1, "num_leaves": 15, "rounds": 120})
_COLUMNS = 6
_FEWEST_ROWS = 2_000


def with_generated(encoder: Encoder, design: Design, folds: Folds) -> tuple[Encoder, Design]:
    """Return the encoder and the design, with differences and ratios of the six most used numbers.

    They are taken if trees of one fold predict its rows better with them by more than a standard
    error, left where a column is bound to rise or fall, and not tried on fewer than 2,000 rows.
    """
    train, valid = next(iter(folds))
    if design.constrained or train.size < _FEWEST_ROWS:
        return encoder, design
    plain = lightgbm(design, _TRIED, train, valid)
    used = splits(plain, design.matrix.shape[1])
    used[list(design.codes)] = 0
    chosen = [int(at) for at in np.argsort(-used, kind="stable")[:_COLUMNS] if used[at] > 0]
    pairs = [
        Pair(operation, left, right)
        for at, left in enumerate(chosen)
        for right in chosen[at + 1 :]
        for operation in ("difference", "ratio")
    ]
    if not pairs:
        return encoder, design
    richer = encoder.with_pairs(pairs)
    wider = replace(
        design,
        matrix=richer.extended(design.matrix),
        monotone=(*design.monotone, *(0 for _ in pairs)),
        generated=len(pairs),
    )
    again = lightgbm(wider, _TRIED, train, valid)
    link, truth = Link(design.task), design.target[valid]
    gain = loss_of(design.task, link.values(plain.raw), truth) - loss_of(
        design.task, link.values(again.raw), truth
    )
    worth = float(gain.mean()) > float(gain.std(ddof=1)) / np.sqrt(gain.size)
    return (richer, wider) if worth else (encoder, design)
