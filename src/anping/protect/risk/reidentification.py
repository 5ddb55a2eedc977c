"""Prosecutor, journalist and marketer risk, uniqueness and class sizes of a table.

Sources: El Emam 2013, Guide to the De-Identification of Personal Health Information, ch. 16-17 (the
three risks); ISO/IEC 27559:2022 clause 7-8 (maximum and average risk, attack models).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Literal

import numpy as np
import pyarrow as pa

from anping.core.errors import ParameterError
from anping.core.measure import Measure, Replay
from anping.core.text import Text
from anping.engine.aggregate import frequencies
from anping.engine.table import Table
from anping.protect.risk.classes import (
    EquivalenceClasses,
    as_table,
    classes_of_rows,
    column_codes,
    equivalence_classes,
    require_rows,
)
from anping.protect.risk.people import Codes, Person

_ROWS, _PEOPLE = Text("列", "rows"), Text("人", "people")
_JOURNALIST = Text("記者風險（最大）", "Journalist risk (maximum)")

Subject = Literal["", "before", "after"]

_COUNT = "count of rows"
#: A table of all pairs is faster than sorting them while it has few cells per row.
_TABLE = 4

_KNOWN = Text(
    "攻擊者知道當事人在資料中，並知道其全部準識別欄位。",
    "The attacker knows that the person is in the table, and all their quasi-identifiers.",
)
_REGISTER = Text(
    "攻擊者持有所給的母體名冊，不知道誰在資料中。",
    "The attacker holds the given population register and does not know who is in the table.",
)
_BOUND = Text(
    "未提供母體名冊，因此以檢察官風險作為上界：母體中的等價類不會比樣本中的小。",
    "No population register was given, so this is the prosecutor's risk, an upper bound: a class "
    "is never smaller in the population than in the table.",
)
_MISSING = Text("缺漏值視為一種值。", "A missing value counts as a value.")
_NO_BACKGROUND = Text(
    "不計攻擊者在準識別欄位以外的背景知識。",
    "Knowledge beyond the quasi-identifiers is not counted.",
)


def measure_risk(
    table: Table | pa.Table,
    quasi_identifiers: Sequence[str],
    *,
    person: Person | None = None,
    population: Table | pa.Table | None = None,
    threshold: float | None = None,
    subject: Subject = "",
) -> tuple[Measure, ...]:
    """Return the re-identification risk of a table on its quasi-identifiers.

    ``person`` makes people, not rows, the units. ``population`` is a register with the same
    quasi-identifier columns in the same generalised values; it gives the journalist risk. With
    ``threshold`` the share of units whose risk is above it is measured. ``subject`` says whether
    this is the table ``before`` or ``after`` protection; measures of the latter can be replayed by
    whoever holds the protected table.

    Raises SchemaError for an unknown column, ParameterError for a table without rows or a threshold
    outside (0, 1].
    """
    classes = equivalence_classes(table, quasi_identifiers, person=person)
    measures = measure_classes(classes, threshold=threshold, subject=subject)
    if population is None:
        return measures
    # Only the owner holds the register, so nobody else can recompute what follows from it.
    replay = Replay("risk.classes", ("raw",), 1e-12) if subject else None
    register = _journalist(table, population, quasi_identifiers)
    return (*measures[:-1], *(replace(m, subject=subject, replay=replay) for m in register))


def measure_classes(
    classes: EquivalenceClasses, *, threshold: float | None = None, subject: Subject = ""
) -> tuple[Measure, ...]:
    """Return the same for classes that are known already; the journalist's risk comes last."""
    if threshold is not None and not 0 < threshold <= 1:
        raise ParameterError(
            "risk.threshold",
            Text(
                "風險門檻必須大於 0 且不超過 1。", "A risk threshold lies above 0 and at most at 1."
            ),
            hint=Text("例如 0.09、0.2 或 0.33。", "For example 0.09, 0.2 or 0.33."),
        )
    unit = _ROWS if classes.person is None else _PEOPLE
    replay = _replay(subject, told=classes.told)
    measures = (
        *_prosecutor(classes, unit, threshold), *_sizes(classes, unit), _journalist_bound(classes)
    )  # fmt: skip
    return tuple(replace(measure, subject=subject, replay=replay) for measure in measures)


