"""Toy steps: what the workspace promises must not depend on any room."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

from anping.core.labels import Labels, Tier
from anping.core.measure import Measure
from anping.core.text import Text
from anping.core.verdict import Reason, Verdict
from anping.workspace.step import (
    Context,
    Inputs,
    Outcome,
    Parameters,
    Port,
    Produced,
    Request,
    Step,
    parameter,
)
from anping.workspace.workspace import Workspace


class Ticking:
    """A clock that moves a minute each time it is read."""

    def __init__(self) -> None:
        self.now = datetime(2026, 1, 1, tzinfo=UTC)

    def __call__(self) -> datetime:
        self.now += timedelta(minutes=1)
        return self.now


def stored(workspace: Workspace, digest: str) -> Path:
    """Where an object lies in a workspace whose objects are files."""
    return Path(workspace.objects.location) / digest[:2] / digest


class Take(Parameters):
    path: Path = parameter("檔案", "the file")
    purposes: list[str] = parameter("用途", "purposes", [])


def take(context: Context, given: Take, inputs: Inputs) -> Outcome:
    del inputs
    into = context.path("x")
    into.write_bytes(given.path.read_bytes())
    labels = Labels(Tier.INTERNAL, purposes=frozenset(given.purposes) or None)
    return Outcome((Produced("raw", into, "text/plain", labels, confidential=True),))


class Count(Parameters):
    letter: str = parameter("字母", "the letter", "a")
    fail: bool = parameter("失敗", "fail halfway", default=False)
    lower: bool = parameter("放寬", "lower the tier", default=False)
    deny: bool = parameter("拒絕", "let the gate refuse", default=False)
    quiet: bool = parameter("不量測", "measure nothing", default=False)


def count(context: Context, given: Count, inputs: Inputs) -> Outcome:
    into = context.path("count")
    text = inputs["raw"].path.read_text()
    into.write_text(str(text.count(given.letter)))
    if given.fail:
        raise RuntimeError("halfway")
    labels = inputs["raw"].asset.labels.lowered(tier=Tier.OPEN) if given.lower else None
    title = Text("字數", "letters")
    measure = Measure("count", float(text.count(given.letter)), "letters", len(text), title)
    measures = () if given.quiet else (measure,)
    return Outcome((Produced("count", into, "text/plain", labels),), measures)


def renew(context: Context, given: Count, inputs: Inputs) -> Outcome:
    """Give a new version of what is taken, and count in it."""
    into = context.path("again")
    into.write_text(inputs["raw"].path.read_text() + given.letter)
    counted = count(context, given, inputs)
    raw = Produced("raw", into, "text/plain", confidential=True)
    return Outcome((raw, *counted.outputs), counted.measures)


def gate(request: Request) -> Verdict:
    reason = Reason("toy", not request.parameters.deny, Text("測試", "test"), Text("改", "change"))
    return Verdict("toy", "refuse" if request.parameters.deny else "allow", (reason,))


TAKE = Step(
    "toy.take", "take", Text("取", "Take"), (), (Port("raw", "table", "{subject}"),), Take, take,
    reads=lambda given: (given.path,),
)  # fmt: skip
COUNT = Step(
    "toy.count", "count", Text("數", "Count"), (Port("raw", "table", "{subject}"),),
    (Port("count", "report", "{subject}.count"),), Count, count, gates=(gate,),
)  # fmt: skip
LOWERING = Step(
    "toy.lower", "lower", Text("放寬", "Lower"), (Port("raw", "table", "{subject}"),),
    (Port("count", "report", "{subject}.count"),), Count, count, lowers=("tier",),
)  # fmt: skip
RENEWING = Step(
    "toy.renew", "renew", Text("改寫", "Renew"), (Port("raw", "table", "{subject}"),),
    (Port("raw", "table", "{subject}"), Port("count", "report", "{subject}.renewed")), Count, renew,
)  # fmt: skip
STEPS = {step.id: step for step in (TAKE, COUNT, LOWERING, RENEWING)}
