"""protect.counts: a table of counts or sums in which no cell tells about a person."""

from __future__ import annotations

from anping.core.text import Text
from anping.steps.compose.flowing import flow_gate
from anping.steps.compose.flows import counted_columns
from anping.workspace.step import Context, Inputs, Outcome, Parameters, Port, Step, parameter


class CountsParameters(Parameters):
    """What to count by, and when a cell is suppressed."""

    by: list[str] = parameter("分組的欄位", "the columns to group by", min_length=1)
    person: str | None = parameter("代表「人」的欄位", "the column that names people", None)
    value: str | None = parameter("要加總的欄位", "the column to sum", None)
    threshold: int = parameter("每格至少幾人", "how many people a cell needs", 5, ge=1)
    dominance: int | None = parameter(
        "優勢規則：最大的幾位", "dominance rule: how many of the largest contributors", None, ge=1
    )
    dominance_percent: float = parameter(
        "優勢規則：至多占幾 %", "dominance rule: the most they may give, in %", 75.0, gt=0, lt=100
    )
    p_percent: float | None = parameter(
        "p% 規則", "p % rule: how closely a contributor may be estimated", None, gt=0, le=100
    )
    rounding: int | None = parameter("取整到的倍數", "round to multiples of this", None, ge=1)
    totals: bool = parameter("同時公布合計", "publish totals too", default=True)


def run(context: Context, given: CountsParameters, inputs: Inputs) -> Outcome:
    """Count, suppress, and prove what is suppressed to be protected."""
    from anping.steps.compose.counting import counted

    context.progress(Text("計數並抑制", "Counting and suppressing"), 0, None)
    return counted(context, given, inputs)


COUNTS = Step(
    id="protect.counts",
    command="counts",
    title=Text("公布次數表，抑制會洩漏的格", "Publish a table of counts, unsafe cells left out"),
    takes=(Port("table", "table", "{subject}"),),
    gives=(Port("counts", "table", "{subject}.counts"),),
    parameters=CountsParameters,
    run=run,
    lineage=counted_columns,
    gates=(flow_gate,),
    example={"by": ["性別", "職業"], "person": "身分證字號", "threshold": 5},
)
