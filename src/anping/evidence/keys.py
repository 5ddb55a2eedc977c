"""Keys with a role and a name: who may sign what, and how people compare them.

Signatures are Ed25519 (RFC 8032). A key's id is the SHA-256 of its 32 raw public bytes, in hex.
A private key is kept as PKCS#8 PEM with its role and name in the lines above (RFC 7468 allows
explanatory text there), readable by its owner only.
"""

from __future__ import annotations

import hashlib
import os
import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, Protocol, get_args

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import (
    Ed25519PrivateKey,
    Ed25519PublicKey,
)

from anping.core.digest import canonical_json
from anping.core.errors import EvidenceError, KeyStoreError, Where
from anping.core.files import aside
from anping.core.text import Text
from anping.evidence.base64_text import decode, encode
from anping.evidence.problems import malformed
from anping.evidence.strict_json import conform, read_canonical

#: ``producer`` signs statements, ``log`` checkpoints, ``officer`` policies; ``witness`` cosigns.
KeyRole = Literal["producer", "log", "officer", "witness"]
_ROLES: tuple[str, ...] = get_args(KeyRole)

_NAME = re.compile(r"[^\s+\x00-\x20\x7f]{1,200}")
_HEADER = re.compile(r"\AAnping-Role: (\S+)\nAnping-Name: (\S+)\n(?=-----BEGIN)")
_RAW_BYTES = 32

# Under a public key of small order one signature fits many messages, so such keys are refused.
# The y-coordinates of the eight points, and the unreduced spellings of 0 and 1.
_SMALL_ORDER = frozenset(
    {
        "00" * 32,
        "01" + "00" * 31,
        "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05",
        "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a",
        "ec" + "ff" * 30 + "7f",
        "ed" + "ff" * 30 + "7f",
        "ee" + "ff" * 30 + "7f",
    }
)


def _is_small_order(raw: bytes) -> bool:
    return (raw[:31] + bytes([raw[31] & 0x7F])).hex() in _SMALL_ORDER


@dataclass(frozen=True, slots=True, order=True)
class PublicKey:
    """A public key with its role and name; ``raw`` is 32 bytes."""

    role: KeyRole
    name: str
    raw: bytes

    def __post_init__(self) -> None:
        if (
            self.role not in _ROLES
            or not _NAME.fullmatch(self.name)
            or len(self.raw) != _RAW_BYTES
            or _is_small_order(self.raw)
        ):
            raise ValueError("not a usable public key")

    @property
    def keyid(self) -> str:
        """The SHA-256 of the raw key, in hex."""
        return hashlib.sha256(self.raw).hexdigest()

    @property
    def fingerprint(self) -> str:
        """The first 128 bits of the key id in groups of four, for people to read aloud."""
        return " ".join(self.keyid[start : start + 4] for start in range(0, 32, 4))

    def verifies(self, signature: bytes, message: bytes) -> bool:
        """Return whether ``signature`` (64 bytes) over ``message`` is this key's."""
        try:
            Ed25519PublicKey.from_public_bytes(self.raw).verify(signature, message)
        except (InvalidSignature, ValueError):
            return False
        return True

    def as_json(self) -> dict[str, str]:
        """Return plain values."""
        return {
            "role": self.role,
            "name": self.name,
            "keyid": self.keyid,
            "publicKey": encode(self.raw),
        }

    @classmethod
    def from_json(cls, value: Any) -> PublicKey:
        """Read a key. Raises ValueError unless it is exactly what :meth:`as_json` writes."""
        conform(value, {"role": str, "name": str, "keyid": str, "publicKey": str})
        key = cls(value["role"], value["name"], decode(value["publicKey"]))
        if key.keyid != value["keyid"]:
            raise ValueError("key id")
        return key


class Signer(Protocol):
    """Signs with a private key that may lie anywhere: in memory, in a token, behind a service."""

    @property
    def public(self) -> PublicKey:
        """The public half, with role and name."""

    def sign(self, message: bytes) -> bytes:
        """Return the Ed25519 signature (64 bytes) over ``message``."""


