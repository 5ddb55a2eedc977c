"""Watching a folder for a model: each file that arrives is taken in and monitored once."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from time import time
from typing import Any

from anping.core.digest import sha256_file
from anping.core.errors import AnpingError, InputError, Where
from anping.core.progress import Progress, silent
from anping.core.text import Text
from anping.steps.catalogue import step
from anping.workspace import catalogue
from anping.workspace.database import reading
from anping.workspace.parameters import check_subject
from anping.workspace.perform import Job, Performed, perform
from anping.workspace.workspace import Workspace

#: A file that was written to less than so many seconds ago may still be growing.
SETTLED = 2.0
_ENDINGS = frozenset({".csv", ".tsv", ".parquet", ".xlsx", ".json", ".jsonl", ".ndjson"})


@dataclass(frozen=True)
class Watch:
    """Which model, which folder, and what to ask of ``run.monitor`` and of ``know.add``."""

    subject: str
    folder: Path
    monitor: Mapping[str, Any] = field(default_factory=dict)
    add: Mapping[str, Any] = field(default_factory=dict)
    agent: str = "steward"


@dataclass(frozen=True, eq=False)
class Failed:
    """A file that could not be taken in or monitored, and why."""

    path: Path
    error: AnpingError


def watch_once(
    workspace: Workspace, watch: Watch, *, progress: Progress = silent
) -> Iterator[Performed | Failed]:
    """Take in and monitor the files that were not monitored yet, the oldest first; yield each step.

    A file is known by its content, so that an interrupted call goes on where it was. One that cannot
    be taken in is told and does not hold up the others. Raises InputError (``watch.no-folder``) where
    there is no such folder.
    """
    subject = watch.subject.removesuffix(".model")
    check_subject(subject)
    if not watch.folder.is_dir():
        raise InputError(
            "watch.no-folder",
            Text("沒有這個資料夾。", "There is no such folder."),
            where=Where(file=str(watch.folder)),
            hint=Text("先建立資料夾，或改正 --folder。", "Make the folder, or correct --folder."),
        )
    done = _monitored(workspace, subject)
    for path in _settled(watch.folder):
        name = f"{subject}-batch-{sha256_file(path)[:12]}"
        if name in done:
            continue
        try:
            yield from _looked_at(workspace, watch, (path, subject, name), progress)
        except AnpingError as error:
            yield Failed(path, error)


def _looked_at(
    workspace: Workspace, watch: Watch, names: tuple[Path, str, str], progress: Progress
) -> Iterator[Performed]:
    """Take one file in under its name, and monitor the subject's model with it."""
    path, subject, name = names
    taken = {**watch.add, "path": str(path)}
    added = perform(workspace, Job(step("know.add"), name, taken, watch.agent), progress=progress)
    yield added
    if not added.refused:
        asked = {**watch.monitor, "table": name}
        job = Job(step("run.monitor"), subject, asked, watch.agent)
        yield perform(workspace, job, progress=progress)


def _settled(folder: Path) -> tuple[Path, ...]:
    """Return the tables in a folder that nobody is writing any more, the oldest first."""
    found = []
    for path in folder.iterdir():
        if path.suffix.lower() in _ENDINGS and not path.name.startswith((".", "~")):
            written = path.stat().st_mtime
            if path.is_file() and time() - written >= SETTLED:
                found.append((written, path.name, path))
    return tuple(path for _, _, path in sorted(found))


def _monitored(workspace: Workspace, subject: str) -> frozenset[str]:
    """Return the names of the tables that this model's monitoring has looked at."""
    made = workspace.assets(f"{subject}.monitoring-data")
    with reading(workspace.database) as connection:
        statements = [catalogue.maker(connection, asset) for asset in made]
    return frozenset(
        material["name"].partition("@")[0]
        for entry in workspace.ledger.entries(statements)
        for material in entry.record["predicate"]["materials"]
        if material["annotations"]["port"] == "table"
    )
