"""The door: a table in, a table out in which every equivalence class satisfies the model."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from anping.core.errors import PlanError, Where
from anping.core.progress import Progress, silent
from anping.core.text import Text
from anping.engine.aggregate import frequencies
from anping.engine.stream import mapped
from anping.engine.table import Table, missing_column
from anping.protect.deid.check import Reference, Whole, check_classes
from anping.protect.deid.everybody import everybody
from anping.protect.deid.fit import Fitted, fit
from anping.protect.deid.hierarchy import Hierarchy
from anping.protect.deid.leaves import Coder, LeafMap
from anping.protect.deid.model import Options, PrivacyModel
from anping.protect.deid.tuples import groups_of

_DEFAULTS = Options()


@dataclass(frozen=True)
class Anonymized:
    """The released rows and what it cost.

    ``table`` has the input's columns in the input's order: quasi-identifiers are texts (a missing
    value is ``""``), all others untouched; suppressed rows are gone and the rest keep their order.
    ``kept`` are the input row indices of the released rows. ``fitted`` tells what was found.
    """

    table: pa.Table
    kept: npt.NDArray[np.int64]
    fitted: Fitted

    @property
    def levels(self) -> Mapping[str, int]:
        """The full-domain solution: see :attr:`Fitted.levels`."""
        return self.fitted.levels

    @property
    def recoded_rows(self) -> int:
        """The rows that were placed by local recoding."""
        return self.fitted.recoded_rows

    @property
    def suppressed_rows(self) -> int:
        """The rows that are gone."""
        return self.fitted.suppressed_rows

    @property
    def loss(self) -> float:
        """ARX's Loss of the released table (0 to 1)."""
        return self.fitted.loss

    @property
    def loss_full_domain(self) -> float:
        """The loss of the full-domain solution alone."""
        return self.fitted.loss_full_domain

    @property
    def optimal(self) -> bool:
        """Whether the full-domain solution is proven to lose least."""
        return self.fitted.optimal

    @property
    def nodes_evaluated(self) -> int:
        """The nodes that the search looked at."""
        return self.fitted.nodes_evaluated

    @property
    def coverage(self) -> Mapping[str, Mapping[str, float]]:
        """The share of the domain that each released value hides."""
        return self.fitted.coverage

    @property
    def paths(self) -> Mapping[str, Mapping[str, tuple[str, ...]]]:
        """Each leaf's value on every level: not for release where the domain is what was observed."""
        return self.fitted.paths


def anonymize(
    table: Table,
    hierarchies: Mapping[str, Hierarchy],
    *,
    model: PrivacyModel,
    person: str | None = None,
    options: Options = _DEFAULTS,
    progress: Progress = silent,
) -> Anonymized:
    """Generalise the columns named in ``hierarchies`` until every class satisfies ``model``.

    The full-domain solution with the least loss comes first; local recoding then brings back what
    suppression would lose. At most ``options.suppression_limit`` of the rows are suppressed in the
    end: where local recoding may help, the search is free to leave more rows to it, and is held to
    the limit only if too many of them cannot be placed. With ``person`` k counts that column's
    distinct people; all rows whose person is missing count as one. The result is in memory. Raises
    SchemaError for a missing column, PlanError for columns that contradict each other or a value
    outside its hierarchy, and InfeasibleError, naming the cause, where nothing satisfies the model.
    """
    check_columns(table.columns, hierarchies, model=model, person=person)
    coder = coder_of(table, hierarchies, model=model, person=person)
    coded = mapped(table, coder, columns=coder.columns, schema=coder.schema)
    rows = Table.of(pa.Table.from_batches(coded, coder.schema))
    fitted = fit(rows, coder, model=model, options=options, progress=progress)
    released, kept = _released(table.arrow(), fitted)
    who = None if person is None else released.column(person)
    whole = {name: _distribution(table, name) for name in model.compared}
    population = None
    if model.population is not None:
        population = everybody(model.population, fitted.generaliser)
    checked = check_classes(
        released,
        list(hierarchies),
        model=model,
        person=who,
        against=Reference(whole, population),
    )
    if not checked.holds:
        raise AssertionError("a released class fails the model: this is a fault in Anping")
    return Anonymized(released, kept, fitted)


