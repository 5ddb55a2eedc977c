"""govern.consent: who gave or withdrew which purpose, kept as keyed pseudonyms."""

from __future__ import annotations

from pathlib import Path

from anping.core.text import Text
from anping.steps.compose.flowing import flow_gate
from anping.workspace.step import Context, Inputs, Outcome, Parameters, Port, Step, parameter


class Consent(Parameters):
    """The decisions, and whose rows are whose."""

    file: Path | None = parameter(
        "決定的檔案：person、purpose、decision（given、withdrawn）、when",
        "a file of decisions: person, purpose, decision (given, withdrawn), when",
        None,
    )
    person: str | None = parameter(
        "資料表中說明列屬於誰的欄位", "the table's column that says whose row it is", None
    )
    offset: str = parameter("沒有寫時區的時間的時區", "the zone of times that name none", "+08:00")


def reads(given: Consent) -> tuple[Path, ...]:
    """Return the file of decisions."""
    return () if given.file is None else (given.file,)


def run(context: Context, given: Consent, inputs: Inputs) -> Outcome:
    """Add the decisions to the register of the table."""
    from anping.steps.compose.withdrawing import taken_in

    return taken_in(context, given, inputs)


CONSENT = Step(
    id="govern.consent",
    command="consent",
    title=Text("登錄同意與撤回", "Register consents and withdrawals"),
    takes=(
        Port("table", "table", "{subject}"),
        Port("earlier", "report", "{subject}.consent", optional=True, remembered=True),
    ),
    gives=(Port("consent", "report", "{subject}.consent"),),
    parameters=Consent,
    run=run,
    reads=reads,
    gates=(flow_gate,),
    example={"file": "consents.csv", "person": "客戶編號"},
)
