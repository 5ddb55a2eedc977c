"""A model of the workspace as a service: what is served, how it answers, where decisions go."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from anping.core.errors import ParameterError, WorkspaceError
from anping.core.text import Text
from anping.steps.compose.models import open_model
from anping.steps.compose.sealing import sealer
from anping.steps.compose.serving_answers import Explaining, served_model

if TYPE_CHECKING:
    from starlette.applications import Starlette

    from anping.run.serving.deployment import Deployment, Served
    from anping.run.serving.limits import Limits
    from anping.run.serving.sealing import Sealing
    from anping.run.serving.spool import Durability
    from anping.run.serving.tokens import Tokens
    from anping.workspace.workspace import Workspace

#: The workspace's key that stands between decision records and people.
KEY = "decisions"
_ENDING = ".model"
#: More digits than these no version has.
_DIGITS = 10


@dataclass(frozen=True, slots=True)
class Wanted:
    """How a model is to be served; ``spool`` None keeps unsealed decisions beside the workspace."""

    model: str
    durability: Durability = "process"
    spool: Path | None = None
    segment_records: int = 10_000
    segment_seconds: float = 300.0
    agent: str = "server"
    explaining: Explaining = field(default_factory=Explaining)


@dataclass(frozen=True, eq=False)
class Serving:
    """A service that is ready to run: its ASGI application, and what seals its decisions."""

    app: Starlette
    deployment: Deployment
    sealing: Sealing
    #: How many segments of servers that are no more were sealed first.
    found: int = 0
    #: Codes of why segments found could not be sealed.
    problems: tuple[str, ...] = ()


def subject_of(named: str) -> tuple[str, int | None]:
    """Return the name that a model is served under and the version asked for, from its asset's name.

    Raises ParameterError (``serving.version``) where what follows the @ is no version.
    """
    name, at, version = named.partition("@")
    if at and not (version.isascii() and version.isdigit() and len(version) < _DIGITS):
        raise ParameterError(
            "serving.version",
            Text("@ 之後要是版本號。", "What follows the @ must be a version's number."),
            hint=Text(f"例如 {name}@1。", f"Such as {name}@1."),
        )
    return name.removesuffix(_ENDING), int(version) if at else None


def serving(workspace: Workspace, wanted: Wanted, tokens: Tokens, limits: Limits) -> Serving:
    """Return the service of a model.

    What answers is the champion of its stages; without stages the version named, or the newest.
    Segments that a server left are sealed first. Raises ParameterError (``serving.version``) where a
    version is named and the stages let another one answer, and what
    :func:`anping.steps.compose.models.open_model` raises.
    """
    from anping.run.serving.application import Running, application
    from anping.run.serving.decision import Recorder
    from anping.run.serving.sealing import Sealing
    from anping.run.serving.service import Service
    from anping.run.serving.spool import Spool, Spooling

    name, version = subject_of(wanted.model)
    models = Models(workspace, name, wanted.explaining)
    deployment = models.deployment(version)
    if version is not None and deployment.champion.version != version:
        raise _another(name, version, deployment.champion.version)
    folder = wanted.spool or default_spool(workspace, name)
    seal = sealer(workspace, wanted.agent)
    found, problems = seal_left(folder, seal)
    sealing = Sealing(seal)
    spool = Spool(
        Spooling(
            folder,
            name,
            durability=wanted.durability,
            records=wanted.segment_records,
            seconds=wanted.segment_seconds,
        ),
        sealing.take,
    )
    service = Service(
        deployment,
        spool,
        Recorder(workspace.secret(KEY)),
        models.opened,
        limits,
        sealing.counts,
    )
    app = application(service, tokens, Running(models.changed, sealing.start, sealing.finish))
    return Serving(app, deployment, sealing, found, problems)


@dataclass(eq=False)
class Models:
    """The versions of one model, opened once each, and the stages as they were last seen."""

    workspace: Workspace
    name: str
    explaining: Explaining
    _open: dict[int, Served] = field(default_factory=dict)
    _seen: str | None = None

    def opened(self, version: int) -> Served | None:
        """Return a version of the model, or None where there is none."""
        try:
            return self._served(version)
        except WorkspaceError as problem:
            if problem.code == "workspace.asset-missing":
                return None
            raise

    def deployment(self, version: int | None = None) -> Deployment:
        """Return what is to be served now."""
        from anping.run.serving.deployment import Deployment
        from anping.run.serving.stages import Stages

        asset = self.workspace.find(f"{self.name}.stages")
        if asset is None:
            return Deployment(self.name, self._served(version))
        stages = Stages.from_json(json.loads(self.workspace.path(asset).read_bytes()))
        self._seen = asset.reference
        other = stages.challenger
        deployment = Deployment(
            self.name,
            self._served(stages.champion),
            None if other is None else self._served(other),
            stages.share,
            stages.paused,
        )
        kept = {one for one in (stages.champion, other) if one is not None}
        self._open = {key: one for key, one in self._open.items() if key in kept}
        return deployment

    def changed(self) -> Deployment | None:
        """Return what is to be served now if the stages changed since they were last seen."""
        asset = self.workspace.find(f"{self.name}.stages")
        if asset is None or asset.reference == self._seen:
            return None
        return self.deployment()

    def _served(self, version: int | None) -> Served:
        if version is not None and version in self._open:
            return self._open[version]
        named = self.name + _ENDING
        opened = open_model(self.workspace, named if version is None else f"{named}@{version}")
        served = served_model(self.workspace, opened, self.explaining)
        self._open[served.version] = served
        return served


def _another(name: str, version: int, champion: int) -> ParameterError:
    return ParameterError(
        "serving.version",
        Text(
            f"要求的是第 {version} 版，但依模型階段由第 {champion} 版回答。",
            f"Version {version} was asked for, but by the model's stages version {champion} answers.",
        ),
        hint=Text(
            f"不要寫版本，或先執行 anping stage {name} promote --version {version} --why 理由。",
            f"Name no version, or first run anping stage {name} promote --version {version} --why REASON.",
        ),
    )


def default_spool(workspace: Workspace, name: str) -> Path:
    """Return where unsealed decisions of a model lie unless another folder is named."""
    return workspace.scratch / "decisions" / name


def seal_left(folder: Path, seal: Callable[[Path], Any]) -> tuple[int, tuple[str, ...]]:
    """Seal what servers that are no more left; return how many, and codes of what went wrong."""
    from anping.core.errors import AnpingError
    from anping.run.serving.holding import left

    done, problems = 0, []
    for path in left(folder):
        try:
            seal(path)
            done += 1
        except AnpingError as problem:
            problems.append(problem.code)
    return done, tuple(problems)


def serving_note(made: Serving) -> Text:
    """Return in words what is served."""
    deployment = made.deployment
    reference = deployment.champion.reference
    zh, en = f"由 {reference} 回答", f"{reference} answers"
    if deployment.challenger is not None:
        other, share = deployment.challenger.reference, f"{deployment.share:.0%}"
        zh += f"；{other} 試用，份額 {share}"
        en += f"; {other} is tried for a share of {share}"
    if made.found:
        zh += f"；先封存了先前留下的 {made.found} 段紀錄"
        en += f"; {made.found} segments left earlier were sealed first"
    return Text(zh, en)
