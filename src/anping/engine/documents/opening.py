"""What kind of document a file is, by its first bytes and then its name, and who reads it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path

from anping.core.digest import sha256_file
from anping.core.errors import AnpingError, InputError, Where
from anping.core.text import Text
from anping.engine.content import Content
from anping.engine.documents import refusals as refusal
from anping.engine.documents.document import Document, DocumentFormat, Limits
from anping.engine.documents.mail import read_mail
from anping.engine.documents.markup import read_html, read_xml
from anping.engine.documents.pdf import read_pdf
from anping.engine.documents.pictures import read_picture
from anping.engine.documents.plain import decoded, read_text
from anping.engine.documents.structured import read_json
from anping.engine.documents.word import read_word

_HEAD = 4096
_PICTURES = (b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n", b"II*\0", b"MM\0*")
_NOT_READ = (
    (b"\xd0\xcf\x11\xe0", Text("舊版 Office 檔（.doc、.xls）或 .msg", "an older Office file (.doc, .xls) or .msg")),
    (b"PAR1", Text("Parquet 表格（請不加 --kind documents 收進）", "a Parquet table (add it without --kind documents)")),
    (b"SQLite format 3", Text("SQLite 資料庫", "a SQLite database")),
    (b"7z\xbc\xaf\x27\x1c", Text("7z 壓縮檔", "a 7z archive")),
    (b"Rar!", Text("RAR 壓縮檔", "a RAR archive")),
    (b"\x1f\x8b", Text("gzip 壓縮檔", "a gzip file")),
    (b"GIF8", Text("GIF 影像", "a GIF picture")),
    (b"{\\rtf", Text("RTF 文件", "an RTF document")),
)  # fmt: skip
_BY_SUFFIX: dict[str, DocumentFormat] = {
    ".html": "html", ".htm": "html", ".xhtml": "html", ".xml": "xml", ".eml": "mail",
    ".json": "json", ".jsonl": "json", ".ndjson": "json",
}  # fmt: skip


def format_of(head: bytes, suffix: str) -> DocumentFormat:
    """Return the kind of a document. Raises InputError for kinds that are known and not read."""
    if head.startswith(b"%PDF") or b"%PDF-" in head[:1024]:
        return "pdf"
    if head.startswith(b"PK\x03\x04"):
        return "word"
    if head.startswith(_PICTURES) or (head.startswith(b"RIFF") and head[8:12] == b"WEBP"):
        return "image"
    for magic, what in _NOT_READ:
        if head.startswith(magic):
            raise refusal.unknown_kind(what)
    start = head.removeprefix(b"\xef\xbb\xbf").lstrip().lower()
    if start.startswith((b"<!doctype html", b"<html")):
        return "html"
    if start.startswith(b"<?xml") and suffix not in {".html", ".htm", ".xhtml"}:
        return "xml"
    return _BY_SUFFIX.get(suffix, "text")


def is_plain(path: Path) -> bool:
    """Return whether no parser is needed: such a file cannot keep its reader busy for ever."""
    try:
        return format_of(_head(path), path.suffix.lower()) == "text"
    except AnpingError:
        return True


def read_document(
    path: Path, name: str = "", *, limits: Limits | None = None, depth: int = 0
) -> Document:
    """Return one file as a document; ``name`` is what it is called within its folder.

    Text in any encoding met in Taiwan, HTML, XML, Word (.docx), PDF, e-mail, JSON and FHIR; pictures
    by their metadata. This reads in the caller's process: see :mod:`anping.engine.documents.apart`
    for files that nobody vouches for.

    Raises InputError (``document.*``) naming the reason, MissingExtraError for PDF without pypdf.
    """
    try:
        found, size = _opened(path, limits or Limits(), depth)
    except InputError as error:
        where = Where(file=name or path.name)
        raise InputError(error.code, error.what, hint=error.hint, where=where) from error
    return replace(found, name=name or path.name, sha256=sha256_file(path), size=size)


def _opened(path: Path, limits: Limits, depth: int) -> tuple[Document, int]:
    size = _size(path)
    if size > limits.file_bytes:
        raise refusal.too_large(size, limits)
    kind = format_of(_head(path), path.suffix.lower())
    try:
        found = _read(path, kind, limits, depth)
    except OSError as error:
        raise refusal.unreadable() from error
    except InputError as error:
        if error.code == "input.unreadable-file":
            raise refusal.unreadable() from error
        raise
    if len(found.text) > limits.characters:
        raise refusal.too_much_text(limits)
    return found, size


def _read(path: Path, kind: DocumentFormat, limits: Limits, depth: int) -> Document:
    if kind in _READERS:
        return _READERS[kind](path, limits)
    if kind == "mail":
        return _mail(path, limits, depth)
    if kind == "text":
        return read_text(Content(path), limits)
    text, encoding = decoded(Content(path), limits)
    made = read_html(text, limits) if kind == "html" else read_json(text, limits)
    return replace(made, encoding=encoding)


def _read_xml(path: Path, limits: Limits) -> Document:
    return read_xml(path.read_bytes(), limits)


_READERS: Mapping[DocumentFormat, Callable[[Path, Limits], Document]] = {
    "pdf": read_pdf,
    "word": read_word,
    "image": read_picture,
    "xml": _read_xml,
}


def _mail(path: Path, limits: Limits, depth: int) -> Document:
    def inner(attached: Path, name: str) -> Document:
        if depth >= limits.depth:
            raise refusal.unknown_kind(Text("層層相套的附件", "attachments within attachments"))
        return read_document(attached, name, limits=limits, depth=depth + 1)

    return read_mail(path, limits, inner=inner)


def _head(path: Path) -> bytes:
    try:
        with path.open("rb") as stream:
            return stream.read(_HEAD)
    except OSError as error:
        raise refusal.unreadable() from error


def _size(path: Path) -> int:
    try:
        return path.stat().st_size
    except OSError as error:
        raise refusal.unreadable() from error
