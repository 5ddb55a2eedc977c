"""Objects keep exactly the bytes they were given, wherever they lie, or say what is wrong."""

from __future__ import annotations

import errno
import os
import secrets
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import fsspec
import pytest

from anping.core.digest import sha256, sha256_file
from anping.core.errors import MissingExtraError, WorkspaceError
from anping.workspace.backup import back_up
from anping.workspace.backups.checking import check_backup
from anping.workspace.object_stores.cache import Cache
from anping.workspace.object_stores.folder import FolderObjects
from anping.workspace.object_stores.remote import RemoteObjects, open_remote
from anping.workspace.objects import Objects, open_objects
from anping.workspace.perform import Job, perform
from anping.workspace.restore import restore
from anping.workspace.workspace import Workspace
from toy import COUNT, TAKE


@pytest.fixture(scope="session")
def s3_endpoint() -> Iterator[str]:
    from moto.server import ThreadedMotoServer

    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    yield f"http://{host}:{port}"
    server.stop()


@pytest.fixture
def bucket(s3_endpoint: str, monkeypatch: pytest.MonkeyPatch) -> str:
    for name, value in {
        "AWS_ACCESS_KEY_ID": "test",
        "AWS_SECRET_ACCESS_KEY": "test-secret-value",
        "AWS_DEFAULT_REGION": "us-east-1",
        "AWS_ENDPOINT_URL": s3_endpoint,
    }.items():
        monkeypatch.setenv(name, value)
    name = f"anping-{secrets.token_hex(6)}"
    fsspec.filesystem("s3", use_listings_cache=False, max_concurrency=2).mkdir(name)
    return name


@pytest.fixture(params=["folder", "file", "memory", "s3"])
def objects(request: pytest.FixtureRequest, tmp_path: Path) -> Objects:
    places: dict[str, str | Path] = {
        "folder": tmp_path / "objects",
        "file": f"file://{tmp_path}/objects",
        "memory": f"memory://{secrets.token_hex(6)}",
    }
    if request.param == "s3":
        places["s3"] = f"s3://{request.getfixturevalue('bucket')}/some/prefix"
    return open_objects(places[request.param], scratch=tmp_path / "scratch")


def file(folder: Path, content: bytes) -> Path:
    path = folder / f"source-{secrets.token_hex(4)}"
    path.write_bytes(content)
    return path


def overwrite(objects: Objects, digest: str, content: bytes) -> None:
    """Do to a stored object what a failing disk or a stranger would."""
    if isinstance(objects, RemoteObjects):
        objects.files.pipe_file(f"{objects.prefix}/{digest[:2]}/{digest}", content)
        objects.cache.path(digest).unlink(missing_ok=True)
    else:
        assert isinstance(objects, FolderObjects)
        # The stored file may share its bytes with the source by a hard link.
        objects.path(digest).unlink()
        objects.path(digest).write_bytes(content)


@pytest.mark.parametrize("content", [b"", b"banana", os.urandom(3_000_000)])
def test_what_is_put_comes_back(objects: Objects, tmp_path: Path, content: bytes) -> None:
    source = file(tmp_path, content)
    digest = objects.put(source)
    assert digest == sha256(content) == objects.put(source)
    assert objects.get(digest, of="x@1").read_bytes() == content
    assert b"".join(objects.read(digest, of="x@1")) == content
    found = objects.find(digest)
    assert found is not None
    assert (found.digest, found.size) == (digest, len(content))
    assert abs(found.modified.timestamp() - time.time()) < 600
    assert [each.digest for each in objects.stored()] == [digest]


def test_local_copies_are_private(objects: Objects, tmp_path: Path) -> None:
    digest = objects.put(file(tmp_path, b"banana"))
    path = objects.get(digest, of="x@1")
    assert path.stat().st_mode & 0o077 == 0
    if isinstance(objects, RemoteObjects):
        objects.cache.path(digest).unlink()
        assert objects.get(digest, of="x@1").stat().st_mode & 0o077 == 0
        assert objects.cache.folder.stat().st_mode & 0o077 == 0


