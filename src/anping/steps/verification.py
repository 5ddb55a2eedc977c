"""Verifying a dossier: evidence checks the proofs, govern the gate, protect the numbers."""

from __future__ import annotations

import zipfile
from collections.abc import Iterator
from pathlib import Path

from anping.core.errors import EvidenceError
from anping.core.text import Text
from anping.evidence.checkpoint import read_checkpoint
from anping.evidence.dossier import CHECKPOINT
from anping.evidence.dsse import read_line
from anping.evidence.keys import read_keys
from anping.evidence.verify import Finding, OpenedDossier, Report, verify
from anping.evidence.witness import Witness
from anping.steps.compose.replaying import REPLAYERS

POLICY, SIGNATURE, KEYS = "policy.yaml", "policy.dsse.json", "evidence/keys.json"


def verify_dossier(
    dossier: Path,
    *,
    trust: Path | None = None,
    witness: Path | None = None,
    replay: bool = False,
    timestamp_roots: Path | None = None,
) -> Report:
    """Verify a dossier folder or zip offline.

    ``trust`` is a ``keys.json`` got apart from the dossier, ``witness`` the checkpoint that the
    witness holds (a file, or the witness's own folder); ``replay`` recomputes every measure that needs only the dossier;
    ``timestamp_roots`` are trusted root certificates in PEM, with which a timestamp is demanded.
    """
    return verify(
        dossier,
        trust=trust,
        witness_checkpoint=None if witness is None else _held(witness, dossier),
        replayers=REPLAYERS if replay else None,
        checks=(check_policy, check_gate),
        timestamp_roots=None if timestamp_roots is None else timestamp_roots.read_bytes(),
    )


def _held(witness: Path, dossier: Path) -> bytes | None:
    """Return what the witness holds: of this dossier's size where it kept that, else the newest."""
    if not witness.is_dir():
        return witness.read_bytes()
    if dossier.is_dir():
        note = (dossier / CHECKPOINT).read_bytes()
    else:
        with zipfile.ZipFile(dossier) as archive:
            note = archive.read(CHECKPOINT)
    checkpoint = read_checkpoint(note).checkpoint
    party = Witness.open(witness)
    held = party.held(checkpoint.origin, size=checkpoint.head.size)
    return held or party.held(checkpoint.origin)


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
    from anping.govern.recheck import recheck
    from anping.steps.compose.releasing import measures_about

    release = dossier.release
    if release is None:
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