def measure_diversity(
    table: Table | pa.Table,
    quasi_identifiers: Sequence[str],
    sensitive: Iterable[str],
    *,
    classes: EquivalenceClasses | None = None,
    subject: Subject = "",
) -> tuple[Measure, ...]:
    """Return, per sensitive column, the smallest number of distinct values in any class.

    This is the l of distinct l-diversity that the table reaches (Machanavajjhala et al. 2007, ACM
    TKDD 1:3). A missing value counts as a value. ``classes`` are those of the table's rows on its
    quasi-identifiers, if they are known already. Raises SchemaError for an unknown column.
    """
    source = as_table(table)
    columns = tuple(sensitive)
    source.require(columns)
    if classes is None:
        classes = equivalence_classes(source, quasi_identifiers)
    measures = []
    for column in columns:
        distinct = _distinct_values(source, column, classes)
        measures.append(
            Measure(
                name="risk.l_diversity.min",
                value=float(distinct.min()),
                unit="values",
                n=classes.count,
                title=Text(
                    f"各等價類中「{column}」至少有幾種值",
                    f"Fewest distinct values of “{column}” in any equivalence class",
                ),
                subject=f"{column} before" if subject == "before" else column,
                method="distinct l-diversity",
                assumptions=(_MISSING,),
                replay=_replay(subject, told=True),
            )
        )
    return tuple(measures)


