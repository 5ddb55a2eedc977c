"""Backing a workspace up: its tables from one snapshot and every object they need, in one file.

Others may go on writing: the tables are read in one transaction, and objects never change. Private
keys are left out unless a passphrase is given, and then sealed. The list of all members with their
SHA-256 is signed by the log's key and comes last.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

import sqlalchemy as sa

from anping.core.clock import rfc3339
from anping.core.digest import canonical_json, sha256
from anping.core.files import aside
from anping.core.progress import Progress, silent
from anping.core.text import Text
from anping.evidence.dsse import sign
from anping.workspace import tables
from anping.workspace.backups import archive, refusals, rows, sealing
from anping.workspace.backups.checking import FORMAT, MANIFEST_TYPE
from anping.workspace.database import reading
from anping.workspace.keys import KeyStore, portable
from anping.workspace.log import size_of
from anping.workspace.object_stores import refusals as object_refusals
from anping.workspace.objects import Objects
from anping.workspace.references import references
from anping.workspace.version import VERSION
from anping.workspace.workspace import Workspace

_TABLES = Text("備份資料表", "Backing up the tables")
_OBJECTS = Text("備份內容", "Backing up the content")


@dataclass(frozen=True, slots=True)
class Backup:
    """A finished backup. ``digest`` is the SHA-256 of its signed manifest, to be noted elsewhere."""

    file: Path
    size: int
    statements: int
    objects: int
    digest: str
    with_keys: bool


def back_up(
    workspace: Workspace,
    file: Path,
    *,
    passphrase: str | None = None,
    progress: Progress = silent,
) -> Backup:
    """Write the whole workspace to a new file; with a passphrase, its private keys too, sealed.

    Raises WorkspaceError if the file exists, the disk is full, or an object is missing or torn,
    KeyStoreError for keys that cannot leave their token, ParameterError for a weak passphrase.
    Nothing is left then.
    """
    if file.exists():
        raise refusals.exists(str(file))
    sealed = None if passphrase is None else sealing.seal(portable(workspace.key_store), passphrase)
    with refusals.told(str(file)), aside(file) as temporary:
        descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "wb") as stream:
            writer = archive.Writer(stream)
            statements, needed = _write_tables(writer, workspace, progress)
            _write_objects(writer, workspace.objects, needed, progress)
            digest = _write_evidence(writer, workspace.key_store, sealed)
            writer.finish()
        size = temporary.stat().st_size
    return Backup(file, size, statements, len(needed), digest, sealed is not None)


def _write_tables(
    writer: archive.Writer, workspace: Workspace, progress: Progress
) -> tuple[int, dict[str, str]]:
    """Write the header and all tables as they are now; return how much there is to fetch."""
    with reading(workspace.database) as connection:
        statements = size_of(connection)
        writer.add(archive.HEADER, _header(workspace, statements))
        for done, table in enumerate(tables.metadata.sorted_tables):
            progress(_TABLES, done, len(tables.metadata.sorted_tables))
            _write_table(writer, connection, table)
        return statements, dict(references(connection, workspace.objects))


def _write_table(writer: archive.Writer, connection: sa.Connection, table: sa.Table) -> None:
    for number, part in enumerate(rows.parts(connection, table)):
        writer.add(f"tables/{table.name}-{number:06}.jsonl", part)


def _header(workspace: Workspace, statements: int) -> bytes:
    return canonical_json(
        {
            "format": FORMAT,
            "tables": tables.FORMAT,
            "tool": {"name": "anping", "version": VERSION},
            "created": rfc3339(workspace.clock()),
            "origin": workspace.ledger.origin,
            "statements": statements,
        }
    )


def _write_objects(
    writer: archive.Writer, objects: Objects, needed: dict[str, str], progress: Progress
) -> None:
    for done, (digest, of) in enumerate(sorted(needed.items())):
        progress(_OBJECTS, done, len(needed))
        found = objects.find(digest)
        if found is None:
            raise object_refusals.missing(of, file=digest)
        _add_object(writer, objects, found.size, named=(digest, of))
    progress(_OBJECTS, len(needed), len(needed))


def _add_object(
    writer: archive.Writer, objects: Objects, size: int, *, named: tuple[str, str]
) -> None:
    digest, of = named
    try:
        writer.add_stream(f"objects/{digest}", size, objects.read(digest, of=of))
    except ValueError as error:
        raise object_refusals.damaged(of, file=digest) from error


def _write_evidence(writer: archive.Writer, store: KeyStore, sealed: bytes | None) -> str:
    writer.add(archive.PUBLIC, store.public())
    if sealed is not None:
        writer.add(archive.SEALED, sealed)
    content = archive.manifest(writer.sums)
    envelope = sign(content, store.signing("log"), payload_type=MANIFEST_TYPE)
    writer.add(archive.MANIFEST, envelope.line())
    return sha256(content)
