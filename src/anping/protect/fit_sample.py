"""Draw the sample of a plan before anything else is fitted."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from anping.core.errors import ParameterError
from anping.core.measure import Measure
from anping.core.text import Text
from anping.engine.codes import hashes
from anping.engine.stream import mapped
from anping.engine.table import Table
from anping.protect.plan import Plan
from anping.protect.transform.columns import Columns
from anping.protect.transform.draws import Draws
from anping.protect.transform.sampling import Chosen, stratified_sample

Codes = npt.NDArray[np.int64]

#: More rows than this are not drawn from at once: the draw takes some 50 bytes for each.
MOST_ROWS = 100_000_000
_SCHEMA = pa.schema([pa.field("person", pa.int64()), pa.field("stratum", pa.int64())])


@dataclass(frozen=True)
class _Units:
    """Turns a batch into each row's person and stratum, as numbers (0: none)."""

    columns: Columns
    by: str | None

    def __call__(self, batch: pa.RecordBatch) -> pa.RecordBatch:
        rows = self.columns.rows(batch)
        none = np.zeros(batch.num_rows, np.int64)
        persons = none if rows.persons is None else hashes(rows.persons)
        strata = none if self.by is None else hashes(rows.cells(self.by))
        return pa.RecordBatch.from_arrays([pa.array(persons), pa.array(strata)], schema=_SCHEMA)


def chosen_rows(table: Table, plan: Plan, columns: Columns, *, key: bytes) -> Chosen | None:
    """Return the rows that the plan's sample draws; None for a plan without one.

    People are drawn where the plan has a privacy unit, with all their rows, each in the stratum of
    the first of these; a row that names nobody is drawn by itself. ``columns`` need have no column
    but knows the person. Raises ParameterError for more than :data:`MOST_ROWS` rows.
    """
    if plan.sample is None:
        return None
    if table.rows > MOST_ROWS:
        raise too_many_rows("sample", MOST_ROWS)
    draws = Draws.of(key, "sample")
    person = columns.person
    looked_at = [plan.sample.by, None if person is None else person.column]
    names = tuple(dict.fromkeys(name for name in looked_at if name is not None))
    unit_of = np.arange(table.rows, dtype=np.int64)
    stratum = np.zeros(table.rows, np.int64)
    if names:
        made = mapped(
            table,
            _Units(columns, plan.sample.by),
            columns=names,
            schema=_SCHEMA,
            numbered=columns.numbers,
        )
        read = pa.Table.from_batches(made, _SCHEMA)
        stratum = np.unique(read.column("stratum").to_numpy(), return_inverse=True)[1].reshape(-1)
        if person is not None:
            unit_of = _units(read.column("person").to_numpy())
    first = np.unique(unit_of, return_index=True)[1]
    drawn = stratified_sample(stratum[first].astype(np.int64), plan.sample.share, draws)
    return Chosen.of(drawn[unit_of])


def _units(persons: Codes) -> Codes:
    """Return a number from 0 for each row's person; a row that names nobody has one of its own."""
    unknown = persons == 0
    known, unit_of = np.unique(persons, return_inverse=True)
    units = unit_of.reshape(-1).astype(np.int64)
    units[unknown] = known.size + np.arange(int(unknown.sum()))
    return np.unique(units, return_inverse=True)[1].reshape(-1).astype(np.int64)


def sample_measures(chosen: Chosen, rows: int) -> tuple[Measure, ...]:
    """Return how many rows the sample has, and their share of all."""
    method = "random sample without replacement"
    return (
        Measure(
            "deid.rows.sampled",
            float(chosen.rows),
            "rows",
            rows,
            Text("抽出的列數", "Rows in the sample"),
            method=method,
        ),
        Measure(
            "deid.sampling_fraction",
            chosen.rows / rows,
            "share",
            rows,
            Text("抽樣比例", "Sampling fraction"),
            method=method,
            assumptions=(
                Text(
                    "攻擊者不知道誰在樣本裡",
                    "an attacker does not know who is in the sample",
                ),
            ),
        ),
    )


def too_many_rows(technique: str, most: int) -> ParameterError:
    """Return the error for a technique that must hold something for every row in memory."""
    return ParameterError(
        "protect.too-many-rows",
        Text(
            f"{technique} 一次最多處理 {most:,} 列：它要在記憶體中為每一列各留一些資料。",
            f"{technique} works on at most {most:,} rows at once: it holds something for each in memory.",
        ),
        hint=Text("分成數個表處理，或改用別的技術。", "Split the table, or use another technique."),
    )
