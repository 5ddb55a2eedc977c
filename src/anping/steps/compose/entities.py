"""A user's own entities: the files that name them, and what looks for them in texts afterwards."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from anping.core.span import Span
from anping.workspace.step import Inputs, Parameters, parameter

if TYPE_CHECKING:
    from anping.know.discover.recognisers.detection import Detection
    from anping.know.discover.rules import Rules

FindSpans = Callable[[str], Sequence[Span]]


class EntityParameters(Parameters):
    """Which entities are looked for beside the shipped ones."""

    entities: list[Path] = parameter("自訂實體的檔案", "a file of entities of your own", [])
    names: list[str] = parameter(
        "另以此模型找人名：gliner:模型、spacy:模型、stanza:語言、process:命令",
        "a model that looks for names, too: gliner:MODEL, spacy:MODEL, stanza:LANGUAGE, process:COMMAND",
        [],
    )


def entity_files(given: Any) -> tuple[Path, ...]:
    """Return the files of entities: their digests count as inputs."""
    return tuple(given.entities)


def detection_of(given: Any) -> Detection:
    """Return what texts are looked through with: own entities, and models of names."""
    from anping.know.discover.own_entities import rules_with
    from anping.know.discover.recognisers.detection import Detection

    rules = rules_with(*given.entities)
    if not given.names:
        return Detection(rules)
    from anping.know.discover.recognisers.loading import with_models

    return Detection(rules, with_models(given.names))


def model_sources(detection: Detection) -> tuple[tuple[str, str], ...]:
    """Return the models of names as sources of a step: what they are, and their digests.

    A statement keys the digests of its sources; a model is no secret, so its name says it openly.
    """
    finders = () if detection.models is None else detection.models.finders
    return tuple(
        (f"{one.kind}:{one.name} {one.version} ({one.licence}) sha256:{one.digest}", one.digest)
        for one in finders
        if one.digest
    )


def scanned_rules(*tables: Inputs) -> Rules:
    """Return the shipped rules and the own entities that the tables were scanned for."""
    from anping.know.discover.rules import rules_of

    entries = [entry for inputs in tables for entry in _entries(inputs)]
    unique = {json.dumps(entry, sort_keys=True): entry for entry in entries}
    return rules_of(list(unique.values()))


def redactor(*tables: Inputs) -> FindSpans:
    """Return what finds people in free texts for redaction, by the rules of the tables' scans."""
    from anping.know.discover.batch import Detector
    from anping.know.discover.text import Scanner

    return Detector(Scanner(recall=True, rules=scanned_rules(*tables)))


def _entries(inputs: Inputs) -> Iterable[dict[str, Any]]:
    """Return the entries of the confirmed findings and of the scan: either may be the newer one."""
    found: list[dict[str, Any]] = []
    for port in ("findings", "scan"):
        if port in inputs:
            found += json.loads(inputs[port].path.read_bytes()).get("entities", ())
    return found
