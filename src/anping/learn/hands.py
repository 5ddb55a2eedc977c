"""Who learns the folds of a trial: this process, one after the other, or others at the same time."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np

from anping.learn.design import Config, Design, Fitted
from anping.learn.families import FAMILIES
from anping.learn.folds import Folds


class Hands(Protocol):
    """Whoever learns."""

    @property
    def ahead(self) -> int:
        """How many trials may be begun before they are needed."""

    def fitted(self, config: Config, folds: Sequence[int]) -> Iterator[Fitted]:
        """Begin to learn these folds, and return them in order. The fold after the last is all rows."""


@dataclass(frozen=True, eq=False)
class OwnHands:
    """The process itself; nothing is learnt before it is asked for."""

    design: Design
    folds: Folds
    ahead: int = 0

    def fitted(self, config: Config, folds: Sequence[int]) -> Iterator[Fitted]:
        """Learn each fold when it is asked for."""
        return (fold_fitted(self.design, self.folds, config, fold) for fold in folds)


def fold_fitted(design: Design, folds: Folds, config: Config, fold: int) -> Fitted:
    """Return what a fold teaches; of all rows the last fold's are looked at to stop."""
    train, valid = list(folds)[min(fold, folds.count - 1)]
    if fold == folds.count:
        train = np.arange(len(design.target))
    seen = design.plain if config.plain else design
    return FAMILIES[config.family](seen, config, train, valid)
