"""The option that hands a proposed contract over as a file, for a person to edit and put in force."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from anping.cli.language import say
from anping.core.files import write
from anping.core.text import Text

if TYPE_CHECKING:
    from anping.workspace.workspace import Workspace

CONTRACT = "know.contract"


def contract_options() -> list[click.Parameter]:
    """Return the option of ``anping contract propose`` that writes the file."""
    return [
        click.Option(
            ["--into"],
            type=click.Path(path_type=Path, dir_okay=False),
            default=None,
            help=say(
                Text(
                    "把契約寫進此檔（ODCS YAML）",
                    "write the contract into this file (ODCS, YAML)",
                )
            ),
        )
    ]


def hand_contract_over(workspace: Workspace, subject: str, into: Path | None) -> None:
    """Write the newest contract of a subject into a file; say how it is put in force."""
    if into is None:
        return
    asset = workspace.need(f"{subject}.contract")
    write(into, workspace.path(asset).read_bytes())
    said = Text(
        "  契約：{path}；編輯後以 anping add --contract {path} 檢查到達的資料",
        "  the contract: {path}; edit it, then check arrivals with anping add --contract {path}",
    )
    click.echo(say(said.fill(path=into)))
