"""The page of public names: every module's functions and classes with their first sentence."""

from __future__ import annotations

import ast

from docs.pages.markdown import cell, code, page, table
from docs.pages.source import modules

_ROOMS = ("core", "stats", "engine", "evidence", "know", "protect", "share", "judge", "govern",
          "workspace", "steps", "recipes")  # fmt: skip
_INTRO = """
Every public function and class, by room, with the first line of its docstring. The rooms are plain
functions over typed values; none of them needs a workspace except `workspace`, `steps` and
`recipes`. Import from the module that is named, for example
`from anping.protect import propose, protect`.

每個公開的函式與類別，依房間排列，附上說明的第一行。除了 `workspace`、`steps` 與 `recipes`，都不需要
工作區。請由所列的模組匯入。
"""


def render() -> str:
    """Return ``python.md``."""
    known = list(modules())
    return page("Python", _INTRO, *(_room(room, known) for room in _ROOMS))


def _room(room: str, known: list[tuple[str, ast.Module]]) -> str:
    prefix = f"anping.{room}"
    parts = [f"## `{prefix}`"]
    for name, tree in known:
        if name == prefix or name.startswith(f"{prefix}."):
            parts.append(_module(name, tree))
    return "\n\n".join(part.strip("\n") for part in parts if part)


def _module(name: str, tree: ast.Module) -> str:
    rows = [
        (code(node.name), "class" if isinstance(node, ast.ClassDef) else "function", _first(node))
        for node in tree.body
        if isinstance(node, (ast.FunctionDef, ast.ClassDef)) and not node.name.startswith("_")
    ]
    exported = _exported(tree)
    if not rows and not exported:
        return ""
    about = _first(tree)
    door = f"Names to import from here: {', '.join(map(code, exported))}." if exported else ""
    body = table(("name", "", "what it does"), rows)
    return "\n\n".join(part for part in (f"### `{name}`", about, door, body) if part)


def _exported(tree: ast.Module) -> list[str]:
    """Return the names in ``__all__``."""
    for node in tree.body:
        if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name):
            named = node.targets[0].id == "__all__"
            if named and isinstance(node.value, (ast.List, ast.Tuple)):
                return [
                    str(each.value) for each in node.value.elts if isinstance(each, ast.Constant)
                ]
    return []


def _first(node: ast.Module | ast.FunctionDef | ast.ClassDef) -> str:
    """Return the first paragraph of a docstring, on one line."""
    written = ast.get_docstring(node) or ""
    return cell(written.split("\n\n")[0])
