"""The page of every command and option, in both languages."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

from docs.pages.markdown import cell, code, page, table

ROOT = Path(__file__).parents[2]
_TREE = [sys.executable, "-m", "docs.pages.command_tree"]


def command_tree(language: str) -> list[dict[str, Any]]:
    """Return every command in one language, as plain values."""
    environment = {**os.environ, "ANPING_LANG": language, "PYTHONUTF8": "1"}
    done = subprocess.run(_TREE, cwd=ROOT, env=environment, capture_output=True, check=True)  # noqa: S603 - our own module
    found: list[dict[str, Any]] = json.loads(done.stdout)
    return found


def render() -> str:
    """Return ``cli.md``."""
    english, chinese = command_tree("en"), command_tree("zh")
    parts = [_command(one, other) for one, other in zip(english, chinese, strict=True)]
    intro = (
        "Every command and option. 所有指令與選項。Exit codes: 0 done, 2 a wrong parameter, plan or "
        "policy, 3 input that cannot be read, 4 nothing satisfies the plan, 5 a gate refused, 6 a "
        "key is missing or damaged, 7 evidence does not hold, 8 the workspace, 9 an extra is not "
        "installed. `--json-errors` before the command prints errors as JSON."
    )
    return page("Command line · 指令", intro, *parts)


def _command(one: dict[str, Any], other: dict[str, Any]) -> str:
    heading = f"## `{one['path']}`"
    words = "\n".join(dict.fromkeys(cell(text) for text in _texts(one, other) if text))
    pairs = zip(one["parameters"], other["parameters"], strict=True)
    rows = [_row(english, chinese) for english, chinese in pairs]
    headers = ("option", "values", "default", "what it does", "說明")
    return "\n\n".join(part for part in (heading, words, table(headers, rows)) if part)


def _texts(one: dict[str, Any], other: dict[str, Any]) -> tuple[str, ...]:
    titles = f"{one['title']} · {other['title']}" if one["title"] else ""
    helps = [text for text in (one["help"], other["help"]) if text not in titles]
    own = [
        text
        for text in helps
        if not text.startswith((one["title"] or "\0", other["title"] or "\0"))
    ]
    return (f"{titles}" if titles else "", *(f"\n{text}" for text in own))


def _row(english: dict[str, Any], chinese: dict[str, Any]) -> tuple[str, ...]:
    names = ", ".join(code(name) for name in english["names"])
    if english["kind"] == "argument":
        names = code(english["names"][0].upper())
    if english["repeatable"]:
        names += " (repeatable)"
    default = code(english["default"])
    if english["required"]:
        default = "**required**"
    if english["environment"]:
        default = " ".join(part for part in (default, f"or {code(english['environment'])}") if part)
    return (
        names, cell(english["values"]), default, cell(english["help"]), cell(chinese["help"]),
    )  # fmt: skip
