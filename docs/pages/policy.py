"""The page of the shipped policies: every threshold with its source and its date."""

from __future__ import annotations

from anping.govern.policy import Policy, Threshold, TierRules, policy_names, read_policy
from docs.pages.markdown import cell, code, page, table

_INTRO = """
The policies that come with Anping. Their thresholds are conventions with their sources, **not law**.
隨安平附上的政策。門檻是附有出處的慣例，**不是法律**。
"""


def render() -> str:
    """Return ``policy.md``."""
    return page("Policies · 政策", _INTRO, *(_policy(read_policy(name)) for name in policy_names()))


def _policy(policy: Policy) -> str:
    head = [
        f"## `{policy.name}`",
        f"{policy.title.en} · {policy.title.zh}, issued {policy.issued}.",
        policy.standing.en,
        policy.standing.zh,
    ]
    tiers = [_tier(tier.value, rules) for tier, rules in policy.tiers.items()]
    return "\n\n".join([*(text.strip() for text in head), *tiers])


def _tier(name: str, rules: TierRules) -> str:
    rows = [_threshold(threshold) for threshold in rules.thresholds]
    headers = ("measure", "must be", "what counts", "date", "source", "出處")
    return "\n\n".join(
        part.strip("\n")
        for part in (
            f"### `{name}` · {rules.title.en} · {rules.title.zh}",
            f"{rules.profile.en.strip()} {rules.profile.zh.strip()}",
            table(headers, rows),
            "\n".join(f"- {fact}" for fact in _facts(rules)),
        )
    )


def _threshold(threshold: Threshold) -> tuple[str, ...]:
    missing = " (where measured)" if threshold.where_measured else ""
    return (
        code(threshold.key),
        f"{cell(threshold.op)} {threshold.value:.4g}",
        f"{threshold.bound}{missing}",
        str(threshold.date),
        cell(threshold.source.en),
        cell(threshold.source.zh),
    )


def _facts(rules: TierRules) -> list[str]:
    people, forbidden = rules.people, rules.forbidden
    purposes = "any" if rules.purposes is None else ", ".join(map(code, rules.purposes))
    facts = [
        f"Must have been measured: {', '.join(code(each.key) for each in rules.requires) or 'nothing more'}.",
        f"Purposes: {purposes}. Roles that may release: {', '.join(map(code, people.may_release))}.",
    ]
    if people.second_person:
        facts.append("Someone other than the producer and the requester must approve.")
    for what, names in (
        ("Roles that may not be in it at all", [role.value for role in forbidden.roles]),
        (
            "Roles that may not stand in the clear",
            [role.value for role in forbidden.untreated_roles],
        ),
        ("Data categories that may not be in it", forbidden.categories),
        ("Techniques that do not suffice", forbidden.techniques),
    ):
        if names:
            facts.append(f"{what}: {', '.join(map(code, names))}.")
    facts += [f"Condition: {each.en.strip()} {each.zh.strip()}" for each in rules.conditions]
    return facts
