"""The release gate: a pure function of a request and a policy, so anyone can run it again."""

from __future__ import annotations

from datetime import timedelta

from anping.core.text import Text
from anping.core.verdict import Verdict
from anping.govern.content_rules import content_reasons
from anping.govern.people_rules import people_reasons, permission_reasons
from anping.govern.policy import Policy, TierRules
from anping.govern.request import ReleaseRequest
from anping.govern.thresholds import measure_reasons

GATE = "govern.release"


def decide_release(request: ReleaseRequest, policy: Policy) -> Verdict:
    """Return whether ``policy`` lets the request through, with every rule as a reason.

    Raises PolicyError ``policy.no-tier`` if the policy does not speak of the tier.
    """
    rules = policy.rules(request.tier)
    reasons = (
        *measure_reasons(rules, request.measures),
        *content_reasons(rules, request),
        *permission_reasons(rules, request),
        *people_reasons(rules, request),
    )
    if not all(reason.holds for reason in reasons):
        return Verdict(GATE, "refuse", reasons)
    conditions = release_conditions(rules, request)
    return Verdict(GATE, "allow-with-conditions" if conditions else "allow", reasons, conditions)


def release_conditions(rules: TierRules, request: ReleaseRequest) -> tuple[Text, ...]:
    """Return the conditions of a tier with the request's facts filled in."""
    days = rules.expires_after_days
    expires = "" if days is None else (request.today + timedelta(days=days)).isoformat()
    purposes, residency = sorted(request.purposes), sorted(request.labels.residency or ())
    conditions = [
        Text(
            condition.zh.format(
                expires=expires,
                purposes="、".join(purposes) or "授權條款所列目的",
                recipient=request.recipient or "於協議中指名",
                residency="、".join(residency),
            ),
            condition.en.format(
                expires=expires,
                purposes=", ".join(purposes) or "the purposes of the licence",
                recipient=request.recipient or "named in the agreement",
                residency=", ".join(residency),
            ),
        )
        for condition in rules.conditions
    ]
    credited = sorted((request.labels.licences & request.adaptable_licences) - {request.licence})
    if credited:
        conditions.append(
            Text(
                f"須依來源授權註明出處：{'、'.join(credited)}。",
                f"The sources are credited as their licences ask: {', '.join(credited)}.",
            )
        )
    if residency:
        conditions.append(
            Text(
                f"資料須留在：{'、'.join(residency)}。",
                f"The data stays in: {', '.join(residency)}.",
            )
        )
    return tuple(conditions)
