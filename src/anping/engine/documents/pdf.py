"""PDF files page by page, through pypdf: their text layer, their annotations and their properties.

A scanned page has no text layer; a page without text is told in the document's notes.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from anping.core.errors import InputError, MissingExtraError
from anping.core.text import Text
from anping.engine.documents import refusals as refusal
from anping.engine.documents.document import Document, Limits, Writing

if TYPE_CHECKING:
    from pypdf import PdfReader

PDF = Text("PDF 檔", "PDF file")
_PROPERTIES = ("/Author", "/Title", "/Subject", "/Keywords")
_NEEDED = Text("讀取 PDF", "Reading PDF")


def read_pdf(path: Path, limits: Limits) -> Document:
    """Return the text of a PDF file, a block for each page.

    Raises MissingExtraError without pypdf, InputError for one that is encrypted or damaged.
    """
    try:
        from pypdf import PdfReader
        from pypdf.errors import DependencyError, PdfReadError, PyPdfError
    except ImportError as error:
        raise MissingExtraError.of("documents", needed_for=_NEEDED) from error
    # It warns of every oddity of a file; some quote its content.
    logging.getLogger("pypdf").setLevel(logging.CRITICAL)
    writing = Writing()
    try:
        _read(PdfReader(path), writing, limits)
    except InputError:
        raise
    except DependencyError as error:
        raise refusal.encrypted(PDF) from error
    except (PdfReadError, PyPdfError, RecursionError, MemoryError) as error:
        raise refusal.damaged(PDF) from error
    except Exception as error:  # a damaged file makes the parser fail in any way
        raise refusal.damaged(PDF) from error
    return writing.document("pdf")


def _read(reader: PdfReader, writing: Writing, limits: Limits) -> None:
    if reader.is_encrypted and not reader.decrypt(""):
        raise refusal.encrypted(PDF)
    empty = 0
    for number, page in enumerate(reader.pages, start=1):
        text = page.extract_text() or ""
        empty += not text.strip()
        writing.add("page", text, number=number)
        for note in page.annotations or ():
            _annotation(note.get_object(), writing)
        if writing.length > limits.characters:
            raise refusal.too_much_text(limits)
    properties: Mapping[str, Any] = reader.metadata or {}
    for name in _PROPERTIES:
        value = properties.get(name)
        if value:
            writing.add("metadata", f"{name[1:]}: {value}", name=name[1:])
    if empty:
        writing.notes.append(
            Text(
                f"{empty:,} 頁沒有文字層（可能是掃描影像），其內容未讀。",
                f"Pages without a text layer (perhaps scanned images), whose content is not read:"
                f" {empty:,}.",
            )
        )


def _annotation(note: Any, writing: Writing) -> None:
    for key in ("/Contents", "/T", "/V"):
        value = note.get(key)
        if isinstance(value, str) and value.strip():
            writing.add("comment", value)
