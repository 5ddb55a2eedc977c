"""Number the people of several tables alike."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from anping.core.errors import InputError, PlanError, Where
from anping.core.text import Text
from anping.engine.codes import hashes
from anping.engine.stream import mapped
from anping.engine.table import Table
from anping.protect.fit_columns import person_of
from anping.protect.plan import Plan
from anping.protect.pseudonym.normal import normal_texts
from anping.protect.transform.rows import Person, plain

Whole = npt.NDArray[np.int64]
MissingPerson = Literal["refuse", "own"]

_HASHES = pa.schema([pa.field("person", pa.int64())])


def people_of(
    tables: Mapping[str, Table], plans: Mapping[str, Plan], *, missing: MissingPerson
) -> dict[str, Whole]:
    """Return the number of each row's person, by table; one person has one number everywhere.

    People are known by 64-bit hashes of their identifiers in normal form, eight bytes a row: among n
    people two share one with chance below n² / 2^65, and then count as one. A row that names nobody is
    refused, or with ``missing="own"`` a person of its own. Raises InputError, with their number and the
    first of them, if rows name nobody and that is refused.
    """
    found = {name: _hashes(table, plans[name]) for name, table in tables.items()}
    for name, own in found.items():
        if missing == "refuse" and not own.all():
            raise _missing(name, plans[name], own)
    known = np.unique(np.concatenate([np.unique(own) for own in found.values()]))
    known = known[known != 0]
    following, numbers = known.size, {}
    for name, own in found.items():
        places = np.searchsorted(known, own)
        nobody = np.flatnonzero(own == 0)
        places[nobody] = following + np.arange(nobody.size)
        following += nobody.size
        numbers[name] = np.asarray(places, np.int64)
    return numbers


@dataclass(frozen=True)
class _Hashing:
    """Gives the hash of each row's person, 0 where nobody is named."""

    person: Person

    def __call__(self, batch: pa.RecordBatch) -> pa.RecordBatch:
        cells = plain(batch.column(self.person.column))
        made = hashes(normal_texts(cells, self.person.normalisation))
        return pa.RecordBatch.from_arrays([pa.array(made)], schema=_HASHES)


def _hashes(table: Table, plan: Plan) -> Whole:
    person = person_of(plan)
    assert person is not None
    table.require([person.column])
    made = mapped(table, _Hashing(person), columns=[person.column], schema=_HASHES)
    return np.asarray(pa.Table.from_batches(made, _HASHES).column(0).to_numpy(), np.int64)


def _missing(name: str, plan: Plan, own: Whole) -> InputError:
    nobody = np.flatnonzero(own == 0)
    first = int(nobody[0]) + 1
    return InputError(
        "linked.person-missing",
        Text(
            f"有 {nobody.size:,} 列沒有「人」的識別值，無法判斷屬於誰。",
            f"{nobody.size:,} rows name no person, so it is not known whose they are.",
        ),
        where=Where(file=name, row=first, column=plan.privacy_unit),
        hint=Text(
            '補上識別值、刪除這些列，或以 missing="own" 把每列當作各自一人。',
            'Fill them in, take the rows out, or take each as a person of its own: missing="own".',
        ),
    )


def check_shared(people: Mapping[str, Whole], plans: Mapping[str, Plan]) -> None:
    """Raise PlanError for a table that has no person in common with any other.

    Keys that name people in different ways make tables that seem unlinked, and a joined k that says
    nothing.
    """
    inside = {name: np.unique(rows) for name, rows in people.items()}
    for name, own in inside.items():
        others = [rows for other, rows in inside.items() if other != name]
        if own.size and not np.isin(own, np.concatenate(others)).any():
            raise PlanError(
                "linked.nobody-shared",
                Text(
                    "這個表的人都不在其他表中：各表的鍵值欄位可能不是同一種識別碼。",
                    "Nobody of this table is in another one: the key columns of the tables may not"
                    " hold the same kind of identifier.",
                ),
                where=Where(file=name, column=plans[name].privacy_unit),
                hint=Text(
                    "為每個表指出同一種識別碼的欄位（--key 表=欄位，或計畫的 privacy_unit）。",
                    "Name the column with the same identifier in every table (--key TABLE=COLUMN, or"
                    " privacy_unit in the plans).",
                ),
            )
