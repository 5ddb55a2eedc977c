"""What occurs inside a column without being its type: people in free texts, a few stray identifiers.

Each line says how many of the looked-at cells hold a type, and, where only a sample was looked at,
how sure that is (Wilson 1927, JASA 22:209). What a sample of n rows did not show at all may still
be there: with 95 % confidence in at most 1 - 0.05^(1/n) of the rows (the exact form of the rule of
three, Hanley & Lippman-Hand 1983, JAMA 249:1743).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any, Literal

import pyarrow as pa

from anping.core.columns import ColumnFinding
from anping.core.measure import Measure
from anping.core.text import Text
from anping.engine.stream import mapped
from anping.engine.table import Table
from anping.know.discover.column_values import ColumnValues
from anping.know.discover.nested import LOOKED_AT
from anping.know.discover.own_columns import OWN, own_cells
from anping.know.discover.rules import Rules
from anping.know.discover.tally import TALLY, tallied, tally
from anping.know.discover.written import written
from anping.stats.intervals import wilson

#: Fewer cells than this are told in the report, but are no measure: evidence stays for good.
FEW = 5
_MISSED = 0.05
_CONTAINS = "contains:"

#: The types of what identifies people in each of some texts.
Detector = Callable[[Sequence[str]], Sequence[frozenset[str]]]


@dataclass(frozen=True, slots=True)
class Inside:
    """A type that ``cells`` of ``n`` looked-at cells of a column hold; ``sampled`` of a larger table.

    ``where`` is ``texts`` for what stands inside free texts, ``cells`` for whole cells that are of
    another type than their column.
    """

    column: str
    type: str
    where: Literal["texts", "cells"]
    cells: int
    n: int
    sampled: bool

    @property
    def share(self) -> float:
        """The share of the looked-at cells."""
        return self.cells / self.n

    def measure(self) -> Measure:
        """Return the share as a measure, with an interval where it was sampled."""
        inside = Text("含有此類型的文字", "Texts that hold this type")
        stray = Text("屬於此類型的儲存格", "Cells that are of this type")
        return Measure(
            name=f"discovery.{self.where}",
            value=self.share,
            unit="share",
            n=self.n,
            title=inside if self.where == "texts" else stray,
            subject=f"{self.column}: {self.type}",
            interval=wilson(self.cells, self.n) if self.sampled else None,
            method="cells with at least one / filled cells looked at",
        )

    def as_json(self) -> dict[str, Any]:
        """Return plain values."""
        return asdict(self)

    @classmethod
    def from_json(cls, value: Mapping[str, Any]) -> Inside:
        """Read what :meth:`as_json` gives."""
        return cls(**value)


def found_inside(
    findings: Sequence[ColumnFinding], values: Sequence[ColumnValues], rules: Rules | None = None
) -> tuple[Inside, ...]:
    """Return what occurs inside the columns, in their order, the commonest first.

    ``rules`` may bring a user's own entities, of which a few cells may be, too.
    """
    found: list[Inside] = []
    for finding, column in zip(findings, values, strict=True):
        found += _texts(finding, column)
        found += _strays(finding, column, rules)
    return tuple(found)


def missable(rows: int, looked: int) -> Measure | None:
    """Return the share of rows below which a type may have been missed; None if all were seen."""
    if looked >= rows or looked == 0:
        return None
    return Measure(
        name="discovery.missable",
        value=1 - _MISSED ** (1 / looked),
        unit="share",
        n=looked,
        title=Text("抽樣可能漏看的最大比率", "The largest share that sampling may have missed"),
        method="1 - 0.05^(1/n): missed with probability at most 5 %",
        assumptions=(
            Text("列是隨機抽出的。", "The rows were drawn at random."),
            Text("以 --full 掃描可檢查每一列。", "A scan with --full looks at every row."),
        ),
    )


def with_all_texts(
    table: Table, findings: Sequence[ColumnFinding], detector: Detector
) -> tuple[ColumnFinding, ...]:
    """Return the findings of free texts with what all their cells hold, read in one pass."""
    names = tuple(finding.column for finding in findings if _is_text(finding))
    if not names:
        return tuple(findings)
    found = tallied(mapped(table, TextsInside(names, detector), columns=names, schema=TALLY))
    return tuple(
        _recounted(finding, found.get(names.index(finding.column), Counter()))
        if finding.column in names
        else finding
        for finding in findings
    )


def with_texts_again(
    findings: Sequence[ColumnFinding],
    values: Sequence[ColumnValues],
    looked_into: Callable[[ColumnValues], Sequence[str]],
) -> tuple[ColumnFinding, ...]:
    """Return the findings of free texts with what another look at their values says is inside."""
    return tuple(
        replace(
            finding,
            evidence=(
                *(c for c in finding.evidence if not c.startswith((_CONTAINS, LOOKED_AT))),
                *looked_into(column),
            ),
        )
        if _is_text(finding)
        else finding
        for finding, column in zip(findings, values, strict=True)
    )


@dataclass(frozen=True)
class TextsInside:
    """Tallies how many cells of each column hold each type; ``detector`` reads distinct texts."""

    columns: tuple[str, ...]
    detector: Detector

    def __call__(self, batch: pa.RecordBatch) -> pa.RecordBatch:
        """Return a batch's tally; subjects are the places of ``columns``."""
        counts: dict[int, Counter[str]] = {}
        for place, name in enumerate(self.columns):
            pairs = written(batch.column(name)).drop_null().value_counts()
            texts = pairs.field("values").to_pylist()
            held: Counter[str] = Counter()
            weights = pairs.field("counts").to_pylist()
            for kinds, weight in zip(self.detector(texts), weights, strict=True):
                held.update(dict.fromkeys((*kinds, ""), weight))
            counts[place] = held
        return tally(counts)


