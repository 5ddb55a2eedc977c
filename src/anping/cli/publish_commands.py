"""``anping publish``: the newest checkpoint goes to somebody outside who keeps it."""

from __future__ import annotations

from pathlib import Path

import click

from anping.cli.language import say
from anping.cli.place import opened, placed
from anping.core.text import Text


@click.group(
    "publish",
    short_help=say(Text("把檢查點交給外部保存", "Hand a checkpoint to somebody outside")),
    help=say(
        Text(
            "簽署帳本現在的檢查點，交給外部保存：檔案放置處、信箱，或時戳機構。",
            "Sign a checkpoint of the ledger as it is now and hand it to somebody outside: a file "
            "drop, a mailbox, or a time-stamping authority.",
        )
    ),
)
def publish() -> None:
    """Hand a checkpoint to somebody outside."""


@publish.command(
    "drop",
    help=say(
        Text(
            "把檢查點放進資料夾或網址（如 s3://…）；先前放的不會更動。",
            "Put the checkpoint into the folder or URL (such as s3://…) PLACE; what was dropped before "
            "is never changed.",
        )
    ),
)
@click.argument("place")
@placed
def publish_drop(place: str, workspace_folder: Path, key_folder: Path | None) -> None:
    """Put the checkpoint into the folder or URL PLACE."""
    from anping.workspace.dropping import drop
    from anping.workspace.witnessing import checkpoint

    click.echo(drop(checkpoint(opened(workspace_folder, key_folder)), place))


@publish.command(
    "mailbox",
    help=say(
        Text(
            "以一封信放進檔案系統裡的信箱（Maildir）。",
            "Put a letter with the checkpoint into a mailbox in the file system (Maildir).",
        )
    ),
)
@click.argument("folder", type=click.Path(path_type=Path, file_okay=False))
@click.option(
    "--to", default="auditor@localhost", show_default=True, help=say(Text("收件人", "whom"))
)
@placed
def publish_mailbox(
    folder: Path, *, to: str, workspace_folder: Path, key_folder: Path | None
) -> None:
    """Put a letter with the checkpoint into a mailbox in the file system (Maildir)."""
    from anping.workspace.mailing import letter, post
    from anping.workspace.witnessing import checkpoint

    workspace = opened(workspace_folder, key_folder)
    post(letter(checkpoint(workspace), to, clock=workspace.clock), folder)
    click.echo(str(folder))


@publish.command(
    "mail",
    help=say(
        Text(
            "把檢查點寄到 ADDRESS；伺服器由 ANPING_SMTP 與 ANPING_SMTP_PASSWORD 設定。",
            "Mail the checkpoint to ADDRESS; ANPING_SMTP and ANPING_SMTP_PASSWORD name the server.",
        )
    ),
)
@click.argument("address")
@placed
def publish_mail(address: str, workspace_folder: Path, key_folder: Path | None) -> None:
    """Mail the checkpoint to ADDRESS."""
    from anping.workspace.mailing import MailServer, letter, send
    from anping.workspace.witnessing import checkpoint

    server = MailServer.from_environment()
    workspace = opened(workspace_folder, key_folder)
    send(letter(checkpoint(workspace), address, clock=workspace.clock), server)
    click.echo(address)


@publish.command(
    "timestamp",
    help=say(
        Text(
            "請時戳機構（RFC 3161）為檢查點蓋時戳；之後交付的卷宗會附上它。",
            "Have the time-stamping authority at URL (RFC 3161) stamp the checkpoint; dossiers "
            "handed over after that carry it.",
        )
    ),
)
@click.argument("url")
@click.option(
    "--roots",
    type=click.Path(path_type=Path, exists=True, dir_okay=False),
    default=None,
    help=say(Text("信任的根憑證（PEM），立即核對", "trusted roots (PEM), to check at once")),
)
@placed
def publish_timestamp(
    url: str, *, roots: Path | None, workspace_folder: Path, key_folder: Path | None
) -> None:
    """Have the time-stamping authority at URL (RFC 3161) stamp the checkpoint."""
    from anping.core.clock import rfc3339
    from anping.workspace.timestamping import timestamp

    trusted = None if roots is None else roots.read_bytes()
    stamp = timestamp(opened(workspace_folder, key_folder), url, roots=trusted)
    click.echo(f"{rfc3339(stamp.moment)} {stamp.authority}")
