"""Releasing a model: the decision, and the folder that a recipient gets."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

from anping.core.columns import Role
from anping.core.digest import canonical_json, sha256_file
from anping.core.files import folder_aside
from anping.core.labels import Tier
from anping.core.measure import Measure
from anping.core.text import LANGUAGES, Text
from anping.core.verdict import Verdict
from anping.engine.write import write_csv
from anping.evidence.dossier import prepare
from anping.share.model_card import LeftOut, ModelCard, model_card_html, model_index_html
from anping.share.odrl import odrl_offer
from anping.share.release import Column, ContentFile, PolicyReference, Release
from anping.steps.compose.current import narrowed
from anping.steps.compose.describing import chain_of
from anping.steps.compose.models import need_learning
from anping.steps.compose.releasing import adaptable, licence_of, maker
from anping.workspace.parameters import check_subject
from anping.workspace.step import (
    Context,
    Inputs,
    Outcome,
    Port,
    Produced,
    Record,
    Request,
    joined_labels,
)
from anping.workspace.version import VERSION

MODEL_FOLDER, LEARNING = "model", "learning.json"
_TAKES = (
    Port("model", "model", "{subject}.model"),
    Port("learning", "report", "{subject}.learning"),
    Port("judgement", "report", "{subject}.judgement", optional=True),
    Port("page", "report", "{subject}.judgement-page", optional=True),
    Port("consent", "report", "{subject}.consent", optional=True),
    Port("policy", "policy", "policy"),
    Port("signature", "report", "policy.signature"),
)
_GIVES = (Port("content", "release", "{subject}.model.release"),)
#: The papers of an examination, and what they are called in the dossier.
_PAPERS = {"judgement": "judgement.json", "page": "judgement.html"}
_PROTECTED = "protected"
_PREDICTED = "predictions"


def model_ports(given: Any) -> tuple[tuple[Port, ...], tuple[Port, ...]]:
    """Return what is taken and given: with predictions of a table also those."""
    if given is None or given.predictions is None:
        return _TAKES, _GIVES
    check_subject(given.predictions.removesuffix(f".{_PROTECTED}"))
    return (*_TAKES, Port(_PREDICTED, "table", f"{given.predictions}.predictions")), _GIVES


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
    took = _taken(_made(request.history, model))
    consent = inputs["consent"].asset.reference if "consent" in inputs else None
    predicted = ""
    if _PREDICTED in inputs:
        scored = _taken(_made(request.history, inputs[_PREDICTED].asset.reference)).get("table", "")
        predicted = _PROTECTED if _is_protected(request.history, scored) else "raw"
    return ModelFacts(
        protected=_is_protected(request.history, took.get("table", "")),
        judged="judgement" in inputs and _is_about(request, inputs, "judgement", model),
        newest_consents=consent in (None, took.get("consent")),
        predictions=predicted,
    )


def _made(history: tuple[Record, ...], reference: str) -> Record | None:
    return next((r for r in history if reference in {made["name"] for made in r["subject"]}), None)


def _taken(record: Record | None) -> dict[str, str]:
    if record is None:
        return {}
    return {one["annotations"]["port"]: one["name"] for one in record["predicate"]["materials"]}


def _is_protected(history: tuple[Record, ...], table: str) -> bool:
    """Return whether a step that protects tables made it, whatever it is called."""
    record = _made(history, table)
    return record is not None and any(
        made["name"] == table
        and str(made["annotations"]["port"]).partition(".")[0] == _PROTECTED
        and record["predicate"]["step"]["id"].startswith("protect.")
        for made in record["subject"]
    )


def _is_about(seen: Context | Request, inputs: Inputs, port: str, model: str) -> bool:
    """Return whether what made a report looked at this very model."""
    record = _made(seen.history, inputs[port].asset.reference)
    return model in _taken(record).values()


def model_released(context: Context, given: Any, inputs: Inputs) -> Outcome:
    """Freeze the model with its papers; the verdict that allows it justifies the lower tier."""
    learning = need_learning(inputs)
    model = inputs["model"].asset.reference
    stale = {"consent"} & inputs.keys()
    stale |= {
        port for port in _PAPERS if port in inputs and not _is_about(context, inputs, port, model)
    }
    used = {port: each for port, each in inputs.items() if port not in stale}
    context, folder = narrowed(context, used), context.path("content")
    with folder_aside(folder) as aside:
        files = _write_files(aside, context, used, learning)
        card = _card(context, given, used, learning=learning, files=files)
        _write_card(aside, card)
    prepare(folder, keys=context.keys.public(), history=context.checkpoints)
    labels = joined_labels(used).lowered(tier=Tier(given.tier))
    content = Produced("content", folder, "application/vnd.anping.release", labels)
    return Outcome((content,), unused=frozenset(stale))


def _write_files(
    folder: Path, context: Context, inputs: Inputs, learning: dict[str, Any]
) -> tuple[ContentFile, ...]:
    """Write the model, the report of its learning, and what goes with them; return them by digest."""
    place = folder / MODEL_FOLDER
    place.mkdir()
    shutil.copyfile(inputs["model"].path, place / f"{context.subject}.anping")
    # Which rows were held out tells which people were learnt from: it stays inside.
    told = {**learning, "heldOut": len(learning["heldOut"])}
    (folder / LEARNING).write_bytes(canonical_json(told))
    for port, name in _PAPERS.items():
        if port in inputs:
            (folder / "judgement").mkdir(exist_ok=True)
            shutil.copyfile(inputs[port].path, folder / "judgement" / name)
    if _PREDICTED in inputs:
        _write_predictions(folder, inputs)
    (folder / "policy.yaml").write_bytes(inputs["policy"].path.read_bytes())
    (folder / "policy.dsse.json").write_bytes(inputs["signature"].path.read_bytes())
    return tuple(
        ContentFile(path.relative_to(folder).as_posix(), sha256_file(path), path.stat().st_size, "")
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    )


def _write_predictions(folder: Path, inputs: Inputs) -> None:
    from anping.engine.table import Table

    (folder / "data").mkdir()
    path = inputs[_PREDICTED].path
    shutil.copyfile(path, folder / "data" / "predictions.parquet")
    write_csv(Table.open(path), folder / "data" / "predictions.csv")


def _card(
    context: Context,
    given: Any,
    inputs: Inputs,
    *,
    learning: dict[str, Any],
    files: tuple[ContentFile, ...],
) -> ModelCard:
    signature = learning["signature"]
    return ModelCard(
        release=_described(context, given, inputs, learning),
        target=signature["target"],
        task=signature["task"],
        table=learning["table"],
        permission=inputs["model"].asset.labels,
        taken_in=taken_in(context),
        left_out=tuple(LeftOut(e["column"], Text(**e["why"])) for e in learning["leftOut"]),
        warnings=tuple(Text(**warning) for warning in learning["warnings"]),
        chain=chain_of(context),
        files=files,
        judged="judgement" in inputs,
    )


def taken_in(context: Context) -> tuple[int, ...]:
    """Return the places of the statements that took in what came from outside as a table."""
    return tuple(
        place
        for place, record in zip(context.places, context.history, strict=True)
        if record["predicate"]["step"]["id"] == "know.add"
    )


def _described(context: Context, given: Any, inputs: Inputs, learning: dict[str, Any]) -> Release:
    from anping.govern.policy import parse_policy, policy_digest

    verdict, model = context.verdict, inputs["model"].asset
    assert isinstance(verdict, Verdict)
    content = inputs["policy"].path.read_bytes()
    policy = parse_policy(content)
    record = _made(context.history, model.reference)
    stated = () if record is None else record["predicate"]["measurements"]
    return Release(
        name=f"{context.subject}.model",
        version=model.version,
        title=Text(given.title_zh or model.name, given.title_en or model.name),
        description=Text(given.description_zh, given.description_en),
        released=context.clock().replace(microsecond=0),
        owner=Text(given.owner_zh, given.owner_en),
        tier=Tier(given.tier),
        rows=0,
        columns=tuple(
            Column(each["name"], each["nature"], Role.NONE, "")
            for each in learning["signature"]["features"]
        ),
        licence=licence_of(given.licence),
        policy=PolicyReference(policy.name, policy.version, policy_digest(content), policy.owner),
        verdict=verdict,
        measures=tuple(map(Measure.from_json, stated)),
        purposes=tuple(sorted(given.purposes)),
        limits=tuple(Text(**limit) for limit in learning["limits"]),
        recipient=given.recipient or "",
        tool=VERSION,
    )


def _write_card(folder: Path, card: ModelCard) -> None:
    release = card.release
    for language in LANGUAGES:
        page = model_card_html(card, language)
        (folder / f"model.{language}.html").write_text(page, "utf-8", newline="\n")
    (folder / "index.html").write_text(model_index_html(card), "utf-8", newline="\n")
    measures = [measure.as_json() for measure in release.measures]
    (folder / "measures.json").write_bytes(_json(measures))
    offer = odrl_offer(
        release.licence,
        target=f"urn:anping:{release.name}:{release.version}",
        assigner="urn:anping:owner",
        released=release.released.date(),
    )
    (folder / "metadata").mkdir()
    (folder / "metadata" / "licence.odrl.json").write_bytes(_json(offer))


def _json(value: Any) -> bytes:
    return json.dumps(value, ensure_ascii=False, indent=2, allow_nan=False).encode() + b"\n"
