"""Keccak-256 as Ethereum uses it: the padding of the submission, which SHA-3 (FIPS 202) changed.

Only for the checksum of addresses (EIP-55), which keeps nothing secret; the standard library has SHA-3
alone. Source: G. Bertoni et al., The Keccak reference, version 3.0 (2011).
"""

from __future__ import annotations

_LANES, _ROUNDS, _RATE, _MASK = 25, 24, 136, (1 << 64) - 1


def _constants() -> tuple[tuple[int, ...], tuple[int, ...], tuple[int, ...]]:
    """Return the round constants, and the rotations and targets of the lanes in order of travel."""
    rounds, register = [], 1
    for _ in range(_ROUNDS):
        constant = 0
        for power in range(7):
            if register & 1:
                constant ^= 1 << ((1 << power) - 1)
            register = (register << 1) ^ (0x171 if register >> 7 else 0)
        rounds.append(constant)
    x, y, turns, places = 1, 0, [], []
    for step in range(1, _LANES):
        turns.append(step * (step + 1) // 2 % 64)
        x, y = y, (2 * x + 3 * y) % 5
        places.append(x + 5 * y)
    return tuple(rounds), tuple(turns), tuple(places)


_CONSTANTS, _TURNS, _PLACES = _constants()


def _turned(lane: int, by: int) -> int:
    return (lane << by | lane >> (64 - by)) & _MASK if by else lane


def _permuted(lanes: list[int]) -> list[int]:
    for constant in _CONSTANTS:
        parity = [
            lanes[x] ^ lanes[x + 5] ^ lanes[x + 10] ^ lanes[x + 15] ^ lanes[x + 20]
            for x in range(5)
        ]
        mixed = [parity[(x + 4) % 5] ^ _turned(parity[(x + 1) % 5], 1) for x in range(5)]
        lanes = [lane ^ mixed[place % 5] for place, lane in enumerate(lanes)]
        held = lanes[1]
        for turn, place in zip(_TURNS, _PLACES, strict=True):
            lanes[place], held = _turned(held, turn), lanes[place]
        lanes = [
            lanes[row + x] ^ (~lanes[row + (x + 1) % 5] & _MASK & lanes[row + (x + 2) % 5])
            for row in range(0, _LANES, 5)
            for x in range(5)
        ]
        lanes[0] ^= constant
    return lanes


def keccak_256(message: bytes, *, suffix: int = 0x01) -> bytes:
    """Return the 32 bytes of the digest of ``message``; with suffix 0x06 that of SHA3-256."""
    padded = bytearray(message) + bytes([suffix]) + bytes(-(len(message) + 1) % _RATE)
    padded[-1] |= 0x80
    lanes = [0] * _LANES
    for start in range(0, len(padded), _RATE):
        for place in range(_RATE // 8):
            at = start + 8 * place
            lanes[place] ^= int.from_bytes(padded[at : at + 8], "little")
        lanes = _permuted(lanes)
    return b"".join(lane.to_bytes(8, "little") for lane in lanes[:4])
