"""Whether a step's work was done already: then its earlier result is given back.

The key of the work (:attr:`Recording.key`) finds the run; what it made must still be the newest, or have
been overtaken only by later steps of the same pipeline, and be whole.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, replace

import sqlalchemy as sa

from anping.core.asset import Asset
from anping.evidence.statement import StepRecord
from anping.workspace import catalogue, tables
from anping.workspace.database import reading
from anping.workspace.recording import Recording
from anping.workspace.step import Inputs, Outcome, Record
from anping.workspace.workspace import Workspace

#: Steps that come later in the same pipeline, each with the name of an asset that it gives.
Later = frozenset[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class Earlier:
    """A run that did the same work: its statement, what it made, and what was said of it."""

    statement: int
    assets: tuple[Asset, ...]
    outcome: Outcome


def seen_before(
    workspace: Workspace, recording: Recording, *, later: Later = frozenset()
) -> Earlier | None:
    """Return the earlier result of the same work, if its outputs are the newest ones and whole.

    A step that gives a new version of what it takes is found by what it took then. Outputs that only
    ``later`` steps have overtaken count as the newest. A torn output is made again, so that running its
    step repairs it. This also settles a connection that was lost in the middle of a commit: what stands
    is found.
    """
    for asked in _ways_to_ask(workspace, recording):
        found = _done(workspace, asked.key, later)
        if found is None:
            continue
        index, assets = found
        if all(_is_whole(workspace, asset) for asset in assets):
            return Earlier(index, assets, _earlier_outcome(workspace, index))
    return None


def _ways_to_ask(workspace: Workspace, recording: Recording) -> Iterator[Recording]:
    """Yield the work with the inputs it has now, and with those from before it changed them itself."""
    yield recording
    with reading(workspace.database) as connection:
        makers = {
            port: catalogue.maker(connection, given.asset)
            for port, given in recording.inputs.items()
        }
    own = {port.asset_name(recording.subject) for port in recording.step.gives}
    changed = {made for port, made in makers.items() if recording.inputs[port].asset.name in own}
    for index in sorted(changed, reverse=True):
        record = next(workspace.ledger.entries([index])).record
        if record["predicate"]["step"]["id"] == recording.step.id:
            ports = frozenset(port for port, made in makers.items() if made == index)
            yield replace(recording, inputs=_taken(workspace, recording.inputs, record, ports))


def _taken(workspace: Workspace, inputs: Inputs, record: Record, ports: frozenset[str]) -> Inputs:
    """Return the inputs, at ``ports`` those that the recorded step took there, if it took any."""
    references = {
        material["annotations"]["port"]: material["name"]
        for material in record["predicate"]["materials"]
    }
    found = {port: given for port, given in inputs.items() if port not in ports}
    with reading(workspace.database) as connection:
        for port in ports & references.keys():
            asset = catalogue.find(connection, references[port])
            if asset is not None:
                found[port] = replace(inputs[port], asset=asset)
    return found


def _done(workspace: Workspace, key: str, later: Later) -> tuple[int, tuple[Asset, ...]] | None:
    """Return the run of this key and what it made, unless something else was made over it."""
    with reading(workspace.database) as connection:
        query = sa.select(tables.runs.c.statement).where(tables.runs.c.key == key)
        index = connection.execute(query).scalar()
        if index is None:
            return None
        assets = catalogue.made_by(connection, index)
        over = {asset.name: catalogue.overtaken(connection, asset) for asset in assets}
    for name, indexes in over.items():
        for entry in workspace.ledger.entries(indexes) if indexes else ():
            if (entry.record["predicate"]["step"]["id"], name) not in later:
                return None
    return index, assets


def _is_whole(workspace: Workspace, asset: Asset) -> bool:
    objects = workspace.objects
    if not objects.is_whole(asset.digest):
        return False
    if asset.kind != "release":
        return True
    listing = json.loads(workspace.path(asset).read_bytes())
    return all(objects.is_whole(digest) for digest in listing.values())


def _earlier_outcome(workspace: Workspace, index: int) -> Outcome:
    entry = next(workspace.ledger.entries([index]))
    record = StepRecord.from_json(entry.record)
    return Outcome((), record.measurements, record.decision, record.limits)
