"""Rows with the same leaves are one tuple with counts; a coarser node works on fewer tuples.

The search never looks at rows: every node is evaluated on the tuples of the finest node, or
of any finer node that was kept (a *roll-up snapshot*, LeFevre et al. 2005, SIGMOD).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from math import prod

import numpy as np
import numpy.typing as npt

from anping.protect.deid.encoding import Codes, Floats, Ladder, Node

_LARGEST_KEY = 2**62
_LARGEST_TABLE = 65_536
_FEW = 8

Bools = npt.NDArray[np.bool_]
Groups = tuple[tuple[int, ...], ...]


@dataclass(frozen=True)
class Attribute:
    """The values of one sensitive column: (tuple, value) pairs, ascending, with their rows' numbers.

    ``hashes`` says which value each is; ``whole`` counts its rows in the whole table, whichever
    tuples are looked at.
    """

    column: str
    tuple_of: Codes
    value: Codes
    rows: Floats
    hashes: Codes
    whole: Floats

    @property
    def size(self) -> int:
        """The number of values."""
        return int(self.whole.size)


@dataclass(frozen=True)
class Tuples:
    """Distinct tuples. ``packed[g]`` combines the leaves of the columns ``groups[g]``.

    ``rows`` counts rows; ``once`` counts people with a single row, who simply add up. People with
    several rows are the pairs (``pair_tuple``, ``pair_person``), ascending, counted once per class.
    ``population`` counts the rows of a population table, if there is one; a tuple of which only
    the population has rows has none itself.
    """

    groups: Groups
    packed: tuple[Codes, ...]
    rows: Floats
    once: Floats
    pair_tuple: Codes
    pair_person: Codes
    people: int
    attributes: tuple[Attribute, ...]
    population: Floats | None = None

    @property
    def size(self) -> int:
        """The number of tuples."""
        return int(self.rows.size)


@dataclass(frozen=True)
class Encoded:
    """A table as far as the model and the loss look at it: its columns' levels and its tuples.

    ``tuple_of`` gives the tuple of each row, where the rows are in memory.
    """

    ladders: tuple[Ladder, ...]
    tuples: Tuples
    tuple_of: npt.NDArray[np.int32] | None = None

    @cached_property
    def rows(self) -> int:
        """The number of rows."""
        return round(float(self.tuples.rows.sum()))

    @property
    def top(self) -> Node:
        """The node in which every column stands on its highest level."""
        return tuple(ladder.height for ladder in self.ladders)

    @cached_property
    def marginals(self) -> tuple[Floats, ...]:
        """Each column's number of rows per leaf."""
        found: list[Floats] = [np.zeros(0)] * len(self.ladders)
        for group, codes in zip(self.tuples.groups, self.tuples.packed, strict=True):
            sizes = [self.ladders[column].sizes[0] for column in group]
            counts = totals(codes, self.tuples.rows, prod(sizes)).reshape(sizes)
            for axis, column in enumerate(group):
                others = tuple(each for each in range(len(group)) if each != axis)
                found[column] = counts.sum(axis=others)
        return tuple(found)

    def people(self) -> int:
        """Return the number of distinct people: rows, where there is no person column."""
        return round(float(self.tuples.once.sum())) + int(np.unique(self.tuples.pair_person).size)

    def leaves(self, column: int) -> Codes:
        """Return each tuple's leaf in a column (by its place)."""
        return leaves_of(self.tuples, self.ladders, column)


def groups_of(sizes: Sequence[int], *, largest: int = _LARGEST_TABLE) -> Groups:
    """Return the columns in runs whose leaves combine to at most ``largest`` codes.

    There are as few runs as can be (a column with more leaves than that is a run of its own), and
    among those the largest is as small as can be. ``sizes`` are the columns' numbers of leaves.
    """
    fewest = len(_runs(sizes, largest))
    wanted = {size for size in _products(sizes) if size <= largest}
    for limit in sorted(wanted):
        runs = _runs(sizes, limit)
        if len(runs) <= fewest:
            return runs
    return _runs(sizes, largest)


def _runs(sizes: Sequence[int], largest: int) -> Groups:
    groups: list[tuple[int, ...]] = []
    held = largest + 1
    for column, size in enumerate(sizes):
        if groups and held * size <= largest:
            groups[-1] = (*groups[-1], column)
            held *= size
        else:
            groups.append((column,))
            held = size
    return tuple(groups)


def _products(sizes: Sequence[int]) -> Iterator[int]:
    """Yield the sizes of all runs of columns that are not absurd."""
    for first in range(len(sizes)):
        product = 1
        for size in sizes[first:]:
            product *= size
            if product > _LARGEST_TABLE:
                break
            yield product


def packed_leaves(leaves: Sequence[Codes], sizes: Sequence[int]) -> Codes:
    """Return one code for the leaves of several columns, each below its size."""
    packed = np.zeros(leaves[0].size, np.int64)
    for codes, size in zip(leaves, sizes, strict=True):
        packed = packed * size + codes
    return packed


