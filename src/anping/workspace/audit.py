"""Auditing a ledger from end to end in bounded memory, from one snapshot.

Every statement's form and signature, every node of the tree, every checkpoint. Times are looked at,
too, but prove nothing: a clock that went back is told, and the order is the ledger's all the same.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime

import sqlalchemy as sa

from anping.core.errors import EvidenceError
from anping.core.text import Text
from anping.evidence import merkle
from anping.evidence.checkpoint import Checkpoint, read_checkpoint
from anping.evidence.dsse import Envelope, read_line
from anping.evidence.frontier import Frontier
from anping.evidence.keys import Keys, read_keys
from anping.workspace import tables
from anping.workspace.log import broken, streamed

_LISTED = 20
# Keys are sorted, so the predicate's own field comes first; in a text its quotes are escaped.
_FINISHED = re.compile(rb'"finishedOn":"([0-9TZ:-]{20})"')


@dataclass(frozen=True, slots=True)
class Audited:
    """What an audit saw of a ledger that holds.

    ``clock_went_back`` lists (at most 20 of) the statements that finished, by their own clock, before
    the statement before them did. ``cosigned_earlier`` lists the sizes of checkpoints that a witness
    cosigned at an earlier time than a smaller one.
    """

    statements: int
    checkpoints: int
    clock_went_back: tuple[int, ...] = ()
    cosigned_earlier: tuple[int, ...] = ()

    @property
    def notes(self) -> tuple[Text, ...]:
        """What a person should know of a ledger that is whole."""
        back = Text(
            "時鐘曾經倒退：敘述 {n} 的時間早於前一筆。先後以帳本的順序為準。",
            "The clock went back: statements {n} bear an earlier time than the one before. "
            "The order is the ledger's.",
        )
        earlier = Text(
            "見證人的時鐘曾經倒退：大小 {n} 的檢查點，共簽時間早於較小的檢查點。",
            "A witness's clock went back: the checkpoints of size {n} were cosigned at an earlier "
            "time than a smaller one.",
        )
        found = ((back, self.clock_went_back), (earlier, self.cosigned_earlier))
        return tuple(text.fill(n=", ".join(map(str, which))) for text, which in found if which)


def audit(connection: sa.Connection, public_keys: bytes, *, origin: str) -> Audited:
    """Check the whole ledger and return what was seen.

    ``public_keys`` is ``keys.json`` with the keys of the producer, the log and the witnesses.
    Raises EvidenceError naming the first statement that does not hold.
    """
    keys = read_keys(public_keys)
    promises = _Promises(connection, keys, origin)
    clock = _Clock()
    frontier = Frontier()
    promises.compare(frontier)
    for index, line, leaf in streamed(connection, _lines()):
        content = bytes(line)
        if index != frontier.size:
            raise broken(frontier.size)
        envelope = _read(content, index)
        if not any(envelope.signed_by(key) for key in keys.of("producer")):
            raise broken(index)
        made = frontier.add(merkle.leaf_hash(content))
        if leaf is None or bytes(leaf) != made[0].hash:
            raise broken(index)
        promises.compare(frontier)
        clock.see(index, envelope)
    promises.end(frontier)
    _check_nodes(connection, frontier.size)
    return Audited(
        frontier.size, promises.compared, tuple(clock.back), tuple(promises.cosigned_earlier)
    )


def _lines() -> sa.Select[tuple[int, bytes, bytes]]:
    lines, nodes = tables.statements, tables.nodes
    leaf = sa.and_(nodes.c.level == 0, nodes.c.index == lines.c.index)
    return (
        sa.select(lines.c.index, lines.c.line, nodes.c.hash)
        .select_from(lines.outerjoin(nodes, leaf))
        .order_by(lines.c.index)
    )


def _read(line: bytes, index: int) -> Envelope:
    try:
        return read_line(line)
    except EvidenceError as error:
        raise broken(index) from error


def _check_nodes(connection: sa.Connection, size: int) -> None:
    """Hold every stored node against the two below it; the leaves are checked already."""
    expected = sum(size >> level for level in range(1, size.bit_length()))
    parent, left, right = (tables.nodes.alias(name) for name in ("parent", "lower", "upper"))

    def below(child: sa.FromClause, index: sa.ColumnElement[int]) -> sa.ColumnElement[bool]:
        return sa.and_(child.c.level == parent.c.level - 1, child.c.index == index)

    query = (
        sa.select(parent.c.level, parent.c.index, parent.c.hash, left.c.hash, right.c.hash)
        .select_from(
            parent.outerjoin(left, below(left, parent.c.index * 2)).outerjoin(
                right, below(right, parent.c.index * 2 + 1)
            )
        )
        .where(parent.c.level > 0)
    )
    count = 0
    for level, index, own, lower, upper in streamed(connection, query):
        whole = lower is not None and upper is not None
        if not whole or bytes(own) != merkle.node_hash(bytes(lower), bytes(upper)):
            raise broken(index << level)
        count += 1
    leaves = sa.select(sa.func.count()).where(tables.nodes.c.level == 0)
    if count != expected or connection.execute(leaves).scalar() != size:
        raise broken(size)


@dataclass
class _Promises:
    """The checkpoints in order, each compared when the tree has its size."""

    connection: sa.Connection
    keys: Keys
    origin: str
    compared: int = 0
    cosigned_earlier: list[int] = field(default_factory=list)
    latest: dict[str, datetime] = field(default_factory=dict)

    def __post_init__(self) -> None:
        table = tables.checkpoints
        query = sa.select(table.c.size, table.c.note).order_by(table.c.size)
        self._left: Iterator[tuple[int, bytes]] = (
            (size, bytes(note)) for size, note in streamed(self.connection, query)
        )
        self._next = next(self._left, None)

    def compare(self, frontier: Frontier) -> None:
        """Hold the checkpoint of the tree's size, if there is one, against the tree."""
        if self._next is None or self._next[0] != frontier.size:
            return
        size, note = self._next
        signed = read_checkpoint(note)
        logs = self.keys.of("log")
        if signed.checkpoint != Checkpoint(self.origin, frontier.head) or not any(
            signed.signed_by(key) for key in logs
        ):
            raise broken(max(size - 1, 0))
        for witness in self.keys.of("witness"):
            moment = signed.cosigned_by(witness)
            if moment is None:
                continue
            if moment < self.latest.get(witness.keyid, moment):
                self.cosigned_earlier.append(size)
            self.latest[witness.keyid] = max(moment, self.latest.get(witness.keyid, moment))
        self.compared += 1
        self._next = next(self._left, None)

    def end(self, frontier: Frontier) -> None:
        """Raise EvidenceError if a checkpoint promised more than there is."""
        if self._next is not None:
            raise broken(frontier.size)


@dataclass
class _Clock:
    """Follows the statements' own times; RFC 3339 in UTC compares as text."""

    back: list[int] = field(default_factory=list)
    latest: str = ""

    def see(self, index: int, envelope: Envelope) -> None:
        """Note a statement that finished before the one before it did."""
        found = _FINISHED.search(envelope.payload)
        if found is None:
            raise broken(index)
        finished = found[1].decode()
        if finished < self.latest and len(self.back) < _LISTED:
            self.back.append(index)
        self.latest = finished
