"""One file for the plans of linked tables: what holds for all of them, and each table's own plan.

::

    linked: 1
    k: 5
    missing: refuse
    tables:
      patients:
        privacy_unit: id
        model: {k: 5}
        columns: {...}
      visits: ...
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import get_args

import yaml

from anping.core.errors import InputError, PlanError, Where
from anping.core.text import Text
from anping.engine.plain_yaml import compose_plain
from anping.protect.linked.people import MissingPerson
from anping.protect.plan import Plan
from anping.protect.plan_file import parse_plan

_SETTINGS = ("linked", "k", "missing", "tables")


@dataclass(frozen=True, slots=True)
class LinkedPlan:
    """The plans by table; ``k`` and ``missing`` are None where the file does not say them."""

    plans: Mapping[str, Plan]
    k: int | None = None
    missing: MissingPerson | None = None


def read_linked_plan(path: Path | str) -> LinkedPlan:
    """Return the plans in a YAML file. Raises InputError (unreadable) or PlanError (wrong)."""
    path = Path(path)
    try:
        content = path.read_text("utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(
            "input.unreadable",
            Text("讀不到計畫檔。", "The plan file cannot be read."),
            where=Where(file=path.name),
            hint=Text(
                "檢查檔名與權限；檔案要是 UTF-8。",
                "Check the file's name and permissions; it is UTF-8.",
            ),
        ) from error
    return parse_linked_plan(content, file=path.name)


def parse_linked_plan(text: str, *, file: str | None = None) -> LinkedPlan:
    """Return the plans written in YAML. Raises PlanError with file and line."""
    try:
        root = compose_plain(text)
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        raise _wrong(file, None if mark is None else mark.line + 1) from error
    found = dict(_entries(root, file))
    unknown = [node for name, node in found.items() if name not in _SETTINGS]
    if unknown or "tables" not in found or _scalar(found.get("linked")) != "1":
        raise _wrong(file, unknown[0].start_mark.line + 1 if unknown else 1)
    tables = dict(_entries(found["tables"], file))
    plans = {name: parse_plan(_alone(text, node), file=file) for name, node in tables.items()}
    return LinkedPlan(plans, _k(found.get("k"), file), _missing(found.get("missing"), file))


def _entries(node: yaml.Node | None, file: str | None) -> Iterator[tuple[str, yaml.Node]]:
    """Yield the entries of a mapping. Raises PlanError for another node or a name met twice."""
    if not isinstance(node, yaml.MappingNode):
        raise _wrong(file, 1 if node is None else node.start_mark.line + 1)
    seen: set[str] = set()
    for key, item in node.value:
        if not isinstance(key, yaml.ScalarNode) or key.value in seen:
            raise _wrong(file, key.start_mark.line + 1)
        seen.add(key.value)
        yield key.value, item


def _alone(text: str, node: yaml.Node) -> str:
    """Return the text of one plan with blanks for what stands before it: its places stay true."""
    start, end = node.start_mark, node.end_mark
    before = "\n" * start.line + " " * start.column
    return before + text[start.index : end.index]


def _scalar(node: yaml.Node | None) -> str | None:
    return node.value if isinstance(node, yaml.ScalarNode) else None


def _k(node: yaml.Node | None, file: str | None) -> int | None:
    if node is None:
        return None
    said = _scalar(node) or ""
    if not said.isascii() or not said.isdigit() or int(said) < 2:
        raise _wrong(file, node.start_mark.line + 1)
    return int(said)


def _missing(node: yaml.Node | None, file: str | None) -> MissingPerson | None:
    if node is None:
        return None
    said = _scalar(node)
    for each in get_args(MissingPerson):
        if each == said:
            found: MissingPerson = each
            return found
    raise _wrong(file, node.start_mark.line + 1)


def _wrong(file: str | None, row: int | None) -> PlanError:
    return PlanError(
        "linked.plan-file",
        Text(
            "這不是相連各表的計畫檔，或其中有一處寫錯。",
            "This is no plan file of linked tables, or a place of it is wrong.",
        ),
        where=Where(file=file, row=row),
        hint=Text(
            "寫成 linked: 1、tables: {表名: 計畫}，另可有 k（2 以上）與 missing（refuse 或 own）；"
            "名稱不可重複，不用錨點與標籤。",
            "Write linked: 1 and tables: {name: plan}, and if you want k (2 or more) and missing"
            " (refuse or own); each name once, no anchors and no tags.",
        ),
    )
