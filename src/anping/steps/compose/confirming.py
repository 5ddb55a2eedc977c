"""How a person's words on columns are read, remembered and kept free of personal data."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from anping.core.columns import ColumnFinding, Decision, Role
from anping.core.errors import ParameterError, Where
from anping.core.span import Span
from anping.core.text import Text
from anping.workspace.step import Inputs

if TYPE_CHECKING:
    from anping.know.memory import Form, Known
    from anping.know.scan import Scan

Change = tuple[str, Role | None, str | None]


def parse_change(text: str, columns: Sequence[str]) -> Change:
    """Read ``column=role`` or ``column=role:TYPE``; the column's own name may hold ``=``.

    Raises ParameterError if the column or the role does not exist.
    """
    named = [column for column in columns if text.startswith(f"{column}=")]
    column = max(named, key=len, default=text.partition("=")[0])
    role, _, semantic_type = text.removeprefix(f"{column}=").partition(":")
    roles = [each.value for each in Role]
    if not named or role not in roles:
        raise ParameterError(
            "confirm.change",
            Text(
                f"看不懂變更「{column}」：要寫成 欄位=角色 或 欄位=角色:類型。",
                f"The change of “{column}” is not of the form column=role or column=role:TYPE.",
            ),
            where=Where(column=column),
            hint=Text(f"角色有：{'、'.join(roles)}", f"Roles: {', '.join(roles)}"),
        )
    return column, Role(role), semantic_type or None


def wanted_changes(given: Any, scan: Scan) -> list[Change]:
    """Return what the parameters of ``know.confirm`` ask for, column by column."""
    names = [finding.column for finding in scan.findings]
    changes = [parse_change(text, names) for text in given.change]
    changes += [(column, None, None) for column in given.columns]
    named = {column for column, _, _ in changes}
    left = [f.column for f in scan.findings if f.decision is None and f.column not in named]
    return changes + [(column, None, None) for column in left if given.every]


def check_reason(why: str, find_spans: Callable[[str], Sequence[Span]]) -> None:
    """Refuse a reason that names a person: it would stay in the ledger for good."""
    kinds = sorted({span.type for span in find_spans(why)})
    if kinds:
        raise ParameterError(
            "confirm.personal-data",
            Text(
                f"理由裡似乎有個人資料（{'、'.join(kinds)}）；帳本永久保存，不能寫入。",
                f"The reason seems to hold personal data ({', '.join(kinds)}); "
                "the ledger keeps it for good.",
            ),
            hint=Text("請改寫，不要提到任何人。", "Write it again without naming anyone."),
        )


def resumed(inputs: Inputs) -> Scan:
    """Return the scan with the decisions that a person made before, as far as they still fit."""
    from anping.know.memory import unlike
    from anping.know.scan import Scan

    scan = Scan.from_json(json.loads(inputs["scan"].path.read_bytes()))
    if "earlier" not in inputs:
        return scan
    earlier = Scan.from_json(json.loads(inputs["earlier"].path.read_bytes()))
    decided = {f.column: f for f in earlier.findings if f.decision is not None}
    kept = tuple(
        replace(
            finding,
            role=decided[finding.column].role,
            semantic_type=decided[finding.column].semantic_type,
            categories=decided[finding.column].categories,
            decision=decided[finding.column].decision,
        )
        if finding.column in decided and not unlike(finding)
        else finding
        for finding in scan.findings
    )
    return replace(scan, findings=kept)


def known_before(inputs: Inputs, others: Sequence[str]) -> Known:
    """Return what people decided about this table before, and about the other tables named."""
    from anping.know.memory import Known
    from anping.know.scan import Scan

    def decided(port: str) -> tuple[tuple[ColumnFinding, Form], ...]:
        return Scan.from_json(json.loads(inputs[port].path.read_bytes())).decided

    return Known(
        before=decided("earlier") if "earlier" in inputs else (),
        elsewhere=tuple(
            (name, finding, form) for name in others for finding, form in decided(like_port(name))
        ),
    )


def like_port(table: str) -> str:
    """Return the name of the port that takes another table's findings."""
    return f"like {table}"


def stands(scan: Scan, change: Change, word: Decision) -> bool:
    """Return whether the same person already decided the same for the same reason."""
    column, role, semantic_type = change
    for finding in scan.findings:
        decision = finding.decision
        if finding.column == column and decision is not None:
            same = (decision.who, decision.why) == (word.who, word.why)
            return (
                same
                and role in (None, finding.role)
                and semantic_type
                in (
                    None,
                    finding.semantic_type,
                )
            )
    return False
