"""Propose a plan from what was found in a table; a person edits it before anything happens."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from types import MappingProxyType

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from anping.core.columns import ColumnFinding, Role
from anping.core.errors import ParameterError, SchemaError, Where
from anping.core.text import Text
from anping.engine.aggregate import null_counts
from anping.engine.stream import at_once
from anping.engine.table import Table, missing_column
from anping.protect import reasons
from anping.protect.association import Told, groups_of, tells
from anping.protect.fitting import is_number
from anping.protect.lone_values import ALLOWED_ALONE, TAILS, Coarsening, Holders, coarsening_of
from anping.protect.plan import Plan
from anping.protect.plan_entries import (
    DateHierarchy,
    DateShift,
    Drop,
    Generalise,
    HierarchySpec,
    Keep,
    ModelSpec,
    Pseudonym,
    Redact,
    Round,
    TopBottom,
    Transform,
)
from anping.protect.profiles import RiskProfile
from anping.protect.quasi_identifiers import is_quasi, proposed_quasi_identifiers
from anping.protect.transform.distinct import encoded
from anping.protect.transform.numbers import counted_bound, quantile_bound
from anping.protect.whole import is_mostly_rare, people_in, rows_of_values, sample_of

_MAX_SENSITIVE = 4
_FEW_VALUES = 20
_ONE_SIDED = 0.95

# Which identifier stands for a person, best first; all others are dropped.
_PERSON_TYPES = (
    "TW_NATIONAL_ID",
    "TW_RESIDENT_ID",
    "US_SSN",
    "MEDICAL_RECORD_NO",
    "TW_NHI_CARD",
    "TW_PASSPORT",
    "RECORD_ID",
)


#: A table of fewer rows gets one level for each column unless its plan is edited: recoded row by row its
#: classes hardly exceed k, and an attack on so few people cannot show that it fails.
FEW_ROWS = 1_000

#: A table of so few cells is held in memory while a plan is proposed.
_HELD_CELLS = 2_000_000


@dataclass(frozen=True)
class _Known:
    """What every column's proposal may look at."""

    table: Table
    sample: Table
    findings: Mapping[str, ColumnFinding]
    person: str | None
    quasi_identifiers: Mapping[str, HierarchySpec | Text]
    sensitive: tuple[str, ...]
    unique: frozenset[str] = frozenset()
    told: Mapping[str, Told] = field(default_factory=lambda: MappingProxyType({}))

    @cached_property
    def missing(self) -> Mapping[str, int]:
        """The missing cells of every column of the whole table."""
        return {each.column: each.nulls for each in null_counts(self.table)}

    @cached_property
    def people(self) -> npt.NDArray[np.int64] | None:
        """A number for the person of each row of the whole table."""
        return None if self.person is None else people_in(self.table, self.person)


@dataclass(frozen=True)
class _Whole:
    """One column of the whole table, counted once whatever is asked of it."""

    name: str
    known: _Known

    @property
    def cells(self) -> pa.ChunkedArray:
        """The column in memory."""
        return self.known.table.column(self.name)

    @cached_property
    def holders(self) -> Holders:
        """Who holds which number."""
        return Holders.of(self.cells, self.known.people)

    @property
    def rows(self) -> npt.NDArray[np.int64]:
        """The rows of each different value."""
        if is_number(self.known.table.schema.field(self.name).type):
            return self.holders.rows
        return rows_of_values(self.known.table, self.name)

    def bound(self, share: float) -> float | None:
        """Return a quantile as :func:`counted_bound` does; None of what is no number."""
        if is_number(self.known.table.schema.field(self.name).type):
            return counted_bound(self.holders.values, self.holders.rows, share)
        return quantile_bound(self.cells, share)


