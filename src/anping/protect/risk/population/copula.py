"""A Gaussian copula over the quasi-identifiers: how likely each person is unique in the population.

Source: Rocher, Hendrickx & de Montjoye 2019, Nature Communications 10:3069. Every column is a
normal variable cut into its values by their shares; the variables are correlated so that each pair
of columns tells as much about each other as it does in the sample (mutual information). Under the
model a combination has probability p, and who has it is alone among N people with (1 − p)^(N − 1).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from anping.protect.risk.population.box import Rectangles, box_probabilities
from anping.protect.risk.population.correlation import correlations
from anping.protect.risk.population.ordered import OrderedColumn
from anping.stats.normal import normal_quantile

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Copula:
    """The fitted model of d columns.

    ``cuts`` hold, per column of K values, the K + 1 ends of their intervals on the normal axis;
    ``correlation`` is (d, d).
    """

    cuts: tuple[Floats, ...]
    correlation: Floats

    @cached_property
    def order(self) -> NDArray[np.int64]:
        """The columns, those of most values first: probabilities are then found more exactly."""
        return np.argsort([-each.size for each in self.cuts], kind="stable")

    def probabilities(self, codes: NDArray[np.int64], *, seed: int) -> Floats:
        """Return how likely each combination is: (t, d) places of values in the columns' orders."""
        low = np.stack([self.cuts[at][codes[:, at]] for at in self.order], axis=1)
        high = np.stack([self.cuts[at][codes[:, at] + 1] for at in self.order], axis=1)
        root = np.linalg.cholesky(self.correlation[np.ix_(self.order, self.order)])
        return box_probabilities(Rectangles(low, high), root, seed=seed)

    def uniqueness(self, codes: NDArray[np.int64], population: int, *, seed: int) -> Floats:
        """Return (t,) how likely a person of each combination is alone among ``population`` people."""
        return alone_among(self.probabilities(codes, seed=seed), population - 1)


def alone_among(probabilities: Floats, others: int) -> Floats:
    """Return (1 − p)^others of every probability."""
    with np.errstate(divide="ignore"):
        return np.asarray(np.exp(others * np.log1p(-np.minimum(probabilities, 1.0))))


def fit_copula(columns: Sequence[OrderedColumn]) -> Copula:
    """Fit the copula to columns of the same people."""
    cuts = []
    for column in columns:
        shares = np.cumsum(column.counts) / column.counts.sum()
        inside = normal_quantile(shares[:-1])
        cuts.append(np.concatenate([[-np.inf], inside, [np.inf]]))
    return Copula(tuple(cuts), correlations(columns))
