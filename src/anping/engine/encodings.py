"""Bytes become UTF-8 with LF line ends, in chunks; the encoding is found by strict decoding.

UTF-8 and UTF-16 with a byte order mark speak for themselves. Without a mark, UTF-8 that decodes
strictly is UTF-8 (other encodings hardly ever do); otherwise CP950 (Big5 as Windows writes it) and
Big5-HKSCS are tried over the whole file. GB18030 maps nearly any bytes to something, so it is read
only when asked for.
"""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import chain

import numpy as np
import pyarrow as pa

from anping.core.errors import InputError, ParameterError, Where
from anping.core.text import Text
from anping.engine.content import Content
from anping.engine.digesting import Digest
from anping.engine.lines import line_feeds
from anping.engine.reading import Newline

CHUNK = 8 << 20
CANDIDATES = ("utf-8", "cp950", "big5hkscs")
_MARKS = (
    (b"\xef\xbb\xbf", "utf-8-sig"),
    (b"\xff\xfe\x00\x00", "utf-32"),
    (b"\x00\x00\xfe\xff", "utf-32"),
    (b"\xff\xfe", "utf-16"),
    (b"\xfe\xff", "utf-16"),
)
_SLICE = 1 << 16
_HEAD = 1 << 16
_SETTLED = 10_000
_HANDLER = "anping-mark-bad-bytes"
_FIRST_MARK = 0xDC00
_WRONG = re.compile("[\udc00-\udcff]")
_RIGHT = re.compile("[^\x00-\x7f\udc00-\udcff]")


def _mark_bad_bytes(error: UnicodeError) -> tuple[str, int]:
    # A lone surrogate cannot come out of a correct decoding, so it marks the exact wrong byte.
    assert isinstance(error, UnicodeDecodeError)
    wrong = error.object[error.start : error.end]
    return "".join(chr(_FIRST_MARK + byte) for byte in wrong), error.end


codecs.register_error(_HANDLER, _mark_bad_bytes)


def is_marked(text: str) -> bool:
    """Return whether some bytes of the text could not be decoded."""
    return not text.isascii() and _WRONG.search(text) is not None


def visible(text: str) -> str:
    """Return the text with its undecodable bytes written as a backslash, x and two hex digits."""
    return _WRONG.sub(lambda found: f"\\x{ord(found[0]) - _FIRST_MARK:02x}", text)


def marked(raw: bytes, encoding: str) -> str:
    """Return bytes as text, with those that the encoding does not have marked."""
    return raw.decode("utf-8" if encoding == "utf-8-sig" else encoding, _HANDLER)


@dataclass(frozen=True, slots=True)
class Survey:
    """The first look at a file: its digest, size, first bytes, and whether it is strict UTF-8."""

    sha256: str
    size: int
    head: bytes
    utf8: bool


def survey(content: Content) -> Survey:
    """Read the content once; raise InputError if it is missing or is not a file."""
    digest, size, head, held = Digest(), 0, b"", b""
    utf8 = True
    try:
        for chunk in content.chunks(CHUNK):
            head += chunk[: 65_536 - len(head)]
            digest.update(chunk)
            size += len(chunk)
            if utf8:
                fresh = held + chunk
                cut = len(fresh) - _unfinished(fresh)
                utf8, held = _is_utf8(fresh[:cut]), fresh[cut:]
        return Survey(digest.hexdigest(), size, head, utf8 and not held)
    finally:
        digest.close()


def _unfinished(text: bytes) -> int:
    """Return how many bytes at the end begin a character of UTF-8 that the text does not finish."""
    for length, byte in enumerate(reversed(text[-3:]), start=1):
        if byte < 0x80:
            return 0
        if byte >= 0xC0:
            needed = 2 + (byte >= 0xE0) + (byte >= 0xF0)
            return length if length < needed else 0
    return 0


def _is_utf8(text: bytes) -> bool:
    """Return whether the bytes are strict UTF-8; Arrow sees it many times as fast as decoding."""
    ends = pa.py_buffer(np.array([0, len(text)], np.int64))
    array = pa.Array.from_buffers(pa.large_string(), 1, [None, ends, pa.py_buffer(text)])
    try:
        array.validate(full=True)
    except pa.ArrowInvalid:
        return False
    return True


def chosen(content: Content, seen: Survey, asked: str | None) -> str:
    """Return the encoding that was asked for, or else the one that is found.

    Raises ParameterError if there is no such encoding, InputError for UTF-16 of unknown byte order.
    """
    if asked is None:
        return detect(content, seen)
    name = _named(asked)
    if name in {"utf-16", "utf-32"} and not seen.head.startswith(
        (b"\xff\xfe", b"\xfe\xff", b"\0\0")
    ):
        raise InputError(
            "input.no-byte-order-mark",
            Text("檔案開頭沒有位元組順序記號。", "The file does not begin with a byte order mark."),
            where=Where(file=content.name),
            hint=Text(
                f"請指定 {name}-le 或 {name}-be。", f"Name the encoding {name}-le or {name}-be."
            ),
        )
    return name


