"""``anping verify``: check a dossier offline, with no workspace and no network."""

from __future__ import annotations

from pathlib import Path

import click

from anping.cli.language import say
from anping.cli.place import KEYS, opened, placed
from anping.core.errors import EvidenceError
from anping.core.text import Text

_MARKS = {
    "pass": ("✓", "green"),
    "fail": ("✗", "red"),
    "warn": ("!", "yellow"),
    "info": ("·", None),
}


@click.command(
    "verify",
    short_help=say(Text("離線驗證卷宗", "Verify a dossier offline")),
    help=say(
        Text(
            "離線檢查卷宗的每個檔案、簽章、證明、標籤與閘門。",
            "Check every file, signature, proof, label and gate of DOSSIER.",
        )
    ),
)
@click.argument("dossier", type=click.Path(path_type=Path))
@click.option(
    "--trust",
    type=click.Path(path_type=Path, exists=True),
    default=None,
    help=say(Text("另外取得的 keys.json", "a keys.json obtained apart from the dossier")),
)
@click.option(
    "--witness",
    type=click.Path(path_type=Path, exists=True),
    default=None,
    help=say(Text("見證人持有的檢查點", "the checkpoint that the witness holds")),
)
@click.option(
    "--timestamp-roots",
    type=click.Path(path_type=Path, exists=True, dir_okay=False),
    default=None,
    help=say(
        Text("信任的時戳機構根憑證（PEM）", "trusted roots of time-stamping authorities (PEM)")
    ),
)
@click.option(
    "--replay/--no-replay",
    default=False,
    help=say(Text("重新計算量測值", "recompute the measures")),
)
@click.option(
    "--workspace",
    "workspace_folder",
    default=None,
    metavar="FOLDER|URL",
    help=say(
        Text(
            "產生卷宗的工作區：連同需要原始資料的量測值（攻擊）一起重算，需要它的金鑰",
            "the workspace that the dossier came from, with its keys: recompute also what needs the "
            "raw data (the attacks)",
        )
    ),
)
@click.option("--keys", "key_folder", default=None, metavar="FOLDER|URI", help=say(KEYS))
@click.option(
    "--verbose/--brief", default=False, help=say(Text("列出每一項檢查", "list every single check"))
)
def verify(
    dossier: Path,
    *,
    replay: bool,
    workspace_folder: str | None,
    key_folder: str | None,
    verbose: bool,
    **outside: Path | None,
) -> None:
    """Check every file, signature, proof, label and gate of DOSSIER."""  # fmt: skip
    from anping.steps.verification import verify_dossier

    again = replay if workspace_folder is None else opened(workspace_folder, key_folder)
    report = verify_dossier(dossier, replay=again, **outside)
    for finding in report.findings:
        if finding.outcome == "pass" and not verbose and finding.where is not None:
            continue
        mark, colour = _MARKS[finding.outcome]
        place = f"  [{finding.where}]" if finding.where else ""
        click.echo(f"{click.style(mark, fg=colour)} {say(finding.what)}{place}")
    passed = sum(finding.outcome == "pass" for finding in report.findings)
    failed = sum(finding.outcome == "fail" for finding in report.findings)
    total = Text("{p} 項通過，{f} 項不通過。", "{p} checks passed, {f} failed.")
    click.secho(say(total.fill(p=passed, f=failed)), fg="green" if report.ok else "red", bold=True)
    if not report.ok:
        raise click.exceptions.Exit(EvidenceError.exit_code)


@click.command(
    "replay",
    short_help=say(Text("在資料方重算量測值", "Measure again inside the site")),
    help=say(
        Text(
            "把產生某項資產（如 customers.release）的步驟重跑一次，逐一比對量測值。",
            "Run the steps that led to REFERENCE (customers.release) again and compare every measure.",
        )
    ),
)
@click.argument("reference")
@placed
def replay_command(reference: str, workspace_folder: str, key_folder: str | None) -> None:
    """Run the steps that led to REFERENCE (customers.release) again and compare every measure."""
    from anping.steps.catalogue import step
    from anping.workspace.replay import replay

    found = list(replay(opened(workspace_folder, key_folder), reference, step=step))
    for each in found:
        if each.same is False:
            click.secho(f"✗ #{each.statement} {each.step} {each.stated.key}", fg="red")
    same, differ = (sum(each.same is wanted for each in found) for wanted in (True, False))
    left = sum(each.same is None for each in found)
    text = Text(
        "{s} 個量測值重算相符，{d} 個不符；{u} 個無法重算（讀取外部檔案或使用秘密亂數）。",
        "{s} measures are the same, {d} differ; {u} cannot be measured again "
        "(they read outside files or draw secret random numbers).",
    )
    click.echo(say(text.fill(s=same, d=differ, u=left)))
    if differ or not same:
        raise click.exceptions.Exit(EvidenceError.exit_code)
