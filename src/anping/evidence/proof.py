"""Proofs as text files: that an entry is in the log, and that the log only grew.

C2SP tlog-proof (``.tlog-proof``: entry and checkpoint in one self-contained file) and the
``add-checkpoint`` body of C2SP tlog-witness (old size, consistency proof, new checkpoint). Only the
canonical form is read.
"""

from __future__ import annotations

from dataclasses import dataclass

from anping.core.errors import EvidenceError
from anping.core.text import Text
from anping.evidence.base64_text import decode, encode
from anping.evidence.checkpoint import (
    SignedCheckpoint,
    read_checkpoint,
    read_decimal,
    read_hash,
)
from anping.evidence.merkle import TreeHead, verify_consistency, verify_inclusion
from anping.evidence.problems import malformed

_MAGIC = "c2sp.org/tlog-proof@v1"
_MAXIMUM_HASHES = 63


@dataclass(frozen=True, slots=True)
class InclusionProof:
    """An entry's index, its audit path from the leaf up, and the checkpoint it leads to.

    ``extra`` is not authenticated (tlog-proof); our dossiers never hold any.
    """

    index: int
    path: tuple[bytes, ...]
    checkpoint: SignedCheckpoint
    extra: bytes | None = None

    def encode(self) -> bytes:
        """Return the ``.tlog-proof`` text."""
        lines = [_MAGIC]
        if self.extra is not None:
            lines.append(f"extra {encode(self.extra)}")
        lines += [f"index {self.index}", *map(encode, self.path), ""]
        return "".join(f"{line}\n" for line in lines).encode() + self.checkpoint.encode()

    def proves(self, leaf: bytes) -> bool:
        """Return whether ``leaf`` (a leaf hash) is the entry at this index under the checkpoint."""
        return verify_inclusion(leaf, self.index, self.checkpoint.head, self.path)


@dataclass(frozen=True, slots=True)
class GrowthProof:
    """An old size, the consistency proof from it, and the newer checkpoint it leads to."""

    old_size: int
    path: tuple[bytes, ...]
    checkpoint: SignedCheckpoint

    def encode(self) -> bytes:
        """Return the body of a tlog-witness ``add-checkpoint`` request."""
        lines = [f"old {self.old_size}", *map(encode, self.path), ""]
        return "".join(f"{line}\n" for line in lines).encode() + self.checkpoint.encode()

    def proves(self, old: TreeHead) -> bool:
        """Return whether the log only grew from ``old`` to the checkpoint."""
        return old.size == self.old_size and verify_consistency(
            old, self.checkpoint.head, self.path
        )


def read_inclusion_proof(content: bytes) -> InclusionProof:
    """Read a ``.tlog-proof``. Raises EvidenceError unless it is canonical."""
    try:
        lines, checkpoint = _head(content)
        extra = None
        if len(lines) > 1 and lines[1].startswith("extra "):
            extra = decode(lines.pop(1).removeprefix("extra "))
        magic, index, *hashes = lines
        proof = InclusionProof(
            _number(index, "index "), tuple(map(read_hash, hashes)), checkpoint, extra
        )
    except ValueError as error:
        raise _bad_proof() from error
    if magic != _MAGIC or len(hashes) > _MAXIMUM_HASHES or proof.encode() != content:
        raise _bad_proof()
    return proof


def read_growth_proof(content: bytes) -> GrowthProof:
    """Read an ``add-checkpoint`` body. Raises EvidenceError unless it is canonical."""
    try:
        lines, checkpoint = _head(content)
        old, *hashes = lines
        proof = GrowthProof(_number(old, "old "), tuple(map(read_hash, hashes)), checkpoint)
    except ValueError as error:
        raise _bad_proof() from error
    if len(hashes) > _MAXIMUM_HASHES or proof.encode() != content:
        raise _bad_proof()
    return proof


def _head(content: bytes) -> tuple[list[str], SignedCheckpoint]:
    head, _, checkpoint = content.partition(b"\n\n")
    return head.decode("ascii").split("\n"), read_checkpoint(checkpoint)


def _number(line: str, prefix: str) -> int:
    if not line.startswith(prefix):
        raise ValueError("unexpected line")
    return read_decimal(line.removeprefix(prefix))


def _bad_proof() -> EvidenceError:
    return malformed(
        "proof.malformed",
        Text(
            "紀錄證明不是正規格式。",
            "The log proof is not in its canonical form.",
        ),
    )
