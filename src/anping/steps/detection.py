"""judge.detection: how much of what was planted the scan finds, as recall and precision."""

from __future__ import annotations

from pathlib import Path

from anping.core.digest import canonical_json
from anping.core.measure import without_small_counts
from anping.core.text import Text
from anping.steps.compose.assets import findings_of
from anping.steps.compose.detecting import (
    NOTHING,
    compared,
    covered,
    for_redaction,
    read_truth,
)
from anping.steps.compose.entities import redactor, scanned_rules
from anping.steps.compose.flowing import flow_gate
from anping.workspace.step import (
    Context,
    Inputs,
    Outcome,
    Parameters,
    Port,
    Produced,
    Step,
    parameter,
)


class DetectionParameters(Parameters):
    """Where the truth is."""

    truth: Path = parameter("真相檔（.spans.jsonl）", "the truth file (.spans.jsonl)")


def reads(given: DetectionParameters) -> tuple[Path, ...]:
    """Return the truth file."""
    return (given.truth,)


def run(context: Context, given: DetectionParameters, inputs: Inputs) -> Outcome:
    """Score the columns, and the cells twice: as a scan sees them and as redaction does."""
    from anping.engine.table import Table
    from anping.judge.detection import score_columns, score_pairs
    from anping.know.discover.taxonomy import identifying_types
    from anping.know.discover.text import Scanner

    truth, findings = read_truth(given.truth), findings_of(inputs)
    table = Table.open(inputs["table"].path)
    rules = scanned_rules(inputs)
    find_spans, direct = Scanner(rules=rules).find, identifying_types(rules.known)
    scanned = compared(table, findings, truth, find_spans, identifying=direct)
    redacted = covered(table, findings, truth, redactor(inputs))
    columns = score_columns(truth.types, findings, nothing=NOTHING)
    spans = (*score_pairs(scanned), *for_redaction(score_pairs(redacted)))
    measures = without_small_counts((*columns, *spans))
    path = context.path("detection.json")
    path.write_bytes(canonical_json([measure.as_json() for measure in measures]))
    return Outcome((Produced("detection", path, "application/json"),), measures)


DETECTION = Step(
    id="judge.detection",
    command="detection",
    title=Text("以真相檔量測偵測的召回率與精確率", "Score detection against a known truth"),
    takes=(
        Port("table", "table", "{subject}"),
        Port("scan", "report", "{subject}.scan"),
    ),
    gives=(Port("detection", "report", "{subject}.detection"),),
    parameters=DetectionParameters,
    run=run,
    gates=(flow_gate,),
    reads=reads,
    positional=("truth",),
    example={"truth": "truth/customers.csv.spans.jsonl"},
)
