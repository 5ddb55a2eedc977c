"""Ridge regression, and logistic regression with a ridge penalty, on lines with bends.

A number enters as itself and as hinges at its quantiles, so its effect is a line with some bends;
a category enters as one 0 or 1 for each value.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from anping.core.errors import MissingExtraError
from anping.core.text import Text
from anping.learn.additive import Additive, Axis, Bins, Curve, Term
from anping.learn.design import Config, Design, Fitted, Rows
from anping.learn.families.threads import one_thread

Floats = NDArray[np.float64]
_QUANTILES = (0.1, 0.25, 0.5, 0.75, 0.9)
_ENDS = (0.005, 0.995)
_CELL = 1.2e-8
_MOST_WIDE = 1_000


@dataclass(frozen=True, eq=False)
class _Bent:
    """The basis of one number: standardised, hinges at ``knots``, and one 1 where it is missing."""

    feature: int
    knots: Floats
    mean: float
    spread: float

    def basis(self, cells: Floats) -> Floats:
        """Return (n, 1 + inner knots + 1)."""
        missing = np.isnan(cells)
        clipped = np.clip(np.where(missing, self.mean, cells), self.knots[0], self.knots[-1])
        hinges = np.maximum(0.0, clipped[:, None] - self.knots[None, 1:-1]) / self.spread
        lines = np.column_stack([(clipped - self.mean) / self.spread, hinges])
        lines[missing] = 0.0
        return np.column_stack([lines, missing])

    def term(self, weights: Floats) -> Term:
        """Return the curve of these weights (width, outputs)."""
        missing = np.zeros((1, weights.shape[0]))
        missing[0, -1] = 1.0
        return Curve(
            self.feature, self.knots, self.basis(self.knots) @ weights, (missing @ weights)[0]
        )


@dataclass(frozen=True, eq=False)
class _Named:
    """The basis of one category: a 1 for the row's code."""

    feature: int
    codes: int

    def basis(self, cells: Floats) -> Floats:
        """Return (n, codes)."""
        codes = np.clip(cells, 0, self.codes - 1).astype(np.int64)
        return np.eye(self.codes)[codes]

    def term(self, weights: Floats) -> Term:
        """Return the table of these weights (codes, outputs); nothing for what is unknown."""
        nothing = np.zeros((1, weights.shape[1]))
        return Bins((Axis(self.feature, None, self.codes),), np.vstack([nothing, weights, nothing]))


def linear(design: Design, config: Config, train: Rows, valid: Rows) -> Fitted:
    """Return a linear model; ``penalty`` is the ridge's weight for each row, 1e-4 by default."""
    bases = _bases(design, train)
    learnt = design.matrix[train]
    wide = np.hstack([base.basis(learnt[:, base.feature]) for base in bases])
    penalty = float(config.settings.get("penalty", 1e-4))
    with one_thread():
        weights, intercept = _solved(design, wide, design.target[train], penalty)
    ends = np.cumsum([base.basis(learnt[:1, base.feature]).shape[1] for base in bases])[:-1]
    terms = tuple(
        base.term(part) for base, part in zip(bases, np.split(weights, ends), strict=True)
    )
    model = Additive(intercept, terms)
    return Fitted(model, model.sums(design.matrix[valid]), 20 * wide.size * _CELL * design.outputs)


def _bases(design: Design, train: Rows) -> list[_Bent | _Named]:
    found: list[_Bent | _Named] = []
    for feature in range(design.matrix.shape[1]):
        cells = design.matrix[train, feature]
        told = cells[~np.isnan(cells)]
        if feature in design.codes:
            found.append(_Named(feature, design.codes[feature]))
        elif told.size and told.min() < told.max():
            low, high = np.quantile(told, _ENDS)
            if low == high:
                low, high = float(told.min()), float(told.max())
            inner = np.unique(np.quantile(told, _QUANTILES))
            inner = inner[(inner > low) & (inner < high)]
            clipped = np.clip(told, low, high)
            knots = np.array([low, *inner, high])
            found.append(_Bent(feature, knots, float(clipped.mean()), float(clipped.std()) or 1.0))
    return found


def _solved(design: Design, wide: Floats, target: Floats, penalty: float) -> tuple[Floats, Floats]:
    """Return the weights (width, outputs) and the intercepts (outputs,)."""
    try:
        from sklearn.linear_model import LogisticRegression, Ridge
    except ImportError as problem:
        raise MissingExtraError.of(
            "models", needed_for=Text("訓練線性模型", "Learning a linear model")
        ) from problem
    strength = penalty * target.size
    if design.task == "number":
        ridge = Ridge(alpha=strength, solver="cholesky").fit(wide, target)
        return ridge.coef_.reshape(-1, 1), np.array([ridge.intercept_])
    # The square of the width is taken by Newton's method, in time and memory.
    solver = "newton-cholesky" if wide.shape[1] <= _MOST_WIDE else "lbfgs"
    logistic = LogisticRegression(C=1 / strength, solver=solver, tol=1e-4, max_iter=500).fit(
        wide, target
    )
    if design.task == "binary":
        return logistic.coef_.T.copy(), logistic.intercept_.copy()
    weights = np.zeros((wide.shape[1], design.classes))
    intercept = np.full(design.classes, -20.0)
    seen = logistic.classes_.astype(int)
    if seen.size == 2:
        weights[:, seen[1]], intercept[seen] = logistic.coef_[0], [0.0, logistic.intercept_[0]]
    else:
        weights[:, seen], intercept[seen] = logistic.coef_.T, logistic.intercept_
    return weights, intercept
