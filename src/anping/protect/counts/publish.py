"""The door of the room: a table and columns to group by in, a table of counts that may leave out."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

import numpy as np
import pyarrow as pa

from anping.core.errors import InputError, ParameterError
from anping.core.measure import Measure
from anping.core.text import Text
from anping.engine.table import Table
from anping.protect.counts.complementary import Pattern, Witness, suppression_pattern
from anping.protect.counts.cube import Bools, Cube, Floats, Whole, cube_of
from anping.protect.counts.primary import unsafe_cells
from anping.protect.counts.rules import CountRules

#: What stands for a total, and for a suppressed number.
TOTAL, SUPPRESSED = "*", "x"

_MARGINS = Text(
    "保護只對這張表成立：同一份資料的另一張表、或較細的分類，可能相減得出被抑制的格。",
    "The protection holds for this table alone: another table of the same data, or a finer one, may"
    " give a suppressed cell by subtraction.",
)
_BESIDE = Text(
    "若另外釋出同一批人的保護後資料，且這些類別在其中原樣保留，被抑制的格可由它數出。",
    "Where a protected table of the same people is released too and shows these categories as they"
    " are, suppressed cells can be counted there.",
)
_GROUP = Text(
    "若某類的人全落在同一格，該格的數字雖大，也說出這類每個人的屬性。",
    "Where all people of a group stand in one cell, that cell tells the attribute of each of them,"
    " however large it is.",
)
_ALONE = Text(
    "假設攻擊者至多是一位當事人：數人合謀、知道彼此的數值時，保護可能不足。",
    "An attacker is taken to be one contributor at most: several who share what they gave may learn"
    " more.",
)
_ROWS = Text(
    "沒有指明「人」的欄位，因此每一列當作一人。",
    "No column for people is named, so each row counts as a person.",
)
_ROUNDED = Text(
    "各數字分別取整，因此合計不一定等於各格之和。",
    "Numbers are rounded one by one, so totals need not be the sums of their cells.",
)


@dataclass(frozen=True)
class PublishedCounts:
    """A table that may leave, and what evidence needs of how it was made.

    ``table`` has the columns of ``by`` (totals are ``*``, a missing category is empty), then
    ``count`` and, with a value column, ``sum``: texts, as a suppressed one is ``x``. ``witnesses``
    tell why each unsafe cell is protected and stay inside.
    """

    table: pa.Table
    measures: tuple[Measure, ...]
    limits: tuple[Text, ...]
    suppressed: Bools = field(repr=False)
    witnesses: tuple[Witness, ...] = field(repr=False)


def publish_counts(
    table: Table,
    by: Sequence[str],
    *,
    value: str | None = None,
    person: str | None = None,
    rules: CountRules | None = None,
) -> PublishedCounts:
    """Return ``table`` counted by the columns ``by``, unsafe cells suppressed.

    With ``person`` people are counted, each once in every innermost cell, else rows; with ``value``
    its sum is published too. Every unsafe cell can be larger by what its rule asks for, in a table
    that agrees with everything published, also for one who contributes to a cell. Raises
    ParameterError (columns, too many cells, rules), InputError (no rows, values below 0).
    """
    rules = rules or CountRules()
    if value is None and (rules.dominance or rules.p_percent):
        raise ParameterError(
            "counts.no-value",
            Text(
                "優勢規則與 p% 規則要有加總的欄位。",
                "Dominance and the p % rule need a column to sum.",
            ),
            hint=Text("指明 value，或只用 threshold。", "Name a value, or use the threshold only."),
        )
    if table.rows == 0:
        raise InputError(
            "input.empty",
            Text("表中沒有任何列。", "The table has no rows."),
            hint=Text("檢查來源檔案。", "Check the source file."),
        )
    top = 1 if rules.dominance is None else rules.dominance[0]
    cube = cube_of(table, by, value=value, person=person, top=top)
    unsafe = unsafe_cells(cube, rules, summed=value is not None)
    pattern = suppression_pattern(cube, unsafe, totals=rules.totals)
    return PublishedCounts(
        _published(cube, pattern.cells, rules, summed=value is not None),
        tuple(_measures(cube, unsafe.cells, pattern, rules)),
        tuple(_limits(rules, person)),
        pattern.cells,
        pattern.witnesses,
    )


def _published(cube: Cube, gone: Bools, rules: CountRules, *, summed: bool) -> pa.Table:
    shown = np.ones(cube.shape, np.bool_)
    if not rules.totals:
        shown[:] = False
        shown[cube.inner] = True
    places = np.nonzero(shown)
    columns: dict[str, pa.Array] = {}
    for name, labels, at in zip(cube.by, cube.labels, places, strict=True):
        columns[name] = pa.array([*labels, TOTAL], pa.string()).take(pa.array(at))
    columns[_free("count", cube.by)] = _texts(cube.count[shown], gone[shown], rules)
    if summed:
        columns[_free("sum", cube.by)] = _texts(cube.total[shown], gone[shown], rules)
    return pa.table(columns)


def _free(name: str, taken: Sequence[str]) -> str:
    while name in taken:
        name += "_"
    return name


def _texts(cells: Whole | Floats, gone: Bools, rules: CountRules) -> pa.StringArray:
    if rules.rounding is not None:
        cells = np.floor(cells / rules.rounding + 0.5) * rules.rounding
    texts = [
        SUPPRESSED if hidden else f"{cell:.15g}"
        for cell, hidden in zip(cells.tolist(), gone.tolist(), strict=True)
    ]
    return pa.array(texts, pa.string())


def _measures(cube: Cube, unsafe: Bools, pattern: Pattern, rules: CountRules) -> Iterator[Measure]:
    shown = np.zeros(cube.shape, np.bool_)
    shown[... if rules.totals else cube.inner] = True
    filled = int((shown & (cube.people > 0)).sum())
    first = int((unsafe & shown).sum())
    gone = int((pattern.cells & shown).sum())
    used = _rules_in_words(rules)
    for name, count, title in (
        ("counts.primary", first, Text("規則直接抑制的格數", "Cells suppressed by a rule")),
        (
            "counts.complementary",
            gone - first,
            Text("為免由合計算出而另外抑制的格數", "Cells suppressed so that totals tell nothing"),
        ),
    ):
        yield Measure(name, float(count), "table cells", filled, title, method=used)
    title = Text("有人的格中被抑制的比例", "Share of the filled cells that is suppressed")
    yield Measure("counts.suppressed", gone / filled if filled else 0.0, "share", filled, title)
    title = Text("計入的列數", "Rows that were counted")
    yield Measure("counts.rows", float(cube.rows), "rows", cube.rows, title, method="count")
    if rules.totals:
        proven = len(pattern.witnesses)
        title = Text(
            "以另一張相容的表證明受保護的格數", "Cells proven protected by another table that fits"
        )
        method = "hypercube witness for each: a table that agrees with all published cells"
        yield Measure("counts.proven", float(proven), "table cells", first, title, method=method)


def _rules_in_words(rules: CountRules) -> str:
    words = [f"threshold {rules.threshold}"]
    if rules.dominance is not None:
        words.append(f"dominance ({rules.dominance[0]}, {rules.dominance[1]:g} %)")
    if rules.p_percent is not None:
        words.append(f"p {rules.p_percent:g} %")
    if rules.rounding is not None:
        words.append(f"rounding to {rules.rounding}")
    return ", ".join(words)


def _limits(rules: CountRules, person: str | None) -> Iterator[Text]:
    yield _MARGINS
    yield _BESIDE
    yield _GROUP
    yield _ALONE
    if person is None:
        yield _ROWS
    if rules.rounding is not None:
        yield _ROUNDED
