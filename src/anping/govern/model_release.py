"""The gate before a model leaves: permission and people as for a table, and what a model adds."""

from __future__ import annotations

from dataclasses import dataclass

from anping.core.labels import Tier
from anping.core.text import Text
from anping.core.verdict import Reason, Verdict
from anping.govern.gates import release_conditions
from anping.govern.people_rules import people_reasons, permission_reasons
from anping.govern.policy import Policy
from anping.govern.request import ReleaseRequest

GATE = "govern.model-release"
_CONFIRMED = "release.confirmed"
#: Tiers to which rows, or what was learnt from them, may go as they are: the recipient is bound.
_BOUND = frozenset({Tier.CONTROLLED, Tier.INTERNAL})


@dataclass(frozen=True, slots=True)
class ModelFacts:
    """What is known of a model.

    ``protected`` is whether it was learnt from a protected table; ``judged`` whether a report examined
    this very model; ``newest_consents`` whether it was learnt with the newest register of consents, or
    there is none; ``predictions`` whether predictions go with it, and of a protected table
    (``"protected"``), of a raw one (``"raw"``) or none (``""``).
    """

    protected: bool
    judged: bool
    newest_consents: bool
    predictions: str = ""


def decide_model_release(request: ReleaseRequest, policy: Policy, facts: ModelFacts) -> Verdict:
    """Return whether ``policy`` lets a model through, with every rule as a reason.

    Of the request the measures, findings and columns say nothing of a model and are passed over.
    Raises PolicyError ``policy.no-tier`` if the policy does not speak of the tier.
    """
    rules = policy.rules(request.tier)
    people = (each for each in people_reasons(rules, request) if each.code != _CONFIRMED)
    reasons = (
        _learnt_from(request.tier, facts),
        _judged(request.tier, facts),
        _consents(facts),
        *([_predictions(request.tier, facts)] if facts.predictions else []),
        *permission_reasons(rules, request),
        *people,
    )
    if not all(reason.holds for reason in reasons):
        return Verdict(GATE, "refuse", reasons)
    conditions = release_conditions(rules, request)
    return Verdict(GATE, "allow-with-conditions" if conditions else "allow", reasons, conditions)


def _learnt_from(tier: Tier, facts: ModelFacts) -> Reason:
    code = "model.protected"
    if facts.protected:
        why = Text("由保護後的表學習。", "It was learnt from a protected table.")
        return Reason(code, holds=True, why=why)
    if tier in _BOUND:
        why = Text(
            "由原始表學習；此層級的接收者受約束。",
            "It was learnt from a raw table; recipients of this tier are bound.",
        )
        return Reason(code, holds=True, why=why)
    return Reason(
        code,
        holds=False,
        why=Text(
            "由原始表學習的模型可能洩漏訓練資料裡的人，不能到此層級。",
            "A model of a raw table may give away people of its training data: not at this tier.",
        ),
        next_step=Text(
            "先 anping protect，再 anping learn tabular 資料.protected；或改用受控層級。",
            "Run anping protect, then anping learn tabular DATASET.protected; or use the controlled tier.",
        ),
    )


def _judged(tier: Tier, facts: ModelFacts) -> Reason:
    code = "model.judged"
    if facts.judged:
        why = Text("有這個模型的評鑑報告。", "A report examined this model.")
        return Reason(code, holds=True, why=why)
    if tier is Tier.INTERNAL:
        why = Text("只在內部使用，可以沒有評鑑報告。", "Inside the house it may be unexamined.")
        return Reason(code, holds=True, why=why)
    return Reason(
        code,
        holds=False,
        why=Text("沒有這個模型的評鑑報告。", "No report examined this model."),
        next_step=Text(
            "先評鑑這個模型（anping judge），再釋出。",
            "Examine the model first (anping judge), then release it.",
        ),
    )


def _consents(facts: ModelFacts) -> Reason:
    code = "model.consents"
    if facts.newest_consents:
        why = Text(
            "學習時依據的是最新的同意登錄，或沒有登錄。",
            "It was learnt with the newest register of consents, or there is none.",
        )
        return Reason(code, holds=True, why=why)
    return Reason(
        code,
        holds=False,
        why=Text(
            "同意登錄在學習之後有更新：撤回的人可能還在模型裡。",
            "The register of consents is newer than the model: people who withdrew may be in it.",
        ),
        next_step=Text(
            "以最新的登錄再學習一次。", "Learn the model again with the newest register."
        ),
    )


def _predictions(tier: Tier, facts: ModelFacts) -> Reason:
    code = "model.predictions"
    if facts.predictions == "protected" or tier is Tier.INTERNAL:
        why = Text("附上的預測可以到此層級。", "The predictions may go to this tier.")
        return Reason(code, holds=True, why=why)
    return Reason(
        code,
        holds=False,
        why=Text(
            "原始表每一列的預測說的是一個個的人，只能留在內部。",
            "Predictions of a raw table speak of single people: they stay inside.",
        ),
        next_step=Text(
            "改附保護後的表的預測，或不附。",
            "Give the predictions of a protected table, or none.",
        ),
    )
