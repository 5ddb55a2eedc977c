"""``anping lineage``: where a table or a column came from, and what is left of its values."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from anping.cli import output
from anping.cli.language import language, say
from anping.cli.place import opened, placed
from anping.core.text import Text

if TYPE_CHECKING:
    from anping.steps.compose.lineage import Said


@click.command(
    "lineage",
    short_help=say(
        Text("欄位從哪裡來、值還讀不讀得到", "Where columns came from, and what hides them")
    ),
    help=say(
        Text(
            "說明資產（如 customers.protected）或其欄位（customers.protected:年齡）從哪裡來、途中做了什麼、"
            "原來的值是否還讀得到。",
            "Tell where an asset (customers.protected) or a column of it (customers.protected:age) came "
            "from, what was done on the way, and whether the original values can still be read.",
        )
    ),
)
@click.argument("asset")
@click.option(
    "--down/--up",
    default=False,
    help=say(Text("改為列出由它而來的", "list what came of it instead")),
)
@click.option(
    "--json/--text",
    "as_json",
    default=False,
    help=say(Text("輸出 OpenLineage 事件（JSON Lines）", "print OpenLineage events (JSON Lines)")),
)
@click.option(
    "--into",
    type=click.Path(path_type=Path),
    default=None,
    help=say(
        Text(
            "把 OpenLineage 事件、中英文網頁與圖寫進這個新資料夾",
            "write OpenLineage events, pages and drawings in both languages into this new folder",
        )
    ),
)
@placed
def lineage(
    asset: str,
    *,
    down: bool,
    as_json: bool,
    into: Path | None,
    workspace_folder: str,
    key_folder: str | None,
) -> None:
    """Tell where an asset or a column came from, and what is left of its values."""
    from anping.steps.compose.lineage import events_of, said, write_lineage
    from anping.steps.compose.lineage import lineage as lineage_of

    found = lineage_of(opened(workspace_folder, key_folder), asset, down=down)
    if into is not None:
        for path in write_lineage(found, into):
            click.echo(str(path), err=as_json)
    if as_json:
        click.echo(events_of(found).decode(), nl=False)
    elif into is None:
        _show(said(found, language()))


def _show(found: Said) -> None:
    if not found.flows:
        click.echo(
            say(
                Text("帳本裡沒有欄位的血緣；經過的步驟：", "The ledger tells of no columns; steps:")
            )
        )
        for step in found.steps:
            click.echo(f"  {step}")
        return
    headers = (Text("成為", "into"), Text("來自", "from"), Text("步驟", "step"),
               Text("做了什麼", "what was done"), Text("隱藏值", "hides"))  # fmt: skip
    output.table(headers, found.flows)
    click.echo(say(Text("原來的值還剩下什麼：", "What is left of the values:")))
    for place, left in found.left:
        click.echo(f"  {place}  {left}")
