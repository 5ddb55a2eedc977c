"""What ``anping redact`` writes beside its ledger entry: a folder of text files."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from anping.cli.language import say
from anping.core.text import Text

if TYPE_CHECKING:
    from anping.workspace.workspace import Workspace

REDACT = "protect.redact"


def redact_options() -> list[click.Parameter]:
    """Return ``--into``."""
    return [
        click.Option(["--into"], type=click.Path(path_type=Path), default=None, help=say(Text(
            "把遮蔽後的文字檔寫進這個新資料夾", "write the redacted text files into this new folder"
        )))
    ]  # fmt: skip


def hand_texts_over(workspace: Workspace, subject: str, into: Path | None) -> None:
    """Write the redacted texts into a folder, if one is named; else say how."""
    if into is None:
        hint = Text(
            "取出文字檔：anping redact {s} --into 資料夾",
            "To have the text files: anping redact {s} --into FOLDER",
        )
        click.echo("  " + say(hint.fill(s=subject)))
        return
    from anping.steps.compose.document_files import write_text_files

    count = write_text_files(workspace, subject, into)
    said = Text("{n} 個文字檔：{f}", "{n} text files: {f}")
    click.echo("  " + say(said.fill(n=f"{count:,}", f=into)))
