"""A signed note: a short text with one signature per line, fit to be printed or mailed.

C2SP signed-note. A signature line is ``— NAME BASE64(key id (4 bytes) || signature)`` with
``key id = SHA-256(name || 0x0A || type || public key)[:4]``. Only the canonical form is read.
"""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass

from anping.core.errors import EvidenceError
from anping.core.text import Text
from anping.evidence.base64_text import decode, encode
from anping.evidence.problems import malformed

ED25519 = 0x01
COSIGNATURE = 0x04

_MAXIMUM_SIGNATURES = 64
_LINE = re.compile(r"— ([^\s+]+) ([A-Za-z0-9+/=]+)")
_CONTROL = re.compile(r"[\x00-\x09\x0b-\x1f]")


def key_id(name: str, kind: int, public_key: bytes) -> bytes:
    """Return the four-byte key id of a name, a signature type and a raw public key."""
    return hashlib.sha256(name.encode() + b"\n" + bytes([kind]) + public_key).digest()[:4]


@dataclass(frozen=True, slots=True, order=True)
class NoteSignature:
    """One signature line: the key's name, its four-byte id, and what follows them."""

    name: str
    key_id: bytes
    value: bytes

    def line(self) -> bytes:
        """Return the line with its line end."""
        return f"— {self.name} {encode(self.key_id + self.value)}\n".encode()


@dataclass(frozen=True, slots=True)
class Note:
    """A text (ending in a line end) and its signatures."""

    text: str
    signatures: tuple[NoteSignature, ...]

    def encode(self) -> bytes:
        """Return the note as bytes."""
        return self.text.encode() + b"\n" + b"".join(item.line() for item in self.signatures)


def read_note(content: bytes) -> Note:
    """Read a signed note; the signatures are not checked yet. Raises EvidenceError if malformed."""
    try:
        whole = content.decode("utf-8")
    except UnicodeDecodeError as error:
        raise bad_note() from error
    text, blank, rest = whole.rpartition("\n\n")
    if not blank or _CONTROL.search(whole):
        raise bad_note()
    note = Note(text + "\n", read_signatures(rest))
    if not note.signatures or note.encode() != content:
        raise bad_note()
    return note


def read_signatures(lines: str) -> tuple[NoteSignature, ...]:
    """Read signature lines, each with its line end. Raises EvidenceError if one is malformed."""
    found = []
    for line in lines.removesuffix("\n").split("\n") if lines else ():
        match = _LINE.fullmatch(line)
        if match is None:
            raise bad_note()
        try:
            content = decode(match[2])
        except ValueError as error:
            raise bad_note() from error
        found.append(NoteSignature(match[1], content[:4], content[4:]))
    if len(found) > _MAXIMUM_SIGNATURES or len(
        {item.key_id + item.name.encode() for item in found}
    ) < len(found):
        raise bad_note()
    return tuple(found)


def bad_note() -> EvidenceError:
    """Return the error for a text that is not a canonical signed note."""
    return malformed(
        "checkpoint.malformed",
        Text(
            "檢查點不是正規格式的簽章短文（signed note）。",
            "The checkpoint is not a signed note in its canonical form.",
        ),
    )
