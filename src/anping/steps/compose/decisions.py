"""From one decision back to its model, the table it was learnt from, and the permission for that."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from anping.core.errors import EvidenceError, WorkspaceError
from anping.core.text import Text
from anping.steps.compose.serving import default_spool

if TYPE_CHECKING:
    from anping.core.asset import Asset
    from anping.run.serving.segment import Segment
    from anping.workspace.ledger import Entry
    from anping.workspace.workspace import Workspace

_SEAL = ".seal"


@dataclass(frozen=True)
class FoundDecision:
    """A decision, what a challenger said beside it, where it is sealed, and what led to its model.

    ``seal`` is None for one that a server has not sealed yet. ``chain`` are the ledger's statements,
    from the first file to the model, then that of the seal.
    """

    record: dict[str, Any]
    beside: dict[str, Any] | None
    at: int
    segment: Segment
    seal: Asset | None
    statement: int | None
    chain: tuple[Entry, ...]

    def as_json(self) -> dict[str, Any]:
        """Return plain values; the audit path proves that the record is in the sealed segment."""
        head = self.segment.head
        return {
            "record": self.record,
            "shadow": self.beside,
            "segment": self.segment.id,
            "line": self.at,
            "lines": head.size,
            "root": head.root.hex(),
            "path": [each.hex() for each in self.segment.proof(self.at)],
            "seal": None if self.seal is None else self.seal.reference,
            "sealedBy": self.statement,
            "chain": [
                {
                    "statement": entry.index,
                    "step": entry.record["predicate"]["step"]["id"],
                    "made": [one["name"] for one in entry.record["subject"]],
                    "decision": _outcome(entry),
                    "reasons": [reason for reason, _ in _reasons(entry)],
                }
                for entry in self.chain
            ],
        }


def find_decision(
    workspace: Workspace, identity: str, *, spool: Path | None = None
) -> FoundDecision:
    """Return a decision by its id, its place in the sealed segment proved.

    Raises WorkspaceError (``decision.unknown``), and EvidenceError (``decision.altered``) where the
    records do not have the root that was signed.
    """
    from anping.run.serving.segment import place_of

    place = place_of(identity)
    if place is None:
        raise _unknown()
    name, at = place
    found = _sealed(workspace, name) or _unsealed(workspace, name, spool)
    # A server may seal the segment between the two looks: it is then where it was looked for first.
    found = found or _sealed(workspace, name)
    if found is None:
        raise _unknown()
    segment, seal = found
    if at >= len(segment.lines):
        raise _unknown()
    record = dict(segment.records[at])
    if record.get("id") != identity:
        raise _altered()
    beside = next((dict(one) for one in segment.records if one.get("of") == identity), None)
    chain = list(workspace.ledger.ancestors([record["model"]]))
    statement = None
    if seal is not None:
        made = workspace.ledger.ancestors([seal.reference])
        statement = max(entry.index for entry in made)
        chain.append(next(entry for entry in made if entry.index == statement))
    return FoundDecision(record, beside, at, segment, seal, statement, tuple(chain))


def chain_rows(found: FoundDecision) -> Iterator[tuple[str, Text, str, str]]:
    """Yield statement, step, what it made and what was decided, from the first file on."""
    for entry in found.chain:
        predicate = entry.record["predicate"]
        made = ", ".join(one["name"] for one in entry.record["subject"][:4])
        yield str(entry.index), Text(**predicate["step"]["title"]), made, _outcome(entry) or ""


def permission_rows(found: FoundDecision) -> Iterator[tuple[str, Text, bool]]:
    """Yield statement, reason and whether it held, of every permission that the model rests on."""
    for entry in found.chain:
        for reason, why in _reasons(entry):
            yield str(entry.index), why, bool(reason["holds"])


def _reasons(entry: Entry) -> list[tuple[dict[str, Any], Text]]:
    decision = entry.record["predicate"]["decision"]
    if decision is None:
        return []
    return [(reason, Text(**reason["why"])) for reason in decision["reasons"]]


def _outcome(entry: Entry) -> str | None:
    decision = entry.record["predicate"]["decision"]
    return None if decision is None else str(decision["outcome"])


def _sealed(workspace: Workspace, name: str) -> tuple[Segment, Asset] | None:
    """Return a sealed segment by its id, and the asset that holds its root."""
    from anping.run.serving.segment import read_segment

    for asset in reversed(workspace.assets()):
        if not asset.name.endswith(_SEAL) or asset.kind != "report":
            continue
        told = json.loads(workspace.path(asset).read_bytes())
        if told.get("segment") != name:
            continue
        records = asset.name.removesuffix(_SEAL) + ".decisions"
        segment = read_segment(workspace.path(workspace.need(f"{records}@{asset.version}")))
        head = segment.head
        if (head.size, head.root.hex(), segment.id) != (told["lines"], told["root"], name):
            raise _altered()
        return segment, asset
    return None


def _unsealed(workspace: Workspace, name: str, spool: Path | None) -> tuple[Segment, None] | None:
    from anping.run.serving.segment import SUFFIX, read_segment

    parent = default_spool(workspace, "") if spool is None else spool
    for path in parent.rglob(f"*-{name}{SUFFIX}"):
        with suppress(FileNotFoundError):
            return read_segment(path), None
    return None


def _unknown() -> WorkspaceError:
    return WorkspaceError(
        "decision.unknown",
        Text("工作區裡沒有這個決定。", "There is no such decision in the workspace."),
        hint=Text(
            "請核對回覆裡的 decision；服務若用了 --spool，也請在這裡給同一個資料夾。",
            "Check the reply's “decision”; if the server was given --spool, name the same folder here.",
        ),
    )


def _altered() -> EvidenceError:
    return EvidenceError(
        "decision.altered",
        Text(
            "決定紀錄與封存的根不符，已遭更動。",
            "The records of decisions do not match the sealed root: they were altered.",
        ),
        hint=Text("由備份還原，並查明原因。", "Restore from a backup and find out why."),
    )
