"""Turning what a step made into assets, one signed statement, and one ledger entry."""

from __future__ import annotations

import json
import platform
from dataclasses import dataclass, replace
from pathlib import Path

import sqlalchemy as sa

from anping.core.asset import Asset
from anping.core.clock import rfc3339
from anping.core.digest import canonical_json, sha256
from anping.core.files import write
from anping.core.labels import Aspect, lowered_aspects
from anping.evidence.dossier import content_subjects
from anping.evidence.resource import Resource, asset_resource, source_resource
from anping.evidence.statement import Agent, Invocation, StepRecord, read_payload
from anping.workspace import tables
from anping.workspace.step import (
    Inputs,
    Outcome,
    Parameters,
    Produced,
    Step,
    joined_labels,
)
from anping.workspace.version import VERSION
from anping.workspace.workspace import Workspace

DIGEST_KEY = "digest"
_REFUSED = "{subject}.refusal"


@dataclass(frozen=True, slots=True)
class Recording:
    """A step about to be recorded: everything known before it runs."""

    step: Step
    subject: str
    agent: str
    parameters: Parameters
    inputs: Inputs
    #: (base name, SHA-256) of each outside file.
    sources: tuple[tuple[str, str], ...]
    started: str

    @property
    def plain_parameters(self) -> dict[str, object]:
        """The parameters as plain values; paths shrink to base names, folders say nothing."""
        plain = self.parameters.model_dump(mode="json")
        for name, value in self.parameters:
            if isinstance(value, Path):
                plain[name] = value.name
        return plain

    @property
    def key(self) -> str:
        """What identifies the step's work: same key, same result."""
        remembered = {port.name for port in self.step.takes if port.remembered}
        inputs = {
            port: given.asset.reference
            for port, given in self.inputs.items()
            if port not in remembered
        }
        return sha256(
            canonical_json(
                {
                    "step": self.step.id,
                    "subject": self.subject,
                    "version": VERSION,
                    "parameters": self.plain_parameters,
                    "inputs": inputs,
                    "sources": [list(source) for source in self.sources],
                }
            )
        )

    def told_by(self, outcome: Outcome) -> Recording:
        """Return it with the sources that only the run could name, and without unused inputs."""
        used = {port: one for port, one in self.inputs.items() if port not in outcome.unused}
        return replace(self, sources=(*self.sources, *outcome.sources), inputs=used)


def seen_before(
    workspace: Workspace, recording: Recording
) -> tuple[int, tuple[Asset, ...], Outcome] | None:
    """Return the earlier result of the same work, if its outputs are still the newest ones."""
    with workspace.database.connect() as connection:
        query = sa.select(tables.runs.c.statement).where(tables.runs.c.key == recording.key)
        index = connection.execute(query).scalar()
        if index is None:
            return None
        bodies = connection.execute(
            sa.select(tables.assets.c.body)
            .where(tables.assets.c.statement == index)
            .order_by(tables.assets.c.name)
        ).scalars()
        assets = tuple(Asset.from_json(json.loads(body)) for body in bodies)
    if any(workspace.find(asset.name) != asset for asset in assets):
        return None
    return index, assets, _earlier_outcome(workspace, index)


def _earlier_outcome(workspace: Workspace, index: int) -> Outcome:
    entry = next(workspace.ledger.entries([index]))
    record = StepRecord.from_json(entry.record)
    return Outcome((), record.measurements, record.decision, record.limits)


def record(
    workspace: Workspace, recording: Recording, outcome: Outcome
) -> tuple[int, tuple[Asset, ...]]:
    """Store the outputs and append the statement; all of it stands, or nothing.

    Outputs that are byte for byte the newest ones are not recorded twice, unless something was
    measured: a measure speaks of exactly the inputs it was taken on.
    """
    made = [(produced, _asset(workspace, recording, produced)) for produced in outcome.outputs]
    same = _unchanged(workspace, [asset for _, asset in made])
    refused = outcome.decision is not None and outcome.decision.refused
    if same is not None and not refused and not outcome.measures:
        _remember(workspace, recording.key, same[0])
        return same
    line = _signed(workspace, recording, outcome, made)
    ledger = workspace.ledger
    with workspace.transaction() as connection:
        index = ledger.append(connection, line)
        for _, asset in made:
            connection.execute(
                sa.insert(tables.assets).values(
                    name=asset.name,
                    version=asset.version,
                    kind=asset.kind,
                    body=json.dumps(asset.as_json(), ensure_ascii=False),
                    statement=index,
                )
            )
        if not refused:
            _keep_run(connection, recording.key, index)
    return index, tuple(asset for _, asset in made)


