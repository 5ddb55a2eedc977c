"""An ordered column: its leaves in order, and what a run of neighbouring leaves is called.

Leaves that are numbers, intervals of numbers or dates have an order. A run is released as an
interval whose ends are borders between leaves: of whole years or months, of the hierarchy's own
narrowest intervals, or, where leaves are observed numbers, a round number between two of them. So
no end of an interval is told by one person's value.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise
from math import floor, inf, log10

import numpy as np
import numpy.typing as npt

from anping.protect.deid.hierarchy import MISSING, TOP, Hierarchy

#: More leaves than this are not cut freely: two places must fit in one number.
MOST_LEAVES = 40_000
_NUMBER = r"-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?"
_PLAIN = re.compile(_NUMBER)
_OVER = re.compile(r"(\d+)\+")
_BELOW = re.compile(rf"<({_NUMBER})")
_WITHIN = re.compile(rf"\[({_NUMBER}), ({_NUMBER})\)")
_ABOVE = re.compile(rf">=({_NUMBER})")
_DATES = (
    re.compile(r"\d{4}-\d{2}-\d{2}"),
    re.compile(r"\d{4}-\d{2}"),
    re.compile(r"\d{4}-Q[1-4]"),
    re.compile(r"\d{4}-\d{4}"),
)


@dataclass(frozen=True)
class Scale:
    """The leaves of one column in order, the missing one apart.

    ``ends[place]`` are the numbers where a leaf begins and ends (None for dates, which are written
    as they are); ``closed`` says that leaves are neighbouring whole numbers.
    """

    hierarchy: Hierarchy
    leaves: tuple[str, ...]
    ends: tuple[tuple[float, float], ...] | None
    closed: bool

    @property
    def missing(self) -> bool:
        """Whether the domain has a missing leaf too; it stands after all others."""
        return len(self.leaves) < self.hierarchy.domain_size

    @property
    def size(self) -> int:
        """The number of leaves, with the missing one."""
        return self.hierarchy.domain_size

    @cached_property
    def place(self) -> dict[str, int]:
        """The place of each leaf in the order."""
        order = {leaf: place for place, leaf in enumerate(self.leaves)}
        return order | ({MISSING: len(self.leaves)} if self.missing else {})

    @cached_property
    def roundness(self) -> npt.NDArray[np.int64]:
        """For the border after each leaf but the last, the highest level on which it is a border."""
        paths = [self.hierarchy.paths[leaf] for leaf in self.leaves]
        found = [
            max((level for level, pair in enumerate(zip(a, b, strict=True)) if pair[0] != pair[1]),
                default=0)
            for a, b in pairwise(paths)
        ]  # fmt: skip
        return np.asarray(found, np.int64)

    def covered(self, low: int, high: int) -> tuple[str, ...]:
        """Return the leaves from one place to another, both included."""
        run = self.leaves[low : high + 1]
        return (*run, MISSING) if high >= len(self.leaves) else run

    def text(self, low: int, high: int) -> str:
        """Return what a run of leaves is called; ``*`` for the whole domain."""
        if high - low + 1 == self.size:
            return self._top
        if low == high:
            return self.covered(low, high)[0]
        text = self._written(low, high)
        # A given hierarchy may use the same name for something else.
        held = self._held.get(text)
        if held is None or held == set(self.covered(low, high)):
            return text
        return f"{self.leaves[low]} .. {self.leaves[high]}"

    @cached_property
    def _held(self) -> dict[str, set[str]]:
        """The leaves that each of the hierarchy's values stands for."""
        found: dict[str, set[str]] = {}
        for leaf, path in self.hierarchy.paths.items():
            for text in path:
                found.setdefault(text, set()).add(leaf)
        return found

    @property
    def _top(self) -> str:
        tops = {path[-1] for path in self.hierarchy.paths.values()}
        return tops.pop() if len(tops) == 1 else TOP

    def _written(self, low: int, high: int) -> str:
        first, last = self.leaves[low], self.leaves[high]
        if self.ends is None:
            years = len(first) in (4, 9) and "Q" not in first
            return f"{first[:4]}-{last[-4:]}" if years else f"{first}/{last}"
        if self.closed:
            if _OVER.fullmatch(last):
                return f"{first}+"
            return f"{first}-{last}" if not first.startswith("-") else f"[{first}, {last}]"
        start = self._cut(low - 1) if low else -inf
        end = self._cut(high) if high + 1 < len(self.leaves) else inf
        return _interval(start, end)

    def _cut(self, place: int) -> float:
        """Return the border after a leaf."""
        ends = self.ends or ()
        return roundest(ends[place][1], ends[place + 1][0])


def scale_of(hierarchy: Hierarchy) -> Scale | None:
    """Return a column's scale, or None where its leaves have no order that is known here."""
    leaves = [leaf for leaf in hierarchy.leaves if leaf != MISSING]
    if not 2 <= len(leaves) <= MOST_LEAVES:
        return None
    for form in _DATES:
        if all(form.fullmatch(leaf) for leaf in leaves):
            return Scale(hierarchy, tuple(sorted(leaves)), None, closed=False)
    found = [(ends, leaf) for leaf in leaves if (ends := _ends(leaf)) is not None]
    if len(found) < len(leaves):
        return None
    found.sort(key=lambda each: each[0])
    ordered, bounds = tuple(leaf for _, leaf in found), tuple(each for each, _ in found)
    return Scale(hierarchy, ordered, bounds, _neighbouring(ordered, bounds))


def roundest(low: float, high: float) -> float:
    """Return the number with the fewest digits that is above ``low`` and at most ``high``."""
    if not low < high:
        return high
    power = floor(log10(high - low)) + 1
    for exponent in range(power, power - 4, -1):
        step = 10.0**exponent
        found = float(f"{floor(high / step) * step:.12g}")
        if low < found <= high:
            return found
    return high


def _ends(leaf: str) -> tuple[float, float] | None:
    """Return where a leaf begins and ends: the same number for a number, None if it is neither."""
    if _PLAIN.fullmatch(leaf):
        return float(leaf), float(leaf)
    if match := _OVER.fullmatch(leaf):
        return float(match[1]), inf
    if match := _BELOW.fullmatch(leaf):
        return -inf, float(match[1])
    if match := _WITHIN.fullmatch(leaf):
        return float(match[1]), float(match[2])
    if match := _ABOVE.fullmatch(leaf):
        return float(match[1]), inf
    return None


def _neighbouring(leaves: tuple[str, ...], ends: tuple[tuple[float, float], ...]) -> bool:
    whole = all(leaf.removesuffix("+").lstrip("-").isdigit() for leaf in leaves)
    return whole and all(b[0] - a[0] == 1 for a, b in pairwise(ends))


def _interval(start: float, end: float) -> str:
    if start == -inf:
        return f"<{_number(end)}" if end < inf else "(-inf, inf)"
    return f">={_number(start)}" if end == inf else f"[{_number(start)}, {_number(end)})"


def _number(value: float) -> str:
    return str(int(value)) if value.is_integer() and abs(value) < 1e15 else f"{value:.12g}"
