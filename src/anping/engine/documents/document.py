"""A document is one text and the blocks it is made of; a place in it is told by its block and line."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Literal

from anping.core.errors import AnpingError, InputError, Where
from anping.core.text import Text

DocumentFormat = Literal["text", "html", "xml", "word", "pdf", "mail", "json", "image"]
#: What a block is: ``metadata`` was not meant to be read (an author, a camera's place).
BlockKind = Literal[
    "text", "page", "paragraph", "header", "footer", "note", "comment", "metadata", "field",
    "attachment", "body",
]  # fmt: skip

BLOCKS = {
    "text": Text("內文", "text"),
    "page": Text("頁", "page"),
    "paragraph": Text("段", "paragraph"),
    "header": Text("頁首", "header"),
    "footer": Text("頁尾", "footer"),
    "note": Text("註腳", "note"),
    "comment": Text("註解", "comment"),
    "metadata": Text("中繼資料", "metadata"),
    "field": Text("欄位", "field"),
    "attachment": Text("附件", "attachment"),
    "body": Text("本文", "body"),
}


@dataclass(frozen=True, slots=True)
class Block:
    """A piece of a document's text that begins at character ``start``.

    ``number`` counts blocks of its kind from 1 (a page's number); ``name`` says which one (``From``,
    ``entry[0].resource.name``), if it has a name.
    """

    start: int
    kind: BlockKind
    number: int
    name: str = ""


@dataclass(frozen=True, slots=True)
class Place:
    """Where a character stands: in which block, and on which of its lines (from 1)."""

    kind: BlockKind
    number: int
    name: str
    line: int

    @property
    def words(self) -> Text:
        """The place in words."""
        block = BLOCKS[self.kind]
        named = f" {self.name}" if self.name else ""
        if self.kind == "text":
            return Text(f"第 {self.line} 行", f"line {self.line}")
        return Text(
            f"{block.zh} {self.number}{named}，第 {self.line} 行",
            f"{block.en} {self.number}{named}, line {self.line}",
        )


@dataclass(frozen=True, slots=True)
class Document:
    """One document: its name within its folder, its whole text, and where its blocks begin.

    ``sha256`` and ``size`` are of the file's bytes. ``notes`` say what of it was not read.
    """

    name: str
    format: DocumentFormat
    text: str
    blocks: tuple[Block, ...]
    sha256: str = ""
    size: int = 0
    encoding: str | None = None
    notes: tuple[Text, ...] = field(default=())

    def places(self, offsets: Iterable[int]) -> list[Place]:
        """Return where each of several characters stands."""
        starts = [block.start for block in self.blocks]
        ends = _line_ends(self.text)
        found = []
        for offset in offsets:
            block = self.blocks[max(0, bisect_right(starts, offset) - 1)]
            line = bisect_right(ends, offset - 1) - bisect_right(ends, block.start - 1) + 1
            found.append(Place(block.kind, block.number, block.name, line))
        return found


def _line_ends(text: str) -> list[int]:
    ends, at = [], text.find("\n")
    while at >= 0:
        ends.append(at)
        at = text.find("\n", at + 1)
    return ends


class Writing:
    """A document's text as it is gathered, block by block."""

    def __init__(self) -> None:
        self._parts: list[str] = []
        self._blocks: list[Block] = []
        self._counts: dict[str, int] = {}
        self._length = 0
        self.notes: list[Text] = []

    def add(self, kind: BlockKind, text: str, *, name: str = "", number: int | None = None) -> None:
        """Add a block; blocks stand on lines of their own. Nothing is added for blank text."""
        clean = text.replace("\r\n", "\n").replace("\r", "\n").replace("\0", "").strip("\n")
        count = self._counts[kind] = self._counts.get(kind, 0) + 1
        if not clean.strip():
            return
        if self._length:
            self._parts.append("\n")
            self._length += 1
        self._blocks.append(Block(self._length, kind, number or count, name))
        self._parts.append(clean)
        self._length += len(clean)

    @property
    def length(self) -> int:
        """Characters so far."""
        return self._length

    def take(self, other: Document, *, name: str) -> None:
        """Add another document's blocks, as those of an attachment."""
        starts = [block.start for block in other.blocks] + [len(other.text) + 1]
        for block, end in zip(other.blocks, starts[1:], strict=True):
            inner = f"{name} / {block.name or block.kind} {block.number}"
            self.add("attachment", other.text[block.start : end - 1], name=inner)
        self.notes += other.notes

    def document(self, format_name: DocumentFormat, *, encoding: str | None = None) -> Document:
        """Return what was gathered; its name and digest are told by whoever opened the file."""
        text = "".join(self._parts)
        blocks = tuple(self._blocks) or (Block(0, "text", 1),)
        # A lone surrogate is no character and cannot be stored.
        clean = text.encode("utf-8", "replace").decode() if not text.isascii() else text
        return Document("", format_name, clean, blocks, encoding=encoding, notes=tuple(self.notes))


@dataclass(frozen=True, slots=True)
class RefusedDocument:
    """A file that was not read, and why. ``name`` is its path within the folder."""

    name: str
    code: str
    reason: Text
    hint: Text

    @classmethod
    def of(cls, name: str, error: AnpingError) -> RefusedDocument:
        """Return the refusal that an error stands for."""
        return cls(name, error.code, error.what, error.hint)


@dataclass(frozen=True, slots=True)
class Limits:
    """What one file may cost: bytes, bytes once expanded, characters of text, and seconds."""

    file_bytes: int = 256 << 20
    expanded_bytes: int = 512 << 20
    characters: int = 64 << 20
    seconds: float = 60.0
    memory_bytes: int = 4 << 30
    attachments: int = 200
    depth: int = 3


def refused(code: str, what: Text, hint: Text, *, file: str = "") -> InputError:
    """Return the error for a document that cannot be read."""
    return InputError(f"document.{code}", what, where=Where(file=file or None), hint=hint)
