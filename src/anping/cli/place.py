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

WORKSPACE = Text(
    "工作區：資料夾，或 postgresql:// 網址", "the workspace: a folder or a postgresql:// URL"
)
KEYS = Text(
    "金鑰：資料夾、keyring: 或 pkcs11:（預設在工作區資料夾旁）",
    "the keys: a folder, keyring: or pkcs11: (by default beside the workspace's folder)",
)
OBJECTS = Text(
    "內容放在哪裡：資料夾或網址（預設在工作區資料夾裡）",
    "where the content lies: a folder or URL (by default in the workspace's folder)",
)


def place_options() -> list[click.Parameter]:
    """Return the ``--workspace`` and ``--keys`` options."""
    return [
        click.Option(
            ["--workspace", "workspace_folder"],
            default="workspace",
            metavar="FOLDER|URL",
            envvar="ANPING_WORKSPACE",
            show_default=True,
            help=say(WORKSPACE),
        ),
        click.Option(
            ["--keys", "key_folder"],
            default=None,
            metavar="FOLDER|URI",
            envvar="ANPING_KEYS",
            help=say(KEYS),
        ),
    ]


def objects_option() -> click.Parameter:
    """Return the ``--objects`` option of the commands that may make a workspace."""
    return click.Option(
        ["--objects"],
        default=None,
        metavar="FOLDER|URL",
        envvar="ANPING_OBJECTS",
        help=say(OBJECTS),
    )


def placed(function: Callable[..., Any]) -> Callable[..., Any]:
    """Add the ``--workspace`` and ``--keys`` options to a command function."""
    return _with(function, place_options())


def placed_with_objects(function: Callable[..., Any]) -> Callable[..., Any]:
    """Add ``--workspace``, ``--keys`` and ``--objects`` to a command that may make a workspace."""
    return _with(function, [*place_options(), objects_option()])


def opened(workspace_folder: Path | str, key_folder: Path | str | None) -> Workspace:
    """Open the workspace that the options name."""
    from anping.workspace.workspace import Workspace

    return Workspace.open(workspace_folder, keys=key_folder)


def _with(function: Callable[..., Any], more: list[click.Parameter]) -> Callable[..., Any]:
    for option in reversed(more):
        function.__dict__.setdefault("__click_params__", []).append(option)
    return function
