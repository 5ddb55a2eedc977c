"""What the release of a model takes and gives, and the gate before it; nothing heavy is imported."""

from __future__ import annotations

from typing import Any

from anping.core.labels import Tier
from anping.core.verdict import Verdict
from anping.steps.compose.releasing import adaptable, licence_of, maker
from anping.steps.compose.sealing import SEALS
from anping.workspace.parameters import check_subject
from anping.workspace.step import Context, Inputs, Port, Record, Request, joined_labels

#: Where the model and the report of its learning lie in a dossier.
MODEL_FOLDER, LEARNING = "model", "learning.json"
_TAKES = (
    Port("model", "model", "{subject}.model"),
    Port("learning", "report", "{subject}.learning"),
    Port("judgement", "report", "{subject}.judgement", optional=True),
    Port("page", "report", "{subject}.judgement-page", optional=True),
    Port("consent", "report", "{subject}.consent", optional=True),
    *SEALS,
    Port("policy", "policy", "policy"),
    Port("signature", "report", "policy.signature"),
)
_GIVES = (Port("content", "release", "{subject}.model.release"),)
#: The papers of an examination, and what they are called in the dossier.
PAPERS = {"judgement": "judgement.json", "page": "judgement.html"}
_PROTECTED = "protected"
PREDICTED = "predictions"


def model_ports(given: Any) -> tuple[tuple[Port, ...], tuple[Port, ...]]:
    """Return what is taken and given: with predictions of a table also those."""
    if given is None or given.predictions is None:
        return _TAKES, _GIVES
    check_subject(given.predictions.removesuffix(f".{_PROTECTED}"))
    return (*_TAKES, Port(PREDICTED, "table", f"{given.predictions}.predictions")), _GIVES


def model_gate(request: Request) -> Verdict:
    """Decide a model's release under the policy among the inputs."""
    from anping.govern.model_release import decide_model_release
    from anping.govern.policy import parse_policy
    from anping.govern.request import ReleaseRequest

    given: Any = request.parameters
    model = request.inputs["model"].asset
    licence = licence_of(given.licence)
    asked = ReleaseRequest(
        tier=Tier(given.tier),
        today=request.moment.date(),
        labels=joined_labels(request.inputs),
        measures=(),
        findings=(),
        columns=(),
        agent=request.agent,
        licence=licence.id,
        purposes=frozenset(given.purposes),
        licence_redistribution=licence.redistribution,
        adaptable_licences=adaptable(model.labels.licences),
        licence_purposes=None if licence.purposes is None else frozenset(licence.purposes),
        producer=maker(request.history, model.reference),
        approver=given.approver or "",
        recipient=given.recipient or "",
    )
    policy = parse_policy(request.inputs["policy"].path.read_bytes())
    return decide_model_release(asked, policy, _facts(request))


def _facts(request: Request) -> Any:
    from anping.govern.model_release import ModelFacts

    inputs, model = request.inputs, request.inputs["model"].asset.reference
    took = _taken(made_by(request.history, model))
    consent = inputs["consent"].asset.reference if "consent" in inputs else None
    predicted = ""
    if PREDICTED in inputs:
        scored = _taken(made_by(request.history, inputs[PREDICTED].asset.reference)).get(
            "table", ""
        )
        predicted = _PROTECTED if _is_protected(request.history, scored) else "raw"
    return ModelFacts(
        protected=_is_protected(request.history, took.get("table", "")),
        judged="judgement" in inputs and is_about(request, inputs, "judgement", model),
        newest_consents=consent in (None, took.get("consent")),
        predictions=predicted,
    )


def made_by(history: tuple[Record, ...], reference: str) -> Record | None:
    """Return the statement that made an asset, or None."""
    return next((r for r in history if reference in {made["name"] for made in r["subject"]}), None)


def _taken(record: Record | None) -> dict[str, str]:
    if record is None:
        return {}
    return {one["annotations"]["port"]: one["name"] for one in record["predicate"]["materials"]}


def _is_protected(history: tuple[Record, ...], table: str) -> bool:
    """Return whether a step that protects tables made it, whatever it is called."""
    record = made_by(history, table)
    return record is not None and any(
        made["name"] == table
        and str(made["annotations"]["port"]).partition(".")[0] == _PROTECTED
        and record["predicate"]["step"]["id"].startswith("protect.")
        for made in record["subject"]
    )


def is_about(seen: Context | Request, inputs: Inputs, port: str, model: str) -> bool:
    """Return whether what made a report looked at this very model."""
    record = made_by(seen.history, inputs[port].asset.reference)
    return model in _taken(record).values()
