"""The door of the room: a table and a plan in, a protected table and what it took out.

Columns are transformed one by one, generalised columns then meet the privacy model together, and
the rows leave in a random order. Nothing is written anywhere: on any error there is no result.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from anping.core.errors import InfeasibleError, InputError
from anping.core.measure import Measure
from anping.core.progress import Progress, silent
from anping.core.text import Text
from anping.engine.table import Table
from anping.protect.apply_columns import Column, Means, transformed
from anping.protect.apply_measures import (
    anonymity_measures,
    full_domain_measures,
    left_measures,
    redaction_measures,
    rows_measures,
)
from anping.protect.deid.anonymize import Anonymized, anonymize
from anping.protect.deid.hierarchy import MISSING, Hierarchy, as_leaf
from anping.protect.deid.model import Options, PrivacyModel
from anping.protect.known import dictionary_of, own_forms
from anping.protect.limits import limits_of
from anping.protect.operations import ColumnOperation, operation, partly_shown
from anping.protect.plan import Plan
from anping.protect.plan_entries import Generalise, Mask, ModelSpec, Pseudonym, Redact
from anping.protect.plan_hierarchies import build_hierarchy
from anping.protect.pseudonym.keys import KeyRing, Keys
from anping.protect.pseudonym.normal import normal
from anping.protect.text.dictionary import IdentifierDictionary
from anping.protect.text.redact import FindSpans
from anping.protect.transform.distinct import encoded, map_distinct

_PREPARING = Text("處理各欄位", "Transforming columns")
_BUILDING = Text("建立概化階層", "Building hierarchies")
_MEASURING = Text("量測結果", "Measuring the result")


@dataclass(frozen=True, slots=True)
class Settings:
    """How a protection runs.

    ``seed`` makes row order and local recoding repeatable, for tests only: without it both come
    from the operating system's generator. ``hierarchies_folder`` holds the files of ``kind: csv``.
    """

    seed: int | None = None
    hierarchies_folder: Path | None = None


@dataclass(frozen=True)
class Protected:
    """A protected table and everything that evidence needs about how it was made.

    ``links`` (``protected_row``, ``raw_row``, counted from 0) tells whose row is whose: it stays
    inside. ``coverage`` and ``paths`` describe the generalised columns (released value to the share
    of the domain it hides; leaf to its value on every level); ``leaves`` is every raw row's leaf, which
    an attacker who knows the person starts from. Paths and leaves are raw values and stay inside.
    Printing a result shows no row.
    """

    table: pa.Table = field(repr=False)
    links: pa.Table = field(repr=False)
    measures: tuple[Measure, ...]
    coverage: Mapping[str, Mapping[str, float]] = field(repr=False)
    paths: Mapping[str, Mapping[str, tuple[str, ...]]] = field(repr=False)
    quasi_identifiers: tuple[str, ...]
    sensitive: tuple[str, ...]
    limits: tuple[Text, ...]
    operations: tuple[ColumnOperation, ...]
    hierarchies: Mapping[str, Hierarchy] = field(repr=False)
    leaves: pa.Table = field(repr=False)


def protect(
    table: Table,
    plan: Plan,
    *,
    keys: Keys | None = None,
    find_spans: FindSpans | None = None,
    settings: Settings | None = None,
    progress: Progress = silent,
) -> Protected:
    """Return ``table`` protected by ``plan``.

    ``keys`` gives the keys that the plan names; ``find_spans`` finds people in free text and is
    needed where the plan redacts. Raises PlanError (plan and table disagree), KeyStoreError (a lost
    key), InfeasibleError (the model cannot be met), InputError (no rows).
    """
    settings = settings or Settings()
    plan.check(table)
    if table.rows == 0:
        raise InputError(
            "input.empty",
            Text("表中沒有任何列。", "The table has no rows."),
            hint=Text("檢查來源檔案。", "Check the source file."),
        )
    raw = table.arrow()
    persons = _persons(raw, plan)
    _check_enough(plan.model, table.rows if persons is None else len(set(persons)))
    progress(_PREPARING, 0, None)
    known = dictionary_of(raw, plan)
    forms = own_forms(raw, plan) if plan.named(Redact) else _no_forms
    means = Means(persons, keys or KeyRing({}), find_spans, known, forms, progress)
    columns = transformed(raw, plan, means)
    progress(_BUILDING, 0, None)
    hierarchies = _hierarchies(plan, columns, settings.hierarchies_folder)
    cells = pa.table({name: column.cells for name, column in columns.items()})
    result = _anonymized(
        cells,
        plan,
        persons=persons,
        hierarchies=hierarchies,
        settings=settings,
        progress=progress,
    )
    progress(_MEASURING, 0, None)
    order = _order(result.table.num_rows, settings.seed)
    protected = result.table.take(pa.array(order)).replace_schema_metadata(None)
    measures = tuple(_measures(columns, result, plan=plan, known=known, persons=persons))
    return Protected(
        table=protected,
        links=_links(result.kept[order]),
        measures=measures,
        coverage=result.coverage,
        paths=result.paths,
        quasi_identifiers=plan.quasi_identifiers,
        sensitive=plan.sensitive,
        limits=limits_of(plan, measures),
        operations=tuple(_operations(plan, columns, raw=raw, released=protected)),
        hierarchies=hierarchies,
        leaves=_leaves(columns, hierarchies),
    )


def _leaves(columns: Mapping[str, Column], hierarchies: Mapping[str, Hierarchy]) -> pa.Table:
    found = {}
    for name, hierarchy in hierarchies.items():
        leaves = map_distinct(columns[name].cells, partial(_leaves_of, hierarchy))
        found[name] = leaves.fill_null(hierarchy.leaf_of(None))
    return pa.table(found)


def _leaves_of(hierarchy: Hierarchy, values: Sequence[Any]) -> list[str]:
    return [hierarchy.leaf_of(value) for value in values]


def _persons(raw: pa.Table, plan: Plan) -> list[str] | None:
    """Return each row's person in normal form; rows without one share ``""``."""
    if plan.privacy_unit is None:
        return None
    values, codes = encoded(raw.column(plan.privacy_unit))
    exact = any(
        isinstance(each, Pseudonym) and each.normalise == "exact"
        for each in plan.columns[plan.privacy_unit]
    )
    names = [normal(value, "exact" if exact else "identifier") for value in values] + [""]
    return [names[code] for code in codes]


