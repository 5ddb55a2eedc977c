"""Keeping a workspace safe: back it up, restore it, have the doctor look at it."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path

import click

from anping.cli import output
from anping.cli.language import say
from anping.cli.place import opened, placed, placed_with_objects
from anping.core.text import Text

PASSPHRASE = "ANPING_BACKUP_PASSPHRASE"  # noqa: S105 - a variable's name, no secret
_ASK = Text("備份金鑰的通行片語", "Passphrase of the keys in the backup")
_MARKS = {
    "pass": ("✓", "green"),
    "fail": ("✗", "red"),
    "warn": ("!", "yellow"),
    "info": ("·", None),
}


def _passphrase(*, twice: bool) -> str | None:
    """Return the passphrase from the environment or the terminal; None where nobody can be asked."""
    given = os.environ.get(PASSPHRASE)
    if given or not sys.stdin.isatty():
        return given or None
    asked: str = click.prompt(say(_ASK), hide_input=True, confirmation_prompt=twice, err=True)
    return asked


@click.command(
    "backup",
    short_help=say(Text("備份工作區", "Back the workspace up")),
    help=say(
        Text(
            "把整個工作區寫成一個新檔：資料表、內容與簽章清單。備份含原始資料，請與工作區同樣保管。"
            "私鑰預設不在其中。",
            "Write the whole workspace to the new FILE: tables, content and a signed list. It holds "
            "raw data, so guard it like the workspace. Private keys are left out unless asked for.",
        )
    ),
)
@click.argument("file", type=click.Path(path_type=Path))
@click.option(
    "--with-keys/--without-keys",
    default=False,
    help=say(
        Text(
            f"連私鑰一起，以通行片語（{PASSPHRASE} 或終端機輸入）加密",
            f"include the private keys, sealed by a passphrase ({PASSPHRASE} or the terminal)",
        )
    ),
)
@placed
def backup(file: Path, *, with_keys: bool, workspace_folder: str, key_folder: str | None) -> None:
    """Write the whole workspace to the new FILE."""
    from anping.workspace.backup import back_up
    from anping.workspace.backups.refusals import needs_passphrase

    phrase = _passphrase(twice=True) if with_keys else None
    if with_keys and phrase is None:
        raise needs_passphrase()
    workspace = opened(workspace_folder, key_folder)
    made = back_up(workspace, file, passphrase=phrase, progress=output.progress)
    output.clear()
    click.secho(say(Text("備份：", "Backup: ")) + str(made.file), bold=True)
    size = f"{made.size:,} B"
    said = Text(
        f"{made.statements:,} 筆敘述、{made.objects:,} 項內容、{size}",
        f"{made.statements:,} statements, {made.objects:,} objects, {size}",
    )
    click.echo(say(said))
    click.echo(
        say(Text("清單摘要（另外記下）：", "Digest of its list (note it elsewhere): "))
        + made.digest
    )
    if not made.with_keys:
        left_out = Text("私鑰不在備份裡：", "Private keys are not in it: ")
        click.echo(say(left_out) + workspace.key_store.location)


@click.command(
    "restore",
    short_help=say(Text("還原工作區", "Restore a workspace")),
    help=say(
        Text(
            "把備份還原到新的資料夾或空的資料庫（--workspace）；每個摘要與帳本都核對後才算數，失敗則什麼都不留。",
            "Restore FILE into a new folder or an empty database (--workspace). It counts only when "
            "every digest and the ledger hold; a failure leaves nothing.",
        )
    ),
)
@click.argument("file", type=click.Path(path_type=Path))
@click.option(
    "--check/--no-check",
    default=False,
    help=say(Text("只檢查備份檔，不還原", "only check the backup; restore nothing")),
)
@placed_with_objects
def restore(
    file: Path, *, check: bool, workspace_folder: str, key_folder: str | None, objects: str | None
) -> None:
    """Restore FILE into a new folder or an empty database (--workspace)."""
    from anping.workspace.backups.checking import check_backup
    from anping.workspace.restore import restore as restored_into

    contents = check_backup(file, progress=output.progress)
    output.clear()
    click.echo(
        say(Text("備份完整；清單摘要：", "The backup is whole; its list: ")) + contents.digest
    )
    if check:
        return
    phrase = None if contents.sealed is None else _passphrase(twice=False)
    done = restored_into(
        contents,
        workspace_folder,
        keys=key_folder,
        objects=objects,
        passphrase=phrase,
        progress=output.progress,
    )
    output.clear()
    click.secho(say(Text("已還原：", "Restored: ")) + done.place, bold=True)
    said = Text(
        f"{done.statements:,} 筆敘述、{done.objects:,} 項內容；帳本完整。",
        f"{done.statements:,} statements, {done.objects:,} objects; the ledger is whole.",
    )
    click.echo(say(said))
    for note in done.notes:
        click.echo(say(note))


@click.command(
    "doctor",
    short_help=say(Text("檢查工作區的健康", "Check the workspace's health")),
    help=say(
        Text(
            "檢查資料庫、帳本、金鑰、內容、權限、殘留、空間與時鐘，並說明怎麼辦；只讀不寫。",
            "Check database, ledger, keys, content, permissions, leftovers, space and clock, and say "
            "what to do. It only reads, except with --sweep.",
        )
    ),
)
@click.option("--json/--text", "as_json", default=False, help=say(Text("輸出 JSON", "print JSON")))
@click.option(
    "--quick/--thorough",
    default=False,
    help=say(Text("內容只看在不在，不逐位元組讀", "only look for the content, do not read it")),
)
@click.option(
    "--sweep/--no-sweep",
    default=False,
    help=say(
        Text(
            "檢查通過後，清除七天無人引用的內容與中斷的程序所留",
            "if all is well, remove content unreferenced for a week and what killed runs left",
        )
    ),
)
@placed
def doctor(
    *, as_json: bool, quick: bool, sweep: bool, workspace_folder: str, key_folder: str | None
) -> None:
    """Check the workspace's health and say what to do."""
    from anping.workspace.checks.check import Check
    from anping.workspace.doctor import clean, examine, unwell

    found: list[Check] = []
    for check in examine(
        workspace_folder, keys=key_folder, thorough=not quick, progress=output.progress
    ):
        output.clear()
        found.append(check)
        if not as_json:
            mark, colour = _MARKS[check.state]
            said = f"{say(check.title)}{say(Text('：', ': '))}{say(check.said)}"
            click.echo(f"{click.style(mark, fg=colour)} {said}")
            if check.hint is not None and check.state != "pass":
                click.echo(f"    → {say(check.hint)}")
    wrong = sum(check.state == "fail" for check in found)
    if as_json:
        body = {"healthy": not wrong, "checks": [check.as_json() for check in found]}
        click.echo(json.dumps(body, ensure_ascii=False))
    if wrong:
        raise unwell(wrong)
    if sweep:
        swept = clean(opened(workspace_folder, key_folder))
        told = Text(
            f"清除了 {swept.objects:,} 項內容（{swept.size:,} B）與 {swept.leftovers:,} 個殘留。",
            f"Removed {swept.objects:,} objects ({swept.size:,} B) and {swept.leftovers:,} leftovers.",
        )
        click.echo(say(told), err=as_json)
