"""The doors of the room: a table and a plan in, a protected table and what it took out.

First the *fit*: bounds, keys and hierarchies are read off the columns, rows with the same leaves
become tuples, and the privacy model is met on tuples. Then rows pass through one function batch by
batch, and leave in a random order. On any error there is no result, and nothing is left behind.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from anping.core.errors import ParameterError
from anping.core.files import folder_aside
from anping.core.measure import Measure
from anping.core.progress import Progress, silent
from anping.core.text import Text
from anping.engine.cores import beside, in_order
from anping.engine.shuffle import LINKS, shuffled
from anping.engine.sink import sink
from anping.engine.stream import numbered_batches
from anping.engine.table import Table
from anping.engine.workers import elsewhere
from anping.protect.apply_measures import all_measures
from anping.protect.apply_there import check_there, pour_there, tallies_there
from anping.protect.deid.check import ClassCheck, Reference, check_classes
from anping.protect.deid.everybody import everybody
from anping.protect.deid.hierarchy import Hierarchy
from anping.protect.deid.model import PrivacyModel
from anping.protect.fit_columns import census_of
from anping.protect.fit_plan import Fit, Means, Settings, fit_plan
from anping.protect.limits import limits_of
from anping.protect.operations import ColumnOperation
from anping.protect.plan import Plan
from anping.protect.population_measures import population_measures
from anping.protect.pseudonym.keys import KeyRing, Keys
from anping.protect.shown import operations_of
from anping.protect.text.redact import NO_TALLY, FindSpans, Tally
from anping.protect.transform.rows import RAW_ROW

_APPLYING = Text("保護各列", "Protecting the rows")
_MEASURING = Text("量測結果", "Measuring the result")
#: The names of the files that :func:`protect_into` writes.
PROTECTED_FILE, LINKS_FILE, LEAVES_FILE = "protected.parquet", "links.parquet", "leaves.parquet"

Write = Callable[[pa.RecordBatch], object]


@dataclass(frozen=True)
class Account:
    """What evidence needs about how a protected table was made.

    ``coverage`` and ``paths`` describe the generalised columns (released value to the share of the
    domain it hides; leaf to its value on every level). Paths are raw values and stay inside.
    ``tables`` are released beside the table: the values of an anatomized column by its groups.
    """

    measures: tuple[Measure, ...]
    coverage: Mapping[str, Mapping[str, float]] = field(repr=False)
    paths: Mapping[str, Mapping[str, tuple[str, ...]]] = field(repr=False)
    quasi_identifiers: tuple[str, ...]
    sensitive: tuple[str, ...]
    limits: tuple[Text, ...]
    operations: tuple[ColumnOperation, ...]
    hierarchies: Mapping[str, Hierarchy] = field(repr=False)
    tables: Mapping[str, pa.Table] = field(repr=False)


@dataclass(frozen=True)
class Protected(Account):
    """A protected table in memory and everything that evidence needs about how it was made.

    ``links`` (``protected_row``, ``raw_row``, counted from 0) tells whose row is whose, ``leaves``
    is every raw row's leaf, which an attacker who knows the person starts from: both stay inside.
    Printing a result shows no row.
    """

    table: pa.Table = field(repr=False)
    links: pa.Table = field(repr=False)
    leaves: pa.Table = field(repr=False)


@dataclass(frozen=True)
class ProtectedFiles(Account):
    """The same as :class:`Protected`, its tables in Parquet files."""

    table: Table
    links: Table
    leaves: Table


def protect(
    table: Table,
    plan: Plan,
    *,
    keys: Keys | None = None,
    find_spans: FindSpans | None = None,
    settings: Settings | None = None,
    progress: Progress = silent,
) -> Protected:
    """Return ``table`` protected by ``plan``, in memory.

    ``keys`` gives the keys that the plan names; ``find_spans`` finds people in free text and is
    needed where the plan redacts. Raises PlanError (plan and table disagree), KeyStoreError (a lost
    key), InfeasibleError (the model cannot be met), InputError (no rows).
    """
    settings = settings or Settings()
    means = Means(keys or KeyRing({}), find_spans)
    fit = fit_plan(table, plan, means=means, settings=settings, progress=progress)
    held: tuple[list[pa.RecordBatch], ...] = ([], [], [])
    released, links, leaves = held
    out = _Out(released.append, links.append, leaves.append)
    tallies = _pour(table, fit, out, settings=settings, progress=progress)
    schema = fit.protection.schema
    done = pa.Table.from_batches(released, schema)
    linked = pa.Table.from_batches(links, LINKS)
    account = _account(
        table, fit, (Table.of(done), Table.of(linked)), tallies=tallies, progress=progress
    )
    leaf_schema = fit.protection.leaf_schema
    own = pa.Table.from_batches(leaves, leaf_schema)
    return Protected(**account, table=done, links=linked, leaves=own)


def protect_into(
    table: Table,
    plan: Plan,
    folder: Path,
    *,
    means: Means | None = None,
    settings: Settings | None = None,
    progress: Progress = silent,
) -> ProtectedFiles:
    """Write ``table`` protected by ``plan`` into the new folder ``folder``, and return its tables.

    It is the same as :func:`protect`, in memory for the tuples only, not for the rows: the rows
    pass in batches, and are shuffled through files beside the result. A table on a cluster is
    protected there, and its tables are folders. The folder is there at once on success or not at
    all. Raises what :func:`protect` does, and ParameterError if the folder
    exists.
    """
    settings = settings or Settings()
    if folder.exists():
        raise ParameterError(
            "protect.folder-exists",
            Text("要寫入的資料夾已經存在。", "The folder to write to exists already."),
            hint=Text("換一個資料夾名稱。", "Name another folder."),
        )
    fit = fit_plan(table, plan, means=means or Means(), settings=settings, progress=progress)
    names = (PROTECTED_FILE, LINKS_FILE, LEAVES_FILE)
    with folder_aside(folder) as aside:
        paths = (aside / names[0], aside / names[1], aside / names[2])
        if table.distributed:
            made = pour_there(table, fit, columns=_read(table, fit), into=paths, seed=settings.seed)
            tallies = tallies_there(table, fit)
        else:
            tallies = _pour_into(table, fit, paths, settings=settings, progress=progress)
            made = (Table.open(paths[0]), Table.open(paths[1]), Table.open(paths[2]))
        account = _account(table, fit, made[:2], tallies=tallies, progress=progress)
    done, linked, own = (one.reopened(folder / name) for one, name in zip(made, names, strict=True))
    return ProtectedFiles(**account, table=done, links=linked, leaves=own)


def _pour_into(
    table: Table,
    fit: Fit,
    paths: tuple[Path, Path, Path],
    *,
    settings: Settings,
    progress: Progress,
) -> dict[str, Tally]:
    """Write the protected rows, their links and all leaves; return what redaction replaced."""
    schemas = (fit.protection.schema, LINKS, fit.protection.leaf_schema)
    with ExitStack() as stack:
        released, links, leaves = (
            stack.enter_context(sink(path, schema)).write
            for path, schema in zip(paths, schemas, strict=True)
        )
        out = _Out(released, links, leaves, beside=paths[0])
        return _pour(table, fit, out, settings=settings, progress=progress)


@dataclass(frozen=True)
class _Out:
    """Where batches go. Rows are shuffled in files ``beside`` a path, or in memory without one."""

    released: Write
    links: Write
    leaves: Write
    beside: Path | None = None


def _pour(
    table: Table, fit: Fit, out: _Out, *, settings: Settings, progress: Progress
) -> dict[str, Tally]:
    """Protect the rows, shuffle them and hand them over; return what redaction replaced."""
    tallies: dict[str, Tally] = {}
    numbers = fit.protection.columns.numbers
    mixed = shuffled(
        _applied(table, fit, out, tallies=tallies, progress=progress),
        fit.protection.numbered_schema,
        rows=fit.released_rows,
        beside=out.beside,
        seed=settings.seed,
    )
    place = 0
    for batch in mixed:
        raw_rows = batch.column(numbers)
        places = pa.array(np.arange(place, place + batch.num_rows, dtype=np.int64))
        place += batch.num_rows
        out.links(pa.RecordBatch.from_arrays([places, raw_rows], schema=LINKS))
        out.released(batch.select(fit.protection.schema.names))
    return tallies


def _applied(
    table: Table, fit: Fit, out: _Out, *, tallies: dict[str, Tally], progress: Progress
) -> Iterator[pa.RecordBatch]:
    protection, done = fit.protection, 0
    raw = numbered_batches(table, _read(table, fit), protection.columns.numbers)
    slow = protection.slow
    rows = fit.rows if slow.columns.steps else 0

    with elsewhere(slow, rows=rows) as slowly:
        for found in in_order(
            lambda batch: protection.finished(batch, slowly(batch.select(slow.needed))), raw
        ):
            progress(_APPLYING, done, fit.rows)
            done += found.rows
            if found.leaves is not None:
                out.leaves(found.leaves)
            for name, tally in found.tallies.items():
                tallies[name] = tallies.get(name, NO_TALLY) + tally
            yield found.released
    progress(_APPLYING, done, fit.rows)


def _reference(table: Table, fit: Fit, model: PrivacyModel) -> Reference:
    """Return what criteria compare classes with: the whole table's distribution, the population."""
    found = {
        name: census_of(table, fit.columns.columns, name, chosen=fit.columns.chosen)
        for name in model.compared
    }
    whole = {name: (each.values, each.counts) for name, each in found.items()}
    generaliser = fit.protection.generaliser
    if model.population is None or generaliser is None:
        return Reference(whole)
    return Reference(whole, everybody(model.population, generaliser))


