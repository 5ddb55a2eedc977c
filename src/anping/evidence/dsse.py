"""DSSE envelopes: a payload and the signatures over it, on one canonical line.

DSSE v1 (secure-systems-lab/dsse, protocol.md): what is signed is the pre-authentication encoding
``DSSEv1 SP LEN(type) SP type SP LEN(body) SP body``. Our line is canonical JSON, and only that one
spelling is read, so no byte of it can change unseen.
"""

from __future__ import annotations

from dataclasses import dataclass

from anping.core.digest import canonical_json
from anping.core.errors import EvidenceError
from anping.core.text import Text
from anping.evidence.base64_text import decode, encode
from anping.evidence.keys import PublicKey, Signer
from anping.evidence.problems import malformed
from anping.evidence.strict_json import conform, read_canonical

IN_TOTO = "application/vnd.in-toto+json"
_SIGNATURE_BYTES = 64
_FIRST = b'{"payload":"'
_SHAPE = {"payload": str, "payloadType": str, "signatures": [{"keyid": str, "sig": str}]}


def pre_authentication_encoding(payload_type: str, payload: bytes) -> bytes:
    """Return the bytes that are signed (DSSE v1, PAE)."""
    kind = payload_type.encode()
    return b"DSSEv1 %d %b %d %b" % (len(kind), kind, len(payload), payload)


@dataclass(frozen=True, slots=True, order=True)
class Signature:
    """One signature: the id of the key that made it, and its 64 bytes."""

    keyid: str
    value: bytes


@dataclass(frozen=True, slots=True)
class Envelope:
    """A signed payload. Signatures are sorted by key id, one per key."""

    payload: bytes
    payload_type: str
    signatures: tuple[Signature, ...]

    @property
    def signed_bytes(self) -> bytes:
        """What the signatures are over."""
        return pre_authentication_encoding(self.payload_type, self.payload)

    def signed_by(self, key: PublicKey) -> bool:
        """Return whether one of the signatures is a valid one of ``key``."""
        return any(
            key.verifies(signature.value, self.signed_bytes)
            for signature in self.signatures
            if signature.keyid == key.keyid
        )

    def also_signed_by(self, key: Signer) -> Envelope:
        """Return the envelope with one more signature."""
        public = key.public
        made = Signature(public.keyid, key.sign(self.signed_bytes))
        by_key = {signature.keyid: signature for signature in (*self.signatures, made)}
        return Envelope(self.payload, self.payload_type, tuple(sorted(by_key.values())))

    def line(self) -> bytes:
        """Return the envelope as one line of canonical JSON, without a line end."""
        return canonical_json(
            {
                "payload": encode(self.payload),
                "payloadType": self.payload_type,
                "signatures": [
                    {"keyid": signature.keyid, "sig": encode(signature.value)}
                    for signature in self.signatures
                ],
            }
        )


def sign(payload: bytes, *keys: Signer, payload_type: str = IN_TOTO) -> Envelope:
    """Return ``payload`` in an envelope signed by every key."""
    message = pre_authentication_encoding(payload_type, payload)
    made = {key.public.keyid: Signature(key.public.keyid, key.sign(message)) for key in keys}
    return Envelope(payload, payload_type, tuple(sorted(made.values())))


def read_line(line: bytes) -> Envelope:
    """Read one line, without its line end; the signatures are not checked yet.

    Raises EvidenceError unless the line is byte for byte what :meth:`Envelope.line` writes.
    """
    try:
        frame, payload = _parted(line)
        value = read_canonical(frame)
        conform(value, _SHAPE)
        envelope = Envelope(
            decode(payload),
            value["payloadType"],
            tuple(Signature(item["keyid"], decode(item["sig"])) for item in value["signatures"]),
        )
    except ValueError as error:
        raise _bad_line() from error
    ids = [signature.keyid for signature in envelope.signatures]
    lengths = {len(signature.value) for signature in envelope.signatures}
    if ids != sorted(set(ids)) or lengths != {_SIGNATURE_BYTES}:
        raise _bad_line()
    return envelope


def _parted(line: bytes) -> tuple[bytes, str]:
    """Return the line with an empty payload, and the payload's base64 text.

    In the canonical form the payload comes first, and base64 holds nothing that JSON escapes. So the
    long text need not pass a JSON reader and writer: the rest is canonical, and it is, or the line is
    not. An audit of a million lines takes half the time.
    """
    end = line.find(b'"', len(_FIRST))
    if not line.startswith(_FIRST) or end < 0:
        raise ValueError("no payload")
    return _FIRST + line[end:], line[len(_FIRST) : end].decode("ascii")


def _bad_line() -> EvidenceError:
    return malformed(
        "envelope.malformed",
        Text(
            "這一行不是正規格式的簽章信封（DSSE）。",
            "This line is not a signed envelope (DSSE) in its canonical form.",
        ),
    )
