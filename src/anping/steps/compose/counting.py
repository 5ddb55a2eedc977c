"""A table of counts as the step gives it: a file, its measures, and how much was left out."""

from __future__ import annotations

from typing import Any

from anping.core.measure import find
from anping.core.text import Text
from anping.engine.table import Table
from anping.engine.write import write_parquet
from anping.protect.counts.publish import PublishedCounts, publish_counts
from anping.protect.counts.rules import CountRules
from anping.workspace.step import Context, Inputs, Outcome, Produced


def counted(context: Context, given: Any, inputs: Inputs) -> Outcome:
    """Return the table of counts that the parameters ask for."""
    dominance = None if given.dominance is None else (given.dominance, given.dominance_percent)
    done = publish_counts(
        Table.open(inputs["table"].path),
        given.by,
        value=given.value,
        person=given.person,
        rules=CountRules(
            threshold=given.threshold,
            dominance=dominance,
            p_percent=given.p_percent,
            rounding=given.rounding,
            totals=given.totals,
        ),
    )
    path = context.path("counts.parquet")
    write_parquet(done.table, path)
    table = Table.open(path)
    made = Produced(
        "counts",
        path,
        "application/vnd.apache.parquet",
        schema=table.fields,
        rows=table.rows,
    )
    return Outcome((made,), done.measures, limits=done.limits, notes=(_note(done),))


def _note(done: PublishedCounts) -> Text:
    first, more = (
        0 if measure is None else int(measure.value)
        for measure in (
            find(done.measures, "counts.primary"),
            find(done.measures, "counts.complementary"),
        )
    )
    return Text(
        f"共 {done.table.num_rows:,} 格：規則抑制 {first:,} 格，為免由合計算出另抑制 {more:,} 格",
        f"{done.table.num_rows:,} cells: {first:,} suppressed by a rule, {more:,} more so that"
        " totals do not give them away",
    )
