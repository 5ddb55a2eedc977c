"""Who must have decided, for which purposes, under which licence, and until when."""

from __future__ import annotations

from anping.core.text import Text
from anping.core.verdict import Reason
from anping.govern.policy import TierRules
from anping.govern.request import ReleaseRequest


def permission_reasons(rules: TierRules, request: ReleaseRequest) -> tuple[Reason, ...]:
    """Return the reasons about purposes, licence and retention."""
    allowed_by = (
        ("labels", Text("資料標籤", "the labels of the data"), request.labels.purposes),
        (
            "tier",
            Text("此層級", "this tier"),
            None if rules.purposes is None else frozenset(rules.purposes),
        ),
        ("licence", Text("授權條款", "the licence"), request.licence_purposes),
    )
    purposes = tuple(
        _purposes_within(code, who, request.purposes, allowed) for code, who, allowed in allowed_by
    )
    licences = (
        _licence_named(request),
        _licence_fits(request, redistribution=rules.redistribution),
        _licences_agree(request),
    )
    return (*purposes, *licences, _retention(request))


def people_reasons(rules: TierRules, request: ReleaseRequest) -> tuple[Reason, ...]:
    """Return the reasons about who asks, who approves and who confirmed the columns."""
    people = rules.people
    reasons = [_may_release(people.may_release, request)]
    if people.columns_confirmed:
        reasons.append(_columns_confirmed(request))
    if people.second_person:
        reasons.append(_second_person(request))
    if people.recipient_named:
        reasons.append(_recipient_named(request))
    return tuple(reasons)


def _purposes_within(
    code: str, who: Text, asked: frozenset[str], allowed: frozenset[str] | None
) -> Reason:
    code = f"release.purposes:{code}"
    if allowed is None:
        why = Text(f"{who.zh}不限定目的。", f"No limit on purposes: {who.en}.")
        return Reason(code, holds=True, why=why)
    listed = sorted(allowed)
    if not asked:
        return Reason(
            code,
            holds=False,
            why=Text(
                f"{who.zh}限定目的，但沒有說明要用於什麼目的。",
                f"Purposes are limited by {who.en}, but none was stated.",
            ),
            next_step=Text(
                f"以 --purpose 說明目的；允許的有：{'、'.join(listed)}。",
                f"State the purposes with --purpose; allowed: {', '.join(listed)}.",
            ),
        )
    outside = sorted(asked - allowed)
    if not outside:
        why = Text(f"所有目的都在{who.zh}之內。", f"Every purpose is within {who.en}.")
        return Reason(code, holds=True, why=why)
    return Reason(
        code,
        holds=False,
        why=Text(
            f"{who.zh}不允許的目的：{'、'.join(outside)}。",
            f"Purposes not allowed by {who.en}: {', '.join(outside)}.",
        ),
        next_step=Text(
            f"改為允許的目的（{'、'.join(listed)}），或取得新的同意或授權。",
            f"Ask for allowed purposes ({', '.join(listed)}), or obtain a new consent or licence.",
        ),
    )


def _licence_named(request: ReleaseRequest) -> Reason:
    if request.licence:
        why = Text(f"授權條款：{request.licence}。", f"The licence is {request.licence}.")
        return Reason("release.licence", holds=True, why=why)
    return Reason(
        "release.licence",
        holds=False,
        why=Text("沒有指定授權條款。", "No licence was named."),
        next_step=Text("以 --licence 指定授權條款。", "Name one with --licence."),
    )


def _licence_fits(request: ReleaseRequest, *, redistribution: bool) -> Reason:
    """Return whether the licence lets nobody pass on what the tier keeps to its recipients."""
    code = "release.licence:redistribution"
    if redistribution or not request.licence_redistribution:
        why = Text("授權條款與層級相容。", "The licence fits the tier.")
        return Reason(code, holds=True, why=why)
    return Reason(
        code,
        holds=False,
        why=Text(
            f"授權條款 {request.licence} 允許再提供，此層級不允許。",
            f"The licence {request.licence} lets recipients pass the data on; this tier does not.",
        ),
        next_step=Text(
            "改用不允許再提供的授權條款，如 --licence controlled-research。",
            "Choose a licence without redistribution, such as --licence controlled-research.",
        ),
    )


