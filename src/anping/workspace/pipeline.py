"""A pipeline is a YAML file of steps performed in order; what has not changed is not run again.

::

    pipeline: 1
    subject: customers
    steps:
      - step: know.add
        with: {path: customers.csv}
      - step: know.scan

Paths in parameters are relative to the pipeline file.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from anping.core.errors import InputError, ParameterError, Where
from anping.core.progress import Progress, silent
from anping.core.text import Text
from anping.engine.plain_yaml import load_plain
from anping.engine.source import rooted_in
from anping.workspace.parameters import check_subject, read_parameters, spelled_out
from anping.workspace.perform import Job, Performed, perform
from anping.workspace.step import Step
from anping.workspace.workspace import Workspace


class Entry(BaseModel):
    """One step of a pipeline: which, on what, with which parameters and input overrides."""

    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=True)

    step: str
    subject: str | None = None
    agent: str = "steward"
    parameters: dict[str, Any] = Field(default_factory=dict, alias="with")
    inputs: dict[str, str] = Field(default_factory=dict)


class Pipeline(BaseModel):
    """An ordered list of steps on a default subject."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    pipeline: int = Field(1, ge=1, le=1)
    subject: str
    steps: tuple[Entry, ...] = Field(min_length=1)


@dataclass(frozen=True, slots=True)
class Loaded:
    """A pipeline and the folder its paths are relative to."""

    pipeline: Pipeline
    folder: Path


def read_pipeline(path: Path) -> Loaded:
    """Read a pipeline file.

    Raises InputError if the file is missing or no YAML, ParameterError if it is no pipeline.
    """
    try:
        content = load_plain(path.read_text("utf-8-sig"))
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        raise InputError(
            "pipeline.unreadable",
            Text("無法讀取流程檔。", "The pipeline file cannot be read."),
            where=Where(file=str(path), row=_line(error)),
            hint=Text("檢查路徑與 YAML 縮排。", "Check the path and the YAML indentation."),
        ) from error
    try:
        return Loaded(Pipeline.model_validate(content), path.parent)
    except ValidationError as error:
        first = error.errors(include_input=False, include_url=False)[0]
        place = ".".join(str(part) for part in first["loc"])
        raise ParameterError(
            "pipeline.malformed",
            Text(f"流程檔的「{place}」不合格式。", f"“{place}” of the pipeline is malformed."),
            where=Where(file=str(path)),
            hint=Text(
                f"需要 pipeline、subject 與 steps；{first['msg']}",
                f"It needs pipeline, subject and steps; {first['msg']}",
            ),
        ) from None


def _line(error: Exception) -> int | None:
    mark = getattr(error, "problem_mark", None)
    return None if mark is None else int(mark.line) + 1


def run_pipeline(
    workspace: Workspace,
    loaded: Loaded,
    *,
    step: Callable[[str], Step],
    progress: Progress = silent,
) -> Iterator[Performed]:
    """Perform the steps in order, yielding each result; stop after the first refusal.

    ``step`` finds a step by its id. All ids and parameters are checked before anything runs. What an
    earlier walk did already stands, though later steps of the same pipeline have given newer versions
    since: each step takes what the steps before it gave.
    """
    jobs = [_job(entry, loaded, step) for entry in loaded.pipeline.steps]
    given: dict[str, str] = {}
    for place, job in enumerate(jobs):
        later = frozenset(
            (each.step.id, name) for each in jobs[place + 1 :] for name in _gives(each)
        )
        references = {**_taken(job, given), **(job.inputs or {})}
        now = replace(job, inputs=references, later=later)
        performed = perform(workspace, now, progress=progress)
        yield performed
        if performed.refused:
            return
        given |= {asset.name: asset.reference for asset in performed.outputs}


def _gives(job: Job) -> Iterator[str]:
    """Yield the names of what a job may give."""
    step = job.step.wired(read_parameters(job.step, job.parameters))
    return (port.asset_name(job.subject) for port in step.gives)


def _taken(job: Job, given: Mapping[str, str]) -> dict[str, str]:
    """Return the references at those ports that take what was given before."""
    step = job.step.wired(read_parameters(job.step, job.parameters))
    names = {port.name: port.asset_name(job.subject) for port in step.takes if not port.remembered}
    return {port: given[name] for port, name in names.items() if name in given}


def _job(entry: Entry, loaded: Loaded, step: Callable[[str], Step]) -> Job:
    found = step(entry.step)
    named = entry.subject or loaded.pipeline.subject
    subject, values = spelled_out(found, named, entry.parameters)
    parameters = _rooted(found, values, loaded.folder)
    check_subject(subject)
    return Job(found, subject, read_parameters(found, parameters), entry.agent, entry.inputs)


def _rooted(step: Step, parameters: Mapping[str, Any], folder: Path) -> dict[str, Any]:
    """Return the parameters with paths made relative to the pipeline's folder."""
    rooted = dict(parameters)
    for name, field in step.parameters.model_fields.items():
        value = rooted.get(name)
        if "Path" not in str(field.annotation):
            continue
        if isinstance(value, str):
            rooted[name] = rooted_in(folder, value)
        elif isinstance(value, list):
            rooted[name] = [
                rooted_in(folder, each) if isinstance(each, str) else each for each in value
            ]
    return rooted
