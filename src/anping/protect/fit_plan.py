"""The fit of a whole plan: what is done to every column, and what is done with every tuple."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from anping.core.errors import InfeasibleError, InputError
from anping.core.progress import Progress
from anping.core.text import Text
from anping.engine.aggregate import distinct_count
from anping.engine.stream import at_once, looked_through, mapped
from anping.engine.table import Table
from anping.protect.deid.counting import Several, encoded_of, several_of
from anping.protect.deid.fit import Fitted, fit
from anping.protect.deid.hierarchy import Hierarchy
from anping.protect.deid.leaves import PERSON, Coder, LeafMap
from anping.protect.deid.model import Options, PrivacyModel
from anping.protect.deid.tuples import groups_of
from anping.protect.fit_columns import Census, FittedColumns, census_of, fit_columns
from anping.protect.fit_joint import fit_joint
from anping.protect.fit_pairs import pairs_in
from anping.protect.fit_sets import fit_sets
from anping.protect.nothing_left import require_something_left
from anping.protect.plan import Plan
from anping.protect.plan_entries import (
    AgeHierarchy,
    CsvHierarchy,
    DateHierarchy,
    Generalise,
    ModelSpec,
    NumberHierarchy,
)
from anping.protect.plan_hierarchies import build_hierarchy
from anping.protect.plan_model import Facts, columns_with_a_distance, whole_model_of
from anping.protect.population import joined, population_of
from anping.protect.protection import Prepared, Protection
from anping.protect.pseudonym.keys import KeyRing, Keys
from anping.protect.text.redact import FindSpans
from anping.protect.transform.columns import Columns
from anping.protect.transform.sampling import Chosen

_FITTING = Text("讀取各欄位的分布", "Reading the columns' distributions")
_BUILDING = Text("建立概化階層", "Building hierarchies")
_GROUPING = Text("把相同的列歸為一組", "Grouping equal rows")


@dataclass(frozen=True, slots=True)
class Settings:
    """How a protection runs.

    ``seed`` makes row order and local recoding repeatable, for tests only: without it both come
    from the operating system's generator. ``hierarchies_folder`` holds the files of ``kind: csv``.
    ``population`` is the table that criteria such as k-map look at: everybody of whom the table's
    people are some, by the same quasi-identifiers.
    """

    seed: int | None = None
    hierarchies_folder: Path | None = None
    population: Table | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class Means:
    """What comes from outside: the keys that a plan names, and what finds people in free text."""

    keys: Keys = field(default_factory=lambda: KeyRing({}))
    find_spans: FindSpans | None = None


@dataclass(frozen=True)
class Fit:
    """Everything that was read off a table before the first row is protected.

    ``people`` is the number of people who are named, None where the plan names no person column;
    ``persons`` a number for each raw row's person (0: nobody is named), None without people, and on
    a cluster, where no row comes here; ``seen`` the distinct values of the generalised columns;
    ``model`` the privacy model with all its criteria.
    """

    plan: Plan
    columns: FittedColumns
    protection: Protection
    fitted: Fitted | None
    rows: int
    people: int | None
    persons: npt.NDArray[np.int64] | None = field(repr=False)
    seen: Mapping[str, Census] = field(repr=False)
    model: PrivacyModel | None = field(default=None, repr=False)

    @property
    def hierarchies(self) -> Mapping[str, Hierarchy]:
        """The hierarchies of the generalised columns."""
        generaliser = self.protection.generaliser
        maps = {} if generaliser is None else generaliser.maps
        return {name: each.hierarchy for name, each in maps.items()}

    @property
    def released_rows(self) -> int:
        """The rows that are not suppressed."""
        chosen = self.columns.chosen
        left = self.rows if chosen is None else chosen.rows
        return left - (0 if self.fitted is None else self.fitted.suppressed_rows)


def fit_plan(
    table: Table, plan: Plan, *, means: Means, settings: Settings, progress: Progress
) -> Fit:
    """Return what is done to the rows of ``table``.

    Raises PlanError (plan and table disagree), KeyStoreError (a lost key), InfeasibleError (the
    model cannot be met), InputError (no rows).
    """
    columns = fit_each(table, plan, means=means, settings=settings, progress=progress)
    return fit_together(table, plan, columns, settings=settings, progress=progress)


def fit_each(
    table: Table, plan: Plan, *, means: Means, settings: Settings, progress: Progress
) -> FittedColumns:
    """Return the first part of :func:`fit_plan`: what is done to every column on its own."""
    plan.check(table)
    if table.rows == 0:
        raise InputError(
            "input.empty",
            Text("表中沒有任何列。", "The table has no rows."),
            hint=Text("檢查來源檔案。", "Check the source file."),
        )
    progress(_FITTING, 0, None)
    return fit_columns(
        table, plan, keys=means.keys, find_spans=means.find_spans, seed=settings.seed
    )


def fit_together(
    table: Table, plan: Plan, columns: FittedColumns, *, settings: Settings, progress: Progress
) -> Fit:
    """Return the rest of :func:`fit_plan`: what looks at several columns, or at what is alike."""
    progress(_BUILDING, 0, None)
    names = plan.quasi_identifiers
    censuses = at_once(table, lambda name: census_of(table, columns.columns, name), names)
    seen = dict(zip(names, censuses, strict=True))
    population = population_of(settings.population, table, plan, columns.columns)
    maps = {
        name: LeafMap.of(
            _hierarchy(table, plan, name, census=census, settings=settings), census.values
        )
        for name, census in _everybodys(seen, population).items()
    }
    progress(_GROUPING, 0, None)
    rows = table.rows if columns.chosen is None else columns.chosen.rows
    model = _model(table, plan, columns, rows=rows, settings=settings, population=population)
    prepared = _prepared(model, columns, maps)
    with _coded(table, prepared) as coded:
        several = several_of(coded, prepared.coder)
        people = None if prepared.coder.person is None else _people(coded, several)
        _check_enough(plan.model, rows if people is None else people.different)
        fitted = None
        if plan.model is not None and model is not None:
            fitted = fit(
                coded,
                prepared.coder,
                model=model,
                options=_options(plan, plan.model, settings),
                progress=progress,
                several=several,
            )
            require_something_left(plan, fitted, lambda: encoded_of(coded, prepared.coder)[0])
        persons = None
        if people is not None and not coded.distributed:
            persons = _of_all_rows(coded.column(PERSON).to_numpy(), columns.chosen, table.rows)
    generaliser = None if fitted is None else fitted.generaliser
    columns = fit_joint(table, plan, columns, generaliser=generaliser)
    columns = fit_sets(
        table, plan, columns, generaliser=generaliser, folder=settings.hierarchies_folder
    )
    schema = columns.columns.schema(table.schema)
    for name in maps:
        schema = schema.set(schema.get_field_index(name), pa.field(name, pa.string()))
    protection = Protection(columns.columns, generaliser, schema, columns.chosen)
    named = None if people is None else people.named
    return Fit(plan, columns, protection, fitted, table.rows, named, persons, seen, model)


def _of_all_rows(
    persons: npt.NDArray[np.int64], chosen: Chosen | None, rows: int
) -> npt.NDArray[np.int64]:
    """Return the persons of the sample's rows in the places of the raw table's, 0 elsewhere."""
    if chosen is None:
        return persons
    whole = np.zeros(rows, np.int64)
    whole[chosen.holds(np.arange(rows))] = persons
    return whole


def model_of(spec: ModelSpec) -> PrivacyModel:
    """Return k and l of a plan's model: what can be judged without knowing the whole table."""
    return PrivacyModel(spec.k, spec.l, spec.l_kind, spec.sensitive, spec.c, missing=spec.missing)


