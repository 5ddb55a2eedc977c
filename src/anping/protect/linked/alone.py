"""One of several tables protected by its own plan, of the rows that are kept: in memory or in a folder."""

from __future__ import annotations

import shutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Protocol

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from anping.core.progress import Progress
from anping.engine.columnar import write_groups
from anping.engine.links import raw_rows
from anping.engine.stream import BatchFunction, mapped, through, write_there
from anping.engine.table import Table
from anping.protect.apply import Protected, ProtectedFiles, protect, protect_into
from anping.protect.fit_plan import Means, Settings
from anping.protect.linked.people import MissingPerson, Whole
from anping.protect.plan import Plan
from anping.protect.transform.sampling import Chosen

Bools = npt.NDArray[np.bool_]
_NUMBER = "anping_number"


@dataclass(frozen=True, slots=True)
class LinkedOptions:
    """How linked tables are protected.

    ``k`` people share each joined profile: this many, and no fewer than the largest k of the plans. ``missing`` says
    what a row is that names nobody: refused, or a person of its own. ``hierarchies`` is where the files of a table's
    hierarchies lie, if that is not the folder of ``settings``.
    """

    k: int | None = None
    missing: MissingPerson = "refuse"
    settings: Settings = field(default_factory=Settings)
    hierarchies: Mapping[str, Path] = field(default_factory=dict)

    def settings_of(self, name: str) -> Settings:
        """Return how a table's protection runs."""
        if name not in self.hierarchies:
            return self.settings
        return replace(self.settings, hierarchies_folder=self.hierarchies[name])


@dataclass(frozen=True)
class Work:
    """What stays the same over all tries. ``scratch`` is None where all is done in memory."""

    tables: Mapping[str, Table]
    plans: Mapping[str, Plan]
    means: Means
    options: LinkedOptions
    progress: Progress
    scratch: Path | None = None


@dataclass(frozen=True)
class Alone:
    """A table protected by its own plan, of the rows ``kept`` (ascending; None: of all of them).

    ``raw_table`` is the whole table; ``table`` and ``leaves`` are what was made of it, in ``folder`` or
    in memory; ``within`` (released rows,) is the place of each one's raw row among the kept ones.
    """

    account: Protected | ProtectedFiles
    raw_table: Table
    table: Table
    leaves: Table
    kept: Whole | None
    within: Whole
    folder: Path | None = None

    @property
    def raw(self) -> Whole:
        """The number of each released row's raw row in the whole table."""
        return self.within if self.kept is None else self.kept[self.within]

    @classmethod
    def of(
        cls,
        account: Protected | ProtectedFiles,
        raw_table: Table,
        kept: Whole | None,
        folder: Path | None = None,
    ) -> Alone:
        """Return what protecting the kept rows came to."""
        table, leaves, links = (
            Table.of(each) if isinstance(each, pa.Table) else each
            for each in (account.table, account.leaves, account.links)
        )
        raw = raw_table.rows if kept is None else int(kept.size)
        within = raw_rows(links, protected=table.rows, raw=raw)
        return cls(account, raw_table, table, leaves, kept, within, folder)


class Protecting(Protocol):
    """Protects the rows of a table that are kept, by its plan."""

    def __call__(self, work: Work, name: str, kept: Bools, /) -> Alone:
        """Return the table protected by itself."""
        ...


def in_memory(work: Work, name: str, kept: Bools) -> Alone:
    """Protect the kept rows of a table in memory."""
    table, rows = work.tables[name], None
    if not kept.all():
        rows = np.flatnonzero(kept)
        table = Table.of(table.arrow().take(pa.array(rows)))
    done = protect(
        table,
        work.plans[name],
        keys=work.means.keys,
        find_spans=work.means.find_spans,
        settings=work.options.settings_of(name),
        progress=work.progress,
    )
    return Alone.of(done, work.tables[name], rows)


def in_folder(work: Work, name: str, kept: Bools) -> Alone:
    """Protect the kept rows of a table in files; what an earlier try left is removed."""
    assert work.scratch is not None
    table, rows, folder = work.tables[name], None, work.scratch / name
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    if not kept.all():
        rows = np.flatnonzero(kept)
        table = _only(table, kept, folder / "kept.parquet")
    done = protect_into(
        table,
        work.plans[name],
        folder / "made",
        means=work.means,
        settings=work.options.settings_of(name),
        progress=work.progress,
    )
    return Alone.of(done, work.tables[name], rows, folder / "made")


@dataclass(frozen=True)
class _Keeping:
    """Lets the chosen rows of a batch through, without their numbers in its last column."""

    chosen: Chosen

    def __call__(self, batch: pa.RecordBatch) -> pa.RecordBatch:
        kept = self.chosen.holds(batch.column(batch.num_columns - 1).to_numpy())
        return batch.select(batch.schema.names[:-1]).filter(pa.array(kept))


def _only(table: Table, kept: Bools, into: Path) -> Table:
    """Write the kept rows of a table in their order, where the table is, and return them."""
    return passed(table, _Keeping(Chosen.of(kept)), table.schema, into)


def passed(
    table: Table,
    function: BatchFunction,
    schema: pa.Schema,
    into: Path,
    *,
    columns: Sequence[str] | None = None,
) -> Table:
    """Write what a function makes of a table's rows, in their order, where the table is.

    The function sees ``columns`` (all), and the rows' numbers in a last one.
    """
    number, columns = _NUMBER, table.columns if columns is None else columns
    while number in columns:
        number += "_"
    if table.distributed:
        made = through(table, function, columns=columns, schema=schema, numbered=number)
        return write_there(made, into)
    batches = mapped(table, function, columns=columns, schema=schema, numbered=number)
    write_groups(batches, schema, into)
    return Table.open(into)
