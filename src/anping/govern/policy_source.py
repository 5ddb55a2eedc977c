"""Policy text in: YAML without doubled keys, in which every value knows its line."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import yaml

from anping.core.errors import PolicyError, Where
from anping.core.text import Text
from anping.engine.plain_yaml import compose_plain, construct_plain

Path = Sequence[str | int]


@dataclass(frozen=True, slots=True)
class Source:
    """The plain value of one YAML document, and the tree that knows where each part stands."""

    name: str
    value: Any
    tree: yaml.Node

    def line(self, path: Path) -> int:
        """Return the line (from 1) of the deepest existing part of ``path``."""
        node: yaml.Node = self.tree
        for part in path:
            found = _child(node, part)
            if found is None:
                break
            node = found
        return int(node.start_mark.line) + 1


def _child(node: yaml.Node, part: str | int) -> yaml.Node | None:
    if isinstance(node, yaml.SequenceNode) and isinstance(part, int):
        return node.value[part] if part < len(node.value) else None
    if isinstance(node, yaml.MappingNode):
        return next((value for key, value in node.value if key.value == str(part)), None)
    return None


def _doubled(node: yaml.Node) -> yaml.Node | None:
    """Return the first key that stands twice in one mapping."""
    children: list[yaml.Node] = []
    if isinstance(node, yaml.MappingNode):
        seen: set[str] = set()
        for key, value in node.value:
            if key.value in seen:
                return key  # type: ignore[no-any-return]
            seen.add(key.value)
            children.append(value)
    elif isinstance(node, yaml.SequenceNode):
        children = list(node.value)
    return next((found for child in children if (found := _doubled(child)) is not None), None)


def read_source(content: bytes, *, name: str) -> Source:
    """Return the YAML document in ``content``.

    Raises PolicyError ``policy.malformed`` for wrong YAML, a doubled key or a wrong encoding.
    """
    try:
        text = content.decode("utf-8-sig")
        tree = compose_plain(text)
        value = construct_plain(tree)
    except UnicodeDecodeError as error:
        raise malformed(name, None, Text("檔案不是 UTF-8", "the file is not UTF-8")) from error
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        row = None if mark is None else mark.line + 1
        raise malformed(
            name, row, Text("不是合法的 YAML", "the file is not well-formed YAML")
        ) from error
    if not isinstance(tree, yaml.MappingNode):
        raise malformed(
            name, 1, Text("政策必須是一組鍵與值", "a policy is a mapping of keys to values")
        )
    doubled = _doubled(tree)
    if doubled is not None:
        raise malformed(
            name,
            doubled.start_mark.line + 1,
            Text(f"鍵「{doubled.value}」重複", f"the key “{doubled.value}” stands twice"),
        )
    return Source(name, value, tree)


def malformed(name: str, row: int | None, why: Text) -> PolicyError:
    """Return the error for a policy file that cannot be used as it stands."""
    return PolicyError(
        "policy.malformed",
        Text(f"政策檔無法使用：{why.zh}。", f"The policy cannot be used: {why.en}."),
        where=Where(file=name, row=row),
        hint=Text(
            "請對照內建政策 anping-taiwan-1 的寫法修正該處。",
            "Correct that place; the shipped policy anping-taiwan-1 shows the form.",
        ),
    )
