"""Exif metadata (CIPA DC-008, TIFF 6.0): the camera, its owner, and where and when a picture was taken."""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import dataclass

_SIZES = {1: 1, 2: 1, 3: 2, 4: 4, 5: 8, 6: 1, 7: 1, 8: 2, 9: 4, 10: 8, 11: 4, 12: 8, 13: 4}
_EXIF, _GPS = 0x8769, 0x8825
#: Tags that say who, where, when or with which device.
TAGS = {
    0x010E: "ImageDescription", 0x010F: "Make", 0x0110: "Model", 0x0131: "Software",
    0x0132: "DateTime", 0x013B: "Artist", 0x013C: "HostComputer", 0x8298: "Copyright",
    0x9003: "DateTimeOriginal", 0x9004: "DateTimeDigitized", 0x9286: "UserComment",
    0x9C9B: "XPTitle", 0x9C9C: "XPComment", 0x9C9D: "XPAuthor", 0x9C9E: "XPKeywords",
    0x9C9F: "XPSubject", 0xA420: "ImageUniqueID", 0xA430: "CameraOwnerName",
    0xA431: "BodySerialNumber", 0xA435: "LensSerialNumber",
}  # fmt: skip
_ENTRIES = 1_000
_LONGEST = 65_536
_DATE = frozenset({0x0132, 0x9003, 0x9004})


@dataclass(frozen=True, slots=True)
class _Field:
    tag: int
    kind: int
    count: int
    at: int


class _Tiff:
    """The directories of a TIFF structure, every offset checked before it is followed."""

    def __init__(self, content: bytes) -> None:
        self._content = content
        self._order = {b"II": "<", b"MM": ">"}.get(content[:2], "")

    def fields(self) -> Iterator[tuple[str, _Field]]:
        if not self._order or len(self._content) < 8:
            return
        first = self._whole("I", 4)
        for field in self._directory(first):
            yield "main", field
            if field.tag in {_EXIF, _GPS} and field.count == 1:
                name = "gps" if field.tag == _GPS else "exif"
                for inner in self._directory(self._whole("I", field.at)):
                    yield name, inner

    def _directory(self, at: int) -> Iterator[_Field]:
        if at + 2 > len(self._content):
            return
        count = min(_ENTRIES, self._whole("H", at))
        for place in range(at + 2, at + 2 + 12 * count, 12):
            if place + 12 > len(self._content):
                return
            tag, kind, number = struct.unpack_from(f"{self._order}HHI", self._content, place)
            size = _SIZES.get(kind, 0) * number
            if not 0 < size <= _LONGEST:
                continue
            start = place + 8 if size <= 4 else self._whole("I", place + 8)
            if start + size <= len(self._content):
                yield _Field(tag, kind, number, start)

    def _whole(self, kind: str, at: int) -> int:
        if at + struct.calcsize(kind) > len(self._content):
            return len(self._content)
        (number,) = struct.unpack_from(self._order + kind, self._content, at)
        return int(number)

    def raw(self, field: _Field) -> bytes:
        return self._content[field.at : field.at + _SIZES[field.kind] * field.count]

    def rationals(self, field: _Field) -> list[float]:
        if field.kind not in {5, 10}:
            return []
        numbers = struct.unpack(f"{self._order}{2 * field.count}I", self.raw(field))
        return [a / b if b else 0.0 for a, b in zip(numbers[::2], numbers[1::2], strict=True)]


def metadata(content: bytes) -> Iterator[tuple[str, str]]:
    """Yield (name, value) of the tags that can lead to a person; ``content`` begins with II or MM."""
    tiff = _Tiff(content)
    place: dict[int, _Field] = {}
    for directory, field in tiff.fields():
        if directory == "gps":
            place[field.tag] = field
        elif field.tag in TAGS:
            value = _text(field, tiff.raw(field))
            if value:
                yield TAGS[field.tag], value
    position = [
        _degrees(tiff, place.get(reference), place.get(reference + 1)) for reference in (1, 3)
    ]
    if None not in position:
        yield (
            "GPSPosition",
            ", ".join(f"{degrees:.6f}" for degrees in position if degrees is not None),
        )


def _text(field: _Field, raw: bytes) -> str:
    if 0x9C9B <= field.tag <= 0x9C9F:
        text = raw.decode("utf-16-le", "ignore")
    elif field.tag == 0x9286:
        text = raw[8:].decode("utf-16-le" if raw.startswith(b"UNICODE") else "utf-8", "ignore")
    else:
        text = _decoded(raw)
    text = text.replace("\0", " ").strip()
    if field.tag in _DATE:
        day, _, clock = text.partition(" ")
        text = f"{day.replace(':', '-')} {clock}"
    return text


def _decoded(raw: bytes) -> str:
    for encoding in ("utf-8", "cp950"):
        try:
            return raw.decode(encoding)
        except UnicodeDecodeError:
            continue
    return raw.decode("latin-1")


def _degrees(tiff: _Tiff, reference: _Field | None, value: _Field | None) -> float | None:
    if reference is None or value is None:
        return None
    parts = tiff.rationals(value)
    if len(parts) != 3:
        return None
    degrees = parts[0] + parts[1] / 60 + parts[2] / 3600
    return -degrees if tiff.raw(reference)[:1] in {b"S", b"W"} else degrees
