"""Making a workspace, listing what it holds, running a pipeline, making samples, the demo."""

from __future__ import annotations

from pathlib import Path

import click

from anping.cli import output
from anping.cli.language import say
from anping.cli.place import opened, placed, placed_with_objects
from anping.cli.running import run_file
from anping.core.text import Text

_FOLDER = click.Path(path_type=Path)


@click.command(
    "init",
    short_help=say(Text("建立工作區", "Make a workspace")),
    help=say(
        Text(
            "建立工作區與它的金鑰庫；已有的工作區只會打開，不會覆寫。",
            "Make a workspace and its key store; an existing workspace is opened, never overwritten.",
        )
    ),
)
@placed_with_objects
def init(workspace_folder: str, key_folder: str | None, objects: str | None) -> None:
    """Make a workspace and its key store."""
    from anping.workspace.workspace import Workspace

    workspace = Workspace.create(workspace_folder, keys=key_folder, objects=objects)
    click.echo(say(Text("工作區：", "Workspace: ")) + workspace.location)
    click.echo(say(Text("內容：", "Content: ")) + workspace.objects.location)
    click.echo(say(Text("金鑰：", "Keys: ")) + workspace.key_store.location)


@click.command(
    "migrate",
    short_help=say(Text("把舊工作區轉成新格式", "Bring an older workspace up to date")),
    help=say(
        Text(
            "把較舊版本建立的工作區轉成現在的格式；帳本在前後都會稽核，失敗則原樣不動。搜尋索引會重建。",
            "Bring a workspace of an earlier version to today's format; the ledger is audited before "
            "and after, and a failure changes nothing. The search index is made anew.",
        )
    ),
)
@placed
def migrate(workspace_folder: str, key_folder: str | None) -> None:
    """Bring a workspace of an earlier version to today's format."""
    from anping.steps.compose.searching import index
    from anping.workspace.migrating import migrate

    done = migrate(workspace_folder, keys=key_folder)
    index(opened(workspace_folder, key_folder), anew=True)
    same = Text("已是現在的格式 {n}。", "It is of today's format {n} already.")
    changed = Text(
        "格式 {o} 已轉為 {n}；帳本的 {s} 筆敘述完整。",
        "Format {o} became {n}; the ledger's {s} statements are whole.",
    )
    text = same if done.before == done.after else changed
    click.echo(say(text.fill(o=done.before, n=done.after, s=done.statements)))


@click.command(
    "assets",
    short_help=say(Text("列出資產", "List the assets")),
    help=say(
        Text("列出每項資產的每個版本與標籤。", "List every version of every asset with its labels.")
    ),
)
@placed
def assets(workspace_folder: str, key_folder: str | None) -> None:
    """List every version of every asset with its labels."""
    workspace = opened(workspace_folder, key_folder)
    rows = [
        (
            asset.reference,
            asset.kind,
            "" if asset.rows is None else f"{asset.rows:,}",
            asset.labels.tier.value,
            ", ".join(sorted(asset.labels.purposes)) if asset.labels.purposes else "",
        )
        for asset in workspace.assets()
    ]
    headers = (Text("資產", "asset"), Text("種類", "kind"), Text("列數", "rows"),
               Text("層級", "tier"), Text("用途", "purposes"))  # fmt: skip
    output.table(headers, rows)


@click.command(
    "show",
    short_help=say(Text("印出計畫、政策或報告", "Print a plan, policy or report")),
    help=say(
        Text(
            "印出資產的內容（如 customers.plan、customers.scan、policy）；資料表不會印出。",
            "Print the content of ASSET (customers.plan, customers.scan, policy): not of tables.",
        )
    ),
)
@click.argument("asset")
@placed
def show_asset(asset: str, workspace_folder: str, key_folder: str | None) -> None:
    """Print the content of ASSET (customers.plan, customers.scan, policy): not of tables."""
    from anping.workspace.content import text_of

    click.echo(text_of(opened(workspace_folder, key_folder), asset), nl=False)


@click.command(
    "run",
    short_help=say(Text("執行流程檔", "Run a pipeline file")),
    help=say(
        Text(
            "依序執行流程檔的步驟；沒有變更的不再執行。",
            "Perform the steps of PIPELINE; what has not changed is not run again.",
        )
    ),
)
@click.argument("pipeline", type=_FOLDER)
@click.option(
    "--dossier",
    type=_FOLDER,
    default=None,
    help=say(Text("釋出後交付到此資料夾", "hand the release over into this folder")),
)
@click.option(
    "--witness", type=_FOLDER, default=None, help=say(Text("見證人資料夾", "a witness's folder"))
)
@placed_with_objects
def run(
    pipeline: Path,
    *,
    dossier: Path | None,
    witness: Path | None,
    workspace_folder: str,
    key_folder: str | None,
    objects: str | None,
) -> None:
    """Perform the steps of PIPELINE; what has not changed is not run again."""  # fmt: skip
    from anping.workspace.workspace import Workspace

    workspace = Workspace.create(workspace_folder, keys=key_folder, objects=objects)
    run_file(workspace, pipeline, dossier, witness)


@click.command(
    "sample",
    short_help=say(Text("產生範例資料", "Write sample data")),
    help=say(
        Text(
            "把可重現的擬真臺灣資料與其真相寫進資料夾。",
            "Write seeded, realistic Taiwanese records and the truth about them into FOLDER.",
        )
    ),
)
@click.argument("kind", type=click.Choice(["bank", "credit", "hospital"]))
@click.argument("folder", type=_FOLDER)
@click.option(
    "--people",
    type=click.IntRange(50, 1_000_000),
    default=2000,
    show_default=True,
    help=say(Text("人數", "how many people")),
)
@click.option(
    "--seed", type=int, default=20260101, show_default=True, help=say(Text("亂數種子", "the seed"))
)
def sample(kind: str, folder: Path, people: int, seed: int) -> None:
    """Write seeded, realistic Taiwanese records and the truth about them into FOLDER."""  # fmt: skip
    from anping.recipes.samples import write_sample

    for path in write_sample(kind, folder, people=people, seed=seed):
        click.echo(str(path))


@click.command(
    "steps",
    short_help=say(Text("列出步驟", "List the steps")),
    help=say(Text("列出步驟目錄。", "List the step catalogue.")),
)
def steps_command() -> None:
    """List the step catalogue."""
    from anping.steps.catalogue import steps

    headers = (Text("步驟", "step"), Text("指令", "command"), Text("做什麼", "what it does"))
    output.table(headers, [(step.id, step.command, say(step.title)) for step in steps()])


@click.command(
    "demo",
    short_help=say(Text("從頭到尾示範一次", "Walk the whole chain once")),
    help=say(
        Text(
            "產生範例資料、執行流程、請見證人共簽、交付並驗證。",
            "Make sample data, run its pipeline, have it witnessed, hand it over and verify it.",
        )
    ),
)
@click.argument("folder", type=_FOLDER)
@click.option(
    "--people",
    type=click.IntRange(200, 1_000_000),
    default=2000,
    show_default=True,
    help=say(Text("人數", "how many people")),
)
def demo(folder: Path, people: int) -> None:
    """Make sample data, run its pipeline, have it witnessed, hand it over and verify it."""  # fmt: skip
    from anping.cli.demonstration import demonstrate

    demonstrate(folder, people)