def propose(
    findings: Sequence[ColumnFinding],
    table: Table,
    *,
    profile: RiskProfile,
    target: str | None = None,
    name: str = "",
    full_domain: bool = False,
) -> Plan:
    """Return a plan for ``table`` by the findings, with a reason at every column.

    One stable identifier becomes the pseudonymised person, other direct identifiers are dropped,
    quasi-identifiers generalised, sensitive categories kept under l-diversity, sensitive numbers
    top- and bottom-coded, dates shifted per person, free text redacted; ``target`` is kept. A kept
    category that nearly tells a quasi-identifier becomes one, and numbers that many people hold
    alone are rounded. With ``full_domain``, and for a table of fewer than :data:`FEW_ROWS`, one
    level is searched for each column (see :class:`ModelSpec`). Raises SchemaError for a column without a finding or a finding without a
    column, and ParameterError for a target that is a direct identifier.
    """
    by_column = {finding.column: finding for finding in findings}
    table.require(by_column)
    if not table.distributed and table.rows * len(table.columns) <= _HELD_CELLS:
        # Reading one column of a file costs a look at all of them: 10,000 columns took minutes.
        table = Table.of(table.arrow())
    for column in table.columns:
        if column not in by_column:
            raise _not_scanned(column)
    _check_target(target, by_column)
    person = _person(by_column, table, target)
    open_to_all = _identify_nobody(by_column)
    read = [column for column, f in by_column.items() if column in open_to_all or is_quasi(f)]
    sample = sample_of(table, unread=set(by_column) - set(read))
    unique = frozenset(name for name in open_to_all if _is_unique_text(name, table, sample))
    told, quasi = _quasi_identifiers(by_column, sample, left_out=(target, person), unique=unique)
    any_classes = any(not isinstance(answer, Text) for answer in quasi.values())
    out = (*quasi, target, *unique)
    free = {column: f for column, f in by_column.items() if column not in out}
    sensitive = _diverse(free, sample, profile) if any_classes else ()
    known = _Known(table, sample, by_column, person, quasi, sensitive, unique, told)

    def entries(column: str) -> tuple[Transform, ...]:
        if column == target:
            return (_target_entry(column, known),)
        return _entries(by_column[column], known)

    columns = dict(zip(table.columns, at_once(table, entries, table.columns), strict=True))
    generalised = any(isinstance(entry, Generalise) for (entry, *_) in columns.values())
    model = ModelSpec(
        k=profile.k,
        l=profile.l if sensitive else None,
        sensitive=sensitive,
        full_domain=full_domain or table.rows < FEW_ROWS,
    )
    return Plan(
        table=name,
        profile=profile.name,
        privacy_unit=person,
        model=model if generalised else None,
        columns=columns,
    )


def _not_scanned(column: str) -> SchemaError:
    return SchemaError(
        "schema.not-scanned",
        Text(f"欄位「{column}」還沒有掃描結果。", f"The column “{column}” was not scanned."),
        where=Where(column=column),
        hint=Text("重新掃描這張表。", "Scan the table again."),
    )


def _check_target(target: str | None, findings: Mapping[str, ColumnFinding]) -> None:
    if target is None:
        return
    if target not in findings:
        raise missing_column(target, tuple(findings))
    if findings[target].role is Role.DIRECT_IDENTIFIER:
        raise ParameterError(
            "protect.target-identifies",
            Text("直接識別項不能當作預測目標。", "A direct identifier cannot be the target."),
            where=Where(column=target),
            hint=Text("換一個目標欄位。", "Choose another target column."),
        )


def _person(findings: Mapping[str, ColumnFinding], table: Table, target: str | None) -> str | None:
    """Return the column that stands for a person: the best type, the fullest column of it."""
    found = [
        finding
        for finding in findings.values()
        if finding.role is Role.DIRECT_IDENTIFIER
        and _person_type(finding) in _PERSON_TYPES
        and finding.column != target
    ]
    if not found:
        return None

    def rank(finding: ColumnFinding) -> tuple[bool, int, bool, int]:
        rows = rows_of_values(table, finding.column)
        distinct, missing = rows.size, table.rows - int(rows.sum())
        mostly_missing = missing > table.rows / 5
        # A number that never repeats may count applications or visits; one that does, people.
        counts_rows = distinct == table.rows or distinct < table.rows / 20
        kind = _PERSON_TYPES.index(_person_type(finding))
        return mostly_missing, kind, counts_rows, missing

    return min(found, key=rank).column if len(found) > 1 else found[0].column


def _person_type(finding: ColumnFinding) -> str:
    """Return the type to rank by; a user's own identifier counts as a record's number does."""
    own = f"own-entity:{finding.semantic_type}" in finding.evidence
    return "RECORD_ID" if own else finding.semantic_type


