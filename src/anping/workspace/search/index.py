"""The search index: brought up to date with the ledger, or made anew, in one transaction.

A killed update leaves the index as it was; the next one, or the next search, goes on from there.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice

import numpy as np
import sqlalchemy as sa

from anping.core.asset import Asset
from anping.core.digest import canonical_json
from anping.workspace import catalogue
from anping.workspace.database import reading
from anping.workspace.log import record_of, size_of, streamed
from anping.workspace.search import tables
from anping.workspace.search.entry import Entry
from anping.workspace.search.folding import fold
from anping.workspace.search.postings import BLOCK, Lengths, indexed, packed
from anping.workspace.search.tables import blocks, entries, metadata, postings, state
from anping.workspace.step import Record
from anping.workspace.tables import assets, statements
from anping.workspace.workspace import Workspace

#: Tells the entries of an asset by their scope, given the statement that made it. A scope without
#: entries has none any more.
Describer = Callable[[Asset, Record], Mapping[str, Sequence[Entry]]]

_FORM, _KNOWN, _NEXT = "form", "statements", "next"
#: Entries that are indexed at once, and rows that are looked up at once.
_ENTRIES, _ROWS = 4096, 400
#: So many numbers may belong to no entry before it is worth making the index anew.
_SPARE = 2 * BLOCK


@dataclass(frozen=True, slots=True)
class Standing:
    """How the index stands: statements that it knows, of how many; None: there is none to use."""

    known: int | None
    statements: int

    @property
    def current(self) -> bool:
        """Whether it knows the whole ledger."""
        return self.known == self.statements


def standing(workspace: Workspace) -> Standing:
    """Return how the workspace's index stands."""
    with reading(workspace.database) as connection:
        return _standing(connection)


def refresh(workspace: Workspace, describe: Describer, *, anew: bool = False) -> int:
    """Bring the index up to date with the ledger and return how many statements it now knows.

    One of another form, or ``anew``, is made again from the first statement on. Nobody else has to
    wait while assets are read. Raises WorkspaceError where the database refuses.
    """
    while True:
        with reading(workspace.database) as connection:
            stood = _standing(connection)
            if stood.current and not anew:
                return stood.statements
            start = 0 if anew or stood.known is None else stood.known
            told = _told(connection, start, describe)
        with workspace.transaction() as connection:
            # Somebody else may have been faster: what was told may then be old.
            if _standing(connection).known != stood.known:
                continue
            if start == 0:
                _clear(connection)
            replace(connection, told)
            _state(connection, _FORM, tables.FORM)
            _state(connection, _KNOWN, str(stood.statements))
            _compact(connection)
        return stood.statements


def _told(connection: sa.Connection, start: int, describe: Describer) -> dict[str, Sequence[Entry]]:
    """Return the entries of each scope that statements from ``start`` on tell, the newest ones."""
    told: dict[str, Sequence[Entry]] = {}
    for asset, record in _since(connection, start):
        for scope, some in describe(asset, record).items():
            # What is told again comes last, as it does when the index is made anew.
            told.pop(scope, None)
            told[scope] = some
    return told


def replace(connection: sa.Connection, told: dict[str, Sequence[Entry]]) -> None:
    """Put the entries of each scope in place of those that it had, within the caller's transaction."""
    metadata.create_all(connection)
    _drop(connection, list(told))
    first = int(_stated(connection, _NEXT) or 0)
    number = first
    given = (entry for some in told.values() for entry in some)
    while some := list(islice(given, _ENTRIES - number % _ENTRIES)):
        _add(connection, list(enumerate(some, start=number)))
        number += len(some)
    _state(connection, _NEXT, str(number))


def _compact(connection: sa.Connection) -> None:
    """Make the index anew from its own entries where most numbers belong to none any more."""
    alive = connection.execute(sa.select(sa.func.count()).select_from(entries)).scalar_one()
    if int(_stated(connection, _NEXT) or 0) <= 2 * alive + _SPARE:
        return
    query = sa.select(entries.c.body).order_by(entries.c.number)
    kept = [Entry.from_json(json.loads(body)) for body in connection.execute(query).scalars()]
    known = _stated(connection, _KNOWN)
    _clear(connection)
    replace(connection, _by_scope(kept))
    _state(connection, _FORM, tables.FORM)
    _state(connection, _KNOWN, known or "0")


def lengths_of(connection: sa.Connection) -> Lengths:
    """Return how many places each entry takes, by its number; 0 for one that is gone."""
    rows: dict[int, bytes] = dict(connection.execute(sa.select(blocks)).all())
    found = np.zeros((max(rows, default=-1) + 1) * BLOCK, np.uint16)
    for block, body in rows.items():
        found[block * BLOCK : (block + 1) * BLOCK] = np.frombuffer(body, "<u2")
    return found