def test_a_missing_object_is_named(objects: Objects) -> None:
    gone = sha256(b"never put")
    assert objects.find(gone) is None
    assert list(objects.stored()) == []
    for ask in (objects.get, lambda digest, of: list(objects.read(digest, of=of))):
        with pytest.raises(WorkspaceError) as caught:
            ask(gone, of="customers@3")
        assert caught.value.code == "workspace.object-missing"
        assert "customers@3" in str(caught.value)
    objects.discard(gone)


@pytest.mark.parametrize("wrong", [b"bananas", b"banan!", b""])
def test_a_torn_object_is_found_and_healed(objects: Objects, tmp_path: Path, wrong: bytes) -> None:
    source = file(tmp_path, b"banana")
    digest = objects.put(source)
    overwrite(objects, digest, wrong)
    for ask in (objects.get, lambda digest, of: list(objects.read(digest, of=of))):
        with pytest.raises(WorkspaceError) as caught:
            ask(digest, of="x@1")
        assert caught.value.code == "workspace.object-damaged"
    objects.put(source)
    assert objects.get(digest, of="x@1").read_bytes() == b"banana"


def test_a_torn_local_copy_is_fetched_again(bucket: str, tmp_path: Path) -> None:
    objects = open_objects(f"s3://{bucket}/p", scratch=tmp_path / "scratch")
    assert isinstance(objects, RemoteObjects)
    digest = objects.put(file(tmp_path, b"banana"))
    objects.cache.path(digest).write_bytes(b"ban")
    assert objects.get(digest, of="x@1").read_bytes() == b"banana"


def test_a_discarded_object_is_gone(objects: Objects, tmp_path: Path) -> None:
    digest = objects.put(file(tmp_path, b"banana"))
    objects.discard(digest)
    assert objects.find(digest) is None
    assert list(objects.stored()) == []


def test_stores_that_are_not_atomic_move_a_whole_upload(tmp_path: Path) -> None:
    cache = Cache(tmp_path / "cache")
    files = fsspec.filesystem("file")
    objects = RemoteObjects("sftp://x/y", files, str(tmp_path / "far"), "sftp", cache)
    digest = objects.put(file(tmp_path, b"banana"))
    assert objects.get(digest, of="x@1").read_bytes() == b"banana"
    assert [path.name for path in (tmp_path / "far").rglob("*") if path.is_file()] == [digest]


def test_uploads_that_never_finished_are_swept_when_they_are_old(tmp_path: Path) -> None:
    far = tmp_path / "far"
    files = fsspec.filesystem("file")
    objects = RemoteObjects("sftp://x/y", files, str(far), "sftp", Cache(tmp_path / "cache"))
    digest = objects.put(file(tmp_path, b"banana"))
    half = far / digest[:2] / f".{digest}.0123456789ab.aside"
    half.write_bytes(b"ban")
    now = datetime.now(UTC)
    assert objects.sweep_uploads(before=now - timedelta(days=7)) == 0
    os.utime(half, (1000, 1000))
    os.utime(far / digest[:2] / digest, (1000, 1000))
    assert objects.sweep_uploads(before=now - timedelta(days=7)) == 1
    assert [each.digest for each in objects.stored()] == [digest]
    nowhere = RemoteObjects("sftp://x/z", files, str(tmp_path / "no"), "sftp", objects.cache)
    assert nowhere.sweep_uploads(before=now) == 0


class _Failing:
    """A driver whose uploads fail or lose bytes; everything else is the file system's."""

    def __init__(self, how: Callable[[str, str], None]) -> None:
        self.files = fsspec.filesystem("file")
        self.put_file = how

    def __getattr__(self, name: str) -> object:
        return getattr(self.files, name)


def full(source: str, key: str) -> None:
    Path(key).write_bytes(b"ban")
    raise OSError(errno.ENOSPC, "No space left on device", key)


def short(source: str, key: str) -> None:
    Path(key).write_bytes(b"ban")


