"""Curves and tables as ONNX nodes, in doubles."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from anping.learn.additive import Additive, Axis, Bins, Curve
from anping.learn.onnx_graph import Graph

Floats = NDArray[np.float64]


def add_additive(graph: Graph, model: Additive, matrix: str) -> str:
    """Add an additive model's nodes; return the sums (n, outputs)."""
    curves = [term for term in model.terms if isinstance(term, Curve)]
    tables = [term for term in model.terms if isinstance(term, Bins)]
    found = [_curves(graph, curves, matrix)] if curves else []
    found += [_table(graph, table, matrix) for table in tables]
    base = graph.constant(model.base.reshape(1, -1).astype(np.float64))
    if not found:
        # A model of a base alone still answers once for every row.
        first = graph.add("Gather", [matrix, graph.constant(np.array([0]))], axis=1)
        nothing = graph.add("Mul", [_known(graph, first), graph.constant(np.float64(0.0))])
        return graph.add("Add", [nothing, base])
    whole = found[0] if len(found) == 1 else graph.add("Sum", found)
    return graph.add("Add", [whole, base])


def _curves(graph: Graph, curves: Sequence[Curve], matrix: str) -> str:
    """Add all curves at once: a line through knots is its first height and a bend at every knot."""
    features = graph.constant(np.array([curve.feature for curve in curves], dtype=np.int64))
    at = graph.add("Gather", [matrix, features], axis=1)
    missing = graph.add("IsNaN", [at])
    first = np.array([[curve.knots[0] for curve in curves]])
    last = np.array([[curve.knots[-1] for curve in curves]])
    known = graph.where(missing, graph.constant(first), at)
    known = graph.add(
        "Min", [graph.add("Max", [known, graph.constant(first)]), graph.constant(last)]
    )
    owner = np.repeat(np.arange(len(curves)), [curve.knots.size for curve in curves])
    spread = graph.add("Gather", [known, graph.constant(owner.astype(np.int64))], axis=1)
    knots = graph.constant(np.concatenate([curve.knots for curve in curves])[None])
    over = graph.add("Relu", [graph.add("Sub", [spread, knots])])
    bends = np.concatenate([_bends(curve) for curve in curves])
    lines = graph.add("MatMul", [over, graph.constant(bends)])
    apart = np.stack([curve.missing - curve.heights[0] for curve in curves])
    gaps = graph.add("MatMul", [graph.double(missing), graph.constant(apart)])
    starts = np.sum([curve.heights[0] for curve in curves], axis=0, keepdims=True)
    return graph.add("Sum", [lines, gaps, graph.constant(starts)])


def _bends(curve: Curve) -> Floats:
    """Return (k, outputs): by how much the line's slope changes at each knot."""
    rise, run = np.diff(curve.heights, axis=0), np.diff(curve.knots)[:, None]
    # Two knots at one place leave a step, which np.interp passes over, too.
    slopes = np.divide(rise, run, out=np.zeros_like(rise), where=run > 0)
    flat = np.zeros((1, curve.heights.shape[1]))
    return np.diff(np.concatenate([flat, slopes, flat]), axis=0)


def _table(graph: Graph, table: Bins, matrix: str) -> str:
    """Add a table over one column or two: the place in it, and the height there."""
    place = ""
    for axis in table.axes:
        own = _place(graph, axis, matrix)
        if place:
            width = graph.constant(np.int64(axis.bins))
            own = graph.add("Add", [graph.add("Mul", [place, width]), own])
        place = own
    flat = table.heights.reshape(-1, table.heights.shape[-1]).astype(np.float64)
    return graph.add("Gather", [graph.constant(flat), place], axis=0)


def _place(graph: Graph, axis: Axis, matrix: str) -> str:
    """Return (n,): the bin of each row as a whole number."""
    cell = graph.add("Gather", [matrix, graph.constant(np.int64(axis.feature))], axis=1)
    missing = graph.add("IsNaN", [cell])
    zero, one = graph.constant(np.int64(0)), graph.constant(np.int64(1))
    if axis.cuts is not None:
        column = graph.add("Unsqueeze", [cell, graph.constant(np.array([1]))])
        cuts = graph.constant(axis.cuts.reshape(1, -1).astype(np.float64))
        above = graph.whole(graph.add("GreaterOrEqual", [column, cuts]))
        axes = graph.constant(np.array([1]))
        count = graph.add("ReduceSum", [above, axes], keepdims=0)
        return graph.where(missing, zero, graph.add("Add", [count, one]))
    code = graph.where(missing, graph.constant(np.float64(0.0)), cell)
    least, most = graph.constant(np.float64(0.0)), graph.constant(np.float64(axis.codes))
    known = graph.add(
        "And",
        [graph.add("GreaterOrEqual", [code, least]), graph.add("Less", [code, most])],
    )
    inside = graph.add("Add", [graph.whole(code), one])
    place = graph.where(known, inside, graph.constant(np.int64(axis.codes + 1)))
    return graph.where(missing, zero, place)


def _known(graph: Graph, cell: str) -> str:
    return graph.where(graph.add("IsNaN", [cell]), graph.constant(np.float64(0.0)), cell)
