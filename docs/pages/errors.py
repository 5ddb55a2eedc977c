"""The page of every stable code in the source: errors, refused rows, findings, gates' reasons."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from docs.pages.markdown import cell, code, page, table
from docs.pages.source import both_texts, called, literal, modules

_CODE = re.compile(r"[a-z][a-z-]*\.[a-z0-9{}_:.-]+")
_FINDINGS = {"failed": "fail", "passed": "pass", "warned": "warn", "told": "info"}

Group = Literal["error", "row", "finding", "reason", "check"]


@dataclass(frozen=True, order=True)
class Coded:
    """One code as it stands in the source: its group, what carries it, and its words if literal."""

    group: Group
    code: str
    carrier: str
    zh: str
    en: str
    module: str


def codes() -> tuple[Coded, ...]:
    """Return every code of the source, sorted, each once."""
    found: set[Coded] = set()
    for module, tree in modules():
        if module.startswith("anping.recipes"):
            continue
        returns = _returned_classes(tree)
        for node in ast.walk(tree):
            if isinstance(node, ast.Call):
                found.update(_coded(_raised(node), module, returns))
            elif isinstance(node, ast.Tuple):
                found.update(_paired(node, module))
    worded = {(each.group, each.code) for each in found if each.en}
    return tuple(sorted(each for each in found if each.en or (each.group, each.code) not in worded))


def _returned_classes(tree: ast.Module) -> dict[str, str]:
    """Return the error class that each function of a module says it returns."""
    return {
        node.name: node.returns.id
        for node in ast.walk(tree)
        if isinstance(node, ast.FunctionDef)
        and isinstance(node.returns, ast.Name)
        and node.returns.id.endswith(("Error", "Refusal"))
    }


def _paired(node: ast.Tuple, module: str) -> Iterator[Coded]:
    """Yield a code that stands beside its text, to be made an error or a check elsewhere."""
    if len(node.elts) < 2:
        return
    first, second = literal(node.elts[0]), node.elts[1]
    worded = isinstance(second, ast.Call) and called(second) == "Text"
    if first is None or not worded or not _is_code(first):
        return
    texts = both_texts(second) or ("", "")
    check = module.startswith(("anping.workspace.doctor", "anping.workspace.checks"))
    carrier = "KeyStoreError" if "key_stores" in module else "InputError"
    yield Coded("check" if check else "error", first, "" if check else carrier, *texts, module)


def _raised(node: ast.Call) -> ast.Call:
    """Return the error that ``require(holds, code, text)`` raises; any other call as it is."""
    if called(node) != "require":
        return node
    return ast.Call(ast.Name("ParameterError"), node.args[1:], [])


def _coded(node: ast.Call, module: str, returns: dict[str, str]) -> Iterator[Coded]:
    name = called(node)
    if node.args and isinstance(node.args[0], ast.IfExp):
        for chosen in (node.args[0].body, node.args[0].orelse):
            one = ast.Call(node.func, [chosen, *node.args[1:]], node.keywords)
            yield from _coded(one, module, returns)
        return
    texts = [literal(argument) for argument in node.args]
    first, last = (texts[0], texts[-1]) if texts else (None, None)
    if name == "RefusedRow" and last is not None and _is_code(last):
        yield _made(("row", last, "refused row"), node.args[2:3], module)
        return
    if first is None or not _is_code(first):
        return
    if name in _FINDINGS and len(texts) >= 3:
        yield Coded("finding", first, _FINDINGS[name], texts[1] or "", texts[2] or "", module)
    elif name == "Finding":
        yield _made(("finding", first, texts[1] or ""), node.args[2:3], module)
    elif name == "Reason":
        yield _made(("reason", first, "reason"), node.args[1:2], module)
    elif name.endswith(("Error", "Refusal")):
        yield _made(("error", first, name), node.args[1:2], module)
    elif len(node.args) > 1 and both_texts(node.args[1]) is not None:
        carrier = returns.get(name, "EvidenceError" if "evidence" in module else "AnpingError")
        yield _made(("error", first, carrier), node.args[1:2], module)


def _is_code(text: str) -> bool:
    return _CODE.fullmatch(text) is not None


def _made(coded: tuple[Group, str, str], texts: list[ast.expr], module: str) -> Coded:
    group, found, carrier = coded
    zh, en = (both_texts(texts[0]) if texts else None) or ("", "")
    return Coded(group, found, carrier, zh, en, module)


_INTRO = """
Every stable code that the source gives, found by reading the source. A code never changes its
meaning; the words may. What stands in braces is filled in. A few messages are built elsewhere, and
their words are left empty here. With `--json-errors` an error is one JSON object, under `error`:
`code`, `what` (both languages), `where` (file, row, column) and `hint`.

原始碼裡的每個穩定代碼，由程式讀原始碼得出。代碼的意義不會變，文字可能會。大括號裡的會在執行時填入。
有些訊息在別處組成，這裡就留空。加上 `--json-errors`，錯誤會是一個 JSON 物件，在 `error` 之下：
`code`、`what`（雙語）、`where`（檔案、列、欄）與 `hint`。
"""
_SECTIONS: tuple[tuple[Group, str, str], ...] = (
    ("error", "## Errors · 錯誤", "class"),
    ("row", "## Reasons why a row is refused · 拒收一列的理由", ""),
    ("finding", "## Findings of `anping verify` · 驗證的發現", "outcome"),
    ("reason", "## Reasons of the release gate · 釋出閘門的理由", ""),
    ("check", "## What `anping doctor` looks at · 檢查的項目", ""),
)


def render() -> str:
    """Return ``errors.md``."""
    found = codes()
    parts = [
        f"{heading}\n\n{_table([each for each in found if each.group == group], carrier)}"
        for group, heading, carrier in _SECTIONS
    ]
    return page("Codes · 代碼", _INTRO, *parts)


def _table(found: list[Coded], carrier: str) -> str:
    rows = [
        (code(each.code), *((cell(each.carrier),) if carrier else ()), cell(each.en), cell(each.zh))
        for each in found
    ]
    unique = list(dict.fromkeys(rows))
    headers = ("code", *((carrier,) if carrier else ()), "what", "說明")
    return table(headers, unique)
