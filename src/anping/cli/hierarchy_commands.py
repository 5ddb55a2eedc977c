"""``anping hierarchy``: build, look at and check hierarchies before any row is protected."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from anping.cli import output
from anping.cli.language import say
from anping.cli.place import opened, placed
from anping.core.errors import PlanError
from anping.core.text import Text, counted

if TYPE_CHECKING:
    from anping.steps.compose.hierarchy_looks import Look

_PATH = click.Path(path_type=Path)
_ABOUT = Text(
    "概化階層：建立、查看、檢查；不保護任何資料，也不寫帳本。",
    "Hierarchies: build, look at and check them; nothing is protected, the ledger is not written.",
)
_SUBJECT = Text("資料名稱", "the subject's name")
#: More faults than this are counted, not listed.
_LISTED = 50


@click.group("hierarchy", short_help=say(Text("建立與檢查概化階層", "Build and check hierarchies")),
             help=say(_ABOUT))  # fmt: skip
def hierarchy() -> None:
    """Build, look at and check hierarchies."""


@hierarchy.command(
    "show",
    short_help=say(Text("查看計畫的階層", "Look at a plan's hierarchies")),
    help=say(
        Text(
            "列出計畫中每個概化欄位的階層：每層有幾種值、仍有多少列獨一無二。",
            "List the hierarchy of every generalised column of SUBJECT's plan (or of COLUMN alone): how "
            "many values each level has, and how many rows stay unique.",
        )
    ),
)
@click.argument("subject")
@click.argument("column", required=False)
@click.option("--file", type=_PATH, default=None,
              help=say(Text("改看這份計畫", "look at this plan instead")))  # fmt: skip
@placed
def show(
    subject: str,
    *,
    column: str | None,
    file: Path | None,
    workspace_folder: str,
    key_folder: str | None,
) -> None:
    """Show what the hierarchies of a plan do."""
    from anping.steps.compose.hierarchy_looks import previews

    workspace = opened(workspace_folder, key_folder)
    for each in previews(workspace, subject, file=file, column=column):
        show_look(each)


@hierarchy.command(
    "build",
    short_help=say(Text("由一欄建立階層", "Build one from a column")),
    help=say(
        Text(
            "由一欄的值建立階層並列出各層；KIND 是種類或計畫裡 hierarchy 的寫法（如 age、"
            "'age, widths: [5, 20]'），不寫則選適合的種類。",
            "Build a hierarchy from the values of COLUMN and list its levels. KIND is a kind, or what a "
            "plan says under hierarchy (age, or 'age, widths: [5, 20]'); one that fits if left out.",
        )
    ),
)
@click.argument("subject")
@click.argument("column")
@click.argument("kind", required=False)
@click.option("--into", type=_PATH, default=None,
              help=say(Text("寫成計畫可以指名的 CSV 檔", "write a CSV file that a plan can name")))  # fmt: skip
@click.option("--folder", type=_PATH, default=Path(), show_default=True,
              help=say(Text("樹檔所在的資料夾", "where a tree's file lies")))  # fmt: skip
@placed
def build(
    subject: str,
    column: str,
    *,
    kind: str | None,
    into: Path | None,
    folder: Path,
    **place: str | None,
) -> None:
    """Build a hierarchy from a column."""
    from anping.steps.compose.hierarchy_looks import build as built_for

    workspace = opened(str(place["workspace_folder"]), place["key_folder"])
    done = built_for(workspace, subject, column, said=kind, folder=folder)
    show_look(done.look)
    click.echo(say(Text("計畫裡寫：", "In a plan: ")) + done.entry)
    if into is None:
        return
    done.write(into)
    click.echo(f"{say(Text('已寫入：', 'Written: '))}{into}  {done.entry_of(into)}")
    click.echo(
        say(
            Text(
                "檔案含有這一欄的原始值，請當作原始資料保管。",
                "The file holds the column's raw values: keep it as you keep the raw data.",
            )
        )
    )


@hierarchy.command(
    "check",
    short_help=say(Text("檢查階層檔", "Check a hierarchy file")),
    help=say(
        Text(
            "逐列指出階層檔的每個錯誤：缺層、循環、兩個根、重複、一值兩父；給了 SUBJECT 與 COLUMN，"
            "也檢查是否涵蓋該欄所有的值。",
            "Name every fault of FILE with its row: gaps, cycles, two roots, doubles, two parents; with "
            "SUBJECT and COLUMN also whether it has all values of the column.",
        )
    ),
)
@click.argument("file", type=_PATH)
@click.argument("subject", required=False)
@click.argument("column", required=False)
@click.option("--tree", is_flag=True,
              help=say(Text("檔案是樹：每行一個值與它的上層", "it is a tree: a value and its parent on each line")))  # fmt: skip
@placed
def check(
    file: Path,
    *,
    subject: str | None,
    column: str | None,
    tree: bool,
    **place: str | None,
) -> None:
    """Check a hierarchy file."""
    from anping.steps.compose.hierarchy_looks import check as checked_file

    if (subject is None) != (column is None):
        raise click.UsageError(
            say(Text("SUBJECT 與 COLUMN 要一起給。", "SUBJECT and COLUMN go together."))
        )
    named = None if subject is None or column is None else (subject, column)
    workspace = None
    if named is not None:
        workspace = opened(str(place["workspace_folder"]), place["key_folder"])
    found = checked_file(file, tree=tree, workspace=workspace, place=named)
    for fault in found.faults[:_LISTED]:
        # As every other error: in both languages, the reader's own first.
        for each in output.languages():
            click.secho(f"✗ [{fault.code}] {fault.to(each)}", fg="red")
    if found.faults:
        total = Text(
            f"共 {len(found.faults):,} 個錯誤。", f"{counted(len(found.faults), 'fault')} in all."
        )
        click.secho(say(total), fg="red", bold=True)
        raise click.exceptions.Exit(PlanError.exit_code)
    if found.look is not None:
        show_look(found.look)
    click.secho(say(Text("沒有錯誤。", "No fault was found.")), fg="green", bold=True)


def show_look(look: Look) -> None:
    """Print a hierarchy's levels, and what of the column it cannot read."""
    click.secho(f"■ {look.column}", bold=True)
    output.table(look.headers, look.rows)
    if look.told is not None:
        click.echo(f"  {say(look.told)}")
