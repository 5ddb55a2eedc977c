"""Print the command line as JSON, in the language of ANPING_LANG.

The command line chooses its language when it is built, so each language is read from a process of
its own: ``ANPING_LANG=zh python -m docs.pages.command_tree``.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from typing import Any

import click

from anping.cli.main import build


def _shown_default(parameter: click.Parameter) -> str:
    value = parameter.default
    if value is None or callable(value) or type(value).__name__ in {"Sentinel", "UNSET"}:
        return ""
    if isinstance(value, bool) or value in ((), []):
        return ""
    return str(value)


def _choices(kind: click.ParamType[Any]) -> str:
    if isinstance(kind, click.Choice):
        return ", ".join(str(choice) for choice in kind.choices)
    if isinstance(kind, click.IntRange):
        return f"{kind.min} … {kind.max}"
    return kind.name


def _parameter(parameter: click.Parameter) -> dict[str, Any]:
    environment = getattr(parameter, "envvar", None)
    return {
        "kind": parameter.param_type_name,
        "names": [*parameter.opts, *parameter.secondary_opts],
        "values": _choices(parameter.type),
        "required": parameter.required,
        "repeatable": bool(parameter.multiple) if isinstance(parameter, click.Option) else False,
        "default": _shown_default(parameter),
        "environment": environment or "",
        "help": getattr(parameter, "help", None) or "",
    }


def commands(command: click.Command, path: tuple[str, ...]) -> Iterator[dict[str, Any]]:
    """Yield the command and every command below it, depth first."""
    yield {
        "path": " ".join(path),
        "title": command.short_help or "",
        "help": command.help or "",
        "parameters": [_parameter(parameter) for parameter in command.params],
    }
    if isinstance(command, click.Group):
        for name, below in command.commands.items():
            yield from commands(below, (*path, name))


def main() -> None:
    """Write the tree to standard output."""
    sys.stdout.write(json.dumps(list(commands(build(), ("anping",))), ensure_ascii=False))


if __name__ == "__main__":
    main()
