"""The door: a table in, a table out in which every equivalence class satisfies the model."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from math import floor

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from anping.core.errors import InfeasibleError, PlanError, Where
from anping.core.progress import Progress, silent
from anping.core.text import Text
from anping.engine.table import Table
from anping.protect.deid.chance import chance
from anping.protect.deid.check import check_classes
from anping.protect.deid.encoding import Codes, Encoded, encode
from anping.protect.deid.evaluation import Evaluator
from anping.protect.deid.hierarchy import Hierarchy
from anping.protect.deid.infeasible import nothing_fits, require_reachable
from anping.protect.deid.loss import information_loss
from anping.protect.deid.model import Options, PrivacyModel
from anping.protect.deid.recoding import Recoder
from anping.protect.deid.search import Budget, Solution, search
from anping.protect.deid.tuples import tuples_of

_DEFAULTS = Options()


@dataclass(frozen=True)
class Anonymized:
    """The released rows and what it cost.

    ``table`` has the input's columns in the input's order: quasi-identifiers are texts (a missing
    value is ``""``), all others untouched; suppressed rows are gone and the rest keep their order.
    ``kept`` are the input row indices of the released rows. ``levels`` is the full-domain solution
    (the top levels, where only local recoding was asked for), proven to lose least where
    ``optimal``; ``recoded_rows`` were placed by local recoding and are generalised differently.
    ``loss`` (0 to 1) is ARX's Loss of the released table with suppressed rows counted as lost
    entirely; ``loss_full_domain`` is that of the full-domain solution alone. ``coverage`` gives each
    released value the share of its domain that it hides (0 a leaf, 1 everything): with it an
    outsider recomputes ``loss``. ``paths`` gives each leaf its value on every level; it lists the
    domain, so it is not for release where the domain is what was observed.
    """

    table: pa.Table
    kept: npt.NDArray[np.int64]
    levels: Mapping[str, int]
    recoded_rows: int
    suppressed_rows: int
    loss: float
    loss_full_domain: float
    optimal: bool
    nodes_evaluated: int
    coverage: Mapping[str, Mapping[str, float]]
    paths: Mapping[str, Mapping[str, tuple[str, ...]]]


def anonymize(
    table: Table,
    hierarchies: Mapping[str, Hierarchy],
    *,
    model: PrivacyModel,
    person: str | None = None,
    options: Options = _DEFAULTS,
    progress: Progress = silent,
) -> Anonymized:
    """Generalise the columns named in ``hierarchies`` until every class satisfies ``model``.

    The full-domain solution with the least loss comes first; local recoding then brings back what
    suppression would lose. At most ``options.suppression_limit`` of the rows are suppressed in the
    end: where local recoding may help, the search is free to leave more rows to it, and is held to
    the limit only if too many of them cannot be placed. With ``person`` k counts that column's distinct people. Raises SchemaError for a
    missing column, PlanError for columns that contradict each other or a value outside its
    hierarchy, and InfeasibleError, naming the cause, where nothing satisfies the model.
    """
    _check_columns(table, hierarchies, model=model, person=person)
    encoded = encode(table, hierarchies, model=model, person=person, weights=options.weights)
    require_reachable(encoded, model)
    found = _best(encoded, model, options=options, progress=progress)
    solution, row_levels, placed, lost = found.solution, found.levels, found.placed, found.lost
    kept = np.flatnonzero(placed)
    if not kept.size:
        raise nothing_fits(encoded, model, limit=options.suppression_limit)
    released, coverage = _release(table, hierarchies, encoded=encoded, kept=kept, levels=row_levels)
    if not check_classes(released, list(hierarchies), model=model, person=person).holds:
        raise AssertionError("a released class fails the model: this is a fault in Anping")
    return Anonymized(
        table=released,
        kept=kept,
        levels=dict(zip(hierarchies, solution.node, strict=True)),
        recoded_rows=int((placed & lost).sum()),
        suppressed_rows=int(encoded.rows - kept.size),
        loss=information_loss(encoded, row_levels, kept),
        loss_full_domain=solution.loss,
        optimal=solution.optimal,
        nodes_evaluated=solution.evaluated,
        coverage=coverage,
        paths={column: dict(hierarchy.paths) for column, hierarchy in hierarchies.items()},
    )


def require_hierarchies(
    quasi_identifiers: Iterable[str], hierarchies: Mapping[str, Hierarchy]
) -> None:
    """Raise PlanError naming the first quasi-identifier that has no hierarchy."""
    for column in quasi_identifiers:
        if column not in hierarchies:
            raise PlanError(
                "deid.no-hierarchy",
                Text(
                    f"準識別欄位「{column}」沒有概化階層。",
                    f"The quasi-identifier “{column}” has no generalisation hierarchy.",
                ),
                where=Where(column=column),
                hint=Text(
                    "在計畫中為它指定階層，或把它刪除。",
                    "Give it a hierarchy in the plan, or drop the column.",
                ),
            )


def _check_columns(
    table: Table, hierarchies: Mapping[str, Hierarchy], *, model: PrivacyModel, person: str | None
) -> None:
    if not hierarchies:
        raise PlanError(
            "deid.no-quasi-identifiers",
            Text("沒有準識別欄位可以概化。", "There is no quasi-identifier to generalise."),
            hint=Text("至少替一個欄位指定階層。", "Give at least one column a hierarchy."),
        )
    table.require([*hierarchies, *model.sensitive, *([] if person is None else [person])])
    for column in (*model.diversified, *([] if person is None else [person])):
        if column in hierarchies:
            raise PlanError(
                "deid.two-roles",
                Text(
                    f"欄位「{column}」不能同時是準識別欄位與敏感或個人欄位。",
                    f"Column “{column}” cannot be a quasi-identifier and also sensitive or the person.",
                ),
                where=Where(column=column),
                hint=Text("只給它一種角色。", "Give it one role only."),
            )


@dataclass(frozen=True)
class _Placed:
    """A full-domain solution, what it would suppress, and each row's levels after recoding."""

    solution: Solution
    lost: npt.NDArray[np.bool_]
    levels: Codes
    placed: npt.NDArray[np.bool_]

    def loss(self, encoded: Encoded) -> float:
        """Return the loss of releasing the placed rows."""
        return information_loss(encoded, self.levels, np.flatnonzero(self.placed))


