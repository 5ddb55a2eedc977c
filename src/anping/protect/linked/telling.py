"""What joining the tables came to, in measures and words."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, fields, replace
from math import fsum

from anping.core.measure import Measure
from anping.core.text import Text
from anping.protect.apply import Account, Protected, ProtectedFiles
from anping.protect.deid.hierarchy import Hierarchy
from anping.protect.linked.coarsening import State

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


def linked_measures(before: State, after: State, *, people: People) -> Iterator[Measure]:
    """Yield the joined k before and after, and the people that were coarsened or left out.

    ``before`` and ``after`` say how people stand when each table is protected by itself, and now.
    """
    for subject, state in (("before", before), ("after", after)):
        there = state.shared[state.shared > 0]
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
        rare = float((there < state.k).mean())
        yield Measure("deid.linked.rare", rare, "share", int(there.size), title, subject)
        title = Text(
            "合併各表後不符合 l、t 等準則者",
            "People whose joined profile fails l, t or another criterion",
        )
        failing = float(state.failing.sum()) / int(there.size)
        yield Measure("deid.linked.failing", failing, "share", int(there.size), title, subject)
    left = int((after.shared > 0).sum())
    title = Text("釋出於任一表的人數", "People released in one table or more")
    yield Measure("deid.linked.people", float(left), "people", people.all, title, method="count")
    title = Text("在兩個以上的表中的人數", "People in two tables or more")
    yield Measure(
        "deid.linked.shared", float(people.shared), "people", people.all, title, method="count"
    )


def retold(
    done: Protected | ProtectedFiles, counts: Mapping[str, Mapping[str, int]], *, suppressed: int
) -> Account:
    """Return a table's account, corrected for its coarsened texts and the rows that were left out.

    ``counts`` are, by generalised column, the rows of each text as it is released now.
    """
    coverage = {
        name: _coverage(known, done.hierarchies.get(name), counts[name])
        for name, known in done.coverage.items()
    }
    released = done.table.num_rows if isinstance(done, Protected) else done.table.rows
    rows = released + suppressed
    lost = {name: _lost(coverage[name], counts[name]) for name in coverage}
    fresh = {"deid.rows.released": float(released), "deid.rows.suppressed": float(suppressed)}
    if coverage:
        fresh["deid.information_loss"] = (fsum(lost.values()) / len(lost) + suppressed) / rows
    measures = []
    for measure in done.measures:
        now = measure
        if measure.name in fresh:
            now = replace(measure, value=fresh[measure.name], n=rows)
        elif measure.name == "deid.rows.raw":
            now = replace(measure, value=float(rows), n=rows)
        elif measure.name == "deid.column_loss" and released:
            now = replace(measure, value=lost[measure.subject] / released, n=released)
        measures.append(now)
    told = {each.name: getattr(done, each.name) for each in fields(Account)}
    return Account(**{**told, "coverage": coverage, "measures": tuple(measures)})


def _coverage(
    known: Mapping[str, float], hierarchy: Hierarchy | None, texts: Iterable[str]
) -> dict[str, float]:
    found = dict(known)
    for text in texts:
        if text not in found:
            try:
                found[text] = 1.0 if hierarchy is None else hierarchy.coverage(text)
            except KeyError:
                found[text] = 1.0
    return found


def _lost(coverage: Mapping[str, float], counts: Mapping[str, int]) -> float:
    return fsum(coverage[text] * many for text, many in counts.items())
