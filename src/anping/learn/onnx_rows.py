"""Rows to try two forms of a model on: ordinary ones, empty cells, values never seen, and edges."""

from __future__ import annotations

from datetime import date
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from anping.engine.prediction import Feature
from anping.learn.additive import Bins, Curve
from anping.learn.model import Model

Floats = NDArray[np.float64]
_EMPTY, _UNSEEN, _EDGES = 0.1, 0.1, 0.4
_UNKNOWN = "∅ never seen"


def parity_rows(model: Model, *, count: int, seed: int) -> pa.Table:
    """Return ``count`` rows of the model's columns, drawn from its signature and its own edges."""
    draw = np.random.default_rng(seed)
    edges = _edges(model)
    columns, place = {}, 0
    for column in model.encoder.columns:
        feature = column.feature
        drawn = _drawn(feature, edges.get(place, np.empty(0)), count, draw)
        empty = draw.random(count) < _EMPTY
        cells = [None if gone else cell for cell, gone in zip(drawn, empty, strict=True)]
        kind = pa.float64() if feature.nature == "number" else pa.string()
        columns[feature.name] = pa.array(cells, kind)
        place += len(column.names)
    return pa.table(columns)


def _drawn(feature: Feature, edges: Floats, count: int, draw: np.random.Generator) -> list[Any]:
    if feature.nature == "category":
        known = [*feature.categories, _UNKNOWN]
        chances = np.full(len(known), (1 - _UNSEEN) / max(len(known) - 1, 1))
        chances[-1] = 1.0 if len(known) == 1 else _UNSEEN
        return [known[at] for at in draw.choice(len(known), count, p=chances / chances.sum())]
    low = 0.0 if feature.low is None else feature.low
    high = 1.0 if feature.high is None else feature.high
    reach = 0.5 * (high - low) + 1
    numbers = draw.uniform(low - reach, high + reach, count)
    at_edge = draw.random(count) < (_EDGES if edges.size else 0.0)
    if edges.size:
        numbers[at_edge] = draw.choice(edges, int(at_edge.sum()))
    # Whole numbers meet thresholds between two of them, as ages and counts do.
    rounded = ~at_edge & (draw.random(count) < 0.5)
    numbers[rounded] = np.round(numbers[rounded])
    if feature.nature == "number":
        return [float(number) for number in numbers]
    days = np.clip(np.round(numbers), 1, date.max.toordinal()).astype(int)
    return [date.fromordinal(day).isoformat() for day in days]


def _edges(model: Model) -> dict[int, Floats]:
    """Return the thresholds, cuts and knots on each column of the matrix."""
    found: dict[int, list[Floats]] = {}
    forest = model.forest
    if forest is not None:
        inner = (forest.child[:, 0] != np.arange(forest.feature.size)) & (forest.first_bit < 0)
        for at in np.unique(forest.feature[inner]):
            found.setdefault(int(at), []).append(
                np.unique(forest.threshold[inner & (forest.feature == at)])
            )
    for term in () if model.additive is None else model.additive.terms:
        if isinstance(term, Curve):
            found.setdefault(term.feature, []).append(term.knots)
        if isinstance(term, Bins):
            for axis in term.axes:
                if axis.cuts is not None:
                    found.setdefault(axis.feature, []).append(axis.cuts)
    united = {at: np.concatenate(each) for at, each in found.items()}
    return {at: each[np.isfinite(each)] for at, each in united.items()}
