"""protect.deid: carry out the plan on the table."""

from __future__ import annotations

from functools import partial

from anping.core.digest import canonical_json
from anping.core.labels import join
from anping.core.text import Text
from anping.steps.assets import findings_of
from anping.workspace.step import Context, Inputs, Outcome, Parameters, Port, Produced, Step

_PARQUET = "application/vnd.apache.parquet"


class Deid(Parameters):
    """Everything is in the plan."""


def run(context: Context, given: Deid, inputs: Inputs) -> Outcome:
    """Protect the table; what would identify a raw row stays confidential."""
    from anping.engine.table import Table
    from anping.engine.write import write_parquet
    from anping.know.discover.text import find_spans
    from anping.protect import protect, read_plan
    from anping.steps.protecting import (
        labels_after,
        leaves_of,
        protection_report,
        suppressed_note,
    )

    del given
    plan = read_plan(inputs["plan"].path)
    table = Table.open(inputs["table"].path)
    done = protect(
        table, plan,
        keys=context.keys.secret, find_spans=partial(find_spans, recall=True), progress=context.progress,
    )  # fmt: skip
    joined = join(*(each.asset.labels for each in inputs.values()))
    labels = labels_after(joined, findings_of(inputs), done.table.column_names)
    names = ("table", "links", "leaves", "report", "paths")
    paths = {name: context.path(f"{name}.out") for name in names}
    write_parquet(done.table, paths["table"])
    write_parquet(done.links, paths["links"])
    leaves = leaves_of(table.arrow(), done)
    write_parquet(leaves, paths["leaves"])
    report = protection_report(done, plan)
    paths["report"].write_bytes(canonical_json(report.as_json()))
    paths["paths"].write_bytes(canonical_json(done.paths))
    protected = Produced(
        "protected", paths["table"], _PARQUET, labels,
        schema=Table.of(done.table).fields, rows=done.table.num_rows,
    )  # fmt: skip
    outputs = (
        protected,
        Produced("links", paths["links"], _PARQUET, rows=done.links.num_rows, confidential=True),
        Produced("leaves", paths["leaves"], _PARQUET, rows=leaves.num_rows, confidential=True),
        Produced("protection", paths["report"], "application/json"),
        Produced("paths", paths["paths"], "application/json", confidential=True),
    )
    return Outcome(outputs, done.measures, limits=done.limits, notes=suppressed_note(report))


DEID = Step(
    id="protect.deid",
    command="protect",
    title=Text("依計畫保護資料", "Protect the table by the plan"),
    takes=(
        Port("table", "table", "{subject}"),
        Port("plan", "plan", "{subject}.plan"),
        Port("scan", "report", "{subject}.scan"),
        Port("findings", "report", "{subject}.findings", optional=True),
    ),
    gives=(
        Port("protected", "table", "{subject}.protected"),
        Port("links", "table", "{subject}.links"),
        Port("leaves", "table", "{subject}.leaves"),
        Port("protection", "report", "{subject}.protection"),
        Port("paths", "report", "{subject}.paths"),
    ),
    parameters=Deid,
    run=run,
    lowers=("categories",),
)
