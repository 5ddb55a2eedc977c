"""know.add: data comes in through one door, typed, digested, checked, bad rows kept aside."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Literal

from anping.core.text import Text
from anping.steps.compose.arriving import local_sources
from anping.steps.compose.data_source import DataSource
from anping.steps.compose.flows import taken_in_columns
from anping.steps.compose.reading import taken_in
from anping.workspace.step import Context, Inputs, Outcome, Port, Step, parameter


class Add(DataSource):
    """Where data comes from, how to read it, and what it may be used for."""

    kind: Literal["table", "documents"] = parameter(
        "收進的是資料表，或文件（文字、Word、PDF、HTML、郵件、JSON、影像中繼資料）",
        "a table, or documents (text, Word, PDF, HTML, mail, JSON, metadata of pictures)",
        "table",
    )
    max_megabytes: int = parameter(
        "文件的檔案大小上限（MiB）", "how large a document's file may be (MiB)", 256, ge=1, le=4096
    )
    purposes: list[str] = parameter("准許用途，如 TRAIN", "permitted purposes such as TRAIN", [])
    legal_basis: list[str] = parameter("法律依據", "legal bases", [])
    licence: list[str] = parameter("來源授權", "licences of the source", [])
    retain_until: date | None = parameter("保存期限", "end of retention", None)


def reads(given: Add) -> tuple[Path, ...]:
    """Return the files on this machine: their digests count as inputs."""
    return () if given.kind == "documents" else local_sources(given)


def run(context: Context, given: Add, inputs: Inputs) -> Outcome:
    """Read what is new into a typed table; what is known already is kept."""
    if given.kind == "documents":
        from anping.steps.compose.documents import documents_taken_in

        return documents_taken_in(context, given)
    return taken_in(context, given, inputs)


ADD = Step(
    id="know.add",
    command="add",
    title=Text("收進資料", "Take data in"),
    takes=(
        Port("earlier", "table", "{subject}", optional=True, remembered=True, others=("corpus",)),
        Port("arrivals", "report", "{subject}.arrivals", optional=True, remembered=True),
    ),
    gives=(
        Port("table", "table", "{subject}"),
        Port("arrivals", "report", "{subject}.arrivals"),
        Port("corpus", "corpus", "{subject}", optional=True),
        Port("documents", "report", "{subject}.documents", optional=True),
    ),
    parameters=Add,
    run=run,
    lineage=taken_in_columns,
    reads=reads,
    positional=("path",),
    example={"path": "customers.csv", "purposes": ["TRAIN"]},
)
