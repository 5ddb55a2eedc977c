"""``anping search``: names, titles, columns and findings by words of either language."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import click

from anping.cli import output
from anping.cli.language import say
from anping.cli.place import opened, placed
from anping.core.errors import AnpingError
from anping.core.text import Text

if TYPE_CHECKING:
    from anping.workspace.search.search import Found
    from anping.workspace.workspace import Workspace

_LOOSE = Text(
    "沒有一項含有全部的字；以下各含其中一部分。",
    "Nothing holds all of the words; these hold some of them.",
)
_NONE = Text("沒有找到。", "Nothing was found.")


@click.command(
    "search",
    context_settings={"ignore_unknown_options": True},
    short_help=say(
        Text("搜尋名稱、標題、欄位與發現", "Search names, titles, columns and findings")
    ),
    help=say(
        Text(
            "以中文或英文搜尋工作區：名稱、標題、說明、欄位、語意類型與發現。引號為連續的字，"
            "結尾 * 為開頭相符，- 為排除；kind:、type:、role:、table:、tier:、category:、tag:、"
            "column: 可縮小範圍。不會搜尋資料的值。",
            "Search the workspace in Chinese or English: names, titles, descriptions, columns, "
            'semantic types and findings. "Quotes" keep words together, * ends a beginning, - leaves '
            "out; kind:, type:, role:, table:, tier:, category:, tag: and column: narrow. Values of the "
            "data are never searched.",
        )
    ),
)
@click.argument("words", nargs=-1, required=True)
@click.option(
    "--limit",
    type=click.IntRange(1, 1000),
    default=20,
    show_default=True,
    help=say(Text("最多列出幾項", "how many to list at most")),
)
@click.option("--json/--text", "as_json", default=False, help=say(Text("輸出 JSON", "print JSON")))
@placed
def search(
    *,
    words: tuple[str, ...],
    limit: int,
    as_json: bool,
    workspace_folder: str,
    key_folder: str | None,
) -> None:
    """Search the workspace in Chinese or English."""
    from anping.steps.compose.searching import find

    found = find(opened(workspace_folder, key_folder), " ".join(map(_quoted, words)), limit=limit)
    if as_json:
        click.echo(json.dumps(found.as_json(), ensure_ascii=False))
    else:
        _show(found)


def _quoted(word: str) -> str:
    """Return an argument as typed: the shell took the quotes off of one that holds blanks."""
    return f'"{word}"' if " " in word and '"' not in word and ":" not in word else word


def _show(found: Found) -> None:
    if not found.hits:
        click.echo(say(_NONE))
        return
    from anping.steps.compose.searching import KINDS

    if found.loose:
        click.secho(say(_LOOSE), fg="yellow")
    rows = [
        (
            say(KINDS[hit.entry.kind]),
            hit.entry.asset
            if hit.entry.column is None
            else f"{hit.entry.asset}:{hit.entry.column}",
            say(hit.entry.title),
            say(hit.entry.about),
        )
        for hit in found.hits
    ]
    headers = (Text("種類", "kind"), Text("名稱", "name"), Text("標題", "title"),
               Text("說明", "about"))  # fmt: skip
    output.table(headers, rows)
    matches = int(found.matches.value)
    if matches > len(rows):
        more = Text("共 {n:,} 項符合，列出 {m:,} 項。", "{m:,} of {n:,} matches are listed.")
        click.echo(say(more.fill(n=matches, m=len(rows))))


def keep_index(workspace: Workspace) -> None:
    """Bring the search index up to date after a step; if that fails, the next search does it."""
    from anping.steps.compose.searching import index

    try:
        index(workspace)
    except (AnpingError, OSError):
        click.echo(
            say(
                Text(
                    "搜尋索引未更新；下次搜尋時會補上。",
                    "The search index was not updated; the next search makes up for it.",
                )
            ),
            err=True,
        )
