"""What learning takes and gives, the gate before it, and its lineage; nothing heavy is imported."""

from __future__ import annotations

from typing import Any

from anping.core.lineage import Flow, Place, Told
from anping.core.text import Text
from anping.core.verdict import Verdict
from anping.workspace.step import Port, Request

#: The register of consents; the raw table and the links tell whose row a protected one is.
CONSENT = Port("consent", "report", "{subject}.consent", optional=True)
RAW = Port("raw", "table", "{subject}", optional=True)
LINKS = Port("links", "table", "{subject}.links", optional=True)
_LEARNT = Text("模型由此欄學習", "the model was learnt from it")
_GIVES = (
    Port("model", "model", "{subject}.model"),
    Port("learning", "report", "{subject}.learning"),
)


def learning_ports(given: Any) -> tuple[tuple[Port, ...], tuple[Port, ...]]:
    """Return what is taken and given.

    Of a protected table the raw one and the links are taken as well: they tell whose row is whose.
    """
    if given is None or not given.protected:
        return (Port("table", "table", "{subject}"), CONSENT), _GIVES
    return (Port("table", "table", "{subject}.protected"), CONSENT, RAW, LINKS), _GIVES


def training_gate(request: Request) -> Verdict:
    """Decide whether a model may be made of the inputs: purpose TRAIN, retention, consent."""
    from anping.govern.training import decide_training

    labels = [given.asset.labels for given in request.inputs.values()]
    return decide_training(
        request.step.id,
        labels,
        today=request.moment.date(),
        register="consent" in request.inputs,
    )


def learnt_columns(told: Told) -> tuple[Flow, ...]:
    """Return which columns a model was made of, as the learning report says."""
    model, report = told.given("model"), told.given("learning")
    body = None if report is None else told.read(report.name)
    if model is None or body is None:
        return ()
    into = Place(model.name)
    return tuple(
        Flow(into, Place(table.name, column), "DIRECT", "AGGREGATION", what=_LEARNT)
        for table in told.taken("table")
        for column in (*body["columns"], body["asked"]["target"])
    )
