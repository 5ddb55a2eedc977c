"""The workspace: assets, the ledger and their content; keys lie elsewhere.

It is a folder with SQLite inside, or a PostgreSQL schema at a URL, its content then in a folder or
object store of its own. Everything above works the same on both.
"""

from __future__ import annotations

import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import sqlalchemy as sa

from anping.core.asset import Asset
from anping.core.clock import Clock, system_clock
from anping.core.errors import WorkspaceError
from anping.core.text import Text
from anping.workspace import catalogue, refusals, tables
from anping.workspace.database import (
    SQLITE,
    Place,
    connect,
    connected,
    has_tables,
    read_place,
    reading,
    writing,
)
from anping.workspace.keys import KeyStore, create_keys, open_keys
from anping.workspace.ledger import Ledger
from anping.workspace.objects import Objects, open_objects, settled

#: Where steps and remote objects lie for a while when the workspace is in a database.
SCRATCH = "ANPING_SCRATCH"


@dataclass(frozen=True)
class Workspace:
    """An open workspace. Use :meth:`create` once and :meth:`open` after that."""

    place: Place
    database: sa.Engine
    key_store: KeyStore
    clock: Clock
    #: Where the content lies, if elsewhere than the workspace says.
    moved: str | None = None

    @classmethod
    def create(
        cls,
        place: Path | str,
        *,
        keys: Path | str | KeyStore | None = None,
        objects: Path | str | None = None,
        clock: Clock = system_clock,
    ) -> Workspace:
        """Make a workspace and its key store. An existing workspace is opened, never overwritten.

        ``place`` is a folder or a PostgreSQL URL. ``objects`` says where the content lies, a folder or
        a URL, for good; it and ``keys`` are needed with a URL. Raises WorkspaceError for an unusable
        place, ParameterError if something is left out.
        """
        where = read_place(place)
        with connected(where) as engine:
            if not _holds_workspace(where, engine):
                keys = _made(where, engine, keys, objects)
        return cls.open(place, keys=keys, clock=clock)

    @classmethod
    def open(
        cls,
        place: Path | str,
        *,
        keys: Path | str | KeyStore | None = None,
        objects: Path | str | None = None,
        clock: Clock = system_clock,
    ) -> Workspace:
        """Open a workspace; ``objects`` says where its content lies now, if it was moved.

        Raises WorkspaceError if the workspace is missing, damaged, unreachable, or of an older or
        newer format.
        """
        where = read_place(place)
        if where.folder is not None and not (where.folder / SQLITE).exists():
            raise refusals.missing(where.name)
        engine = connect(where)
        try:
            with reading(engine) as connection:
                check_format(format_of(connection, where), where)
            moved = None if objects is None else str(objects)
            return cls(where, engine, open_keys(keys_of(where, keys)), clock, moved)
        except BaseException:
            engine.dispose()
            raise

    @property
    def location(self) -> str:
        """The folder or the URL, without its password: what ``--workspace`` takes."""
        return self.place.name

    @property
    def folder(self) -> Path:
        """The workspace's folder. Raises WorkspaceError where it lies in a database."""
        if self.place.folder is None:
            raise refusals.no_folder(self.location)
        return self.place.folder

    @cached_property
    def scratch(self) -> Path:
        """A private local folder for what is in the making."""
        return _scratch(self.place, self.fact("id") or "")

    @cached_property
    def objects(self) -> Objects:
        """The object store. Raises MissingExtraError where its driver is missing."""
        stated = self.moved or self.fact("objects") or self.folder / "objects"
        return open_objects(stated, scratch=self.scratch)

    @property
    def ledger(self) -> Ledger:
        """The ledger of statements."""
        return Ledger(self.database, self.fact("origin") or "")

    def fact(self, name: str) -> str | None:
        """Return a fact about the workspace, or None."""
        with reading(self.database) as connection:
            return fact_of(connection, name)

    def state(self, name: str, value: str) -> None:
        """State a fact about the workspace for good."""
        with self.transaction() as connection:
            connection.execute(sa.delete(tables.facts).where(tables.facts.c.name == name))
            connection.execute(sa.insert(tables.facts).values(name=name, value=value))

    @contextmanager
    def transaction(self) -> Iterator[sa.Connection]:
        """Yield the one connection that may write; all that is written through it stands, or nothing."""
        with writing(self.database) as connection:
            yield connection

    def assets(self, name: str | None = None) -> tuple[Asset, ...]:
        """Return all versions of all assets (or of one name), oldest first."""
        with reading(self.database) as connection:
            return catalogue.every(connection, name)

    def find(self, reference: str) -> Asset | None:
        """Return ``name@version``, or the newest version of ``name``, or None."""
        with reading(self.database) as connection:
            return catalogue.find(connection, reference)

    def need(self, reference: str) -> Asset:
        """Return what :meth:`find` finds. Raises WorkspaceError naming what there is instead."""
        asset = self.find(reference)
        if asset is not None:
            return asset
        names = names_in(self)
        raise WorkspaceError(
            "workspace.asset-missing",
            Text(f"工作區裡沒有「{reference}」。", f"There is no “{reference}” in the workspace."),
            hint=Text(f"目前的資產：{names}", f"Assets here: {names}"),
        )

    def path(self, asset: Asset) -> Path:
        """Return where an asset's content lies, checked against its digest."""
        return self.objects.get(asset.digest, of=asset.reference)

    def secret(self, name: str) -> bytes:
        """Return a symmetric key, made on first use; a key that existed once is never remade.

        Raises KeyStoreError if the key was made before and is gone.
        """
        known = self.fact(f"key:{name}") is not None
        if self.key_store.has_secret(name) or known:
            key = self.key_store.secret(name)
        else:
            key = self.key_store.create_secret(name)
        if not known:
            self.state(f"key:{name}", "made")
        return key


