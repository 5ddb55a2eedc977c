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
    query = sa.select(tables.assets.c.body).order_by(tables.assets.c.statement)
    for (body,) in streamed(connection, query):
        asset = Asset.from_json(json.loads(body))
        yield asset.digest, asset.reference
        if asset.kind == "release":
            yield from _listed(asset, objects)


def _listed(asset: Asset, objects: Objects) -> Iterator[tuple[str, str]]:
    content = b"".join(objects.read(asset.digest, of=asset.reference))
    listing = json.loads(content)
    if not isinstance(listing, dict):
        raise refusals.damaged(asset.reference, file=asset.digest)
    for name, digest in listing.items():
        if not isinstance(digest, str) or not is_digest(digest):
            raise refusals.damaged(asset.reference, file=asset.digest)
        yield digest, f"{asset.reference}/{name}"
