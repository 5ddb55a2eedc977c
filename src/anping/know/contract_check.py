"""A table is checked against a contract, batch by batch; what breaks it is put aside with reasons.

::

    from anping.know.contract_check import keep_contract, measure_whole
    kept = keep_contract(Table.open(path), contract, into=..., quarantine=None)
    findings = measure_whole(kept.table, contract)
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import reduce
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from anping.core.errors import InputError, Where
from anping.core.measure import Measure
from anping.core.text import Text
from anping.engine.aggregate import distinct_count, distinct_mapped
from anping.engine.columnar import write_groups
from anping.engine.reading import RefusedRow
from anping.engine.refusals import Refusals, quarantine_file
from anping.engine.table import Table
from anping.know.contract import Contract
from anping.know.contract_rules import RowRule, WholeRule, as_text, broken

#: Tells of a row of the table (from 0) its file and its number there (from 1).
Locate = Callable[[int], tuple[str | None, int]]
_LISTED = 5


def _here(row: int) -> tuple[str | None, int]:
    return None, row + 1


@dataclass(frozen=True, slots=True)
class Kept:
    """The rows that keep a contract; ``broken`` are the others' places in the table given, from 0."""

    table: Table
    rows: int
    broken: npt.NDArray[np.int64]
    by_rule: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class WholeFinding:
    """A number of the whole table beside the rule it was measured for."""

    rule: WholeRule
    value: float
    rows: int
    holds: bool


def keep_contract(
    table: Table,
    contract: Contract,
    *,
    into: Path,
    quarantine: Path | None = None,
    locate: Locate = _here,
) -> Kept:
    """Write the rows that keep every rule on rows to ``into``; those that break one go aside.

    With ``quarantine`` they are written there as the readers write refused rows (one line each, with
    the first rule that it breaks; mode 0600). Raises InputError without it, with the first broken row
    and the count of each rule, and if no row is left; SchemaError if the table lacks a column of the
    contract.
    """
    table.require(contract.columns)
    by_rule: Counter[str] = Counter()
    places: list[npt.NDArray[np.int64]] = []
    with quarantine_file(quarantine) as kept:
        refusals = Refusals(kept)

        def passing() -> Iterator[pa.RecordBatch]:
            start = 0
            for batch in table.batches():
                first, wrong = _first_broken(batch, contract.row_rules)
                for at in np.flatnonzero(wrong):
                    rule = contract.row_rules[int(first[at])]
                    by_rule[f"{rule.column}.{rule.name}"] += 1
                    _put_aside(refusals, rule, batch.slice(int(at), 1), locate(start + int(at)))
                places.append(np.flatnonzero(wrong) + start)
                start += batch.num_rows
                yield batch.filter(pa.array(~wrong)) if wrong.any() else batch
            if refusals.total and (not refusals.keep or refusals.total == start):
                raise _error(refusals, by_rule)

        rows = write_groups(passing(), table.schema, into)
    found = np.concatenate(places) if places else np.zeros(0, np.int64)
    return Kept(Table.open(into), rows, found, dict(by_rule))


def measure_whole(table: Table, contract: Contract) -> tuple[WholeFinding, ...]:
    """Measure every rule on the whole table; nothing is raised (see :func:`require_whole`)."""
    counted: Counter[WholeRule] = Counter()
    streamed = [rule for rule in contract.whole_rules if rule.within]
    if streamed:
        for batch in table.batches():
            for rule in streamed:
                counted[rule] += int(_any_broken(batch, rule.within).sum())
    return tuple(
        _finding(table, rule, counted[rule] if rule.within else None)
        for rule in contract.whole_rules
    )


def require_whole(findings: tuple[WholeFinding, ...], *, file: str | None = None) -> None:
    """Raise InputError if a strict rule on the whole table does not hold."""
    wrong = [found for found in findings if found.rule.strict and not found.holds]
    if not wrong:
        return
    listed = ", ".join(found.rule.subject for found in wrong[:_LISTED])
    more = f" (+{len(wrong) - _LISTED})" if len(wrong) > _LISTED else ""
    raise InputError(
        "input.contract-whole",
        Text(
            f"整份資料違反資料契約的規則：{listed}{more}。",
            f"The data as a whole break rules of the contract: {listed}{more}.",
        ),
        where=Where(file=file, column=wrong[0].rule.columns[0] if wrong[0].rule.columns else None),
        hint=Text(
            "列數、唯一性等規則無法歸咎於某一列；請修正來源，或與契約的擁有者商議。",
            "Rules such as row counts and uniqueness blame no single row; correct the source, or talk "
            "to the contract's owner.",
        ),
    )


