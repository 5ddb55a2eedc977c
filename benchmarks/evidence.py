"""What evidence costs: sign, append, prove and verify, on statements of a real chain."""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from pathlib import Path

from securesystemslib.dsse import Envelope as PeerEnvelope
from securesystemslib.signer import CryptoSigner  # type: ignore[attr-defined]

from anping.evidence import dsse, merkle
from anping.evidence.dsse import IN_TOTO, read_line
from anping.evidence.keys import SigningKey
from anping.recipes.samples import PIPELINE, write_sample
from anping.steps.catalogue import step
from anping.steps.verification import verify_dossier
from anping.workspace.dossier import export
from anping.workspace.pipeline import read_pipeline, run_pipeline
from anping.workspace.witnessing import (
    checkpoint,
    cosigned_by,
    create_witness,
    held_checkpoint,
    know_witness,
)
from anping.workspace.workspace import Workspace
from benchmarks import report

PEOPLE = 2000
SIGNED = 5_000
LEAVES = 200_000
PROOFS = 20_000
APPENDED = 2_000


def rate(times: int, work: Callable[[int], object]) -> tuple[str, str]:
    """Return how often per CPU second ``work`` is done, and how many milliseconds one takes."""

    def all_of_it() -> None:
        for number in range(times):
            work(number)

    _, took = report.timed(all_of_it)
    return f"{times / took.cpu:,.0f}", f"{1000 * took.cpu / times:.3f}"


def signing_table(payload: bytes) -> str:
    """Return the rates of signing and reading envelopes, beside securesystemslib."""
    key, signer = SigningKey.generate("producer", "benchmark"), CryptoSigner.generate_ed25519()
    envelope = dsse.sign(payload, key)
    line, public = envelope.line(), key.public
    peer = _peer(payload)
    peer.sign(signer)
    rates = (
        ("sign", lambda _: dsse.sign(payload, key), lambda _: _peer(payload).sign(signer)),
        (
            "verify",
            lambda _: envelope.signed_by(public),
            lambda _: peer.verify([signer.public_key], 1),
        ),
        ("sign and write the canonical line", lambda _: dsse.sign(payload, key).line(), None),
        ("read the canonical line and verify", lambda _: read_line(line).signed_by(public), None),
    )
    rows = [
        (name, *rate(SIGNED, ours), "–" if theirs is None else rate(SIGNED, theirs)[0])
        for name, ours, theirs in rates
    ]
    header = (
        f"envelope (DSSE, Ed25519), n = {SIGNED:,}", "per CPU second", "ms each",
        "securesystemslib per CPU second",
    )  # fmt: skip
    return report.table(header, rows)


def _peer(payload: bytes) -> PeerEnvelope:
    return PeerEnvelope(payload, IN_TOTO, {})


def tree_table() -> str:
    """Return the rates of the Merkle tree in memory at a size that few logs reach."""
    tree = merkle.Tree()
    entries = [number.to_bytes(8, "big") * 32 for number in range(LEAVES)]
    appended = rate(LEAVES, lambda number: tree.add(entries[number]))
    head = tree.head
    places = [number * 7919 % LEAVES for number in range(PROOFS)]
    proofs = [merkle.inclusion_proof(place, LEAVES, tree.node) for place in places]
    leaves = [merkle.leaf_hash(entries[place]) for place in places]
    old = [merkle.TreeHead(n, merkle.root(n, tree.node)) for n in (p + 1 for p in places)]
    grown = [merkle.consistency_proof(each.size, LEAVES, tree.node) for each in old]

    def included(n: int) -> None:
        assert merkle.verify_inclusion(leaves[n], places[n], head, proofs[n])

    def consistent(n: int) -> None:
        assert merkle.verify_consistency(old[n], head, grown[n])

    rows = (
        ("append", *appended, f"{LEAVES:,}"),
        ("prove inclusion", *rate(PROOFS, lambda n: merkle.inclusion_proof(
            places[n], LEAVES, tree.node)), f"{PROOFS:,}"),
        ("verify inclusion", *rate(PROOFS, included), f"{PROOFS:,}"),
        ("prove consistency", *rate(PROOFS, lambda n: merkle.consistency_proof(
            places[n] + 1, LEAVES, tree.node)), f"{PROOFS:,}"),
        ("verify consistency", *rate(PROOFS, consistent), f"{PROOFS:,}"),
    )  # fmt: skip
    return report.table((f"tree of {LEAVES:,} entries", "per CPU second", "ms each", "n"), rows)


def chain_rows(folder: Path) -> tuple[bytes, str]:
    """Walk the bank's chain; return a statement of median size and the rates on its dossier."""
    write_sample("bank", folder / "sample", people=PEOPLE)
    workspace, witness = Workspace.create(folder / "workspace"), folder / "witness"
    know_witness(workspace, create_witness(witness, "auditor.example").read_bytes())
    loaded = read_pipeline(folder / "sample" / PIPELINE)
    list(run_pipeline(workspace, loaded, step=step))
    checkpoint(workspace)
    cosigned_by(workspace, witness)
    handed = export(workspace, loaded.pipeline.subject, folder / "dossier")
    keys, held = folder / "keys.json", folder / "held"
    keys.write_bytes(workspace.key_store.public())
    held.write_bytes(held_checkpoint(witness, workspace.ledger.origin))
    lines = sorted((entry.line for entry in workspace.ledger.entries()), key=len)
    size = sum(each.stat().st_size for each in handed.folder.rglob("*") if each.is_file())

    def verified(dossier: Path, *, replay: bool) -> None:
        assert verify_dossier(dossier, trust=keys, witness=held, replay=replay).ok

    def append_all() -> None:
        for _ in range(APPENDED):
            with workspace.transaction() as connection:
                workspace.ledger.append(connection, lines[len(lines) // 2])

    _, took = report.timed(append_all)
    rows = (
        ("verify the folder", *rate(10, lambda _: verified(handed.folder, replay=False)), 10),
        ("verify the zip", *rate(10, lambda _: verified(handed.archive, replay=False)), 10),
        ("verify with --replay", *rate(10, lambda _: verified(handed.folder, replay=True)), 10),
        ("append to the ledger (SQLite, one transaction each)", f"{APPENDED / took.cpu:,.0f}",
         f"{1000 * took.cpu / APPENDED:.3f}", f"{APPENDED:,}"),
    )  # fmt: skip
    name = f"dossier of {PEOPLE:,} people, {len(lines)} statements, {size / 1e6:.1f} MB"
    payload = read_line(lines[len(lines) // 2]).payload
    return payload, report.table((name, "per CPU second", "ms each", "n"), rows)


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        payload, dossier = chain_rows(Path(folder))
    report.publish(
        "evidence",
        "Evidence: what signing, logging and verifying cost",
        report.machine("securesystemslib"),
        f"How to read it: one core; statements are as long as the median one of a real chain "
        f"({len(payload):,} bytes), and the peer does the same work on the same bytes.",
        signing_table(payload),
        "How to read it: the tree alone, nodes in memory; a proof is about log2 of the size in hashes.",
        tree_table(),
        "How to read it: everything an auditor's `anping verify` does, with the owner's keys and the "
        "checkpoint that a witness holds; the last row waits for the disk, which CPU time leaves out.",
        dossier,
    )


if __name__ == "__main__":
    main()
