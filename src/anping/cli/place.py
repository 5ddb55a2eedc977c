"""Where the workspace and the keys are: options every workspace command shares."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from anping.cli.language import say
from anping.core.text import Text

if TYPE_CHECKING:
    from anping.workspace.workspace import Workspace

WORKSPACE = Text("工作區資料夾", "the workspace folder")
KEYS = Text("金鑰資料夾（預設在工作區旁）", "the key folder (by default beside the workspace)")


def place_options() -> list[click.Parameter]:
    """Return the ``--workspace`` and ``--keys`` options."""
    return [
        click.Option(
            ["--workspace", "workspace_folder"],
            default=Path("workspace"),
            type=click.Path(path_type=Path),
            envvar="ANPING_WORKSPACE",
            show_default=True,
            help=say(WORKSPACE),
        ),
        click.Option(
            ["--keys", "key_folder"],
            default=None,
            type=click.Path(path_type=Path),
            envvar="ANPING_KEYS",
            help=say(KEYS),
        ),
    ]


def placed(function: Callable[..., Any]) -> Callable[..., Any]:
    """Add the ``--workspace`` and ``--keys`` options to a command function."""
    for option in reversed(place_options()):
        function.__dict__.setdefault("__click_params__", []).append(option)
    return function


def opened(workspace_folder: Path, key_folder: Path | None) -> Workspace:
    """Open the workspace that the options name."""
    from anping.workspace.workspace import Workspace

    return Workspace.open(workspace_folder, keys=key_folder)
