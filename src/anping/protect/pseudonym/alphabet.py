"""Crockford's Base32: digits and capitals without I, L, O and U, which people misread."""

from __future__ import annotations

ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_VALUE = {mark: value for value, mark in enumerate(ALPHABET)} | {"O": 0, "I": 1, "L": 1}


def encode(content: bytes) -> str:
    """Return ``content`` in Base32, five bits a character, the last one padded with zeros."""
    bits = len(content) * 8
    length = -(-bits // 5)
    number = int.from_bytes(content, "big") << (length * 5 - bits)
    return "".join(ALPHABET[number >> (5 * at) & 31] for at in reversed(range(length)))


def decode(text: str) -> bytes:
    """Return the bytes that ``text`` writes; ValueError if it is not such a text."""
    number = 0
    for mark in text.strip().upper():
        if mark not in _VALUE:
            raise ValueError("not Base32")
        number = number << 5 | _VALUE[mark]
    bits = len(text.strip()) * 5
    size = bits // 8
    if number & ((1 << (bits - size * 8)) - 1):
        raise ValueError("not Base32")
    return (number >> (bits - size * 8)).to_bytes(size, "big")
