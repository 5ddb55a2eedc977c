"""E-mail files (.eml, RFC 5322 and MIME): who wrote to whom, the body, and what is attached."""

from __future__ import annotations

import email
import email.policy
import tempfile
from collections.abc import Callable
from email.message import EmailMessage
from pathlib import Path

from anping.core.errors import AnpingError
from anping.core.text import Text
from anping.engine.documents import refusals as refusal
from anping.engine.documents.document import Document, Limits, Writing
from anping.engine.documents.markup import text_of_html

MAIL = Text("電子郵件檔", "e-mail file")
_HEADERS = (
    "From", "Sender", "Reply-To", "To", "Cc", "Bcc", "Subject", "Date", "Organization",
    "X-Originating-IP", "Disposition-Notification-To",
)  # fmt: skip
#: Reads an attachment that was written to a path.
ReadInner = Callable[[Path, str], Document]


def read_mail(path: Path, limits: Limits, *, inner: ReadInner) -> Document:
    """Return a message: its headers, its bodies, and its attachments read by ``inner``."""
    writing = Writing()
    try:
        message = email.message_from_bytes(path.read_bytes(), policy=email.policy.default)
        assert isinstance(message, EmailMessage)
        _headers(message, writing)
        _parts(message, writing, limits, inner)
    except AnpingError:
        raise
    except Exception as error:  # malformed MIME makes the standard library fail in any way
        raise refusal.damaged(MAIL) from error
    return writing.document("mail")


def _headers(message: EmailMessage, writing: Writing) -> None:
    if not message.keys():
        raise refusal.damaged(MAIL)
    for name in _HEADERS:
        for value in message.get_all(name, []):
            writing.add("header", f"{name}: {value}", name=name)


def _parts(message: EmailMessage, writing: Writing, limits: Limits, inner: ReadInner) -> None:
    count = 0
    for part in message.walk():
        if part.is_multipart():
            continue
        if part.get_filename() or part.get_content_maintype() != "text":
            count += 1
            if count > limits.attachments:
                writing.notes.append(_too_many(limits.attachments))
                break
            _attachment(part, writing, inner)
        else:
            text = _text(part)
            plain = part.get_content_subtype() != "html"
            writing.add("body", text if plain else text_of_html(text, limits))
        if writing.length > limits.characters:
            raise refusal.too_much_text(limits)


def _text(part: EmailMessage) -> str:
    try:
        text = part.get_content()
    except (LookupError, UnicodeError, ValueError):
        raw = part.get_payload(decode=True)
        text = raw.decode("utf-8", "replace") if isinstance(raw, bytes) else ""
    return text if isinstance(text, str) else ""


def _attachment(part: EmailMessage, writing: Writing, inner: ReadInner) -> None:
    name = part.get_filename() or part.get_content_type()
    writing.add("attachment", f"{name}", name="filename")
    raw = part.get_payload(decode=True)
    if not isinstance(raw, bytes) or not raw:
        return
    suffix = Path(name).suffix[:16]
    with tempfile.TemporaryDirectory() as folder:
        # A name of ours: an attachment's own could lead anywhere.
        path = Path(folder) / f"attachment{suffix if suffix.replace('.', '').isalnum() else ''}"
        path.write_bytes(raw)
        try:
            writing.take(inner(path, name), name=name)
        except AnpingError as error:
            writing.notes.append(
                Text(f"有附件未讀：{error.what.zh}", f"An attachment was not read: {error.what.en}")
            )


def _too_many(count: int) -> Text:
    return Text(
        f"附件超過 {count} 個，其餘未讀。", f"More than {count} attachments; the rest is not read."
    )
