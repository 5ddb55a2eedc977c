"""Computing measures again from what a dossier holds: one function per replay id."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from anping.core.errors import EvidenceError
from anping.core.measure import Measure
from anping.core.text import Text
from anping.steps.compose.assets import Protection, telling_columns

Finder = Callable[[str], Path | None]
Statement = Mapping[str, Any]


def _file(resources: Sequence[Mapping[str, Any]], port: str, find: Finder) -> Path:
    """Return the dossier's file for the resource at ``port``."""
    for resource in resources:
        digest = resource["digest"].get("sha256")
        found = find(digest) if digest and resource["annotations"]["port"] == port else None
        if found is not None:
            return found
    raise EvidenceError(
        "replay.file-missing",
        Text(
            f"重算所需的「{port}」不在卷宗裡。",
            f"The “{port}” that the replay needs is not in the dossier.",
        ),
        hint=Text("向提供者重新索取完整卷宗。", "Ask for the complete dossier."),
    )


def _protection(resources: Sequence[Mapping[str, Any]], find: Finder) -> Protection:
    return Protection.from_json(json.loads(_file(resources, "protection", find).read_bytes()))


def replay_risk(statement: Statement, find: Finder) -> Sequence[Measure]:
    """Measure the protected table's re-identification risk again."""
    from anping.engine.table import Table
    from anping.protect.risk.reidentification import measure_diversity, measure_risk
    from anping.protect.risk.uniqueness import measure_uniqueness

    predicate = statement["predicate"]
    found = _protection(predicate["materials"], find)
    table = Table.open(_file(predicate["materials"], "protected", find))
    sensitive = tuple(column for column in found.sensitive if column in table.columns)
    threshold = predicate["invocation"]["parameters"]["threshold"]
    names = found.quasi_identifiers
    return (
        *measure_risk(table, names, person=found.person, threshold=threshold, subject="after"),
        *measure_diversity(table, names, sensitive, subject="after"),
        *measure_uniqueness(
            table, telling_columns(found, table.columns), person=found.person, subject="after"
        ),
    )


def replay_loss(statement: Statement, find: Finder) -> Sequence[Measure]:
    """Compute the information loss again from the released cells and what each value covers."""
    from anping.engine.table import Table
    from anping.protect.deid.loss import information_loss_of_release

    found = _protection(statement["subject"], find)
    table = Table.open(_file(statement["subject"], "protected", find)).arrow()
    loss = information_loss_of_release(table, found.coverage, suppressed_rows=found.rows_suppressed)
    title = Text("資訊損失", "Information loss")
    return (Measure("deid.information_loss", loss, "share", found.rows_in, title),)


REPLAYERS = {"risk.classes": replay_risk, "deid.information_loss": replay_loss}
