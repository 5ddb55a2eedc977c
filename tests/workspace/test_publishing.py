"""Checkpoints leave the house: what was dropped, mailed or stamped can contradict a rewritten log."""

import mailbox
import socket
import socketserver
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from email import message_from_bytes
from email.policy import default
from pathlib import Path

import pytest

from anping.core.errors import (
    EvidenceError,
    InputError,
    ParameterError,
    WorkspaceError,
)
from anping.evidence.checkpoint import (
    Checkpoint,
    SignedCheckpoint,
    read_checkpoint,
    sign_checkpoint,
)
from anping.evidence.merkle import TreeHead
from anping.workspace.dropping import drop
from anping.workspace.mailing import MailServer, letter, post, send
from anping.workspace.perform import Job, perform
from anping.workspace.timestamping import held_timestamp, timestamp
from anping.workspace.witnessing import checkpoint
from anping.workspace.workspace import Workspace
from authority import Authority, needs_openssl, served
from toy import TAKE


@pytest.fixture
def signed(workspace: Workspace, source: Path) -> SignedCheckpoint:
    perform(workspace, Job(TAKE, "a", {"path": source}))
    return checkpoint(workspace)


def forked(workspace: Workspace, signed: SignedCheckpoint) -> SignedCheckpoint:
    head = TreeHead(signed.head.size, bytes(32))
    other = Checkpoint(signed.checkpoint.origin, head)
    return sign_checkpoint(other, workspace.key_store.signing("log"))


@pytest.mark.parametrize("place", ["folder", "memory://drop/here"])
def test_a_dropped_checkpoint_stays_as_it_is(
    place: str, signed: SignedCheckpoint, workspace: Workspace, tmp_path: Path
) -> None:
    if "://" in place:
        pytest.importorskip("fsspec")
    where = place if "://" in place else str(tmp_path / place)
    assert drop(signed, where) == drop(signed, where)
    with pytest.raises(EvidenceError) as caught:
        drop(forked(workspace, signed), where)
    assert caught.value.code == "drop.contradicts"
    if "://" not in place:
        (kept,) = Path(where).iterdir()
        assert read_checkpoint(kept.read_bytes()) == signed


def test_a_drop_that_is_no_folder(signed: SignedCheckpoint, source: Path) -> None:
    with pytest.raises(WorkspaceError) as caught:
        drop(signed, str(source))
    assert caught.value.code == "drop.place"


def test_a_letter_lies_in_the_mailbox(signed: SignedCheckpoint, tmp_path: Path) -> None:
    post(letter(signed, "auditor@example.org"), tmp_path / "mail" / "box")
    (message,) = mailbox.Maildir(tmp_path / "mail" / "box")
    read = message_from_bytes(message.as_bytes(), policy=default)
    (attached,) = read.iter_attachments()
    assert read["To"] == "auditor@example.org"
    assert attached.get_content() == signed.encode()


@contextmanager
def mail_server(*, refuse: bool = False) -> Iterator[tuple[int, list[bytes]]]:
    received: list[bytes] = []

    class Handler(socketserver.StreamRequestHandler):
        def handle(self) -> None:
            self.wfile.write(b"220 here\r\n")
            for line in self.rfile:
                word = line.strip().upper()[:4]
                if word == b"DATA":
                    self.wfile.write(b"354 go on\r\n")
                    content = b""
                    while not content.endswith(b"\r\n.\r\n"):
                        content += self.rfile.readline()
                    received.append(content)
                    self.wfile.write(b"250 taken\r\n")
                elif word == b"RCPT" and refuse:
                    self.wfile.write(b"550 nobody\r\n")
                elif word == b"QUIT":
                    self.wfile.write(b"221 bye\r\n")
                    return
                else:
                    self.wfile.write(b"250 ok\r\n")

    with socketserver.TCPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        try:
            yield server.server_address[1], received
        finally:
            server.shutdown()
            thread.join()


def test_a_letter_is_sent(
    signed: SignedCheckpoint, workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    with mail_server() as (port, received):
        monkeypatch.setenv("ANPING_SMTP", f"smtp://127.0.0.1:{port}")
        send(letter(signed, "a@example.org", clock=workspace.clock), MailServer.from_environment())
    (content,) = received
    assert signed.checkpoint.origin.encode() in content


def test_a_refused_letter_is_told(
    signed: SignedCheckpoint, monkeypatch: pytest.MonkeyPatch
) -> None:
    with mail_server(refuse=True) as (port, _):
        monkeypatch.setenv("ANPING_SMTP", f"smtp://127.0.0.1:{port}")
        with pytest.raises(WorkspaceError) as caught:
            send(letter(signed, "a@example.org"), MailServer.from_environment())
    assert caught.value.code == "mail.not-sent"


@pytest.mark.parametrize("setting", ["", "mail.example", "smtp://", "http://x", "smtp://x:port"])
def test_no_mail_server(setting: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ANPING_SMTP", setting)
    with pytest.raises(ParameterError) as caught:
        MailServer.from_environment()
    assert caught.value.code == "mail.no-server"


def test_mail_leaves_the_machine_encrypted_or_not_at_all(
    signed: SignedCheckpoint, monkeypatch: pytest.MonkeyPatch
) -> None:
    with mail_server() as (port, received):
        monkeypatch.setattr("socket.create_connection", _to_here(port))
        server = MailServer("smtp", "mail.example", port, None, None)
        with pytest.raises(WorkspaceError):
            send(letter(signed, "a@example.org"), server)
    assert not received


def _to_here(port: int) -> Callable[..., socket.socket]:
    real = socket.create_connection

    def connect(address: tuple[str, int], *rest: object, **named: object) -> socket.socket:
        del address, rest, named
        return real(("127.0.0.1", port), 5)

    return connect


@needs_openssl
def test_a_timestamp_is_kept_with_its_checkpoint(
    signed: SignedCheckpoint, workspace: Workspace, tmp_path: Path
) -> None:
    authority = Authority.create(tmp_path / "tsa")
    with served(authority.answer) as url:
        stamp = timestamp(workspace, url, roots=authority.roots)
    assert stamp.authority == "CN=Test TSA"
    assert held_timestamp(workspace, signed.head.size) is not None
    assert held_timestamp(workspace, signed.head.size + 1) is None


@needs_openssl
def test_another_authoritys_answer_is_not_kept(
    signed: SignedCheckpoint, workspace: Workspace, tmp_path: Path
) -> None:
    authority, other = Authority.create(tmp_path / "tsa"), Authority.create(tmp_path / "other")
    with served(authority.answer) as url, pytest.raises(EvidenceError):
        timestamp(workspace, url, roots=other.roots)
    assert held_timestamp(workspace, signed.head.size) is None


@pytest.mark.parametrize(("status", "answer"), [(500, b"broken"), (302, b""), (200, bytes(70_000))])
def test_an_unusable_answer(
    status: int, answer: bytes, signed: SignedCheckpoint, workspace: Workspace
) -> None:
    with served(lambda _: answer, status=status) as url, pytest.raises(InputError) as caught:
        timestamp(workspace, url)
    assert caught.value.code == "timestamp.no-answer"
    assert held_timestamp(workspace, signed.head.size) is None


@pytest.mark.parametrize("url", ["file:///etc/passwd", "ftp://x", "http://", "http://127.0.0.1:1/"])
def test_an_unusable_url(url: str, signed: SignedCheckpoint, workspace: Workspace) -> None:
    del signed
    with pytest.raises(InputError) as caught:
        timestamp(workspace, url)
    assert caught.value.code == "timestamp.no-answer"
