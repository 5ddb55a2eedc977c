"""know.quality: a version judged by what its earlier versions lead one to expect, and its drift."""

from __future__ import annotations

from anping.core.text import Text
from anping.steps.compose.flowing import flow_gate
from anping.workspace.step import (
    Context,
    Inputs,
    Outcome,
    Parameters,
    Port,
    Step,
    parameter,
)

#: So many versions that were never looked at are learned from at most.
_PAST = 20


class Quality(Parameters):
    """What to learn from, how sure to be, and whether a broken expectation stops the pipeline."""

    without: list[int] = parameter("不學這些版本", "versions not to learn from", [])
    level: float = parameter("信賴水準", "the level of limits and tests", 0.95, ge=0.8, le=0.9999)
    strict: bool = parameter(
        "違反期望時拒絕", "refuse where an expectation is broken", default=False
    )
    afresh: bool = parameter(
        "重新學習：不用先前保留的摘要",
        "learn afresh: without the summaries that were kept before",
        default=False,
    )


def ports(given: Quality | None) -> tuple[tuple[Port, ...], tuple[Port, ...]]:
    """Return the ports: without the kept history where it is to be learned afresh."""
    afresh = given is not None and given.afresh
    return tuple(p for p in _TAKES if not (afresh and p.name == "earlier")), _GIVES


def run(context: Context, given: Quality, inputs: Inputs) -> Outcome:
    """Judge the version; its page and its summary hold no value of a person."""
    from anping.steps.compose.watching import watched

    return watched(context, given, inputs)


_TAKES = (
    Port("table", "table", "{subject}"),
    Port("scan", "report", "{subject}.scan"),
    Port("findings", "report", "{subject}.findings", optional=True),
    Port("earlier", "report", "{subject}.history", optional=True, remembered=True),
    Port("past", "table", "{subject}", optional=True, remembered=True, past=_PAST),
)
_GIVES = (
    Port("quality", "report", "{subject}.quality"),
    Port("data", "report", "{subject}.quality-data"),
    Port("history", "report", "{subject}.history"),
)

QUALITY = Step(
    id="know.quality",
    command="quality",
    title=Text("品質：與先前版本比較", "Quality: compared with earlier versions"),
    takes=_TAKES,
    gives=_GIVES,
    ports=ports,
    parameters=Quality,
    run=run,
    gates=(flow_gate,),
    example={"level": 0.95},
)