def contract_measures(
    contract: Contract, *, rows: int, broken_rows: int, findings: tuple[WholeFinding, ...]
) -> tuple[Measure, ...]:
    """Return what the check came to. ``rows`` were checked, ``broken_rows`` of them put aside."""
    rules = len(contract.row_rules) + len(contract.whole_rules)
    counts = (
        ("rules", rules, "rules", Text("檢查的契約規則數", "Rules of the contract checked")),
        ("unchecked", len(contract.unchecked), "rules",
         Text("無法檢查的契約規則數", "Rules of the contract that cannot be checked here")),
        ("rows.broken", broken_rows, "rows",
         Text("違反契約而另存的列數", "Rows that break the contract, put aside")),
        ("rules.broken", sum(not found.holds for found in findings), "rules",
         Text("整份資料未守的契約規則數", "Rules of the contract that the whole data break")),
    )  # fmt: skip
    found = [
        Measure(f"intake.contract.{name}", float(value), unit, rows, title, method="count")
        for name, value, unit, title in counts
    ]
    return tuple(found)


def broken_notes(contract: Contract, findings: tuple[WholeFinding, ...]) -> tuple[Text, ...]:
    """Return what a person should know: what was not checked, and lenient rules that do not hold."""
    notes = []
    if contract.unchecked:
        listed = ", ".join(contract.unchecked[:_LISTED])
        more = (
            f" (+{len(contract.unchecked) - _LISTED})" if len(contract.unchecked) > _LISTED else ""
        )
        notes.append(
            Text(
                f"契約裡這些規則無法在此檢查：{listed}{more}",
                f"These rules of the contract cannot be checked here: {listed}{more}",
            )
        )
    notes += [
        Text(
            f"契約規則 {found.rule.subject} 未達成（嚴重度低於 error，只告知）。",
            f"The contract's rule {found.rule.subject} does not hold (its severity is below error).",
        )
        for found in findings
        if not found.holds and not found.rule.strict
    ]
    return tuple(notes)


def _first_broken(
    batch: pa.RecordBatch, rules: tuple[RowRule, ...]
) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.bool_]]:
    first = np.full(batch.num_rows, len(rules), np.int64)
    for at in reversed(range(len(rules))):
        first[_mask(broken(rules[at], batch.column(rules[at].column)))] = at
    return first, first < len(rules)


def _any_broken(batch: pa.RecordBatch, rules: tuple[RowRule, ...]) -> npt.NDArray[np.bool_]:
    masks = [_mask(broken(rule, batch.column(rule.column))) for rule in rules]
    return reduce(np.logical_or, masks)


def _mask(found: pa.Array) -> npt.NDArray[np.bool_]:
    return np.asarray(found.to_numpy(zero_copy_only=False), dtype=np.bool_)


def _put_aside(
    refusals: Refusals, rule: RowRule, row: pa.RecordBatch, place: tuple[str | None, int]
) -> None:
    refusals.file, number = place
    reason = Text(
        f"違反資料契約的規則 {rule.name}。", f"The value breaks the contract's rule {rule.name}."
    )
    raw = ""
    if refusals.keep:
        raw = json.dumps(row.to_pylist()[0], ensure_ascii=False, default=str)
    refusals.add(RefusedRow(number, rule.column, reason, f"contract.{rule.name}"), raw)


def _finding(table: Table, rule: WholeRule, counted: int | None) -> WholeFinding:
    value = float(table.rows if rule.name == "rowCount" else counted or 0)
    if counted is None and rule.name != "rowCount":
        value = float(_metric(table, rule))
    if rule.percent:
        value = 100.0 * value / table.rows if table.rows else 0.0
    return WholeFinding(rule, value, table.rows, rule.holds(value))


def _metric(table: Table, rule: WholeRule) -> int:
    table.require(rule.columns)
    if rule.name == "nullValues":
        return sum(batch.column(0).null_count for batch in table.batches(rule.columns))
    return _duplicates(table, rule.columns)


def _duplicates(table: Table, columns: tuple[str, ...]) -> int:
    """Return the rows beyond the first of each combination; rows with a missing value do not count."""
    whole = 0
    for batch in table.batches(columns):
        valid = reduce(pc.and_, [pc.is_valid(column) for column in batch.columns])
        whole += pc.sum(valid, min_count=0).as_py()
    if len(columns) == 1:
        return whole - distinct_count(table, columns[0])

    def joined(batch: pa.RecordBatch) -> pa.RecordBatch:
        texts: list[Any] = []
        for name in columns:
            text = as_text(batch.column(name))
            texts += [pc.binary_length(text).cast(pa.string()), text]
        # Each text is led by its length, so that no two combinations are joined alike.
        made = pc.binary_join_element_wise(*texts, ":")
        return pa.record_batch([made], names=["made"])

    return whole - distinct_mapped(table, joined, columns=columns, kind=pa.string())


def _error(refusals: Refusals, by_rule: Counter[str]) -> InputError:
    first = refusals.listed[0]
    listed = ", ".join(f"{name} × {count:,}" for name, count in by_rule.most_common(_LISTED))
    return InputError(
        "input.contract-broken",
        Text(
            f"有 {refusals.total:,} 列違反資料契約：{listed}。",
            f"Rows that break the data contract: {refusals.total:,} ({listed}).",
        ),
        where=Where(file=first.file, row=first.row, column=first.column),
        hint=Text(
            "修正這些列，或加上 --quarantine 把它們另存後收進其餘的列（至少要有一列合格）。",
            "Correct these rows, or add --quarantine to keep them aside and take the rest "
            "(at least one row must keep the contract).",
        ),
    )
