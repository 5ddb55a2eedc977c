"""Reversible pseudonyms: AES-256-SIV (RFC 5297), deterministic and authenticated.

Whoever holds the key can turn a pseudonym back; nobody else can, nor can they make one. Values are
padded to 16 bytes, so a pseudonym shows the length of its value only in steps of 16.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESSIV

from anping.core.errors import InputError, KeyStoreError, Where
from anping.core.text import Text
from anping.protect.pseudonym import alphabet
from anping.protect.pseudonym.keys import Keys, subkey
from anping.protect.pseudonym.normal import Normalisation, normal

_BLOCK = 16
_CONTEXT = b"anping/aes-siv/v1"


def pseudonyms(
    values: Iterable[Any], keys: Keys, *, key: str, normalisation: Normalisation = "identifier"
) -> list[str | None]:
    """Return the pseudonym of each value in Base32; null stays null.

    Raises KeyStoreError if the key ``key`` is missing or short.
    """
    texts = [normal(value, normalisation) for value in values]
    known = list(dict.fromkeys(text for text in texts if text))
    made = dict(zip(known, tokens(known, derived(keys, key), key=key), strict=True))
    return [made.get(text) for text in texts]


def tokens(texts: Iterable[str], secret: bytes, *, key: str) -> list[str]:
    """Return the pseudonym of each normal form under the derived key of the name ``key``."""
    cipher, context = AESSIV(secret), [_CONTEXT, key.encode()]
    return [alphabet.encode(cipher.encrypt(_padded(text.encode()), context)) for text in texts]


def derived(keys: Keys, key: str) -> bytes:
    """Return the key of AES-SIV derived from the secret ``key``. Raises KeyStoreError."""
    return subkey(keys, key, use="aes-siv", length=64)


def reidentify(tokens: Iterable[str | None], keys: Keys, *, key: str) -> list[str | None]:
    """Return the normal form of the value behind each pseudonym; null stays null.

    Raises KeyStoreError if the key is missing, short, or not the one that made the pseudonym, and
    InputError for a text that is no pseudonym.
    """
    cipher, context = AESSIV(derived(keys, key)), [_CONTEXT, key.encode()]
    return [
        None if token is None else _opened(cipher, context, token, row)
        for row, token in enumerate(tokens, start=1)
    ]


def _opened(cipher: AESSIV, context: list[bytes], token: str, row: int) -> str:
    try:
        sealed = alphabet.decode(token)
    except ValueError:
        sealed = b""
    if len(sealed) < 2 * _BLOCK or len(sealed) % _BLOCK:
        raise InputError(
            "pseudonym.malformed",
            Text("這不是可還原的假名。", "This is not a reversible pseudonym."),
            where=Where(row=row),
            hint=Text(
                "確認欄位是以 aes-siv 產生且未被改動。",
                "Check that the column was made by aes-siv and was not edited.",
            ),
        )
    try:
        return _unpadded(cipher.decrypt(sealed, context)).decode()
    except InvalidTag:
        raise KeyStoreError(
            "key.does-not-open",
            Text("這把金鑰打不開這個假名。", "This key does not open this pseudonym."),
            where=Where(row=row),
            hint=Text(
                "換用產生它的那把金鑰；假名若被改過也會打不開。",
                "Use the key that made it; an edited pseudonym does not open either.",
            ),
        ) from None


def _padded(content: bytes) -> bytes:
    count = _BLOCK - len(content) % _BLOCK
    return content + bytes([count]) * count


def _unpadded(content: bytes) -> bytes:
    return content[: -content[-1]]
