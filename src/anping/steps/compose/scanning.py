"""A table looked through: what each column is, as a report that holds no value of a person."""

from __future__ import annotations

from typing import Any

from anping.core.digest import canonical_json
from anping.core.labels import join
from anping.steps.compose.assets import finding_note
from anping.steps.compose.confirming import known_before
from anping.steps.compose.entities import detection_of, model_sources
from anping.steps.compose.sketching import LATER, sketched
from anping.workspace.step import Context, Inputs, Outcome, Produced, joined_labels


def table_scanned(context: Context, given: Any, inputs: Inputs) -> Outcome:
    """Scan a table with the user's own entities, and by what people decided before."""
    from anping.engine.table import Table
    from anping.know.scan import scan

    known, detection = known_before(inputs, given.like), detection_of(given)
    table = Table.open(inputs["table"].path)
    found = scan(
        table,
        full=given.full,
        known=known,
        progress=context.progress,
        rules=detection,
    )
    path = context.path("scan.json")
    path.write_bytes(canonical_json(found.as_json()))
    unused = frozenset() if known.before else frozenset({"earlier"})
    used = {name: one for name, one in inputs.items() if name not in unused}
    labels = join(joined_labels(used), found.labels)
    report = Produced("scan", path, "application/json", labels, confidential=True)
    notes = tuple(map(finding_note, found.findings))
    made = sketched(context, inputs["table"], table)
    notes = notes if made else (*notes, LATER)
    outputs = (report, *made)
    sources = model_sources(detection)
    return Outcome(outputs, found.measures, notes=notes, sources=sources, unused=unused)
