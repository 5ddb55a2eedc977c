"""Base64 with one spelling per value: standard alphabet, full padding, zero trailing bits.

The usual decoders accept several texts for the same bytes; evidence must not, or a changed
character could go unseen (RFC 4648, section 3.5).
"""

from __future__ import annotations

import base64
import binascii


def encode(content: bytes) -> str:
    """Return the base64 text of ``content`` (RFC 4648, section 4)."""
    return base64.b64encode(content).decode("ascii")


def decode(text: str) -> bytes:
    """Return the bytes of a base64 text. Raises ValueError unless it is the only spelling."""
    try:
        content = base64.b64decode(text.encode("ascii"), validate=True)
    except (binascii.Error, UnicodeEncodeError) as error:
        raise ValueError("not base64") from error
    if encode(content) != text:
        raise ValueError("not canonical base64")
    return content
