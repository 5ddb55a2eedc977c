"""Where every tuple is placed: the optimal full-domain node, and local recoding of what it loses."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from math import floor

import numpy as np

from anping.core.errors import InfeasibleError
from anping.core.progress import Progress
from anping.protect.deid.chance import chance
from anping.protect.deid.evaluation import Evaluator
from anping.protect.deid.infeasible import nothing_fits
from anping.protect.deid.loss import Levels, information_loss
from anping.protect.deid.model import Options, PrivacyModel
from anping.protect.deid.recoding import Recoder
from anping.protect.deid.search import Budget, Solution, search
from anping.protect.deid.tuples import Bools, Encoded, chosen_of


@dataclass(frozen=True)
class Placement:
    """A full-domain solution, the tuples it would suppress, and each tuple's levels after recoding.

    ``levels`` has the shape (tuples, columns); tuples that are not ``placed`` are suppressed.
    """

    solution: Solution
    lost: Bools
    levels: Levels
    placed: Bools

    def loss(self, encoded: Encoded) -> float:
        """Return the loss of releasing the placed tuples."""
        return information_loss(encoded, self.levels, self.placed)


def placement(
    encoded: Encoded, model: PrivacyModel, *, options: Options, progress: Progress
) -> Placement:
    """Return the solution that loses least with at most the allowed rows suppressed in the end.

    Where recoding may help, the search is run twice: held to the limit, and free to leave to
    recoding whatever pays off. A small rest recodes badly, so neither wins always. Raises
    InfeasibleError where nothing is allowed.
    """
    if not (options.local_recoding and options.full_domain and options.suppression_limit < 1):
        return _placed(encoded, model, options=options, progress=progress)
    free = _placed(
        encoded, model, options=replace(options, suppression_limit=1.0), progress=progress
    )
    rows, allowed = encoded.tuples.rows, _allowed(encoded, options)
    gone = float(rows[~free.placed].sum())
    if rows[free.lost].sum() <= allowed:
        return free
    fits = gone <= allowed and bool(free.placed.any())
    try:
        held = _placed(encoded, model, options=options, progress=progress)
    except InfeasibleError:
        if fits:
            return free
        raise
    if not fits:
        return held
    return min((free, held), key=lambda each: each.loss(encoded))


def _placed(
    encoded: Encoded, model: PrivacyModel, *, options: Options, progress: Progress
) -> Placement:
    solution, lost = _full_domain(encoded, model, options=options, progress=progress)
    levels = np.tile(np.asarray(solution.node, np.int8), (encoded.tuples.size, 1))
    placed = ~lost
    if options.local_recoding and lost.any():
        rest = np.flatnonzero(lost)
        recoder = Recoder(encoded.ladders, model, chance(options.seed), options.stop_probability)
        done = recoder.recode(chosen_of(encoded.tuples, rest), progress=progress)
        found = rest[done.placed]
        levels[found], placed[found] = done.levels[done.placed], True
    return Placement(solution, lost, levels, placed)


def _allowed(encoded: Encoded, options: Options) -> int:
    return floor(options.suppression_limit * encoded.rows + 1e-9)


def _full_domain(
    encoded: Encoded, model: PrivacyModel, *, options: Options, progress: Progress
) -> tuple[Solution, Bools]:
    """Return the full-domain solution and which tuples it would suppress: all, if it is not asked for."""
    if not options.full_domain:
        every = np.ones(encoded.tuples.size, np.bool_)
        return Solution(encoded.top, 1.0, encoded.rows, optimal=False, evaluated=0), every
    evaluator = Evaluator(encoded, model)
    budget = Budget(_allowed(encoded, options), _spent(options))
    solution = search(encoded, evaluator, budget, progress=progress)
    if solution is None:
        raise nothing_fits(encoded, model, limit=options.suppression_limit)
    return solution, evaluator.failing(solution.node)


def _spent(options: Options) -> Callable[[int], bool]:
    ends = None if options.max_seconds is None else time.monotonic() + options.max_seconds
    most = options.max_evaluations

    def spent(evaluated: int) -> bool:
        if most is not None and evaluated >= most:
            return True
        return ends is not None and time.monotonic() >= ends

    return spent
