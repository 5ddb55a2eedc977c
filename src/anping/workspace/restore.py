"""Restoring a backup into an empty place; it counts only when every digest and the ledger hold.

A checked backup's objects are stored, its tables filled in one transaction, and the ledger is
audited from what was filled in; only then does the workspace exist. A failure leaves nothing.
"""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import sqlalchemy as sa

from anping.core.errors import AnpingError
from anping.core.files import folder_aside
from anping.core.progress import Progress, silent
from anping.core.text import Text
from anping.evidence.keys import read_keys
from anping.workspace import refusals as workspace_refusals
from anping.workspace import tables
from anping.workspace.audit import audit
from anping.workspace.backups import archive, refusals, rows, sealing
from anping.workspace.backups.checking import OBJECT, TABLE, Contents, opened
from anping.workspace.database import Place, connect, has_tables, read_place, reading, writing
from anping.workspace.keys import ROLES, KeyStore, adopt_keys, is_empty, open_keys
from anping.workspace.object_stores import refusals as object_refusals
from anping.workspace.objects import Objects, open_objects, settled
from anping.workspace.references import references
from anping.workspace.workspace import default_keys

_OBJECTS = Text("還原內容", "Restoring the content")
_TABLES = Text("還原資料表並稽核帳本", "Restoring the tables and auditing the ledger")
WITHOUT_KEYS = Text(
    "備份裡沒有私鑰，--keys 也沒有：簽章只用備份自己的公鑰核對過。"
    "請把金鑰備份放回去，工作區才能再簽署與讀取化名金鑰。",
    "There are no private keys in the backup and none at --keys: signatures were checked against "
    "the backup's own public keys only. Put the key backup back before the workspace can sign.",
)


@dataclass(frozen=True, slots=True)
class Restored:
    """A restored workspace, and what a person should read."""

    place: str
    statements: int
    objects: int
    notes: tuple[Text, ...]


@dataclass(frozen=True, slots=True)
class _Task:
    """What is to be restored and the last thing to do before it counts."""

    contents: Contents
    adopt: Callable[[], object]
    progress: Progress


def restore(
    contents: Contents,
    place: Path | str,
    *,
    keys: Path | str | None = None,
    objects: Path | str | None = None,
    passphrase: str | None = None,
    progress: Progress = silent,
) -> Restored:
    """Make the workspace of a checked backup at ``place``, a new folder or an empty schema.

    ``objects`` says where the content shall lie, ``keys`` where the keys are or shall be. Raises
    WorkspaceError, EvidenceError, KeyStoreError or ParameterError if anything does not hold;
    nothing is left then.
    """
    where = read_place(place)
    location = keys
    if location is None:
        if where.folder is None:
            raise workspace_refusals.incomplete("--keys", where.name)
        location = default_keys(where.folder)
    sealed = _sealed_keys(contents, open_keys(location), passphrase)
    task = _Task(contents, lambda: sealed and adopt_keys(location, sealed), progress)
    if where.folder is not None:
        _into_folder(task, where.folder, objects)
    elif objects is None:
        raise workspace_refusals.incomplete("--objects", where.name)
    else:
        _into_database(task, where, objects)
    notes = (WITHOUT_KEYS,) if sealed is None and is_empty(open_keys(location)) else ()
    return Restored(where.name, contents.statements, len(contents.objects), notes)


def _sealed_keys(
    contents: Contents, store: KeyStore, passphrase: str | None
) -> dict[str, bytes] | None:
    """Return the keys to put into an empty store; one that is not empty must be the right one."""
    if is_empty(store):
        if contents.sealed is None:
            return None
        if passphrase is None:
            raise refusals.needs_passphrase()
        return sealing.unseal(contents.sealed, passphrase)
    theirs = {key for key in read_keys(contents.public).members if key.role in ROLES}
    if {store.signing(role).public for role in ROLES} != theirs:
        raise refusals.other_keys(store.location)
    return None


def _into_folder(task: _Task, folder: Path, objects: Path | str | None) -> None:
    was_empty = folder.is_dir() and not any(folder.iterdir())
    if folder.exists() and not was_empty:
        raise refusals.not_empty(str(folder))
    with refusals.told(str(folder)):
        folder.parent.mkdir(parents=True, exist_ok=True)
        if shutil.disk_usage(folder.parent).free < task.contents.size:
            raise object_refusals.disk_full(str(folder))
        if was_empty:
            folder.rmdir()
        try:
            with folder_aside(folder) as temporary:
                temporary.chmod(0o700)
                _fill_folder(task, temporary, objects)
        except BaseException:
            if was_empty:
                folder.mkdir(exist_ok=True)
            raise


