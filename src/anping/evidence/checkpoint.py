"""A checkpoint is the log in three lines: its origin, its size, its root hash; signed, cosigned.

C2SP tlog-checkpoint (the text), signed-note type 0x01 (the log's signature, under the origin as key
name), tlog-cosignature type 0x04 (a witness's Ed25519 cosignature with its time). Extension lines,
which the specification advises against, are refused.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime

from anping.core.errors import EvidenceError
from anping.core.text import Text
from anping.evidence.base64_text import decode, encode
from anping.evidence.keys import PublicKey, Signer
from anping.evidence.merkle import HASH_BYTES, TreeHead
from anping.evidence.note import (
    COSIGNATURE,
    ED25519,
    Note,
    NoteSignature,
    bad_note,
    key_id,
    read_note,
    read_signatures,
)
from anping.evidence.problems import malformed

_DECIMAL = re.compile(r"0|[1-9][0-9]{0,18}")
_TIMESTAMP_BYTES = 8
_COSIGNATURE_BYTES = _TIMESTAMP_BYTES + 64
_LATEST = 2**63 - 1


def read_decimal(text: str) -> int:
    """Return a decimal without leading zeros, below 10**19. Raises ValueError otherwise."""
    if not _DECIMAL.fullmatch(text):
        raise ValueError("not a canonical decimal")
    return int(text)


def read_hash(text: str) -> bytes:
    """Return a base64 SHA-256 hash. Raises ValueError if it is anything else."""
    value = decode(text)
    if len(value) != HASH_BYTES:
        raise ValueError("not a hash")
    return value


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """The state of one log at one size."""

    origin: str
    head: TreeHead

    @property
    def text(self) -> str:
        """The note text: three lines."""
        return f"{self.origin}\n{self.head.size}\n{encode(self.head.root)}\n"


@dataclass(frozen=True, slots=True)
class SignedCheckpoint:
    """A checkpoint with its signatures, the log's first, then the witnesses' by name."""

    checkpoint: Checkpoint
    signatures: tuple[NoteSignature, ...]

    @property
    def head(self) -> TreeHead:
        """The size and root."""
        return self.checkpoint.head

    def encode(self) -> bytes:
        """Return the signed note."""
        return Note(self.checkpoint.text, self.signatures).encode()

    def signed_by(self, key: PublicKey) -> bool:
        """Return whether the log key ``key`` signed it."""
        wanted = (self.checkpoint.origin, key_id(self.checkpoint.origin, ED25519, key.raw))
        return any(
            key.verifies(item.value, self.checkpoint.text.encode())
            for item in self.signatures
            if (item.name, item.key_id) == wanted
        )

    def cosigned_by(self, key: PublicKey) -> datetime | None:
        """Return when the witness key ``key`` cosigned it, or None if it did not."""
        wanted = (key.name, key_id(key.name, COSIGNATURE, key.raw))
        for item in self.signatures:
            if (item.name, item.key_id) == wanted:
                return _cosigned(self.checkpoint, item, key)
        return None

    def unexplained(
        self, log: Iterable[PublicKey], witnesses: Iterable[PublicKey]
    ) -> tuple[str, ...]:
        """Return the names on signatures that are no valid ones of these keys."""
        origin = self.checkpoint.origin
        good: set[tuple[str, bytes]] = set()
        good |= {(origin, key_id(origin, ED25519, key.raw)) for key in log if self.signed_by(key)}
        good |= {
            (key.name, key_id(key.name, COSIGNATURE, key.raw))
            for key in witnesses
            if self.cosigned_by(key) is not None
        }
        return tuple(item.name for item in self.signatures if (item.name, item.key_id) not in good)

    def with_cosignatures(
        self, response: bytes, witnesses: Iterable[PublicKey]
    ) -> SignedCheckpoint:
        """Return the checkpoint with a witness's answer added.

        Lines of unknown keys are ignored (tlog-witness). Raises EvidenceError if no line is a valid
        cosignature of one of ``witnesses``.
        """
        try:
            lines = read_signatures(response.decode("utf-8"))
        except UnicodeDecodeError as error:
            raise bad_note() from error
        known = tuple(witnesses)
        kept = [
            item
            for item in lines
            if any(
                SignedCheckpoint(self.checkpoint, (item,)).cosigned_by(key) is not None
                for key in known
            )
        ]
        if not kept:
            raise _no_cosignature()
        first, *others = self.signatures
        merged = {(item.name, item.key_id): item for item in (*others, *kept)}
        return SignedCheckpoint(self.checkpoint, (first, *sorted(merged.values())))


def sign_checkpoint(checkpoint: Checkpoint, key: Signer) -> SignedCheckpoint:
    """Return the checkpoint signed by the log key."""
    made = NoteSignature(
        checkpoint.origin,
        key_id(checkpoint.origin, ED25519, key.public.raw),
        key.sign(checkpoint.text.encode()),
    )
    return SignedCheckpoint(checkpoint, (made,))


def cosignature(checkpoint: Checkpoint, key: Signer, now: datetime) -> NoteSignature:
    """Return a witness's cosignature over the checkpoint at ``now`` (whole seconds)."""
    seconds = int(now.timestamp())
    public = key.public
    return NoteSignature(
        public.name,
        key_id(public.name, COSIGNATURE, public.raw),
        seconds.to_bytes(_TIMESTAMP_BYTES, "big") + key.sign(_cosigned_text(checkpoint, seconds)),
    )


def _cosigned_text(checkpoint: Checkpoint, seconds: int) -> bytes:
    return f"cosignature/v1\ntime {seconds}\n{checkpoint.text}".encode()


def _cosigned(checkpoint: Checkpoint, item: NoteSignature, key: PublicKey) -> datetime | None:
    if len(item.value) != _COSIGNATURE_BYTES:
        return None
    seconds = int.from_bytes(item.value[:_TIMESTAMP_BYTES], "big")
    if seconds > _LATEST or not key.verifies(
        item.value[_TIMESTAMP_BYTES:], _cosigned_text(checkpoint, seconds)
    ):
        return None
    try:
        return datetime.fromtimestamp(seconds, UTC)
    except (OverflowError, ValueError, OSError):
        return None


def read_checkpoint(content: bytes) -> SignedCheckpoint:
    """Read a signed checkpoint; the signatures are not checked yet.

    Raises EvidenceError unless it is canonical: three lines, the log's signature first, the others
    sorted by name and key id.
    """
    note = read_note(content)
    try:
        origin, size, root = note.text.removesuffix("\n").split("\n")
        checkpoint = Checkpoint(origin, TreeHead(read_decimal(size), read_hash(root)))
    except ValueError as error:
        raise bad_note() from error
    first, *others = note.signatures
    if (
        not origin
        or checkpoint.text != note.text
        or first.name != origin
        or others != sorted(others)
    ):
        raise bad_note()
    return SignedCheckpoint(checkpoint, note.signatures)


def _no_cosignature() -> EvidenceError:
    return malformed(
        "checkpoint.no-cosignature",
        Text(
            "見證人的回覆裡沒有任何一行是已知見證人對這個檢查點的有效共簽。",
            "No line of the witness's answer is a known witness's valid cosignature of this checkpoint.",
        ),
    )