def _quasi_identifiers(
    findings: Mapping[str, ColumnFinding],
    table: Table,
    *,
    left_out: tuple[str | None, ...],
    unique: frozenset[str],
) -> tuple[Mapping[str, Told], Mapping[str, HierarchySpec | Text]]:
    """Return the kept categories that tell a quasi-identifier, and all quasi-identifiers with them.

    What tells a column that joined this way joins too, until nothing new is found.
    """
    told: dict[str, Told] = {}
    groups: dict[str, npt.NDArray[np.int64]] = {}
    while True:
        quasi = proposed_quasi_identifiers(findings, table, left_out=left_out, told=told)
        for column, spec in quasi.items():
            if column not in groups and not isinstance(spec, Text):
                groups[column] = groups_of(spec, table.column(column))
        new: dict[str, Told] = {}
        for finding in findings.values():
            out = (*left_out, *quasi, *unique)
            if finding.column in out or not _is_kept_category(finding, table):
                continue
            found = tells(table.column(finding.column), groups)
            if found is not None:
                new[finding.column] = found
        if not new:
            return told, quasi
        told |= new


def _is_kept_category(finding: ColumnFinding, table: Table) -> bool:
    cells = table.column(finding.column)
    dated = pa.types.is_date(cells.type) or pa.types.is_timestamp(cells.type)
    return (
        finding.role in (Role.NONE, Role.SENSITIVE, Role.SPECIAL_CATEGORY)
        and finding.semantic_type not in ("TEXT", "DATE", "EMPTY")
        and not dated
        and _is_category(cells)
    )


def _is_sensitive(finding: ColumnFinding) -> bool:
    return finding.role in (Role.SENSITIVE, Role.SPECIAL_CATEGORY)


def _is_category(cells: pa.ChunkedArray) -> bool:
    values = encoded(cells)[0]
    return not is_number(cells.type) or len(values) <= _FEW_VALUES


def _identify_nobody(findings: Mapping[str, ColumnFinding]) -> frozenset[str]:
    """Return the columns whose values decide what becomes of them: those that identify nobody."""
    return frozenset(
        column
        for column, finding in findings.items()
        if finding.role not in (Role.DIRECT_IDENTIFIER, Role.QUASI_IDENTIFIER)
    )


def _is_unique_text(name: str, table: Table, sample: Table) -> bool:
    """Return whether a column holds texts of which more than half are different."""
    kind = table.schema.field(name).type
    if not (pa.types.is_string(kind) or pa.types.is_large_string(kind)):
        return False
    # A sample holds a larger share of different values than the table, never a smaller one.
    if not _is_unique(rows_of_values(sample, name)):
        return False
    return sample is table or _is_unique(rows_of_values(table, name))


def _is_unique(rows: npt.NDArray[np.int64]) -> bool:
    return bool(rows.size > _FEW_VALUES and rows.size > rows.sum() / 2)


def _diverse(
    findings: Mapping[str, ColumnFinding], table: Table, profile: RiskProfile
) -> tuple[str, ...]:
    """Return the sensitive categories that l-diversity can protect, special categories first."""
    fit = []
    for finding in findings.values():
        cells = table.column(finding.column)
        if not _is_sensitive(finding) or not _is_category(cells):
            continue
        counts = np.unique(encoded(cells)[1], return_counts=True)[1]
        if counts.size >= profile.l and counts.max() <= _ONE_SIDED * table.rows:
            fit.append(finding)
    fit.sort(key=lambda finding: finding.role is not Role.SPECIAL_CATEGORY)
    return tuple(finding.column for finding in fit[:_MAX_SENSITIVE])


def _target_entry(column: str, known: _Known) -> Keep:
    groups = {
        name: groups_of(spec, known.sample.column(name))
        for name, spec in known.quasi_identifiers.items()
        if not isinstance(spec, Text)
    }
    told = tells(known.sample.column(column), groups)
    return Keep(
        why=reasons.TARGET if told is None else reasons.target_tells(told.column, told.share)
    )


def _entries(finding: ColumnFinding, known: _Known) -> tuple[Transform, ...]:
    whole = _Whole(finding.column, known)
    entry = _entry(finding, whole)
    cells = known.sample.column(finding.column)
    released = isinstance(entry, Keep | TopBottom) and finding.column not in known.sensitive
    if not released or not is_number(cells.type) or _is_category(cells):
        return (entry,)
    found = coarsening_of(whole.holders)
    return (entry,) if found is None else _coarsened(found)


