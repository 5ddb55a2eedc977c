"""What a ledger costs does not grow with it; what an audit sees, clocks included."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from hypothesis import given
from hypothesis import strategies as st

from anping.core.errors import EvidenceError
from anping.evidence.checkpoint import Checkpoint, read_checkpoint, sign_checkpoint
from anping.evidence.dsse import read_line
from anping.evidence.frontier import Frontier
from anping.evidence.merkle import Tree, consistency_proof, inclusion_proof, leaf_hash
from anping.evidence.statement import read_payload
from anping.workspace import tables
from anping.workspace.ledger import landmarks
from anping.workspace.log import node_reader
from anping.workspace.perform import Job, perform
from anping.workspace.recording import CLOCK_WENT_BACK
from anping.workspace.witnessing import checkpoint, cosigned_by, create_witness, witness_request
from anping.workspace.workspace import Workspace, names_in
from command_line import anping
from places import Home, home
from toy import COUNT, TAKE, Ticking


def line_of(workspace: Workspace, source: Path) -> bytes:
    """Return a real signed statement."""
    perform(workspace, Job(TAKE, "fruit", {"path": str(source)}))
    return next(workspace.ledger.entries([0])).line


def grown(workspace: Workspace, source: Path, more: int) -> Workspace:
    """Make a ledger grow by copies of one real statement."""
    line = line_of(workspace, source)
    with workspace.transaction() as connection:
        workspace.ledger.extend(connection, (line for _ in range(more - 1)))
    return workspace


@contextmanager
def counted(workspace: Workspace) -> Iterator[list[str]]:
    """Collect the statements that reach the database."""
    seen: list[str] = []

    def hook(_connection: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        seen.append(statement)

    sa.event.listen(workspace.database, "before_cursor_execute", hook)
    try:
        yield seen
    finally:
        sa.event.remove(workspace.database, "before_cursor_execute", hook)


# --- the frontier and the tree ------------------------------------------------------------------


@given(st.integers(0, 200), st.integers(0, 60))
def test_a_frontier_is_the_tree(before: int, more: int) -> None:
    tree = Tree()
    nodes: dict[tuple[int, int], bytes] = {}
    for number in range(before):
        tree.add(b"%d" % number)
    frontier = Frontier.of(before, tree.node)
    assert frontier.head == tree.head
    assert len(frontier.roots) == before.bit_count()
    for number in range(before, before + more):
        tree.add(b"%d" % number)
        nodes |= {(n.level, n.index): n.hash for n in frontier.add(leaf_hash(b"%d" % number))}
        assert frontier.head == tree.head
    assert all(tree.nodes[place] == value for place, value in nodes.items())


def test_batches_and_single_lines_make_the_same_ledger(home_on_each: Home, source: Path) -> None:
    workspace = grown(home_on_each.create(Ticking()), source, 1203)
    line = next(workspace.ledger.entries([0])).line
    for _ in range(5):
        with workspace.transaction() as connection:
            workspace.ledger.append(connection, line)
    assert workspace.ledger.size == 1208
    assert workspace.ledger.audit(workspace.key_store.public()) == 1208
    tree = Tree()
    for entry in workspace.ledger.entries():
        tree.add(entry.line)
    assert workspace.ledger.head() == tree.head
    with workspace.ledger.reader() as node:
        assert all(node(*place) == value for place, value in tree.nodes.items())
    asked = [1207, 3, 3, 600]
    assert [entry.index for entry in workspace.ledger.entries(asked)] == [3, 600, 1207]


def test_proofs_read_a_logarithm_of_the_nodes(workspace: Workspace, source: Path) -> None:
    grown(workspace, source, 5000)
    for size in (1000, 4096, 4999, 5000):
        for old in (1, 7, size // 3, size - 1):
            with workspace.ledger.reader() as node, counted(workspace) as seen:
                consistency_proof(old, size, node)
                inclusion_proof(old, size, node)
            # RFC 6962: about a logarithm of hashes, each of at most a logarithm of subtrees.
            assert len(seen) <= 4 * size.bit_length()


def test_a_step_asks_as_much_of_a_large_ledger_as_of_a_small_one(
    workspace: Workspace, source: Path
) -> None:
    asked = []
    for size in (3, 3000):
        grown(workspace, source, size - workspace.ledger.size)
        source.write_text(f"banana {size}")
        with counted(workspace) as seen:
            perform(workspace, Job(TAKE, "fruit", {"path": str(source)}))
        asked.append(len([each for each in seen if "nodes" not in each]))
    assert asked[0] == asked[1]


def test_every_lookup_has_an_index(tmp_path: Path, source: Path) -> None:
    workspace = Workspace.create(tmp_path / "w")
    grown(workspace, source, 50)
    checkpoint(workspace)
    source.write_text("ananas")
    with counted(workspace) as seen:
        perform(workspace, Job(TAKE, "fruit", {"path": str(source)}))
        perform(workspace, Job(COUNT, "fruit", {}))
        perform(workspace, Job(COUNT, "fruit", {}))
        names_in(workspace)
        checkpoint(workspace)
        next(workspace.ledger.backwards())
    scans = set()
    with workspace.database.connect() as connection:
        for statement in {each for each in seen if each.startswith("SELECT")}:
            values = ("x",) * statement.count("?")
            plan = connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", values)
            scans |= {(statement, row[3]) for row in plan if str(row[3]).startswith("SCAN ")}
    # A walk of an index from one end, that a LIMIT ends, is no scan of all that lies there.
    unbounded = [
        (statement, how)
        for statement, how in scans
        if "LIMIT" not in statement and "INDEX" not in how and how != "SCAN CONSTANT ROW"
    ]
    assert unbounded == []


# --- the audit ----------------------------------------------------------------------------------


def change(workspace: Workspace, statement: sa.Executable) -> None:
    with workspace.database.begin() as connection:
        connection.execute(statement)


NODES, CHECKPOINTS = tables.nodes, tables.checkpoints
TAMPERED: dict[str, Callable[[], sa.Executable]] = {
    "an inner node": lambda: (
        sa.update(NODES).where(NODES.c.level == 1, NODES.c.index == 0).values(hash=bytes(32))
    ),
    "a leaf's node": lambda: (
        sa.update(NODES).where(NODES.c.level == 0, NODES.c.index == 1).values(hash=bytes(32))
    ),
    "a node too few": lambda: sa.delete(NODES).where(NODES.c.level == 1, NODES.c.index == 1),
    "a node too many": lambda: sa.insert(NODES).values(level=0, index=99, hash=bytes(32)),
    "a checkpoint's size": lambda: sa.update(CHECKPOINTS).values(size=3),
    "a checkpoint beyond the end": lambda: sa.update(CHECKPOINTS).values(size=9),
}


@pytest.mark.parametrize("what", TAMPERED)
def test_an_audit_finds_every_node_and_checkpoint(
    workspace: Workspace, source: Path, what: str
) -> None:
    grown(workspace, source, 5)
    checkpoint(workspace)
    seen = workspace.ledger.audited(workspace.key_store.public())
    assert (seen.statements, seen.checkpoints) == (5, 1)
    change(workspace, TAMPERED[what]())
    with pytest.raises(EvidenceError) as caught:
        workspace.ledger.audit(workspace.key_store.public())
    assert caught.value.code == "ledger.broken"


def test_a_checkpoint_that_another_key_signed_is_found(
    workspace: Workspace, source: Path, tmp_path: Path
) -> None:
    grown(workspace, source, 4)
    other = Workspace.create(tmp_path / "other").key_store.signing("log")
    ledger = workspace.ledger
    forged = sign_checkpoint(Checkpoint(ledger.origin, ledger.head()), other)
    ledger.keep_checkpoint(4, forged.encode())
    with pytest.raises(EvidenceError):
        ledger.audit(workspace.key_store.public())


def test_an_empty_ledger_holds(workspace: Workspace) -> None:
    checkpoint(workspace)
    seen = workspace.ledger.audited(workspace.key_store.public())
    assert (seen.statements, seen.checkpoints, seen.notes) == (0, 1, ())


# --- checkpoints --------------------------------------------------------------------------------


def test_a_dossier_carries_a_logarithm_of_many_checkpoints(
    workspace: Workspace, source: Path
) -> None:
    grown(workspace, source, 300)
    key, ledger = workspace.key_store.signing("log"), workspace.ledger
    note = read_checkpoint(checkpoint(workspace).encode())
    for size in range(100, 300):
        head = type(note.head)(size, note.head.root)
        signed = sign_checkpoint(Checkpoint(ledger.origin, head), key)
        ledger.keep_checkpoint(size, signed.encode())
    carried = [read_checkpoint(each).head.size for each in landmarks(ledger)]
    assert carried == [128, 256, *range(269, 301)]
    assert [size for size, _ in ledger.backwards()] == list(range(300, 99, -1))
    assert len(ledger.checkpoints()) == 201
    assert ledger.checkpoint_at(99) is None


def test_few_checkpoints_are_carried_all(workspace: Workspace, source: Path) -> None:
    for number in range(4):
        source.write_text(str(number))
        perform(workspace, Job(TAKE, "fruit", {"path": str(source)}))
        checkpoint(workspace)
    assert landmarks(workspace.ledger) == tuple(note for _, note in workspace.ledger.checkpoints())


def test_a_cosignature_is_not_lost_when_the_checkpoint_is_kept_again(
    workspace: Workspace, source: Path, tmp_path: Path
) -> None:
    grown(workspace, source, 4)
    plain = checkpoint(workspace)
    for name in ("one", "two"):
        create_witness(tmp_path / name, f"{name}.example")
        cosigned_by(workspace, tmp_path / name)
    workspace.ledger.keep_checkpoint(4, plain.encode())
    held = read_checkpoint(workspace.ledger.newest_checkpoint())
    assert all(held.cosigned_by(key) for key in workspace.key_store.witnesses())
    assert len(held.signatures) == 3


def test_the_witness_is_asked_from_the_newest_checkpoint_it_cosigned(
    workspace: Workspace, source: Path, tmp_path: Path
) -> None:
    create_witness(tmp_path / "one", "one.example")
    for number in range(3):
        source.write_text(str(number))
        perform(workspace, Job(TAKE, "fruit", {"path": str(source)}))
        checkpoint(workspace)
        if number == 1:
            cosigned_by(workspace, tmp_path / "one")
    assert witness_request(workspace).startswith(b"old 2\n")


# --- clocks -------------------------------------------------------------------------------------


class Jumping(Ticking):
    """A clock that can be set back."""

    def back(self, **by: int) -> None:
        self.now -= timedelta(**by)


@pytest.fixture(params=["sqlite", "postgresql"])
def jumping(request: pytest.FixtureRequest, tmp_path: Path) -> Workspace:
    return home(request.param, tmp_path / "jumping").create(Jumping())


def test_a_clock_that_went_back_is_told_and_confuses_nothing(
    jumping: Workspace, source: Path
) -> None:
    perform(jumping, Job(TAKE, "fruit", {"path": str(source)}))
    assert isinstance(jumping.clock, Jumping)
    jumping.clock.back(days=400)
    done = perform(jumping, Job(COUNT, "fruit", {}))
    assert CLOCK_WENT_BACK in done.outcome.notes
    again = perform(jumping, Job(COUNT, "fruit", {"letter": "n"}))
    assert CLOCK_WENT_BACK not in again.outcome.notes
    lines = [entry.line for entry in jumping.ledger.entries()]
    told = [CLOCK_WENT_BACK in read_payload(read_line(line).payload).limits for line in lines]
    assert told == [False, True, False]
    newest = jumping.find("fruit.count")
    assert newest is not None
    assert newest.version == 2
    assert perform(jumping, Job(COUNT, "fruit", {"letter": "n"})).reused
    assert [entry.index for entry in jumping.ledger.ancestors(["fruit.count@2"])] == [0, 2]
    seen = jumping.ledger.audited(jumping.key_store.public())
    assert seen.clock_went_back == (1,)
    assert "1" in seen.notes[0].zh
    location = ("--workspace", jumping.location, "--keys", jumping.key_store.location)
    if jumping.place.url is None:
        said = anping("log", *location)
        assert said.code == 0
        assert seen.notes[0].zh in said.out or seen.notes[0].en in said.out


def test_a_step_during_which_the_clock_went_back_is_told(
    jumping: Workspace, source: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    moments = iter([datetime(2026, 5, 1, tzinfo=UTC), *[datetime(2026, 4, 1, tzinfo=UTC)] * 9])
    clock = jumping.clock
    monkeypatch.setattr(type(clock), "__call__", lambda _: next(moments))
    done = perform(jumping, Job(TAKE, "fruit", {"path": str(source)}))
    assert CLOCK_WENT_BACK in done.outcome.limits


def test_a_cosignature_before_the_last_one_is_told(
    jumping: Workspace, source: Path, tmp_path: Path
) -> None:
    create_witness(tmp_path / "one", "one.example")
    perform(jumping, Job(TAKE, "fruit", {"path": str(source)}))
    cosigned_by(jumping, tmp_path / "one")
    assert isinstance(jumping.clock, Jumping)
    jumping.clock.back(days=1)
    perform(jumping, Job(COUNT, "fruit", {}))
    signed = cosigned_by(jumping, tmp_path / "one")
    assert signed.head.size == 2
    seen = jumping.ledger.audited(jumping.key_store.public())
    assert seen.cosigned_earlier == (2,)
    assert len(seen.notes) == 2


def test_a_missing_node_is_named(workspace: Workspace) -> None:
    with workspace.database.connect() as connection, pytest.raises(EvidenceError):
        node_reader(connection)(3, 4)
