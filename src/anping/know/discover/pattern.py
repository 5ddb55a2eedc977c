r"""A small language of patterns that cannot blow up: regular expressions without memory.

Literals, ``.``, ``\d \s \w``, ``\h`` (a Chinese character), classes ``[A-Z0-9_]``, groups, ``|``, and the counts ``? * + {m} {m,n} {m,}``. What
makes other engines back up and try again (look-around, references, anchors, lazy counts) is
refused, so that every pattern becomes an automaton that reads each character once.
"""

from __future__ import annotations

from dataclasses import dataclass

from anping.core.errors import ParameterError
from anping.core.text import Text

#: Characters are code points of the basic plane; this one stands for all beyond it.
ASTRAL = 0xFFFF
Ranges = tuple[tuple[int, int], ...]
#: A count above this is refused: each repetition becomes states of its own.
MOST_REPEATS = 256

_DIGITS: Ranges = ((0x30, 0x39),)
_SPACES: Ranges = ((0x09, 0x0D), (0x20, 0x20))
_WORD: Ranges = ((0x30, 0x39), (0x41, 0x5A), (0x5F, 0x5F), (0x61, 0x7A))
#: Chinese characters: unified ones, extension A, compatibility and private ones (Big5 characters
#: of one's own), and all beyond the basic plane.
_HAN: Ranges = (
    (0x3007, 0x3007),
    (0x3400, 0x4DBF),
    (0x4E00, 0x9FFF),
    (0xE000, 0xFAFF),
    (ASTRAL, ASTRAL),
)
_CLASSES = {"d": _DIGITS, "s": _SPACES, "w": _WORD, "h": _HAN}
_CONTROLS = {"n": "\n", "r": "\r", "t": "\t"}
_COUNTS = {"?": (0, 1), "*": (0, None), "+": (1, None)}
_HINT = Text(
    "可用的寫法：文字、[A-Z0-9]、(…|…)、? * + {m,n}；不可用 ^ $ \\b、(?=…)、\\1 與 *?。",
    "Use literals, [A-Z0-9], (...|...), ? * + {m,n}; not ^ $ \\b, (?=...), \\1 or *?.",
)


@dataclass(frozen=True, slots=True)
class One:
    """One character out of sorted, separate ranges of code points (ends included)."""

    ranges: Ranges


@dataclass(frozen=True, slots=True)
class Row:
    """Patterns one behind another."""

    parts: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Either:
    """One of several patterns."""

    parts: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Repeat:
    """A pattern ``least`` to ``most`` times (None: without end)."""

    part: Node
    least: int
    most: int | None


Node = One | Row | Either | Repeat


def refused(pattern: str, place: int, zh: str, en: str) -> ParameterError:
    """Return the error for a pattern that this language does not have."""
    return ParameterError(
        "discover.pattern",
        Text(f"樣式 {pattern!r} 的第 {place + 1} 個字：{zh}。", f"Pattern {pattern!r}: {en}."),
        hint=_HINT,
    )


def parse(pattern: str) -> Node:
    """Return the tree of a pattern; raises ParameterError with the place that is not understood."""
    reader = _Reader(pattern)
    node = reader.either()
    if reader.place < len(pattern):
        raise reader.wrong("多出右括號", "a closing parenthesis too many")
    return node


