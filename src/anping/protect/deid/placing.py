"""Where every tuple is placed: the optimal full-domain node, and local recoding of what it loses."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from math import floor, prod

import numpy as np

from anping.core.errors import InfeasibleError
from anping.core.progress import Progress
from anping.protect.deid.axes import Axis, HierarchyAxis
from anping.protect.deid.chance import chance
from anping.protect.deid.encoding import Floats, Ladder
from anping.protect.deid.evaluation import Evaluator
from anping.protect.deid.goals.choice import goal_of
from anping.protect.deid.infeasible import nothing_fits
from anping.protect.deid.loss import Levels, information_loss, placed_cells
from anping.protect.deid.model import Options, PrivacyModel
from anping.protect.deid.recoding import Recoder
from anping.protect.deid.search import Solution, search
from anping.protect.deid.search_state import Budget
from anping.protect.deid.standing import must_be_judged, standing
from anping.protect.deid.tuples import Bools, Encoded, chosen_of

#: A lattice of this many nodes is searched within seconds.
_SMALL = 2**16


@dataclass(frozen=True)
class Placement:
    """A full-domain solution, the tuples it would suppress, and each tuple's levels after recoding.

    ``levels`` has the shape (tuples, columns); tuples that are not ``placed`` are suppressed.
    ``ladders`` are the columns' levels, with layers of intervals above those of the hierarchy where
    columns were cut freely; ``spans`` then tells what leaves each interval covers, by column.
    ``coarser`` tuples were left coarser by a draw, at the cost ``spared`` (a share of the loss).
    """

    solution: Solution
    lost: Bools
    levels: Levels
    placed: Bools
    ladders: tuple[Ladder, ...]
    spans: Mapping[str, Mapping[str, tuple[str, ...]]]
    coarser: Bools
    spared: float

    def cells(self, encoded: Encoded) -> tuple[Floats, ...]:
        """Return the rows that are released on every level with every leaf, by column."""
        return placed_cells(replace(encoded, ladders=self.ladders), self.levels, self.placed)

    def loss(self, encoded: Encoded, cells: Sequence[Floats] | None = None) -> float:
        """Return the loss of releasing the placed tuples; their ``cells`` may be known."""
        known = self.cells(encoded) if cells is None else cells
        return information_loss(replace(encoded, ladders=self.ladders), known)


def placement(
    encoded: Encoded,
    model: PrivacyModel,
    *,
    options: Options,
    axes: tuple[Axis, ...] | None = None,
    progress: Progress,
) -> Placement:
    """Return the solution that loses least with at most the allowed rows suppressed in the end.

    Where recoding may help a search, the search is run twice: held to the limit, and free to leave
    to recoding whatever pays off. A small rest recodes badly, so neither wins always. Without a
    search all is recoded; only where the whole fails, and too much would go, a search that is small
    enough finds the parts that pass. ``axes`` are the columns' ways down, their hierarchies' by
    default. Raises InfeasibleError where nothing is allowed.
    """
    given = axes or tuple(map(HierarchyAxis.of, encoded.ladders))
    place = partial(_placed, encoded, model, axes=given, progress=progress)
    rows, allowed = encoded.tuples.rows, _allowed(encoded, options)
    if not options.full_domain:
        alone = _recoded_alone(place, model, allowed=allowed, rows=rows, options=options)
        if rows[~alone.placed].sum() <= allowed:
            return alone
        if not _is_small(encoded):
            raise nothing_fits(encoded, model, limit=options.suppression_limit)
        options = replace(options, full_domain=True)
    if not (options.local_recoding and options.suppression_limit < 1):
        return place(options=options)
    free = place(options=replace(options, suppression_limit=1.0))
    gone = float(rows[~free.placed].sum())
    if rows[free.lost].sum() <= allowed:
        return free
    fits = gone <= allowed and bool(free.placed.any())
    try:
        held = place(options=options)
    except InfeasibleError:
        if fits:
            return free
        raise
    if rows[~held.placed].sum() > allowed:
        # What recoding adds can make the release as a whole fail, which the search alone held to.
        held = place(options=replace(options, local_recoding=False))
    if not fits:
        return held
    return min((free, held), key=lambda each: each.loss(encoded))


def _recoded_alone(
    place: Callable[..., Placement],
    model: PrivacyModel,
    *,
    allowed: int,
    rows: Floats,
    options: Options,
) -> Placement:
    """Return all rows recoded; where the release as a whole asks for more, in larger groups."""
    k = model.k
    while True:
        found = place(options=options, k=k)
        people = float(rows.sum())
        if not model.release_criteria or rows[~found.placed].sum() <= allowed or k > people:
            return found
        k += max(1, k // 4)


def _is_small(encoded: Encoded) -> bool:
    return prod(ladder.height + 1 for ladder in encoded.ladders) <= _SMALL


def _placed(
    encoded: Encoded,
    model: PrivacyModel,
    *,
    options: Options,
    axes: tuple[Axis, ...],
    progress: Progress,
    k: int = 0,
) -> Placement:
    solution, lost = _full_domain(encoded, model, options=options, progress=progress)
    levels = np.empty((encoded.tuples.size, len(solution.node)), np.int16, order="F")
    levels[:] = solution.node
    placed, ladders = ~lost, encoded.ladders
    spans: dict[str, dict[str, tuple[str, ...]]] = {}
    coarser, spared = np.zeros(encoded.tuples.size, np.bool_), 0.0
    if options.local_recoding and lost.any():
        rest = np.flatnonzero(lost)
        draws = chance(options.seed)
        asked = replace(model, k=max(k, model.k))
        recoder = Recoder(encoded.ladders, axes, asked, draws, options.stop_probability)
        done = recoder.recode(chosen_of(encoded.tuples, rest), progress=progress)
        found = rest[done.placed]
        placed[found] = True
        coarser[rest], spared = done.coarser, done.spared / max(1, encoded.rows)
        made = []
        for column, (axis, ladder) in enumerate(zip(axes, encoded.ladders, strict=True)):
            more, own, covered = axis.levels(ladder, done.states[done.placed, column])
            levels[found, column] = own
            made.append(more)
            if covered:
                spans[ladder.column] = covered
        ladders = tuple(made)
    if options.local_recoding and must_be_judged(model):
        placed = standing(encoded, model, ladders=ladders, levels=levels, placed=placed)
    return Placement(solution, lost, levels, placed, ladders, spans, coarser, spared)


def _allowed(encoded: Encoded, options: Options) -> int:
    return floor(options.suppression_limit * encoded.rows + 1e-9)


def _full_domain(
    encoded: Encoded, model: PrivacyModel, *, options: Options, progress: Progress
) -> tuple[Solution, Bools]:
    """Return the full-domain solution and which tuples it would suppress: all, if it is not asked for."""
    if not options.full_domain:
        every = np.ones(encoded.tuples.size, np.bool_)
        return Solution(encoded.top, 1.0, encoded.rows, optimal=False, evaluated=0), every
    goal = goal_of(encoded, model, options)
    evaluator = Evaluator(encoded, model, goal, fast=options.fast)
    budget = Budget(_allowed(encoded, options), _spent(options), options.max_evaluations)
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
