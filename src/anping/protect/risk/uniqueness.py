"""Who stands alone on all released columns together: what k-anonymity does not cover.

k-anonymity makes people alike on the quasi-identifiers. Somebody who knows everything else in a
row, too, singles it out wherever no other row is the same ("singling out": Article 29 Working Party
2014, Opinion 05/2014 on anonymisation techniques, section 2.2.2).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

import pyarrow as pa

from anping.core.measure import Measure, Replay
from anping.core.text import Text
from anping.engine.table import Table
from anping.protect.risk.alike import alike
from anping.protect.risk.classes import as_table, require_rows, sized
from anping.protect.risk.people import Person, people_of

NAME = "risk.uniqueness.all_columns"

_ALL_KNOWN = Text(
    "攻擊者知道某一列中除假名與自由文字以外的每一個值，而且一字不差。",
    "The attacker knows every value of a row but the pseudonym and free text, to the last digit.",
)
_HASHED = Text(
    "列以兩個獨立的 64 位元雜湊比較；一千萬列中誤把任何不同的兩列當成相同的機會低於 10⁻²⁴。",
    "Rows are compared by two independent hashes of 64 bits; among ten million rows the chance that "
    "any two that differ are taken as equal is below 10⁻²⁴.",
)
_MISSING = Text("缺漏值視為一種值。", "A missing value counts as a value.")


def measure_uniqueness(
    table: Table | pa.Table,
    columns: Sequence[str],
    *,
    person: Person | None = None,
    subject: Literal["", "before", "after"] = "",
) -> tuple[Measure, ...]:
    """Return the share of rows, or of people, who are unique on all of ``columns`` together.

    ``columns`` are those that are released, but the person's pseudonym and free text; ``person``
    makes people the units, and one is unique who holds a row that nobody else's equals. ``subject``
    says whether this is the table ``before`` or ``after`` protection; of the latter whoever holds
    the protected table can recompute it. Without columns there is nothing to measure: no measure.
    Raises SchemaError for an unknown column, ParameterError for a table without rows.
    """
    source = as_table(table)
    source.require(columns)
    if not columns:
        return ()
    require_rows(source)
    classes = sized(*alike(source, columns), people_of(person, source))
    sizes = classes.size_of_unit
    zh, en = ("列", "rows") if person is None else ("人", "people")
    needs = ("protected",) if subject == "after" and classes.told else ("raw",)
    replay = Replay("risk.classes", needs, 1e-12) if subject else None
    return (
        Measure(
            name=NAME,
            value=float((sizes == 1).mean()),
            unit="share",
            n=int(sizes.size),
            title=Text(
                f"把所有欄位合起來看獨一無二的{zh}（k-匿名不涵蓋）",
                f"Unique {en} on all columns together (k-anonymity does not cover this)",
            ),
            subject=subject,
            method=f"classes of one on all {len(columns)} columns but pseudonym and free text",
            assumptions=(_ALL_KNOWN, _MISSING, _HASHED),
            replay=replay,
        ),
    )
