"""Markdown: headings, tables and code, with what would break a table escaped."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

NOTICE = "<!-- Written by `make reference` from the code; edits by hand are lost. -->"


def cell(value: object) -> str:
    """Return a value as the text of one table cell."""
    return " ".join(str(value).split()).replace("|", "\\|").replace("<", "&lt;")


def code(value: object) -> str:
    """Return a value as code, or nothing for an empty one."""
    text = " ".join(str(value).split()).replace("|", "\\|")
    return f"`{text}`" if text else ""


def table(headers: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Return a table whose cells are already escaped; nothing if there is no row."""
    lines = [f"| {' | '.join(row)} |" for row in rows]
    if not lines:
        return ""
    rule = "|".join(["---"] * len(headers))
    return "\n".join([f"| {' | '.join(headers)} |", f"|{rule}|", *lines]) + "\n"


def page(title: str, *parts: str) -> str:
    """Return a whole page: the notice, the title, and the parts that are not empty."""
    body = "\n\n".join(part.strip("\n") for part in parts if part.strip())
    return f"{NOTICE}\n\n# {title}\n\n{body}\n"
