"""What a table's other columns say about one that its own values and header leave open.

Eight digits without a header can number anything; beside diagnoses and blood types they most
likely number patients.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from anping.core.columns import ColumnFinding
from anping.know.discover.column_values import ColumnValues
from anping.know.discover.headers import meaningless
from anping.know.discover.taxonomy import taxonomy

_MEDICAL = frozenset(
    ["DIAGNOSIS", "MEDICAL_TREATMENT", "HEALTH_CHECK", "BLOOD_TYPE", "TW_NHI_CARD", "GENETIC"]
)
_RECORD = "MEDICAL_RECORD_NO"
#: So many different medical columns make a table a register of patients.
_ENOUGH = 2
_DIGITS = frozenset(range(6, 11))
#: No surer than this: the neighbours speak, not the values.
_CONFIDENCE = 0.55


def beside(
    findings: Sequence[ColumnFinding], values: Sequence[ColumnValues]
) -> tuple[ColumnFinding, ...]:
    """Return the findings with those changed that their neighbours speak for, saying so.

    Only a column with a meaningless header that numbers its rows in 6 to 10 digits, and not one
    after the other, becomes a medical record number, the first of them only.
    """
    medical = sorted({finding.semantic_type for finding in findings} & _MEDICAL)
    if len(medical) < _ENOUGH or any(finding.semantic_type == _RECORD for finding in findings):
        return tuple(findings)
    for place, (finding, column) in enumerate(zip(findings, values, strict=True)):
        if finding.semantic_type == "RECORD_ID" and _numbers_people(column):
            known = taxonomy()[_RECORD]
            changed = replace(
                finding,
                semantic_type=known.id,
                role=known.role,
                categories=known.categories,
                confidence=_CONFIDENCE,
                evidence=(*(f"neighbour:{name}" for name in medical[:3]), *finding.evidence),
                alternatives=("RECORD_ID", *finding.alternatives)[:3],
            )
            return (*findings[:place], changed, *findings[place + 1 :])
    return tuple(findings)


def _numbers_people(column: ColumnValues) -> bool:
    texts = column.counts
    if not meaningless(column.name) or not all(map(str.isdigit, texts)):
        return False
    if not {len(text) for text in texts} <= _DIGITS:
        return False
    numbers = sorted(map(int, texts))
    return numbers[-1] - numbers[0] > 10 * len(numbers)
