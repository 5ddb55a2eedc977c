"""Plain text in whatever encoding: UTF-8, UTF-16, Big5, told by its bytes alone."""

from __future__ import annotations

import re

from anping.engine.content import Content
from anping.engine.documents import refusals as refusal
from anping.engine.documents.document import Document, Limits, Writing
from anping.engine.encodings import detect, is_marked, marked, survey, visible

_WRONG = re.compile("[\udc00-\udcff]")
_CONTROL = re.compile("[\x01-\x08\x0e-\x1a\x1c-\x1f\x7f\ufffd\ue000-\uf8ff]")
_WRITTEN = re.compile("[\\s\x20-\x7e\u3000-\u30ff\u3400-\u9fff\uff00-\uffef]")
#: The share of wrong or unprintable characters from which a file is no text.
_BINARY = 0.02
_HEAD = 1 << 16


def read_text(content: Content, limits: Limits) -> Document:
    """Return a text file as one block. Raises InputError for bytes that are no text."""
    text, encoding = decoded(content, limits)
    writing = Writing()
    writing.add("text", text)
    return writing.document("text", encoding=encoding)


def decoded(content: Content, limits: Limits) -> tuple[str, str]:
    """Return the text of bytes in an unknown encoding, and the encoding's name."""
    seen = survey(content)
    raw = b"".join(content.chunks())
    encoding = _without_mark(raw[:_HEAD]) or detect(content, seen)
    if encoding not in {"utf-16", "utf-16-le", "utf-16-be", "utf-32"} and b"\0" in raw[:_HEAD]:
        raise refusal.not_text()
    text = marked(raw, encoding)
    if len(text) > limits.characters:
        raise refusal.too_much_text(limits)
    sample = text[:_HEAD] + text[-_HEAD:]
    if sample and len(_WRONG.findall(sample)) + len(_CONTROL.findall(sample)) > _BINARY * len(
        sample
    ):
        raise refusal.not_text()
    return (visible(text) if is_marked(text) else text).removeprefix("\ufeff"), encoding


def _without_mark(head: bytes) -> str | None:
    """Return UTF-16 of either byte order for bytes that can hardly be anything else."""
    if b"\0" not in head or head.startswith((b"\xff\xfe", b"\xfe\xff", b"\0\0\xfe\xff")):
        return None
    even = head[: len(head) // 2 * 2]
    for name in ("utf-16-le", "utf-16-be"):
        try:
            text = even.decode(name, "strict" if len(head) < _HEAD else "ignore")
        except UnicodeDecodeError:
            continue
        if len(_WRITTEN.findall(text)) > 0.97 * len(text):
            return name
    return None
