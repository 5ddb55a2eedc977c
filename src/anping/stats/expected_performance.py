"""How well a classifier is expected to do before any label is known, from its own probabilities.

If the probabilities are calibrated for the rows at hand, each row's label is a coin with its
probability, and every measure of the confusion of answers and labels has an expectation. Nothing of
this sees a change of the relation between the columns and the target.

Source: the idea of confidence-based performance estimation (Guillory et al. 2021, ICCV, Predicting
with confidence on unseen distributions; Garg et al. 2022, ICLR).
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
_EDGE = 1e-12


def expected_auc(chances: Floats, scores: Floats) -> float:
    """Return the AUC that ``scores`` (n,) are expected to have when row i is positive with ``chances[i]``.

    The ratio of the expected number of pairs in order to the expected number of pairs of a positive
    and a negative; NaN where no such pair is expected.
    """
    order = np.argsort(scores, kind="stable")
    p, ranked = chances[order], scores[order]
    starts = np.flatnonzero(np.r_[True, ranked[1:] != ranked[:-1]])
    ends = np.r_[starts[1:], ranked.size]
    negatives = np.concatenate([[0.0], np.cumsum(1 - p)])
    group = np.repeat(np.arange(starts.size), ends - starts)
    below = negatives[starts][group]
    tied = (negatives[ends] - negatives[starts])[group] - (1 - p)
    pairs = p.sum() * (1 - p).sum() - float((p * (1 - p)).sum())
    if pairs <= 0:
        return float("nan")
    return float((p * (below + tied / 2)).sum() / pairs)


def expected_accuracy(chances: Floats, answers: Floats) -> float:
    """Return the expected share of right answers; ``answers`` (n,) are 1 where a positive is said."""
    return float(np.where(answers > 0, chances, 1 - chances).mean())


def expected_log_loss(chances: Floats, said: Floats) -> float:
    """Return the expected log loss in nats of probabilities ``said`` (n,)."""
    held = np.clip(said, _EDGE, 1 - _EDGE)
    return float(-(chances * np.log(held) + (1 - chances) * np.log(1 - held)).mean())


def calibrated(said: Floats, labels: Floats, ask: Floats) -> Floats:
    """Return ``ask`` (m,) calibrated by a logistic line through the log odds of ``said`` (n,).

    ``labels`` (n,) are 0 or 1 (Platt 1999, with his smoothed targets). Without both classes, or where
    the line falls, ``ask`` is returned as it is.
    """
    positive = labels > 0
    if not positive.any() or positive.all():
        return ask
    many, few = float(positive.sum()), float((~positive).sum())
    target = np.where(positive, (many + 1) / (many + 2), 1 / (few + 2))
    design = np.column_stack([np.ones(said.size), _log_odds(said)])
    line = np.array([0.0, 1.0])
    for _ in range(50):
        chance = 1 / (1 + np.exp(-design @ line))
        weight = np.maximum(chance * (1 - chance), 1e-9)
        step = np.linalg.solve(
            design.T @ (design * weight[:, None]) + 1e-9 * np.eye(2), design.T @ (target - chance)
        )
        line = line + np.clip(step, -2.0, 2.0)
        if float(np.abs(step).max()) < 1e-10:
            break
    if line[1] <= 0:
        return ask
    found: Floats = 1 / (1 + np.exp(-(line[0] + line[1] * _log_odds(ask))))
    return found


def _log_odds(chances: Floats) -> Floats:
    held = np.clip(chances, 1e-6, 1 - 1e-6)
    found: Floats = np.log(held / (1 - held))
    return found
