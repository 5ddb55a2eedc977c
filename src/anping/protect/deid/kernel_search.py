"""The whole search where only class sizes matter, in compiled code: the loop of ``search`` itself.

The same nodes in the same order as :mod:`anping.protect.deid.search` evaluates, as long as sums are
rounded alike; the same proof. Python is entered again after some evaluations only.
"""

from __future__ import annotations

from typing import NamedTuple

import numba
import numpy as np
import numpy.typing as npt

from anping.protect.deid.class_sizes import Places
from anping.protect.deid.encoding import Codes, Floats
from anping.protect.deid.kernel import (
    Held,
    Memory,
    classes,
    cleared,
    left_to_lose,
    memory_for,
    slots_of_tuples,
    small_classes,
)
from anping.protect.deid.kernel_bounds import (
    Lattice,
    chain,
    highest_equal,
    lower,
    node_of,
    number_of,
    raise_below,
)

States = npt.NDArray[np.int32]
#: Roll-ups hold so many tuples at most, and so many times the table's.
_MOST_TUPLES, _TIMES = 2**23, 64
_WORTH_ROLLING_UP = 512
_SMALLER = 0.8
_ASKED = 1


class Columns(NamedTuple):
    """The columns' levels, and the groups that they form.

    A group's columns begin at ``group`` and its entries in a node's table at ``entry``. ``first``
    (column, level) is where the level's ``codes`` and ``costs`` by leaf begin, ``sizes`` how many
    different codes it has.
    """

    group: Codes
    entry: Codes
    leaves: Codes
    first: Codes
    sizes: Codes
    codes: Codes
    costs: Floats


class RollUps(NamedTuple):
    """Tuples that serve many nodes, one roll-up after the other; the first are the finest.

    ``kept`` tells for every choice of levels of the first columns in ``order`` which serve it: 0
    nothing known, 1 asked for once, 2 the finest, 3 the first roll-up ... ``path`` is where the
    choices for that many columns begin. ``used`` holds the number of roll-ups and of tuples.
    """

    order: Codes
    path: Codes
    kept: States
    start: Codes
    sizes: Codes
    used: Codes
    held: Held


class Work(NamedTuple):
    """What evaluating a node writes to: its levels and table, and coarser levels on the way."""

    node: Codes
    coarser: Codes
    keys: Codes
    costs: Floats
    path: Codes
    memory: Memory


def roll_ups_of(places: Places, rows: Codes, top: Codes, order: Codes) -> RollUps:
    """Return the finest tuples, with room for roll-ups."""
    choices = np.cumprod(top[order] + 1)
    path = np.cumsum(np.append(0, choices[:-1]))
    size = rows.size
    room = size + min(_MOST_TUPLES, _TIMES * size)
    held = Held(np.empty_like(places, shape=(len(places), room)), np.empty(room, np.int64))
    held.places[:, :size], held.rows[:size] = places, rows
    most = 2**13
    start, sizes = np.zeros(most, np.int64), np.zeros(most, np.int64)
    sizes[0] = size
    kept = np.zeros(int(path[-1]) + 1, np.int32)
    return RollUps(order, path, kept, start, sizes, np.array([1, size]), held)


def work_for(columns: Columns, top: Codes, most: int) -> Work:
    """Return the memory for evaluations of up to ``most`` tuples."""
    entries = int(columns.entry[-1])
    return Work(
        np.zeros(top.size, np.int64), np.zeros(top.size, np.int64), np.zeros(entries, np.int64),
        np.zeros(entries), np.zeros((int(top.sum()) + 1, top.size), np.int64), memory_for(most),
    )  # fmt: skip


class State(NamedTuple):
    """One search: classes of fewer than ``least`` rows are suppressed, ``allowed`` of all ``rows``."""

    lattice: Lattice
    columns: Columns
    rolled: RollUps
    work: Work
    least: int
    allowed: int
    rows: int


@numba.njit(cache=True, nogil=True)
def _part(rolled: RollUps, start: int, size: int) -> Held:
    """Return the tuples from ``start`` on."""
    places, rows = rolled.held.places, rolled.held.rows
    return Held(places[:, start : start + size], rows[start : start + size])


@numba.njit(cache=True, nogil=True)
def _tabled(columns: Columns, node: Codes, keys: Codes, costs: Floats) -> int:
    """Fill in the table of a node, and return the bound above its keys."""
    bound = 1
    for group in range(columns.group.size - 2, -1, -1):
        start, size, radix = columns.entry[group], 1, bound
        keys[start], costs[start] = 0, 0.0
        for column in range(columns.group[group], columns.group[group + 1]):
            leaves, sizes = columns.leaves[column], columns.sizes[column, node[column]]
            first = columns.first[column, node[column]]
            # From behind, so that nothing is overwritten that is still to be read.
            for place in range(start + size - 1, start - 1, -1):
                key, cost = keys[place] * sizes, costs[place]
                at = start + (place - start) * leaves
                for leaf in range(leaves):
                    keys[at + leaf] = key + columns.codes[first + leaf]
                    costs[at + leaf] = cost + columns.costs[first + leaf]
            size *= leaves
            radix *= sizes
        for place in range(start, start + size):
            keys[place] *= bound
        bound = radix
    return bound


