"""Checkpoints and witnesses: what the owner says of the ledger, and who outside has seen it.

The witness must be somebody else, with another key and another folder; a witness's folder on this
machine is for trying things out. In earnest, requests and answers travel as files.
"""

from __future__ import annotations

from pathlib import Path

from anping.core.clock import system_clock
from anping.core.errors import EvidenceError
from anping.core.files import write
from anping.core.text import Text
from anping.evidence.checkpoint import (
    Checkpoint,
    SignedCheckpoint,
    read_checkpoint,
    sign_checkpoint,
)
from anping.evidence.keys import PublicKey, keys_json, read_keys
from anping.evidence.witness import Witness, growth_request
from anping.workspace.workspace import Workspace

PUBLIC = "witness.keys.json"


def create_witness(folder: Path, name: str) -> Path:
    """Make a witness in ``folder`` and return the file with its public key, to be handed out."""
    witness = Witness.create(folder, name)
    write(folder / PUBLIC, keys_json([witness.public]))
    return folder / PUBLIC


def know_witness(workspace: Workspace, public_keys: bytes) -> PublicKey:
    """Take a witness's public key in, so that later releases name it. Raises EvidenceError."""
    found = read_keys(public_keys).of("witness")
    if len(found) != 1:
        raise EvidenceError(
            "witness.keys",
            Text(
                "這個檔案沒有剛好一把見證人公鑰。",
                "This file does not hold exactly one witness key.",
            ),
            hint=Text(f"請向見證人索取 {PUBLIC}。", f"Ask the witness for the file {PUBLIC}."),
        )
    workspace.key_store.know(found[0])
    return found[0]


def checkpoint(workspace: Workspace) -> SignedCheckpoint:
    """Return the signed checkpoint of the ledger as it is now, signing one if it has grown."""
    ledger = workspace.ledger
    head = ledger.head()
    held = ledger.checkpoint_at(head.size)
    if held is not None:
        return read_checkpoint(held)
    signed = sign_checkpoint(Checkpoint(ledger.origin, head), workspace.key_store.signing("log"))
    ledger.keep_checkpoint(head.size, signed.encode())
    return signed


def witness_request(
    workspace: Workspace, witness: PublicKey | None = None, *, old_size: int | None = None
) -> bytes:
    """Return the request that asks a witness (the only known one by default) for a cosignature.

    ``old_size`` is the size that the witness last saw; by default that of its newest cosignature
    here, which is too small where an answer was lost on its way.
    """
    known = witness or _only_witness(workspace)
    current = checkpoint(workspace)
    seen = (
        size
        for size, note in workspace.ledger.backwards()
        if read_checkpoint(note).cosigned_by(known) is not None
    )
    with workspace.ledger.reader() as node:
        last = next(seen, 0) if old_size is None else old_size
        # A witness that saw more than there is says so itself: the log was rolled back.
        return growth_request(current, old_size=min(last, current.head.size), node=node)


def add_cosignature(workspace: Workspace, answer: bytes) -> SignedCheckpoint:
    """Add a witness's answer to the newest checkpoint. Raises EvidenceError if it does not fit."""
    ledger = workspace.ledger
    current = read_checkpoint(ledger.newest_checkpoint())
    more = current.with_cosignatures(answer, workspace.key_store.witnesses())
    ledger.keep_checkpoint(more.head.size, more.encode())
    return more


def cosigned_by(workspace: Workspace, folder: Path) -> SignedCheckpoint:
    """Have the witness in a folder on this machine cosign the ledger as it is now."""
    witness = Witness.open(folder)
    workspace.key_store.know(witness.public)
    log_key = workspace.key_store.signing("log").public
    held = witness.held(workspace.ledger.origin)
    old_size = 0 if held is None else read_checkpoint(held).head.size
    request = witness_request(workspace, witness.public, old_size=old_size)
    answer = witness.cosign(request, workspace.clock(), first_use=log_key)
    return add_cosignature(workspace, answer)


def answer_request(folder: Path, request: bytes, owner_keys: bytes | None) -> bytes:
    """Answer a request as the witness in ``folder``; ``owner_keys`` are trusted on first use."""
    log_keys = read_keys(owner_keys).of("log") if owner_keys else ()
    first_use = log_keys[0] if log_keys else None
    return Witness.open(folder).cosign(request, system_clock(), first_use=first_use)


def held_checkpoint(folder: Path, origin: str) -> bytes:
    """Return the last checkpoint that a witness holds of a log. Raises EvidenceError if none."""
    held = Witness.open(folder).held(origin)
    if held is None:
        raise EvidenceError(
            "witness.nothing-held",
            Text("這位見證人沒有看過這份帳本。", "This witness has not seen this log."),
            hint=Text("先請見證人共簽。", "Have the witness cosign first."),
        )
    return held


def _only_witness(workspace: Workspace) -> PublicKey:
    known = workspace.key_store.witnesses()
    if len(known) != 1:
        raise EvidenceError(
            "witness.which",
            Text(
                f"已知的見證人有 {len(known)} 位，無法決定問誰。",
                f"{len(known)} witnesses are known, so it is unclear whom to ask.",
            ),
            hint=Text(
                "用 anping checkpoint --know 登錄見證人的公鑰檔。",
                "Register a witness's public key file with anping checkpoint --know.",
            ),
        )
    return known[0]
