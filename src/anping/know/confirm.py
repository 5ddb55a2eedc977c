"""A person confirms or changes a proposal; who, when and why stay with the finding."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from difflib import get_close_matches

from anping.core.columns import ColumnFinding, Decision, Role
from anping.core.errors import ParameterError, Where
from anping.core.text import Text
from anping.know.discover.taxonomy import SemanticType
from anping.know.labels import propose_labels
from anping.know.scan import Scan

#: A column that a person calls one of these no longer shows any of its values.
_HIDDEN = frozenset({Role.DIRECT_IDENTIFIER, Role.FREE_TEXT})


def confirm(
    scan: Scan,
    *,
    column: str,
    decision: Decision,
    role: Role | str | None = None,
    semantic_type: str | None = None,
) -> Scan:
    """Return the scan with one column's proposal confirmed, or changed to ``role`` or the type.

    A new semantic type brings its categories and, unless ``role`` is given, its role. The labels
    are proposed anew. Raises SchemaError for an unknown column, ParameterError for an unknown role
    or type, or a decision without a name or a reason.
    """
    finding = scan.finding(column)
    if not decision.who.strip() or not decision.why.strip():
        raise ParameterError(
            "confirm.decision",
            Text(
                "決定必須寫明由誰作成與理由。",
                "A decision needs the name of a person and a reason.",
            ),
            where=Where(column=column),
            hint=Text("請填寫姓名與理由。", "Give who decides and why."),
        )
    types = scan.rules.known
    changed = _changed(finding, role, semantic_type, types)
    changed = replace(changed, decision=decision)
    findings = tuple(changed if kept.column == column else kept for kept in scan.findings)
    return replace(
        scan,
        findings=findings,
        profile=scan.profile.without_values(column) if changed.role in _HIDDEN else scan.profile,
        labels=propose_labels(findings, types),
    )


def _changed(
    finding: ColumnFinding,
    role: Role | str | None,
    semantic_type: str | None,
    types: Mapping[str, SemanticType],
) -> ColumnFinding:
    if semantic_type is not None and semantic_type != finding.semantic_type:
        known = types.get(semantic_type)
        if known is None:
            raise _unknown("semantic-type", finding.column, semantic_type, list(types))
        finding = replace(
            finding,
            semantic_type=known.id,
            role=known.role,
            categories=known.categories,
            confidence=1.0,
            alternatives=tuple(dict.fromkeys((finding.semantic_type, *finding.alternatives))),
        )
    if role is None:
        return finding
    if role not in set(Role):
        raise _unknown("role", finding.column, str(role), [known.value for known in Role])
    return replace(finding, role=Role(role))


def _unknown(what: str, column: str, given: str, available: list[str]) -> ParameterError:
    close = get_close_matches(given, available, n=3, cutoff=0.4) or available[:10]
    listed = ", ".join(close)
    return ParameterError(
        f"confirm.{what}",
        Text(f"沒有「{given}」這個選項。", f"There is no {what.replace('-', ' ')} “{given}”."),
        where=Where(column=column),
        hint=Text(f"可用的有：{listed}", f"Did you mean: {listed}"),
    )
