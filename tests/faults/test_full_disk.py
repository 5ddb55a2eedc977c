"""A really full disk and folders that may not be written: clear errors, nothing half there, go on."""

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from anping.recipes.samples import write_sample
from anping.workspace.workspace import Workspace
from command_line import anping

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="mounts a small file system")


#: What may be said of a full disk, by who met it: a store, the system, the key folder.
TOLD = {"workspace.disk-full", "system.disk-full", "key.folder"}


class Disk:
    """A file system of its own whose size can be changed."""

    def __init__(self, place: Path) -> None:
        self.place = place

    def sized(self, kilobytes: int, *, first: bool = False) -> None:
        how = f"{'' if first else 'remount,'}size={kilobytes}k"
        subprocess.run(
            ["mount", "-t", "tmpfs", "-o", how, "tmpfs", str(self.place)],
            check=True,
            capture_output=True,
        )

    def filled_to(self, free_kilobytes: int) -> None:
        """Shrink the disk until so much is free."""
        used = sum(path.stat().st_blocks for path in self.place.rglob("*")) // 2
        self.sized(used + free_kilobytes)


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Disk]:
    place = tmp_path / "disk"
    place.mkdir()
    made = Disk(place)
    try:
        made.sized(64_000, first=True)
    except (subprocess.CalledProcessError, FileNotFoundError):
        pytest.skip("this user may not mount a file system")
    try:
        yield made
    finally:
        subprocess.run(["umount", "--lazy", str(place)], check=True)


@pytest.fixture(scope="module")
def sample(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("full") / "sample"
    write_sample("bank", folder, people=300)
    return folder


STAGES = (
    ("add", "customers", "{sample}/customers.csv", "--purposes", "TRAIN",
     "--legal-basis", "pdpa:art19:contract"),
    ("scan", "customers"),
    ("confirm", "customers", "--every", "--why", "checked"),
    ("plan", "customers", "--target", "違約", "--as", "engineer"),
    ("protect", "customers", "--as", "engineer"),
    ("risk", "customers", "--as", "engineer"),
    ("policy", "anping-taiwan-1", "--as", "officer"),
    ("release", "customers", "--tier", "controlled", "--purposes", "TRAIN", "--recipient", "lab",
     "--approver", "officer"),
    ("dossier", "customers", "{disk}/dossier"),
)  # fmt: skip


def test_every_stage_meets_a_full_disk_and_goes_on(disk: Disk, sample: Path) -> None:
    folder = disk.place / "w"
    where = ("--workspace", folder, "--keys", disk.place / "keys")
    assert anping("init", *where).code == 0
    met = 0
    for stage in STAGES:
        words = [word.format(sample=sample, disk=disk.place) for word in stage]
        for free in (0, 8, 24, 64, 160):
            disk.filled_to(free)
            said = anping("--json-errors", *words, *where)
            if said.code:
                met += 1
                assert said.error["code"] in TOLD, stage
                assert said.code != 1
            disk.sized(64_000)
            workspace = Workspace.open(folder, keys=disk.place / "keys")
            workspace.ledger.audit(workspace.key_store.public())
            for asset in workspace.assets():
                workspace.path(asset)
            workspace.database.dispose()
            if said.code == 0:
                break
        assert anping(*words, *where).code in {0, 8}, stage
        left = [path for path in disk.place.rglob("*") if path.name.endswith((".aside", ".stage"))]
        assert not left, stage
    assert met >= len(STAGES)
    assert anping("verify", disk.place / "dossier").code == 0


ACT = """
import os, sys
os.environ["HOME"] = "/nonexistent"
import importlib, pkgutil, sqlite3, duckdb, lightgbm, pyarrow.parquet, jinja2, yaml
import anping, sqlalchemy.dialects.sqlite, sqlalchemy.dialects.postgresql
# Another user may not reach the libraries, so all of them are there before he comes.
for module in pkgutil.walk_packages(anping.__path__, "anping."):
    importlib.import_module(module.name)
if os.getuid() == 0:
    os.setgroups([]); os.setgid(65534); os.setuid(65534)
from anping.cli.main import main
main(sys.argv[1:])
"""


def as_nobody(*words: str | Path) -> tuple[int, str]:
    done = subprocess.run(
        [sys.executable, "-c", ACT, "--json-errors", *map(str, words)],
        capture_output=True,
        text=True,
        check=False,
        cwd="/",
    )
    return done.returncode, done.stderr


@pytest.fixture
def readable(sample: Path) -> Iterator[Path]:
    """Return a walked workspace that everybody may read and nobody may write."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        where = ("--workspace", folder / "w", "--keys", folder / "keys")
        shutil.copyfile(sample / "customers.csv", folder / "customers.csv")
        assert anping("init", *where).code == 0
        assert anping("add", "customers", folder / "customers.csv", *where).code == 0
        for path in [folder, *folder.rglob("*")]:
            path.chmod(0o755 if path.is_dir() else 0o644)
        yield folder
        for path in [folder, *folder.rglob("*")]:
            path.chmod(0o755)


@pytest.mark.skipif(os.geteuid() != 0, reason="becomes another user")
@pytest.mark.parametrize(
    "words",
    [("scan", "customers"), ("add", "more", "{folder}/customers.csv"), ("init",)],
    ids=lambda words: words[0],
)
def test_a_workspace_that_may_only_be_read(words: tuple[str, ...], readable: Path) -> None:
    before = sorted((path, path.stat().st_mtime_ns) for path in readable.rglob("*"))
    if words == ("init",):
        where = ("--workspace", readable / "new", "--keys", readable / "new-keys")
    else:
        where = ("--workspace", readable / "w", "--keys", readable / "keys")
    code, err = as_nobody(*(word.format(folder=readable) for word in words), *where)
    assert code in {1, 3, 6, 8}, err
    assert "Traceback" not in err
    assert '"hint"' in err
    assert sorted((path, path.stat().st_mtime_ns) for path in readable.rglob("*")) == before


@pytest.mark.skipif(os.geteuid() != 0, reason="becomes another user")
@pytest.mark.parametrize("hidden", ["customers.csv", "keys", "w/objects", "w/workspace.sqlite"])
def test_what_may_not_even_be_read(hidden: str, readable: Path) -> None:
    for path in [readable, *readable.rglob("*")]:
        path.chmod(0o777 if path.is_dir() else 0o666)
    (readable / hidden).chmod(0)
    where = ("--workspace", readable / "w", "--keys", readable / "keys")
    words = (
        ("add", "more", readable / "customers.csv") if "csv" in hidden else ("scan", "customers")
    )
    code, err = as_nobody(*words, *where)
    assert code, hidden
    assert "Traceback" not in err
    assert '"hint"' in err
