"""Keys come from a callable, so that the key store can live apart from the data.

Enforcement practice in Taiwan (MoJ 10303513040) treats data whose recipient holds the key as not
de-identified; hence nothing in this room ever stores a key.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Protocol

from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from anping.core.errors import KeyStoreError
from anping.core.text import Text

MIN_KEY_BYTES = 32
_SALT = b"anping/pseudonym/v1"


class Keys(Protocol):
    """Gives the secret of a name; raises KeyStoreError if there is none."""

    def __call__(self, name: str, /) -> bytes:
        """Return the secret, 32 bytes or more."""
        ...


@dataclass(frozen=True)
class KeyRing:
    """Keys held in memory, for use without a workspace. Never printed."""

    secrets: Mapping[str, bytes] = field(repr=False)

    def __call__(self, name: str, /) -> bytes:
        """Return the secret of ``name``. Raises KeyStoreError if there is none."""
        if name not in self.secrets:
            raise KeyStoreError(
                "key.missing",
                Text(f"找不到金鑰「{name}」。", f"The key “{name}” is missing."),
                hint=Text(
                    "從備份還原金鑰；沒有原來的金鑰，就無法產生相同的假名，也無法還原。",
                    "Restore it from its backup; without it pseudonyms can be neither repeated"
                    " nor reversed.",
                ),
            )
        return self.secrets[name]


def subkey(keys: Keys, name: str, *, use: str, length: int = 32) -> bytes:
    """Return the key of one use of ``name`` (HKDF-SHA-256, RFC 5869).

    Uses are separated, so that a pseudonym never tells anything about a date shift under the same
    name. Raises KeyStoreError if the secret is missing or shorter than 32 bytes.
    """
    secret = keys(name)
    if len(secret) < MIN_KEY_BYTES:
        raise KeyStoreError(
            "key.short",
            Text(f"金鑰「{name}」太短。", f"The key “{name}” is too short."),
            hint=Text(
                f"金鑰至少要 {MIN_KEY_BYTES} 個隨機位元組。",
                f"A key has at least {MIN_KEY_BYTES} random bytes.",
            ),
        )
    info = f"{use}\x00{name}".encode()
    return HKDF(algorithm=SHA256(), length=length, salt=_SALT, info=info).derive(secret)