def leaves_of(tuples: Tuples, ladders: Sequence[Ladder], column: int) -> Codes:
    """Return each tuple's leaf in a column: the inverse of :func:`packed_leaves`."""
    return regrouped(tuples, ladders, (column,))


def regrouped(tuples: Tuples, ladders: Sequence[Ladder], columns: Sequence[int]) -> Codes:
    """Return one code for each tuple's leaves in ``columns``: see :func:`packed_leaves`."""
    sizes = [ladder.sizes[0] for ladder in ladders]
    steps = dict(zip(columns, _steps([sizes[each] for each in columns]), strict=True))
    found = np.zeros(tuples.size, np.int64)
    for group, codes in zip(tuples.groups, tuples.packed, strict=True):
        if steps.keys().isdisjoint(group):
            continue
        within = _steps([sizes[each] for each in group])
        combinations = within[0] * sizes[group[0]]
        listed = combinations <= tuples.size
        known = np.arange(combinations) if listed else codes
        part = np.zeros(known.size, np.int64)
        for column, step in zip(group, within, strict=True):
            if column in steps:
                part += known // step % sizes[column] * steps[column]
        found += part[codes] if listed else part
    return found


def _steps(sizes: Sequence[int]) -> list[int]:
    """Return what each place of a mixed-radix number counts."""
    return [prod(sizes[place + 1 :]) for place in range(len(sizes))]


def rolled_up(tuples: Tuples, class_of: Codes) -> Tuples:
    """Return one tuple per class; ``class_of`` numbers the classes without gaps.

    The first member stands for its class: valid for every node at least as general.
    """
    size = int(class_of.max(initial=-1)) + 1
    first = np.empty(size, np.int64)
    first[class_of[::-1]] = np.arange(class_of.size)[::-1]
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
        population=(
            None if tuples.population is None else totals(class_of, tuples.population, size)
        ),
    )


def chosen_of(tuples: Tuples, chosen: Codes) -> Tuples:
    """Return the tuples at the places ``chosen`` (ascending), numbered anew."""
    pairs, pair_tuple = _pairs_of(tuples.pair_tuple, chosen, tuples.size)
    return Tuples(
        groups=tuples.groups,
        packed=tuple(codes[chosen] for codes in tuples.packed),
        rows=tuples.rows[chosen],
        once=tuples.once[chosen],
        pair_tuple=pair_tuple,
        pair_person=tuples.pair_person[pairs],
        people=tuples.people,
        attributes=tuple(_chosen_attribute(item, chosen, tuples) for item in tuples.attributes),
        population=None if tuples.population is None else tuples.population[chosen],
    )


def _pairs_of(owner: Codes, chosen: Codes, size: int) -> tuple[Codes, Codes]:
    """Return the places of pairs whose owner is ``chosen``, and the owners' new numbers.

    The ``owner`` of each pair, one of ``size`` tuples, ascends.
    """
    if _FEW * chosen.size < owner.size:
        # Of few tuples the pairs are looked up; else all pairs are gone through.
        first = np.searchsorted(owner, chosen)
        lengths = np.searchsorted(owner, chosen, "right") - first
        number = np.repeat(np.arange(chosen.size), lengths)
        before = np.cumsum(lengths) - lengths
        return np.arange(number.size) + (first - before)[number], number
    place = np.full(size, -1, np.int64)
    place[chosen] = np.arange(chosen.size)
    numbers = place[owner]
    kept = np.flatnonzero(numbers >= 0)
    return kept, numbers[kept]


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


def dense(keys: Codes, bound: int) -> tuple[Codes, int]:
    """Return keys from 0 to below ``bound`` renumbered without gaps in their order, and how many."""
    if bound > 4 * keys.size + 2**16:
        distinct, numbered = np.unique(keys, return_inverse=True)
        return np.asarray(numbered, np.int64), int(distinct.size)
    seen = np.zeros(bound, np.bool_)
    seen[keys] = True
    number = np.cumsum(seen) - 1
    return number[keys], int(number[-1]) + 1 if bound else 0


def _rolled_attribute(attribute: Attribute, class_of: Codes) -> Attribute:
    keys = class_of[attribute.tuple_of] * attribute.size + attribute.value
    bound = (int(class_of.max(initial=-1)) + 1) * attribute.size
    number, size = dense(keys, bound)
    pairs = np.empty(size, np.int64)
    pairs[number] = keys
    return replace(
        attribute,
        tuple_of=pairs // attribute.size,
        value=pairs % attribute.size,
        rows=totals(number, attribute.rows, size),
    )


def _chosen_attribute(attribute: Attribute, chosen: Codes, tuples: Tuples) -> Attribute:
    pairs, tuple_of = _pairs_of(attribute.tuple_of, chosen, tuples.size)
    return replace(
        attribute, tuple_of=tuple_of, value=attribute.value[pairs], rows=attribute.rows[pairs]
    )