def _remember(workspace: Workspace, key: str, index: int) -> None:
    with workspace.transaction() as connection:
        _keep_run(connection, key, index)


def _keep_run(connection: sa.Connection, key: str, index: int) -> None:
    connection.execute(sa.delete(tables.runs).where(tables.runs.c.key == key))
    connection.execute(sa.insert(tables.runs).values(key=key, statement=index))


def _unchanged(workspace: Workspace, made: list[Asset]) -> tuple[int, tuple[Asset, ...]] | None:
    """Return the statement and assets that already say exactly this, or None."""
    newest = [workspace.find(asset.name) for asset in made]
    earlier = [asset for asset in newest if asset is not None]
    if not made or len(earlier) != len(made):
        return None
    if any(
        (a.digest, a.labels) != (b.digest, b.labels) for a, b in zip(made, earlier, strict=True)
    ):
        return None
    with workspace.database.connect() as connection:
        table = tables.assets
        indexes = {
            connection.execute(
                sa.select(table.c.statement).where(
                    table.c.name == asset.name, table.c.version == asset.version
                )
            ).scalar_one()
            for asset in earlier
        }
    return (indexes.pop(), tuple(earlier)) if len(indexes) == 1 else None


def _asset(workspace: Workspace, recording: Recording, produced: Produced) -> Asset:
    port = next((port for port in recording.step.gives if port.name == produced.port), None)
    pattern = _REFUSED if port is None else port.pattern
    name = pattern.format(subject=recording.subject)
    content = produced.path
    if content.is_dir():
        content = _listing(workspace, produced.path)
    newest = workspace.find(name)
    joined = joined_labels(recording.inputs)
    return Asset(
        kind="report" if port is None else port.kind,
        name=name,
        version=1 if newest is None else newest.version + 1,
        digest=workspace.objects.put(content),
        media_type=produced.media_type,
        labels=joined if produced.labels is None else produced.labels,
        schema=produced.schema,
        rows=produced.rows,
        confidential=produced.confidential,
    )


def _listing(workspace: Workspace, folder: Path) -> Path:
    """Store every file of a release and return a file that lists them by path and digest."""
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    listing = {path.relative_to(folder).as_posix(): workspace.objects.put(path) for path in files}
    target = folder.with_name(f"{folder.name}.listing.json")
    write(target, canonical_json(listing))
    return target


def _signed(
    workspace: Workspace,
    recording: Recording,
    outcome: Outcome,
    made: list[tuple[Produced, Asset]],
) -> bytes:
    digest_key = workspace.secret(DIGEST_KEY)
    materials = [
        source_resource(name, digest, media_type="application/octet-stream", digest_key=digest_key)
        for name, digest in recording.sources
    ] + [
        asset_resource(given.asset, port=port, digest_key=digest_key)
        for port, given in recording.inputs.items()
    ]
    subjects = [
        resource
        for produced, asset in made
        for resource in _subjects(produced, asset, digest_key=digest_key)
    ]
    statement = StepRecord(
        step=recording.step.id,
        title=recording.step.title,
        started_on=recording.started,
        finished_on=rfc3339(workspace.clock()),
        agent=Agent(recording.agent, recording.agent),
        invocation=Invocation(
            "anping", VERSION, recording.plain_parameters, _seed(recording), _here()
        ),
        subjects=tuple(subjects),
        materials=tuple(materials),
        measurements=outcome.measures,
        decision=outcome.decision,
        lowers=_lowers(recording, made),
        limits=outcome.limits,
    )
    payload = statement.payload()
    # What cannot be read back must never be signed.
    assert read_payload(payload) == statement
    return workspace.key_store.sign("producer", payload)


def _subjects(produced: Produced, asset: Asset, *, digest_key: bytes) -> list[Resource]:
    if produced.path.is_dir():
        return list(content_subjects(produced.path, labels=asset.labels))
    return [asset_resource(asset, port=produced.port, digest_key=digest_key)]


def _seed(recording: Recording) -> int | None:
    seed = recording.plain_parameters.get("seed")
    return seed if isinstance(seed, int) else None


def _here() -> dict[str, str]:
    """Return what the result may depend on, and nothing that names a person or a machine."""
    return {
        "python": platform.python_version(),
        "system": platform.system(),
        "machine": platform.machine(),
    }


def _lowers(recording: Recording, made: list[tuple[Produced, Asset]]) -> tuple[Aspect, ...]:
    if not recording.inputs:
        return ()
    joined = joined_labels(recording.inputs)
    lowered: set[Aspect] = set()
    for _, asset in made:
        lowered |= lowered_aspects(joined, asset.labels) or frozenset()
    return tuple(sorted(lowered))