def _coarsened(found: Coarsening) -> tuple[Transform, ...]:
    why = reasons.alone(found.before, found.after, allowed=ALLOWED_ALONE)
    made: list[Transform] = []
    if found.tails:
        made.append(TopBottom(low_quantile=TAILS[0], high_quantile=TAILS[1], why=why))
    if found.step is not None:
        made.append(Round(to=found.step, why=why))
    return tuple(made) or (Keep(why=why),)


def _entry(finding: ColumnFinding, whole: _Whole) -> Transform:
    known = whole.known
    cells = known.sample.column(finding.column)
    if finding.column == known.person:
        return Pseudonym(key="person", why=reasons.PERSON)
    if finding.semantic_type == "EMPTY" or known.missing[finding.column] == known.table.rows:
        return Drop(identifies=False, why=reasons.EMPTY)
    if finding.column in known.quasi_identifiers:
        return _quasi_entry(finding, known)
    if _is_sensitive(finding):
        return _sensitive_entry(finding, cells, whole)
    return _other_entry(finding, cells, whole)


def _other_entry(finding: ColumnFinding, cells: pa.ChunkedArray, whole: _Whole) -> Transform:
    if finding.role is Role.DIRECT_IDENTIFIER:
        return Drop(why=reasons.DIRECT)
    if finding.role is Role.FREE_TEXT or finding.semantic_type == "TEXT":
        return _text_entry(cells)
    return _plain_entry(finding, cells, whole)


def _text_entry(cells: pa.ChunkedArray) -> Transform:
    textual = pa.types.is_string(cells.type) or pa.types.is_large_string(cells.type)
    return Redact(why=reasons.FREE_TEXT) if textual else Drop(why=reasons.DIRECT)


def _quasi_entry(finding: ColumnFinding, known: _Known) -> Transform:
    answer = known.quasi_identifiers[finding.column]
    full = finding.semantic_type == "ADDRESS_FULL"
    told = known.told.get(finding.column)
    if told is not None:
        why = reasons.tells(told.column, told.share)
        if isinstance(answer, Text):
            return Drop(identifies=False, why=reasons.both(why, answer))
        return Generalise(hierarchy=answer, why=why)
    if isinstance(answer, Text):
        born = finding.semantic_type == "DATE_OF_BIRTH"
        return Drop(identifies=full or born, why=answer)
    return Generalise(hierarchy=answer, why=reasons.ADDRESS if full else reasons.QUASI)


def _sensitive_entry(finding: ColumnFinding, cells: pa.ChunkedArray, whole: _Whole) -> Transform:
    known = whole.known
    if finding.column in known.sensitive:
        return Keep(why=reasons.DIVERSE)
    if finding.column in known.unique:
        return Redact(why=reasons.UNIQUE_TEXT)
    if not _is_category(cells):
        low, high = (whole.bound(share) for share in TAILS)
        if low is not None and high is not None and low < high:
            return TopBottom(low_quantile=TAILS[0], high_quantile=TAILS[1], why=reasons.TAILS)
    full = len(known.sensitive) == _MAX_SENSITIVE
    return Keep(why=reasons.MANY_SENSITIVE if full else reasons.SKEWED)


def _mostly_rare(whole: _Whole) -> bool:
    """Return whether many rows of the whole table hold a rare value."""
    # What is common in a sample is more so in the table.
    known = whole.known
    if not is_mostly_rare(rows_of_values(known.sample, whole.name)):
        return False
    return known.sample is known.table or is_mostly_rare(whole.rows)


def _plain_entry(finding: ColumnFinding, cells: pa.ChunkedArray, whole: _Whole) -> Transform:
    kind = cells.type
    dated = pa.types.is_date(kind) or pa.types.is_timestamp(kind)
    if not dated and finding.semantic_type != "DATE":
        return Keep(why=reasons.RARE_VALUES if _mostly_rare(whole) else reasons.PLAIN)
    if whole.known.person is not None:
        return DateShift(why=reasons.DATE_SHIFTED)
    return Generalise(hierarchy=DateHierarchy(start="month"), why=reasons.DATE_MONTH)
