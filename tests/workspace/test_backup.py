"""A backup is whole or nothing, restores to the same workspace, and a forged one never does."""

from __future__ import annotations

import contextlib
import errno
import json
import os
import subprocess
import sys
import tarfile
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from anping.core.errors import AnpingError, KeyStoreError, ParameterError, WorkspaceError
from anping.evidence.dsse import sign
from anping.evidence.keys import SigningKey
from anping.workspace import tables
from anping.workspace.backup import Backup, back_up
from anping.workspace.backups import archive, sealing
from anping.workspace.backups.checking import MANIFEST_TYPE, check_backup
from anping.workspace.keys import KeyStore, adopt_keys, open_keys, portable
from anping.workspace.perform import Job, perform
from anping.workspace.restore import WITHOUT_KEYS, restore
from anping.workspace.witnessing import checkpoint, cosigned_by, create_witness
from anping.workspace.workspace import Workspace
from postgres import postgresql_url
from toy import COUNT, TAKE, Ticking, stored
from walking import Walk

PHRASE = "correct horse battery staple"


@pytest.fixture(autouse=True)
def cheap(monkeypatch: pytest.MonkeyPatch) -> None:
    """Sealing costs half a second on purpose; here it need not."""
    monkeypatch.setattr(sealing, "_N", 1 << 12)


@pytest.fixture
def workspace(tmp_path: Path) -> Iterator[Workspace]:
    """In SQLite; PostgreSQL has tests of its own below."""
    made = Workspace.create(tmp_path / "w", clock=Ticking())
    yield made
    made.database.dispose()


@pytest.fixture
def filled(workspace: Workspace, source: Path, tmp_path: Path) -> Workspace:
    fill(workspace, source)
    create_witness(tmp_path / "witness", "auditor.example")
    cosigned_by(workspace, tmp_path / "witness")
    return workspace


def fill(workspace: Workspace, source: Path, letters: str = "abn") -> None:
    perform(workspace, Job(TAKE, "fruit", {"path": str(source)}))
    for letter in letters:
        perform(workspace, Job(COUNT, "fruit", {"letter": letter}))


def same(left: Workspace, right: Workspace) -> None:
    """Hold two workspaces against one another, content, evidence and all."""
    assert left.assets() == right.assets()
    assert [each.line for each in left.ledger.entries()] == [
        each.line for each in right.ledger.entries()
    ]
    assert left.ledger.head() == right.ledger.head()
    assert left.ledger.checkpoints() == right.ledger.checkpoints()
    assert left.ledger.origin == right.ledger.origin
    for asset in left.assets():
        assert left.path(asset).read_bytes() == right.path(asset).read_bytes()
    assert right.ledger.audit(right.key_store.public()) == left.ledger.size


def left_over(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.rglob("*") if ".aside" in path.name)


def test_a_backup_restores_to_the_same_workspace(filled: Workspace, tmp_path: Path) -> None:
    made = back_up(filled, tmp_path / "b.tar", passphrase=PHRASE)
    assert (made.statements, made.with_keys) == (4, True)
    assert made.size == (tmp_path / "b.tar").stat().st_size
    assert (tmp_path / "b.tar").stat().st_mode & 0o077 == 0
    contents = check_backup(made.file)
    assert contents.digest == made.digest
    done = restore(contents, tmp_path / "w2", passphrase=PHRASE)
    assert (done.statements, done.objects, done.notes) == (4, made.objects, ())
    again = Workspace.open(tmp_path / "w2", clock=Ticking())
    same(filled, again)
    assert again.key_store.public() == filled.key_store.public()
    assert again.secret("digest") == filled.secret("digest")
    assert again.folder.stat().st_mode & 0o077 == 0
    perform(again, Job(COUNT, "fruit", {"letter": "z"}))
    assert again.ledger.audit(again.key_store.public()) == 5
    assert left_over(tmp_path) == []


