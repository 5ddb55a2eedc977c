"""Folds learnt on Ray (the extra ``ray``): on many machines at once, with the answers of one.

What is learnt of a fold depends on the rows, the settings and the seed alone, so that only the time
changes. Rows travel to the workers: they must be as trusted as this machine.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from types import ModuleType
from typing import Any

from anping.learn.design import Config, Design, Fitted
from anping.learn.folds import Folds
from anping.learn.hands import fold_fitted
from anping.learn.ray_cluster import ray_at


class Learner:
    """A worker of Ray: it keeps the rows, and learns the folds that it is asked for."""

    def __init__(self, design: Design, folds: Folds) -> None:
        self._design = design
        self._folds = folds

    def fitted(self, config: Config, fold: int) -> Fitted:
        """Return what a fold teaches."""
        return fold_fitted(self._design, self._folds, config, fold)


@dataclass(frozen=True, eq=False)
class RayHands:
    """Workers that each hold the rows; ``pool`` gives work to whoever is free."""

    pool: Any
    library: ModuleType
    ahead: int

    def fitted(self, config: Config, folds: Sequence[int]) -> Iterator[Fitted]:
        """Begin all folds at once, and return them in order."""
        asked = [self.pool.submit(config, fold) for fold in folds]
        return (self.library.get(each) for each in asked)


class _Pool:
    """Gives each piece of work to the worker that was given least."""

    def __init__(self, workers: Sequence[Any]) -> None:
        self._workers = workers
        self._given = [0] * len(workers)

    def submit(self, config: Config, fold: int) -> Any:
        """Return the promise of a fold."""
        least = self._given.index(min(self._given))
        self._given[least] += 1
        return self._workers[least].fitted.remote(config, fold)


@contextmanager
def ray_hands(
    address: str, design: Design, folds: Folds, *, workers: int | None = None
) -> Iterator[RayHands]:
    """Yield hands on the Ray cluster at ``address``; its workers are let go afterwards.

    The arguments and errors are those of :func:`anping.learn.ray_cluster.ray_at`.
    """
    with ray_at(address, workers=workers) as (library, count), ExitStack() as after:
        remote = library.remote(num_cpus=1)(Learner)
        held = library.put(design), library.put(folds)
        actors = [remote.remote(*held) for _ in range(count)]
        for actor in actors:
            after.callback(library.kill, actor)
        yield RayHands(_Pool(actors), library, ahead=-(-count // folds.count))