def _standing(connection: sa.Connection) -> Standing:
    size = size_of(connection)
    if not _has_index(connection) or _stated(connection, _FORM) != tables.FORM:
        return Standing(None, size)
    known = int(_stated(connection, _KNOWN) or 0)
    # An index that knows more than the ledger is of another ledger.
    return Standing(known if known <= size else None, size)


def _has_index(connection: sa.Connection) -> bool:
    schema = None
    if connection.dialect.name == "postgresql":
        schema = connection.exec_driver_sql("SELECT current_schema()").scalar()
    return sa.inspect(connection).has_table(state.name, schema=schema)


def _clear(connection: sa.Connection) -> None:
    metadata.drop_all(connection)
    metadata.create_all(connection)


def _stated(connection: sa.Connection, name: str) -> str | None:
    query = sa.select(state.c.value).where(state.c.name == name)
    found: str | None = connection.execute(query).scalar()
    return found


def _state(connection: sa.Connection, name: str, value: str) -> None:
    connection.execute(sa.delete(state).where(state.c.name == name))
    connection.execute(sa.insert(state).values(name=name, value=value))


def _since(connection: sa.Connection, known: int) -> Iterator[tuple[Asset, Record]]:
    """Yield the newest version of each asset that a statement from ``known`` on made, in order."""
    query = sa.select(statements).where(statements.c.index >= known).order_by(statements.c.index)
    newest = dict(
        connection.execute(
            sa.select(assets.c.name, sa.func.max(assets.c.version))
            .where(assets.c.statement >= known)
            .group_by(assets.c.name)
        ).all()
    )
    for index, line in streamed(connection, query):
        made = catalogue.made_by(connection, index)
        wanted = [asset for asset in made if newest.get(asset.name) == asset.version]
        if wanted:
            record = record_of(bytes(line))
            yield from ((asset, record) for asset in wanted)


def _by_scope(some: Iterable[Entry]) -> dict[str, Sequence[Entry]]:
    found: dict[str, list[Entry]] = {}
    for entry in some:
        found.setdefault(entry.scope, []).append(entry)
    return dict(found)


def _drop(connection: sa.Connection, scopes: Sequence[str]) -> None:
    """Let go of the scopes' entries: their rows at once, their postings by a length of 0."""
    gone: list[int] = []
    for start in range(0, len(scopes), _ROWS):
        some = entries.c.scope.in_(scopes[start : start + _ROWS])
        gone += connection.execute(sa.select(entries.c.number).where(some)).scalars()
        connection.execute(sa.delete(entries).where(some))
    _write_lengths(connection, dict.fromkeys(gone, 0))


def _add(connection: sa.Connection, numbered: Sequence[tuple[int, Entry]]) -> None:
    """Index entries of one block and store their rows."""
    values = {value for _, entry in numbered for some in entry.filters.values() for value in some}
    found, lengths = indexed(numbered, folded={value: fold(value).strip() for value in values})
    block = numbered[0][0] // BLOCK
    terms = sorted(term for term, _ in found)
    for start in range(0, len(terms), _ROWS):
        some = terms[start : start + _ROWS]
        here = sa.and_(postings.c.block == block, postings.c.term.in_(some))
        before = dict(
            connection.execute(sa.select(postings.c.term, postings.c.body).where(here)).all()
        )
        if before:
            connection.execute(sa.delete(postings).where(here))
        rows = [
            {"term": term, "block": block,
             "body": packed(bytes(before.get(term, b"")), found[term, block])}
            for term in some
        ]  # fmt: skip
        connection.execute(sa.insert(postings), rows)
    bodies = [
        {"number": number, "scope": entry.scope, "body": _body(entry)} for number, entry in numbered
    ]
    connection.execute(sa.insert(entries), bodies)
    _write_lengths(connection, lengths)


def _body(entry: Entry) -> str:
    return canonical_json(entry.as_json()).decode()


def _write_lengths(connection: sa.Connection, lengths: dict[int, int]) -> None:
    of_block: dict[int, list[int]] = {}
    for number in lengths:
        of_block.setdefault(number // BLOCK, []).append(number)
    for block, numbers in of_block.items():
        here = blocks.c.block == block
        body = connection.execute(sa.select(blocks.c.lengths).where(here)).scalar()
        known = np.zeros(BLOCK, "<u2") if body is None else np.frombuffer(body, "<u2").copy()
        places = np.array(numbers) - block * BLOCK
        known[places] = [lengths[number] for number in numbers]
        connection.execute(sa.delete(blocks).where(here))
        connection.execute(sa.insert(blocks).values(block=block, lengths=known.tobytes()))