def coder_of(
    table: Table, hierarchies: Mapping[str, Hierarchy], *, model: PrivacyModel, person: str | None
) -> Coder:
    """Return what turns batches of ``table`` into codes. Raises PlanError for a value outside."""
    maps = {
        name: LeafMap.of(hierarchy, _values(table, model.population, name))
        for name, hierarchy in hierarchies.items()
    }
    groups = groups_of([max(1, len(each.observed)) for each in maps.values()])
    return Coder(maps, groups, person, model.columns)


def _distribution(table: Table, name: str) -> Whole:
    found = frequencies(table, [name])
    return found.column(0).combine_chunks(), found.column(1).to_numpy()


def _values(table: Table, population: Table | None, name: str) -> pa.Array:
    """Return the column's distinct values, those of the population among them."""
    values = frequencies(table, [name]).column(0).combine_chunks()
    if population is None:
        return values
    population.require([name])
    more = frequencies(population, [name]).column(0).combine_chunks().cast(values.type)
    return pa.concat_arrays([values, more]).unique()


def require_hierarchies(
    quasi_identifiers: Iterable[str], hierarchies: Mapping[str, Hierarchy]
) -> None:
    """Raise PlanError naming the first quasi-identifier that has no hierarchy."""
    for column in quasi_identifiers:
        if column not in hierarchies:
            raise PlanError(
                "deid.no-hierarchy",
                Text(
                    f"準識別欄位「{column}」沒有概化階層。",
                    f"The quasi-identifier “{column}” has no generalisation hierarchy.",
                ),
                where=Where(column=column),
                hint=Text(
                    "在計畫中為它指定階層，或把它刪除。",
                    "Give it a hierarchy in the plan, or drop the column.",
                ),
            )


def check_columns(
    columns: Iterable[str],
    hierarchies: Mapping[str, Hierarchy],
    *,
    model: PrivacyModel,
    person: str | None,
) -> None:
    """Raise PlanError, or SchemaError for a column that is not there, unless the columns fit."""
    if not hierarchies:
        raise PlanError(
            "deid.no-quasi-identifiers",
            Text("沒有準識別欄位可以概化。", "There is no quasi-identifier to generalise."),
            hint=Text("至少替一個欄位指定階層。", "Give at least one column a hierarchy."),
        )
    there = tuple(columns)
    for column in (
        *hierarchies,
        *model.sensitive,
        *model.columns,
        *([] if person is None else [person]),
    ):
        if column not in there:
            raise missing_column(column, there)
    for column in (*model.columns, *([] if person is None else [person])):
        if column in hierarchies:
            raise PlanError(
                "deid.two-roles",
                Text(
                    f"欄位「{column}」不能同時是準識別欄位與敏感或個人欄位。",
                    f"Column “{column}” cannot be a quasi-identifier and also sensitive or the person.",
                ),
                where=Where(column=column),
                hint=Text("只給它一種角色。", "Give it one role only."),
            )


def _released(raw: pa.Table, fitted: Fitted) -> tuple[pa.Table, npt.NDArray[np.int64]]:
    """Return the kept rows with generalised texts, and which they are."""
    generaliser = fitted.generaliser
    cells = {name: _whole(raw.column(name)) for name in generaliser.columns}
    leaves = generaliser.leaves(cells)
    nodes = generaliser.nodes_of(leaves)
    kept = np.flatnonzero(nodes >= 0)
    texts = generaliser.texts([codes[kept] for codes in leaves], nodes[kept])
    released = raw.take(pa.array(kept))
    for name, column in texts.items():
        released = released.set_column(released.schema.get_field_index(name), name, column)
    return released, kept


def _whole(column: pa.ChunkedArray) -> pa.Array:
    if pa.types.is_dictionary(column.type):
        column = column.cast(column.type.value_type)
    return column.combine_chunks()
