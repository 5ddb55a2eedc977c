"""Exporting a model for other runtimes: tried beside ours, recorded, then handed over as a file.

Only the command performs this step: it belongs to handing a file over, as a dossier does.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from anping.core.text import Text
from anping.steps.compose.flowing import flow_gate
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
    from anping.workspace.perform import Performed
    from anping.workspace.workspace import Workspace

_ONNX = Port("onnx", "model", "{subject}.onnx")
_LIMIT = Text(
    "一致性是在抽出的列上試的，不是證明；區間與集合的分數在檔案的中繼資料裡，不在圖裡。",
    "Parity was tried on drawn rows, not proved; the scores of intervals and sets are in the file's "
    "metadata, not in its graph.",
)


class ExportParameters(Parameters):
    """Which version, and the seed of the rows on which both are tried."""

    version: int | None = parameter("模型的版本", "the model's version", None, ge=1)
    seed: int = parameter("亂數種子", "the seed", 20260101)


def _ports(given: Any) -> tuple[tuple[Port, ...], tuple[Port, ...]]:
    version = "" if given.version is None else f"@{given.version}"
    return (Port("model", "model", f"{{subject}}.model{version}"),), (_ONNX,)


def _run(context: Context, given: ExportParameters, inputs: Inputs) -> Outcome:
    """Write the model as ONNX; one that does not answer alike is refused."""
    from anping.learn.onnx_export import MEDIA_TYPE, export_onnx
    from anping.steps.compose.models import model_of

    exported = export_onnx(model_of(inputs), digest=inputs["model"].asset.digest, seed=given.seed)
    path = context.path("model.onnx")
    path.write_bytes(exported.content)
    produced = Produced("onnx", path, MEDIA_TYPE, confidential=inputs["model"].asset.confidential)
    return Outcome((produced,), exported.measures, limits=(_LIMIT,))


EXPORTING = Step(
    id="learn.onnx",
    command="export-onnx",
    title=Text("匯出 ONNX", "Export as ONNX"),
    takes=(Port("model", "model", "{subject}.model"),),
    gives=(_ONNX,),
    ports=_ports,
    parameters=ExportParameters,
    run=_run,
    gates=(flow_gate,),
)


def export_model(workspace: Workspace, named: str, into: Path, *, agent: str) -> Performed:
    """Export a model (``customers``, ``customers.model@2``) into a file, recorded in the ledger.

    Raises MissingExtraError without the extra ``onnx``, InfeasibleError for a model that cannot be
    written or does not answer alike; no file is written then.
    """
    from anping.core.files import write
    from anping.steps.compose.serving import subject_of
    from anping.workspace.perform import Job, perform

    subject, version = subject_of(named)
    performed = perform(workspace, Job(EXPORTING, subject, {"version": version}, agent))
    if not performed.refused:
        (asset,) = performed.outputs
        write(into, workspace.path(asset).read_bytes())
    return performed