def _everybodys(seen: Mapping[str, Census], population: Table | None) -> Mapping[str, Census]:
    """Return what hierarchies are built of: the table's values, and the population's."""
    if population is None:
        return seen
    plain = Columns(dict.fromkeys(seen, ()), None)
    return {
        name: joined(census, census_of(population, plain, name)) for name, census in seen.items()
    }


def _model(
    table: Table,
    plan: Plan,
    columns: FittedColumns,
    *,
    rows: int,
    settings: Settings,
    population: Table | None,
) -> PrivacyModel | None:
    if plan.model is None:
        return None
    names = columns_with_a_distance(plan.model)
    values = {name: census_of(table, columns.columns, name).values for name in names}
    return whole_model_of(plan.model, Facts(rows, values, settings.hierarchies_folder, population))


def _options(plan: Plan, spec: ModelSpec, settings: Settings) -> Options:
    return Options(
        suppression_limit=spec.suppression_limit,
        local_recoding=spec.local_recoding,
        full_domain=spec.full_domain,
        recoding=spec.recoding,
        ordered=_ordered(plan),
        seed=settings.seed,
        goal=spec.goal,
        aggregate=spec.aggregate,
        weights=spec.weights or None,
    )


def _ordered(plan: Plan) -> tuple[str, ...]:
    """Return the quasi-identifiers whose values have an order, so that they may be cut anywhere."""
    kinds = (AgeHierarchy, NumberHierarchy, DateHierarchy, CsvHierarchy)
    return tuple(
        name
        for name in plan.quasi_identifiers
        if any(
            isinstance(each, Generalise) and isinstance(each.hierarchy, kinds)
            for each in plan.columns[name]
        )
    )


