"""What ``anping frontier`` prints and writes beside its ledger entry: table, pictures, a plan."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from anping.cli import output
from anping.cli.language import language, say
from anping.core.text import Text

if TYPE_CHECKING:
    from anping.workspace.workspace import Workspace

FRONTIER = "judge.frontier"
_PATH = click.Path(path_type=Path)


def frontier_options() -> list[click.Parameter]:
    """Return ``--pick``, ``--into`` and ``--folder``."""
    return [
        click.Option(["--pick"], default=None, metavar="POINT", help=say(Text(
            "從記錄的前緣取出這一點的計畫，不再試算", "take this point's plan out of the recorded frontier"
        ))),
        click.Option(["--into"], type=_PATH, default=None, help=say(Text(
            "把取出的計畫寫到這個檔案（YAML）", "write the plan that was picked to this file (YAML)"
        ))),
        click.Option(["--folder"], type=_PATH, default=None, help=say(Text(
            "把圖（SVG）與表（Markdown、CSV、JSON）寫進這個資料夾",
            "write the picture (SVG) and the table (Markdown, CSV, JSON) into this folder",
        ))),
    ]  # fmt: skip


@dataclass(frozen=True, slots=True)
class Wanted:
    """What was asked for: a point's plan into a file, the frontier's files into a folder."""

    pick: str | None = None
    into: Path | None = None
    folder: Path | None = None

    @classmethod
    def taken_from(cls, values: dict[str, Any]) -> Wanted:
        """Take the options out of a command's values."""
        return cls(*(values.pop(name, None) for name in ("pick", "into", "folder")))


def picked(workspace: Workspace, subject: str, wanted: Wanted) -> bool:
    """Write the plan of a point of the recorded frontier, and return whether one was asked for.

    Raises click.UsageError for a point without a file or a file without a point.
    """
    pick, into = wanted.pick, wanted.into
    if pick is None and into is None:
        return False
    if pick is None or into is None:
        raise click.UsageError(
            say(Text("--pick 與 --into 要一起用。", "--pick and --into go together."))
        )
    from anping.steps.compose.frontier_files import recorded, write_frontier, write_plan

    found = recorded(workspace, subject)
    write_plan(found, pick, into)
    said = Text("{p} 的計畫：{f}", "The plan of {p}: {f}")
    click.echo(say(said.fill(p=pick, f=into)))
    hint = Text("採用它：anping plan {s} --file {f}", "To adopt it: anping plan {s} --file {f}")
    click.echo(say(hint.fill(s=subject, f=into)))
    if wanted.folder is not None:
        _list(write_frontier(found, wanted.folder))
    return True


def show_frontier(workspace: Workspace, subject: str, wanted: Wanted) -> None:
    """Print the recorded frontier's table, and write its files if a folder is given."""
    from anping.steps.compose.frontier_files import recorded, table_of, write_frontier

    found = recorded(workspace, subject)
    output.table(*table_of(found, language()))
    if wanted.folder is not None:
        _list(write_frontier(found, wanted.folder))


def _list(paths: tuple[Path, ...]) -> None:
    for path in paths:
        click.echo(f"  {path}")
