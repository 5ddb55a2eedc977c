"""Pictures by their metadata only: Exif, XMP and text chunks of JPEG, PNG, TIFF and WebP.

What a picture shows is not looked at; a note says so.
"""

from __future__ import annotations

import re
import struct
import zlib
from collections.abc import Iterator
from pathlib import Path

from anping.core.errors import InputError
from anping.core.text import Text
from anping.engine.documents import refusals as refusal
from anping.engine.documents.document import Document, Limits, Writing
from anping.engine.documents.exif import metadata
from anping.engine.documents.markup import read_xml

PICTURE = Text("影像檔", "picture")
NOT_LOOKED_AT = Text(
    "影像本身的內容（人臉、文字）未看，只讀中繼資料。",
    "What the picture shows (faces, writing) is not looked at; only its metadata is read.",
)
_EXIF = b"Exif\0\0"
_XMP = b"http://ns.adobe.com/xap/1.0/\0"
_LARGEST = 4 << 20
_PEOPLE = re.compile(
    r"creator|author|artist|rights|description|title|serial|owner|gps|li$", re.IGNORECASE
)


def read_picture(path: Path, limits: Limits) -> Document:
    """Return a picture's metadata, a block for each entry."""
    writing = Writing()
    content = path.read_bytes()
    try:
        for name, value in _entries(content, limits):
            writing.add("metadata", f"{name}: {value}", name=name)
    except (struct.error, zlib.error, IndexError, ValueError) as error:
        raise refusal.damaged(PICTURE) from error
    writing.notes.append(NOT_LOOKED_AT)
    return writing.document("image")


def _entries(content: bytes, limits: Limits) -> Iterator[tuple[str, str]]:
    if content.startswith(b"\xff\xd8"):
        pieces = _jpeg(content)
    elif content.startswith(b"\x89PNG"):
        pieces = _png(content)
    elif content.startswith(b"RIFF"):
        pieces = _webp(content)
    else:
        pieces = iter([("exif", content)])
    for name, piece in pieces:
        if name == "exif":
            yield from metadata(piece.removeprefix(_EXIF))
        elif name == "xmp":
            yield from _xmp(piece, limits)
        else:
            yield name, piece.decode("utf-8", "replace")


def _jpeg(content: bytes) -> Iterator[tuple[str, bytes]]:
    at = 2
    while at + 4 <= len(content) and content[at] == 0xFF:
        marker = content[at + 1]
        if marker in {0xD8, 0x01} or 0xD0 <= marker <= 0xD7:
            at += 2
            continue
        if marker in {0xDA, 0xD9}:
            return
        (length,) = struct.unpack_from(">H", content, at + 2)
        piece = content[at + 4 : at + 2 + length]
        if marker == 0xE1 and piece.startswith(_EXIF):
            yield "exif", piece
        elif marker == 0xE1 and piece.startswith(_XMP):
            yield "xmp", piece.removeprefix(_XMP)
        elif marker == 0xFE:
            yield "Comment", piece
        at += 2 + max(2, length)


def _png(content: bytes) -> Iterator[tuple[str, bytes]]:
    at = 8
    while at + 12 <= len(content):
        length, kind = struct.unpack_from(">I4s", content, at)
        piece = content[at + 8 : at + 8 + length]
        at += 12 + length
        if kind == b"eXIf":
            yield "exif", piece
        elif kind == b"tEXt":
            name, _, value = piece.partition(b"\0")
            yield _keyword(name), value.decode("latin-1").encode()
        elif kind == b"zTXt":
            name, _, value = piece.partition(b"\0")
            yield _keyword(name), _inflated(value[1:])
        elif kind == b"iTXt":
            name, _, rest = piece.partition(b"\0")
            compressed = rest[:1] == b"\x01"
            value = rest[2:].split(b"\0", 2)[-1]
            value = _inflated(value) if compressed else value
            yield ("xmp" if name == b"XML:com.adobe.xmp" else _keyword(name)), value


def _keyword(name: bytes) -> str:
    return name.decode("latin-1", "replace")[:79] or "Text"


def _inflated(raw: bytes) -> bytes:
    return zlib.decompressobj().decompress(raw, _LARGEST)


def _webp(content: bytes) -> Iterator[tuple[str, bytes]]:
    at = 12
    while at + 8 <= len(content):
        kind, length = struct.unpack_from("<4sI", content, at)
        piece = content[at + 8 : at + 8 + length]
        at += 8 + length + length % 2
        if kind == b"EXIF":
            yield "exif", piece
        elif kind == b"XMP ":
            yield "xmp", piece


def _xmp(packet: bytes, limits: Limits) -> Iterator[tuple[str, str]]:
    try:
        found = read_xml(packet.strip().strip(b"\0"), limits)
    except InputError:
        return
    for line in found.text.split("\n"):
        name, _, value = line.partition(": ")
        if value and _PEOPLE.search(name):
            yield f"xmp {name}", value