def strange(source: str, key: str) -> None:
    raise RuntimeError("the driver's own words, with secret-key-123 in them")


@pytest.mark.parametrize(
    ("how", "code"),
    [
        (full, "workspace.disk-full"),
        (short, "workspace.object-not-kept"),
        (strange, "workspace.objects-unreachable"),
    ],
)
def test_a_failed_upload_leaves_nothing(
    tmp_path: Path, how: Callable[[str, str], None], code: str
) -> None:
    objects = RemoteObjects(
        "sftp://x/y", _Failing(how), str(tmp_path / "far"), "sftp", Cache(tmp_path / "cache")
    )
    with pytest.raises(WorkspaceError) as caught:
        objects.put(file(tmp_path, b"banana"))
    assert caught.value.code == code
    assert "secret-key-123" not in str(caught.value)
    assert [path for path in (tmp_path / "far").rglob("*") if path.is_file()] == []


@pytest.mark.parametrize(
    ("location", "code"),
    [
        ("nothing-of-the-kind://x", "workspace.objects-location"),
        ("s3://user:sesame@bucket/p", "workspace.objects-location"),
        ("s3://", "workspace.objects-location"),
        ("simplecache::s3://bucket/p", "workspace.objects-location"),
        ("s3://bucket/p?versionId=1", "workspace.objects-location"),
    ],
)
def test_an_unusable_location_is_refused(tmp_path: Path, location: str, code: str) -> None:
    with pytest.raises(WorkspaceError) as caught:
        open_objects(location, scratch=tmp_path)
    assert caught.value.code == code
    assert "sesame" not in str(caught.value)


def test_a_missing_driver_names_the_extra(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "fsspec.core", None)
    with pytest.raises(MissingExtraError) as caught:
        open_objects("s3://bucket/p", scratch=tmp_path)
    assert "anping[remote]" in str(caught.value)


def test_a_store_that_does_not_answer_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "not-to-be-shown")
    monkeypatch.setenv("AWS_MAX_ATTEMPTS", "1")
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:9")
    fsspec.filesystem("s3").clear_instance_cache()
    objects = open_objects("s3://bucket/unreachable", scratch=tmp_path)
    with pytest.raises(WorkspaceError) as caught:
        objects.put(file(tmp_path, b"banana"))
    assert caught.value.code == "workspace.objects-unreachable"
    assert "not-to-be-shown" not in str(caught.value)
    fsspec.filesystem("s3").clear_instance_cache()


def test_the_cache_is_bounded_but_keeps_what_is_in_use(tmp_path: Path) -> None:
    busy = Cache(tmp_path / "busy", limit=10, grace=3600)
    tight = Cache(tmp_path / "tight", limit=10, grace=0)
    for cache in (busy, tight):
        for number, letter in enumerate(b"abc"):
            source = file(tmp_path, bytes([letter]) * 6)
            digest = sha256_file(source)
            cache.keep(source, digest)
            if cache.path(digest).exists():
                os.utime(cache.path(digest), (1000 + number, 1000 + number))
    assert len(list(FolderObjects(tmp_path / "tight").stored())) == 1
    old = Cache(tmp_path / "busy", limit=10, grace=3600)
    assert old.has(sha256(b"c" * 6))
    old.sweep()
    assert [each.digest for each in FolderObjects(old.folder).stored()] == [sha256(b"c" * 6)]


def test_what_a_killed_fetch_left_in_the_cache_goes(tmp_path: Path) -> None:
    cache = Cache(tmp_path / "cache", grace=60)
    left = tmp_path / "cache" / "aside" / ".x.1234.aside"
    left.parent.mkdir(parents=True)
    left.write_bytes(b"half")
    cache.sweep()
    assert left.exists()
    os.utime(left, (1000, 1000))
    cache.sweep()
    assert not left.exists()


