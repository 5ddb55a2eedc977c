"""Protect several tables about the same people, so that joining them finds nobody.

Each table is protected by its own plan, under the same keys. Then every person's *joined profile*
is looked at: the set of released quasi-identifier tuples in all tables, which whoever knows the
person's quasi-identifiers everywhere would look for, as pseudonyms make the rows joinable. A profile
that fewer than k people share is coarsened until k do. That also keeps k in each table by itself:
the people who share a profile share each tuple of it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from anping.core.errors import InfeasibleError, PlanError
from anping.core.measure import Measure
from anping.core.progress import Progress, silent
from anping.core.text import Text
from anping.engine.codes import encode
from anping.engine.table import Table
from anping.protect.apply import Protected, protect
from anping.protect.deid.check import check_classes
from anping.protect.fit_plan import Means, Settings, model_of
from anping.protect.linked.agreement import check_agreement
from anping.protect.linked.coarsening import Coarsening
from anping.protect.linked.people import MissingPerson, Whole, check_shared, people_of
from anping.protect.linked.profiles import presence
from anping.protect.linked.telling import People, linked_limits, linked_measures, retold
from anping.protect.plan import Plan
from anping.protect.transform.rows import RAW_ROW

Bools = npt.NDArray[np.bool_]

_TRIES = 25


@dataclass(frozen=True, slots=True)
class LinkedOptions:
    """How linked tables are protected.

    ``k`` people share each joined profile: this many, and no fewer than the largest k of the plans. ``missing`` says
    what a row is that names nobody: refused, or a person of its own. ``hierarchies`` is where the files of a table's
    hierarchies lie, if that is not the folder of ``settings``.
    """

    k: int | None = None
    missing: MissingPerson = "refuse"
    settings: Settings = field(default_factory=Settings)
    hierarchies: Mapping[str, Path] = field(default_factory=dict)

    def settings_of(self, name: str) -> Settings:
        """Return how a table's protection runs."""
        if name not in self.hierarchies:
            return self.settings
        return replace(self.settings, hierarchies_folder=self.hierarchies[name])


@dataclass(frozen=True)
class Linked:
    """The protected tables by name, and what joining them came to."""

    tables: Mapping[str, Protected]
    measures: tuple[Measure, ...]
    limits: tuple[Text, ...]


def protect_linked(
    tables: Mapping[str, Table],
    plans: Mapping[str, Plan],
    *,
    means: Means | None = None,
    options: LinkedOptions | None = None,
    progress: Progress = silent,
) -> Linked:
    """Return the tables protected together; ``plans`` has a plan for each table's name.

    All plans name a privacy unit with the same pseudonyms, and shift dates alike, so that a person
    has one pseudonym and one shift everywhere. Works in memory. Raises what ``protect`` does;
    ParameterError and PlanError where tables and plans do not fit together; InputError for rows
    that name nobody; InfeasibleError where no k people are left to be alike.
    """
    options = options or LinkedOptions()
    check_agreement(tables, plans)
    k = _k(plans, options)
    person = people_of(tables, plans, missing=options.missing)
    check_shared(person, plans)
    people = 1 + max(int(each.max(initial=-1)) for each in person.values())
    work = _Work(tables, plans, means or Means(), options, person, people)
    kept = {name: np.ones(each.size, np.bool_) for name, each in person.items()}
    for _ in range(_TRIES):
        kept = _in_common_tables(person, kept, k=k, people=people)
        found = _Try.of(work, kept, k, progress)
        if not found.rare.any():
            found.check()
            return _linked(work, found, k)
        kept = {name: each & ~found.rare[person[name]] for name, each in kept.items()}
    raise _infeasible(k)


@dataclass(frozen=True)
class _Work:
    """What stays the same over all tries."""

    tables: Mapping[str, Table]
    plans: Mapping[str, Plan]
    means: Means
    options: LinkedOptions
    person: Mapping[str, Whole]
    people: int


@dataclass(frozen=True)
class _Try:
    """The tables protected, and their rows coarsened until the joined profiles are shared.

    ``rare`` are the people for whom that did not work out: they must be left out.
    """

    work: _Work
    done: Mapping[str, Protected]
    person: Mapping[str, Whole]
    coarse: Coarsening
    before: Whole
    rare: Bools

    @classmethod
    def of(cls, work: _Work, kept: Mapping[str, Bools], k: int, progress: Progress) -> _Try:
        """Protect the rows that are ``kept``, and coarsen what is too rare."""
        done = {name: _protected(work, name, rows, progress) for name, rows in kept.items()}
        person = {
            name: work.person[name][one.links.column(RAW_ROW).to_numpy()]
            for name, one in done.items()
        }
        coarse = Coarsening.of(done, person, people=work.people)
        before = coarse.shared()
        rare = coarse.coarsen(k)
        if rare.any():
            rare = _joined_by_others(coarse, rare, k)
        for name, one in done.items():
            rare |= _too_alike(coarse, name, one, work.plans[name])
        return cls(work, done, person, coarse, before, rare)

    def check(self) -> None:
        """Check every table by itself once more, by its own plan."""
        for name, one in self.done.items():
            plan = self.work.plans[name]
            if plan.model is None:
                continue
            checked = check_classes(
                self.table(name),
                one.quasi_identifiers,
                model=model_of(plan.model),
                person=self.person[name],
            )
            if not checked.holds:
                raise AssertionError("a linked table fails its model: this is a fault in Anping")

    def table(self, name: str) -> pa.Table:
        """Return a released table with the coarsened texts."""
        table = self.done[name].table
        for column, own in self.coarse.columns[name].items():
            place = table.column_names.index(column)
            table = table.set_column(place, table.schema.field(column), own.released)
        return table


