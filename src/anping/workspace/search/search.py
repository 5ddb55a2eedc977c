"""Searching: what is asked for is looked up in the index, ranked, and shown with its entry."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import sqlalchemy as sa

from anping.core.errors import WorkspaceError
from anping.core.measure import Measure
from anping.core.text import Text
from anping.workspace.database import reading
from anping.workspace.search.entry import Entry
from anping.workspace.search.index import Describer, lengths_of, refresh, standing
from anping.workspace.search.postings import Keys, unpacked
from anping.workspace.search.query import Unit, read_query
from anping.workspace.search.ranking import matched, rank
from anping.workspace.search.tables import entries, postings
from anping.workspace.workspace import Workspace

#: Words that ``begin*`` may stand for.
_PREFIXED = 256


@dataclass(frozen=True, slots=True)
class Hit:
    """One entry that was found. ``score`` only orders: it has no unit and no meaning by itself."""

    entry: Entry
    score: float

    def as_json(self) -> dict[str, Any]:
        """Return plain values."""
        entry = self.entry
        return {
            "kind": entry.kind,
            "asset": entry.asset,
            "column": entry.column,
            "title": entry.title.as_json(),
            "about": entry.about.as_json(),
            "score": round(self.score, 6),
        }


@dataclass(frozen=True, slots=True)
class Found:
    """The best hits. ``loose`` says that nothing held every word, so these hold some of them."""

    hits: tuple[Hit, ...]
    matches: Measure
    loose: bool = False

    def as_json(self) -> dict[str, Any]:
        """Return plain values."""
        return {
            "hits": [hit.as_json() for hit in self.hits],
            "matches": self.matches.as_json(),
            "loose": self.loose,
        }


def search(
    workspace: Workspace, words: str, *, describe: Describer | None = None, limit: int = 20
) -> Found:
    """Return what the workspace holds under ``words``, the best first.

    With ``describe`` the index is brought up to date first. Words are of either language; every one
    must stand in an entry, a Chinese one with its letters together. Raises ParameterError for a
    query without words, WorkspaceError where nothing was indexed yet and nobody describes.
    """
    units = read_query(words)
    if describe is not None:
        refresh(workspace, describe)
    elif standing(workspace).known is None:
        raise _no_index()
    return found_in(workspace, units, limit=limit)


def found_in(workspace: Workspace, units: Sequence[Unit], *, limit: int) -> Found:
    """Return what the index, as it stands, holds of a query."""
    with reading(workspace.database) as connection:
        lengths = lengths_of(connection)
        found = rank([(unit, _where(connection, unit)) for unit in units], lengths)
        loose, parts = False, _parts(units)
        if not found.numbers.size and len(parts) > 1:
            asked = [(unit, _where(connection, unit)) for unit in parts]
            found = rank(asked, lengths, every=False)
            loose = bool(found.numbers.size)
        shown = _entries(connection, found.numbers[:limit].tolist())
    hits = tuple(
        Hit(entry, float(score)) for entry, score in zip(shown, found.scores[:limit], strict=True)
    )
    return Found(hits, _matches(found.numbers.size, int((lengths > 0).sum())), loose)


def _no_index() -> WorkspaceError:
    return WorkspaceError(
        "search.no-index",
        Text("工作區還沒有搜尋索引。", "The workspace has no search index yet."),
        hint=Text("執行 anping search 或 anping migrate。", "Run anping search or anping migrate."),
    )


def _matches(count: int, of: int) -> Measure:
    title = Text("符合的項目", "Entries that match")
    return Measure("search.matches", float(count), "entries", of, title, method="count")


def _parts(units: Sequence[Unit]) -> tuple[Unit, ...]:
    """Return the units with every term for itself: what is asked if nothing holds all of it."""
    return tuple(
        dict.fromkeys(
            part
            for unit in units
            for part in (
                [replace(unit, terms=(term,)) for term in unit.terms]
                if unit.terms and not (unit.excluded or unit.prefix or unit.quoted)
                else [unit]
            )
        )
    )


def _where(connection: sa.Connection, unit: Unit) -> Keys:
    if unit.exact is not None:
        return _of_terms(connection, [unit.exact])
    last = len(unit.terms) - 1
    keys = [
        _of_terms(
            connection, _beginning(connection, term) if unit.prefix and at == last else [term]
        )
        for at, (term, _) in enumerate(unit.terms)
    ]
    return matched(unit, keys)


def _of_terms(connection: sa.Connection, terms: Sequence[str]) -> Keys:
    """Return where any of the terms stands, ascending, each place once."""
    if not terms:
        return np.empty(0, np.uint64)
    query = sa.select(postings.c.term, postings.c.block, postings.c.body)
    of_term: dict[str, list[tuple[int, bytes]]] = {}
    for term, block, body in connection.execute(query.where(postings.c.term.in_(terms))):
        of_term.setdefault(term, []).append((block, bytes(body)))
    found = [unpacked(rows) for rows in of_term.values()]
    return found[0] if len(found) == 1 else np.unique(np.concatenate([*found, unpacked([])]))


def _beginning(connection: sa.Connection, begin: str) -> list[str]:
    """Return the terms that begin so, a few hundred at most; a filter's are no words."""
    column = postings.c.term
    query = (
        sa.select(column)
        .where(column >= begin, column < begin + chr(0x10FFFF), column.not_like("%:%"))
        .distinct()
        .order_by(column)
        .limit(_PREFIXED)
    )
    return list(connection.execute(query).scalars())


def _entries(connection: sa.Connection, numbers: Sequence[int]) -> list[Entry]:
    query = sa.select(entries.c.number, entries.c.body).where(entries.c.number.in_(numbers))
    held = dict(connection.execute(query).all()) if numbers else {}
    return [Entry.from_json(json.loads(held[number])) for number in numbers]
