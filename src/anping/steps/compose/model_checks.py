"""What verify looks at in the dossier of a model: that it is the model learnt, and was permitted."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

from anping.core.digest import sha256_file
from anping.core.text import Text
from anping.evidence.resource import Resource
from anping.evidence.statement import StepRecord
from anping.evidence.verify import Finding, OpenedDossier
from anping.govern.training import TRAIN
from anping.steps.compose.model_ports import LEARNING, MODEL_FOLDER

MODEL_STEP = "share.model"
_LEARN = "learn."


def check_model(dossier: OpenedDossier) -> Iterator[Finding]:
    """Check the model's file against the report of its learning, and walk back to its permission."""
    release = dossier.release
    if release is None or release.step != MODEL_STEP:
        return
    yield _same_model(dossier)
    records = [statement.record for statement in dossier.statements]
    model = next((each for each in release.materials if each.port == "model"), None)
    yield _permitted(dossier, records, model)


def _same_model(dossier: OpenedDossier) -> Finding:
    report = dossier.path(LEARNING)
    folder = f"{MODEL_FOLDER}/"
    files = [dossier.folder / name for name in dossier.names if name.startswith(folder)]
    learning: Mapping[str, Any] = {} if report is None else json.loads(report.read_bytes())
    if len(files) == 1 and sha256_file(files[0]) == learning.get("model"):
        what = Text(
            "模型檔就是學習報告所說的那一個。",
            "The model file is the one that the report of its learning names.",
        )
        return Finding("model.same", "pass", what, LEARNING)
    what = Text(
        "模型檔不是學習報告所說的那一個。",
        "The model file is not the one that the report of its learning names.",
    )
    return Finding("model.other", "fail", what, LEARNING)


def _permitted(
    dossier: OpenedDossier, records: list[StepRecord], model: Resource | None
) -> Finding:
    """Walk back from the model to what was taken in, and look whether learning was permitted."""
    made = None if model is None else _maker(records, model)
    if made is None or not made.step.startswith(_LEARN):
        return _refused(
            Text("沒有學習這個模型的敘述。", "There is no statement of the learning of this model.")
        )
    if made.decision is None or made.decision.refused:
        return _refused(Text("學習沒有經過准許。", "Nobody decided that this model may be learnt."))
    origins = _origins(dossier, made)
    purposes = [
        subject.labels.purposes
        for _, record in origins
        for subject in record.subjects
        if subject.labels is not None and subject.kind == "table"
    ]
    if not purposes or not all(each is not None and TRAIN in each for each in purposes):
        return _refused(
            Text(
                "收進資料的敘述沒有准許目的 TRAIN。",
                "The statements that took the data in do not permit the purpose TRAIN.",
            )
        )
    zh, en = "、".join(label for label, _ in origins), ", ".join(label for label, _ in origins)
    what = Text(
        f"模型追溯到收進資料的敘述（{zh}），其標籤准許目的 TRAIN。",
        f"The model goes back to the statements that took the data in ({en}), whose labels permit the "
        "purpose TRAIN.",
    )
    return Finding("model.permitted", "pass", what, "gate")


def _maker(records: list[StepRecord], wanted: Resource) -> StepRecord | None:
    return next((r for r in records if any(s.digest == wanted.digest for s in r.subjects)), None)


def _origins(dossier: OpenedDossier, made: StepRecord) -> list[tuple[str, StepRecord]]:
    """Return the statements that took in, from outside, the tables that a model goes back to."""
    wanted = {each.digest for each in made.materials if each.kind == "table"}
    found = []
    for statement in reversed(dossier.statements):
        record = statement.record
        if not any(subject.digest in wanted for subject in record.subjects):
            continue
        if any(material.is_source for material in record.materials):
            found.append((statement.label, record))
        wanted |= {each.digest for each in record.materials if each.kind == "table"}
    return found[::-1]


def _refused(what: Text) -> Finding:
    return Finding("model.not-permitted", "fail", what, "gate")
