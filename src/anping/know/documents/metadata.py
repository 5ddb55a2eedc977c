"""What stands beside a document's text and tells who made it: authors, owners, devices, places.

Readers write metadata as ``Name: value`` on a line of its own; here such a line is evidence by its
name, whatever the value looks like.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from anping.core.span import Span

_SCORE = 0.9
_EVIDENCE = ("metadata",)
_PEOPLE = (
    "author|creator|dc:creator|lastModifiedBy|cp:lastModifiedBy|Manager|Artist|XPAuthor|CameraOwnerName"
    "|Copyright|xmp (?:dc:)?creator|xmp rdf:li|og:author|article:author"
)
_DEVICES = (
    "BodySerialNumber|LensSerialNumber|ImageUniqueID|HostComputer|xmp [a-zA-Z:@]*Serial[a-zA-Z]*"
)
_LINE = re.compile(
    rf"^(?:(?P<person>{_PEOPLE})|(?P<device>{_DEVICES})|(?P<place>GPSPosition)): (?P<value>\S.*)$",
    re.MULTILINE | re.IGNORECASE,
)
_TYPES = {"person": "PERSON_NAME", "device": "DEVICE_ID", "place": "GPS_POSITION"}


@dataclass(frozen=True)
class WithMetadata:
    """A detector of texts that knows lines of metadata, too."""

    find_spans: Callable[[str], Sequence[Span]]

    def __call__(self, text: str) -> list[Span]:
        """Return what the detector finds, and the values of telling metadata beside it."""
        found = list(self.find_spans(text))
        taken = [(span.start, span.end) for span in found]
        for line in _LINE.finditer(text):
            start, end = line.span("value")
            if not any(first < end and start < last for first, last in taken):
                kind = next(name for name in _TYPES if line[name])
                found.append(Span(start, end, _TYPES[kind], _SCORE, _EVIDENCE))
        return sorted(found)