def _distinct_values(table: Table, column: str, classes: EquivalenceClasses) -> Codes:
    """Return (m,) how many different values of a column stand in each class."""
    found = column_codes(table, column)
    width = max(1, len(found.values))
    pairs = classes.of_row.astype(np.int64) * width
    pairs += found.codes
    if classes.count * width <= _TABLE * table.rows:
        seen = np.zeros((classes.count, width), np.bool_)
        seen.reshape(-1)[pairs] = True
        distinct: Codes = seen.sum(axis=1)
        return distinct
    pairs.sort()
    return np.bincount(pairs[np.diff(pairs, prepend=-1) != 0] // width, minlength=classes.count)


def _replay(subject: str, *, told: bool) -> Replay | None:
    if not subject:
        return None
    return Replay(
        "risk.classes", ("protected",) if subject == "after" and told else ("raw",), 1e-12
    )


def _prosecutor(
    classes: EquivalenceClasses, unit: Text, threshold: float | None
) -> Iterable[Measure]:
    sizes = classes.size_of_unit
    memberships = int(classes.people.sum())
    yield Measure(
        name="risk.prosecutor.max",
        value=float(1 / sizes.min()),
        unit="probability",
        n=sizes.size,
        title=Text("檢察官風險（最大）", "Prosecutor risk (maximum)"),
        method="1 / smallest equivalence class",
        assumptions=(_KNOWN, _MISSING, _NO_BACKGROUND),
    )
    yield Measure(
        name="risk.marketer",
        value=classes.count / memberships,
        unit="probability",
        n=memberships,
        title=Text("行銷者風險（平均）", "Marketer risk (average)"),
        method="equivalence classes / memberships",
        assumptions=(_KNOWN, _MISSING, _NO_BACKGROUND),
    )
    yield Measure(
        name="risk.sample_uniqueness",
        value=float((sizes == 1).mean()),
        unit="share",
        n=sizes.size,
        title=Text(f"在資料中獨一無二的{unit.zh}", f"Unique {unit.en} in the table"),
        assumptions=(_MISSING,),
    )
    if threshold is not None:
        # Sizes are whole numbers: the margin keeps a rounded 0.2 from putting 1/5 above itself.
        above = sizes * threshold < 1 - 1e-9
        yield Measure(
            name="risk.prosecutor.share_above",
            value=float(above.mean()),
            unit="share",
            n=sizes.size,
            title=Text(
                f"風險高於 {threshold * 100:.3g}% 的{unit.zh}",
                f"{unit.en.capitalize()} with a risk above {threshold * 100:.3g}%",
            ),
            method=f"threshold {threshold:g}",
            assumptions=(_KNOWN, _MISSING, _NO_BACKGROUND),
        )


def _sizes(classes: EquivalenceClasses, unit: Text) -> Iterable[Measure]:
    for name, value, zh, en in (
        ("min", float(classes.people.min()), "最小的", "Smallest"),
        ("median", _median(*classes.spread), "中位數的", "Median"),
        ("mean", float(classes.people.mean()), "平均的", "Mean"),
    ):
        yield Measure(
            name=f"risk.class_size.{name}",
            value=value,
            unit=unit.en,
            n=classes.count,
            title=Text(f"{zh}等價類大小", f"{en} equivalence class size"),
            assumptions=(_MISSING,),
        )
    yield Measure(
        name="risk.classes",
        value=float(classes.count),
        unit="classes",
        n=classes.of_row.size,
        title=Text("等價類的數目", "Number of equivalence classes"),
        assumptions=(_MISSING,),
    )


def _median(sizes: Codes, counts: Codes) -> float:
    """Return the median of ascending ``sizes``, each standing ``counts`` times."""
    reached = np.cumsum(counts)
    middle = (int(reached[-1]) - 1) // 2, int(reached[-1]) // 2
    return float(sizes[np.searchsorted(reached, middle, side="right")].mean())


def _journalist_bound(classes: EquivalenceClasses) -> Measure:
    return Measure(
        name="risk.journalist.max",
        value=float(1 / classes.people.min()),
        unit="probability",
        n=classes.size_of_unit.size,
        title=_JOURNALIST,
        method="prosecutor bound",
        assumptions=(_BOUND, _MISSING),
    )


def _journalist(
    table: Table | pa.Table, population: Table | pa.Table, quasi_identifiers: Sequence[str]
) -> Iterable[Measure]:
    sample, register = as_table(table), as_table(population)
    register.require(quasi_identifiers)
    require_rows(sample)
    in_sample, in_register = _counted_together(sample, register, list(quasi_identifiers))
    met = in_sample > 0
    # A class that the register lacks contradicts the register; the larger side keeps the risk
    # finite, and the share of such rows is told.
    sizes = np.maximum(in_sample, in_register)[met]
    yield Measure(
        name="risk.journalist.max",
        value=float(1 / sizes.min()),
        unit="probability",
        n=sample.rows,
        title=_JOURNALIST,
        method="1 / smallest class in the register",
        assumptions=(_REGISTER, _MISSING),
    )
    yield Measure(
        name="risk.journalist.absent",
        value=float(in_sample[in_register == 0].sum() / sample.rows),
        unit="share",
        n=sample.rows,
        title=Text("名冊中找不到同類的列", "Rows whose class the register lacks"),
        assumptions=(_REGISTER,),
    )


def _counted_together(sample: Table, register: Table, columns: list[str]) -> tuple[Codes, Codes]:
    """Return the rows of every class of either table, in the one and in the other."""
    if not columns:
        return np.array([sample.rows]), np.array([register.rows])
    own, others = (frequencies(table, columns, count=_COUNT) for table in (sample, register))
    both = Table.of(pa.concat_tables([own, others.cast(own.schema)]))
    of_class, count = classes_of_rows(both, columns)
    rows = both.column(_COUNT).to_numpy()
    half = own.num_rows
    in_sample, in_register = np.zeros((2, count), np.int64)
    np.add.at(in_sample, of_class[:half], rows[:half])
    np.add.at(in_register, of_class[half:], rows[half:])
    return in_sample, in_register
