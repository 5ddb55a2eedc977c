"""Handing over: checkpoints, the outside witness, and the dossier folder."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from anping.cli import output
from anping.cli.language import say
from anping.cli.place import opened, placed
from anping.core.text import Text

if TYPE_CHECKING:
    from anping.workspace.workspace import Workspace

_DOSSIER = Text("把卷宗交付到這個新資料夾", "hand the dossier over into this new folder")
_WITNESS = Text("見證人資料夾（同機示範用）", "a witness's folder on this machine")


def dossier_options() -> list[click.Parameter]:
    """Return the options that hand a release over at once."""
    path = click.Path(path_type=Path)
    return [
        click.Option(["--dossier"], type=path, default=None, help=say(_DOSSIER)),
        click.Option(["--witness"], type=path, default=None, help=say(_WITNESS)),
    ]


def hand_over(
    workspace: Workspace, subject: str, dossier: Path | None, witness: Path | None
) -> None:
    """Checkpoint the ledger, have it cosigned if a witness is named, and write the dossier."""
    if dossier is None:
        click.echo(
            say(Text("下一步：", "Next: ")) + f"anping dossier {subject} FOLDER --witness WITNESS"
        )
        return
    from anping.workspace.dossier import export
    from anping.workspace.witnessing import checkpoint, cosigned_by

    checkpoint(workspace)
    if witness is not None:
        cosigned_by(workspace, witness)
    made = export(workspace, subject, dossier)
    click.secho(say(Text("卷宗：", "Dossier: ")) + str(made.folder), bold=True)
    click.echo(say(Text("壓縮檔：", "Zip: ")) + str(made.archive))
    click.echo(say(Text("驗證：", "Verify: ")) + f"anping verify {made.folder} --replay")


@click.command(
    "dossier",
    short_help=say(Text("交付釋出卷宗", "Hand a release over as a dossier")),
    help=say(
        Text(
            "把最新的釋出連同證據寫進新的資料夾與壓縮檔。",
            "Write the newest release of SUBJECT into FOLDER, with its evidence.",
        )
    ),
)
@click.argument("subject")
@click.argument("folder", type=click.Path(path_type=Path))
@click.option("--witness", type=click.Path(path_type=Path), default=None, help=say(_WITNESS))
@placed
def dossier(
    subject: str,
    folder: Path,
    *,
    witness: Path | None,
    workspace_folder: str,
    key_folder: str | None,
) -> None:
    """Write the newest release of SUBJECT into FOLDER, with its evidence."""
    hand_over(opened(workspace_folder, key_folder), subject, folder, witness)


@click.command(
    "checkpoint",
    short_help=say(Text("簽署帳本檢查點", "Sign a checkpoint of the ledger")),
    help=say(
        Text(
            "簽署檢查點，並以檔案與見證人往來。",
            "Sign a checkpoint; exchange it with a witness by file.",
        )
    ),
)
@click.option(
    "--request",
    type=click.Path(path_type=Path),
    default=None,
    help=say(Text("寫出給見證人的請求檔", "write the request for a witness here")),
)
@click.option(
    "--since",
    type=click.IntRange(0),
    default=None,
    help=say(
        Text(
            "見證人說它最後看到的筆數（回覆遺失時）",
            "the size that the witness says it last saw, where an answer was lost",
        )
    ),
)
@click.option(
    "--add",
    "answer",
    type=click.Path(path_type=Path, exists=True),
    default=None,
    help=say(Text("加入見證人的回覆檔", "add a witness's answer from this file")),
)
@click.option(
    "--know",
    type=click.Path(path_type=Path, exists=True),
    default=None,
    help=say(Text("登錄見證人的公鑰檔", "register a witness's public key file")),
)
@placed
def checkpoint_command(
    *,
    request: Path | None,
    since: int | None,
    answer: Path | None,
    know: Path | None,
    workspace_folder: str,
    key_folder: str | None,
) -> None:
    """Sign a checkpoint; exchange it with a witness by file."""  # fmt: skip
    from anping.core.files import write
    from anping.workspace.witnessing import (
        add_cosignature,
        checkpoint,
        know_witness,
        witness_request,
    )

    workspace = opened(workspace_folder, key_folder)
    if know is not None:
        know_witness(workspace, know.read_bytes())
    if answer is not None:
        add_cosignature(workspace, answer.read_bytes())
    else:
        checkpoint(workspace)
    if request is not None:
        write(request, witness_request(workspace, old_size=since))
    click.echo(workspace.ledger.newest_checkpoint().decode())


@click.command(
    "keys",
    short_help=say(Text("寫出公鑰檔", "Write the public keys")),
    help=say(
        Text(
            "把公鑰寫到 FILE，交給見證人與稽核員；其中沒有任何私鑰。",
            "Write the public keys to FILE, for witnesses and auditors; no private key is in it.",
        )
    ),
)
@click.argument("file", type=click.Path(path_type=Path))
@placed
def keys(file: Path, workspace_folder: str, key_folder: str | None) -> None:
    """Write the public keys to FILE, for witnesses and auditors; no private key is in it."""
    from anping.core.files import write
    from anping.evidence.keys import read_keys

    public = opened(workspace_folder, key_folder).key_store.public()
    write(file, public)
    for key in read_keys(public).members:
        click.echo(f"{key.role:<9} {key.fingerprint}  {key.name}")


@click.group(
    "witness",
    short_help=say(Text("見證人：外部共簽者", "The outside witness")),
    help=say(
        Text(
            "扮演見證人：有自己的金鑰與資料夾的外部單位。",
            "Act as the witness: an outside party with its own key and folder.",
        )
    ),
)
def witness() -> None:
    """Act as the witness: an outside party with its own key and folder."""


@witness.command(
    "init",
    help=say(
        Text(
            "在資料夾建立見證人與新金鑰，印出公鑰檔的位置。",
            "Make a witness in FOLDER with a new key; print the file with its public key.",
        )
    ),
)
@click.argument("folder", type=click.Path(path_type=Path))
@click.option("--name", required=True, help=say(Text("見證人名稱", "the witness's name")))
def witness_init(folder: Path, name: str) -> None:
    """Make a witness in FOLDER with a new key; print the file with its public key."""
    from anping.workspace.witnessing import create_witness

    click.echo(str(create_witness(folder, name)))


@witness.command(
    "cosign",
    help=say(
        Text(
            "把請求與先前所見核對後共簽。",
            "Check REQUEST against what FOLDER last saw and cosign it.",
        )
    ),
)
@click.argument("folder", type=click.Path(path_type=Path, exists=True))
@click.argument("request", type=click.Path(path_type=Path, exists=True))
@click.option(
    "--owner",
    type=click.Path(path_type=Path, exists=True),
    default=None,
    help=say(Text("第一次見到時信任的 keys.json", "the owner's keys.json, for first use")),
)
@click.option(
    "--out",
    type=click.Path(path_type=Path),
    required=True,
    help=say(Text("回覆寫到這裡", "write the answer here")),
)
def witness_cosign(folder: Path, request: Path, owner: Path | None, out: Path) -> None:
    """Check REQUEST against what FOLDER last saw and cosign it."""  # fmt: skip
    from anping.core.files import write
    from anping.workspace.witnessing import answer_request

    keys = None if owner is None else owner.read_bytes()
    write(out, answer_request(folder, request.read_bytes(), keys))
    click.echo(str(out))


@witness.command(
    "show",
    help=say(
        Text(
            "印出見證人手上某份帳本的最後一個檢查點。",
            "Print the last checkpoint that FOLDER holds of the log ORIGIN.",
        )
    ),
)
@click.argument("folder", type=click.Path(path_type=Path, exists=True))
@click.argument("origin")
def witness_show(folder: Path, origin: str) -> None:
    """Print the last checkpoint that FOLDER holds of the log ORIGIN."""
    from anping.workspace.witnessing import held_checkpoint

    click.echo(held_checkpoint(folder, origin).decode(), nl=False)


@click.command(
    "log",
    short_help=say(Text("檢視帳本", "Show the ledger")),
    help=say(
        Text(
            "列出帳本最後的敘述，並檢查每一筆的簽章、樹與檢查點。",
            "List the last statements of the ledger; check every signature, the tree and checkpoints.",
        )
    ),
)
@click.option(
    "--last",
    type=click.IntRange(0, 100_000),
    default=1000,
    show_default=True,
    help=say(Text("列出最後幾筆", "how many of the last statements to list")),
)
@placed
def log(*, last: int, workspace_folder: str, key_folder: str | None) -> None:
    """List the last statements of the ledger; check every signature, the tree and checkpoints."""
    workspace = opened(workspace_folder, key_folder)
    rows = workspace.ledger.summary(last=last)
    headers = (Text("號", "no."), Text("時間", "when"), Text("步驟", "step"), Text("誰", "who"),
               Text("產出", "made"), Text("結果", "outcome"))  # fmt: skip
    output.table(headers, rows)
    audited = workspace.ledger.audited(workspace.key_store.public())
    for note in audited.notes:
        click.secho(say(note), fg="yellow")
    click.echo(say(Text("帳本完整。", "The ledger is whole.")))
