"""The risk-utility frontier: a family of plans, each tried on the table, and what nothing beats.

``frontier(table, plan)`` is all it takes. Risk is measured on all rows, distances of distributions on
people drawn at random, and a model on people who were held out before the plan was fitted.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path

import numpy as np
import pyarrow as pa

from anping.core.digest import canonical_json, sha256, sha256_file
from anping.core.errors import InfeasibleError, ParameterError, Where
from anping.core.frontier import Cost, Frontier, Point, Risk
from anping.core.measure import Measure
from anping.core.progress import Progress, silent
from anping.core.text import Text
from anping.engine.stream import rows_at
from anping.engine.table import Table
from anping.judge.distances import measure_distances
from anping.judge.frontier import frontier_of
from anping.judge.held_out import HeldOut, hold_out
from anping.judge.reading import Reading
from anping.judge.sample import Draw, drawn_people
from anping.judge.utility import UtilityOptions
from anping.protect import Means, Plan, Settings, dump_plan
from anping.protect.entries_perturbing import Anatomize
from anping.protect.frontier.family import Candidate, Family, candidates
from anping.protect.frontier.trial import Places, Shown, Trial, trial
from anping.protect.plan_entries import Drop, Keep, Mask, Pseudonym, Redact, SetAnonymity
from anping.protect.risk.people import People, people_of
from anping.steps.compose.notebook import Notebook
from anping.steps.compose.standing import attacked, standing
from anping.workspace.version import VERSION

_TRYING = Text("試算各個計畫", "Trying the plans")
#: Of the distances of a point these are told.
_TOLD = ("utility.distribution.mean", "utility.pairwise.mean", "utility.pairwise.max")


@dataclass(frozen=True)
class Look:
    """What is measured of every plan.

    ``targets`` people are attacked at most; ``rows`` rows at most are compared and learnt from. With
    ``target`` a model is trained to predict that column. ``unusable`` columns (identifiers, free
    text) are compared by nothing. ``also`` are other plans to try, by name. ``notebook`` holds points
    that are done; ``identity`` then names the table's content, if it is known. ``seed`` decides
    everything that is drawn. ``population`` is the table that criteria such as k-map look at.
    """

    risk: Risk = "average"
    cost: Cost = "loss"
    target: str | None = None
    targets: int = 500
    rows: int = 20_000
    seed: int = 20_260_101
    unusable: tuple[str, ...] = ()
    also: Mapping[str, Plan] = field(default_factory=dict)
    hierarchies_folder: Path | None = None
    population: Table | None = None
    notebook: Notebook | None = None
    identity: str = ""


def frontier(
    table: Table,
    plan: Plan,
    *,
    family: Family | None = None,
    look: Look | None = None,
    means: Means | None = None,
    progress: Progress = silent,
) -> Frontier:
    """Return every plan of the family with what it came to on ``table``, and which nothing beats.

    A plan that cannot be met is a point without measures. Nothing is released, and what was
    measured says how the released table would fare that the plan makes: its own draw differs a
    little. Raises PlanError where plan and table disagree, ParameterError for a plan without a
    model, KeyStoreError, and with a target MissingExtraError and what ``measure_utility`` raises.
    """
    asked = look or Look()
    plan.check(table)
    tried = candidates(plan, family, also=asked.also)
    for each in tried:
        each.plan.check(table)
        _check_target(each.plan, asked.target)
    notebook = asked.notebook or Notebook()
    bench = _Bench(table, plan, asked, means or Means())
    points: list[Point] = []
    for done, candidate in enumerate(tried):
        progress(_TRYING, done, len(tried))
        blank = _blank(candidate, bench)
        point = notebook.find(blank.key)
        if point is None:
            point = bench.point(candidate, blank)
            notebook.note(point)
        points.append(replace(point, id=blank.id, what=blank.what, kind=blank.kind))
    progress(_TRYING, len(tried), len(tried))
    return frontier_of(points, risk=asked.risk, cost=asked.cost)


def _check_target(plan: Plan, target: str | None) -> None:
    if target is None or all(isinstance(each, Keep) for each in plan.columns.get(target, ())):
        return
    raise ParameterError(
        "frontier.target-changed",
        Text("計畫更動或刪除了要預測的欄位。", "The plan changes or drops the column to predict."),
        where=Where(column=target),
        hint=Text(
            "在計畫裡寫 {do: keep}，或換一個目標。", "Write {do: keep}, or name another target."
        ),
    )


def _blank(candidate: Candidate, bench: _Bench) -> Point:
    """Return the point without measures, its key naming the work."""
    yaml, look = dump_plan(candidate.plan).decode(), bench.look
    work = {
        "version": VERSION,
        "table": bench.identity,
        "plan": candidate.plan.model_dump_json(),
        "unit": bench.plan.privacy_unit,
        "looks": [look.target, look.targets, look.rows, look.seed, list(look.unusable)],
    }
    return Point(candidate.id, candidate.what, candidate.kind, yaml, sha256(canonical_json(work)))


@dataclass(frozen=True)
class _Bench:
    """The table and what is the same for all plans."""

    table: Table
    plan: Plan
    look: Look
    means: Means

    @cached_property
    def identity(self) -> str:
        """What names the table's content, where points are kept beyond this run."""
        if self.look.identity or self.look.notebook is None:
            return self.look.identity
        if isinstance(self.table.source, Path):
            return sha256_file(self.table.source)
        sink = pa.BufferOutputStream()
        with pa.ipc.new_stream(sink, self.table.schema) as stream:
            for batch in self.table.batches():
                stream.write_batch(batch)
        return sha256(sink.getvalue().to_pybytes())

    @cached_property
    def people(self) -> People | None:
        """Who each raw row is about."""
        return people_of(self.plan.privacy_unit, self.table)

    @cached_property
    def places(self) -> Places:
        """The rows that are compared."""
        draw = Draw(self.look.rows, self.look.seed, ())
        return drawn_people(self.table, person=self.plan.privacy_unit, draw=draw).rows

    @cached_property
    def held(self) -> HeldOut | None:
        """The people who are held out, where there is something to predict."""
        look = self.look
        if look.target is None:
            return None
        options = UtilityOptions(
            exclude=tuple(name for name in look.unusable if name != look.target),
            person=self.plan.privacy_unit,
            rows=look.rows,
            seed=look.seed,
        )
        return hold_out(self.table, target=look.target, options=options)

    @property
    def settings(self) -> Settings:
        """How plans are fitted: by the seed, so that a frontier can be drawn again."""
        return Settings(self.look.seed, self.look.hierarchies_folder, self.look.population)

    def point(self, candidate: Candidate, blank: Point) -> Point:
        """Return the point with what the plan came to."""
        columns = compared_columns(candidate.plan, self.look.unusable)
        try:
            found = trial(
                self.table,
                candidate.plan,
                looked_at=columns,
                means=self.means,
                settings=self.settings,
            )
        except InfeasibleError as problem:
            return replace(blank, why_not=problem.what)
        measures = (
            *found.measures(),
            *self._risk(found),
            *self._distances(found, columns),
            *self._model(candidate.plan, columns),
        )
        return replace(blank, measures=measures)

    def _risk(self, found: Trial) -> tuple[Measure, ...]:
        shown = found.shown(found.fit.plan.quasi_identifiers)
        if not shown.rows.size:
            return ()
        released = None if self.people is None else self.people.at(shown.rows)
        grouped, measures = standing(shown.table, found.fit.plan.quasi_identifiers, released)
        links = links_of(shown)
        attack = attacked(
            self.table, shown, links=links, grouped=grouped, found=found,
            options=(self.look.seed, self.look.targets, self.people),
        )  # fmt: skip
        return (*measures, *attack)

    def _distances(self, found: Trial, columns: tuple[str, ...]) -> tuple[Measure, ...]:
        shown = found.shown(columns, places=self.places)
        names = shown.table.column_names
        raw = rows_at(self.table, self.places, columns=names)
        place = np.searchsorted(self.places, shown.rows)
        measures = measure_distances(
            raw,
            shown.table,
            links=links_of(replace(shown, rows=place)),
            columns=names,
            options=UtilityOptions(
                rows=max(1, raw.num_rows),
                leaf_table=Table.of(shown.leaves),
                reading=Reading(_paths(found)),
            ),
        )
        return tuple(measure for measure in measures if measure.name in _TOLD)

    def _model(self, plan: Plan, columns: tuple[str, ...]) -> tuple[Measure, ...]:
        if self.held is None:
            return ()
        names = (*columns, *(() if self.held.target in columns else (self.held.target,)))
        rows = self.held.learnt_from
        try:
            found = trial(rows, plan, looked_at=names, means=self.means, settings=self.settings)
        except InfeasibleError:
            return ()
        shown = found.shown(names)
        leaf_of = {name: each.leaf_of for name, each in found.hierarchies.items()}
        return self.held.measure(shown.table, reading=Reading(_paths(found), leaf_of))


def compared_columns(plan: Plan, unusable: tuple[str, ...]) -> tuple[str, ...]:
    """Return the released columns whose cells still mean what they meant."""
    hidden = plan.named(Drop, Pseudonym, Mask, Redact, Anatomize, SetAnonymity)
    return tuple(name for name in plan.columns if name not in {*hidden, *unusable})


def links_of(shown: Shown) -> pa.Table:
    """Return whose row is whose."""
    return pa.table(
        {"protected_row": np.arange(shown.rows.size, dtype=np.int64), "raw_row": shown.rows}
    )


def _paths(found: Trial) -> Mapping[str, Mapping[str, tuple[str, ...]]]:
    return {} if found.fit.fitted is None else found.fit.fitted.paths
