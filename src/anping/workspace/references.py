"""Which objects a workspace needs: the content of every version of every asset."""

from __future__ import annotations

import json
from collections.abc import Iterator

import sqlalchemy as sa

from anping.core.asset import Asset
from anping.workspace import tables
from anping.workspace.log import streamed
from anping.workspace.object_stores import refusals
from anping.workspace.object_stores.stored import is_digest
from anping.workspace.objects import Objects


def references(connection: sa.Connection, objects: Objects) -> Iterator[tuple[str, str]]:
    """Yield (digest, whose content it is) of every object that an asset needs; some come twice.

    A release's files are named in its listing, which is read. Raises WorkspaceError where that is
    missing or torn.
    """
    for asset in assets_of(connection):
        yield asset.digest, asset.reference
        yield from listed(asset, objects)


def assets_of(connection: sa.Connection) -> Iterator[Asset]:
    """Yield every version of every asset, oldest first, a few in memory at once."""
    query = sa.select(tables.assets.c.body).order_by(tables.assets.c.statement)
    for (body,) in streamed(connection, query):
        yield Asset.from_json(json.loads(body))


def listed(asset: Asset, objects: Objects) -> Iterator[tuple[str, str]]:
    """Yield (digest, name) of the files of a release; of anything else, nothing.

    Raises WorkspaceError if the listing is missing, torn, or none.
    """
    if asset.kind != "release":
        return
    content = json.loads(b"".join(objects.read(asset.digest, of=asset.reference)))
    if not isinstance(content, dict):
        raise refusals.damaged(asset.reference, file=asset.digest)
    for name, digest in content.items():
        if not isinstance(digest, str) or not is_digest(digest):
            raise refusals.damaged(asset.reference, file=asset.digest)
        yield digest, f"{asset.reference}/{name}"
