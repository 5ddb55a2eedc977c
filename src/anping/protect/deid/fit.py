"""The fit: from coded rows to what is done with each tuple, and what that costs."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from anping.core.progress import Progress
from anping.engine.table import Table
from anping.protect.deid.axes import Axis, HierarchyAxis
from anping.protect.deid.counting import Several, encoded_of
from anping.protect.deid.encoding import Floats
from anping.protect.deid.generaliser import Generaliser
from anping.protect.deid.hierarchy import Hierarchy
from anping.protect.deid.infeasible import nothing_fits, require_reachable
from anping.protect.deid.intervals import IntervalAxis
from anping.protect.deid.judging import people
from anping.protect.deid.leaves import Coder
from anping.protect.deid.model import Options, PrivacyModel
from anping.protect.deid.placing import Placement, placement
from anping.protect.deid.row_codes import RowCodes, TupleCodes
from anping.protect.deid.scales import scale_of
from anping.protect.deid.tuples import Encoded, totals

#: What texts that are not in a hierarchy cover: their leaves.
Spans = Mapping[str, tuple[str, ...]]


@dataclass(frozen=True)
class Fitted:
    """What is done with every tuple, and what it costs.

    ``levels`` is the full-domain solution (the top levels, where only local recoding was asked
    for), proven to lose least where ``optimal``; ``recoded_rows`` were placed by local recoding and
    are generalised differently. ``loss`` (0 to 1) is ARX's Loss of the released table with
    suppressed rows counted as lost entirely; ``loss_full_domain`` is that of the full-domain
    solution alone. ``coarser_rows`` were left coarser than they could be, by a draw; without draws
    the loss would be ``loss_minimal``. ``released`` counts the rows of each released value; ``coverage`` gives each the
    share of its domain that it hides (0 a leaf, 1 everything): with it an outsider recomputes
    ``loss``. ``paths`` gives each leaf its value on every level; it lists the domain, so it is not
    for release where the domain is what was observed. ``outside`` counts people beyond those that
    the population has of their leaves, of which the table should be a part; None without one.
    ``of_rows`` tells what becomes of each row, where the rows are in memory.
    """

    generaliser: Generaliser
    rows: int
    people: int
    levels: Mapping[str, int]
    recoded_rows: int
    suppressed_rows: int
    loss: float
    loss_full_domain: float
    coarser_rows: int
    loss_minimal: float
    optimal: bool
    nodes_evaluated: int
    released: Mapping[str, Mapping[str, int]]
    coverage: Mapping[str, Mapping[str, float]]
    paths: Mapping[str, Mapping[str, tuple[str, ...]]]
    outside: int | None = None
    of_rows: RowCodes | None = field(default=None, repr=False)


def fit(
    coded: Table,
    coder: Coder,
    *,
    model: PrivacyModel,
    options: Options,
    progress: Progress,
    several: Several | None = None,
) -> Fitted:
    """Return what is done with the rows of ``coded``, which ``coder`` made.

    ``several`` are its people with several rows, where they are known already.
    Raises ParameterError for weights that mean nothing, and InfeasibleError, naming the cause,
    where nothing satisfies the model.
    """
    encoded, index = encoded_of(
        coded, coder, weights=options.weights, population=model.population, several=several
    )
    require_reachable(encoded, model)
    axes = _axes(encoded, coder, options)
    found = placement(encoded, model, options=options, axes=axes, progress=progress)
    if not found.placed.any():
        raise nothing_fits(encoded, model, limit=options.suppression_limit)
    generaliser = Generaliser.of(
        coder.maps,
        coder.groups,
        index,
        ladders=found.ladders,
        levels=found.levels,
        placed=found.placed,
    )
    cells, rows = found.cells(encoded), encoded.tuples.rows
    released, loss = _released(found, cells), found.loss(encoded, cells)
    return Fitted(
        generaliser=generaliser,
        rows=encoded.rows,
        people=encoded.people(),
        levels=dict(zip(coder.maps, found.solution.node, strict=True)),
        recoded_rows=round(float(rows[found.placed & found.lost].sum())),
        suppressed_rows=round(float(rows[~found.placed].sum())),
        loss=loss,
        loss_full_domain=found.solution.loss,
        coarser_rows=round(float(rows[found.placed & found.coarser].sum())),
        loss_minimal=loss - found.spared,
        optimal=found.solution.optimal,
        nodes_evaluated=found.solution.evaluated,
        released=released,
        coverage={
            name: _coverage(coder.maps[name].hierarchy, counts, found.spans.get(name, {}))
            for name, counts in released.items()
        },
        paths={
            name: _paths(each.hierarchy, found.spans.get(name, {}))
            for name, each in coder.maps.items()
        },
        outside=_outside(encoded),
        of_rows=_of_rows(encoded, found),
    )


def _of_rows(encoded: Encoded, found: Placement) -> RowCodes | None:
    if encoded.tuple_of is None:
        return None
    columns = [
        TupleCodes.of(ladder, encoded.leaves(place), found.levels[:, place])
        for place, ladder in enumerate(found.ladders)
    ]
    return RowCodes(encoded.tuple_of, found.placed, tuple(columns))


def _outside(encoded: Encoded) -> int | None:
    population = encoded.tuples.population
    if population is None:
        return None
    tuples = encoded.tuples
    here = people(tuples, np.arange(tuples.size), tuples.size)
    return round(float(np.maximum(here - population, 0.0).sum()))


def _axes(encoded: Encoded, coder: Coder, options: Options) -> tuple[Axis, ...]:
    """Return each column's way down: free cuts for ordered columns, if they are asked for."""
    made: list[Axis] = []
    for ladder, each in zip(encoded.ladders, coder.maps.values(), strict=True):
        asked = options.ordered is None or ladder.column in options.ordered
        free = options.recoding == "numeric" and asked and ladder.sizes[-1] == 1
        scale = scale_of(each.hierarchy) if free else None
        if scale is None:
            made.append(HierarchyAxis.of(ladder))
        else:
            share = float(ladder.cost[-1].max(initial=0.0))
            made.append(IntervalAxis.of(scale, each.observed, share))
    return tuple(made)


