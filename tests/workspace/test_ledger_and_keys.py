"""The ledger only grows, keys lie apart from the data, witnesses remember."""

from pathlib import Path

import pytest
import sqlalchemy as sa

from anping.core.errors import EvidenceError, KeyStoreError, WorkspaceError
from anping.evidence.checkpoint import read_checkpoint
from anping.workspace import tables
from anping.workspace.perform import Job, perform
from anping.workspace.witnessing import (
    PUBLIC,
    add_cosignature,
    answer_request,
    checkpoint,
    cosigned_by,
    create_witness,
    held_checkpoint,
    know_witness,
    witness_request,
)
from anping.workspace.workspace import Workspace, default_keys
from places import Home
from toy import COUNT, TAKE, Ticking


@pytest.fixture
def filled(workspace: Workspace, source: Path) -> Workspace:
    perform(workspace, Job(TAKE, "fruit", {"path": str(source)}))
    for letter in "abn":
        perform(workspace, Job(COUNT, "fruit", {"letter": letter}))
    return workspace


def tamper(workspace: Workspace, statement: sa.Executable) -> None:
    with workspace.database.begin() as connection:
        connection.execute(statement)


def test_a_whole_ledger_passes_its_audit(filled: Workspace) -> None:
    assert filled.ledger.audit(filled.key_store.public()) == 4
    assert [row[2] for row in filled.ledger.summary()] == ["toy.take"] + ["toy.count"] * 3


@pytest.mark.parametrize("how", ["delete", "truncate", "reorder", "edit", "foreign"])
def test_tampering_with_the_ledger_is_found(filled: Workspace, how: str, tmp_path: Path) -> None:
    checkpoint(filled)
    table = tables.statements
    lines = [entry.line for entry in filled.ledger.entries()]
    where = {"delete": table.c.index == 1, "truncate": table.c.index == 3}
    if how in where:
        tamper(filled, sa.delete(table).where(where[how]))
    elif how == "reorder":
        tamper(filled, sa.update(table).where(table.c.index == 1).values(line=lines[2]))
        tamper(filled, sa.update(table).where(table.c.index == 2).values(line=lines[1]))
    elif how == "edit":
        tamper(
            filled,
            sa.update(table).where(table.c.index == 1).values(line=lines[1][:-9] + b'AAAAAAA"}'),
        )
    keys = filled.key_store.public()
    if how == "foreign":
        other = Workspace.create(tmp_path / "other")
        keys = other.key_store.public()
    with pytest.raises(EvidenceError):
        filled.ledger.audit(keys)


def test_truncating_everything_consistently_is_caught_by_the_checkpoint(filled: Workspace) -> None:
    checkpoint(filled)
    tamper(filled, sa.delete(tables.statements).where(tables.statements.c.index == 3))
    tamper(
        filled, sa.delete(tables.nodes).where(tables.nodes.c.level == 0, tables.nodes.c.index == 3)
    )
    with pytest.raises(EvidenceError):
        filled.ledger.audit(filled.key_store.public())


def test_a_witness_far_away_cosigns_by_file(filled: Workspace, tmp_path: Path) -> None:
    public = create_witness(tmp_path / "witness", "auditor.example")
    assert public.name == PUBLIC
    known = know_witness(filled, public.read_bytes())
    request = witness_request(filled)
    answer = answer_request(tmp_path / "witness", request, filled.key_store.public())
    signed = add_cosignature(filled, answer)
    assert signed.cosigned_by(known) is not None
    held = held_checkpoint(tmp_path / "witness", filled.ledger.origin)
    assert read_checkpoint(held).head == filled.ledger.head()
    perform(filled, Job(COUNT, "fruit", {"letter": "z"}))
    grown = cosigned_by(filled, tmp_path / "witness")
    assert grown.head.size == 5
    assert len(filled.ledger.checkpoints()) == 2


def test_a_witness_refuses_a_rewritten_ledger(filled: Workspace, tmp_path: Path) -> None:
    create_witness(tmp_path / "witness", "auditor.example")
    cosigned_by(filled, tmp_path / "witness")
    rewritten = [entry.line for entry in filled.ledger.entries()][:1]
    for table in (tables.statements, tables.nodes, tables.checkpoints):
        tamper(filled, sa.delete(table))
    ledger = filled.ledger
    with filled.transaction() as connection:
        for line in rewritten:
            ledger.append(connection, line)
    with pytest.raises(EvidenceError):
        cosigned_by(filled, tmp_path / "witness")


def test_unknown_witnesses_and_missing_checkpoints_are_named(
    filled: Workspace, tmp_path: Path
) -> None:
    with pytest.raises(EvidenceError) as which:
        witness_request(filled)
    assert which.value.code == "witness.which"
    with pytest.raises(EvidenceError) as none:
        filled.ledger.newest_checkpoint()
    assert none.value.code == "checkpoint.none"
    create_witness(tmp_path / "w2", "auditor.example")
    with pytest.raises(EvidenceError):
        held_checkpoint(tmp_path / "w2", "nowhere")
    with pytest.raises(EvidenceError):
        know_witness(filled, filled.key_store.public())


def test_keys_lie_apart_and_are_private(tmp_path: Path) -> None:
    workspace = Workspace.create(tmp_path / "w")
    folder = default_keys(workspace.folder)
    assert workspace.key_store.location == str(folder)
    assert folder.parent == workspace.folder.absolute().parent
    workspace.secret("person")
    assert folder.stat().st_mode & 0o077 == 0
    secrets = [path for path in folder.iterdir() if path.suffix in {".pem", ".secret"}]
    assert all(path.stat().st_mode & 0o077 == 0 for path in secrets)


def test_a_lost_key_is_never_silently_replaced(workspace: Workspace) -> None:
    key = workspace.secret("person")
    assert workspace.secret("person") == key
    (Path(workspace.key_store.location) / "person.secret").unlink()
    with pytest.raises(KeyStoreError) as caught:
        workspace.secret("person")
    assert caught.value.code == "key.lost"
    (Path(workspace.key_store.location) / "person.secret").write_text("broken")
    with pytest.raises(KeyStoreError) as damaged:
        workspace.secret("person")
    assert damaged.value.code == "key.damaged"
    with pytest.raises(KeyStoreError):
        workspace.secret("../escape")


def test_a_lost_signing_key_stops_a_step_without_a_trace(
    workspace: Workspace, source: Path
) -> None:
    (Path(workspace.key_store.location) / "producer.pem").unlink()
    with pytest.raises(KeyStoreError):
        perform(workspace, Job(TAKE, "fruit", {"path": str(source)}))
    assert workspace.assets() == ()
    assert workspace.ledger.size == 0


def test_opening_what_is_no_workspace_is_refused(tmp_path: Path) -> None:
    with pytest.raises(WorkspaceError) as missing:
        Workspace.open(tmp_path)
    assert missing.value.code == "workspace.missing"
    (tmp_path / "workspace.sqlite").write_bytes(b"not a database, not at all" * 100)
    with pytest.raises(WorkspaceError) as damaged:
        Workspace.open(tmp_path)
    assert damaged.value.code == "workspace.damaged"
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "file").write_text("x")
    with pytest.raises(WorkspaceError) as full:
        Workspace.create(tmp_path / "full")
    assert full.value.code == "workspace.not-empty"


def test_a_workspace_opens_again(filled: Workspace, home_on_each: Home) -> None:
    assert home_on_each.open(Ticking()).assets() == filled.assets()
    assert home_on_each.create().assets() == filled.assets()
