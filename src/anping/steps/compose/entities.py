"""A user's own entities: the files that name them, and what looks for them in texts afterwards."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from anping.core.span import Span
from anping.workspace.step import Inputs, Parameters, parameter

if TYPE_CHECKING:
    from anping.know.discover.rules import Rules

FindSpans = Callable[[str], Sequence[Span]]


class EntityParameters(Parameters):
    """Which entities are looked for beside the shipped ones."""

    entities: list[Path] = parameter("自訂實體的檔案", "a file of entities of your own", [])


def entity_files(given: Any) -> tuple[Path, ...]:
    """Return the files of entities: their digests count as inputs."""
    return tuple(given.entities)


def scanned_rules(*tables: Inputs) -> Rules:
    """Return the shipped rules and the own entities that the tables were scanned for."""
    from anping.know.discover.rules import rules_of

    entries = [entry for inputs in tables for entry in _entries(inputs)]
    unique = {json.dumps(entry, sort_keys=True): entry for entry in entries}
    return rules_of(list(unique.values()))


def redactor(*tables: Inputs) -> FindSpans:
    """Return what finds people in free texts for redaction, by the rules of the tables' scans."""
    from anping.know.discover.text import Scanner

    return Scanner(recall=True, rules=scanned_rules(*tables)).find


def _entries(inputs: Inputs) -> Iterable[dict[str, Any]]:
    """Return the entries of the confirmed findings and of the scan: either may be the newer one."""
    found: list[dict[str, Any]] = []
    for port in ("findings", "scan"):
        if port in inputs:
            found += json.loads(inputs[port].path.read_bytes()).get("entities", ())
    return found