def _is_text(finding: ColumnFinding) -> bool:
    return any(code.startswith(LOOKED_AT) for code in finding.evidence)


def _recounted(finding: ColumnFinding, counts: Counter[str]) -> ColumnFinding:
    cells = counts.pop("", 0)
    plain = tuple(c for c in finding.evidence if not c.startswith((_CONTAINS, LOOKED_AT)))
    held = tuple(
        f"{_CONTAINS}{kind}={count / cells:.3g}"
        for kind, count in sorted(counts.items(), key=lambda pair: (-pair[1], pair[0]))
    )
    return replace(finding, n=cells, evidence=(*plain, f"{LOOKED_AT}{cells}", *held))


def _texts(finding: ColumnFinding, column: ColumnValues) -> list[Inside]:
    looked = [code for code in finding.evidence if code.startswith(LOOKED_AT)]
    if not looked:
        return []
    n = int(looked[0].removeprefix(LOOKED_AT))
    pairs = [
        code.removeprefix(_CONTAINS).split("=")
        for code in finding.evidence
        if code.startswith(_CONTAINS)
    ]
    return [
        Inside(finding.column, kind, "texts", round(float(share) * n), n, n < column.filled)
        for kind, share in pairs
    ]


def _strays(finding: ColumnFinding, column: ColumnValues, rules: Rules | None) -> list[Inside]:
    """Return the identifiers among whole cells, but those of the column's own type."""
    found, n = column.occurring
    held = {one.type: one.passed for one in found}
    if rules is not None and rules.own and column.kind in {"text", "number"}:
        held |= _own_strays(column, rules)
    own = {finding.semantic_type, *finding.alternatives}
    strays = [(kind, cells) for kind, cells in held.items() if kind not in own and cells < n / 2]
    return [
        Inside(finding.column, kind, "cells", cells, n, n < column.filled)
        for kind, cells in sorted(strays, key=lambda one: -one[1])
    ]


def _own_strays(column: ColumnValues, rules: Rules) -> dict[str, int]:
    if column.looks is not None:
        return {
            name.removeprefix(OWN): cells
            for name, cells in column.looks.items()
            if name.startswith(OWN)
        }
    return dict(own_cells(column.counts if column.every is None else column.every, rules))
