"""Mutates inputs within their structure, so that a fuzzer gets past checksums, magics and lengths.

Every function takes the bytes, a source of chance and ``mutate``, which changes plain bytes (the
coverage-guided fuzzer's own, or a simple one), and returns other bytes.
"""

from __future__ import annotations

import base64
import gzip
import io
import json
import random
import struct
import zipfile
import zlib
from collections.abc import Callable, Mapping

Mutate = Callable[[bytes], bytes]
_EPOCH = (1980, 1, 1, 0, 0, 0)
_MAGIC = b"PAR1"
_MOST = 1 << 20


def plain_mutation(chance: random.Random) -> Mutate:
    """Return a mutation of bytes that needs no fuzzer: flips, cuts, copies and odd values."""
    odd = (
        b"\x00",
        b"\xff",
        b"\xef\xbb\xbf",
        b'"',
        b"\r",
        b"\n\n",
        b"\xed\xa0\x80",
        b"9" * 40,
        b"-1",
        b"[" * 60,
    )

    def mutate(content: bytes) -> bytes:
        changed = bytearray(content or b"\x00")
        for _ in range(chance.randrange(1, 5)):
            place = chance.randrange(len(changed) + 1)
            end = min(len(changed), place + chance.randrange(1, 20))
            how = chance.randrange(5)
            if how == 0 and place < len(changed):
                changed[place] ^= 1 << chance.randrange(8)
            elif how == 1:
                del changed[place:end]
            elif how == 2:
                changed[place:place] = changed[place:end]
            elif how == 3:
                changed[place:end] = chance.choice(odd)
            else:
                changed[place:place] = chance.choice(odd)
        return bytes(changed)

    return mutate


def members_of(content: bytes) -> list[tuple[str, bytes]] | None:
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as packed:
            if sum(entry.file_size for entry in packed.infolist()) > _MOST:
                return None
            return [(entry.filename, packed.read(entry)) for entry in packed.infolist()]
    except Exception:  # noqa: BLE001 - what is no zip is mutated as bytes
        return None


def packed(members: list[tuple[str, bytes]]) -> bytes:
    """Return members as a plain zip, one beside the other, names doubled where they are."""
    into = io.BytesIO()
    with zipfile.ZipFile(into, "w") as archive:
        for name, content in members:
            entry = zipfile.ZipInfo(name, _EPOCH)
            entry.create_system, entry.external_attr = 3, 0o100644 << 16
            archive.writestr(entry, content)
    return into.getvalue()


def mutated_zip(content: bytes, chance: random.Random, mutate: Mutate) -> bytes:
    members = members_of(content)
    if not members or chance.random() < 0.15:
        return mutate(content)
    place = chance.randrange(len(members))
    name, inside = members[place]
    how = chance.randrange(8)
    if how <= 3:
        members[place] = (name, mutated_text(inside, chance, mutate))
    elif how == 4:
        del members[place]
    elif how == 5:
        other = chance.randrange(len(members))
        members[place], members[other] = (name, members[other][1]), (members[other][0], inside)
    elif how == 6:
        odd = (
            name.upper(),
            f"{name}.",
            f"../{name}",
            f"/{name}",
            f"{name}\u200b",
            f"{name}/x",
            "x",
        )
        members[place] = (chance.choice(odd), inside)
    else:
        members.append((name if chance.random() < 0.5 else f"{name}2", inside))
    try:
        return packed(members) if members else mutate(content)
    except (ValueError, UserWarning, struct.error):
        return mutate(content)


def mutated_text(content: bytes, chance: random.Random, mutate: Mutate) -> bytes:
    """Change a JSON value, a line, or bytes, whichever the content is."""
    if chance.random() < 0.5 and content[:1] in b"{[":
        try:
            return _mutated_json(json.loads(content), chance)
        except (ValueError, RecursionError):
            return mutate(content)
    lines = content.split(b"\n")
    if chance.random() < 0.4 and len(lines) > 2:
        one, other = chance.randrange(len(lines)), chance.randrange(len(lines))
        lines[one], lines[other] = lines[other], lines[one]
        return b"\n".join(lines if chance.random() < 0.5 else lines[:-1])
    return mutate(content)


def _mutated_json(value: object, chance: random.Random) -> bytes:
    holders: list[dict[str, object] | list[object]] = []
    level: list[object] = [value]
    while level:
        each = level.pop()
        if isinstance(each, dict):
            holders.append(each)
            level += each.values()
        elif isinstance(each, list):
            holders.append(each)
            level += each
    new: object = chance.choice(
        [0, -1, 1e308, 10**400, "", "\ud800", "\u0000", None, True, [], {}, [[]]]
    )
    holder = chance.choice(holders)
    if isinstance(holder, dict):
        holder[chance.choice([*holder, "x"])] = new
    elif holder:
        holder[chance.randrange(len(holder))] = new
    return _canonical(value)


def _canonical(value: object) -> bytes:
    """Return JSON as evidence spells it, so that it is read further than its first byte."""
    text = json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return text.encode("utf-8", "surrogatepass")


def mutated_gzip(content: bytes, chance: random.Random, mutate: Mutate) -> bytes:
    if chance.random() < 0.3:
        return mutate(content)
    try:
        with gzip.open(io.BytesIO(content)) as stream:
            return gzip.compress(mutate(stream.read(_MOST)), 1, mtime=0)
    except (OSError, EOFError, ValueError, zlib.error):
        return mutate(content)


def mutated_parquet(content: bytes, chance: random.Random, mutate: Mutate) -> bytes:
    """Change the footer or the pages, and put the footer's length right again."""
    if len(content) < 12 or chance.random() < 0.1:
        return mutate(content)
    length = struct.unpack_from("<I", content, len(content) - 8)[0]
    if length > len(content) - 12:
        return mutate(content)
    pages, footer = content[4 : -8 - length], content[-8 - length : -8]
    if chance.random() < 0.6:
        footer = mutate(footer)
    else:
        pages = mutate(pages)[: len(pages)].ljust(len(pages), b"\x00")
    return _MAGIC + pages + footer + struct.pack("<I", len(footer)) + _MAGIC


def mutated_envelope(content: bytes, chance: random.Random, mutate: Mutate) -> bytes:
    try:
        value = json.loads(content)
        payload = base64.b64decode(value["payload"])
        value["payload"] = base64.b64encode(mutated_text(payload, chance, mutate)).decode()
        return _canonical(value)
    except (ValueError, KeyError, TypeError):
        return mutate(content)


def mutated_bytes(content: bytes, chance: random.Random, mutate: Mutate) -> bytes:
    return mutated_text(content, chance, mutate) if chance.random() < 0.3 else mutate(content)


SHAPES: Mapping[str, Callable[[bytes, random.Random, Mutate], bytes]] = {
    "bytes": mutated_bytes,
    "zip": mutated_zip,
    "gzip": mutated_gzip,
    "parquet": mutated_parquet,
    "envelope": mutated_envelope,
}
