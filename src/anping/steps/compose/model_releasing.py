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
from anping.steps.compose.model_ports import (
    LEARNING,
    MODEL_FOLDER,
    PAPERS,
    PREDICTED,
    is_about,
    made_by,
)
from anping.steps.compose.models import need_learning
from anping.steps.compose.releasing import licence_of
from anping.steps.compose.sealing import other_seals, write_seals
from anping.workspace.step import (
    Context,
    Inputs,
    Outcome,
    Produced,
    joined_labels,
)
from anping.workspace.version import VERSION


def model_released(context: Context, given: Any, inputs: Inputs) -> Outcome:
    """Freeze the model with its papers; the verdict that allows it justifies the lower tier."""
    learning = need_learning(inputs)
    model = inputs["model"].asset.reference
    stale = ({"consent"} & inputs.keys()) | other_seals(inputs, model)
    stale |= {
        port for port in PAPERS if port in inputs and not is_about(context, inputs, port, model)
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
    for port, name in PAPERS.items():
        if port in inputs:
            (folder / "judgement").mkdir(exist_ok=True)
            shutil.copyfile(inputs[port].path, folder / "judgement" / name)
    write_seals(folder, inputs, inputs["model"].asset.reference)
    if PREDICTED in inputs:
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
    path = inputs[PREDICTED].path
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
    record = made_by(context.history, model.reference)
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
