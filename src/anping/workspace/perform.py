"""Perform a step: gates, run, content-address the outputs, write one signed statement.

A refusal is evidence too: it is recorded with its reasons and the verdict as its only output.
A step with the same parameters and inputs as before is not run again. A killed step leaves
nothing: outputs are stored by digest first, and one database transaction makes them exist.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from anping.core.asset import Asset
from anping.core.clock import rfc3339
from anping.core.digest import canonical_json, sha256_file
from anping.core.errors import InputError, Where, WorkspaceError
from anping.core.files import aside_name, sweep
from anping.core.labels import lowered_aspects
from anping.core.progress import Progress, silent
from anping.core.text import Text
from anping.core.verdict import Verdict
from anping.workspace.ledger import landmarks
from anping.workspace.parameters import check_subject, read_parameters, spelled_out
from anping.workspace.recording import Recording, record
from anping.workspace.resolve import resolve
from anping.workspace.reusing import Earlier, Later, seen_before
from anping.workspace.step import (
    Context,
    Inputs,
    Outcome,
    Parameters,
    Produced,
    Request,
    Step,
    joined_labels,
)
from anping.workspace.step_keys import StepKeys
from anping.workspace.workspace import Workspace

_REFUSAL = "refusal"

#: The subject of steps that belong to the whole workspace.
EVERYTHING = "workspace"


@dataclass(frozen=True, slots=True)
class Performed:
    """What performing a step came to."""

    step: Step
    outputs: tuple[Asset, ...]
    statement: int
    outcome: Outcome
    reused: bool = False

    @property
    def verdict(self) -> Verdict | None:
        """The decision, where the step or a gate made one."""
        return self.outcome.decision

    @property
    def refused(self) -> bool:
        """Whether a gate said no."""
        return self.verdict is not None and self.verdict.refused


@dataclass(frozen=True, slots=True)
class Job:
    """A step to perform: on what, with what, and on whose behalf."""

    step: Step
    subject: str
    parameters: Mapping[str, Any] | Parameters
    agent: str = "steward"
    #: Port name to asset reference, for ports that should not follow their pattern.
    inputs: Mapping[str, str] | None = None
    #: What a pipeline does after it: being overtaken by that is no reason to do it again.
    later: Later = frozenset()


def perform(workspace: Workspace, job: Job, *, progress: Progress = silent) -> Performed:
    """Perform ``job`` and record it.

    Raises ParameterError for wrong parameters, WorkspaceError for missing inputs, and whatever
    typed error the step's own function raises; in each case nothing is recorded or kept.
    """
    subject, values = spelled_out(job.step, job.subject, job.parameters)
    job = replace(job, subject=subject, parameters=values)
    if job.step.has_subject:
        check_subject(job.subject)
    else:
        job = replace(job, subject=EVERYTHING)
    parameters = read_parameters(job.step, job.parameters)
    job = replace(job, step=job.step.wired(parameters))
    inputs = resolve(workspace, job.step, job.subject, job.inputs or {})
    sources = _sources(job.step, parameters)
    started = rfc3339(workspace.clock())
    named = tuple((path.name, digest) for path, digest in sources)
    recording = Recording(job.step, job.subject, job.agent, parameters, inputs, named, started)
    before = seen_before(workspace, recording, later=job.later)
    if before is not None:
        sweep(_aside(workspace))
        return _again(job.step, before)
    entries = workspace.ledger.ancestors(given.asset.reference for given in inputs.values())
    history = tuple(entry.record for entry in entries)
    request = Request(job.step, parameters, inputs, history, job.agent, workspace.clock())
    progress(job.step.title, 0, None)
    with aside_folder(workspace) as folder:
        keys = StepKeys(workspace)
        context = Context(
            folder=folder,
            subject=job.subject,
            agent=job.agent,
            keys=keys,
            clock=workspace.clock,
            progress=progress,
            history=history,
            places=tuple(entry.index for entry in entries),
            checkpoints=landmarks(workspace.ledger),
            sources=sources,
        )
        outcome = _judged(request, context)
        recording = recording.told_by(outcome)
        if outcome.sources:
            before = seen_before(workspace, recording, later=job.later)
        if before is not None:
            return _again(job.step, before)
        _check_flow(job.step, recording.inputs, outcome)
        keys.keep()
        index, assets, outcome = record(workspace, recording, outcome)
    return Performed(job.step, assets, index, outcome)


def _again(step: Step, before: Earlier) -> Performed:
    return Performed(step, before.assets, before.statement, before.outcome, reused=True)


def _judged(request: Request, context: Context) -> Outcome:
    """Run the gates, then the step; the first refusal ends it, with the verdict as the outcome."""
    allowed: Verdict | None = None
    for gate in request.step.gates:
        verdict = gate(request)
        if verdict.refused:
            path = context.path("refusal.json")
            path.write_bytes(canonical_json(verdict.as_json()))
            refusal = Produced(_REFUSAL, path, "application/json")
            return Outcome((refusal,), decision=verdict)
        allowed = verdict
    context = replace(context, verdict=allowed)
    outcome = request.step.run(context, request.parameters, request.inputs)
    if outcome.decision is None and allowed is not None:
        return replace(outcome, decision=allowed)
    return outcome


@contextmanager
def aside_folder(workspace: Workspace) -> Iterator[Path]:
    """Yield a folder for outputs in the making; it vanishes afterwards.

    What killed processes left is removed first: it may hold raw data.
    """
    parent = _aside(workspace)
    sweep(parent)
    folder = parent / aside_name("run")
    folder.mkdir(mode=0o700)
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _aside(workspace: Workspace) -> Path:
    workspace.scratch.mkdir(parents=True, exist_ok=True, mode=0o700)
    return workspace.scratch


def _sources(step: Step, parameters: Parameters) -> tuple[tuple[Path, str], ...]:
    """Return each outside file that the step reads, with its SHA-256."""
    found = []
    for path in step.reads(parameters):
        if not path.is_file():
            what = Text("找不到檔案。", "The file does not exist.")
            if path.is_dir():
                what = Text("這是資料夾，不是檔案。", "This is a folder, not a file.")
            raise InputError(
                "input.missing-file",
                what,
                where=Where(file=str(path)),
                hint=Text("請檢查路徑。", "Check the path."),
            )
        found.append((path, sha256_file(path)))
    return tuple(found)


def _check_flow(step: Step, inputs: Inputs, outcome: Outcome) -> None:
    """Hold the information-flow rule: labels are only lowered where declared and justified."""
    joined = joined_labels(inputs)
    for produced in outcome.outputs:
        if produced.labels is None or not inputs:
            continue
        lowered = lowered_aspects(joined, produced.labels)
        undeclared = lowered is None or not lowered <= set(step.lowers)
        if undeclared or (lowered and not (outcome.measures or outcome.decision)):
            raise WorkspaceError(
                "labels.lowered",
                Text(
                    f"步驟 {step.id} 試圖放寬「{produced.port}」的標籤，但未宣告或沒有量測依據。",
                    f"Step {step.id} tried to lower the labels of “{produced.port}” without "
                    "declaring it or without measures that justify it.",
                ),
                hint=Text(
                    "這是步驟的缺陷；請回報。", "This is a defect of the step; please report it."
                ),
            )
