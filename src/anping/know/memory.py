"""What people decided about columns before is remembered, and asked again of the next scan.

A decision follows a column to the next version of its table, and proposes (never decides) the same
for columns of that name in other tables, as long as the values look alike: their shapes
(``A999999999``) are spread alike. The finding says which decision it goes back to, or that there
was one that no longer fits.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from anping.core.columns import ColumnFinding
from anping.know.discover.column_values import ColumnValues
from anping.know.discover.headers import normalise
from anping.know.shapes import shape

#: Values are alike when at least this share of them is (1 - total variation of their shapes).
ALIKE = 0.6
#: How sure a decision about a like column elsewhere makes a proposal.
_ELSEWHERE = 0.9
#: So many shapes are kept, of those that at least so many cells and this share have.
_SHAPES, _CELLS, _SHARE = 12, 5, 0.01
_BEFORE, _UNLIKE, _THERE = (
    "decided-before:",
    "decided-before-of-other-values:",
    "decided-elsewhere:",
)


@dataclass(frozen=True, slots=True)
class Form:
    """What a column's values look like, and nothing of what they say: shapes and their shares."""

    column: str
    kind: str
    shapes: tuple[tuple[str, float], ...]

    def likeness(self, other: Form) -> float:
        """Return the share of values whose shapes the columns have in common, from 0 to 1."""
        if self.kind != other.kind:
            return 0.0
        theirs = dict(other.shapes)
        return sum(min(share, theirs.get(name, 0.0)) for name, share in self.shapes)

    def as_json(self) -> dict[str, Any]:
        """Return plain values."""
        return {"column": self.column, "kind": self.kind, "shapes": [list(p) for p in self.shapes]}

    @classmethod
    def from_json(cls, value: Mapping[str, Any]) -> Form:
        """Read what :meth:`as_json` gives."""
        shapes = tuple((str(name), float(share)) for name, share in value["shapes"])
        return cls(value["column"], value["kind"], shapes)


@dataclass(frozen=True, slots=True)
class Known:
    """Columns that a person decided about: in an earlier scan of this table, and in other tables."""

    before: tuple[tuple[ColumnFinding, Form], ...] = ()
    elsewhere: tuple[tuple[str, ColumnFinding, Form], ...] = ()


def forms_of(values: Sequence[ColumnValues]) -> tuple[Form, ...]:
    """Return what each column's values look like."""
    return tuple(Form(column.name, column.kind, _shapes(column)) for column in values)


def recall(
    findings: Sequence[ColumnFinding], forms: Sequence[Form], known: Known
) -> tuple[ColumnFinding, ...]:
    """Return the findings with what people decided about the same or like columns."""
    before = {finding.column: (finding, form) for finding, form in known.before}
    return tuple(
        _again(finding, form, *before[finding.column])
        if finding.column in before
        else _like(finding, form, known.elsewhere)
        for finding, form in zip(findings, forms, strict=True)
    )


def unlike(finding: ColumnFinding) -> bool:
    """Return whether an earlier decision about the column no longer fits its values."""
    return any(code.startswith(_UNLIKE) for code in finding.evidence)


def _again(finding: ColumnFinding, form: Form, decided: ColumnFinding, then: Form) -> ColumnFinding:
    likeness = form.likeness(then)
    if likeness < ALIKE:
        code = f"{_UNLIKE}{decided.semantic_type}={likeness:.2f}"
        return replace(finding, evidence=(code, *finding.evidence))
    code = f"{_BEFORE}{decided.semantic_type}={likeness:.2f}"
    return replace(_as(finding, decided, code), decision=decided.decision)


def _like(
    finding: ColumnFinding, form: Form, elsewhere: Sequence[tuple[str, ColumnFinding, Form]]
) -> ColumnFinding:
    header = normalise(finding.column)
    fitting = [
        (form.likeness(there), table, decided)
        for table, decided, there in elsewhere
        if normalise(decided.column) == header
    ]
    best = max(fitting, key=lambda one: one[0], default=None)
    if best is None or best[0] < ALIKE:
        return finding
    likeness, table, decided = best
    changed = _as(finding, decided, f"{_THERE}{table}={likeness:.2f}")
    return replace(changed, confidence=max(finding.confidence, _ELSEWHERE))


def _as(finding: ColumnFinding, decided: ColumnFinding, code: str) -> ColumnFinding:
    """Return the finding with what was decided; its own proposal becomes the first alternative."""
    same = finding.semantic_type == decided.semantic_type
    others = finding.alternatives if same else (finding.semantic_type, *finding.alternatives)
    return replace(
        finding,
        semantic_type=decided.semantic_type,
        role=decided.role,
        categories=decided.categories,
        alternatives=tuple(name for name in others if name != decided.semantic_type),
        evidence=(code, *finding.evidence),
    )


def _shapes(column: ColumnValues) -> tuple[tuple[str, float], ...]:
    counts: Counter[str] = Counter()
    for text, count in column.counts.items():
        counts[shape(text)] += count
    least = max(_CELLS, _SHARE * column.n)
    common = [(name, count) for name, count in counts.most_common(_SHAPES) if count >= least]
    return tuple((name, round(count / column.n, 4)) for name, count in common)
