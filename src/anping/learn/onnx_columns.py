"""An encoder as ONNX nodes: a table's cells become the matrix that the parts of a model read.

Inputs are columns of one cell a row: numbers as doubles (NaN is missing), dates as doubles holding
proleptic Gregorian ordinals, categories as texts without outer blanks ("" is missing). Which values
a category knows stands in the graph, so that nobody has to keep codes beside it.
"""

from __future__ import annotations

import numpy as np

from anping.learn.columns import Column
from anping.learn.encoder import Encoder, Pair
from anping.learn.onnx_graph import TREES, Graph

#: From a proleptic Gregorian ordinal to days since 1 March of the year 0 (H. Hinnant,
#: "chrono-Compatible Low-Level Date Algorithms", 2013).
_SHIFT = 305
_ERA, _FOUR_YEARS, _CENTURY, _YEAR = 146_097, 1_460, 36_524, 365


def input_kinds(encoder: Encoder) -> dict[str, str]:
    """Return the graph's inputs: each column's name, and what its cells are."""
    return {
        column.feature.name: "string" if column.feature.nature == "category" else "double"
        for column in encoder.columns
    }


def add_matrix(graph: Graph, encoder: Encoder) -> str:
    """Add the nodes of an encoder and return the matrix (n, p), NaN where a cell is missing."""
    places: list[str] = []
    for column in encoder.columns:
        if column.feature.nature == "category":
            places += _category(graph, column)
        elif column.feature.nature == "date":
            places += _date(graph, column)
        else:
            places.append(_number(graph, column))
    places += [_pair(graph, pair, places) for pair in encoder.pairs]
    return graph.add("Concat", places, axis=1)


def _number(graph: Graph, column: Column) -> str:
    """Return a number, its fill where it is missing; what is infinite is missing."""
    name = column.feature.name
    odd = graph.add("Or", [graph.add("IsNaN", [name]), graph.add("IsInf", [name])])
    return graph.where(odd, graph.constant(np.float64(column.fill)), name)


def _category(graph: Graph, column: Column) -> list[str]:
    """Return the code, and where it is told the frequency, of a category."""
    known = list(column.feature.categories)
    codes = graph.add(
        "LabelEncoder",
        [column.feature.name],
        domain=TREES,
        keys_strings=[*known, ""],
        values_int64s=[*range(len(known)), len(known) + 1],
        default_int64=len(known),
    )
    found = [graph.double(codes)]
    if column.shares:
        shares = graph.constant(np.array([*column.shares, 0.0, 0.0]))
        found.append(graph.add("Gather", [shares, codes]))
    return found


def _date(graph: Graph, column: Column) -> list[str]:
    """Return the day, month and weekday of an ordinal, as doubles."""
    day = _number(graph, column)
    missing = graph.add("IsNaN", [day])
    nothing = graph.constant(np.float64(np.nan))
    whole = graph.whole(graph.where(missing, graph.constant(np.float64(1.0)), day))
    parts = (_month(graph, whole), _weekday(graph, whole))
    return [day, *(graph.where(missing, nothing, graph.double(part)) for part in parts)]


def _weekday(graph: Graph, day: str) -> str:
    from_monday = graph.add("Sub", [day, _fixed(graph, 1)])
    return graph.add("Mod", [from_monday, _fixed(graph, 7)])


def _month(graph: Graph, day: str) -> str:
    """Return the month of ordinals from 1 on, all divisions cutting off."""

    def divided(value: str, by: int) -> str:
        return graph.add("Div", [value, _fixed(graph, by)])

    def times(value: str, by: int) -> str:
        return graph.add("Mul", [value, _fixed(graph, by)])

    shifted = graph.add("Add", [day, _fixed(graph, _SHIFT)])
    in_era = graph.add("Mod", [shifted, _fixed(graph, _ERA)])
    less = graph.add("Sub", [in_era, divided(in_era, _FOUR_YEARS)])
    more = graph.add("Add", [less, divided(in_era, _CENTURY)])
    year = divided(graph.add("Sub", [more, divided(in_era, _ERA - 1)]), _YEAR)
    leap = graph.add("Sub", [divided(year, 4), divided(year, 100)])
    before = graph.add("Add", [times(year, _YEAR), leap])
    of_year = graph.add("Sub", [in_era, before])
    from_march = divided(graph.add("Add", [times(of_year, 5), _fixed(graph, 2)]), 153)
    early = graph.add("Less", [from_march, _fixed(graph, 10)])
    turned = graph.where(early, _fixed(graph, 3), _fixed(graph, -9))
    return graph.add("Add", [from_march, turned])


def _pair(graph: Graph, pair: Pair, places: list[str]) -> str:
    left, right = places[pair.left], places[pair.right]
    if pair.operation == "difference":
        return graph.add("Sub", [left, right])
    sizes = [graph.add("Abs", [each]) for each in (left, right)]
    whole = graph.add("Add", sizes)
    something = graph.add("Greater", [whole, graph.constant(np.float64(0.0))])
    ratio = graph.add("Div", [left, whole])
    return graph.where(something, ratio, graph.constant(np.float64(np.nan)))


def _fixed(graph: Graph, value: int) -> str:
    return graph.constant(np.int64(value))
