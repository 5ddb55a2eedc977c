"""Word documents (.docx, ECMA-376): paragraphs, headers, notes, comments, deleted text, authors.

Own reader: a .docx is a ZIP archive of XML. Sizes are metered while expanding, whatever the archive
claims; entities are refused. What a reader of the page does not see is read, too: tracked deletions,
comments with their authors, and the document's properties.
"""

from __future__ import annotations

import re
import zipfile
from collections.abc import Iterator
from pathlib import Path

from anping.core.errors import InputError
from anping.core.text import Text
from anping.engine.compression import Metered
from anping.engine.content import TORN
from anping.engine.documents import refusals as refusal
from anping.engine.documents.document import BlockKind, Document, Limits, Writing
from anping.engine.documents.markup import parse, xml_parser
from anping.engine.zips import require_small_directory

WORD = Text("Word 文件", "Word document")
_PARTS: tuple[tuple[re.Pattern[str], BlockKind], ...] = (
    (re.compile(r"word/document\.xml"), "paragraph"),
    (re.compile(r"word/header\d*\.xml"), "header"),
    (re.compile(r"word/footer\d*\.xml"), "footer"),
    (re.compile(r"word/(?:foot|end)notes\.xml"), "note"),
    (re.compile(r"word/comments(?:Extended)?\.xml"), "comment"),
)
_PROPERTIES = re.compile(r"docProps/(?:core|app|custom)\.xml")
_TEXTS = frozenset({"t", "delText", "instrText"})
_NOT_PEOPLE = frozenset(
    [
        "Application",
        "AppVersion",
        "Template",
        "TotalTime",
        "Pages",
        "Words",
        "Characters",
        "Lines",
        "Paragraphs",
        "DocSecurity",
        "ScaleCrop",
        "LinksUpToDate",
        "CharactersWithSpaces",
        "SharedDoc",
        "HyperlinksChanged",
        "revision",
        "created",
        "modified",
        "vector",
        "variant",
        "lpstr",
        "i4",
        "HeadingPairs",
        "TitlesOfParts",
    ]
)
_CHUNK = 1 << 16


def read_word(path: Path, limits: Limits) -> Document:
    """Return a .docx file's paragraphs and everything that stands beside them."""
    writing = Writing()
    try:
        require_small_directory(path)
        with zipfile.ZipFile(path) as archive:
            _read(archive, writing, limits)
    except InputError as error:
        if error.code.startswith("input."):
            raise refusal.damaged(WORD) from error
        raise
    except TORN as error:
        raise refusal.damaged(WORD) from error
    return writing.document("word")


def _read(archive: zipfile.ZipFile, writing: Writing, limits: Limits) -> None:
    left = limits.expanded_bytes
    infos = archive.infolist()
    if any(info.flag_bits & 1 for info in infos):
        raise refusal.encrypted(WORD)
    if "word/document.xml" not in {info.filename for info in infos}:
        raise refusal.unknown_kind(
            Text("Word 以外的 Office 檔或壓縮檔", "an archive or office file other than Word's")
        )
    for pattern, kind in _PARTS:
        for info in sorted(infos, key=lambda info: info.filename):
            if pattern.fullmatch(info.filename):
                content = _expanded(archive, info, left, limits)
                left -= len(content)
                _Paragraphs(kind, writing, limits).read(content)
    for info in infos:
        if _PROPERTIES.fullmatch(info.filename):
            content = _expanded(archive, info, left, limits)
            left -= len(content)
            _properties(content, writing)


def _expanded(
    archive: zipfile.ZipFile, info: zipfile.ZipInfo, allowed: int, limits: Limits
) -> bytes:
    try:
        with archive.open(info) as member:
            metered = Metered(member, allowed, info.filename)
            return b"".join(_chunks(metered))
    except InputError as error:
        raise refusal.too_much_text(limits) from error


def _chunks(stream: Metered) -> Iterator[bytes]:
    while piece := stream.read(_CHUNK):
        yield piece


def _local(name: str) -> str:
    return name.rpartition(":")[2]


class _Paragraphs:
    """Adds every paragraph of a part; the cells of one row of a table stand in one block."""

    def __init__(self, kind: BlockKind, writing: Writing, limits: Limits) -> None:
        self._kind: BlockKind = kind
        self._writing = writing
        self._limits = limits
        self._parts: list[str] = []
        self._taking = False
        self._rows = 0

    def read(self, content: bytes) -> None:
        parser = xml_parser()
        parser.StartElementHandler = self._started
        parser.EndElementHandler = self._ended
        parser.CharacterDataHandler = self._data
        parse(parser, content, WORD)
        self._flush()

    def _started(self, name: str, attributes: dict[str, str]) -> None:
        name = _local(name)
        self._taking = name in _TEXTS
        if name in {"tab", "br", "cr"}:
            self._parts.append("\t" if name == "tab" else "\n")
        elif name == "tr":
            self._rows += 1
        for attribute, value in attributes.items():
            if _local(attribute) == "author" and value:
                self._writing.add("metadata", f"author: {value}", name="author")

    def _ended(self, name: str) -> None:
        name = _local(name)
        self._taking = False
        if name == "p" and self._rows:
            self._parts.append("\t")
        elif name == "tr":
            self._rows -= 1
            self._flush()
        elif name == "p":
            self._flush()

    def _data(self, data: str) -> None:
        if self._taking:
            self._parts.append(data)

    def _flush(self) -> None:
        self._writing.add(self._kind, "".join(self._parts))
        self._parts = []
        if self._writing.length > self._limits.characters:
            raise refusal.too_much_text(self._limits)


def _properties(content: bytes, writing: Writing) -> None:
    """Add the document's properties that may name somebody."""
    names: list[str] = []

    def data(text: str) -> None:
        name = _local(names[-1]) if names else ""
        if text.strip() and name and name not in _NOT_PEOPLE:
            writing.add("metadata", f"{name}: {text.strip()}", name=name)

    parser = xml_parser()
    parser.StartElementHandler = lambda name, _: names.append(name)
    parser.EndElementHandler = lambda _: names.pop() and None
    parser.CharacterDataHandler = data
    parse(parser, content, WORD)
