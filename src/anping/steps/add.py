"""know.add: a file comes in through one door, typed, digested, refused rows kept aside."""

from __future__ import annotations

from datetime import date
from pathlib import Path

from anping.core.text import Text
from anping.steps.compose.file_format import FileFormat
from anping.steps.compose.reading import intake_measures, labels_of, refused_note, taken_in
from anping.workspace.step import (
    Context,
    Inputs,
    Outcome,
    Port,
    Produced,
    Step,
    parameter,
)


class Add(FileFormat):
    """How to read a file and what its data may be used for."""

    path: Path = parameter(
        "資料檔、資料夾或檔名樣式", "the data file, a folder, or a pattern of files"
    )
    quarantine: Path | None = parameter(
        "壞列另存於此並繼續", "keep bad rows aside in this file and go on", None
    )
    purposes: list[str] = parameter("准許用途，如 TRAIN", "permitted purposes such as TRAIN", [])
    legal_basis: list[str] = parameter("法律依據", "legal bases", [])
    licence: list[str] = parameter("來源授權", "licences of the source", [])
    retain_until: date | None = parameter("保存期限", "end of retention", None)


def reads(given: Add) -> tuple[Path, ...]:
    """Return the data files: their digests count as inputs."""
    from anping.engine.expand import expand

    return expand(given.path)


def run(context: Context, given: Add, inputs: Inputs) -> Outcome:
    """Read the file into a typed table."""
    del inputs
    into = context.path("table.parquet")
    reading = taken_in(given, into, context.progress)
    table = Produced(
        "table", into, "application/vnd.apache.parquet", labels_of(given),
        schema=reading.table.fields, rows=reading.rows, confidential=True,
    )  # fmt: skip
    return Outcome((table,), intake_measures(reading), notes=refused_note(reading))


ADD = Step(
    id="know.add",
    command="add",
    title=Text("收進資料", "Take data in"),
    takes=(),
    gives=(Port("table", "table", "{subject}"),),
    parameters=Add,
    run=run,
    reads=reads,
    positional=("path",),
    example={"path": "customers.csv", "purposes": ["TRAIN"]},
)
