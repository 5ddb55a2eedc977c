"""The doctor finds what is wrong, says what to do, and changes nothing."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa

from anping.core.errors import EvidenceError, WorkspaceError
from anping.workspace import tables
from anping.workspace.checks.check import Check
from anping.workspace.doctor import clean, examine
from anping.workspace.perform import Job, perform
from anping.workspace.witnessing import checkpoint, cosigned_by, create_witness
from anping.workspace.workspace import Workspace
from command_line import anping
from postgres import postgresql_url
from toy import COUNT, TAKE, Ticking, stored
from walking import Walk


@pytest.fixture
def workspace(tmp_path: Path) -> Iterator[Workspace]:
    """In SQLite; PostgreSQL has tests of its own below."""
    made = Workspace.create(tmp_path / "w", clock=Ticking())
    yield made
    made.database.dispose()


@pytest.fixture
def filled(workspace: Workspace, source: Path, tmp_path: Path) -> Workspace:
    perform(workspace, Job(TAKE, "fruit", {"path": str(source)}))
    for letter in "an":
        perform(workspace, Job(COUNT, "fruit", {"letter": letter}))
    create_witness(tmp_path / "witness", "auditor.example")
    cosigned_by(workspace, tmp_path / "witness")
    return workspace


def later() -> datetime:
    return datetime(2027, 1, 1, tzinfo=UTC)


def states(workspace: Workspace, *, thorough: bool = True) -> dict[str, Check]:
    found = examine(workspace.location, keys=workspace.key_store, thorough=thorough, clock=later)
    return {check.id: check for check in found}


def content(folder: Path) -> dict[str, bytes]:
    return {
        str(path): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file() and path.name not in {"workspace.sqlite-shm", "workspace.sqlite-wal"}
    }


def test_a_healthy_workspace_passes_and_nothing_changes(filled: Workspace, tmp_path: Path) -> None:
    filled.database.dispose()
    before = content(tmp_path)
    found = states(filled)
    assert {check.state for check in found.values()} <= {"pass", "info"}, found
    assert list(found) == [
        "extras.installed", "workspace.opens", "database.whole", "keys.present", "keys.fit",
        "ledger.whole", "clock.forward", "checkpoints.covered", "objects.whole",
        "objects.unreferenced", "search.current", "permissions.private", "leftovers.none", "space.free",
    ]  # fmt: skip
    assert content(tmp_path) == before


def test_the_real_chain_is_healthy(bank: Walk) -> None:
    found = states(bank.workspace)
    assert [check for check in found.values() if check.state == "fail"] == []
    measures = {each.name: each for each in found["objects.whole"].measures}
    assert measures["doctor.objects"].value > 10
    assert measures["doctor.objects.wrong"].value == 0


def tear(workspace: Workspace) -> None:
    path = stored(workspace, workspace.need("fruit").digest)
    path.unlink()
    path.write_bytes(b"banane")


def lose(workspace: Workspace) -> None:
    stored(workspace, workspace.need("fruit").digest).unlink()


def tamper(workspace: Workspace) -> None:
    with workspace.database.begin() as connection:
        table = tables.statements
        connection.execute(sa.delete(table).where(table.c.index == 1))


def lose_key(workspace: Workspace) -> None:
    (Path(workspace.key_store.location) / "digest.secret").unlink()


def damage_key(workspace: Workspace) -> None:
    (Path(workspace.key_store.location) / "officer.pem").write_text("x")


def open_key(workspace: Workspace) -> None:
    (Path(workspace.key_store.location) / "log.pem").chmod(0o644)


@pytest.mark.parametrize(
    ("harm", "name"),
    [
        (tear, "objects.whole"),
        (lose, "objects.whole"),
        (tamper, "ledger.whole"),
        (lose_key, "keys.present"),
        (damage_key, "keys.present"),
        (open_key, "permissions.private"),
    ],
)
def test_what_is_wrong_is_found(
    filled: Workspace, harm: Callable[[Workspace], None], name: str
) -> None:
    harm(filled)
    found = states(filled)
    assert found[name].state == "fail"
    assert found[name].hint is not None
    assert "banan" not in json.dumps([check.as_json() for check in found.values()])
    # One thing that is wrong keeps nothing else from being looked at.
    assert "space.free" in found


def test_a_quick_look_does_not_read_the_content(filled: Workspace) -> None:
    tear(filled)
    assert states(filled, thorough=False)["objects.whole"].state == "pass"


def test_a_torn_listing_does_not_hide_the_rest(bank: Walk, tmp_path: Path) -> None:
    import shutil

    shutil.copytree(bank.workspace.folder, tmp_path / "w")
    workspace = Workspace.open(tmp_path / "w", keys=bank.workspace.key_store)
    stored(workspace, workspace.need("customers.release").digest).unlink()
    stored(workspace, workspace.need("customers").digest).unlink()
    check = states(workspace)["objects.whole"]
    assert check.state == "fail"
    assert "customers.release@1" in check.said.en
    assert "customers@1" in check.said.en
    with pytest.raises(WorkspaceError):
        clean(workspace)


def test_other_keys_are_told_from_a_broken_ledger(filled: Workspace, tmp_path: Path) -> None:
    other = Workspace.create(tmp_path / "other")
    found = {check.id: check for check in examine(filled.folder, keys=other.key_store, clock=later)}
    assert found["keys.fit"].state == "fail"
    assert "ledger.whole" not in found


def test_no_workspace_is_told(tmp_path: Path) -> None:
    found = list(examine(tmp_path / "nothing"))
    assert [(check.id, check.state) for check in found] == [
        ("extras.installed", "info"),
        ("workspace.opens", "fail"),
    ]
    assert not (tmp_path / "nothing").exists()


def test_a_damaged_database_is_told(filled: Workspace) -> None:
    filled.database.dispose()
    path = filled.folder / "workspace.sqlite"
    whole = bytearray(path.read_bytes())
    whole[len(whole) // 2 :] = os.urandom(len(whole) - len(whole) // 2)
    path.write_bytes(whole)
    found = list(examine(filled.folder, keys=filled.key_store, clock=later))
    assert any(check.state == "fail" for check in found)


def test_a_clock_behind_the_ledger_is_told(filled: Workspace) -> None:
    early = {
        check.id: check
        for check in examine(
            filled.folder, keys=filled.key_store, clock=lambda: datetime(2025, 1, 1, tzinfo=UTC)
        )
    }
    assert early["clock.forward"].state == "warn"


def test_checkpoints_and_witnesses_are_asked_for(workspace: Workspace, source: Path) -> None:
    assert states(workspace)["checkpoints.covered"].state == "info"
    perform(workspace, Job(TAKE, "fruit", {"path": str(source)}))
    assert states(workspace)["checkpoints.covered"].state == "warn"
    checkpoint(workspace)
    assert states(workspace)["checkpoints.covered"].state == "warn"


def forgotten(workspace: Workspace, tmp_path: Path, days: int) -> Path:
    source = tmp_path / f"forgotten-{days}"
    source.write_text(f"left by a step that never finished, {days} days ago")
    path = stored(workspace, workspace.objects.put(source))
    then = (later() - timedelta(days=days)).timestamp()
    os.utime(path, (then, then))
    return path


def test_a_sweep_removes_only_what_nobody_needs_for_long(filled: Workspace, tmp_path: Path) -> None:
    old, young = forgotten(filled, tmp_path, 8), forgotten(filled, tmp_path, 6)
    for asset in filled.assets():
        os.utime(stored(filled, asset.digest), (1000, 1000))
    check = states(filled)["objects.unreferenced"]
    assert check.state == "warn"
    assert [each.value for each in check.measures] == [1.0, float(old.stat().st_size)]
    size = old.stat().st_size
    at = Workspace.open(filled.folder, keys=filled.key_store, clock=later)
    swept = clean(at)
    assert (swept.objects, swept.size) == (1, size)
    assert not old.exists()
    assert young.exists()
    assert states(filled)["objects.whole"].state == "pass"


def test_what_is_put_again_is_not_swept(filled: Workspace, tmp_path: Path) -> None:
    old = forgotten(filled, tmp_path, 8)
    filled.objects.put(tmp_path / "forgotten-8")
    at = Workspace.open(filled.folder, keys=filled.key_store, clock=lambda: datetime.now(UTC))
    assert clean(at).objects == 0
    assert old.exists()


KILLED = """
import os, sys
from pathlib import Path
from anping.core.files import aside
with aside(Path(sys.argv[1])) as path:
    path.write_text("raw data")
    os.kill(os.getpid(), 9)