def test_the_real_chain_restores(bank: Walk, tmp_path: Path) -> None:
    made = back_up(bank.workspace, tmp_path / "b.tar")
    keys = bank.workspace.key_store.location
    restore(check_backup(made.file), tmp_path / "w2", keys=keys)
    same(bank.workspace, Workspace.open(tmp_path / "w2", keys=keys))


@pytest.mark.parametrize("target", ["sqlite", "postgresql"])
@pytest.mark.parametrize("origin", ["sqlite", "postgresql"])
def test_backups_cross_databases(origin: str, target: str, tmp_path: Path, source: Path) -> None:

    def somewhere(kind: str, name: str) -> tuple[Path | str, Path | None]:
        if kind == "sqlite":
            return tmp_path / name, None
        return postgresql_url(), tmp_path / f"{name}-objects"

    place, objects = somewhere(origin, "one")
    one = Workspace.create(place, keys=tmp_path / "keys", objects=objects, clock=Ticking())
    fill(one, source)
    checkpoint(one)
    made = back_up(one, tmp_path / "b.tar")
    place, objects = somewhere(target, "two")
    restore(check_backup(made.file), place, keys=tmp_path / "keys", objects=objects)
    two = Workspace.open(place, keys=tmp_path / "keys", clock=Ticking())
    same(one, two)
    perform(two, Job(COUNT, "fruit", {"letter": "z"}))
    with pytest.raises(WorkspaceError) as caught:
        restore(check_backup(made.file), place, keys=tmp_path / "keys", objects=objects)
    assert caught.value.code == "restore.not-empty"
    for each in (one, two):
        each.database.dispose()


def test_objects_may_go_elsewhere_and_are_taken_away_again_on_failure(
    filled: Workspace, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    contents = check_backup(back_up(filled, tmp_path / "b.tar").file)
    keys, place = filled.key_store.location, f"memory://{tmp_path.name}"

    def broken(*_: object, **__: object) -> None:
        raise WorkspaceError("x.y", WITHOUT_KEYS, hint=WITHOUT_KEYS)

    with monkeypatch.context() as patched:
        patched.setattr("anping.workspace.restore.audit", broken)
        with pytest.raises(WorkspaceError):
            restore(contents, tmp_path / "w2", keys=keys, objects=place)
    from anping.workspace.objects import open_objects

    assert list(open_objects(place, scratch=tmp_path / "s").stored()) == []
    assert not (tmp_path / "w2").exists()
    restore(contents, tmp_path / "w2", keys=keys, objects=place)
    again = Workspace.open(tmp_path / "w2", keys=keys)
    assert again.objects.location == place
    same(filled, again)


def test_without_keys_it_is_said(filled: Workspace, tmp_path: Path) -> None:
    made = back_up(filled, tmp_path / "b.tar")
    content = made.file.read_bytes()
    for name in ("producer.pem", "digest.secret"):
        assert (Path(filled.key_store.location) / name).read_bytes().strip() not in content
    done = restore(check_backup(made.file), tmp_path / "elsewhere" / "w2")
    assert done.notes == (WITHOUT_KEYS,)
    again = Workspace.open(tmp_path / "elsewhere" / "w2", keys=filled.key_store)
    same(filled, again)


def test_keys_need_their_passphrase(filled: Workspace, tmp_path: Path) -> None:
    with pytest.raises(ParameterError) as weak:
        back_up(filled, tmp_path / "b.tar", passphrase="short")
    assert weak.value.code == "backup.weak-passphrase"
    assert not (tmp_path / "b.tar").exists()
    contents = check_backup(back_up(filled, tmp_path / "b.tar", passphrase=PHRASE).file)
    for phrase, code in ((None, "needs"), ("a wrong passphrase", "wrong")):
        with pytest.raises(ParameterError) as caught:
            restore(contents, tmp_path / "w2", passphrase=phrase)
        assert caught.value.code == f"backup.{code}-passphrase"
        assert not (tmp_path / "w2").exists()
        assert not (tmp_path / "w2.keys").exists()


def test_another_workspaces_keys_are_refused(filled: Workspace, tmp_path: Path) -> None:
    other = Workspace.create(tmp_path / "other")
    contents = check_backup(back_up(filled, tmp_path / "b.tar").file)
    with pytest.raises(WorkspaceError) as caught:
        restore(contents, tmp_path / "w2", keys=other.key_store.location)
    assert caught.value.code == "restore.other-keys"


def test_only_an_empty_place_is_restored_into(filled: Workspace, tmp_path: Path) -> None:
    contents = check_backup(back_up(filled, tmp_path / "b.tar", passphrase=PHRASE).file)
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "x").write_text("mine")
    for place in (tmp_path / "full", filled.folder):
        with pytest.raises(WorkspaceError) as caught:
            restore(contents, place, keys=filled.key_store.location)
        assert caught.value.code == "restore.not-empty"
    assert (tmp_path / "full" / "x").read_text() == "mine"
    (tmp_path / "empty").mkdir()
    restore(contents, tmp_path / "empty", passphrase=PHRASE)
    same(filled, Workspace.open(tmp_path / "empty"))


