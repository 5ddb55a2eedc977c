"""What a goal tells the search: what a node costs, and what that proves about other nodes.

A score is a vector that is compared from its first number on; for most goals it has one number.
Bounds have the shape (width, nodes), levels the shape (columns, nodes). ``lost`` rows are suppressed
at the node itself; ``dead`` rows are suppressed at every more specific node as well.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
import numpy.typing as npt

from anping.protect.deid.encoding import Codes, Floats, Node
from anping.protect.deid.tuples import Bools, Tuples

Levels = npt.NDArray[np.int8]


def along(axes: Sequence[Floats], levels: Levels) -> Floats:
    """Return the sums over the columns of what each level costs, one for each node of ``levels``."""
    total = np.zeros(levels.shape[1])
    for axis, level in zip(axes, levels, strict=True):
        total += axis[level]
    return total


def at(axes: Sequence[Floats], node: Node) -> float:
    """Return the sum over the columns of what the node's levels cost."""
    return sum(float(axis[level]) for axis, level in zip(axes, node, strict=True))


@dataclass(frozen=True, slots=True)
class Grouping:
    """The tuples at one node: the class of each (below ``size``), and which are lost and dead."""

    tuples: Tuples
    node: Node
    keys: Codes
    size: int
    lost: Bools
    dead: Bools


@dataclass(frozen=True, slots=True)
class Priced:
    """A node's score, and what bounds more specific (``below``) and more general nodes (``above``)."""

    score: tuple[float, ...]
    below: tuple[float, ...]
    above: float = 0.0


class Goal(Protocol):
    """A loss over one table, as the search sees it."""

    @property
    def width(self) -> int:
        """The length of a score."""

    def least(self, levels: Levels) -> Floats:
        """Return what nodes cost at the least, before anything is known of them."""

    def price(self, grouping: Grouping) -> Priced:
        """Return what a node costs."""

    def below(self, levels: Levels, least: Floats, priced: Priced) -> Floats:
        """Return what nodes at most as general as a priced one cost at the least."""

    @property
    def bounds_above(self) -> bool:
        """Whether a price proves anything about more general nodes."""

    def above(self, levels: Levels, priced: Priced) -> Floats:
        """Return what nodes at least as general cost at the least."""