"""


@pytest.mark.skipif(os.name == "nt", reason="POSIX signals")
def test_leftovers_of_killed_runs_are_found_and_swept(filled: Workspace) -> None:
    target = filled.scratch / "half"
    target.parent.mkdir(exist_ok=True)
    subprocess.run([sys.executable, "-c", KILLED, str(target)], check=False)
    check = states(filled)["leftovers.none"]
    assert check.state == "warn"
    assert [each.value for each in check.measures] == [1.0]
    assert clean(filled).leftovers == 1
    assert states(filled)["leftovers.none"].state == "pass"


def test_the_doctor_looks_at_postgresql(tmp_path: Path, source: Path) -> None:
    url = postgresql_url()
    workspace = Workspace.create(url, keys=tmp_path / "keys", objects=f"memory://{tmp_path.name}")
    perform(workspace, Job(TAKE, "fruit", {"path": str(source)}))
    found = {check.id: check for check in examine(url, keys=tmp_path / "keys")}
    assert [check for check in found.values() if check.state == "fail"] == []
    assert "PostgreSQL" in found["database.whole"].said.en
    digest = workspace.need("fruit").digest
    workspace.objects.discard(digest)
    again = {check.id: check for check in examine(url, keys=tmp_path / "keys")}
    assert again["objects.whole"].state == "fail"
    workspace.database.dispose()


def options(workspace: Workspace) -> tuple[str, ...]:
    return "--workspace", workspace.location, "--keys", workspace.key_store.location


def test_the_command_prints_both_ways(filled: Workspace) -> None:
    said = anping("doctor", *options(filled))
    assert said.code == 0, said.all
    assert "✓ ledger: " in said.out
    as_json = anping("doctor", "--json", "--quick", *options(filled))
    body = json.loads(as_json.out)
    assert body["healthy"] is True
    assert {check["state"] for check in body["checks"]} <= {"pass", "info", "warn"}
    tear(filled)
    sick = anping("--json-errors", "doctor", "--json", *options(filled))
    assert (sick.code, sick.error["code"]) == (8, "doctor.unwell")
    assert json.loads(sick.out)["healthy"] is False
    unswept = anping("doctor", "--sweep", *options(filled))
    assert unswept.code == 8
    assert "→" in unswept.out


def test_the_commands_back_up_restore_and_sweep(
    filled: Workspace, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "b.tar"
    monkeypatch.delenv("ANPING_BACKUP_PASSPHRASE", raising=False)
    asked = anping("--json-errors", "backup", file, "--with-keys", *options(filled))
    assert (asked.code, asked.error["code"]) == (2, "backup.needs-passphrase")
    monkeypatch.setenv("ANPING_BACKUP_PASSPHRASE", "correct horse battery staple")
    made = anping("backup", file, "--with-keys", *options(filled))
    assert made.code == 0, made.all
    assert "correct horse" not in made.all
    checked = anping("restore", file, "--check")
    assert checked.code == 0, checked.all
    assert made.out.strip().splitlines()[-1].split()[-1] in checked.out
    new = ("--workspace", tmp_path / "w2", "--keys", tmp_path / "k2")
    restored = anping("restore", file, *new)
    assert restored.code == 0, restored.all
    assert anping("doctor", "--sweep", *new).code == 0
    again = anping("--json-errors", "restore", file, *new)
    assert (again.code, again.error["code"]) == (8, "restore.not-empty")
    plain = anping("backup", tmp_path / "c.tar", *new)
    assert str(tmp_path / "k2") in plain.out


def test_a_ledger_that_does_not_hold_is_not_restored_by_command(
    filled: Workspace, tmp_path: Path
) -> None:
    tamper(filled)
    anping("backup", tmp_path / "b.tar", *options(filled))
    with pytest.raises(EvidenceError):
        filled.ledger.audit(filled.key_store.public())
    said = anping("--json-errors", "restore", tmp_path / "b.tar", "--workspace", tmp_path / "w2")
    assert said.error["code"] == "ledger.broken"
    assert said.code == 7
    assert not (tmp_path / "w2").exists()
