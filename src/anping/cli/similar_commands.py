"""``anping similar``: which tables hold the same rows, or part of them, or the same columns."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from anping.cli import output
from anping.cli.language import say
from anping.cli.place import opened, placed
from anping.core.text import Text

if TYPE_CHECKING:
    from anping.steps.compose.similar import Alikeness

_NONE = Text("沒有看到相似的表。", "No table like it was seen.")


@click.command(
    "similar",
    short_help=say(Text("找出重複與相近的表", "Find duplicate and near-duplicate tables")),
    help=say(
        Text(
            "列出與 TABLE 相同、列序不同、為其部分或全部、或有共同欄位的表。以掃描時留下的加金鑰草圖比較，"
            "不重讀資料；抽樣所得附 95% 區間。",
            "List the tables that hold the same rows as TABLE, in the same or another order, part of "
            "them or more, or the same columns. Keyed sketches that scans left are compared, not the "
            "data; what was sampled has a 95 % interval.",
        )
    ),
)
@click.argument("table")
@click.option(
    "--all/--sketched",
    "every",
    default=False,
    help=say(Text("沒有掃描過的表現在也比較", "compare tables that were never scanned, too")),
)
@click.option("--json/--text", "as_json", default=False, help=say(Text("輸出 JSON", "print JSON")))
@placed
def similar(
    table: str, *, every: bool, as_json: bool, workspace_folder: str, key_folder: str | None
) -> None:
    """List the tables that are like TABLE."""
    from anping.steps.compose.similar import alike, write_similar

    workspace = opened(workspace_folder, key_folder)
    found = alike(workspace, table, every=every, progress=output.progress)
    output.clear()
    if as_json:
        click.echo(write_similar(found))
        return
    _show(found)


def _show(found: Alikeness) -> None:
    if not found.found:
        click.echo(say(_NONE))
    for one in found.found:
        click.secho(f"{one.table}  {say(found.said(one))}", bold=True)
        if one.measures:
            output.measures(one.measures)
    compared = Text("比較了 {n:,} 張表。", "{n:,} tables were compared.")
    click.echo(say(compared.fill(n=found.compared)))
    if found.without:
        names = ", ".join(found.without[:6])
        more = Text(
            "沒有草圖（未掃描）的表 {n:,} 張，加 --all 一併比較：{names}",
            "{n:,} tables have no sketch (they were not scanned); --all compares them: {names}",
        )
        click.echo(say(more.fill(n=len(found.without), names=names)))
