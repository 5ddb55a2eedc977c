"""What joining the tables came to, in measures and words."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from math import fsum

import pyarrow as pa

from anping.core.measure import Measure
from anping.core.text import Text
from anping.protect.apply import Protected
from anping.protect.deid.hierarchy import MISSING, Hierarchy
from anping.protect.deid.loss import information_loss_of_release
from anping.protect.linked.people import Whole

_SETS = Text(
    "合併後的 k 以各表準識別項的組合為準；一人在某表有幾列、以及準識別項以外的欄位，不在其中。",
    "The joined k is about the quasi-identifiers of all tables: how many rows a person has in one, and"
    " other columns, are outside it.",
)
_TOGETHER = Text(
    "保護只對這些表一起成立；日後另釋出同一批人的表，要與它們一起重新保護。",
    "The protection holds for these tables together: another table of the same people, released"
    " later, needs them to be protected again with it.",
)


@dataclass(frozen=True, slots=True)
class People:
    """How many people the raw tables are about, and how many of them are in two or more."""

    all: int
    shared: int


def linked_limits() -> tuple[Text, ...]:
    """Return what tables protected together do not show."""
    return (_SETS, _TOGETHER)


def linked_measures(before: Whole, after: Whole, *, k: int, people: People) -> Iterator[Measure]:
    """Yield the joined k before and after, and the people that were coarsened or left out.

    ``before`` and ``after``, shape (people,), say by how many each joined profile is shared when
    each table is protected by itself, and now; 0 for people who are not there.
    """
    for subject, shared in (("before", before), ("after", after)):
        there = shared[shared > 0]
        if not there.size:
            continue
        title = Text("合併各表後的 k", "k over all tables joined")
        method = "people who share the set of released tuples in all tables"
        yield Measure(
            "deid.linked.k",
            float(there.min()),
            "people",
            int(there.size),
            title,
            subject,
            None,
            method,
        )
        title = Text("合併各表後少於 k 人相同者", "People whose joined profile fewer than k share")
        rare = float((there < k).mean())
        yield Measure("deid.linked.rare", rare, "share", int(there.size), title, subject)
    left = int((after > 0).sum())
    title = Text("釋出於任一表的人數", "People released in one table or more")
    yield Measure("deid.linked.people", float(left), "people", people.all, title, method="count")
    title = Text("在兩個以上的表中的人數", "People in two tables or more")
    yield Measure(
        "deid.linked.shared", float(people.shared), "people", people.all, title, method="count"
    )


def retold(done: Protected, table: pa.Table, *, suppressed: int) -> Protected:
    """Return the protected table with its coarsened texts, and its account corrected for them."""
    coverage = {
        name: _coverage(known, done.hierarchies.get(name), table.column(name))
        for name, known in done.coverage.items()
    }
    rows = table.num_rows + suppressed
    fresh = {"deid.rows.released": float(table.num_rows), "deid.rows.suppressed": float(suppressed)}
    if coverage:
        fresh["deid.information_loss"] = information_loss_of_release(
            table, coverage, suppressed_rows=suppressed
        )
    measures = []
    for measure in done.measures:
        now = measure
        if measure.name in fresh:
            now = replace(measure, value=fresh[measure.name], n=rows)
        elif measure.name == "deid.rows.raw":
            now = replace(measure, value=float(rows), n=rows)
        elif measure.name == "deid.column_loss" and table.num_rows:
            lost = _mean(coverage[measure.subject], table.column(measure.subject))
            now = replace(measure, value=lost, n=table.num_rows)
        measures.append(now)
    return replace(done, table=table, coverage=coverage, measures=tuple(measures))


def _coverage(
    known: Mapping[str, float], hierarchy: Hierarchy | None, cells: pa.ChunkedArray
) -> dict[str, float]:
    found = dict(known)
    for text in cells.unique().fill_null(MISSING).to_pylist():
        if text not in found:
            try:
                found[text] = 1.0 if hierarchy is None else hierarchy.coverage(text)
            except KeyError:
                found[text] = 1.0
    return found


def _mean(coverage: Mapping[str, float], cells: pa.ChunkedArray) -> float:
    counts = cells.fill_null(MISSING).value_counts()
    values, times = (each.to_pylist() for each in counts.flatten())
    lost = fsum(coverage[value] * many for value, many in zip(values, times, strict=True))
    return float(lost / max(1, sum(times)))