def test_a_backup_never_overwrites(filled: Workspace, tmp_path: Path) -> None:
    (tmp_path / "b.tar").write_text("mine")
    with pytest.raises(WorkspaceError) as caught:
        back_up(filled, tmp_path / "b.tar")
    assert caught.value.code == "backup.exists"
    assert (tmp_path / "b.tar").read_text() == "mine"


@pytest.mark.parametrize("how", ["missing", "torn", "longer"])
def test_a_workspace_with_a_torn_object_is_not_backed_up(
    filled: Workspace, tmp_path: Path, how: str
) -> None:
    path = stored(filled, filled.need("fruit").digest)
    path.unlink()
    if how != "missing":
        path.write_bytes(b"banane" if how == "torn" else b"bananas")
    with pytest.raises(WorkspaceError) as caught:
        back_up(filled, tmp_path / "b.tar")
    assert caught.value.code == f"workspace.object-{'missing' if how == 'missing' else 'damaged'}"
    assert not (tmp_path / "b.tar").exists()
    assert left_over(tmp_path) == []


def test_a_backup_is_consistent_while_others_write(
    filled: Workspace, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Somebody performs a step between the first table and the last."""
    from anping.workspace.backups import rows

    before, plain = filled.ledger.size, rows.parts

    def busy(connection: sa.Connection, table: sa.Table) -> object:
        other = threading.Thread(
            target=lambda: perform(
                Workspace.open(filled.folder), Job(COUNT, "fruit", {"letter": table.name})
            )
        )
        other.start()
        other.join()
        return plain(connection, table)

    monkeypatch.setattr("anping.workspace.backup.rows.parts", busy)
    made = back_up(filled, tmp_path / "b.tar")
    assert made.statements == before
    assert filled.ledger.size > before
    restore(check_backup(made.file), tmp_path / "w2", keys=filled.key_store.location)
    again = Workspace.open(tmp_path / "w2", keys=filled.key_store.location)
    assert again.ledger.audit(again.key_store.public()) == before


def test_a_full_disk_leaves_no_backup(
    filled: Workspace, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    plain = archive.Writer.add_stream

    def full(self: archive.Writer, name: str, size: int, chunks: object) -> None:
        if name.startswith("objects/"):
            raise OSError(errno.ENOSPC, "No space left on device")
        plain(self, name, size, chunks)  # type: ignore[arg-type]

    monkeypatch.setattr(archive.Writer, "add_stream", full)
    with pytest.raises(WorkspaceError) as caught:
        back_up(filled, tmp_path / "b.tar")
    assert caught.value.code == "workspace.disk-full"
    assert not (tmp_path / "b.tar").exists()
    assert left_over(tmp_path) == []


def test_no_folder_for_a_backup_is_told(filled: Workspace, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x")
    with pytest.raises(WorkspaceError) as caught:
        back_up(filled, tmp_path / "file" / "b.tar")
    assert caught.value.code == "backup.unwritable"


KILLED = """
import os, sys
from pathlib import Path
from anping.workspace.backups import archive
from anping.workspace.backup import back_up
from anping.workspace.workspace import Workspace
archive.Writer.finish = lambda self: os.kill(os.getpid(), 9)
back_up(Workspace.open(Path(sys.argv[1])), Path(sys.argv[2]))
"""


@pytest.mark.skipif(os.name == "nt", reason="POSIX signals")
def test_a_killed_backup_leaves_nothing_for_long(filled: Workspace, tmp_path: Path) -> None:
    command = [sys.executable, "-c", KILLED, str(filled.folder), str(tmp_path / "b.tar")]
    assert subprocess.run(command, check=False).returncode == -9
    assert not (tmp_path / "b.tar").exists()
    assert len(left_over(tmp_path)) == 1
    back_up(filled, tmp_path / "b.tar")
    assert left_over(tmp_path) == []


KILLED_RESTORE = """
import os, sys
from pathlib import Path
from anping.workspace import restore
from anping.workspace.backups.checking import check_backup
restore.audit = lambda *_, **__: os.kill(os.getpid(), 9)
restore.restore(check_backup(Path(sys.argv[1])), sys.argv[2], keys=sys.argv[3], objects=sys.argv[4])
"""


@pytest.mark.skipif(os.name == "nt", reason="POSIX signals")
@pytest.mark.parametrize("backend", ["sqlite", "postgresql"])
def test_a_killed_restore_is_no_workspace_and_can_be_done_again(
    filled: Workspace, tmp_path: Path, backend: str
) -> None:
    made = back_up(filled, tmp_path / "b.tar")
    place = str(tmp_path / "w2") if backend == "sqlite" else postgresql_url()
    rest = (place, filled.key_store.location, str(tmp_path / "objects2"))
    killed = subprocess.run(
        [sys.executable, "-c", KILLED_RESTORE, str(made.file), *rest], check=False
    )
    assert killed.returncode == -9
    with pytest.raises(WorkspaceError) as caught:
        Workspace.open(place, keys=filled.key_store)
    assert caught.value.code == "workspace.missing"
    contents = check_backup(made.file)
    restore(contents, place, keys=filled.key_store.location, objects=tmp_path / "objects2")
    again = Workspace.open(place, keys=filled.key_store)
    same(filled, again)
    assert left_over(tmp_path) == []
    again.database.dispose()


@pytest.mark.skipif(sys.platform != "linux", reason="mounts a small file system")
def test_a_really_full_disk_leaves_no_backup_and_no_workspace(
    workspace: Workspace, tmp_path: Path
) -> None:
    source = tmp_path / "large"
    source.write_bytes(os.urandom(3_000_000))
    perform(workspace, Job(TAKE, "fruit", {"path": str(source)}))
    contents = check_backup(back_up(workspace, tmp_path / "b.tar").file)
    small = tmp_path / "small"
    small.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=2m", "tmpfs", str(small)]
    if subprocess.run(mount, capture_output=True, check=False).returncode:
        pytest.skip("this user may not mount a file system; the injected fault covers it")
    try:
        with pytest.raises(WorkspaceError) as full:
            back_up(workspace, small / "b.tar")
        assert full.value.code == "workspace.disk-full"
        for objects in (None, small / "objects"):
            place = small / "w2" if objects is None else tmp_path / "w2"
            with pytest.raises(WorkspaceError) as caught:
                restore(contents, place, keys=workspace.key_store.location, objects=objects)
            assert caught.value.code == "workspace.disk-full"
            assert not place.exists()
        assert [path for path in small.rglob("*") if path.is_file()] == []
        assert left_over(tmp_path) == []
    finally:
        subprocess.run(["umount", str(small)], check=True)


@pytest.fixture
def made(filled: Workspace, tmp_path: Path) -> Backup:
    return back_up(filled, tmp_path / "b.tar", passphrase=PHRASE)


@given(data=st.data())
@settings(
    max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
def test_no_changed_byte_is_accepted(made: Backup, data: st.DataObject) -> None:
    content = bytearray(made.file.read_bytes())
    at = data.draw(st.integers(0, len(content) - 1))
    content[at] ^= data.draw(st.integers(1, 255))
    forged = made.file.with_name("forged.tar")
    forged.write_bytes(content)
    with contextlib.suppress(WorkspaceError):
        # Only a tar header's fields that a backup does not use may differ: dates, owners.
        assert check_backup(forged).digest == made.digest
        assert at % 512 >= 100


@given(cut=st.integers(0, 10**9), tail=st.binary(max_size=600))
@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
def test_no_cut_or_longer_archive_is_accepted(made: Backup, cut: int, tail: bytes) -> None:
    content = made.file.read_bytes()
    forged = made.file.with_name("forged.tar")
    for other in (content[: cut % len(content)], content + (tail or b"\0")):
        forged.write_bytes(other)
        with pytest.raises(WorkspaceError) as caught:
            check_backup(forged)
        assert caught.value.code in {"backup.damaged", "backup.foreign"}


def members(file: Path) -> dict[str, bytes]:
    with tarfile.open(file, "r:") as opened:
        found = {}
        for each in opened.getmembers():
            content = opened.extractfile(each)
            assert content is not None
            found[each.name] = content.read()
        return found


def rewritten(
    made: Backup,
    change: Callable[[dict[str, bytes]], object],
    store: KeyStore | None = None,
) -> Path:
    """Write the archive anew with changed members, the list signed again by whoever has the key."""
    content = members(made.file)
    change(content)
    manifest = content.pop(archive.MANIFEST)
    forged = made.file.with_name("forged.tar")
    with forged.open("wb") as stream:
        writer = archive.Writer(stream)
        for name, each in content.items():
            writer.add(name, each)
        if store is not None:
            signer = store.signing("log")
            listed = archive.manifest(writer.sums)
            manifest = sign(listed, signer, payload_type=MANIFEST_TYPE).line()
        writer.add(archive.MANIFEST, manifest)
        writer.finish()
    return forged


def test_a_list_signed_by_another_key_is_refused(made: Backup) -> None:
    def change(content: dict[str, bytes]) -> None:
        content["objects/" + "0" * 64] = b""

    with pytest.raises(WorkspaceError) as caught:
        check_backup(rewritten(made, change))
    assert caught.value.code == "backup.damaged"


def test_a_stranger_cannot_make_a_backup_for_these_keys(
    made: Backup, filled: Workspace, tmp_path: Path
) -> None:
    """All signatures fit the archive's own keys, but they are not the owner's."""
    stranger = adopt_keys(
        tmp_path / "stranger",
        {
            f"{role}.pem": SigningKey.generate(role, "x").encode()
            for role in ("producer", "log", "officer")
        },
    )

    def change(content: dict[str, bytes]) -> None:
        content[archive.PUBLIC] = stranger.public()

    contents = check_backup(rewritten(made, change, stranger))
    with pytest.raises(WorkspaceError) as caught:
        restore(contents, tmp_path / "w2", keys=filled.key_store.location)
    assert caught.value.code == "restore.other-keys"
    with pytest.raises(AnpingError):
        # Nor does the ledger hold under the stranger's keys.
        restore(contents, tmp_path / "w2", keys=tmp_path / "nowhere", passphrase=PHRASE)
    assert not (tmp_path / "w2").exists()
    assert not (tmp_path / "nowhere").exists()


def drop(start: str) -> Callable[[dict[str, bytes]], object]:
    def change(content: dict[str, bytes]) -> None:
        del content[next(name for name in content if name.startswith(start))]

    return change


def put(name: str, content: bytes) -> Callable[[dict[str, bytes]], object]:
    return lambda members: members.__setitem__(name, content)


def rows_of(name: str, edit: Callable[[list[dict[str, object]]], object]) -> object:
    def change(content: dict[str, bytes]) -> None:
        member = f"tables/{name}-000000.jsonl"
        rows = [json.loads(line) for line in content[member].splitlines()]
        edit(rows)
        content[member] = b"".join(json.dumps(row).encode() + b"\n" for row in rows)

    return change


@pytest.mark.parametrize(
    "change",
    [
        drop("objects/"),
        drop("tables/nodes"),
        drop("tables/statements"),
        drop("tables/assets"),
        rows_of("statements", lambda rows: rows.pop()),
        rows_of("statements", lambda rows: rows[0].update(line=rows[1]["line"])),
        rows_of("statements", lambda rows: rows[0].update(line="AAAA")),
        rows_of("statements", lambda rows: rows[0].update(line="not base64")),
        rows_of("statements", lambda rows: rows.append(rows[0])),
        rows_of("nodes", lambda rows: rows[0].update(hash="A" * 43 + "=")),
        rows_of("assets", lambda rows: rows[0].update(body="{}")),
        rows_of("assets", lambda rows: rows[0].update(colour="red")),
        rows_of("facts", lambda rows: rows.clear()),
        put("tables/strangers-000000.jsonl", b"{}\n"),
        put("tables/facts-000001.jsonl", b"[1]\n"),
        put("objects/" + "0" * 64, b"not its digest"),
    ],
)
def test_a_workspace_that_does_not_hold_is_not_restored(
    made: Backup,
    filled: Workspace,
    tmp_path: Path,
    change: Callable[[dict[str, bytes]], object],
) -> None:
    """Even signed by the owner's own key: the ledger and the references must hold."""
    forged = rewritten(made, change, filled.key_store)
    with pytest.raises(AnpingError) as caught:
        restore(check_backup(forged), tmp_path / "w2", keys=filled.key_store.location)
    assert caught.value.code in {
        "backup.damaged", "ledger.broken", "workspace.database", "envelope.malformed",
        "workspace.object-missing",
    }  # fmt: skip
    assert not (tmp_path / "w2").exists()
    assert left_over(tmp_path) == []


def raw(name: str, kind: bytes = tarfile.REGTYPE, size: int = 0, link: str = "") -> bytes:
    information = tarfile.TarInfo(name)
    information.type, information.size, information.linkname = kind, size, link
    return information.tobuf(tarfile.GNU_FORMAT)


@pytest.mark.parametrize(
    "block",
    [
        raw("../../etc/passwd"),
        raw("/etc/passwd"),
        raw("objects/../../x"),
        raw("objects/" + "a" * 64, tarfile.SYMTYPE, link="/etc/passwd"),
        raw("objects/" + "a" * 64, tarfile.LNKTYPE, link="/etc/passwd"),
        raw("objects", tarfile.DIRTYPE),
        raw("objects/" + "a" * 64, tarfile.GNUTYPE_SPARSE, 1 << 40),
        raw("objects/" + "a" * 64, size=1 << 61),
        raw("tables/facts-000000.jsonl", size=1 << 40),
        raw("keys.json", size=1 << 34),
        raw("x" * 90, tarfile.XHDTYPE, 1 << 33),
        raw("x", tarfile.GNUTYPE_LONGNAME, 1 << 33),
        raw("anping-backup.json", size=5) + b"hello" + bytes(507),
        raw("x", tarfile.CHRTYPE),
        raw("x", tarfile.FIFOTYPE),
        b"\xff" * 512,
    ],
)
def test_a_hostile_member_is_refused(made: Backup, block: bytes) -> None:
    content = made.file.read_bytes()
    forged = made.file.with_name("forged.tar")
    first = 1024
    for other in (
        content[:first] + block + content[first:],
        block + content,
        content[:first] + block,
    ):
        forged.write_bytes(other)
        with pytest.raises(WorkspaceError) as caught:
            check_backup(forged)
        assert caught.value.code in {"backup.damaged", "backup.foreign"}


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", "backup.foreign"),
        (b"PK\x03\x04 some zip or other" * 100, "backup.foreign"),
        (b"\0" * 1024, "backup.foreign"),
        (b"\x1f\x8b" + b"x" * 3000, "backup.foreign"),
    ],
)
def test_what_is_no_backup_is_refused(tmp_path: Path, content: bytes, code: str) -> None:
    (tmp_path / "x").write_bytes(content)
    with pytest.raises(WorkspaceError) as caught:
        check_backup(tmp_path / "x")
    assert caught.value.code == code
    for nothing in (tmp_path, tmp_path / "missing"):
        with pytest.raises(WorkspaceError) as unreadable:
            check_backup(nothing)
        assert unreadable.value.code == "backup.unreadable"