def _read(table: Table, fit: Fit) -> tuple[str, ...]:
    """Return the columns to read: at least one, as a batch without columns has no rows."""
    return fit.protection.needed or table.columns[:1]


def _account(
    table: Table,
    fit: Fit,
    made: tuple[Table, Table],
    *,
    tallies: Mapping[str, Tally],
    progress: Progress,
) -> dict[str, Any]:
    """Check what was made, measure it, and return the fields of an :class:`Account`."""
    progress(_MEASURING, 0, None)
    plan, fitted = fit.plan, fit.fitted
    with beside(lambda: _checked(table, fit, made)) as checked:
        measures = tuple(all_measures(table, fit, made[0], tallies))
        found = checked()
        if found is not None and not found.holds:
            raise AssertionError("a released class fails the model: this is a fault in Anping")
    if found is not None and fitted is not None:
        measures += tuple(population_measures(fitted, found, fit.model))
    return {
        "measures": measures,
        "coverage": {} if fitted is None else fitted.coverage,
        "paths": {} if fitted is None else fitted.paths,
        "quasi_identifiers": plan.quasi_identifiers,
        "sensitive": plan.sensitive,
        "limits": limits_of(plan, measures),
        "operations": tuple(operations_of(table, fit)),
        "hierarchies": fit.hierarchies,
        "tables": fit.columns.tables,
    }


def _checked(table: Table, fit: Fit, made: tuple[Table, Table]) -> ClassCheck | None:
    """Return how the released classes satisfy the model, seen from what was written."""
    released, links = made
    model = fit.model
    if model is None:
        return None
    against = _reference(table, fit, model)
    if table.distributed:
        return check_there(table, fit, model, against)
    return check_classes(
        released,
        fit.plan.quasi_identifiers,
        model=model,
        person=_people(fit, links),
        against=against,
    )


def _people(fit: Fit, links: Table) -> npt.NDArray[np.int64] | None:
    """Return who each released row is about."""
    if fit.persons is None:
        return None
    return np.asarray(fit.persons[links.column(RAW_ROW).to_numpy()], np.int64)
