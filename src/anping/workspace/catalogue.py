"""Finding assets in the database; each answer takes a lookup by index, however many there are."""

from __future__ import annotations

import json
from collections.abc import Sequence

import sqlalchemy as sa

from anping.core.asset import Asset
from anping.workspace import tables

_TABLE = tables.assets
_LISTED = 12
#: The newest version there can be: what a reference asks for fits into the column.
_LARGEST = 2**31


def every(connection: sa.Connection, name: str | None = None) -> tuple[Asset, ...]:
    """Return all versions of all assets (or of one name), oldest first."""
    query = sa.select(_TABLE.c.body).order_by(_TABLE.c.statement, _TABLE.c.name)
    if name is not None:
        query = query.where(_TABLE.c.name == name)
    return tuple(_read(body) for (body,) in connection.execute(query))


def find(connection: sa.Connection, reference: str) -> Asset | None:
    """Return ``name@version``, or the newest version of ``name``, or None."""
    name, _, version = reference.partition("@")
    query = sa.select(_TABLE.c.body).where(_TABLE.c.name == name)
    if version:
        number = _number(version)
        if number is None:
            return None
        query = query.where(_TABLE.c.version == number)
    body = connection.execute(query.order_by(_TABLE.c.version.desc()).limit(1)).scalar()
    return None if body is None else _read(body)


def made_by(connection: sa.Connection, statement: int) -> tuple[Asset, ...]:
    """Return what a statement of the ledger made, by name."""
    query = sa.select(_TABLE.c.body).where(_TABLE.c.statement == statement)
    return tuple(_read(body) for (body,) in connection.execute(query.order_by(_TABLE.c.name)))


def maker(connection: sa.Connection, asset: Asset) -> int:
    """Return the index of the statement that made an asset of the workspace."""
    query = sa.select(_TABLE.c.statement).where(
        _TABLE.c.name == asset.name, _TABLE.c.version == asset.version
    )
    index: int = connection.execute(query).scalar_one()
    return index


def overtaken(connection: sa.Connection, asset: Asset) -> tuple[int, ...]:
    """Return the indexes of the statements that made newer versions of an asset."""
    query = sa.select(_TABLE.c.statement).where(
        _TABLE.c.name == asset.name, _TABLE.c.version > asset.version
    )
    return tuple(connection.execute(query).scalars())


def makers(connection: sa.Connection, references: Sequence[str]) -> set[int]:
    """Return the indexes of the statements that made the referenced versions, where there are any."""
    pairs = [reference.rpartition("@")[::2] for reference in references]
    keys = [(name, _number(version)) for name, version in pairs]
    known = [(name, number) for name, number in keys if number is not None]
    query = sa.select(_TABLE.c.statement).where(
        sa.tuple_(_TABLE.c.name, _TABLE.c.version).in_(known)
    )
    return set(connection.execute(query).scalars()) if known else set()


def keep(connection: sa.Connection, asset: Asset, *, statement: int) -> None:
    """Store a new version of an asset."""
    body = json.dumps(asset.as_json(), ensure_ascii=False)
    connection.execute(
        sa.insert(_TABLE).values(
            name=asset.name, version=asset.version, kind=asset.kind, body=body, statement=statement
        )
    )


def names(connection: sa.Connection) -> str:
    """Return the first few names in the workspace, for an error's hint; the versions are skipped."""
    found: list[str] = []
    while len(found) < _LISTED:
        query = sa.select(sa.func.min(_TABLE.c.name))
        if found:
            query = query.where(_TABLE.c.name > found[-1])
        name = connection.execute(query).scalar()
        if name is None:
            break
        found.append(name)
    return ", ".join(found) or "-"


def _number(version: str) -> int | None:
    """Return a version's number; another spelling of it names nothing."""
    if not (version.isascii() and version.isdigit() and len(version) <= 10):
        return None
    number = int(version)
    return number if str(number) == version and number < _LARGEST else None


def _read(body: str) -> Asset:
    return Asset.from_json(json.loads(body))