class _Reader:
    """Reads a pattern from left to right; ``place`` is where it is."""

    def __init__(self, pattern: str) -> None:
        self.pattern = pattern
        self.place = 0

    def wrong(self, zh: str, en: str) -> ParameterError:
        return refused(self.pattern, self.place, zh, f"{en} (character {self.place + 1})")

    def next(self) -> str:
        return self.pattern[self.place : self.place + 1]

    def take(self) -> str:
        character = self.next()
        if not character:
            raise self.wrong("樣式未完", "the pattern ends too early")
        self.place += 1
        return character

    def either(self) -> Node:
        parts = [self.row()]
        while self.next() == "|":
            self.place += 1
            parts.append(self.row())
        return parts[0] if len(parts) == 1 else Either(tuple(parts))

    def row(self) -> Node:
        parts: list[Node] = []
        while self.next() not in {"", "|", ")"}:
            parts.append(self.counted(self.atom()))
        return Row(tuple(parts))

    def atom(self) -> Node:
        character = self.take()
        if character == "(":
            return self.group()
        if character == "[":
            return One(self.members())
        if character == "\\":
            return One(self.escaped())
        if character == ".":
            return One(_complement(((0x0A, 0x0A),)))
        if character in "^$*+?{":
            self.place -= 1
            raise self.wrong(f"不支援 {character}", f"{character} is not supported here")
        return One(_single(character))

    def group(self) -> Node:
        if self.next() == "?":
            self.place += 1
            if self.take() != ":":
                raise self.wrong(
                    "不支援 (?…)", "groups (?...) other than (?:...) are not supported"
                )
        node = self.either()
        if self.take() != ")":
            raise self.wrong("缺少右括號", "a closing parenthesis is missing")
        return node

    def escaped(self) -> Ranges:
        character = self.take()
        if character in _CLASSES:
            return _CLASSES[character]
        if character.lower() in _CLASSES:
            return _complement(_CLASSES[character.lower()])
        if character in _CONTROLS:
            return _single(_CONTROLS[character])
        if character.isascii() and character.isalnum():
            raise self.wrong(f"不支援 \\{character}", f"\\{character} is not supported")
        return _single(character)

    def members(self) -> Ranges:
        turned = self.next() == "^"
        self.place += turned
        ranges: list[tuple[int, int]] = []
        while self.next() != "]" or not ranges:
            low = self.member()
            if self.next() == "-" and self.pattern[self.place + 1 : self.place + 2] not in {
                "]",
                "",
            }:
                self.place += 1
                high = self.member()
                if low[0][0] > high[-1][1]:
                    raise self.wrong("範圍顛倒", "a range runs backwards")
                ranges.append((low[0][0], high[-1][1]))
            else:
                ranges.extend(low)
        self.place += 1
        joined = _joined(ranges)
        return _complement(joined) if turned else joined

    def member(self) -> Ranges:
        character = self.take()
        return self.escaped() if character == "\\" else _single(character)

    def counted(self, node: Node) -> Node:
        mark = self.next()
        if mark in _COUNTS:
            self.place += 1
            least, most = _COUNTS[mark]
        elif mark == "{":
            least, most = self.bounds()
        else:
            return node
        if self.next() in {"?", "+", "*", "{"}:
            raise self.wrong("次數之後不可再有次數", "a count behind a count is not supported")
        return Repeat(node, least, most)

    def bounds(self) -> tuple[int, int | None]:
        end = self.pattern.find("}", self.place)
        body = self.pattern[self.place + 1 : end] if end > 0 else ""
        low, comma, high = body.partition(",")
        if not low.isdecimal() or (high and not high.isdecimal()):
            raise self.wrong("次數看不懂", "a count cannot be read")
        least = int(low)
        most = int(high) if high else (None if comma else least)
        if max(least, most or 0) > MOST_REPEATS or (most is not None and most < least):
            raise self.wrong(f"次數超過 {MOST_REPEATS}", f"a count is above {MOST_REPEATS}")
        self.place = end + 1
        return least, most


def _single(character: str) -> Ranges:
    code = min(ord(character), ASTRAL)
    return ((code, code),)


def _joined(ranges: list[tuple[int, int]]) -> Ranges:
    merged: list[tuple[int, int]] = []
    for low, high in sorted(ranges):
        if merged and low <= merged[-1][1] + 1:
            merged[-1] = (merged[-1][0], max(high, merged[-1][1]))
        else:
            merged.append((low, high))
    return tuple(merged)


def _complement(ranges: Ranges) -> Ranges:
    """Return every other character, those beyond the basic plane among them."""
    found, begin = [], 0
    for low, high in ranges:
        if begin < low:
            found.append((begin, low - 1))
        begin = high + 1
    if begin <= ASTRAL:
        found.append((begin, ASTRAL))
    return tuple(found)
