"""Lineage: where a table or a column came from, step by step, and whether its values can still be read.

A trace is a part of the graph of all flows: everything that leads to a place, or follows from it.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Literal

from anping.core.lineage import Dataset, Flow, Place
from anping.core.text import Text

#: What is left of an origin's values at the end: they stand there, are hidden, or only had influence.
Left = Literal["readable", "masked", "influence"]


@dataclass(frozen=True, slots=True)
class Run:
    """One performed step: its place in the ledger, the digest of its statement, and its flows."""

    index: int
    step: str
    title: Text
    digest: str
    started: str
    finished: str
    inputs: tuple[Dataset, ...] = ()
    outputs: tuple[Dataset, ...] = ()
    flows: tuple[Flow, ...] = ()


@dataclass(frozen=True, slots=True)
class Way:
    """A flow and the performed step that it belongs to."""

    run: Run
    flow: Flow


@dataclass(frozen=True, slots=True)
class Trace:
    """The ways to ``target`` (or from it, ``down``), in the order of the ledger, and their steps."""

    target: Place
    down: bool
    runs: tuple[Run, ...]
    ways: tuple[Way, ...]

    @property
    def ends(self) -> tuple[tuple[Place, Left], ...]:
        """The columns at the other end, and what is left of the values between them and the target."""
        return _ends(self)


def trace(runs: Iterable[Run], target: Place, *, down: bool = False) -> Trace:
    """Return what leads to ``target``, or with ``down`` what follows from it.

    ``runs`` are in the order of the ledger. A dataset without columns (a report) is followed as a whole.
    """
    ordered = list(runs)
    reached = _Reached(target, ordered, down=down)
    kept: list[Run] = []
    ways: list[Way] = []
    for run in ordered if down else reversed(ordered):
        found = [Way(run, flow) for flow in run.flows if reached.by(flow)]
        for way in found:
            reached.go(way.flow)
        if reached.whole(run) or found:
            kept.append(run)
            ways += found
    kept.sort(key=lambda run: run.index)
    return Trace(target, down, tuple(kept), tuple(sorted(ways, key=lambda way: way.run.index)))


class _Reached:
    """The places that a walk has come to, against or along the flows."""

    def __init__(self, target: Place, runs: Sequence[Run], *, down: bool) -> None:
        self.down = down
        self.places = {target}
        self.datasets = {target.dataset}
        self.opaque = {
            one.name
            for run in runs
            for one in (*run.inputs, *run.outputs)
            if not one.columns and not any(f.into.dataset == one.name for f in run.flows)
        }
        if target.column is None:
            self.places |= {
                Place(one.name, column)
                for run in runs
                for one in (*run.inputs, *run.outputs)
                if one.name == target.dataset
                for column in one.columns
            }
            self.places |= {
                flow.into
                for run in runs
                for flow in run.flows
                if flow.into.dataset == target.dataset
            }

    def by(self, flow: Flow) -> bool:
        """Return whether the walk comes to a flow; which rows there are bears on every column."""
        near = flow.source if self.down else flow.into
        if near in self.places:
            return True
        return not self.down and near.column is None and near.dataset in self.datasets

    def go(self, flow: Flow) -> None:
        """Come to the other end of a flow."""
        far = flow.into if self.down else flow.source
        self.places.add(far)
        self.datasets.add(far.dataset)

    def whole(self, run: Run) -> bool:
        """Return whether a run is on the way as a whole: what it gave, or took, has no columns."""
        near, far = (run.inputs, run.outputs) if self.down else (run.outputs, run.inputs)
        if not any(one.name in self.datasets & self.opaque for one in near):
            return False
        for one in far:
            self.places |= {Place(one.name), *(Place(one.name, name) for name in one.columns)}
            self.datasets.add(one.name)
        return True


def _ends(found: Trace) -> tuple[tuple[Place, Left], ...]:
    """Return the far ends of a trace's ways, each with the best that any way leaves of it."""
    order: dict[Left, int] = {"readable": 2, "masked": 1, "influence": 0}
    names: dict[int, Left] = {worth: left for left, worth in order.items()}
    worth: dict[Place, int] = {}
    ways = list(found.ways) if found.down else list(reversed(found.ways))
    inner = set()
    for way in ways:
        near, far = way.flow.into, way.flow.source
        if found.down:
            near, far = far, near
        inner.add(near)
        here = 0 if way.flow.kind == "INDIRECT" else 1 if way.flow.masking else 2
        before = worth.get(near, 2)
        worth[far] = max(worth.get(far, 0), min(before, here))
    ends = [place for place in worth if place not in inner and place.column is not None]
    return tuple((place, names[worth[place]]) for place in sorted(ends))