@numba.njit(cache=True, nogil=True)
def _serving(top: Codes, columns: Columns, rolled: RollUps, work: Work) -> int:
    """Return the roll-up that serves the node; a path that is asked for again is rolled up."""
    found, number = 0, 0
    work.coarser[:] = 0
    for depth in range(rolled.order.size - 1):
        column = rolled.order[depth]
        level = work.node[column]
        number = number * (top[column] + 1) + level
        if level == 0:
            continue
        if rolled.sizes[found] < _WORTH_ROLLING_UP:
            break
        work.coarser[column] = level
        slot = rolled.path[depth] + number
        if rolled.kept[slot] > _ASKED:
            found = int(rolled.kept[slot]) - 2
        elif rolled.kept[slot] == _ASKED:
            made = _rolled(columns, rolled, work, found)
            if made < 0:
                return found
            found = made
            rolled.kept[slot] = found + 2
        else:
            rolled.kept[slot] = _ASKED
    return found


@numba.njit(cache=True, nogil=True)
def _rolled(columns: Columns, rolled: RollUps, work: Work, among: int) -> int:
    """Return the number of a new roll-up, the old one's where it is not much smaller, -1 without room."""
    number, used = rolled.used[0], rolled.used[1]
    start, size = rolled.start[among], rolled.sizes[among]
    if used + size > rolled.held.rows.size or number == rolled.start.size:
        # All are forgotten but the finest; what is there stays as it is until the next is made.
        rolled.kept[:] = 0
        rolled.used[0], rolled.used[1] = 1, rolled.sizes[0]
        return -1
    bound = _tabled(columns, work.coarser, work.keys, work.costs)
    held, into = _part(rolled, start, size), _part(rolled, used, size)
    slots_of_tuples(held, work.keys.view(np.uint64), bound, work.memory)
    made = classes(held, into, work.memory)
    if made > _SMALLER * size:
        return among
    rolled.start[number], rolled.sizes[number] = used, made
    rolled.used[0], rolled.used[1] = number + 1, used + made
    return int(number)


@numba.njit(cache=True, nogil=True)
def _visited(state: State) -> None:
    """Evaluate the node in ``work``, remember it if it is the best, and use what it proves."""
    lattice, rolled, work = state.lattice, state.rolled, state.work
    number = number_of(lattice, work.node)
    if lattice.seen[number]:
        return
    lattice.seen[number] = True
    lattice.evaluated[0] += 1
    served = _serving(lattice.top, state.columns, rolled, work)
    held = _part(rolled, rolled.start[served], rolled.sizes[served])
    bound = _tabled(state.columns, work.node, work.keys, work.costs)
    slots_of_tuples(held, work.keys.view(np.uint64), bound, work.memory)
    chosen, suppressed = small_classes(held.rows, state.least, work.memory)
    cleared(held.rows.size, work.memory)
    if suppressed > state.allowed or suppressed >= state.rows:
        raise_below(lattice, work.node, np.inf)
        return
    penalty = left_to_lose(held, work.costs, chosen, work.memory) / state.rows
    _compared(lattice, number, suppressed, lattice.least[number] + penalty)
    raise_below(lattice, work.node, penalty)
    lattice.bound[number] = np.inf


@numba.njit(cache=True, nogil=True)
def _compared(lattice: Lattice, number: int, suppressed: int, score: float) -> None:
    """Remember a node if it is better than the best, or as good and to be preferred."""
    if score > lattice.limit[1]:
        return
    best = lattice.best
    if lattice.limit[0] > highest_equal(score):
        lower(lattice, score)
    elif best[1] < suppressed or (best[1] == suppressed and not _lower(lattice, number, best[0])):
        return
    best[0], best[1] = number, suppressed


@numba.njit(cache=True, nogil=True)
def _lower(lattice: Lattice, one: int, other: int) -> bool:
    """Return whether a node's levels are lower than another's, compared from the last column on."""
    for column in range(lattice.top.size - 1, -1, -1):
        width = lattice.top[column] + 1
        mine, its = one % width, other % width
        if mine != its:
            return bool(mine < its)
        one //= width
        other //= width
    return False


@numba.njit(cache=True, nogil=True)
def visit_top(state: State) -> None:
    """Evaluate the most general node."""
    state.work.node[:] = state.lattice.top
    _visited(state)


@numba.njit(cache=True, nogil=True)
def rule_out_lowest(state: State) -> None:
    """Rule out the node of the lowest bound by the most general node above it that does."""
    lattice, work = state.lattice, state.work
    target = np.argmin(lattice.bound)
    if lattice.bound[target] == np.inf:
        return
    node_of(lattice, target, work.node)
    low, high = 0, chain(lattice, work.node, work.path) - 1
    while low < high:
        middle = (low + high + 1) // 2
        work.node[:] = work.path[middle]
        _visited(state)
        if lattice.bound[target] == np.inf:
            low = middle
        else:
            high = middle - 1
    if lattice.bound[target] != np.inf:
        node_of(lattice, target, work.node)
        _visited(state)


@numba.njit(cache=True, nogil=True)
def visit_in_order(state: State, order: Codes, most: int) -> int:
    """Evaluate the nodes of ``order`` that are left, until ``most`` have been; return how far it came."""
    lattice = state.lattice
    for place in range(order.size):
        if lattice.bound[order[place]] != np.inf:
            if lattice.evaluated[0] >= most:
                return place
            node_of(lattice, order[place], state.work.node)
            _visited(state)
    return int(order.size)