def _coverage(hierarchy: Hierarchy, texts: Iterable[str], spans: Spans) -> dict[str, float]:
    """Return the share of the domain that each text hides: that of intervals by their leaves."""
    return {
        text: (len(spans[text]) - 1) / max(1, hierarchy.domain_size - 1)
        if text in spans
        else hierarchy.coverage(text)
        for text in sorted(texts)
    }


def _paths(hierarchy: Hierarchy, spans: Spans) -> dict[str, tuple[str, ...]]:
    """Return each leaf's value on every level, then the intervals that hold it, narrow to wide."""
    held: dict[str, list[str]] = {}
    for text, leaves in sorted(spans.items(), key=lambda each: (len(each[1]), each[0])):
        for leaf in leaves:
            if text not in hierarchy.paths[leaf]:
                held.setdefault(leaf, []).append(text)
    return {leaf: (*path, *held.get(leaf, ())) for leaf, path in hierarchy.paths.items()}


def _released(found: Placement, cells: Sequence[Floats]) -> dict[str, dict[str, int]]:
    """Return the rows of every released value, by column."""
    counts: dict[str, dict[str, int]] = {}
    for ladder, rows in zip(found.ladders, cells, strict=True):
        here: dict[str, int] = {}
        for names, codes, held in zip(ladder.names, ladder.codes, rows, strict=True):
            for code in np.flatnonzero(totals(codes, held, len(names))):
                # A value may stand on several levels, where it means the same.
                more = round(float(held[codes == code].sum()))
                here[names[code]] = here.get(names[code], 0) + more
        counts[ladder.column] = here
    return counts