def _hierarchy(
    table: Table, plan: Plan, name: str, *, census: Census, settings: Settings
) -> Hierarchy:
    spec = next(each.hierarchy for each in plan.columns[name] if isinstance(each, Generalise))
    return build_hierarchy(
        name,
        spec,
        census.values.to_pylist(),
        counts=census.counts.tolist(),
        folder=settings.hierarchies_folder,
        pairs=partial(pairs_in, table, plan, name),
    )


def _prepared(
    model: PrivacyModel | None, columns: FittedColumns, maps: Mapping[str, LeafMap]
) -> Prepared:
    """Return what turns raw rows into the codes that the model looks at."""
    sensitive = () if model is None else model.columns
    needed = columns.columns.only([*maps, *sensitive])
    person = None if needed.person is None else _unused_name(needed.steps)
    groups = groups_of([len(each.observed) for each in maps.values()])
    return Prepared(needed, Coder(maps, groups, person, sensitive), columns.chosen)


def _unused_name(taken: Mapping[str, object]) -> str:
    name = PERSON
    while name in taken:
        name += "_"
    return name


def _coded(table: Table, prepared: Prepared) -> AbstractContextManager[Table]:
    schema = prepared.coder.schema
    if not schema.names:
        return nullcontext(Table.of(pa.table({})))
    return looked_through(
        table,
        prepared,
        columns=prepared.needed,
        schema=schema,
        numbered=prepared.columns.numbers,
        coded=True,
    )


@dataclass(frozen=True)
class _People:
    """The different people of a table; rows that name nobody are together one of them."""

    different: int
    named: int


def _people(coded: Table, several: Several | None) -> _People:
    if several is not None:
        different = coded.rows - several.rows.size + several.people.size
    else:
        different = distinct_count(coded, PERSON)
    schema = pa.schema([("unnamed", pa.int64())])
    counts = mapped(coded, _unnamed, columns=[PERSON], schema=schema)
    unnamed = sum(batch.column(0)[0].as_py() for batch in counts)
    return _People(different, different - (1 if unnamed else 0))


def _unnamed(batch: pa.RecordBatch) -> pa.RecordBatch:
    persons = batch.column(0).to_numpy()
    return pa.record_batch({"unnamed": [int((persons == 0).sum())]})


def _check_enough(model: ModelSpec | None, people: int) -> None:
    if model is not None and model.k > people:
        raise InfeasibleError(
            "protect.k-larger-than-table",
            Text(
                f"k = {model.k}，但表中只有 {people} 人（或列）。",
                f"k is {model.k}, but the table has only {people} people (or rows).",
            ),
            hint=Text("降低 k，或提供更多資料。", "Lower k, or bring more data."),
        )
