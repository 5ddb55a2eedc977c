"""The ledger: signed statements in order, under an RFC 6962 tree whose nodes are stored.

Appending and proving touch a logarithmic number of nodes, finding anything takes a lookup by index,
and whatever must see every statement streams. The ledger only ever grows; what it has promised in a
checkpoint it can prove forever. Its order is the order of its statements, whatever clocks say.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import islice
from typing import TypeVar

import sqlalchemy as sa

from anping.core.errors import EvidenceError
from anping.core.text import Text
from anping.evidence import merkle
from anping.evidence.checkpoint import SignedCheckpoint, read_checkpoint
from anping.evidence.frontier import Frontier
from anping.workspace import catalogue, tables
from anping.workspace.audit import Audited, audit
from anping.workspace.database import reading, writing
from anping.workspace.log import head_of, node_reader, record_of, size_of, streamed
from anping.workspace.step import Record

#: Rows that are written or looked up at once.
_BATCH = 500
#: Of many checkpoints, the newest ones that a dossier carries, and one per doubling before those.
_NEWEST = 32
_DOUBLINGS = 63

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Entry:
    """One statement: its index, its canonical DSSE line, and what it says."""

    index: int
    line: bytes
    record: Record


@dataclass(frozen=True)
class Ledger:
    """The statements of one workspace. ``origin`` names the log in checkpoints."""

    database: sa.Engine
    origin: str

    @property
    def size(self) -> int:
        """How many statements there are."""
        with reading(self.database) as connection:
            return size_of(connection)

    def append(self, connection: sa.Connection, line: bytes) -> int:
        """Append a line within the caller's transaction and return its index."""
        return self.extend(connection, (line,)).start

    def extend(self, connection: sa.Connection, lines: Iterable[bytes]) -> range:
        """Append lines within the caller's transaction and return their indexes."""
        start = size_of(connection)
        frontier = Frontier.of(start, node_reader(connection))
        for some in _batches(lines):
            rows = [{"index": frontier.size + at, "line": line} for at, line in enumerate(some)]
            made = [node for line in some for node in frontier.add(merkle.leaf_hash(line))]
            connection.execute(sa.insert(tables.statements), rows)
            connection.execute(
                sa.insert(tables.nodes),
                [{"level": each.level, "index": each.index, "hash": each.hash} for each in made],
            )
        return range(start, frontier.size)

    def entries(self, indexes: Iterable[int] | None = None) -> Iterator[Entry]:
        """Yield the statements, all or those at the given indexes, in order."""
        table = tables.statements
        query = sa.select(table.c.index, table.c.line).order_by(table.c.index)
        with reading(self.database) as connection:
            if indexes is None:
                for index, line in streamed(connection, query):
                    yield Entry(index, bytes(line), record_of(bytes(line)))
                return
            for some in _batches(sorted(set(indexes))):
                for index, line in connection.execute(query.where(table.c.index.in_(some))).all():
                    yield Entry(index, bytes(line), record_of(bytes(line)))

    def head(self) -> merkle.TreeHead:
        """Return the size and root of the tree as it is now."""
        with reading(self.database) as connection:
            return head_of(connection)

    @contextmanager
    def reader(self) -> Iterator[merkle.NodeReader]:
        """Yield a reader of the tree's nodes, for proofs."""
        with reading(self.database) as connection:
            yield node_reader(connection)

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
        with reading(self.database) as connection:
            return {
                index
                for some in _batches(sorted(references))
                for index in catalogue.makers(connection, some)
            }

    def checkpoints(self) -> tuple[tuple[int, bytes], ...]:
        """Return (size, signed note) of every checkpoint, oldest first."""
        query = sa.select(tables.checkpoints).order_by(tables.checkpoints.c.size)
        with reading(self.database) as connection:
            return tuple((size, bytes(note)) for size, note in connection.execute(query))

    def newest_checkpoint(self) -> bytes:
        """Return the newest signed checkpoint. Raises EvidenceError if there is none."""
        held = next(self.backwards(), None)
        if held is None:
            raise EvidenceError(
                "checkpoint.none",
                Text("帳本還沒有檢查點。", "The ledger has no checkpoint yet."),
                hint=Text("執行 anping checkpoint。", "Run anping checkpoint."),
            )
        return held[1]

    def checkpoint_at(self, size: int) -> bytes | None:
        """Return the signed checkpoint of this size, or None."""
        with reading(self.database) as connection:
            return _checkpoint_at(connection, size)

    def backwards(self) -> Iterator[tuple[int, bytes]]:
        """Yield (size, signed note) of the checkpoints, the newest first, as far as asked."""
        size, note = tables.checkpoints.c.size, tables.checkpoints.c.note
        query = sa.select(size, note).order_by(size.desc()).limit(_NEWEST)
        before: int | None = None
        while True:
            with reading(self.database) as connection:
                asked = query if before is None else query.where(size < before)
                found = connection.execute(asked).all()
            yield from ((each, bytes(content)) for each, content in found)
            if len(found) < _NEWEST:
                return
            before = found[-1][0]

    def keep_checkpoint(self, size: int, note: bytes) -> None:
        """Store a signed checkpoint; cosignatures kept before, by somebody else at once, stay."""
        with writing(self.database) as connection:
            table = tables.checkpoints
            earlier = _checkpoint_at(connection, size)
            kept = note if earlier is None else _merged(earlier, note)
            connection.execute(sa.delete(table).where(table.c.size == size))
            connection.execute(sa.insert(table).values(size=size, note=kept))

    def audit(self, public_keys: bytes) -> int:
        """Check every line's form, signature and place in the tree; return how many there are.

        Raises EvidenceError naming the first statement that does not hold.
        """
        return self.audited(public_keys).statements

    def audited(self, public_keys: bytes) -> Audited:
        """Check the whole ledger, as :meth:`audit` does, and return all that was seen."""
        with reading(self.database) as connection:
            return audit(connection, public_keys, origin=self.origin)

    def summary(self, *, last: int | None = None) -> Iterator[tuple[str, ...]]:
        """Yield index, time, step, agent, outputs and outcome of the (last) statements, as words."""
        start = 0 if last is None else max(self.size - last, 0)
        for entry in self.entries(range(start, start + last) if last is not None else None):
            predicate = entry.record["predicate"]
            decision = predicate["decision"]
            subjects = [subject["name"] for subject in entry.record["subject"]]
            named = ", ".join(subjects) if len(subjects) <= 4 else f"{len(subjects)} files"
            outcome = "" if decision is None else decision["outcome"]
            yield (str(entry.index), predicate["startedOn"], predicate["step"]["id"],
                   predicate["agent"]["id"], named, outcome)  # fmt: skip