def _fill_folder(task: _Task, temporary: Path, objects: Path | str | None) -> None:
    engine = connect(Place(folder=temporary))
    store = open_objects(objects or temporary / "objects", scratch=temporary / "aside")
    try:
        with _stored(task, store, scratch=temporary / "aside"), writing(engine) as connection:
            tables.metadata.create_all(connection)
            _fill(task, connection, store, moved=objects is not None)
    finally:
        # SQLite folds its write-ahead log into the database when the last connection closes.
        engine.dispose()


def _into_database(task: _Task, where: Place, objects: Path | str) -> None:
    engine = connect(where)
    try:
        with reading(engine) as connection:
            _must_be_empty(connection, where)
        with tempfile.TemporaryDirectory(prefix="anping-restore-") as name:
            store = open_objects(objects, scratch=Path(name))
            with _stored(task, store, scratch=Path(name)), writing(engine) as connection:
                _must_be_empty(connection, where)
                tables.metadata.create_all(connection)
                _fill(task, connection, store, moved=True)
    finally:
        engine.dispose()


def _must_be_empty(connection: sa.Connection, where: Place) -> None:
    if has_tables(connection):
        raise refusals.not_empty(where.name)


@contextmanager
def _stored(task: _Task, store: Objects, *, scratch: Path) -> Iterator[None]:
    """Store every object of the backup; take those that are new away if anything fails."""
    new: list[str] = []
    contents = task.contents
    scratch.mkdir(parents=True, exist_ok=True, mode=0o700)
    try:
        for done, member in enumerate(_members(contents, OBJECT)):
            task.progress(_OBJECTS, done, len(contents.objects))
            _store(member, store, scratch=scratch, new=new)
        yield
    except BaseException:
        for digest in new:
            with suppress(AnpingError):
                store.discard(digest)
        raise


def _store(member: archive.Member, store: Objects, *, scratch: Path, new: list[str]) -> None:
    digest = member.name.removeprefix(OBJECT)
    source = scratch / f"{os.getpid()}-{digest}"
    try:
        descriptor = os.open(source, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "wb") as stream:
            for chunk in member.chunks():
                stream.write(chunk)
        if store.find(digest) is None:
            new.append(digest)
        store.put(source)
    finally:
        source.unlink(missing_ok=True)


def _fill(task: _Task, connection: sa.Connection, store: Objects, *, moved: bool) -> None:
    """Fill the tables, audit what was filled in, and put the keys in place."""
    contents = task.contents
    known = {table.name: table for table in tables.metadata.sorted_tables}
    task.progress(_TABLES, 0, contents.statements)
    try:
        for member in _members(contents, TABLE):
            name = member.name.removeprefix(TABLE).rpartition("-")[0]
            rows.insert(connection, known[name], member.content())
        connection.execute(sa.delete(tables.facts).where(tables.facts.c.name == "objects"))
        if moved:
            place = sa.insert(tables.facts).values(name="objects", value=settled(store))
            connection.execute(place)
        needed = {digest for digest, _ in references(connection, store)}
        stated = {row.name: row.value for row in connection.execute(sa.select(tables.facts))}
    except (ValueError, KeyError, TypeError) as error:
        raise refusals.damaged(
            contents.file.name, Text("資料表讀不懂", "a table cannot be read")
        ) from error
    audited = audit(connection, contents.public, origin=contents.header["origin"])
    header = contents.header
    if (
        needed != contents.objects
        or audited.statements != contents.statements
        or (stated.get("format"), stated.get("origin")) != (header["tables"], header["origin"])
        or "id" not in stated
    ):
        raise refusals.damaged(
            contents.file.name, Text("缺少內容或敘述", "content or statements are missing")
        )
    task.adopt()
    task.progress(_TABLES, contents.statements, contents.statements)


def _members(contents: Contents, start: str) -> Iterator[archive.Member]:
    """Yield the members whose names begin so, from the file that was checked a moment ago."""
    with opened(contents.file) as stream:
        reader = archive.Reader(stream, contents.file.name)
        for member in reader.members():
            if not member.name.startswith(start):
                member.skip()
                continue
            yield member
            if reader.passing() != contents.sums.get(member.name):
                raise _changed(contents)


def _changed(contents: Contents) -> AnpingError:
    return refusals.damaged(
        contents.file.name, Text("讀取期間被更動", "it changed while it was read")
    )