def _best(
    encoded: Encoded, model: PrivacyModel, *, options: Options, progress: Progress
) -> _Placed:
    """Return the solution that loses least with at most the allowed rows suppressed in the end.

    Where recoding may help, the search is run twice: held to the limit, and free to leave to
    recoding whatever pays off. A small rest recodes badly, so neither wins always.
    """
    if not (options.local_recoding and options.full_domain and options.suppression_limit < 1):
        return _placed(encoded, model, options=options, progress=progress)
    free = _placed(
        encoded, model, options=replace(options, suppression_limit=1.0), progress=progress
    )
    gone = int((~free.placed).sum())
    if free.lost.sum() <= _allowed(encoded, options):
        return free
    fits = gone <= _allowed(encoded, options) and bool(free.placed.any())
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
) -> _Placed:
    solution, lost = _full_domain(encoded, model, options=options, progress=progress)
    levels = np.tile(np.asarray(solution.node, np.int64), (encoded.rows, 1))
    placed = ~lost
    if options.local_recoding:
        recoder = Recoder(encoded, model, chance(options.seed), options.stop_probability)
        for rows, node in recoder.recode(np.flatnonzero(lost), progress=progress):
            levels[rows], placed[rows] = node, True
    return _Placed(solution, lost, levels, placed)


def _allowed(encoded: Encoded, options: Options) -> int:
    return floor(options.suppression_limit * encoded.rows + 1e-9)


def _full_domain(
    encoded: Encoded, model: PrivacyModel, *, options: Options, progress: Progress
) -> tuple[Solution, npt.NDArray[np.bool_]]:
    """Return the full-domain solution and which rows it would suppress: all, when it is not asked for."""
    if not options.full_domain:
        every = np.ones(encoded.rows, np.bool_)
        return Solution(encoded.top, 1.0, encoded.rows, optimal=False, evaluated=0), every
    tuples, tuple_of = tuples_of(encoded)
    evaluator = Evaluator(encoded, tuples, model)
    budget = Budget(_allowed(encoded, options), _spent(options))
    solution = search(encoded, evaluator, budget, progress=progress)
    if solution is None:
        raise nothing_fits(encoded, model, limit=options.suppression_limit)
    return solution, evaluator.failing(solution.node)[tuple_of]


def _spent(options: Options) -> Callable[[int], bool]:
    ends = None if options.max_seconds is None else time.monotonic() + options.max_seconds
    most = options.max_evaluations

    def spent(evaluated: int) -> bool:
        if most is not None and evaluated >= most:
            return True
        return ends is not None and time.monotonic() >= ends

    return spent


def _release(
    table: Table,
    hierarchies: Mapping[str, Hierarchy],
    *,
    encoded: Encoded,
    kept: Codes,
    levels: Codes,
) -> tuple[pa.Table, dict[str, dict[str, float]]]:
    """Return the kept rows with generalised texts, and the coverage of every released value."""
    released = table.arrow().take(pa.array(kept))
    coverage: dict[str, dict[str, float]] = {}
    for place, (name, ladder) in enumerate(zip(hierarchies, encoded.ladders, strict=True)):
        leaves, level = encoded.leaves[place][kept], levels[kept, place]
        starts = np.cumsum([0, *ladder.sizes[:-1]])
        codes = np.zeros(kept.size, np.int64)
        for step, values in enumerate(ladder.codes):
            here = level == step
            codes[here] = starts[step] + values[leaves[here]]
        texts = [text for names in ladder.names for text in names]
        column = pa.array(texts, pa.string()).take(pa.array(codes))
        released = released.set_column(released.schema.get_field_index(name), name, column)
        used = {texts[code] for code in np.unique(codes)}
        coverage[name] = {text: hierarchies[name].coverage(text) for text in sorted(used)}
    return released, coverage