def landmarks(ledger: Ledger) -> tuple[bytes, ...]:
    """Return the checkpoints that a dossier carries, oldest first: all, while they are few.

    Of more, the newest 32 and the last one before each doubling of the ledger: a logarithm.
    Any other can still be proven to whoever holds it, by a request of its own.
    """
    size = tables.checkpoints.c.size
    newest = sa.select(size).order_by(size.desc()).limit(_NEWEST).subquery()
    doublings = sa.union_all(
        sa.select(newest.c.size),
        *(sa.select(sa.func.max(size)).where(size <= 1 << k) for k in range(_DOUBLINGS)),
    )
    query = sa.select(tables.checkpoints.c.note).where(size.in_(doublings)).order_by(size)
    with reading(ledger.database) as connection:
        return tuple(bytes(note) for note in connection.execute(query).scalars())


def _checkpoint_at(connection: sa.Connection, size: int) -> bytes | None:
    table = tables.checkpoints
    note = connection.execute(sa.select(table.c.note).where(table.c.size == size)).scalar()
    return None if note is None else bytes(note)


def _merged(earlier: bytes, note: bytes) -> bytes:
    """Return ``note`` with the cosignatures that only ``earlier`` bears."""
    old, new = read_checkpoint(earlier), read_checkpoint(note)
    if old.checkpoint != new.checkpoint:
        return note
    own, *cosignatures = new.signatures
    held = {(item.name, item.key_id): item for item in (*old.signatures[1:], *cosignatures)}
    return SignedCheckpoint(new.checkpoint, (own, *sorted(held.values()))).encode()


def _batches(items: Iterable[T]) -> Iterator[list[T]]:
    left = iter(items)
    while some := list(islice(left, _BATCH)):
        yield some