def test_nothing_is_left_on_a_full_disk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    objects = FolderObjects(tmp_path / "objects")

    def copy(source: Path, target: Path) -> None:
        Path(target).write_bytes(b"ban")
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr("anping.workspace.object_stores.folder._link_or_copy", copy)
    with pytest.raises(WorkspaceError) as caught:
        objects.put(file(tmp_path, b"banana"))
    assert caught.value.code == "workspace.disk-full"
    assert [path for path in objects.folder.rglob("*") if path.is_file()] == []


@pytest.mark.skipif(sys.platform != "linux", reason="mounts a small file system")
def test_a_really_full_disk(tmp_path: Path) -> None:
    small = tmp_path / "small"
    small.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", str(small)],
        capture_output=True,
        check=False,
    )
    if mounted.returncode:
        pytest.skip("this user may not mount a file system; the injected fault covers it")
    try:
        objects = FolderObjects(small / "objects")
        kept = objects.put(file(tmp_path, b"banana"))
        with pytest.raises(WorkspaceError) as caught:
            objects.put(file(tmp_path, os.urandom(3_000_000)))
        assert caught.value.code == "workspace.disk-full"
        assert [path.name for path in small.rglob("*") if path.is_file()] == [kept]
        assert objects.get(kept, of="x@1").read_bytes() == b"banana"
    finally:
        subprocess.run(["umount", str(small)], check=True)


PUT = """
import os, sys
from pathlib import Path
from anping.core.errors import WorkspaceError
from anping.workspace.objects import open_objects
if os.getuid() == 0:
    os.setgroups([]); os.setgid(65534); os.setuid(65534)
try:
    open_objects(Path(sys.argv[1]), scratch=Path(sys.argv[1])).put(Path(sys.argv[2]))
except WorkspaceError as error:
    print(error.code)
"""


@pytest.mark.skipif(os.name == "nt", reason="POSIX permissions")
def test_a_folder_that_may_not_be_written() -> None:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        folder.chmod(0o755)
        store = folder / "objects"
        store.mkdir()
        store.chmod(0o555)
        source = file(folder, b"banana")
        source.chmod(0o644)
        said = subprocess.run(
            [sys.executable, "-c", PUT, str(store), str(source)],
            capture_output=True,
            text=True,
            check=False,
        )
        assert said.stdout.strip() == "workspace.objects-forbidden", said.stderr
        assert list(store.rglob("*")) == []
        store.chmod(0o755)


def test_a_remote_cache_honours_its_setting(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ANPING_CACHE_BYTES", "1000")
    found = open_objects("memory://setting", scratch=tmp_path)
    assert isinstance(found, RemoteObjects)
    assert found.cache.limit == 1000
    assert open_remote("memory://setting", cache=Cache(tmp_path)).cache.limit > 1000


def test_a_workspace_works_with_its_content_in_s3(bucket: str, tmp_path: Path) -> None:
    place = f"s3://{bucket}/work"
    source = file(tmp_path, b"banana")
    workspace = Workspace.create(tmp_path / "w", objects=place)
    perform(workspace, Job(TAKE, "fruit", {"path": str(source)}))
    shutil.rmtree(workspace.scratch)
    again = Workspace.open(tmp_path / "w")
    assert again.objects.location == place
    done = perform(again, Job(COUNT, "fruit", {"letter": "a"}))
    assert again.path(done.outputs[0]).read_text() == "3"
    assert not (tmp_path / "w" / "objects").exists()
    assert b"test-secret-value" not in (tmp_path / "w" / "workspace.sqlite").read_bytes()
    made = back_up(again, tmp_path / "b.tar")
    restore(check_backup(made.file), tmp_path / "w2", keys=again.key_store.location)
    local = Workspace.open(tmp_path / "w2", keys=again.key_store)
    assert local.path(local.need("fruit")).read_bytes() == b"banana"
    assert local.objects.location == str(tmp_path / "w2" / "objects")
    moved = f"s3://{bucket}/moved"
    restore(check_backup(made.file), tmp_path / "w3", keys=again.key_store.location, objects=moved)
    far = Workspace.open(tmp_path / "w3", keys=again.key_store)
    assert far.objects.location == moved
    assert far.path(far.need("fruit")).read_bytes() == b"banana"