def names_in(workspace: Workspace) -> str:
    """Return the first few names of a workspace's assets, for a hint."""
    with reading(workspace.database) as connection:
        return catalogue.names(connection)


def default_keys(folder: Path) -> Path:
    """Return the key folder used when none is named: beside the workspace, not in it."""
    return folder.absolute().with_name(f"{folder.absolute().name}.keys")


def format_of(connection: sa.Connection, place: Place) -> int:
    """Return the format of a workspace. Raises WorkspaceError if there is none, or a damaged one."""
    if not has_tables(connection):
        raise _lost(place) or refusals.missing(place.name)
    found = fact_of(connection, "format") or ""
    if not (found.isascii() and found.isdigit()):
        raise refusals.damaged(SQLITE if place.url is None else place.name)
    return int(found)


def check_format(found: int, place: Place) -> None:
    """Raise WorkspaceError unless a workspace is of today's format."""
    if found < int(tables.FORMAT):
        raise refusals.older(place.name, found=str(found), wanted=tables.FORMAT)
    if found > int(tables.FORMAT):
        raise refusals.newer(place.name, found=str(found), wanted=tables.FORMAT)


def fact_of(connection: sa.Connection, name: str) -> str | None:
    """Return a fact about a workspace, or None."""
    query = sa.select(tables.facts.c.value).where(tables.facts.c.name == name)
    found: str | None = connection.execute(query).scalar()
    return found


def _holds_workspace(place: Place, engine: sa.Engine) -> bool:
    """Return whether there is a workspace; raise WorkspaceError if none could be made there."""
    folder = place.folder
    if folder is not None and not (folder / SQLITE).exists():
        if folder.exists() and any(folder.iterdir()):
            raise refusals.not_empty(str(folder))
        return False
    with reading(engine) as connection:
        found = has_tables(connection)
    lost = None if found else _lost(place)
    if lost is not None:
        raise lost
    # A killed init leaves a database without tables: it is made again.
    return found


def _lost(place: Place) -> WorkspaceError | None:
    """Return the error for a folder whose content remains but whose tables are gone."""
    if place.folder is None or not (place.folder / "objects").exists():
        return None
    return refusals.damaged(SQLITE)


def _made(
    place: Place,
    engine: sa.Engine,
    keys: Path | str | KeyStore | None,
    objects: Path | str | None,
) -> KeyStore:
    """Make the keys, then the tables, all at once; return the key store."""
    identity = secrets.token_hex(8)
    facts = {"format": tables.FORMAT, "id": identity, "origin": f"anping.local/{identity}"}
    if objects is not None:
        facts["objects"] = settled(open_objects(objects, scratch=_scratch(place, identity)))
    elif place.url is not None:
        raise refusals.incomplete("--objects", place.name)
    store = create_keys(keys_of(place, keys), owner=identity)
    if place.folder is not None:
        place.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    with writing(engine) as connection:
        # Somebody else may have made it a moment ago.
        if not has_tables(connection):
            _make_tables(connection, facts)
    return store


def _make_tables(connection: sa.Connection, facts: dict[str, str]) -> None:
    tables.metadata.create_all(connection)
    connection.execute(
        sa.insert(tables.facts), [{"name": name, "value": value} for name, value in facts.items()]
    )


def keys_of(place: Place, keys: Path | str | KeyStore | None) -> Path | str | KeyStore:
    """Return where the keys lie. Raises ParameterError for a database if nobody says."""
    if keys is not None:
        return keys
    if place.folder is None:
        raise refusals.incomplete("--keys", place.name)
    return default_keys(place.folder)


def _scratch(place: Place, identity: str) -> Path:
    if place.folder is not None:
        return place.folder / "aside"
    given = os.environ.get(SCRATCH)
    if given:
        return Path(given) / identity
    home = os.environ.get("LOCALAPPDATA" if os.name == "nt" else "XDG_CACHE_HOME")
    return (Path(home) if home else Path.home() / ".cache") / "anping" / identity
