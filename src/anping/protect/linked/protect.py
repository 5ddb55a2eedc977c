"""Protect several tables about the same people, so that joining them finds nobody.

Each table is protected by its own plan, under the same keys. Then every person's *joined profile*
is looked at: the set of released quasi-identifier tuples in all tables, which whoever knows the
person's quasi-identifiers everywhere would look for, as pseudonyms make the rows joinable. A profile
that fewer than k people share is coarsened until k do, and so is one whose people's rows of one tuple
fail what that table's plan asks of its classes (l, t and others). It then holds in each table by itself
too: a class is a union of such groups.

Rows are not held for it: of each released one its person and its place (8 bytes each), and per
generalised column its text and leaf as codes (4 bytes each).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from anping.core.errors import InfeasibleError, ParameterError, PlanError
from anping.core.files import folder_aside, scratch_beside
from anping.core.measure import Measure
from anping.core.progress import Progress, silent
from anping.core.text import Text
from anping.engine.table import Table
from anping.protect.apply import Protected, ProtectedFiles
from anping.protect.deid.check import check_classes
from anping.protect.fit_plan import Means
from anping.protect.fit_sample import too_many_rows
from anping.protect.linked.agreement import check_agreement
from anping.protect.linked.alone import (
    Alone,
    LinkedOptions,
    Protecting,
    Work,
    in_folder,
    in_memory,
)
from anping.protect.linked.coarsening import Coarsening, State
from anping.protect.linked.finishing import in_arrow, in_files, in_place
from anping.protect.linked.people import Whole, check_shared, people_of
from anping.protect.linked.profiles import presence
from anping.protect.linked.telling import People, linked_limits, linked_measures, retold
from anping.protect.plan import Plan

Bools = npt.NDArray[np.bool_]

#: Rows of all tables together: some 160 bytes a row are held (measured: 1.7 GB for 9 million).
MOST_ROWS = 50_000_000
_TRIES = 25


@dataclass(frozen=True)
class Linked:
    """The protected tables by name, and what joining them came to."""

    tables: Mapping[str, Protected]
    measures: tuple[Measure, ...]
    limits: tuple[Text, ...]


@dataclass(frozen=True)
class LinkedFiles:
    """The same as :class:`Linked`, each table in files of its own folder."""

    tables: Mapping[str, ProtectedFiles]
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
    """Return the tables protected together, in memory; ``plans`` has a plan for each table's name.

    All plans name a privacy unit with the same pseudonyms, and shift dates alike, so that a person
    has one pseudonym and one shift everywhere. Raises what ``protect`` does; ParameterError and
    PlanError where tables and plans do not fit together, ParameterError for more than
    :data:`MOST_ROWS` rows in all; InputError for rows that name nobody; InfeasibleError where no k
    people are left to be alike.
    """
    work = Work(tables, plans, means or Means(), options or LinkedOptions(), progress)
    found, measures = _found(work, in_memory)
    done = {}
    for name, one in found.alone.items():
        own = found.coarse.columns[name]
        account = retold(one.account, _counts(found, name), suppressed=_suppressed(one))
        done[name] = in_arrow(one, account, {each: own[each].released for each in own})
    return Linked(done, measures, linked_limits())


def protect_linked_into(
    tables: Mapping[str, Table],
    plans: Mapping[str, Plan],
    folder: Path,
    *,
    means: Means | None = None,
    options: LinkedOptions | None = None,
    progress: Progress = silent,
) -> LinkedFiles:
    """Write the tables protected together into folders of their names in the new folder ``folder``.

    It is the same as :func:`protect_linked`, but rows stay in files, or on the cluster where the
    tables lie: what comes here are codes. The folder is there at once on success or not at all.
    Raises what :func:`protect_linked` does, and ParameterError if the folder exists or a name cannot be
    a folder's.
    """
    _check_folder(folder, tables)
    with scratch_beside(folder) as scratch:
        work = Work(tables, plans, means or Means(), options or LinkedOptions(), progress, scratch)
        found, measures = _found(work, in_folder)
        done = {}
        with folder_aside(folder) as aside:
            for name, one in found.alone.items():
                own = found.coarse.columns[name]
                account = retold(one.account, _counts(found, name), suppressed=_suppressed(one))
                released = {each: own[each].released for each in own}
                done[name] = in_files(one, account, released, aside / name)
    placed = {name: in_place(one, folder / name) for name, one in done.items()}
    return LinkedFiles(placed, measures, linked_limits())


def _found(work: Work, protecting: Protecting) -> tuple[_Try, tuple[Measure, ...]]:
    """Return the first try that leaves nobody rare, checked and measured."""
    check_agreement(work.tables, work.plans)
    if sum(table.rows for table in work.tables.values()) > MOST_ROWS:
        raise too_many_rows("protect-linked", MOST_ROWS)
    k = _k(work.plans, work.options)
    person = people_of(work.tables, work.plans, missing=work.options.missing)
    check_shared(person, work.plans)
    people = 1 + max(int(each.max(initial=-1)) for each in person.values())
    kept = {name: np.ones(each.size, np.bool_) for name, each in person.items()}
    for _ in range(_TRIES):
        kept = _in_common_tables(person, kept, k=k, people=people)
        if not all(rows.any() for rows in kept.values()):
            raise _infeasible(0)
        alone = {name: protecting(work, name, rows) for name, rows in kept.items()}
        found = _Try.of(alone, person, people=people, k=k)
        if not found.rare.any():
            found.check()
            return found, tuple(_measured(found, person, people))
        kept = {name: each & ~found.rare[person[name]] for name, each in kept.items()}
    raise _infeasible(k)


@dataclass(frozen=True)
class _Try:
    """The tables protected, and their rows coarsened until the joined profiles are shared.

    ``rare`` are the people for whom that did not work out: they must be left out.
    """

    alone: Mapping[str, Alone]
    coarse: Coarsening
    before: State
    rare: Bools

    @classmethod
    def of(
        cls, alone: Mapping[str, Alone], person: Mapping[str, Whole], *, people: int, k: int
    ) -> _Try:
        """Coarsen what is too rare among the released rows."""
        owners = {name: person[name][one.raw] for name, one in alone.items()}
        coarse = Coarsening.of(alone, owners, people=people, k=k)
        before = coarse.state()
        rare = coarse.coarsen()
        if rare.any():
            rare = _joined_by_others(coarse, rare)
        return cls(alone, coarse, before, rare)

    def check(self) -> None:
        """Check every table by itself once more, by its own plan."""
        for name, one in self.alone.items():
            model = one.account.model
            if model is None:
                continue
            own = self.coarse.columns[name]
            columns = {each: own[each].released for each in own}
            beside = [each for each in model.columns if each not in columns]
            shown = pa.table({**columns, **{each: one.table.column(each) for each in beside}})
            checked = check_classes(
                shown,
                one.account.quasi_identifiers,
                model=model,
                person=self.coarse.person[name],
                against=one.account.against,
            )
            if not checked.holds:
                raise AssertionError("a linked table fails its model: this is a fault in Anping")


def _measured(found: _Try, person: Mapping[str, Whole], people: int) -> Iterator[Measure]:
    tables_of = np.bincount(np.concatenate([np.unique(each) for each in person.values()]))
    counts = People(people, int((tables_of > 1).sum()))
    return linked_measures(found.before, found.coarse.state(), people=counts)


def _counts(found: _Try, name: str) -> dict[str, dict[str, int]]:
    return {column: own.counts for column, own in found.coarse.columns[name].items()}


def _suppressed(one: Alone) -> int:
    return one.raw_table.rows - one.table.rows


def _check_folder(folder: Path, names: Iterable[str]) -> None:
    if folder.exists():
        raise ParameterError(
            "protect.folder-exists",
            Text("要寫入的資料夾已經存在。", "The folder to write to exists already."),
            hint=Text("換一個資料夾名稱。", "Name another folder."),
        )
    if any(Path(name).name != name or name.startswith(".") for name in names):
        raise ParameterError(
            "linked.folder-name",
            Text("有一個表的名稱不能當資料夾名稱。", "A table's name cannot be that of a folder."),
            hint=Text(
                "表名不要有 / 或以 . 開頭。", "Use names without / that do not begin with a dot."
            ),
        )


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


def _joined_by_others(coarse: Coarsening, rare: Bools) -> Bools:
    """Lift the rare to the top, and with them the smallest group in the same tables; who is left."""
    where = presence(list(coarse.person.values()), people=coarse.people)
    shared = coarse.state().shared
    lifted = rare.copy()
    for place in np.unique(where[rare]):
        others = np.flatnonzero((where == place) & ~rare)
        if others.size:
            least = others[shared[others] == shared[others].min()]
            lifted[least] = True
    coarse.lift(lifted)
    return coarse.state().rare


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
