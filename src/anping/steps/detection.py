"""judge.detection: how much of what was planted the scan finds, as recall and precision."""

from __future__ import annotations

from pathlib import Path

from anping.core.digest import canonical_json
from anping.core.text import Text
from anping.steps.assets import findings_of
from anping.steps.detecting import compared, read_truth
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
    """Score the scan's columns and the spans in every cell; only types that were planted count."""
    from anping.engine.table import Table
    from anping.judge.detection import score_columns, score_spans
    from anping.know.discover.text import find_spans

    truth = read_truth(given.truth)
    findings = findings_of(inputs)
    context.progress(Text("與真相比對", "Comparing with the truth"), 0, None)
    expected, got = compared(Table.open(inputs["table"].path), findings, truth, find_spans)
    planted = {span.type for spans in expected for span in spans}
    counted = [tuple(span for span in spans if span.type in planted) for spans in got]
    measures = (
        *score_columns(truth.types, findings, nothing=("NONE", "NUMBER", "CATEGORY", "DATE")),
        *score_spans(expected, counted),
    )
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
    reads=reads,
    positional=("truth",),
    example={"truth": "truth/customers.csv.spans.jsonl"},
)
