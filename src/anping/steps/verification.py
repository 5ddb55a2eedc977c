"""Verifying a dossier: evidence checks the proofs, govern the gate, protect the numbers."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from anping.core.errors import EvidenceError, Where
from anping.core.measure import Measure
from anping.core.text import Text
from anping.evidence.checkpoint import Checkpoint
from anping.evidence.dsse import read_line
from anping.evidence.keys import read_keys
from anping.evidence.statement import StepRecord
from anping.evidence.verify import Finding, OpenedDossier, Replayer, Report, verify
from anping.evidence.verify.replay import RAW
from anping.evidence.witness import Witness
from anping.steps.compose.model_checks import MODEL_STEP, check_model
from anping.steps.compose.replaying import REPLAYERS, Finder, Statement

if TYPE_CHECKING:
    from anping.workspace.workspace import Workspace

POLICY, SIGNATURE, KEYS = "policy.yaml", "policy.dsse.json", "evidence/keys.json"


def verify_dossier(
    dossier: Path,
    *,
    trust: Path | None = None,
    witness: Path | None = None,
    replay: bool | Workspace = False,
    timestamp_roots: Path | None = None,
) -> Report:
    """Verify a dossier folder or zip offline.

    ``trust`` is a ``keys.json`` got apart from the dossier, ``witness`` the checkpoint that the
    witness holds (a file, or the witness's own folder); ``replay`` recomputes every measure that needs only the dossier,
    and with the workspace that it came from also those that need the raw tables: attacks above all;
    ``timestamp_roots`` are trusted root certificates in PEM, with which a timestamp is demanded.
    """
    return verify(
        dossier,
        trust=trust,
        witness_checkpoint=None if witness is None else _held(witness),
        replayers=_replayers(replay),
        checks=(check_policy, check_gate, check_model),
        timestamp_roots=None if timestamp_roots is None else _read(timestamp_roots),
    )


def _replayers(replay: bool | Workspace) -> Mapping[str, Replayer] | None:  # noqa: FBT001 - as given
    if isinstance(replay, bool):
        return REPLAYERS if replay else None
    from anping.steps.catalogue import step
    from anping.workspace.replay import measured_again

    workspace = replay

    def at_hand(statement: Statement, _: Finder) -> Sequence[Measure] | None:
        return measured_again(workspace, StepRecord.from_json(dict(statement)), step=step)

    return {**REPLAYERS, RAW: at_hand}


def _held(witness: Path) -> bytes | Callable[[Checkpoint], bytes]:
    """Return what the witness holds: of the dossier's size where it kept that, else the newest."""
    if not witness.is_dir():
        return _read(witness)
    party = Witness.open(witness)

    def of(checkpoint: Checkpoint) -> bytes:
        held = party.held(checkpoint.origin, size=checkpoint.head.size)
        return held or party.held(checkpoint.origin) or b""

    return of


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise EvidenceError(
            "verify.unreadable",
            Text("無法讀取核對用的檔案。", "A file to verify with cannot be read."),
            where=Where(file=str(path)),
            hint=Text("請檢查路徑與權限。", "Check the path and its permissions."),
        ) from error


def check_policy(dossier: OpenedDossier) -> Iterator[Finding]:
    """Check that the protection officer's key signed exactly this policy."""
    from anping.govern.signing import open_policy

    keys = read_keys(_content(dossier, KEYS)).of("officer")

    def payload(signature: bytes) -> bytes:
        envelope = read_line(signature)
        if not any(envelope.signed_by(key) for key in keys):
            raise ValueError("no officer's signature")
        return envelope.payload

    policy = open_policy(_content(dossier, POLICY), _content(dossier, SIGNATURE), payload)
    what = Text(
        f"政策 {policy.name} 由保護長的金鑰簽署。",
        f"The policy {policy.name} is signed by the protection officer's key.",
    )
    yield Finding("policy.signed", "pass", what)


def check_gate(dossier: OpenedDossier) -> Iterator[Finding]:
    """Run the release gate again on the measures of the statements."""
    from anping.govern.recheck import recheck, recheck_model
    from anping.steps.compose.releasing import measures_about

    release = dossier.release
    if release is None:
        return
    if release.step == MODEL_STEP:
        for again in recheck_model(release.predicate, _content(dossier, POLICY)):
            yield Finding(again.code, "pass" if again.holds else "fail", again.what, "gate")
        return
    statements = [statement.record.as_json() for statement in dossier.statements]
    protected = [m.name for m in release.materials if m.port == "protected"]
    measures = measures_about(statements, protected[0] if protected else "")
    for result in recheck(release.predicate, measures, _content(dossier, POLICY)):
        yield Finding(result.code, "pass" if result.holds else "fail", result.what, "gate")


def _content(dossier: OpenedDossier, name: str) -> bytes:
    path = dossier.path(name)
    if path is None:
        raise EvidenceError(
            "dossier.file-missing",
            Text(f"卷宗缺少 {name}。", f"The dossier lacks {name}."),
            hint=Text("向提供者重新索取完整卷宗。", "Ask for the complete dossier."),
        )
    return path.read_bytes()
