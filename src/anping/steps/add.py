"""know.add: data comes in through one door, typed, digested, checked, bad rows kept aside."""

from __future__ import annotations

from datetime import date
from pathlib import Path

from anping.core.text import Text
from anping.steps.compose.arriving import local_sources
from anping.steps.compose.data_source import DataSource
from anping.steps.compose.reading import taken_in
from anping.workspace.step import Context, Inputs, Outcome, Port, Step, parameter


class Add(DataSource):
    """Where data comes from, how to read it, and what it may be used for."""

    purposes: list[str] = parameter("准許用途，如 TRAIN", "permitted purposes such as TRAIN", [])
    legal_basis: list[str] = parameter("法律依據", "legal bases", [])
    licence: list[str] = parameter("來源授權", "licences of the source", [])
    retain_until: date | None = parameter("保存期限", "end of retention", None)


def reads(given: Add) -> tuple[Path, ...]:
    """Return the files on this machine: their digests count as inputs."""
    return local_sources(given)


def run(context: Context, given: Add, inputs: Inputs) -> Outcome:
    """Read what is new into a typed table; what is known already is kept."""
    return taken_in(context, given, inputs)


ADD = Step(
    id="know.add",
    command="add",
    title=Text("收進資料", "Take data in"),
    takes=(
        Port("earlier", "table", "{subject}", optional=True, remembered=True),
        Port("arrivals", "report", "{subject}.arrivals", optional=True, remembered=True),
    ),
    gives=(
        Port("table", "table", "{subject}"),
        Port("arrivals", "report", "{subject}.arrivals"),
    ),
    parameters=Add,
    run=run,
    reads=reads,
    positional=("path",),
    example={"path": "customers.csv", "purposes": ["TRAIN"]},
)
