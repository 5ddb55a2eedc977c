"""Segments of decisions: files of lines, each whole or not there, under a Merkle root when they end.

The first line says what the file is. A line that has no end was never acknowledged: whoever wrote it
was stopped, and it is passed over. The root covers the lines after the first (RFC 6962).
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from anping.core.digest import canonical_json
from anping.core.errors import InputError, Where
from anping.core.text import Text
from anping.evidence.merkle import Tree, TreeHead, inclusion_proof, leaf_hash, verify_inclusion

FORMAT = 1
MEDIA_TYPE = "application/vnd.anping.decisions+jsonl"
SUFFIX = ".decisions"
_KIND = "anping-decisions"


@dataclass(frozen=True)
class Segment:
    """The lines of a segment: ``lines`` are the records as they were acknowledged."""

    id: str
    name: str
    lines: tuple[bytes, ...]

    @cached_property
    def records(self) -> tuple[Mapping[str, Any], ...]:
        """The records as plain values."""
        return tuple(json.loads(line) for line in self.lines)

    @cached_property
    def tree(self) -> Tree:
        """The Merkle tree over the lines."""
        tree = Tree()
        for line in self.lines:
            tree.add(line)
        return tree

    @property
    def head(self) -> TreeHead:
        """How many lines there are, and their root."""
        return self.tree.head

    @property
    def models(self) -> dict[str, str]:
        """Which models spoke, with the digests of their files."""
        return dict(sorted({record["model"]: record["digest"] for record in self.records}.items()))

    @property
    def decisions(self) -> int:
        """How many decisions there are; what shadows said is none."""
        return sum("of" not in record for record in self.records)

    def proof(self, at: int) -> tuple[bytes, ...]:
        """Return the audit path of line ``at`` to the root."""
        return inclusion_proof(at, len(self.lines), self.tree.node)


def first_line(identity: str, name: str) -> bytes:
    """Return a segment's first line, with its end."""
    return canonical_json({_KIND: FORMAT, "segment": identity, "name": name}) + b"\n"


def read_segment(path: Path) -> Segment:
    """Return a segment. Raises InputError (``decisions.unreadable``) for what is none."""
    content = path.read_bytes()
    *whole, _ = content.split(b"\n")
    try:
        told = json.loads(whole[0])
        found = Segment(str(told["segment"]), str(told["name"]), tuple(whole[1:]))
        right = told[_KIND] == FORMAT and all(map(_is_record, found.records))
    except (ValueError, KeyError, IndexError, TypeError) as problem:
        raise _unreadable(path) from problem
    if not right:
        raise _unreadable(path)
    return found


def holds(line: bytes, at: int, head: TreeHead, path: tuple[bytes, ...]) -> bool:
    """Return whether a line is number ``at`` of the segment whose head was signed."""
    return verify_inclusion(leaf_hash(line), at, head, path)


def place_of(identity: str) -> tuple[str, int] | None:
    """Return the segment and the line's number that a decision's id names, or None if it is none."""
    segment, dash, number = identity.partition("-")
    right = dash and segment.isalnum() and number.isascii() and number.isdigit()
    return (segment, int(number)) if right else None


def _is_record(value: Any) -> bool:
    named = ("at", "model", "digest", "said")
    return isinstance(value, dict) and all(name in value for name in named)


def _unreadable(path: Path) -> InputError:
    return InputError(
        "decisions.unreadable",
        Text("這個檔案不是決定紀錄。", "This file holds no records of decisions."),
        where=Where(file=path.name),
        hint=Text("請選服務留下的 .decisions 檔。", "Choose a .decisions file that a server left."),
    )
