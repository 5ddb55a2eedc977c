"""protect.risk: re-identification risk before and after, and a linkage attack that really runs."""

from __future__ import annotations

from typing import TYPE_CHECKING

from anping.core.digest import canonical_json
from anping.core.text import Text
from anping.steps.assets import leaf_readers, paths_of, protection_of
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

if TYPE_CHECKING:
    from anping.engine.table import Table


class RiskParameters(Parameters):
    """How hard to attack."""

    threshold: float = parameter("風險門檻", "the risk threshold", 0.2, gt=0, le=1)
    targets: int = parameter("攻擊目標人數上限", "how many people to attack at most", 2000, ge=1)
    seed: int = parameter("亂數種子", "the seed", 20260101)


def run(context: Context, given: RiskParameters, inputs: Inputs) -> Outcome:
    """Measure the raw table at leaf level, the protected table, and attack one with the other."""
    from anping.engine.table import Table
    from anping.protect.risk.bands import class_size_bands
    from anping.protect.risk.classes import equivalence_classes
    from anping.protect.risk.compatible import Compatible
    from anping.protect.risk.linkage import LinkageOptions, link
    from anping.protect.risk.reidentification import measure_risk

    found = protection_of(inputs)
    names = found.quasi_identifiers
    if not names:
        note = Text(
            "沒有準識別欄位，無從量測連結風險。",
            "No quasi-identifiers: no linkage risk to measure.",
        )
        path = context.path("risk.json")
        path.write_bytes(canonical_json({"before": [], "after": []}))
        return Outcome((Produced("risk", path, "application/json"),), notes=(note,))
    raw, protected = Table.open(inputs["table"].path), Table.open(inputs["protected"].path)
    unit = found.privacy_unit
    people = None if unit is None else raw.column(unit)
    before = measure_risk(raw, names, person=people, threshold=given.threshold, subject="before")
    after = measure_risk(
        protected, names, person=found.person, threshold=given.threshold, subject="after"
    )
    context.progress(Text("連結攻擊", "Linkage attack"), 0, None)
    leaves = leaf_readers(raw, Table.open(inputs["leaves"].path), names)
    attack = link(
        raw, protected, links=Table.open(inputs["links"].path).arrow(), quasi_identifiers=names,
        compatible=Compatible(paths_of(inputs), leaves),
        options=LinkageOptions(given.seed, given.targets, people, _there(found.sensitive, protected)),
    )  # fmt: skip
    bands = {
        "before": equivalence_classes(raw, names, person=people),
        "after": equivalence_classes(protected, names, person=found.person),
    }
    path = context.path("risk.json")
    path.write_bytes(
        canonical_json(
            {side: [b.as_json() for b in class_size_bands(c)] for side, c in bands.items()}
        )
    )
    report = Produced("risk", path, "application/json")
    return Outcome((report,), (*before, *after, *attack))


def _there(columns: tuple[str, ...], table: Table) -> tuple[str, ...]:
    return tuple(column for column in columns if column in table.columns)


RISK = Step(
    id="protect.risk",
    command="risk",
    title=Text("量測重新識別風險並實際攻擊", "Measure re-identification risk and attack"),
    takes=(
        Port("table", "table", "{subject}"),
        Port("leaves", "table", "{subject}.leaves"),
        Port("protected", "table", "{subject}.protected"),
        Port("links", "table", "{subject}.links"),
        Port("protection", "report", "{subject}.protection"),
        Port("paths", "report", "{subject}.paths"),
    ),
    gives=(Port("risk", "report", "{subject}.risk"),),
    parameters=RiskParameters,
    run=run,
    example={"targets": 500},
)
