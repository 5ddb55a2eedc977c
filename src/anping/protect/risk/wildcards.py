"""Risk where a missing value may stand for any other: how many people could be meant by a row.

A record covers another if each of its quasi-identifiers has the same value or is missing. Whoever
looks for a person, and does not know whose values are missing, finds all records that cover the
person's own; these are counted. What is true of a missing value itself may be known to him, so a
record with a missing value is covered only by records in which that value is missing too. Taking
missing as a value of its own, as the other measures of risk do, is never smaller.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from anping.core.measure import Measure, Replay
from anping.core.text import Text
from anping.engine.table import Table
from anping.protect.risk.classes import EquivalenceClasses, column_codes, combine
from anping.protect.risk.people import Codes
from anping.protect.risk.reidentification import Subject

_UNKNOWING = Text(
    "攻擊者不知道誰的資料有遺漏；遺漏的值可能是任何值。",
    "The attacker does not know whose values are missing; a missing value may be any.",
)
_METHOD = "1 / records that agree with a record in every quasi-identifier, or lack it"


def measure_wildcards(
    table: Table,
    quasi_identifiers: Sequence[str],
    classes: EquivalenceClasses,
    *,
    threshold: float | None = None,
    subject: Subject = "",
) -> tuple[Measure, ...]:
    """Return the prosecutor's risk with missing values as wildcards, of classes that are known.

    The table's missing values are null or empty text.
    """
    covering = covering_sizes(table, quasi_identifiers, classes)
    units = replace(classes, people=covering).size_of_unit
    needs = ("protected",) if subject == "after" and classes.told else ("raw",)
    replay = Replay("risk.classes", needs, 1e-12) if subject else None
    return tuple(
        replace(each, subject=subject, replay=replay, method=_METHOD, assumptions=(_UNKNOWING,))
        for each in _measures(1 / units, threshold)
    )


def _measures(risk: npt.NDArray[np.float64], threshold: float | None) -> Iterator[Measure]:
    n = int(risk.size)
    yield Measure(
        "risk.wildcard.prosecutor.max", float(risk.max()), "probability", n,
        Text("檢察官風險（最大，遺漏值可為任何值）",
             "Prosecutor risk (maximum, missing values as wildcards)"),
    )  # fmt: skip
    yield Measure(
        "risk.wildcard.prosecutor.average", float(risk.mean()), "probability", n,
        Text("檢察官風險（平均，遺漏值可為任何值）",
             "Prosecutor risk (average, missing values as wildcards)"),
    )  # fmt: skip
    if threshold is not None:
        yield Measure(
            "risk.wildcard.at_risk", float((risk > threshold + 1e-12).mean()), "share", n,
            Text("高於門檻的比例（遺漏值可為任何值）",
                 "Share above the threshold (missing values as wildcards)"),
        )  # fmt: skip


def covering_sizes(
    table: Table, quasi_identifiers: Sequence[str], classes: EquivalenceClasses
) -> Codes:
    """Return how many people's records cover each class's, its own among them.

    Nobody is counted twice: where people have several rows, it is the largest of the class and of
    those that cover it, and not their sum.
    """
    member = np.zeros(classes.count, np.int64)
    member[classes.of_row] = np.arange(classes.of_row.size)
    codes, missing = [], []
    for name in quasi_identifiers:
        column = column_codes(table, name)
        own = column.codes[member]
        codes.append(own)
        missing.append(_missing(column.values)[own])
    if not codes:
        return classes.people
    empty = np.stack(missing, axis=1)
    several = classes.person is not None and bool(classes.person.several.any())
    found = classes.people.copy()
    for pattern in np.unique(empty, axis=0):
        if not pattern.any():
            continue
        rest = [each for each, lacks in zip(codes, pattern, strict=True) if not lacks]
        of_group, groups = combine(rest, classes.count)
        those = np.flatnonzero((empty == pattern).all(axis=1))
        more = np.zeros(max(1, groups), np.int64)
        np.add.at(more, of_group[those], classes.people[those])
        added = more[of_group]
        added[those] = 0
        found = np.maximum(found, added) if several else found + added
    return found


def _missing(values: pa.Array) -> npt.NDArray[np.bool_]:
    lacks = pc.is_null(values)
    if pa.types.is_string(values.type) or pa.types.is_large_string(values.type):
        lacks = pc.or_(lacks, pc.fill_null(pc.equal(values, ""), fill_value=False))
    flags: npt.NDArray[np.bool_] = lacks.to_numpy(zero_copy_only=False).astype(np.bool_)
    return flags
