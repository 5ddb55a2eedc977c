"""The doors of the room: a table and a plan in, a protected table and what it took out.

First the *fit*: bounds, keys and hierarchies are read off the columns, rows with the same leaves
become tuples, and the privacy model is met on tuples. Then rows pass through one function batch by
batch, and leave in a random order. On any error there is no result, and nothing is left behind.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
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
from anping.engine.cores import beside
from anping.engine.shuffle import LINKS
from anping.engine.stream import MOST_HELD
from anping.engine.table import Table
from anping.protect.apply_measures import all_measures, shown_texts
from anping.protect.apply_there import check_there, pour_there, tallies_there
from anping.protect.deid.check import ClassCheck, Reference, check_classes, check_counts
from anping.protect.deid.everybody import everybody
from anping.protect.deid.hierarchy import Hierarchy
from anping.protect.deid.model import PrivacyModel
from anping.protect.fit_columns import census_of
from anping.protect.fit_plan import Fit, Means, Settings, fit_each, fit_plan, fit_together
from anping.protect.left import Suspects, early_suspects
from anping.protect.limits import limits_of
from anping.protect.operations import ColumnOperation
from anping.protect.plan import Plan
from anping.protect.population_measures import population_measures
from anping.protect.pouring import Out, Pour
from anping.protect.pseudonym.keys import KeyRing, Keys
from anping.protect.shown import operations_of
from anping.protect.sooner import begun
from anping.protect.text.redact import FindSpans, Tally
from anping.protect.transform.rows import RAW_ROW

_MEASURING = Text("量測結果", "Measuring the result")
#: The names of the files that :func:`protect_into` writes.
PROTECTED_FILE, LINKS_FILE, LEAVES_FILE = "protected.parquet", "links.parquet", "leaves.parquet"


@dataclass(frozen=True)
class Account:
    """What evidence needs about how a protected table was made.

    ``coverage`` and ``paths`` describe the generalised columns (released value to the share of the
    domain it hides; leaf to its value on every level). Paths are raw values and stay inside.
    ``tables`` are released beside the table: the values of an anatomized column by its groups.
    ``model`` is what every class satisfies, ``against`` what its criteria compare classes with.
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
    model: PrivacyModel | None
    against: Reference = field(repr=False)


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
    pour = Pour(table, fit, settings.seed)
    tallies = pour.into(Out(released.append, links.append, leaves.append), progress)
    schema = fit.protection.schema
    passed = pa.schema([fit.protection.passing(pour.known).field(name) for name in schema.names])
    done = pa.Table.from_batches(released, passed).cast(schema)
    linked = pa.Table.from_batches(links, LINKS)
    measures = partial(all_measures, tallies=tallies)
    account = _account(
        table, fit, (Table.of(done), Table.of(linked)), measures=measures, progress=progress
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
    names = (PROTECTED_FILE, LINKS_FILE, LEAVES_FILE)
    alone = fit_each(table, plan, means=means or Means(), settings=settings, progress=progress)
    with begun(table, alone.columns, beside=folder) as answers:
        fit = fit_together(table, plan, alone, settings=settings, progress=progress)
        with folder_aside(folder) as aside, _early(table, fit) as early:
            paths = (aside / names[0], aside / names[1], aside / names[2])
            pour = Pour(table, fit, settings.seed, answers)
            made, tallies = _poured(pour, paths, progress)
            measures = partial(all_measures, tallies=tallies, early=early)
            account = _account(table, fit, made[:2], measures=measures, progress=progress)
    done, linked, own = (one.reopened(folder / name) for one, name in zip(made, names, strict=True))
    return ProtectedFiles(**account, table=done, links=linked, leaves=own)


@contextmanager
def _early(table: Table, fit: Fit) -> Iterator[Callable[[], Suspects] | None]:
    """Look for known identifiers in what generalisation releases while the rows are written.

    Where other texts are released as well, there is one look at all of them afterwards.
    """
    released = {} if fit.fitted is None else fit.fitted.released
    if table.distributed or not released or not released.keys() >= set(shown_texts(fit)):
        yield None
        return
    with beside(lambda: early_suspects(table, fit)) as found:
        yield found


def _poured(
    pour: Pour, paths: tuple[Path, Path, Path], progress: Progress
) -> tuple[tuple[Table, Table, Table], dict[str, Tally]]:
    """Write the protected rows, their links and all leaves; return them and what was redacted."""
    table, fit = pour.table, pour.fit
    if table.distributed:
        made = pour_there(table, fit, columns=_read(table, fit), into=paths, seed=pour.seed)
        return made, tallies_there(table, fit)
    tallies = pour.into_files(paths, progress)
    return (Table.open(paths[0]), Table.open(paths[1]), Table.open(paths[2])), tallies


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
    measures: Callable[..., Iterable[Measure]],
    progress: Progress,
) -> dict[str, Any]:
    """Check what was made, measure it, and return the fields of an :class:`Account`.

    ``measures`` measures the released table, given the raw one and its fit.
    """
    progress(_MEASURING, 0, None)
    plan, fitted, model = fit.plan, fit.fitted, fit.model
    against = Reference() if model is None else _reference(table, fit, model)
    with beside(lambda: _checked(table, fit, made, against)) as checked:
        measured = tuple(measures(table, fit, made[0]))
        found = checked()
        if found is not None and not found.holds:
            raise AssertionError("a released class fails the model: this is a fault in Anping")
    if found is not None and fitted is not None:
        measured += tuple(population_measures(fitted, found, fit.model))
    return {
        "measures": measured,
        "coverage": {} if fitted is None else fitted.coverage,
        "paths": {} if fitted is None else fitted.paths,
        "quasi_identifiers": plan.quasi_identifiers,
        "sensitive": plan.sensitive,
        "limits": limits_of(plan, measured),
        "operations": tuple(operations_of(table, fit)),
        "hierarchies": fit.hierarchies,
        "tables": fit.columns.tables,
        "model": model,
        "against": against,
    }


def _checked(
    table: Table, fit: Fit, made: tuple[Table, Table], against: Reference
) -> ClassCheck | None:
    """Return how the released classes satisfy the model, seen from what was written."""
    released, links = made
    model = fit.model
    if model is None:
        return None
    if table.distributed:
        return check_there(table, fit, model, against)
    if table.rows > MOST_HELD and fit.persons is None:
        names = fit.plan.quasi_identifiers
        return check_counts(released, names, model=model, person=None, against=against)
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
