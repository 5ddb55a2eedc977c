"""Timestamps from an authority: asked for by HTTP, checked, and kept beside the checkpoint."""

from __future__ import annotations

import base64
import http.client
from http import HTTPStatus
from typing import Any
from urllib.parse import urlsplit

from anping.core.errors import InputError, Where
from anping.core.text import Text
from anping.evidence.timestamp import (
    MAXIMUM_BYTES,
    Timestamp,
    check_timestamp,
    read_timestamp,
    request_timestamp,
)
from anping.workspace.witnessing import checkpoint
from anping.workspace.workspace import Workspace

_SECONDS = 30


def timestamp(workspace: Workspace, url: str, *, roots: bytes | None = None) -> Timestamp:
    """Have a time-stamping authority (RFC 3161 over HTTP) stamp the ledger as it is now; keep it.

    ``roots`` are trusted certificates in PEM; without them the answer is kept unchecked, for the
    auditor to check. Raises InputError for an unusable URL or answer, EvidenceError for an answer
    that does not hold; nothing is kept then.
    """
    signed = checkpoint(workspace)
    request = request_timestamp(signed.checkpoint)
    answer = _asked(url, request.content)
    if roots is None:
        stamp = read_timestamp(answer, signed.checkpoint)
    else:
        stamp = check_timestamp(answer, signed.checkpoint, roots=roots, nonce=request.nonce)
    workspace.state(_fact(signed.head.size), base64.b64encode(answer).decode())
    return stamp


def held_timestamp(workspace: Workspace, size: int) -> bytes | None:
    """Return the timestamp response kept for the checkpoint of ``size``, or None."""
    held = workspace.fact(_fact(size))
    return None if held is None else base64.b64decode(held)


def _fact(size: int) -> str:
    return f"timestamp:{size}"


def _asked(url: str, content: bytes) -> bytes:
    """Return the answer to a timestamp query (RFC 3161, 3.4); redirects are not followed."""
    parts = urlsplit(url)
    kinds: dict[str, Any] = {
        "http": http.client.HTTPConnection,
        "https": http.client.HTTPSConnection,
    }
    if parts.scheme not in kinds or not parts.hostname:
        raise _no_answer(url)
    path = parts.path or "/"
    try:
        connection = kinds[parts.scheme](parts.hostname, parts.port, timeout=_SECONDS)
        try:
            connection.request(
                "POST",
                f"{path}?{parts.query}" if parts.query else path,
                body=content,
                headers={"Content-Type": "application/timestamp-query"},
            )
            with connection.getresponse() as response:
                answer: bytes = response.read(MAXIMUM_BYTES + 1)
        finally:
            connection.close()
    except (OSError, http.client.HTTPException, ValueError) as error:
        raise _no_answer(url) from error
    if response.status != HTTPStatus.OK or len(answer) > MAXIMUM_BYTES:
        raise _no_answer(url)
    return answer


def _no_answer(url: str) -> InputError:
    return InputError(
        "timestamp.no-answer",
        Text(
            "時戳機構沒有給出可用的回覆。",
            "The time-stamping authority gave no usable answer.",
        ),
        where=Where(file=urlsplit(url).hostname or url[:80]),
        hint=Text(
            "檢查網址（http 或 https）與網路，稍後再試。",
            "Check the URL (http or https) and the network, and try again later.",
        ),
    )
