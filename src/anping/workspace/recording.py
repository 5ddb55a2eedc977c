"""Turning what a step made into assets, one signed statement, and one ledger entry."""

from __future__ import annotations

import platform
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

import sqlalchemy as sa

from anping.core.asset import Asset
from anping.core.clock import rfc3339
from anping.core.digest import canonical_json, sha256
from anping.core.files import write
from anping.core.labels import Aspect, lowered_aspects
from anping.core.text import Text
from anping.engine.cores import in_order
from anping.evidence.dossier import content_subjects
from anping.evidence.resource import Resource, asset_resource, source_resource
from anping.evidence.statement import Agent, Invocation, StepRecord, read_payload
from anping.workspace import catalogue, tables
from anping.workspace.log import newest_record
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
#: Said in the statement itself and to whoever performs the step.
CLOCK_WENT_BACK = Text(
    "這台機器的時鐘倒退過：這筆敘述的時間早於帳本中的前一筆，或早於步驟開始。先後以帳本的順序為準。",
    "This machine's clock went back: this statement's time is before the previous one's in the "
    "ledger, or before the step began. The order is the ledger's.",
)


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
            if port.partition("@")[0] not in remembered
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


@dataclass(frozen=True)
class _Made:
    """An output as it is recorded; ``files`` are the digests of a release's files by name."""

    produced: Produced
    asset: Asset
    files: Mapping[str, str]


def record(
    workspace: Workspace, recording: Recording, outcome: Outcome
) -> tuple[int, tuple[Asset, ...], Outcome]:
    """Store the outputs and append the statement; all of it stands, or nothing.

    Versions are counted, the time is taken and the statement is signed while nobody else writes, so
    two at once follow one another. Outputs that are byte for byte the newest ones are not recorded
    twice, unless something was measured: a measure speaks of exactly the inputs it was taken on.
    """
    digest_key = workspace.secret(DIGEST_KEY)
    stored = [(each, *_stored(workspace, each)) for each in outcome.outputs]
    refused = outcome.decision is not None and outcome.decision.refused
    ledger = workspace.ledger
    with workspace.transaction() as connection:
        made = [
            _Made(each, _asset(connection, recording, each, digest), files)
            for each, digest, files in stored
        ]
        same = _unchanged(connection, [one.asset for one in made])
        if same is not None and not refused and not outcome.measures:
            _keep_run(connection, recording.key, same[0])
            return *same, outcome
        finished = rfc3339(workspace.clock())
        if _clock_went_back(connection, recording.started, finished):
            outcome = replace(
                outcome,
                limits=(*outcome.limits, CLOCK_WENT_BACK),
                notes=(*outcome.notes, CLOCK_WENT_BACK),
            )
        statement = _statement(recording, outcome, made, finished=finished, digest_key=digest_key)
        index = ledger.append(connection, _signed(workspace, statement))
        for one in made:
            catalogue.keep(connection, one.asset, statement=index)
        if not refused:
            _keep_run(connection, recording.key, index)
    return index, tuple(one.asset for one in made), outcome


def _clock_went_back(connection: sa.Connection, started: str, finished: str) -> bool:
    """Return whether the clock stands before a time that it has shown already."""
    newest = newest_record(connection)
    before = "" if newest is None else str(newest["predicate"]["finishedOn"])
    return finished < max(before, started)


def _keep_run(connection: sa.Connection, key: str, index: int) -> None:
    connection.execute(sa.delete(tables.runs).where(tables.runs.c.key == key))
    connection.execute(sa.insert(tables.runs).values(key=key, statement=index))


def _unchanged(
    connection: sa.Connection, made: list[Asset]
) -> tuple[int, tuple[Asset, ...]] | None:
    """Return the statement and assets that already say exactly this, or None."""
    newest = [catalogue.find(connection, asset.name) for asset in made]
    earlier = [asset for asset in newest if asset is not None]
    if not made or len(earlier) != len(made):
        return None
    if any(
        (a.digest, a.labels) != (b.digest, b.labels) for a, b in zip(made, earlier, strict=True)
    ):
        return None
    indexes = {catalogue.maker(connection, asset) for asset in earlier}
    return (indexes.pop(), tuple(earlier)) if len(indexes) == 1 else None


def _stored(workspace: Workspace, produced: Produced) -> tuple[str, Mapping[str, str]]:
    """Store an output's content and return its digest, and those of a release's files by name."""
    folder = produced.path
    if not folder.is_dir():
        return workspace.objects.put(folder), {}
    paths = sorted(path for path in folder.rglob("*") if path.is_file())
    names = [path.relative_to(folder).as_posix() for path in paths]
    files = dict(zip(names, in_order(workspace.objects.put, paths), strict=True))
    listing = folder.with_name(f"{folder.name}.listing.json")
    write(listing, canonical_json(files))
    return workspace.objects.put(listing), files


def _asset(
    connection: sa.Connection, recording: Recording, produced: Produced, digest: str
) -> Asset:
    port = next((port for port in recording.step.gives if port.name == produced.port), None)
    pattern = _REFUSED if port is None else port.pattern
    name = pattern.format(subject=recording.subject)
    newest = catalogue.find(connection, name)
    joined = joined_labels(recording.inputs)
    return Asset(
        kind="report" if port is None else port.kind,
        name=name,
        version=1 if newest is None else newest.version + 1,
        digest=digest,
        media_type=produced.media_type,
        labels=joined if produced.labels is None else produced.labels,
        schema=produced.schema,
        rows=produced.rows,
        confidential=produced.confidential,
    )


def _statement(
    recording: Recording,
    outcome: Outcome,
    made: list[_Made],
    *,
    finished: str,
    digest_key: bytes,
) -> StepRecord:
    materials = [
        source_resource(name, digest, media_type="application/octet-stream", digest_key=digest_key)
        for name, digest in recording.sources
    ] + [
        asset_resource(given.asset, port=port, digest_key=digest_key)
        for port, given in recording.inputs.items()
    ]
    subjects = [resource for one in made for resource in _subjects(one, digest_key=digest_key)]
    return StepRecord(
        step=recording.step.id,
        title=recording.step.title,
        started_on=recording.started,
        finished_on=finished,
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


def _signed(workspace: Workspace, statement: StepRecord) -> bytes:
    payload = statement.payload()
    # What cannot be read back must never be signed.
    assert read_payload(payload) == statement
    return workspace.key_store.sign("producer", payload)


def _subjects(made: _Made, *, digest_key: bytes) -> list[Resource]:
    asset, folder = made.asset, made.produced.path
    if folder.is_dir():
        return list(content_subjects(folder, labels=asset.labels, digests=made.files))
    return [asset_resource(asset, port=made.produced.port, digest_key=digest_key)]


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


def _lowers(recording: Recording, made: list[_Made]) -> tuple[Aspect, ...]:
    if not recording.inputs:
        return ()
    joined = joined_labels(recording.inputs)
    lowered: set[Aspect] = set()
    for one in made:
        lowered |= lowered_aspects(joined, one.asset.labels) or frozenset()
    return tuple(sorted(lowered))