def _licences_agree(request: ReleaseRequest) -> Reason:
    """Return whether the licence is one the data came under, if it came under any."""
    code = "release.licence:inherited"
    others = sorted(request.labels.licences - {request.licence} - request.adaptable_licences)
    if not others:
        why = Text("與來源資料的授權沒有衝突。", "It does not conflict with the sources' licences.")
        return Reason(code, holds=True, why=why)
    return Reason(
        code,
        holds=False,
        why=Text(
            f"來源資料另有授權條款：{'、'.join(others)}。",
            f"The sources came under other licences: {', '.join(others)}.",
        ),
        next_step=Text(
            "以來源的授權條款釋出，或取得權利人同意。",
            "Release under the sources' licence, or obtain the rights holder's consent.",
        ),
    )


def _retention(request: ReleaseRequest) -> Reason:
    until = request.labels.retain_until
    if until is None or request.today <= until:
        why = Text("仍在保存期限內。", "The retention period has not ended.")
        return Reason("release.retention", holds=True, why=why)
    return Reason(
        "release.retention",
        holds=False,
        why=Text(
            f"保存期限已於 {until.isoformat()} 屆滿。",
            f"The retention period ended on {until.isoformat()}.",
        ),
        next_step=Text("銷毀資料，不得釋出。", "Delete the data; it may not be released."),
    )


def _role(agent: str) -> str:
    return agent.partition(":")[0].strip()


def _may_release(roles: tuple[str, ...], request: ReleaseRequest) -> Reason:
    zh, en = "、".join(roles), ", ".join(roles)
    if _role(request.agent) in roles:
        why = Text(f"申請者的角色可以釋出（{zh}）。", f"The role that asks may release ({en}).")
        return Reason("release.role", holds=True, why=why)
    return Reason(
        "release.role",
        holds=False,
        why=Text(f"此層級只能由這些角色釋出：{zh}。", f"Only these roles may release: {en}."),
        next_step=Text(f"請以下角色執行釋出：{zh}。", f"Have one of these release it: {en}."),
    )


def _columns_confirmed(request: ReleaseRequest) -> Reason:
    open_columns = [finding.column for finding in request.findings if finding.decision is None]
    if not open_columns and request.findings:
        why = Text("每個欄位的判定都經人確認。", "A person confirmed what every column is.")
        return Reason("release.confirmed", holds=True, why=why)
    zh, en = "、".join(open_columns), ", ".join(open_columns)
    return Reason(
        "release.confirmed",
        holds=False,
        why=Text(f"這些欄位的判定未經人確認：{zh}。", f"Nobody confirmed what these are: {en}."),
        next_step=Text(
            "執行 anping confirm 確認或更正每個欄位，再重新釋出。",
            "Confirm or change each column with anping confirm, then release again.",
        ),
    )


def _second_person(request: ReleaseRequest) -> Reason:
    first = request.producer or request.agent
    if request.approver and request.approver not in {first, request.agent}:
        why = Text("由另一人核可。", "A second person approved it.")
        return Reason("release.second-person", holds=True, why=why)
    return Reason(
        "release.second-person",
        holds=False,
        why=Text(
            "此層級須由製作者與申請者以外的人核可。",
            "Someone other than the producer and the requester must approve this tier.",
        ),
        next_step=Text("以 --approver 指名核可者。", "Name the approver with --approver."),
    )


def _recipient_named(request: ReleaseRequest) -> Reason:
    if request.recipient:
        why = Text("已指名接收者。", "The recipient is named.")
        return Reason("release.recipient", holds=True, why=why)
    return Reason(
        "release.recipient",
        holds=False,
        why=Text("沒有指名接收者。", "No recipient is named."),
        next_step=Text(
            "以 anping release --recipient 指名接收者。",
            "Name one with anping release --recipient.",
        ),
    )
