"""The information-flow gate: whether the inputs may be worked on together, today."""

from __future__ import annotations

from anping.core.verdict import Verdict
from anping.workspace.step import Request


def flow_gate(request: Request) -> Verdict:
    """Decide whether a step that a data holder owes anyway may run on these inputs.

    Scanning, protecting and measuring need no purpose of their own, but residency and retention
    bind them like any other use.
    """
    from anping.govern.flow import DUTY, decide_flow

    labels = [given.asset.labels for given in request.inputs.values()]
    return decide_flow(request.step.id, DUTY, labels, today=request.moment.date())
