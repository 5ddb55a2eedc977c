"""YAML as plain data: a small tree of mappings, lists and scalars, and nothing that unfolds.

Anchors and aliases are refused, because an alias can make a small file unfold without end; tags,
because they call constructors; deep nesting, NUL and unpaired surrogates, because whoever reads on would
fail at them. Everything that is wrong is a :class:`yaml.YAMLError`, with its line where there is one.
"""

from __future__ import annotations

from typing import Any

import yaml

_MAXIMUM_DEPTH = 64
_MAXIMUM_CHARACTERS = 8 << 20


class NotPlainError(yaml.MarkedYAMLError):
    """The text is YAML, but not plain data."""


class _Loader(yaml.SafeLoader):
    depth = 0

    def fetch_alias(self) -> None:
        raise NotPlainError(problem="an alias", problem_mark=self.get_mark())

    def fetch_anchor(self) -> None:
        raise NotPlainError(problem="an anchor", problem_mark=self.get_mark())

    def fetch_tag(self) -> None:
        raise NotPlainError(problem="a tag", problem_mark=self.get_mark())

    def compose_node(self, parent: yaml.Node | None, index: int) -> yaml.Node | None:
        self.depth += 1
        if self.depth > _MAXIMUM_DEPTH:
            raise NotPlainError(problem="nested too deeply", problem_mark=self.get_mark())
        node = super().compose_node(parent, index)
        self.depth -= 1
        if isinstance(node, yaml.ScalarNode) and not _is_text(node.value):
            raise NotPlainError(problem="NUL or a surrogate", problem_mark=node.start_mark)
        return node


def _is_text(value: str) -> bool:
    if "\0" in value:
        return False
    try:
        value.encode("utf-8")
    except UnicodeEncodeError:
        return False
    return True


def compose_plain(text: str) -> yaml.Node | None:
    """Return the tree of one YAML document, or None for an empty one. Raises yaml.YAMLError."""
    if len(text) > _MAXIMUM_CHARACTERS:
        raise yaml.YAMLError("too large")
    loader = _Loader(text)
    try:
        return loader.get_single_node()
    finally:
        loader.dispose()


def construct_plain(node: yaml.Node | None) -> Any:
    """Return the value of a tree. Raises yaml.YAMLError, also for a 13th month and for ``0x_``."""
    if node is None:
        return None
    try:
        return yaml.SafeLoader("").construct_document(node)
    except (ValueError, OverflowError) as error:
        raise NotPlainError(problem="no such value", problem_mark=node.start_mark) from error


def load_plain(text: str) -> Any:
    """Return the value of one YAML document. Raises yaml.YAMLError."""
    return construct_plain(compose_plain(text))
