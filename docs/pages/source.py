"""What the pages read of the source without running it: modules, and texts in both languages."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parents[2]
PACKAGE = ROOT / "src" / "anping"


def modules() -> Iterator[tuple[str, ast.Module]]:
    """Yield every module of the package with its dotted name, sorted."""
    for path in sorted(PACKAGE.rglob("*.py")):
        relative = path.relative_to(PACKAGE.parent).with_suffix("")
        parts = relative.parts[:-1] if relative.name == "__init__" else relative.parts
        yield ".".join(parts), ast.parse(path.read_text("utf-8"))


def literal(node: ast.expr) -> str | None:
    """Return a text written in the source; what is filled in later stands in braces."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return node.value
    if isinstance(node, ast.JoinedStr):
        return "".join(
            str(part.value) if isinstance(part, ast.Constant) else f"{{{_name(part)}}}"
            for part in node.values
            if isinstance(part, (ast.Constant, ast.FormattedValue))
        )
    return None


def _name(part: ast.FormattedValue) -> str:
    """Return a word for what is filled in: the first name in the expression that is no function."""
    nodes = list(ast.walk(part.value))
    functions = {node.func for node in nodes if isinstance(node, ast.Call)}
    names = [node.id for node in nodes if isinstance(node, ast.Name) and node not in functions]
    own = [node.attr for node in nodes if isinstance(node, ast.Attribute) and node not in functions]
    return next((name for name in (*names, *own) if name != "self"), "…")


def called(node: ast.Call) -> str:
    """Return the bare name of what is called."""
    function = node.func
    if isinstance(function, ast.Attribute):
        return function.attr
    return function.id if isinstance(function, ast.Name) else ""


def both_texts(node: ast.expr) -> tuple[str, str] | None:
    """Return the Chinese and the English of a ``Text(...)`` written in the source."""
    if not isinstance(node, ast.Call) or called(node) != "Text" or len(node.args) != 2:
        return None
    zh, en = (literal(argument) for argument in node.args)
    return None if zh is None or en is None else (zh, en)
