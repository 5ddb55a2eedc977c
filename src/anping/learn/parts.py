"""Parts of a model as named arrays, for files without code in them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields
from typing import Any

import numpy as np
from numpy.typing import NDArray

from anping.learn.additive import Additive, Axis, Bins, Curve, Term
from anping.learn.design import Part
from anping.learn.forest import Forest

Array = NDArray[Any]


def arrays_of(part: Part) -> tuple[dict[str, Any], dict[str, Array]]:
    """Return what a part is in plain values, and its arrays by name."""
    if isinstance(part, Forest):
        held = {field.name: getattr(part, field.name) for field in fields(Forest)}
        if not part.cover.size:
            del held["cover"]
        return {"kind": "forest"}, held
    arrays: dict[str, Array] = {"base": part.base}
    terms = []
    for number, term in enumerate(part.terms):
        told, own = _term(term)
        terms.append(told)
        arrays |= {f"{number}.{name}": array for name, array in own.items()}
    return {"kind": "additive", "terms": terms}, arrays


def _term(term: Term) -> tuple[dict[str, Any], dict[str, Array]]:
    if isinstance(term, Curve):
        arrays = {"knots": term.knots, "heights": term.heights, "missing": term.missing}
        return {"kind": "curve", "feature": term.feature}, arrays
    axes = [{"feature": axis.feature, "codes": axis.codes} for axis in term.axes]
    cuts = {f"cuts{at}": a.cuts for at, a in enumerate(term.axes) if a.cuts is not None}
    return {"kind": "bins", "axes": axes}, {"heights": term.heights, **cuts}


def part_of(told: Mapping[str, Any], arrays: Mapping[str, Array]) -> Part:
    """Return the part of what :func:`arrays_of` gave. Raises KeyError or ValueError for anything else."""
    if told["kind"] == "forest":
        # Files from before covers were kept have none.
        given = {"cover": np.zeros(0), **arrays}
        forest = Forest(**{field.name: given[field.name] for field in fields(Forest)})
        _check(forest)
        return forest
    if told["kind"] != "additive":
        raise ValueError(told["kind"])
    terms = []
    for number, each in enumerate(told["terms"]):
        own = {
            name.split(".", 1)[1]: array
            for name, array in arrays.items()
            if name.startswith(f"{number}.")
        }
        terms.append(_read_term(each, own))
    return Additive(arrays["base"], tuple(terms))


def _read_term(told: Mapping[str, Any], arrays: Mapping[str, Array]) -> Term:
    if told["kind"] == "curve":
        return Curve(told["feature"], arrays["knots"], arrays["heights"], arrays["missing"])
    axes = tuple(
        Axis(axis["feature"], arrays.get(f"cuts{at}"), axis["codes"])
        for at, axis in enumerate(told["axes"])
    )
    return Bins(axes, arrays["heights"])


def _check(forest: Forest) -> None:
    """Raise ValueError where a walk could leave the arrays: files come from outside."""
    nodes = forest.feature.size
    lengths = {
        forest.threshold.size, forest.missing_left.size, forest.value.size,
        forest.first_bit.size, forest.bit_count.size, len(forest.child),
    }  # fmt: skip
    sets = forest.first_bit >= 0
    beyond = (forest.first_bit + forest.bit_count)[sets] > forest.bits.size
    inside = [
        lengths <= {nodes},
        forest.cover.size in (0, nodes),
        bool((forest.cover >= 0).all()),
        forest.child.shape == (nodes, 2),
        not nodes or (int(forest.child.min()) >= 0 and int(forest.child.max()) < nodes),
        not nodes or int(forest.feature.min()) >= 0,
        forest.roots.size == forest.depth.size == forest.output.size,
        not forest.roots.size or 0 <= int(forest.roots.min()) <= int(forest.roots.max()) < nodes,
        not forest.output.size or int(forest.output.max()) < forest.base.size,
        not beyond.any(),
        # A child stands behind its parent, or is a leaf: a walk ends.
        not nodes or bool(_forward(forest).all()),
    ]
    if not all(inside):
        msg = "the arrays are no forest"
        raise ValueError(msg)


def _forward(forest: Forest) -> NDArray[np.bool_]:
    here = np.arange(forest.feature.size)[:, None]
    leaf = (forest.child == here).all(axis=1, keepdims=True)
    forward: NDArray[np.bool_] = (forest.child > here) | leaf
    return forward
