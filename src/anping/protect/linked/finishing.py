"""The linked tables as they are handed over: coarsened texts, rows numbered as in the whole tables."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, fields, replace
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa

from anping.engine.shuffle import LINKS
from anping.engine.table import Table
from anping.protect.apply import (
    LEAVES_FILE,
    LINKS_FILE,
    PROTECTED_FILE,
    Account,
    Protected,
    ProtectedFiles,
)
from anping.protect.linked.alone import Alone, passed
from anping.protect.linked.coarsening import Codes32, coded
from anping.protect.linked.people import Whole
from anping.protect.transform.rows import plain


@dataclass(frozen=True)
class _Placing:
    """Puts columns of texts by the rows' numbers, which stand last in a batch, into a batch."""

    columns: Mapping[str, pa.DictionaryArray] = field(repr=False)
    schema: pa.Schema

    def __call__(self, batch: pa.RecordBatch) -> pa.RecordBatch:
        numbers = batch.column(batch.num_columns - 1)
        made = [
            plain(self.columns[name].take(numbers)) if name in self.columns else batch.column(name)
            for name in self.schema.names
        ]
        return pa.RecordBatch.from_arrays(made, schema=self.schema)


@dataclass(frozen=True)
class _Renumbering:
    """Gives links the numbers that the kept rows have in the whole table."""

    kept: Whole = field(repr=False)

    def __call__(self, batch: pa.RecordBatch) -> pa.RecordBatch:
        raw = self.kept[batch.column("raw_row").to_numpy()]
        return pa.RecordBatch.from_arrays(
            [batch.column("protected_row"), pa.array(raw)], schema=LINKS
        )


def in_arrow(one: Alone, account: Account, released: Mapping[str, pa.DictionaryArray]) -> Protected:
    """Return a table protected in memory with the ``released`` texts in their columns."""
    assert isinstance(one.account, Protected)
    table, links, leaves = one.account.table, one.account.links, one.account.leaves
    for column, texts in released.items():
        place = table.column_names.index(column)
        table = table.set_column(place, table.schema.field(column), plain(texts))
    if one.kept is not None:
        links = links.set_column(1, links.schema.field(1), pa.array(one.raw))
        whole = {name: plain(texts) for name, texts in _whole_leaves(one).items()}
        leaves = pa.table(whole, schema=leaves.schema) if whole else leaves
    return Protected(**_fields(account), table=table, links=links, leaves=leaves)


def in_files(
    one: Alone, account: Account, released: Mapping[str, pa.DictionaryArray], into: Path
) -> ProtectedFiles:
    """Write the same into the new folder ``into``, batch by batch and where the rows are."""
    assert isinstance(one.account, ProtectedFiles)
    assert one.folder is not None
    into.mkdir()
    table, links, leaves = one.account.table, one.account.links, one.account.leaves
    made = passed(table, _Placing(released, table.schema), table.schema, into / PROTECTED_FILE)
    whole = {} if one.kept is None else _whole_leaves(one)
    if one.kept is None:
        links = _moved(links, one.folder / LINKS_FILE, into / LINKS_FILE)
    else:
        links = passed(links, _Renumbering(one.kept), LINKS, into / LINKS_FILE)
    if whole:
        placing, raw = _Placing(whole, leaves.schema), one.raw_table
        first = raw.columns[:1]
        leaves = passed(raw, placing, leaves.schema, into / LEAVES_FILE, columns=first)
    else:
        leaves = _moved(leaves, one.folder / LEAVES_FILE, into / LEAVES_FILE)
    return ProtectedFiles(**_fields(account), table=made, links=links, leaves=leaves)


def in_place(done: ProtectedFiles, folder: Path) -> ProtectedFiles:
    """Return a table whose folder is ``folder`` now."""
    names = {"table": PROTECTED_FILE, "links": LINKS_FILE, "leaves": LEAVES_FILE}
    found = {part: getattr(done, part).reopened(folder / name) for part, name in names.items()}
    return replace(done, **found)


def _moved(table: Table, old: Path, new: Path) -> Table:
    old.rename(new)
    return table.reopened(new)


def _fields(account: Account) -> dict[str, Any]:
    return {each.name: getattr(account, each.name) for each in fields(Account)}


def _whole_leaves(one: Alone) -> dict[str, pa.DictionaryArray]:
    """Return the leaves by the rows of the whole table, missing where a row is not kept."""
    assert one.kept is not None
    found = {}
    for column in one.leaves.columns:
        texts, codes = coded(one.leaves, column)
        whole: Codes32 = np.full(one.raw_table.rows, -1, np.int32)
        whole[one.kept] = codes
        values = pa.array(texts, pa.string())
        found[column] = pa.DictionaryArray.from_arrays(pa.array(whole, mask=whole < 0), values)
    return found
