"""Which columns make up the k-anonymity set, each with its hierarchy, and which had better go."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial

import numpy as np

from anping.core.columns import ColumnFinding, Role
from anping.core.text import Text
from anping.engine.table import Table
from anping.protect import reasons
from anping.protect.association import Told
from anping.protect.fitting import fitting_hierarchy, is_too_varied
from anping.protect.plan_entries import HierarchySpec
from anping.protect.transform.distinct import encoded

#: More quasi-identifiers than this are proposed for dropping: each one more coarsens all others.
MAX_QUASI_IDENTIFIERS = 8
# Two columns of two or three values correspond one to one too easily by chance.
_TWINS_FROM = 3
# Which quasi-identifiers stay when there are too many: what others know best about a person.
_QUASI_TYPES = (
    "AGE",
    "DATE_OF_BIRTH",
    "GENDER",
    "ADDRESS_FULL",
    "ADDRESS_PART",
    "EDUCATION",
    "OCCUPATION",
    "MARITAL_STATUS",
    "NATIONALITY",
    "ETHNICITY",
)


def is_quasi(finding: ColumnFinding) -> bool:
    """Return whether a column joins the k-anonymity set: by its role, or as a full address."""
    full_address = finding.semantic_type == "ADDRESS_FULL"
    return finding.role is Role.QUASI_IDENTIFIER or (
        full_address and finding.role is Role.DIRECT_IDENTIFIER
    )


def proposed_quasi_identifiers(
    findings: Mapping[str, ColumnFinding],
    table: Table,
    *,
    left_out: Sequence[str | None],
    told: Mapping[str, Told],
) -> dict[str, HierarchySpec | Text]:
    """Return each quasi-identifier's hierarchy, or the reason why it had better be dropped.

    The columns of ``told`` join for what they tell, and count as known as well as that.
    """
    found = [
        finding
        for finding in findings.values()
        if (is_quasi(finding) or finding.column in told) and finding.column not in left_out
    ]
    types = {finding.semantic_type for finding in found}
    answers: dict[str, HierarchySpec | Text] = {}
    for finding in found:
        cells = table.column(finding.column)
        spec = fitting_hierarchy(finding, cells)
        full = finding.semantic_type == "ADDRESS_FULL"
        if full and spec.kind not in ("address", "postal_code"):
            answers[finding.column] = reasons.DIRECT
        elif "AGE" in types and finding.semantic_type == "DATE_OF_BIRTH":
            answers[finding.column] = reasons.BIRTH_TWICE
        elif "ADDRESS_FULL" in types and not full and spec.kind == "postal_code":
            answers[finding.column] = reasons.CODE_TWICE
        elif is_too_varied(spec, cells):
            answers[finding.column] = reasons.TOO_VARIED
        else:
            answers[finding.column] = spec
    kept = [finding for finding in found if not isinstance(answers[finding.column], Text)]
    order = partial(_rank, findings=findings, told=told, table=table)
    ranked = [finding.column for finding in sorted(kept, key=order)]
    answers |= {column: reasons.same_as(twin) for column, twin in _twins(ranked, table).items()}
    ranked = [column for column in ranked if not isinstance(answers[column], Text)]
    return answers | dict.fromkeys(ranked[MAX_QUASI_IDENTIFIERS:], reasons.TOO_MANY)


def _twins(columns: Sequence[str], table: Table) -> dict[str, str]:
    """Return each column that corresponds one to one to an earlier one, with that one."""
    coded = {column: encoded(table.column(column)) for column in columns}
    twins: dict[str, str] = {}
    for place, column in enumerate(columns):
        values, codes = coded[column]
        for earlier in columns[:place]:
            others, other_codes = coded[earlier]
            if earlier in twins or len(values) != len(others) or len(values) <= _TWINS_FROM:
                continue
            pairs = np.unique((codes + 1) * (len(others) + 1) + other_codes + 1).size
            if pairs == np.unique(codes).size == np.unique(other_codes).size:
                twins[column] = earlier
                break
    return twins


def _rank(
    finding: ColumnFinding,
    *,
    findings: Mapping[str, ColumnFinding],
    told: Mapping[str, Told],
    table: Table,
) -> tuple[int, int, int]:
    """Return what sorts the quasi-identifiers that others know best to the front.

    What tells another one comes right after those of that one's type.
    """
    best, steps = finding, 0
    while best.column in told:
        best, steps = findings[told[best.column].column], steps + 1
    kind = best.semantic_type
    known = _QUASI_TYPES.index(kind) if kind in _QUASI_TYPES else len(_QUASI_TYPES)
    return known, steps, len(encoded(table.column(finding.column))[0])
