"""The same workspace in SQLite and in PostgreSQL: where tests make one, open it and copy it."""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from anping.core.clock import Clock, system_clock
from anping.workspace import tables
from anping.workspace.perform import Job, perform
from anping.workspace.workspace import Workspace
from postgres import postgresql, postgresql_url, schema_of
from toy import TAKE

BACKENDS = ("sqlite", "postgresql")


@dataclass(frozen=True)
class Home:
    """What names a workspace, and where its parts lie; ``objects`` None: in its folder."""

    place: str
    keys: Path
    objects: Path | None = None

    @property
    def named(self) -> dict[str, Any]:
        """The keyword arguments that name the parts."""
        return {"keys": self.keys, "objects": self.objects}

    @property
    def options(self) -> tuple[str, ...]:
        """What names this workspace on the command line."""
        return "--workspace", self.place, "--keys", str(self.keys)

    @property
    def content(self) -> Path:
        """The folder of its objects."""
        return Path(self.place) / "objects" if self.objects is None else self.objects

    def create(self, clock: Clock = system_clock) -> Workspace:
        """Make the workspace, or open it."""
        return Workspace.create(self.place, keys=self.keys, objects=self.objects, clock=clock)

    def open(self, clock: Clock = system_clock) -> Workspace:
        """Open the workspace."""
        return Workspace.open(self.place, keys=self.keys, clock=clock)


def home(backend: str, folder: Path) -> Home:
    """Return a place for a new workspace; its parts lie under ``folder``."""
    if backend == "sqlite":
        return Home(str(folder / "workspace"), folder / "workspace.keys")
    return Home(postgresql_url(), folder / "workspace.keys", folder / "objects")


def home_of(workspace: Workspace) -> Home:
    """Return the home of a workspace whose keys lie in a folder."""
    keys = Path(workspace.key_store.location)
    if workspace.place.url is None:
        return Home(workspace.location, keys)
    return Home(workspace.location, keys, Path(workspace.objects.location))


def copied(workspace: Workspace, folder: Path) -> Home:
    """Copy a workspace with its keys and content; what happens to the copy, the other never sees."""
    old = home_of(workspace)
    backend = "sqlite" if workspace.place.url is None else "postgresql"
    new = home(backend, folder)
    shutil.copytree(old.keys, new.keys)
    if new.objects is None:
        shutil.copytree(old.place, new.place)
        return new
    shutil.copytree(old.content, new.objects)
    source, target = schema_of(old.place), schema_of(new.place)
    for table in tables.metadata.tables:
        postgresql().run(f"CREATE TABLE {target}.{table} (LIKE {source}.{table} INCLUDING ALL)")
        postgresql().run(f"INSERT INTO {target}.{table} SELECT * FROM {source}.{table}")
    postgresql().run(f"UPDATE {target}.facts SET value = '{new.objects}' WHERE name = 'objects'")
    return new


def take_many(place: Home, source: Path, name: str) -> None:
    """Take six versions of one subject in, as a process beside others does."""
    workspace = place.open()
    path = source.with_name(f"{name}.txt")
    for number in range(6):
        path.write_text(f"{name} {number}")
        perform(workspace, Job(TAKE, "shared", {"path": str(path)}))
