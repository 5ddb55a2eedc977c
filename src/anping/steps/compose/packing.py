"""Packing a release: the protected table, its card, its papers and the public keys, in a folder."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from anping.core.labels import Tier
from anping.core.measure import Measure
from anping.core.text import Text
from anping.evidence.dossier import prepare
from anping.govern.policy import Policy, parse_policy, policy_digest
from anping.govern.risk_profiles import risk_profiles
from anping.share.assessment import Assessment, ProfileAnswer
from anping.share.card import Card
from anping.share.charts.chart import Chart, ReferenceLine
from anping.share.charts.figures import release_figures
from anping.share.package import ReleaseContent, write_content
from anping.share.release import PolicyReference
from anping.share.words import TIERS
from anping.steps.compose.assets import findings_of, protection_of
from anping.steps.compose.current import current
from anping.steps.compose.describing import (
    chain_of,
    columns_of,
    lineage_of,
    release_of,
    runs_of,
    step_runs,
)
from anping.steps.compose.naming import confirmed_description
from anping.steps.compose.releasing import licence_of, measures_about
from anping.workspace.step import Context, Inputs, Outcome, Produced, joined_labels

_HIGHEST = "risk.prosecutor.max"


def released(context: Context, given: Any, inputs: Inputs) -> Outcome:
    """Freeze the release; what is about an earlier version of the table stays out."""
    context, inputs, stale = current(context, inputs)
    folder = pack(context, given, inputs)
    categories = inputs["protected"].asset.labels.categories
    labels = joined_labels(inputs).lowered(tier=Tier(given.tier), categories=categories)
    content = Produced("content", folder, "application/vnd.anping.release", labels)
    return Outcome((content,), unused=stale)


def pack(context: Context, given: Any, inputs: Inputs) -> Path:
    """Write the content of the dossier into a new folder and return it."""
    protected, protection = inputs["protected"], protection_of(inputs)
    findings = findings_of(inputs)
    columns = columns_of(protected, findings, protection)
    measures = measures_about(context.history, protected.asset.reference)
    content = inputs["policy"].path.read_bytes()
    policy = parse_policy(content)
    reference = PolicyReference(policy.name, policy.version, policy_digest(content), policy.owner)
    release = release_of(
        context, given, described=(protected, columns, protection), measures=measures,
        terms=(licence_of(given.licence), reference), named=confirmed_description(inputs),
    )  # fmt: skip
    charts = _charts(measures, policy, inputs, tier=given.tier)
    folder, runs = context.path("content"), runs_of(context, inputs)
    write_content(
        folder,
        ReleaseContent(
            card=Card(release, charts, chain_of(context)),
            table=protected.path,
            beside=_beside(inputs),
            runs=step_runs(context, runs),
            lineage=lineage_of(runs, protected.asset.reference),
            plan=inputs["plan"].path.read_bytes(),
            policy=content,
            policy_signature=inputs["signature"].path.read_bytes(),
            coverage=protection.as_json(),
            scan={"findings": [finding.as_json() for finding in findings]},
            assessment=_assessment(measures, policy, tier=given.tier),
        ),
    )
    prepare(folder, keys=context.keys.public(), history=context.checkpoints)
    return folder


def _beside(inputs: Inputs) -> dict[str, Path]:
    """Return the tables that go with the protected one: anatomized values by group, and counts."""
    anatomized = any("anatom" in each["technique"] for each in protection_of(inputs).operations)
    # Values of an earlier protection may still lie there: they are of other groups.
    made = {"values": inputs["values"].path} if anatomized else {}
    return {**made, "counts": inputs["counts"].path} if "counts" in inputs else made


def _assessment(measures: tuple[Measure, ...], policy: Policy, *, tier: str) -> Assessment:
    """Return how the tier gives access, and how the measures stand to the named risk profiles."""
    profiles = tuple(
        ProfileAnswer(
            title=profile.title,
            use=profile.use,
            maximum=profile.maximum,
            average=profile.average,
            reasons=profile.reasons(measures),
            sources=(*(each.text for each in profile.sources), profile.average_source.text),
        )
        for profile in risk_profiles().values()
    )
    return Assessment(policy.rules(Tier(tier)).profile, profiles)


def _charts(
    measures: tuple[Measure, ...], policy: Policy, inputs: Inputs, *, tier: str
) -> tuple[Chart, ...]:
    bands = json.loads(inputs["risk"].path.read_bytes())
    limits = [
        ReferenceLine(
            threshold.value, Text(f"{TIERS[name].zh}的門檻", f"limit for {TIERS[name].en}")
        )
        for name, rules in policy.tiers.items()
        for threshold in rules.thresholds
        if threshold.measure == _HIGHEST and name.value == tier
    ]
    return release_figures(measures, limits=limits, before=bands["before"], after=bands["after"])
