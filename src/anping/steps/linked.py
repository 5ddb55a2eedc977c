"""protect.linked: several tables about the same people, protected together."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

from anping.core.text import Text
from anping.steps.compose.flowing import flow_gate
from anping.steps.compose.flows import protected_columns
from anping.steps.compose.linking import linked_files, linked_ports
from anping.workspace.step import Context, Inputs, Outcome, Parameters, Step, parameter


class LinkedParameters(Parameters):
    """Which tables, how people are known in them, and how many must be alike over all of them."""

    tables: list[str] = parameter(
        "關於同一批人的其他資料", "the other tables about the same people", min_length=1
    )
    key: list[str] = parameter(
        "各表代表「人」的欄位，寫成 表=欄位；未寫者依計畫的 privacy_unit",
        "the column that names people, as TABLE=COLUMN; a plan's privacy_unit where it is not given",
        [],
    )
    k: int | None = parameter(
        "合併各表後至少幾人相同；至少是計畫中最大的 k",
        "how many people share a profile over all tables; the largest k of the plans at least",
        None,
        ge=2,
    )
    missing: Literal["refuse", "own"] | None = parameter(
        "沒有寫是誰的列：拒絕（預設），或各自算一人",
        "rows that name nobody: refuse (default), or each a person of its own",
        None,
    )
    file: Path | None = parameter(
        "改用這一個檔案裡各表的計畫", "use the plans of all tables in this one file instead", None
    )


def run(context: Context, given: LinkedParameters, inputs: Inputs) -> Outcome:
    """Protect the tables by their plans until k people are alike over all of them."""
    from anping.steps.compose.linking import linked

    return linked(context, given, inputs)


_TAKES, _GIVES = linked_ports(None)

LINKED = Step(
    id="protect.linked",
    command="protect-linked",
    title=Text("一起保護關於同一批人的數個表", "Protect several tables about the same people"),
    takes=_TAKES,
    gives=_GIVES,
    ports=linked_ports,
    parameters=LinkedParameters,
    run=run,
    lineage=protected_columns,
    gates=(flow_gate,),
    lowers=("categories",),
    reads=linked_files,
    reproducible=False,
    positional=("tables",),
    example={"tables": ["loans"], "key": ["customers=客戶編號", "loans=客戶編號"]},
)
