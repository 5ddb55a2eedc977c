"""A table of places that the public uses is not about people: its addresses and telephones neither.

The position, the address or the telephone of a library is no personal data, where nothing else in the
table points at a person. That takes more than silence: the rows must be named as facilities or
organisations are. A list of telephones alone stays what it is.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from anping.core.columns import ColumnFinding, Role
from anping.know.discover.column_values import ColumnValues

#: What says where a place is and how it is reached, whosever it is.
_REACHED = frozenset(["LOCATION", "GPS_POSITION", "ADDRESS_FULL", "ADDRESS_PART", "PHONE", "URL"])
_PLACED = _REACHED | {"ORGANISATION", "TW_BUSINESS_ID", "RECORD_ID", "DATE"}
#: Rows are named one by one when so large a share of the names differs.
_DIFFERENT = 0.5
#: Columns of this share at least are of the type.
_MOSTLY = 0.7
_MOBILE = re.compile(r"(?:\+?886[ -]?|0)9[0-9]{2}[ -]?[0-9]{3}[ -]?[0-9]{3}")
#: Up to this share of mobile numbers a column of telephones can be that of offices.
_MOBILES = 0.2
PLACE = "public-place"


def without_people(
    findings: Sequence[ColumnFinding], values: Sequence[ColumnValues]
) -> tuple[ColumnFinding, ...]:
    """Return the findings with role ``none`` for what only says where facilities are.

    Only where a column names a facility or organisation on most rows, the rows' names differ, and
    no other column identifies or describes people. The evidence says so (``public-place``).
    """
    named = next((one.column for one in _names(findings, values)), None)
    if named is None or any(map(_tells_of_people, findings)):
        return tuple(findings)
    return tuple(
        replace(
            finding,
            role=Role.NONE,
            categories=("organisation",),
            evidence=(f"{PLACE}:{named}", *finding.evidence),
        )
        if finding.semantic_type in _REACHED and not _private(finding, column)
        else finding
        for finding, column in zip(findings, values, strict=True)
    )


def _names(
    findings: Sequence[ColumnFinding], values: Sequence[ColumnValues]
) -> list[ColumnFinding]:
    return [
        finding
        for finding, column in zip(findings, values, strict=True)
        if finding.semantic_type == "ORGANISATION"
        and finding.prevalence >= _MOSTLY
        and column.unique_share >= _DIFFERENT
    ]


def _tells_of_people(finding: ColumnFinding) -> bool:
    plain = finding.role is Role.NONE or finding.semantic_type in _PLACED
    return not plain or any(code.startswith("contains:PERSON_NAME") for code in finding.evidence)


def _private(finding: ColumnFinding, column: ColumnValues) -> bool:
    """Return whether telephones are people's own: mobile ones."""
    if finding.semantic_type != "PHONE":
        return False
    mobiles = sum(n for text, n in column.counts.items() if _MOBILE.match(text))
    return mobiles > _MOBILES * column.n