def _k(plans: Mapping[str, Plan], options: LinkedOptions) -> int:
    asked = [plan.model.k for plan in plans.values() if plan.model is not None]
    k = max([*asked, options.k or 0])
    if k < 2:
        raise PlanError(
            "linked.no-k",
            Text("沒有計畫給 k。", "No plan gives a k."),
            hint=Text(
                "在一個計畫寫 model，或給 LinkedOptions(k=...)。",
                "Give a plan a model, or LinkedOptions(k=...).",
            ),
        )
    return k


def _in_common_tables(
    person: Mapping[str, Whole], kept: Mapping[str, Bools], *, k: int, people: int
) -> dict[str, Bools]:
    """Return the rows to keep, so that k people are in each combination of tables that occurs.

    Who is in a combination of tables too few are in leaves the one of them with the fewest people.
    """
    kept = dict(kept)
    while True:
        there = [person[name][rows] for name, rows in kept.items()]
        found = presence(there, people=people)
        alike = np.bincount(found, minlength=1)[found]
        rare = (found > 0) & (alike < k)
        if not rare.any():
            return kept
        sizes = [np.unique(each).size for each in there]
        for place in np.argsort(sizes, kind="stable").tolist():
            name = list(kept)[place]
            leaving = rare & ((found >> place) & 1 == 1)
            if leaving.any():
                kept[name] = kept[name] & ~leaving[person[name]]
                rare &= ~leaving


def _joined_by_others(coarse: Coarsening, rare: Bools, k: int) -> Bools:
    """Lift the rare to the top, and with them the smallest group in the same tables; who is left."""
    where = presence(list(coarse.person.values()), people=coarse.people)
    shared = coarse.shared()
    lifted = rare.copy()
    for place in np.unique(where[rare]):
        others = np.flatnonzero((where == place) & ~rare)
        if others.size:
            least = others[shared[others] == shared[others].min()]
            lifted[least] = True
    coarse.lift(lifted)
    again = coarse.shared()
    return np.asarray((again > 0) & (again < k), np.bool_)


def _too_alike(coarse: Coarsening, name: str, done: Protected, plan: Plan) -> Bools:
    """Lift classes that coarsening left with too few sensitive values; return who still fails."""
    if plan.model is None or plan.model.l is None or not done.table.num_rows:
        return np.zeros(coarse.people, np.bool_)
    table = Table.of(done.table)
    values = [encode(table, each).codes.astype(np.int64) + 1 for each in plan.sensitive]
    return coarse.diversify(name, values, l=plan.model.l, kind=plan.model.l_kind)


def _protected(work: _Work, name: str, kept: Bools, progress: Progress) -> Protected:
    """Protect the rows that are kept; its links and leaves are those of the whole table."""
    table, rows = work.tables[name], np.flatnonzero(kept)
    if rows.size < table.rows:
        table = Table.of(table.arrow().take(pa.array(rows)))
    if not rows.size:
        raise _infeasible(0)
    done = protect(
        table,
        work.plans[name],
        keys=work.means.keys,
        find_spans=work.means.find_spans,
        settings=work.options.settings_of(name),
        progress=progress,
    )
    if rows.size == kept.size:
        return done
    raw = rows[done.links.column(RAW_ROW).to_numpy()]
    links = done.links.set_column(1, done.links.schema.field(1), pa.array(raw))
    place = np.full(kept.size, -1)
    place[rows] = np.arange(rows.size)
    leaves = (
        done.leaves.take(pa.array(place, mask=place < 0)) if done.leaves.columns else done.leaves
    )
    return replace(done, links=links, leaves=leaves)


def _linked(work: _Work, found: _Try, k: int) -> Linked:
    tables = {}
    for name, one in found.done.items():
        suppressed = work.tables[name].rows - one.table.num_rows
        tables[name] = retold(one, found.table(name), suppressed=suppressed)
    after = found.coarse.shared()
    tables_of = np.bincount(np.concatenate([np.unique(each) for each in work.person.values()]))
    shared = int((tables_of > 1).sum())
    counts = People(work.people, shared)
    measures = linked_measures(found.before, after, k=k, people=counts)
    return Linked(tables, tuple(measures), linked_limits())


def _infeasible(k: int) -> InfeasibleError:
    return InfeasibleError(
        "linked.infeasible",
        Text(
            f"各表合併後找不到每 {k} 人相同的保護方式。" if k else "有一個表沒有任何人可以釋出。",
            f"No way was found in which {k} people are alike in all tables."
            if k
            else "A table is left without anybody.",
        ),
        hint=Text(
            "降低 k、減少準識別欄位，或不要讓假名連起所有的表。",
            "Lower k, generalise fewer columns, or do not make all tables joinable.",
        ),
    )
