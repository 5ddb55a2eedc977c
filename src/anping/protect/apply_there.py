"""The same on a cluster: rows are protected, shuffled, measured and checked where they lie.

What comes here are counts: of tuples, of released values, of classes. No row does.
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from pathlib import Path

import pyarrow as pa

from anping.engine.codes import hashes
from anping.engine.columnar import write_groups
from anping.engine.shuffle import write_shuffled
from anping.engine.stream import held, mapped, through, write_there
from anping.engine.table import Table
from anping.protect.deid.check import ClassCheck, Reference, check_counts
from anping.protect.deid.generaliser import Generaliser
from anping.protect.deid.leaves import PERSON
from anping.protect.deid.model import PrivacyModel
from anping.protect.fit_plan import Fit
from anping.protect.protection import Protection
from anping.protect.redaction import Redaction
from anping.protect.text.redact import NO_TALLY, Tally
from anping.protect.transform.columns import Columns

_TALLIES = pa.schema([pa.field("tallies", pa.string())])


def pour_there(
    table: Table,
    fit: Fit,
    *,
    columns: tuple[str, ...],
    into: tuple[Path, Path, Path],
    seed: int | None,
) -> tuple[Table, Table, Table]:
    """Write the protected rows in a random order, their links, and every raw row's leaves.

    ``columns`` of the table are read; ``into`` are the paths of the three.
    """
    protection = fit.protection
    released, links = write_shuffled(
        (table, protection),
        protection.numbered_schema,
        columns=columns,
        number=protection.columns.numbers,
        into=(into[0], into[1]),
        seed=seed,
    )
    return released, links, _leaves_there(table, protection, into[2])


def tallies_there(table: Table, fit: Fit) -> dict[str, Tally]:
    """Return what redaction replaced, by column; the texts are read once more for it."""
    columns = fit.protection.columns
    redacted = [
        name
        for name, steps in columns.steps.items()
        if any(isinstance(step, Redaction) for step in steps)
    ]
    found: dict[str, Tally] = {}
    if not redacted:
        return found
    alone = columns.only(redacted)
    tally = _Tallying(Protection(alone, None, alone.schema(table.schema)))
    told = mapped(table, tally, columns=alone.needed, schema=_TALLIES, numbered=columns.numbers)
    for batch in told:
        for name, one in json.loads(batch.column(0)[0].as_py()).items():
            found[name] = found.get(name, NO_TALLY) + Tally(**one)
    return found


def check_there(table: Table, fit: Fit, model: PrivacyModel, against: Reference) -> ClassCheck:
    """Count the people and sensitive values in every class of the released rows."""
    protection = fit.protection
    person = protection.columns.person
    shown = tuple(dict.fromkeys((*fit.plan.quasi_identifiers, *model.columns)))
    schema = pa.schema([protection.schema.field(name) for name in shown])
    if person is not None:
        schema = schema.append(pa.field(PERSON, pa.int64()))
    columns = dict.fromkeys((*protection.needed, *(() if person is None else (person.column,))))
    made = through(
        table,
        _Named(protection, shown),
        columns=tuple(columns),
        schema=schema,
        numbered=protection.columns.numbers,
    )
    with held(made) as released:
        return check_counts(
            released,
            fit.plan.quasi_identifiers,
            model=model,
            person=None if person is None else PERSON,
            against=against,
        )


@dataclass(frozen=True)
class _Named:
    """Protects rows; gives columns ``shown`` and a number of the person, 0 for nobody."""

    protection: Protection
    shown: tuple[str, ...]

    def __call__(self, batch: pa.RecordBatch) -> pa.RecordBatch:
        released = self.protection(batch)
        persons = self.protection.columns.rows(batch).persons
        shown = released.select(self.shown)
        if persons is None:
            return shown
        numbers = self.protection.columns.numbers
        first = batch.column(numbers)[0].as_py()
        kept = released.column(numbers).to_numpy() - first
        return shown.append_column(PERSON, pa.array(hashes(persons)[kept]))


@dataclass(frozen=True)
class _Leaves:
    """Gives the leaves of every row, as texts."""

    columns: Columns
    generaliser: Generaliser

    def __call__(self, batch: pa.RecordBatch) -> pa.RecordBatch:
        rows = self.columns.rows(batch)
        cells = {name: self.columns.cells(name, rows) for name in self.columns.steps}
        codes = self.generaliser.leaves(cells)
        return pa.RecordBatch.from_pydict(self.generaliser.leaf_texts(codes))


def _leaves_there(table: Table, protection: Protection, into: Path) -> Table:
    if protection.generaliser is None:
        write_groups((), protection.leaf_schema, into)
        return Table.open(into)
    columns = protection.columns.only(protection.generaliser.columns)
    leaves = through(
        table,
        _Leaves(columns, protection.generaliser),
        columns=columns.needed,
        schema=protection.leaf_schema,
        numbered=columns.numbers,
    )
    return write_there(leaves, into)


@dataclass(frozen=True)
class _Tallying:
    """Tells what redaction replaces in a batch, by column, as JSON."""

    protection: Protection

    def __call__(self, batch: pa.RecordBatch) -> pa.RecordBatch:
        told = {
            name: {**asdict(one), "counts": dict(one.counts)}
            for name, one in self.protection.applied(batch).tallies.items()
        }
        return pa.record_batch({"tallies": [json.dumps(told)]})
