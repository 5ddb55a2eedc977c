"""What may not be in a release: identifiers in the clear, forbidden roles and data categories."""

from __future__ import annotations

from collections.abc import Iterable

from anping.core.columns import Role
from anping.core.text import Text
from anping.core.verdict import Reason
from anping.govern.policy import TierRules
from anping.govern.request import ReleaseRequest

_ROLES = {
    Role.DIRECT_IDENTIFIER: Text("直接識別欄位", "direct identifiers"),
    Role.QUASI_IDENTIFIER: Text("準識別欄位", "quasi-identifiers"),
    Role.SENSITIVE: Text("敏感屬性", "sensitive attributes"),
    Role.SPECIAL_CATEGORY: Text("特種個資欄位", "special categories"),
    Role.FREE_TEXT: Text("自由文字欄位", "free text"),
    Role.NONE: Text("一般欄位", "other columns"),
}


def content_reasons(rules: TierRules, request: ReleaseRequest) -> tuple[Reason, ...]:
    """Return one reason for each thing a tier forbids, and one for columns nobody looked at."""
    forbidden = rules.forbidden
    found = [_all_scanned(request)]
    found += [_role_absent(role, request, treated=False) for role in forbidden.roles]
    found += [_role_absent(role, request, treated=True) for role in forbidden.untreated_roles]
    found += [_technique_absent(technique, request) for technique in forbidden.techniques]
    found += [_category_absent(pattern, request) for pattern in forbidden.categories]
    return tuple(found)


def _all_scanned(request: ReleaseRequest) -> Reason:
    known = {finding.column for finding in request.findings}
    unknown = [column for column in request.columns if column not in known]
    return _absent(
        "release.scanned",
        unknown,
        held=Text("釋出的每個欄位都掃描過。", "Every released column was scanned."),
        failed=Text("這些欄位沒有掃描過：{columns}", "These columns were never scanned: {columns}"),
        remedy=Text("先執行 anping scan。", "Run anping scan first."),
    )


def _role_absent(role: Role, request: ReleaseRequest, *, treated: bool) -> Reason:
    """Return whether no released column has ``role``; with ``treated``, changed ones are fine."""
    columns = [
        finding.column
        for finding in request.findings
        if finding.role is role
        and finding.column in request.columns
        and not (treated and _is_treated(finding.column, request))
    ]
    name = _ROLES[role]
    kind = "untreated" if treated else "role"
    clear_zh, clear_en = ("未經處理的", "untreated ") if treated else ("", "")
    do_zh, do_en = ("刪除或處理", "drop or treat") if treated else ("刪除", "drop")
    return _absent(
        f"release.{kind}:{role.value}",
        columns,
        held=Text(f"沒有{clear_zh}{name.zh}。", f"No {clear_en}{name.en}."),
        failed=Text(
            f"仍有{clear_zh}{name.zh}：{{columns}}",
            f"Still there, {clear_en}{name.en}: {{columns}}",
        ),
        remedy=Text(
            f"在計畫中{do_zh}這些欄位，再執行 anping protect；或選擇較嚴的層級。",
            f"In the plan, {do_en} these columns, then run anping protect again; "
            "or choose a stricter tier.",
        ),
    )


def _is_treated(column: str, request: ReleaseRequest) -> bool:
    return request.treated.get(column, "") not in {"", "none"}


def _plain(technique: str) -> str:
    return technique.casefold().replace("ization", "isation")


def _technique_absent(technique: str, request: ReleaseRequest) -> Reason:
    columns = [
        column
        for column in request.columns
        if _plain(technique) in _plain(request.treated.get(column, ""))
    ]
    return _absent(
        f"release.technique:{technique}",
        columns,
        held=Text(
            f"沒有只靠「{technique}」保護的欄位。", f"No column relies on {technique} alone."
        ),
        failed=Text(
            f"這些欄位只經過「{technique}」，此層級不足：{{columns}}",
            f"These columns only went through {technique}, not enough for this tier: {{columns}}",
        ),
        remedy=Text(
            "在計畫中刪除這些欄位，再執行 anping protect。",
            "Drop these columns in the plan, then run anping protect again.",
        ),
    )


def _category_absent(pattern: str, request: ReleaseRequest) -> Reason:
    released = {
        category
        for finding in request.findings
        if finding.column in request.columns
        for category in finding.categories
    }
    everything = sorted(released | request.labels.categories)
    hits = [category for category in everything if _matches(pattern, category)]
    return _absent(
        f"release.category:{pattern}",
        hits,
        held=Text(f"不含類別 {pattern} 的資料。", f"There is no data of the category {pattern}."),
        failed=Text(
            "含有此層級禁止的資料類別：{columns}",
            "There is data of categories this tier forbids: {columns}",
        ),
        remedy=Text(
            "刪除這些類別的欄位，或改用受控取用層級：anping release --tier controlled。",
            "Drop the columns of these categories, or use the controlled tier: "
            "anping release --tier controlled.",
        ),
    )


def _matches(pattern: str, category: str) -> bool:
    if pattern.endswith("*"):
        return category.startswith(pattern[:-1])
    return category == pattern


def _absent(code: str, found: Iterable[str], *, held: Text, failed: Text, remedy: Text) -> Reason:
    names = list(found)
    if not names:
        return Reason(code, holds=True, why=held)
    why = Text(
        failed.zh.replace("{columns}", "、".join(names)) + "。",
        failed.en.replace("{columns}", ", ".join(names)) + ".",
    )
    return Reason(code, holds=False, why=why, next_step=remedy)