@pytest.mark.parametrize(
    ("name", "value", "code"),
    [
        ("format", "anping-backup/2", "backup.other-version"),
        ("tables", "99", "backup.other-version"),
        ("statements", "x", "backup.foreign"),
    ],
)
def test_other_versions_are_named(made: Backup, name: str, value: str, code: str) -> None:
    store = open_keys(made.file.parent / "w.keys")

    def change(content: dict[str, bytes]) -> None:
        header = json.loads(content[archive.HEADER])
        content[archive.HEADER] = json.dumps(header | {name: value}).encode()

    with pytest.raises(WorkspaceError) as caught:
        check_backup(rewritten(made, change, store))
    assert caught.value.code == code


def test_sealed_keys_are_all_there_and_no_byte_may_change(filled: Workspace) -> None:
    entries = portable(filled.key_store)
    assert {"producer.pem", "digest.secret", "witnesses.keys.json"} <= entries.keys()
    sealed = sealing.seal(entries, PHRASE)
    assert sealing.unseal(sealed, PHRASE) == entries
    assert sealing.seal(entries, PHRASE) != sealed
    for at in (2, 30, len(sealed) // 2, len(sealed) - 3):
        changed = bytearray(sealed)
        changed[at] ^= 1
        with pytest.raises(ParameterError):
            sealing.unseal(bytes(changed), PHRASE)
    expensive = sealed.replace(b"4096", b"999999999")
    with pytest.raises(ParameterError):
        sealing.unseal(expensive, PHRASE)


def test_keys_are_only_put_into_an_empty_store(filled: Workspace, tmp_path: Path) -> None:
    entries = portable(filled.key_store)
    assert portable(adopt_keys(tmp_path / "new", entries)) == entries
    assert all(path.stat().st_mode & 0o077 == 0 for path in (tmp_path / "new").iterdir())
    with pytest.raises(KeyStoreError) as taken:
        adopt_keys(tmp_path / "new", entries)
    assert taken.value.code == "key.not-empty"
    with pytest.raises(KeyStoreError) as odd:
        adopt_keys(tmp_path / "other", {"../escape.pem": b"x"})
    assert odd.value.code == "key.not-portable"
    assert not (tmp_path / "other").exists()
    signers = filled.key_store.signers
    elsewhere = KeyStore("kms", _Elsewhere(signers), open_keys(tmp_path / "new").entries)
    with pytest.raises(KeyStoreError) as kept:
        portable(elsewhere)
    assert kept.value.code == "key.not-portable"


class _Elsewhere:
    def __init__(self, signers: object) -> None:
        self.find = signers.find  # type: ignore[attr-defined]
        self.make = signers.make  # type: ignore[attr-defined]


def test_large_tables_are_split(
    filled: Workspace, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("anping.workspace.backups.rows.PART_BYTES", 100)
    made = back_up(filled, tmp_path / "b.tar")
    names = [name for name in members(made.file) if name.startswith("tables/statements")]
    assert len(names) > 4
    restore(check_backup(made.file), tmp_path / "w2", keys=filled.key_store.location)
    same(filled, Workspace.open(tmp_path / "w2", keys=filled.key_store.location))


def test_every_table_is_backed_up(made: Backup) -> None:
    names = {name.removeprefix("tables/").partition("-")[0] for name in members(made.file)}
    assert {table.name for table in tables.metadata.sorted_tables} <= names


def test_any_tar_can_list_a_backup(made: Backup, filled: Workspace) -> None:
    content = members(made.file)
    assert content[archive.PUBLIC] == filled.key_store.public()
    header = json.loads(content[archive.HEADER])
    assert (header["origin"], header["statements"]) == (filled.ledger.origin, 4)
