"""The population beside the table: its quasi-identifiers, changed as the table's are.

Criteria such as k-map and delta-presence count a class's people in the population too. Its table
has the plan's quasi-identifiers as columns, one row for each person; other columns are not read.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from anping.core.errors import InputError, PlanError, SchemaError, Where
from anping.core.text import Text
from anping.engine.stream import through
from anping.engine.table import Table
from anping.protect.entries_criteria import needs_population
from anping.protect.fit_columns import Census
from anping.protect.plan import Plan
from anping.protect.transform.columns import Columns
from anping.protect.transform.transformers import Bounding, Masking, Rounding, Shortening

#: Transforms that make the same of equal cells, whoever's they are.
_ALIKE = (Bounding, Masking, Rounding, Shortening)


def population_of(
    population: Table | None, raw: Table, plan: Plan, columns: Columns
) -> Table | None:
    """Return the population's quasi-identifiers as they are before they are generalised.

    None for a plan without criteria about it. Raises PlanError where there is no table or a column
    is changed by chance, SchemaError for a column that it lacks or that is of another type, and
    InputError for a table without rows.
    """
    if plan.model is None or not needs_population(plan.model.criteria):
        return None
    if population is None:
        raise _none()
    if not population.rows:
        raise _empty()
    names = plan.quasi_identifiers
    alone = columns.only(names)
    for name in names:
        if not all(isinstance(step, _ALIKE) for step in alone.steps[name]):
            raise _by_chance(name)
        if name not in population.columns:
            raise _lacking(name)
    plain = alone.needed == names and not any(alone.steps.values())
    same = all(population.schema.field(n).type == raw.schema.field(n).type for n in names)
    if plain and same:
        return population
    typed = _Typed(alone, pa.schema([raw.schema.field(name) for name in names]))
    return through(
        population,
        typed,
        columns=names,
        schema=alone.schema(raw.schema),
        numbered=alone.numbers,
    )


@dataclass(frozen=True)
class _Typed:
    """Gives the population's cells the table's types, and changes them as the table's are."""

    columns: Columns
    schema: pa.Schema

    def __call__(self, batch: pa.RecordBatch) -> pa.RecordBatch:
        cells = {field.name: _cast(batch.column(field.name), field) for field in self.schema}
        cells[self.columns.numbers] = batch.column(self.columns.numbers)
        made = pa.RecordBatch.from_arrays(list(cells.values()), list(cells))
        return self.columns(made)


def _cast(cells: pa.Array, field: pa.Field) -> pa.Array:
    try:
        return cells.cast(field.type)
    except (pa.ArrowInvalid, pa.ArrowNotImplementedError):
        raise _other_type(field.name) from None


def joined(here: Census, there: Census) -> Census:
    """Return the census of a column in the table and in the population together."""
    kind = here.values.type
    both = pa.concat_arrays([here.values, there.values.cast(kind)])
    coded = both.dictionary_encode(null_encoding="encode")
    counts = np.concatenate([here.counts, there.counts])
    sums = np.bincount(coded.indices.to_numpy(), counts, len(coded.dictionary))
    return Census(coded.dictionary, sums.astype(np.int64))


def _none() -> PlanError:
    return PlanError(
        "plan.no-population",
        Text(
            "計畫的準則（k-map、delta-presence）要看母體的表，但沒有給。",
            "Criteria of the plan (k-map, delta-presence) look at the population's table, which was"
            " not given.",
        ),
        hint=Text(
            "命令列用 --population 表名；Python 用 Settings(population=…)。"
            "只知道母體人數時，寫 {kind: k-map, k: 5, population: 人數}。",
            "Give it with --population TABLE, or Settings(population=…) in Python. Where only"
            " the population's size is known, write {kind: k-map, k: 5, population: SIZE}.",
        ),
    )


def _empty() -> InputError:
    return InputError(
        "input.population-empty",
        Text("母體的表沒有任何列。", "The population's table has no rows."),
        hint=Text("檢查母體的表。", "Check the population's table."),
    )


def _lacking(name: str) -> SchemaError:
    return SchemaError(
        "schema.population-column",
        Text(
            f"母體的表沒有準識別欄位「{name}」。",
            f"The population's table lacks the quasi-identifier “{name}”.",
        ),
        where=Where(column=name),
        hint=Text(
            "母體的表要有計畫中所有概化的欄位，名稱相同。",
            "It has every generalised column of the plan, under the same name.",
        ),
    )


def _other_type(name: str) -> SchemaError:
    return SchemaError(
        "schema.population-type",
        Text(
            f"母體的欄位「{name}」不能讀成與本表相同的型別。",
            f"The population's column “{name}” cannot be read as the table's type.",
        ),
        where=Where(column=name),
        hint=Text(
            "以相同的型別加入兩張表（anping add --types）。",
            "Add both tables with the same types (anping add --types).",
        ),
    )


def _by_chance(name: str) -> PlanError:
    return PlanError(
        "plan.population-changed",
        Text(
            "有母體準則時，準識別欄位在概化前不能隨機改變或依人而變。",
            "With criteria about a population, a quasi-identifier is not changed by chance or by"
            " person before it is generalised.",
        ),
        where=Where(column=name),
        hint=Text(
            "概化之前只用 mask、round、top_bottom。",
            "Before generalise use mask, round or top_bottom only.",
        ),
    )
