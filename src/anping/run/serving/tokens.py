"""Bearer tokens (RFC 6750): kept as digests, compared in constant time."""

from __future__ import annotations

import hashlib
import hmac
import os
import stat
from dataclasses import dataclass
from pathlib import Path

from anping.core.errors import InputError, ParameterError, Where
from anping.core.text import Text

_SHORTEST = 16
_LONGEST = 512
_LOCAL = ("127.0.0.1", "::1", "localhost")


@dataclass(frozen=True, slots=True)
class Tokens:
    """The digests of the tokens that a server takes; none at all lets everybody in."""

    digests: tuple[bytes, ...] = ()

    def admit(self, header: str | None) -> bool:
        """Return whether an ``Authorization`` header bears one of the tokens."""
        if not self.digests:
            return True
        scheme, _, token = (header or "").partition(" ")
        token = token.strip()
        if scheme.lower() != "bearer" or not token or len(token) > _LONGEST:
            return False
        given = _digest(token)
        # Every one is compared, so that the time does not tell which was nearly right.
        return sum(hmac.compare_digest(given, held) for held in self.digests) > 0


def read_tokens(path: Path) -> Tokens:
    """Return the tokens of a file, one on each line; blank lines and those with # are passed over.

    Raises InputError for a file that others may read, for a short token, and for none at all.
    """
    if os.name != "nt" and path.stat().st_mode & (stat.S_IRWXG | stat.S_IRWXO):
        raise _wrong(
            path,
            Text("別人也能讀這個權杖檔。", "Others can read this file of tokens."),
            Text(f"執行 chmod 600 {path.name}。", f"Run chmod 600 {path.name}."),
        )
    try:
        lines = [line.strip() for line in path.read_text("utf-8").splitlines()]
    except UnicodeDecodeError as problem:
        raise _short(path, None) from problem
    digests = []
    for row, line in enumerate(lines, 1):
        if not line or line.startswith("#"):
            continue
        if not (_SHORTEST <= len(line) <= _LONGEST and line.isascii() and line.isprintable()):
            raise _short(path, row)
        digests.append(_digest(line))
    if not digests:
        raise _short(path, None)
    return Tokens(tuple(digests))


def check_open(tokens: Tokens, host: str) -> None:
    """Raise ParameterError for a server without tokens that other machines could reach."""
    if not tokens.digests and host not in _LOCAL:
        raise ParameterError(
            "serving.no-tokens",
            Text(
                "對外的服務需要權杖檔。",
                "A server that other machines can reach needs a file of tokens.",
            ),
            hint=Text(
                "加上 --token-file，或只聽 127.0.0.1。",
                "Give --token-file, or listen on 127.0.0.1.",
            ),
        )


def _digest(token: str) -> bytes:
    return hashlib.sha256(token.encode()).digest()


def _short(path: Path, row: int | None) -> InputError:
    return _wrong(
        path,
        Text(
            f"每行一個權杖，{_SHORTEST} 到 {_LONGEST} 個 ASCII 字元。",
            f"Each line holds one token of {_SHORTEST} to {_LONGEST} ASCII characters.",
        ),
        Text(
            "用 python -c 'import secrets; print(secrets.token_urlsafe())' 產生。",
            "Make one with python -c 'import secrets; print(secrets.token_urlsafe())'.",
        ),
        row,
    )


def _wrong(path: Path, what: Text, hint: Text, row: int | None = None) -> InputError:
    return InputError("serving.tokens", what, hint=hint, where=Where(file=path.name, row=row))
