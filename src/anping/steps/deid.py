"""protect.deid: carry out the plan on the table."""

from __future__ import annotations

from anping.core.measure import without_small_counts
from anping.core.text import Text
from anping.steps.compose.entities import redactor
from anping.steps.compose.flowing import flow_gate
from anping.steps.compose.flows import protected_columns
from anping.steps.compose.populations import PopulationParameters, looked_at, with_population
from anping.steps.compose.protected_ports import (
    FINDINGS,
    GIVES,
    HIERARCHIES,
    PLAN,
    SCAN,
    TABLE,
)
from anping.workspace.step import Context, Inputs, Outcome, Step


class Deid(PopulationParameters):
    """Everything else is in the plan."""


def run(context: Context, given: Deid, inputs: Inputs) -> Outcome:
    """Protect the table; what would identify a raw row stays confidential."""
    from anping.engine.table import Table
    from anping.protect import Means, protect_into, read_plan
    from anping.steps.compose.populations import settings_of
    from anping.steps.compose.protecting import (
        protected_outputs,
        protection_report,
        suppressed_note,
    )

    del given
    plan = read_plan(inputs["plan"].path)
    inputs, unused = looked_at(plan, inputs)
    table = Table.open(inputs["table"].path)
    done = protect_into(
        table,
        plan,
        context.path("tables"),
        means=Means(context.keys.secret, redactor(inputs)),
        settings=settings_of(context, inputs),
        progress=context.progress,
    )
    report = protection_report(done, plan)
    measures = without_small_counts(done.measures)
    outputs = protected_outputs(context, inputs, done=done, report=report)
    notes = suppressed_note(report)
    return Outcome(outputs, measures, limits=done.limits, notes=notes, unused=unused)


_TAKES = (TABLE, PLAN, SCAN, FINDINGS, HIERARCHIES)

DEID = Step(
    id="protect.deid",
    command="protect",
    title=Text("依計畫保護資料", "Protect the table by the plan"),
    takes=_TAKES,
    gives=GIVES,
    ports=with_population(_TAKES, GIVES),
    parameters=Deid,
    run=run,
    lineage=protected_columns,
    gates=(flow_gate,),
    lowers=("categories",),
    reproducible=False,
    example={"population": "residents"},
)
