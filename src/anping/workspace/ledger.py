"""The ledger: signed statements in order, under an RFC 6962 tree whose nodes are stored.

Appending and proving touch a logarithmic number of nodes. The ledger only ever grows; what it has
promised in a checkpoint it can prove forever.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from anping.core.errors import EvidenceError
from anping.core.text import Text
from anping.evidence import merkle
from anping.evidence.checkpoint import read_checkpoint
from anping.evidence.dsse import read_line
from anping.evidence.keys import read_keys
from anping.workspace import tables
from anping.workspace.step import Record


@dataclass(frozen=True, slots=True)
class Entry:
    """One statement: its index, its canonical DSSE line, and what it says."""

    index: int
    line: bytes
    record: Record


def record_of(line: bytes) -> Record:
    """Return what a ledger line says."""
    record: dict[str, Any] = json.loads(read_line(line).payload)
    return record


@dataclass(frozen=True)
class Ledger:
    """The statements of one workspace. ``origin`` names the log in checkpoints."""

    database: sa.Engine
    origin: str

    @property
    def size(self) -> int:
        """How many statements there are."""
        with self.database.connect() as connection:
            return _size(connection)

    def append(self, connection: sa.Connection, line: bytes) -> int:
        """Append a line within the caller's transaction and return its index."""
        size = _size(connection)
        connection.execute(sa.insert(tables.statements).values(index=size, line=line))
        reader = _reader(connection)
        made = merkle.append(size, merkle.leaf_hash(line), reader)
        rows = [{"level": n.level, "index": n.index, "hash": n.hash} for n in made]
        connection.execute(sa.insert(tables.nodes), rows)
        return size

    def entries(self, indexes: Iterable[int] | None = None) -> Iterator[Entry]:
        """Yield the statements, all or those at the given indexes, in order."""
        query = sa.select(tables.statements).order_by(tables.statements.c.index)
        if indexes is not None:
            query = query.where(tables.statements.c.index.in_(sorted(set(indexes))))
        with self.database.connect() as connection:
            for index, line in connection.execute(query):
                yield Entry(index, line, record_of(line))

    def head(self) -> merkle.TreeHead:
        """Return the size and root of the tree as it is now."""
        with self.database.connect() as connection:
            size = _size(connection)
            return merkle.TreeHead(size, merkle.root(size, _reader(connection)))

    @contextmanager
    def reader(self) -> Iterator[merkle.NodeReader]:
        """Yield a reader of the tree's nodes, for proofs."""
        with self.database.connect() as connection:
            yield _reader(connection)

    def ancestors(self, references: Iterable[str]) -> tuple[Entry, ...]:
        """Return what made the referenced assets, and what made that, back to the first file."""
        found: dict[int, Entry] = {}
        wanted = set(references)
        while wanted:
            indexes = self._makers(wanted) - found.keys()
            new = list(self.entries(indexes)) if indexes else []
            found |= {entry.index: entry for entry in new}
            wanted = {
                material["name"]
                for entry in new
                for material in entry.record["predicate"]["materials"]
            }
        return tuple(found[index] for index in sorted(found))

    def _makers(self, references: Iterable[str]) -> set[int]:
        pairs = [reference.rpartition("@")[::2] for reference in references]
        keys = [(name, int(version)) for name, version in pairs if version.isdigit()]
        query = sa.select(tables.assets.c.statement).where(
            sa.tuple_(tables.assets.c.name, tables.assets.c.version).in_(keys)
        )
        with self.database.connect() as connection:
            return {index for (index,) in connection.execute(query)} if keys else set()

    def checkpoints(self) -> tuple[tuple[int, bytes], ...]:
        """Return (size, signed note) of every checkpoint, oldest first."""
        query = sa.select(tables.checkpoints).order_by(tables.checkpoints.c.size)
        with self.database.connect() as connection:
            return tuple((size, note) for size, note in connection.execute(query))

    def newest_checkpoint(self) -> bytes:
        """Return the newest signed checkpoint. Raises EvidenceError if there is none."""
        held = self.checkpoints()
        if not held:
            raise EvidenceError(
                "checkpoint.none",
                Text("帳本還沒有檢查點。", "The ledger has no checkpoint yet."),
                hint=Text("執行 anping checkpoint。", "Run anping checkpoint."),
            )
        return held[-1][1]

    def keep_checkpoint(self, size: int, note: bytes) -> None:
        """Store a signed checkpoint, replacing one of the same size (with more cosignatures)."""
        with tables.writer(self.database).begin() as connection:
            table = tables.checkpoints
            connection.execute(sa.delete(table).where(table.c.size == size))
            connection.execute(sa.insert(table).values(size=size, note=note))

    def audit(self, public_keys: bytes) -> int:
        """Check every line's form, signature and place in the tree; return how many there are.

        Raises EvidenceError naming the first statement that does not hold.
        """
        producers = read_keys(public_keys).of("producer")
        tree = merkle.Tree()
        for entry in self.entries():
            envelope = read_line(entry.line)
            if entry.index != tree.size:
                raise _broken(tree.size)
            tree.add(entry.line)
            if not any(envelope.signed_by(key) for key in producers):
                raise _broken(entry.index)
        if tree.size != self.size or tree.head != self.head():
            raise _broken(tree.size)
        for size, note in self.checkpoints():
            if size > tree.size:
                raise _broken(tree.size)
            promised = read_checkpoint(note).head
            if promised != merkle.TreeHead(size, merkle.root(size, tree.node)):
                raise _broken(size - 1)
        return tree.size

    def summary(self) -> Iterator[tuple[str, ...]]:
        """Yield index, time, step, agent, outputs and outcome of each statement, as words."""
        for entry in self.entries():
            predicate = entry.record["predicate"]
            decision = predicate["decision"]
            subjects = [subject["name"] for subject in entry.record["subject"]]
            named = ", ".join(subjects) if len(subjects) <= 4 else f"{len(subjects)} files"
            outcome = "" if decision is None else decision["outcome"]
            yield (str(entry.index), predicate["startedOn"], predicate["step"]["id"],
                   predicate["agent"]["id"], named, outcome)  # fmt: skip


def _size(connection: sa.Connection) -> int:
    newest = connection.execute(sa.select(sa.func.max(tables.statements.c.index))).scalar()
    return 0 if newest is None else int(newest) + 1


def _reader(connection: sa.Connection) -> merkle.NodeReader:
    nodes = tables.nodes

    def node(level: int, index: int) -> bytes:
        query = sa.select(nodes.c.hash).where(nodes.c.level == level, nodes.c.index == index)
        found = connection.execute(query).scalar()
        if found is None:
            raise _broken(index << level)
        return bytes(found)

    return node


def _broken(index: int) -> EvidenceError:
    return EvidenceError(
        "ledger.broken",
        Text(
            f"帳本在第 {index} 號不完整：簽章、順序或樹節點不符。",
            f"The ledger does not hold at statement {index}: signature, order or tree differ.",
        ),
        hint=Text(
            "帳本可能遭更動；從備份還原，並與見證人持有的檢查點比對。",
            "It may have been tampered with; restore a backup and compare with the checkpoint "
            "that the witness holds.",
        ),
    )