@dataclass(frozen=True, slots=True)
class SigningKey:
    """A private key with its role and name, held in memory: the signer of keys that lie in files."""

    role: KeyRole
    name: str
    private: Ed25519PrivateKey

    @classmethod
    def generate(cls, role: str, name: str) -> SigningKey:
        """Make a new key from the system's randomness. Raises KeyStoreError for a bad role or name."""
        return _signing_key(role, name, Ed25519PrivateKey.generate())

    @property
    def public(self) -> PublicKey:
        """The public half."""
        return PublicKey(self.role, self.name, self.private.public_key().public_bytes_raw())

    def sign(self, message: bytes) -> bytes:
        """Return the Ed25519 signature (64 bytes) over ``message``."""
        return self.private.sign(message)

    def encode(self) -> bytes:
        """Return the key as PKCS#8 PEM under its role and name."""
        pem = self.private.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
        return f"Anping-Role: {self.role}\nAnping-Name: {self.name}\n".encode() + pem

    def save(self, path: Path) -> None:
        """Write the key to ``path``, readable and writable by its owner only."""
        with aside(path) as temporary:
            descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
            with os.fdopen(descriptor, "wb") as stream:
                stream.write(self.encode())

    @classmethod
    def decode(cls, content: bytes, *, file: str) -> SigningKey:
        """Read what :meth:`encode` wrote. Raises KeyStoreError naming ``file`` if it is damaged."""
        try:
            text = content.decode("utf-8")
            header = _HEADER.match(text)
            if header is None:
                raise _unusable(file)
            key = serialization.load_pem_private_key(text[header.end() :].encode(), None)
        except (ValueError, TypeError) as error:
            raise _unusable(file) from error
        if not isinstance(key, Ed25519PrivateKey):
            raise _unusable(file)
        return _signing_key(header[1], header[2], key)

    @classmethod
    def load(cls, path: Path) -> SigningKey:
        """Read a key that :meth:`save` wrote. Raises KeyStoreError if it is missing or damaged."""
        try:
            content = path.read_bytes()
        except OSError as error:
            raise _unusable(path.name) from error
        return cls.decode(content, file=path.name)


def _signing_key(role: str, name: str, private: Ed25519PrivateKey) -> SigningKey:
    for known in get_args(KeyRole):
        if role == known and _NAME.fullmatch(name):
            return SigningKey(known, name, private)
    raise KeyStoreError(
        "key.bad-name",
        Text("金鑰的角色或名稱無法使用。", "The role or name of the key cannot be used."),
        hint=Text(
            f"角色須為 {'、'.join(_ROLES)}；名稱不可有空白或加號。",
            f"The role is one of {', '.join(_ROLES)}; a name has no blanks and no plus sign.",
        ),
    )


def _unusable(file: str) -> KeyStoreError:
    return KeyStoreError(
        "key.damaged",
        Text("簽章金鑰檔遺失或已損壞。", "The signing key file is missing or damaged."),
        where=Where(file=file),
        hint=Text("從備份還原金鑰檔。", "Restore the key file from its backup."),
    )


@dataclass(frozen=True, slots=True)
class Keys:
    """A set of public keys."""

    members: tuple[PublicKey, ...] = ()

    def of(self, role: KeyRole) -> tuple[PublicKey, ...]:
        """Return the keys of one role."""
        return tuple(key for key in self.members if key.role == role)

    def find(self, keyid: str) -> tuple[PublicKey, ...]:
        """Return the keys with this id; more than one if a key has several roles."""
        return tuple(key for key in self.members if key.keyid == keyid)


def keys_json(keys: Iterable[PublicKey]) -> bytes:
    """Return the canonical ``keys.json``: a sorted list on one line."""
    return canonical_json([key.as_json() for key in sorted(set(keys))]) + b"\n"


def read_keys(content: bytes) -> Keys:
    """Read ``keys.json``. Raises EvidenceError unless it is canonical."""
    try:
        value = read_canonical(content.removesuffix(b"\n"))
        conform(value, [dict])
        members = tuple(PublicKey.from_json(item) for item in value)
    except ValueError as error:
        raise _bad_keys() from error
    if keys_json(members) != content:
        raise _bad_keys()
    return Keys(members)


def _bad_keys() -> EvidenceError:
    return malformed(
        "keys.malformed",
        Text(
            "公開金鑰檔不是正規格式，或含有不可用的金鑰。",
            "The public key file is not in its canonical form, or holds a key that cannot be used.",
        ),
    )