def _no_forms(row: int) -> Mapping[str, str]:
    del row
    return {}


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


def _hierarchies(
    plan: Plan, columns: Mapping[str, Column], folder: Path | None
) -> dict[str, Hierarchy]:
    return {
        name: build_hierarchy(
            name, transform.hierarchy, columns[name].cells.to_pylist(), folder=folder
        )
        for name, transforms in plan.columns.items()
        for transform in transforms
        if isinstance(transform, Generalise)
    }


def _anonymized(
    cells: pa.Table,
    plan: Plan,
    *,
    persons: list[str] | None,
    hierarchies: Mapping[str, Hierarchy],
    settings: Settings,
    progress: Progress,
) -> Anonymized:
    """Return the table in which every equivalence class meets the plan's model."""
    if plan.model is None or not hierarchies:
        return _untouched(cells)
    spec = plan.model
    person = None
    if persons is not None:
        person = _unused_name(cells.column_names)
        cells = cells.append_column(person, pa.array(persons, pa.string()))
    result = anonymize(
        Table.of(cells),
        hierarchies,
        model=PrivacyModel(spec.k, spec.l, spec.l_kind, spec.sensitive),
        person=person,
        options=Options(
            suppression_limit=spec.suppression_limit,
            local_recoding=spec.local_recoding,
            full_domain=spec.full_domain,
            seed=settings.seed,
        ),
        progress=progress,
    )
    table = result.table if person is None else result.table.drop_columns([person])
    return replace(result, table=table)


def _untouched(cells: pa.Table) -> Anonymized:
    """Return the table as it is: a plan without generalised columns asks no class to hold."""
    return Anonymized(
        table=cells,
        kept=np.arange(cells.num_rows),
        levels={},
        recoded_rows=0,
        suppressed_rows=0,
        loss=0.0,
        loss_full_domain=0.0,
        optimal=True,
        nodes_evaluated=0,
        coverage={},
        paths={},
    )


def _unused_name(taken: Sequence[str]) -> str:
    name = "person"
    while name in taken:
        name += "_"
    return name


def _order(rows: int, seed: int | None) -> npt.NDArray[np.int64]:
    """Return a random order of the rows, so that a row's place tells nothing about whose it is.

    Sorting by 64 random bits a row from the operating system is a uniform permutation up to ties,
    whose chance is below rows² / 2^65.
    """
    if seed is not None:
        return np.random.default_rng(seed).permutation(rows).astype(np.int64)
    drawn = np.frombuffer(os.urandom(8 * rows), np.uint64)
    return np.argsort(drawn, kind="stable").astype(np.int64)


def _links(raw_rows: npt.NDArray[np.int64]) -> pa.Table:
    return pa.table(
        {
            "protected_row": pa.array(np.arange(len(raw_rows)), pa.int64()),
            "raw_row": pa.array(raw_rows, pa.int64()),
        }
    )


def _measures(
    columns: Mapping[str, Column],
    result: Anonymized,
    *,
    plan: Plan,
    known: IdentifierDictionary,
    persons: list[str] | None,
) -> Iterator[Measure]:
    people = None if persons is None else len(set(persons) - {""})
    released = result.table.num_rows
    yield from rows_measures(
        before=released + result.suppressed_rows, after=released, people=people
    )
    if plan.model is not None:
        yield from anonymity_measures(result)
        if plan.model.full_domain:
            yield from full_domain_measures(result)
    for column in columns.values():
        yield from column.measures
    texts = [column.redacted for column in columns.values() if column.redacted is not None]
    yield from redaction_measures(texts)
    hidden = {*plan.named(Pseudonym, Mask)}
    shown = [name for name in columns if name not in hidden]
    yield from left_measures(result.table, shown, known)


def _operations(
    plan: Plan, columns: Mapping[str, Column], *, raw: pa.Table, released: pa.Table
) -> Iterator[ColumnOperation]:
    for name in raw.column_names:
        notes = columns[name].notes if name in columns else ()
        done = operation(name, plan.columns[name], notes)
        if name in plan.quasi_identifiers and _shows(raw.column(name), released.column(name)):
            yield partly_shown(done)
        else:
            yield done


def _shows(raw: pa.ChunkedArray, released: pa.ChunkedArray) -> bool:
    """Return whether a released value, other than a missing one, is a raw value as it was."""
    values, _ = encoded(raw)
    shown, _ = encoded(released)
    return not {as_leaf(value) for value in values}.isdisjoint(set(shown) - {MISSING})
