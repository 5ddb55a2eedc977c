"""Number the people of several tables alike."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from anping.core.errors import InputError, PlanError, Where
from anping.core.text import Text
from anping.engine.table import Table
from anping.protect.fit_columns import person_of
from anping.protect.plan import Plan
from anping.protect.pseudonym.normal import normal_texts
from anping.protect.transform.rows import plain

Whole = npt.NDArray[np.int64]
MissingPerson = Literal["refuse", "own"]


def people_of(
    tables: Mapping[str, Table], plans: Mapping[str, Plan], *, missing: MissingPerson
) -> dict[str, Whole]:
    """Return the number of each row's person, by table; one person has one number everywhere.

    A row that names nobody is refused, or with ``missing="own"`` a person of its own. Raises
    InputError, with their number and the first of them, if rows name nobody and that is refused.
    """
    texts = {name: _texts(table, plans[name]) for name, table in tables.items()}
    for name, cells in texts.items():
        if cells.null_count and missing == "refuse":
            raise _missing(name, plans[name], cells)
    coded = pa.chunked_array(list(texts.values()), pa.string()).dictionary_encode()
    chunks = coded.unify_dictionaries().chunks
    following = max(len(chunk.dictionary) for chunk in chunks)
    numbers = {
        name: chunk.indices.fill_null(-1).to_numpy(zero_copy_only=False).astype(np.int64)
        for name, chunk in zip(texts, chunks, strict=True)
    }
    for own in numbers.values():
        nobody = np.flatnonzero(own < 0)
        own[nobody] = following + np.arange(nobody.size)
        following += nobody.size
    return numbers


def _texts(table: Table, plan: Plan) -> pa.StringArray:
    person = person_of(plan)
    assert person is not None
    table.require([person.column])
    cells = plain(table.column(person.column).combine_chunks())
    return normal_texts(cells, person.normalisation)


def _missing(name: str, plan: Plan, cells: pa.StringArray) -> InputError:
    first = int(np.flatnonzero(pc.is_null(cells).to_numpy(zero_copy_only=False))[0]) + 1
    return InputError(
        "linked.person-missing",
        Text(
            f"有 {cells.null_count:,} 列沒有「人」的識別值，無法判斷屬於誰。",
            f"{cells.null_count:,} rows name no person, so it is not known whose they are.",
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
