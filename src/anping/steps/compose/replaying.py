"""Computing measures again from what a dossier holds: one function per replay id."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from math import fsum
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


def _protection(
    resources: Sequence[Mapping[str, Any]], find: Finder, *, suffix: str = ""
) -> Protection:
    papers = _file(resources, f"protection{suffix}", find)
    return Protection.from_json(json.loads(papers.read_bytes()))


def replay_risk(statement: Statement, find: Finder) -> Sequence[Measure]:
    """Measure the protected table's re-identification risk again."""
    from anping.engine.table import Table
    from anping.protect.risk.classes import equivalence_classes
    from anping.protect.risk.people import people_of
    from anping.protect.risk.reidentification import measure_classes, measure_diversity
    from anping.protect.risk.uniqueness import measure_uniqueness
    from anping.steps.compose.populating import Sampling, measured_beyond, measured_wildcards

    predicate = statement["predicate"]
    found = _protection(predicate["materials"], find)
    table = Table.open(_file(predicate["materials"], "protected", find))
    sensitive = tuple(column for column in found.sensitive if column in table.columns)
    given = predicate["invocation"]["parameters"]
    sampling = Sampling.of(given).drawn(found.sampled)
    names = found.quasi_identifiers
    people = people_of(found.person, table)
    classes = equivalence_classes(table, names, person=people)
    measures = (
        *measure_classes(classes, threshold=given["threshold"], subject="after"),
        *measure_diversity(table, names, sensitive, classes=classes, subject="after"),
        *measured_beyond(table, names, classes, sampling=sampling, subject="after"),
        *measured_wildcards(table, found, classes, threshold=given["threshold"]),
    )
    # The classes go before the rows come: one of the two is held at a time.
    del classes
    telling = telling_columns(found, table.columns)
    return (*measures, *measure_uniqueness(table, telling, person=people, subject="after"))


def replay_loss(statement: Statement, find: Finder) -> Sequence[Measure]:
    """Compute the information loss again from the released cells and what each value covers.

    Of several tables that were protected together, of those that the dossier holds.
    """
    made = statement["subject"]
    tables = [each for each in made if each["annotations"]["port"].partition(".")[0] == "protected"]
    if len(tables) == 1:
        return (_loss(made, find),)
    found = []
    for table in tables:
        suffix = table["annotations"]["port"].removeprefix("protected")
        if find(table["digest"].get("sha256", "")) is not None:
            name = table["name"].partition(".")[0]
            found.append(replace(_loss(made, find, suffix=suffix), subject=name))
    return tuple(found)


def _loss(made: Sequence[Mapping[str, Any]], find: Finder, *, suffix: str = "") -> Measure:
    from anping.engine.table import Table
    from anping.protect.deid.loss import information_loss_of_release

    found = _protection(made, find, suffix=suffix)
    table = Table.open(_file(made, f"protected{suffix}", find))
    # The loss is the mean of the columns' losses, so one column is in memory at a time.
    losses = [
        information_loss_of_release(
            table.arrow([column]), {column: known}, suppressed_rows=found.rows_suppressed
        )
        for column, known in found.coverage.items()
    ]
    loss = fsum(losses) / len(losses) if losses else 0.0
    title = Text("資訊損失", "Information loss")
    return Measure("deid.information_loss", loss, "share", found.rows_in, title)


REPLAYERS = {"risk.classes": replay_risk, "deid.information_loss": replay_loss}