def _named(encoding: str) -> str:
    try:
        # Codecs from bytes to bytes (base64) have no such handler and fail here.
        codecs.getincrementaldecoder(encoding)(_HANDLER).decode(b"")
        return codecs.lookup(encoding).name
    except (LookupError, AssertionError, UnicodeError) as error:
        raise ParameterError(
            "input.unknown-encoding",
            Text("沒有這個名稱的文字編碼。", "There is no text encoding of that name."),
            hint=Text(
                "常用的有 utf-8、cp950（Big5）、big5hkscs、utf-16、gb18030。",
                "Common ones are utf-8, cp950 (Big5), big5hkscs, utf-16 and gb18030.",
            ),
        ) from error


@dataclass(frozen=True, slots=True)
class _Fit:
    """How well an encoding fits: the wrong bytes, and the characters beyond ASCII that decode."""

    encoding: str
    wrong: int
    right: int


def _fit(content: Content, encoding: str, *, enough: int | None = None) -> _Fit:
    """Decode the file and count; stop early when ``enough`` wrong bytes settle the question."""
    decoder = codecs.getincrementaldecoder(encoding)(_HANDLER)
    wrong = right = 0
    for chunk in chain(content.chunks(CHUNK), [b""]):
        for start in range(0, max(1, len(chunk)), _SLICE):
            text = decoder.decode(chunk[start : start + _SLICE], final=not chunk)
            if text.isascii():
                continue
            marks = len(_WRONG.findall(text)) if _WRONG.search(text) else 0
            wrong += marks
            right += len(_RIGHT.findall(text)) if enough is not None else 0
            if enough is not None and wrong >= enough:
                return _Fit(encoding, wrong, right)
    return _Fit(encoding, wrong, right)


def fitting(content: Content) -> tuple[str, ...]:
    """Return the encodings, of those met in Taiwan, that decode the whole file."""
    names = (*CANDIDATES, "gb18030")
    return tuple(name for name in names if _fit(content, name, enough=1).wrong == 0)


def detect(content: Content, seen: Survey) -> str:
    """Return the name of the file's encoding.

    A file with wrong bytes in every encoding is taken for the one with the fewest of them. A file
    that is UTF-8 but for a few bytes stays UTF-8: in Big5 text, wrong UTF-8 outnumbers right UTF-8
    many times over.
    """
    for mark, name in _MARKS:
        if seen.head.startswith(mark):
            return name
    if seen.utf8:
        return "utf-8"
    utf8 = _fit(content, "utf-8", enough=_SETTLED)
    if utf8.right > 3 * utf8.wrong:
        return "utf-8"
    best = utf8 if utf8.wrong < _SETTLED else None
    for name in CANDIDATES[1:]:
        fit = _fit(content, name)
        if fit.wrong == 0:
            return name
        best = fit if best is None or fit.wrong < best.wrong else best
    return "utf-8" if best is None else best.encoding


@dataclass
class Decoded:
    """A file as chunks of UTF-8 with LF line ends; iterate it once, then ask it the rest.

    A chunk that holds undecodable bytes carries them as lone surrogates (``surrogatepass``).
    """

    content: Content
    encoding: str
    strict_utf8: bool
    bytes_read: int = 0
    line_feeds: int = 0
    carriage_returns: int = 0
    pairs: int = 0
    _digest: Digest = field(default_factory=Digest)

    def __iter__(self) -> Iterator[bytes]:
        return self._lines(self._utf8())

    def raw_lines(self) -> Iterator[bytes]:
        """Yield the file's own bytes, not decoded, with LF line ends (encodings beyond ASCII)."""
        return self._lines(self._told())

    def _told(self) -> Iterator[bytes]:
        for chunk in self.content.chunks(CHUNK):
            self._digest.update(chunk)
            self.bytes_read += len(chunk)
            yield chunk

    def _lines(self, chunks: Iterator[bytes]) -> Iterator[bytes]:
        held, first = b"", True
        for chunk in chunks:
            text = held + chunk
            if first:
                first, text = False, text.removeprefix(b"\xef\xbb\xbf")
            held = b"\r" if text.endswith(b"\r") else b""
            yield self._line_feeds(text[:-1] if held else text)
        if held:
            yield self._line_feeds(held)

    def _utf8(self) -> Iterator[bytes]:
        decoder = None
        if not self.strict_utf8:
            decoder = codecs.getincrementaldecoder(self.encoding)(_HANDLER)
        for chunk in self._told():
            if decoder is None:
                yield chunk
            else:
                yield decoder.decode(chunk).encode("utf-8", "surrogatepass")
        if decoder is not None:
            yield decoder.decode(b"", final=True).encode("utf-8", "surrogatepass")

    def _line_feeds(self, text: bytes) -> bytes:
        self.line_feeds += line_feeds(text)
        if b"\r" not in text:
            return text
        pairs = text.count(b"\r\n")
        self.pairs += pairs
        self.line_feeds -= pairs
        self.carriage_returns += text.count(b"\r") - pairs
        return text.replace(b"\r\n", b"\n").replace(b"\r", b"\n")

    @property
    def newline(self) -> Newline:
        """The line ends that were met."""
        kinds: list[Newline] = []
        if self.line_feeds:
            kinds.append("LF")
        if self.pairs:
            kinds.append("CRLF")
        if self.carriage_returns:
            kinds.append("CR")
        if not kinds:
            return "none"
        return kinds[0] if len(kinds) == 1 else "mixed"

    @property
    def sha256(self) -> str:
        """The SHA-256 of the bytes that were read, in hex."""
        return self._digest.hexdigest()
