"""Measuring again inside the site: what needs the raw data, only its owner can recompute.

``anping verify --replay`` recomputes what a dossier alone allows, and with ``--workspace`` also what
needs the raw data. Here the steps themselves run again on the stored inputs; nothing is kept, only
compared.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from anping.core.errors import EvidenceError
from anping.core.measure import Measure
from anping.core.progress import silent
from anping.core.text import Text
from anping.evidence.resource import asset_resource
from anping.evidence.statement import StepRecord
from anping.workspace.parameters import read_parameters
from anping.workspace.perform import aside_folder
from anping.workspace.recording import DIGEST_KEY
from anping.workspace.step import Context, Input, Step
from anping.workspace.step_keys import StepKeys
from anping.workspace.workspace import Workspace

_TOLERANCE = 1e-9


@dataclass(frozen=True, slots=True)
class Replayed:
    """One measure, as stated and as measured again; ``again`` None if it could not be."""

    statement: int
    step: str
    stated: Measure
    again: Measure | None

    @property
    def same(self) -> bool | None:
        """Whether both agree, or None where it was not measured again."""
        if self.again is None:
            return None
        limit = _TOLERANCE if self.stated.replay is None else self.stated.replay.tolerance
        return abs(self.stated.value - self.again.value) <= limit and self.stated.n == self.again.n


def replay(
    workspace: Workspace, reference: str, *, step: Callable[[str], Step]
) -> Iterator[Replayed]:
    """Measure again whatever led to ``reference``, step by step.

    Steps that read files from outside, or draw secret random numbers, are passed over. Raises
    WorkspaceError for an unknown asset.
    """
    for entry in workspace.ledger.ancestors([workspace.need(reference).reference]):
        record = StepRecord.from_json(dict(entry.record))
        found = step(record.step)
        again: dict[str, Measure] = {}
        if record.measurements and found.reproducible and not _has_sources(record):
            again = _measured(workspace, found, record)
        for stated in record.measurements:
            yield Replayed(entry.index, record.step, stated, again.get(stated.key))


def measured_again(
    workspace: Workspace, record: StepRecord, *, step: Callable[[str], Step]
) -> tuple[Measure, ...] | None:
    """Run the step of a statement, from a dossier say, again on the tables of the workspace.

    That these are what the statement names is seen by their digests, for which the workspace's key
    is needed: raw content is named by a keyed digest. None for a step that reads files from
    outside, or draws secret random numbers. Raises WorkspaceError for an asset that is unknown here
    and EvidenceError (``replay.other-content``) for one that is another there.
    """
    found = step(record.step)
    if not found.reproducible or _has_sources(record):
        return None
    key = workspace.secret(DIGEST_KEY)
    for material in record.materials:
        asset = workspace.need(material.name)
        if asset_resource(asset, port=material.port, digest_key=key).digest != material.digest:
            raise EvidenceError(
                "replay.other-content",
                Text(
                    f"工作區裡的「{material.name}」不是敘述所指的內容。",
                    f"“{material.name}” of the workspace is not the content that the statement names.",
                ),
                hint=Text(
                    "用產生這份卷宗的工作區與金鑰。",
                    "Use the workspace, and the keys, that the dossier came from.",
                ),
            )
    return tuple(_measured(workspace, found, record).values())


def _has_sources(record: StepRecord) -> bool:
    return any(material.is_source for material in record.materials)


def _measured(workspace: Workspace, step: Step, record: StepRecord) -> dict[str, Measure]:
    inputs = {}
    for material in record.materials:
        asset = workspace.need(material.name)
        inputs[material.port] = Input(asset, workspace.path(asset))
    subject = next(iter(record.subjects)).name.partition("@")[0].partition(".")[0]
    references = [each.asset.reference for each in inputs.values()]
    history = tuple(entry.record for entry in workspace.ledger.ancestors(references))
    with aside_folder(workspace) as folder:
        context = Context(
            folder, subject, record.agent.id, StepKeys(workspace), workspace.clock, silent, history
        )
        parameters = read_parameters(step, record.invocation.parameters)
        outcome = step.run(context, parameters, inputs)
    return {measure.key: measure for measure in outcome.measures}
