"""Fit the sets of a plan: last of all, because only rows that leave count."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import pyarrow as pa

from anping.core.measure import Measure
from anping.core.text import Text
from anping.engine.table import Table
from anping.protect.deid.generaliser import Generaliser
from anping.protect.fit_columns import FittedColumns
from anping.protect.leaving import Leaving
from anping.protect.plan import Plan
from anping.protect.plan_entries import SetAnonymity
from anping.protect.plan_hierarchies import build_hierarchy
from anping.protect.sets.anonymity import SetsFound, anonymise_sets
from anping.protect.sets.reading import ReadSets, read_sets
from anping.protect.sets.release import SetRelease, Taken
from anping.protect.sets.tree import ItemTree

_METHOD = "k^m-anonymity (Terrovitis et al. 2008): all combinations counted, exact"


def fit_sets(
    table: Table,
    plan: Plan,
    fitted: FittedColumns,
    *,
    generaliser: Generaliser | None,
    folder: Path | None,
) -> FittedColumns:
    """Return the columns with what is done to sets as their last transform, and its measures.

    ``generaliser`` tells which rows the model suppresses: those, and what a sample left out, do not
    count, as nobody sees them. ``folder`` holds the files of ``kind: csv``. Raises PlanError for a hierarchy that lacks
    an item, and InfeasibleError for sets that do not fit in memory.
    """
    leaving = Leaving.of(fitted.columns, generaliser, fitted.chosen)
    for name in plan.named(SetAnonymity):
        entry = next(each for each in plan.columns[name] if isinstance(each, SetAnonymity))
        read = read_sets(table, fitted.columns, name, separator=entry.separator, leaving=leaving)
        found = anonymise_sets(read.baskets, _tree(name, entry, read, folder), k=entry.k, m=entry.m)
        fitted = _with(fitted, name, _One(entry, read, found))
    return fitted


@dataclass(frozen=True)
class _One:
    """One column: what was asked, what stands in it, and what becomes of that."""

    entry: SetAnonymity
    read: ReadSets
    found: SetsFound


def _tree(name: str, entry: SetAnonymity, read: ReadSets, folder: Path | None) -> ItemTree:
    if entry.hierarchy is None or not read.items:
        return ItemTree.flat(read.items)
    counts = read.baskets.counts.tolist()
    hierarchy = build_hierarchy(name, entry.hierarchy, read.items, counts=counts, folder=folder)
    leaves = [hierarchy.leaf_of(item) for item in read.items]
    hierarchy.require(leaves)
    return ItemTree.of(hierarchy.paths, leaves)


def _with(fitted: FittedColumns, name: str, one: _One) -> FittedColumns:
    columns = fitted.columns
    step = _step(one, None if columns.person is None else columns.person.column)
    steps = {**columns.steps, name: (*columns.steps[name], step)}
    measures = (*fitted.measures[name], *_measures(name, one))
    return replace(
        fitted,
        columns=replace(columns, steps=steps),
        measures={**fitted.measures, name: measures},
    )


def _step(one: _One, person: str | None) -> SetRelease:
    found, read = one.found, one.read
    taken = found.taken
    owner, named = read.owners[taken.basket], read.named[taken.basket]
    nodes = max(1, found.tree.nodes)
    return SetRelease(
        one.entry.separator,
        person,
        pa.array(read.items, pa.string()),
        found.cut,
        pa.array(found.tree.texts, pa.string()),
        Taken.of(owner[named], taken.item[named], nodes=nodes),
        Taken.of(owner[~named], taken.item[~named], nodes=nodes),
    )


def _measures(name: str, one: _One) -> Iterator[Measure]:
    entry, found = one.entry, one.found
    n = found.raw.occurrences
    gone = n - int(found.left.sum())
    moved = int((found.tree.own[found.raw.item] != found.cut[found.raw.item]).sum())
    for key, value, title in (
        ("deid.sets.items", n, Text("集合中的項目數", "Items in the sets")),
        ("deid.sets.suppressed", gone, Text("抑制的項目數", "Items suppressed")),
        ("deid.sets.generalised", moved, Text("概化的項目數", "Items generalised")),
    ):
        yield Measure(key, float(value), "cells", n, title, subject=name, method=_METHOD)
    if n:
        title = Text("集合的資訊損失", "Information loss of the sets")
        method = "mean share of the domain that an item's released value covers; suppressed: 1"
        yield Measure("deid.sets.loss", found.loss, "share", n, title, subject=name, method=method)
    if found.support is not None:
        title = Text(
            f"釋出的 {entry.m} 項以內組合最少有幾人",
            f"Fewest people with a released combination of up to {entry.m} items",
        )
        yield Measure(
            "deid.sets.support",
            float(found.support),
            "people",
            int(found.released.occurrences),
            title,
            subject=name,
            method=_METHOD,
        )
