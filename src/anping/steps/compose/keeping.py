"""A data contract at the door: what arrives is read as it says, and what breaks it goes aside."""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from anping.core.errors import InputError, Where
from anping.core.measure import Measure
from anping.core.text import Text
from anping.workspace.step import Context

if TYPE_CHECKING:
    from anping.engine.reading import Part, Reading, ReadOptions
    from anping.engine.table import Table
    from anping.know.contract import Contract

#: Where rows that break the contract are kept aside until the step hands them over.
BROKEN = "broken.jsonl"


@dataclass(frozen=True, slots=True)
class Checked:
    """A fresh reading that keeps the contract, and how many rows did not."""

    reading: Reading
    rows: int
    broken: int


def contract_of(given: Any, subject: str) -> Contract | None:
    """Return the contract that the parameters name. Raises InputError if it cannot be read."""
    if given.contract is None:
        return None
    from anping.know.contract import read_contract

    path: Path = given.contract
    try:
        content = path.read_bytes()
    except OSError as error:
        raise InputError(
            "input.unreadable-file",
            Text("檔案不存在或無法開啟。", "The file does not exist or cannot be opened."),
            where=Where(file=path.name),
            hint=Text("請檢查路徑與讀取權限。", "Check the path and the permission to read it."),
        ) from error
    named = [subject, *([given.table] if given.table else []), Path(str(given.path)).name]
    return read_contract(content, file=path.name, candidates=named)


def typed_by(options: ReadOptions, contract: Contract | None) -> ReadOptions:
    """Return the options with the types of the contract; what the parameters declare stands."""
    if contract is None:
        return options
    return replace(options, types={**contract.types, **options.types})


def kept(context: Context, given: Any, reading: Reading, contract: Contract) -> Checked:
    """Check every row that was just read; rows that break the contract leave it."""
    from anping.know.contract_check import keep_contract

    found = keep_contract(
        reading.table,
        contract,
        into=context.path("checked.parquet"),
        quarantine=context.path(BROKEN) if given.quarantine else None,
        locate=_locator(reading),
    )
    broken = len(found.broken)
    parts, first = [], 0
    for part in reading.parts:
        ends = found.broken.searchsorted([part.first_row, part.first_row + part.rows])
        lost = int(ends[1] - ends[0])
        parts.append(_less(part, lost, first))
        first += part.rows - lost
    left = replace(
        reading,
        table=found.table,
        rows=found.rows,
        refused_rows=reading.refused_rows + broken,
        parts=tuple(parts),
    )
    return Checked(left, reading.rows, broken)


def whole_kept(
    table: Table, contract: Contract, checked: Checked | None
) -> tuple[tuple[Measure, ...], tuple[Text, ...]]:
    """Check what holds of the whole table only; return measures and notes, or raise InputError."""
    from anping.know.contract_check import (
        broken_notes,
        contract_measures,
        measure_whole,
        require_whole,
    )

    findings = measure_whole(table, contract)
    require_whole(findings)
    measures = contract_measures(
        contract,
        rows=table.rows if checked is None else checked.rows,
        broken_rows=0 if checked is None else checked.broken,
        findings=findings,
    )
    return measures, broken_notes(contract, findings)


def _locator(reading: Reading) -> Any:
    firsts = [part.first_row for part in reading.parts]

    def locate(row: int) -> tuple[str | None, int]:
        at = bisect_right(firsts, row) - 1
        part = reading.parts[at]
        return part.name, row - part.first_row + 1

    return locate


def _less(part: Part, lost: int, first: int) -> Part:
    return replace(
        part, rows=part.rows - lost, refused_rows=part.refused_rows + lost, first_row=first
    )
