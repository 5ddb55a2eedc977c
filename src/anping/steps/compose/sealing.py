"""Sealing the decisions of a server: their Merkle root goes into the ledger, the records beside it.

Only the server performs this step: nobody can write a segment by hand and have it pass for decisions
of a model whose file it was not made with.
"""

from __future__ import annotations

import json
import shutil
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from anping.core.digest import canonical_json
from anping.core.errors import InputError, Where
from anping.core.measure import Measure
from anping.core.text import Text
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
    from anping.run.serving.segment import Segment
    from anping.workspace.workspace import Workspace

DECISIONS = Port("decisions", "report", "{subject}.decisions")
SEAL = Port("seal", "report", "{subject}.seal")
#: What a dossier takes of a model's seals: the newest, and so many before it.
SEALS = (
    Port("seal", "report", "{subject}.seal", optional=True),
    Port("seals", "report", "{subject}.seal", optional=True, past=1000),
)
_SEAL_PORTS = frozenset(port.name for port in SEALS)
_FORMAT = 1


class SealParameters(Parameters):
    """The segment, and which models spoke in it."""

    file: Path = parameter("決定紀錄檔", "the file of decisions")
    models: list[str] = parameter(
        "回答的模型版本", "the models that spoke, such as customers.model@3"
    )


def _ports(given: Any) -> tuple[tuple[Port, ...], tuple[Port, ...]]:
    takes = tuple(Port(f"model {at}", "model", name) for at, name in enumerate(given.models, 1))
    return takes, (DECISIONS, SEAL)


def _run(context: Context, given: SealParameters, inputs: Inputs) -> Outcome:
    """Keep the records, and say their root; every digest must be that of the model's file."""
    from anping.run.serving.segment import MEDIA_TYPE, read_segment

    segment = read_segment(given.file)
    known = {one.asset.reference: one.asset.digest for one in inputs.values()}
    if segment.models.items() - known.items() or segment.name != context.subject:
        raise _other_models(given.file)
    records = context.path("decisions")
    # What has no end was never acknowledged, so it is no part of the segment.
    content = given.file.read_bytes()
    records.write_bytes(content[: content.rindex(b"\n") + 1])
    seal = context.path("seal.json")
    seal.write_bytes(canonical_json(seal_of(segment)))
    title = Text("封存的決定", "Decisions sealed")
    count = Measure("run.decisions", segment.decisions, "decisions", segment.decisions, title)
    return Outcome(
        (
            Produced("decisions", records, MEDIA_TYPE, confidential=True),
            Produced("seal", seal, "application/json"),
        ),
        (count,),
        limits=(_LIMIT,),
    )


def seal_of(segment: Segment) -> dict[str, Any]:
    """Return what is said of a segment: how many lines, from when to when, and their root."""
    head = segment.head
    times = [record["at"] for record in segment.records]
    return {
        "anping-seal": _FORMAT,
        "segment": segment.id,
        "name": segment.name,
        "lines": head.size,
        "decisions": segment.decisions,
        "from": min(times, default=None),
        "to": max(times, default=None),
        "models": segment.models,
        "root": head.root.hex(),
    }


def seals_of(inputs: Inputs, model: str) -> dict[str, Path]:
    """Return the seals among a step's inputs in which a model (``customers.model@3``) spoke, by port."""
    ports = {
        port: one.path for port, one in inputs.items() if port.partition("@")[0] in _SEAL_PORTS
    }
    return {
        port: path
        for port, path in ports.items()
        if model in json.loads(path.read_bytes())["models"]
    }


def other_seals(inputs: Inputs, model: str) -> set[str]:
    """Return the ports of seals in which a model did not speak."""
    mine = seals_of(inputs, model)
    return {port for port in inputs if port.partition("@")[0] in _SEAL_PORTS and port not in mine}


def write_seals(folder: Path, inputs: Inputs, model: str) -> None:
    """Write the seals of a model's decisions into ``folder``/decisions; their records stay inside."""
    for port, path in seals_of(inputs, model).items():
        place = folder / "decisions"
        place.mkdir(exist_ok=True)
        shutil.copyfile(path, place / f"{inputs[port].asset.version}.seal.json")


_LIMIT = Text(
    "封存證明這些紀錄之後沒有更動；不證明伺服器把每個回答都寫了進來。",
    "The seal shows that these records were not changed since; not that the server wrote down every "
    "answer.",
)

SEALING = Step(
    id="run.seal",
    command="seal",
    title=Text("封存決定紀錄", "Seal records of decisions"),
    takes=(),
    gives=(DECISIONS, SEAL),
    ports=_ports,
    parameters=SealParameters,
    run=_run,
    reads=lambda given: (given.file,),
    reproducible=False,
)


def seal_segment(workspace: Workspace, path: Path, *, agent: str = "server") -> None:
    """Seal an ended segment and remove its file; one without records is only removed.

    Raises what :func:`anping.workspace.perform.perform` raises; the file then stays.
    """
    from anping.run.serving.segment import read_segment
    from anping.workspace.perform import Job, perform

    if b"\n" not in path.read_bytes():
        # A kill cut off its very first line: nothing was acknowledged.
        path.unlink()
        return
    segment = read_segment(path)
    if segment.lines:
        given = {"file": str(path), "models": list(segment.models)}
        perform(workspace, Job(SEALING, segment.name, given, agent))
    path.unlink()


def sealer(workspace: Workspace, agent: str) -> Any:
    """Return what seals one segment of a workspace."""
    return partial(seal_segment, workspace, agent=agent)


def _other_models(path: Path) -> InputError:
    return InputError(
        "decisions.other-models",
        Text(
            "紀錄裡的模型與工作區的模型不同。",
            "The records name models that are not those of the workspace.",
        ),
        where=Where(file=path.name),
        hint=Text(
            "這個檔案不是這個工作區的服務寫的；請保留並查明來源。",
            "No server of this workspace wrote this file; keep it and find out where it is from.",
        ),
    )
