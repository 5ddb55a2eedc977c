"""Where the objects of a JSON text begin and end, found while it streams past (RFC 8259).

Only quotes, backslashes, brackets and line feeds are looked at, all at once with NumPy, so that a
list of a million objects is never in memory and an object that is wrong spoils only itself.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from anping.engine.records import LONGEST_RECORD

_QUOTE, _BACKSLASH, _LINE_FEED = 0x22, 0x5C, 0x0A
_STEP = np.zeros(256, np.int8)
_STEP[[0x7B, 0x5B]] = 1
_STEP[[0x7D, 0x5D]] = -1
_SHOWN = 1 << 16

Positions = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Brackets:
    """The brackets of one piece of text, outside of strings.

    ``places`` are offsets in ``text``; ``depths`` say how many brackets are open behind each;
    ``line_feeds`` are the offsets of the piece's line feeds and ``line`` its first line's number.
    """

    text: bytes
    places: Positions
    steps: npt.NDArray[np.int8]
    depths: Positions
    line_feeds: Positions
    line: int

    def line_at(self, place: int) -> int:
        """Return the number of the line that holds the offset."""
        return self.line + int(np.searchsorted(self.line_feeds, place))


class BracketScan:
    """Finds brackets in pieces of one text; afterwards ``finished`` says whether all are closed."""

    def __init__(self) -> None:
        self._inside = False
        self._escaping = False
        self._depth = 0
        self._line = 1

    @property
    def finished(self) -> bool:
        """Whether no string and no bracket is open."""
        return not self._inside and self._depth == 0

    def read(self, chunks: Iterable[bytes]) -> Iterator[Brackets]:
        """Yield the brackets of every piece; raise ValueError at one that nothing opened."""
        for text in filter(None, chunks):
            letters = np.frombuffer(text, np.uint8)
            quotes = self._quotes(letters)
            steps = _STEP[letters]
            places = np.flatnonzero(steps)
            outside = (np.searchsorted(quotes, places) + self._inside) % 2 == 0
            places = places[outside]
            depths = self._depth + np.cumsum(steps[places], dtype=np.int64)
            if len(depths) and depths.min() < 0:
                raise ValueError
            feeds = np.flatnonzero(letters == _LINE_FEED)
            yield Brackets(text, places, steps[places], depths, feeds, self._line)
            self._inside = bool((len(quotes) + self._inside) % 2)
            self._depth = int(depths[-1]) if len(depths) else self._depth
            self._line += len(feeds)

    def _quotes(self, letters: npt.NDArray[np.uint8]) -> Positions:
        """Return the offsets of the quotes that open or close a string, not those within one."""
        quotes = np.flatnonzero(letters == _QUOTE)
        slashes = np.flatnonzero(letters == _BACKSLASH)
        carried, self._escaping = self._escaping, False
        if not len(slashes):
            return quotes[1:] if carried and len(quotes) and quotes[0] == 0 else quotes
        begins = np.flatnonzero(np.diff(slashes, prepend=-2) != 1)
        starts = slashes[begins]
        lengths = np.diff(begins, append=len(slashes))
        if carried and starts[0] == 0:
            lengths[0] += 1
        behind = starts + np.diff(begins, append=len(slashes))
        escaped = behind[lengths % 2 == 1]
        if carried and starts[0] != 0:
            escaped = np.append(escaped, 0)
        self._escaping = bool(len(escaped)) and bool((escaped == len(letters)).any())
        return quotes[~np.isin(quotes, escaped)]


@dataclass(frozen=True, slots=True)
class Found:
    """One value in a list: the line on which it begins and its text.

    ``kind`` says whether it is whole, too long to be held (then ``text`` is its beginning), or no
    object at all.
    """

    line: int
    text: bytes
    kind: str = "object"


class ElementScan:
    """Yields the objects that lie directly in one list of a JSON text.

    ``depth`` is how many brackets are open around them: 0 for objects one after the other, 1 for a
    list, 2 for a list in an object; then ``ordinal`` says in which of its values, from 0.
    """

    def __init__(self, depth: int, ordinal: int = 0) -> None:
        self._depth = depth
        self._ordinal = ordinal
        self._seen = -1
        self._within = depth < 2
        self._held: list[bytes] | None = None
        self._size = 0
        self._began = 0

    def read(self, pieces: Iterable[Brackets]) -> Iterator[Found]:
        """Yield what is found, in order."""
        for piece in pieces:
            yield from self._piece(piece)

    def _piece(self, piece: Brackets) -> Iterator[Found]:
        opening = piece.steps > 0
        at = np.flatnonzero(
            (opening & (piece.depths <= self._depth + 1))
            | (~opening & (piece.depths <= self._depth))
        )
        behind = 0
        for place, opens, depth in zip(
            piece.places[at].tolist(), opening[at].tolist(), piece.depths[at].tolist(), strict=True
        ):
            if opens and depth == 2 == self._depth:
                self._seen += 1
                self._within = self._seen == self._ordinal
                behind = place + 1
            elif self._within and opens and depth == self._depth + 1:
                yield from self._between(piece, behind, place)
                self._held, self._size, self._began = [], 0, piece.line_at(place)
                behind = place
            elif self._held is not None and not opens and depth == self._depth:
                self._hold(piece.text[behind : place + 1])
                yield self._whole()
                behind = place + 1
            elif self._within and not opens and depth == self._depth - 1:
                yield from self._between(piece, behind, place)
                self._within = self._depth < 2
                behind = place + 1
        if self._held is not None:
            self._hold(piece.text[behind:])
        elif self._within:
            yield from self._between(piece, behind, len(piece.text))

    def _between(self, piece: Brackets, start: int, stop: int) -> Iterator[Found]:
        rest = piece.text[start:stop].strip(b" \t\n\r,[")
        if rest:
            yield Found(piece.line_at(start), rest[:_SHOWN], "other")

    def _hold(self, text: bytes) -> None:
        assert self._held is not None
        self._size += len(text)
        if self._size <= LONGEST_RECORD:
            self._held.append(text)
        elif self._held:
            self._held = [b"".join(self._held)[:_SHOWN]]

    def _whole(self) -> Found:
        assert self._held is not None
        text, self._held = b"".join(self._held), None
        kind = "object" if self._size <= LONGEST_RECORD else "endless"
        return Found(self._began, text[: None if kind == "object" else _SHOWN], kind)
