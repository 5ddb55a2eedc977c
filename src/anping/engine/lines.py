"""Bytes in chunks become blocks of whole lines; a line that never ends is told, not held."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import numpy as np

from anping.engine.records import LONGEST_RECORD

_SHOWN = 1 << 16
_MUCH = 1 << 18
_LINE_FEED = 0x0A


def line_feeds(content: bytes, end: int | None = None) -> int:
    """Return how many line feeds there are before ``end``; NumPy sees many several times as fast."""
    size = len(content) if end is None else end
    if size < _MUCH:
        return content.count(b"\n", 0, size)
    letters = np.frombuffer(content, np.uint8, size)
    return sum(
        int(np.count_nonzero(letters[start : start + _MUCH] == _LINE_FEED))
        for start in range(0, letters.size, _MUCH)
    )


@dataclass(frozen=True, slots=True)
class Lines:
    """Whole lines, the first of which has number ``line``.

    ``endless`` says that this is the beginning of one line that is longer than any record may be;
    the rest of it was passed over.
    """

    line: int
    content: bytes
    endless: bool = False


def line_blocks(chunks: Iterable[bytes], *, longest: int = LONGEST_RECORD) -> Iterator[Lines]:
    """Yield the lines of ``chunks`` (LF line ends) in blocks; memory holds at most one block."""
    line, held, passing = 1, b"", False
    for chunk in chunks:
        fresh = chunk
        if passing:
            end = fresh.find(b"\n") + 1
            if not end:
                continue
            fresh, passing = fresh[end:], False
        held += fresh
        cut = held.rfind(b"\n") + 1
        if cut:
            yield Lines(line, held[:cut])
            line += line_feeds(held, cut)
            held = held[cut:]
        if len(held) >= longest:
            yield Lines(line, held[:_SHOWN], endless=True)
            line, held, passing = line + 1, b"", True
    if held:
        yield Lines(line, held)
