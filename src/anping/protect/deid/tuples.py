"""Rows with the same leaves are one tuple with counts; a coarser node works on fewer tuples.

The search never looks at rows again: every node is evaluated on the tuples of the finest node, or
of any finer node that was kept (a *roll-up snapshot*, LeFevre et al. 2005, SIGMOD).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from anping.protect.deid.encoding import Codes, Encoded, Ladder, Node

_LARGEST_KEY = 2**62
_LARGEST_TABLE = 65_536

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Attribute:
    """The values of one sensitive column: (tuple, value) pairs with their numbers of rows."""

    tuple_of: Codes
    value: Codes
    rows: Floats
    size: int


@dataclass(frozen=True)
class Tuples:
    """Distinct tuples. ``packed[g]`` combines the leaves of the columns ``groups[g]``.

    ``rows`` counts rows; ``once`` counts people with a single row, who simply add up. People with
    several rows are the pairs (``pair_tuple``, ``pair_person``), counted once per class each time.
    """

    groups: tuple[tuple[int, ...], ...]
    packed: tuple[Codes, ...]
    rows: Floats
    once: Floats
    pair_tuple: Codes
    pair_person: Codes
    people: int
    attributes: tuple[Attribute, ...]

    @property
    def size(self) -> int:
        """The number of tuples."""
        return int(self.rows.size)


def tuples_of(encoded: Encoded) -> tuple[Tuples, Codes]:
    """Return the distinct tuples of the leaves, and each row's tuple."""
    groups = _groups(encoded.ladders)
    packed = tuple(_pack(encoded, group) for group in groups)
    ones = np.ones(encoded.rows)
    every = np.arange(encoded.rows)
    person, people = encoded.person, 0
    once, several = ones, every[:0]
    if person is not None:
        people = int(person.max(initial=-1)) + 1
        repeated = np.bincount(person, minlength=people)[person] > 1
        once, several = (~repeated).astype(np.float64), np.flatnonzero(repeated)
    rows = Tuples(
        groups=groups,
        packed=packed,
        rows=ones,
        once=once,
        pair_tuple=several,
        pair_person=several if person is None else person[several],
        people=people,
        attributes=tuple(
            Attribute(every, value, ones, int(value.max(initial=-1)) + 1)
            for value in encoded.sensitive
        ),
    )
    keys, _ = class_keys(rows, encoded.ladders, (0,) * len(encoded.ladders))
    _, inverse = np.unique(keys, return_inverse=True)
    return rolled_up(rows, inverse), inverse


def rolled_up(tuples: Tuples, class_of: Codes) -> Tuples:
    """Return one tuple per class; ``class_of`` numbers the classes without gaps.

    The first member stands for its class: valid for every node at least as general.
    """
    _, first = np.unique(class_of, return_index=True)
    size = int(first.size)
    pairs = np.unique(class_of[tuples.pair_tuple] * max(1, tuples.people) + tuples.pair_person)
    return Tuples(
        groups=tuples.groups,
        packed=tuple(codes[first] for codes in tuples.packed),
        rows=totals(class_of, tuples.rows, size),
        once=totals(class_of, tuples.once, size),
        pair_tuple=pairs // max(1, tuples.people),
        pair_person=pairs % max(1, tuples.people),
        people=tuples.people,
        attributes=tuple(_rolled_attribute(item, class_of) for item in tuples.attributes),
    )


def class_keys(tuples: Tuples, ladders: tuple[Ladder, ...], node: Node) -> tuple[Codes, int]:
    """Return a key per tuple, equal exactly within a class of ``node``, and a bound above the keys.

    The key is a mixed-radix number. Where the product of the radices would leave 62 bits, the
    partial keys are first replaced by their ranks, so that no key ever overflows.
    """
    keys, bound = np.zeros(tuples.size, np.int64), 1
    for group, codes in zip(tuples.groups, tuples.packed, strict=True):
        table, size = np.zeros(1, np.int64), 1
        for column in group:
            level, ladder = node[column], ladders[column]
            table = np.add.outer(table * ladder.sizes[level], ladder.codes[level]).ravel()
            size *= ladder.sizes[level]
        if bound * size > _LARGEST_KEY:
            ranked, keys = np.unique(keys, return_inverse=True)
            bound = int(ranked.size)
        keys = keys * size + table[codes] if bound > 1 else table[codes]
        bound *= size
    return keys, bound


def costs(tuples: Tuples, ladders: tuple[Ladder, ...], *, node: Node, chosen: Codes) -> Floats:
    """Return the loss per row (0 to 1) of the ``chosen`` tuples at ``node``."""
    total = np.zeros(chosen.size)
    for group, codes in zip(tuples.groups, tuples.packed, strict=True):
        table = np.zeros(1)
        for column in group:
            table = np.add.outer(table, ladders[column].cost[node[column]]).ravel()
        total += table[codes[chosen]]
    return total


def totals(keys: Codes, weights: Floats, size: int) -> Floats:
    """Return the sum of ``weights`` per key, for keys 0 to ``size`` - 1."""
    return np.asarray(np.bincount(keys, weights, size), np.float64)


def _groups(ladders: tuple[Ladder, ...]) -> tuple[tuple[int, ...], ...]:
    """Return the columns in runs whose leaves combine to at most 65,536 codes (or single columns)."""
    groups: list[tuple[int, ...]] = []
    room = 0
    for column, ladder in enumerate(ladders):
        if groups and ladder.sizes[0] <= room:
            groups[-1] = (*groups[-1], column)
            room //= ladder.sizes[0]
        else:
            groups.append((column,))
            room = _LARGEST_TABLE // ladder.sizes[0]
    return tuple(groups)


def _pack(encoded: Encoded, group: tuple[int, ...]) -> Codes:
    packed = np.zeros(encoded.rows, np.int64)
    for column in group:
        packed = packed * encoded.ladders[column].sizes[0] + encoded.leaves[column]
    return packed


def _rolled_attribute(attribute: Attribute, class_of: Codes) -> Attribute:
    keys = class_of[attribute.tuple_of] * attribute.size + attribute.value
    pairs, inverse = np.unique(keys, return_inverse=True)
    return Attribute(
        tuple_of=pairs // attribute.size,
        value=pairs % attribute.size,
        rows=totals(inverse, attribute.rows, int(pairs.size)),
        size=attribute.size,
    )
