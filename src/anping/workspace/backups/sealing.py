"""Keys in a backup, sealed: scrypt (RFC 7914) makes the key, AES-256-GCM (NIST SP 800-38D) seals."""

from __future__ import annotations

import base64
import json
import secrets
from collections.abc import Mapping

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.scrypt import Scrypt

from anping.core.digest import canonical_json
from anping.workspace.backups import refusals

PASSPHRASE = "ANPING_BACKUP_PASSPHRASE"  # noqa: S105 - a variable's name, no secret
LEAST = 12
_FORMAT = "anping-sealed-keys/1"
#: 128 MiB and about half a second per guess (RFC 7914 section 2; OWASP's first choice).
_N, _R, _P = 1 << 17, 8, 1
_SALT_BYTES, _NONCE_BYTES, _KEY_BYTES = 16, 12, 32


def seal(entries: Mapping[str, bytes], passphrase: str) -> bytes:
    """Return the entries sealed. Raises ParameterError for a passphrase under 12 characters."""
    if len(passphrase) < LEAST:
        raise refusals.weak_passphrase(LEAST)
    salt, nonce = secrets.token_bytes(_SALT_BYTES), secrets.token_bytes(_NONCE_BYTES)
    plain = canonical_json({name: _text(content) for name, content in entries.items()})
    head = canonical_json([_FORMAT, _text(salt), _text(nonce), _N, _R, _P])
    sealed = AESGCM(_derived(passphrase, salt)).encrypt(nonce, plain, head)
    return head + b"\n" + base64.b64encode(sealed) + b"\n"


def unseal(content: bytes, passphrase: str) -> dict[str, bytes]:
    """Return what was sealed. Raises ParameterError if the passphrase or the content is wrong."""
    try:
        head, sealed = content.removesuffix(b"\n").split(b"\n")
        form, salt, nonce, *cost = json.loads(head)
        # The cost is fixed by the format: a hostile archive cannot ask for more memory.
        if form != _FORMAT or cost != [_N, _R, _P]:
            raise refusals.wrong_passphrase()
        key = _derived(passphrase, base64.b64decode(salt, validate=True))
        cipher = base64.b64decode(sealed, validate=True)
        plain = AESGCM(key).decrypt(base64.b64decode(nonce, validate=True), cipher, head)
        value = json.loads(plain)
        return {str(name): base64.b64decode(each, validate=True) for name, each in value.items()}
    except (ValueError, TypeError, InvalidTag) as error:
        raise refusals.wrong_passphrase() from error


def _derived(passphrase: str, salt: bytes) -> bytes:
    return Scrypt(salt=salt, length=_KEY_BYTES, n=_N, r=_R, p=_P).derive(passphrase.encode())


def _text(content: bytes) -> str:
    return base64.b64encode(content).decode()
