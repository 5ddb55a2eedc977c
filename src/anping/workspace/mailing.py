"""Checkpoints by mail: into a mailbox in the file system, or through a mail server."""

from __future__ import annotations

import mailbox
import os
import smtplib
import ssl
from dataclasses import dataclass
from email.message import EmailMessage
from email.utils import format_datetime
from pathlib import Path
from urllib.parse import unquote, urlsplit

from anping.core.clock import Clock, system_clock
from anping.core.errors import ParameterError, Where, WorkspaceError
from anping.core.text import Text
from anping.evidence.checkpoint import SignedCheckpoint
from anping.workspace.dropping import SUFFIX, cannot_drop, drop_name

_SECONDS = 30


def letter(signed: SignedCheckpoint, to: str, *, clock: Clock = system_clock) -> EmailMessage:
    """Return an e-mail (RFC 5322) that carries a checkpoint; equal checkpoints have equal ids."""
    size, origin = signed.head.size, signed.checkpoint.origin
    message = EmailMessage()
    message["Subject"] = f"Anping checkpoint 檢查點: {origin}, {size}"
    message["From"] = os.environ.get("ANPING_MAIL_FROM") or "anping@localhost"
    message["To"] = to
    message["Date"] = format_datetime(clock())
    identity = drop_name(signed).removesuffix(SUFFIX)
    message["Message-ID"] = f"<{identity}.{signed.head.root.hex()[:16]}@anping.invalid>"
    message.set_content(
        "請保存附件。日後可用 anping verify DOSSIER --witness 附件 核對帳本沒有被改寫；其中沒有任何個人資料。\n\n"
        "Please keep the attachment. With anping verify DOSSIER --witness ATTACHMENT it shows later "
        "that the ledger was not rewritten. It holds no personal data.\n\n"
        + signed.encode().decode()
    )
    message.add_attachment(
        signed.encode(),
        maintype="application",
        subtype="octet-stream",
        filename=drop_name(signed),
    )
    return message


def post(message: EmailMessage, folder: Path) -> None:
    """Put an e-mail into a mailbox in the file system (Maildir), made if needed.

    Raises WorkspaceError if it cannot be written.
    """
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        mailbox.Maildir(folder, create=True).add(message)
    except (OSError, mailbox.Error) as error:
        raise cannot_drop(str(folder)) from error


@dataclass(frozen=True)
class MailServer:
    """Where mail is handed in; read from ``ANPING_SMTP``, the password from its own variable."""

    scheme: str
    host: str
    port: int
    user: str | None
    password: str | None

    @classmethod
    def from_environment(cls) -> MailServer:
        """Read ``smtp://user@host:587`` or ``smtps://…``. Raises ParameterError if it is unusable."""
        parts = urlsplit(os.environ.get("ANPING_SMTP", ""))
        try:
            port = parts.port or (465 if parts.scheme == "smtps" else 587)
        except ValueError:
            port = 0
        if parts.scheme not in {"smtp", "smtps"} or not parts.hostname or not port:
            raise _no_server()
        user = None if parts.username is None else unquote(parts.username)
        password = os.environ.get("ANPING_SMTP_PASSWORD")
        return cls(parts.scheme, parts.hostname, port, user, password)


def send(message: EmailMessage, server: MailServer) -> None:
    """Send an e-mail, encrypted unless the server is this machine itself.

    Sending again after a failure is harmless: the message keeps its id. Raises WorkspaceError
    (``mail.not-sent``).
    """
    context = ssl.create_default_context()
    try:
        with _connected(server, context) as connection:
            if server.scheme == "smtp" and server.host not in {"localhost", "127.0.0.1", "::1"}:
                connection.starttls(context=context)
            if server.user is not None:
                connection.login(server.user, server.password or "")
            connection.send_message(message)
    except (OSError, smtplib.SMTPException) as error:
        raise WorkspaceError(
            "mail.not-sent",
            Text("檢查點沒有寄出。", "The checkpoint was not sent."),
            where=Where(file=server.host),
            hint=Text(
                "檢查 ANPING_SMTP、ANPING_SMTP_PASSWORD 與網路後再執行一次；重寄無害。",
                "Check ANPING_SMTP, ANPING_SMTP_PASSWORD and the network, then run it again; "
                "sending twice is harmless.",
            ),
        ) from error


def _connected(server: MailServer, context: ssl.SSLContext) -> smtplib.SMTP:
    if server.scheme == "smtps":
        return smtplib.SMTP_SSL(server.host, server.port, timeout=_SECONDS, context=context)
    return smtplib.SMTP(server.host, server.port, timeout=_SECONDS)


def _no_server() -> ParameterError:
    return ParameterError(
        "mail.no-server",
        Text("沒有設定寄信的伺服器。", "No mail server is set."),
        hint=Text(
            "設定 ANPING_SMTP，如 smtps://user@mail.example:465；密碼放在 ANPING_SMTP_PASSWORD。",
            "Set ANPING_SMTP such as smtps://user@mail.example:465, and the password in "
            "ANPING_SMTP_PASSWORD.",
        ),
    )
