"""The Merkle tree of the log: what was written cannot be changed, removed or reordered unseen.

RFC 6962, section 2.1 (the tree and its proofs), RFC 9162, sections 2.1.3.2 and 2.1.4.2 (how proofs
are verified). Only complete subtrees are stored: node (level, index) covers the leaves from
``index << level`` to ``(index + 1) << level``. A caller keeps the nodes where it likes and hands in
a reader, so appending and proving touch O(log n) nodes and never rehash the leaves.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

#: Returns the stored hash of a complete subtree: (level, index) to 32 bytes.
NodeReader = Callable[[int, int], bytes]

HASH_BYTES = 32
EMPTY_ROOT = hashlib.sha256(b"").digest()


@dataclass(frozen=True, slots=True)
class Node:
    """The hash of one complete subtree."""

    level: int
    index: int
    hash: bytes


def leaf_hash(entry: bytes) -> bytes:
    """Return SHA-256(0x00 || entry)."""
    return hashlib.sha256(b"\x00" + entry).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """Return SHA-256(0x01 || left || right)."""
    return hashlib.sha256(b"\x01" + left + right).digest()


def append(size: int, leaf: bytes, node: NodeReader) -> tuple[Node, ...]:
    """Return the nodes to store when a leaf hash becomes entry number ``size``, the leaf first."""
    made = [Node(0, size, leaf)]
    while made[-1].index & 1:
        last = made[-1]
        left = node(last.level, last.index - 1)
        made.append(Node(last.level + 1, last.index >> 1, node_hash(left, last.hash)))
    return tuple(made)


def root(size: int, node: NodeReader) -> bytes:
    """Return the root hash of the first ``size`` entries."""
    return _range_hash(0, size, node) if size else EMPTY_ROOT


def _split(size: int) -> int:
    """Return the largest power of two smaller than ``size`` (2 or more)."""
    return 1 << ((size - 1).bit_length() - 1)


def _range_hash(start: int, end: int, node: NodeReader) -> bytes:
    size = end - start
    if size & (size - 1) == 0:
        level = size.bit_length() - 1
        return node(level, start >> level)
    middle = start + _split(size)
    return node_hash(_range_hash(start, middle, node), _range_hash(middle, end, node))


def inclusion_proof(index: int, size: int, node: NodeReader) -> tuple[bytes, ...]:
    """Return the audit path of entry ``index`` in the tree of ``size`` entries, from the leaf up.

    Raises ValueError if there is no such entry.
    """
    if not 0 <= index < size:
        raise ValueError("index outside the tree")
    path: list[bytes] = []
    start, end = 0, size
    while end - start > 1:
        middle = start + _split(end - start)
        if index < middle:
            path.append(_range_hash(middle, end, node))
            end = middle
        else:
            path.append(_range_hash(start, middle, node))
            start = middle
    return tuple(reversed(path))


def consistency_proof(old: int, new: int, node: NodeReader) -> tuple[bytes, ...]:
    """Return the proof that the tree of ``old`` entries is a prefix of the tree of ``new`` entries.

    It is empty where nothing needs proving (``old`` is 0 or equals ``new``). Raises ValueError if
    ``old`` is larger than ``new``.
    """
    if not 0 <= old <= new:
        raise ValueError("the old tree is larger than the new one")
    if old in {0, new}:
        return ()
    path: list[bytes] = []
    start, end = 0, new
    whole = True
    while end != old:
        middle = start + _split(end - start)
        if old <= middle:
            path.append(_range_hash(middle, end, node))
            end = middle
        else:
            path.append(_range_hash(start, middle, node))
            start, whole = middle, False
    if not whole:
        path.append(_range_hash(start, end, node))
    return tuple(reversed(path))


@dataclass(frozen=True, slots=True)
class TreeHead:
    """A tree's size and root hash."""

    size: int
    root: bytes


def verify_inclusion(leaf: bytes, index: int, head: TreeHead, path: Sequence[bytes]) -> bool:
    """Return whether ``path`` proves that ``leaf`` (a leaf hash) is entry ``index`` under ``head``."""
    if not 0 <= index < head.size or any(len(item) != HASH_BYTES for item in path):
        return False
    position, last, result = index, head.size - 1, leaf
    for item in path:
        if last == 0:
            return False
        if position & 1 or position == last:
            result = node_hash(item, result)
            while not position & 1 and position:
                position, last = position >> 1, last >> 1
        else:
            result = node_hash(result, item)
        position, last = position >> 1, last >> 1
    return last == 0 and result == head.root


def verify_consistency(old: TreeHead, new: TreeHead, path: Sequence[bytes]) -> bool:
    """Return whether ``path`` proves that ``old`` is a prefix of ``new``.

    An empty old tree is a prefix of every tree: its root must be the empty root and its path empty.
    """
    if old.size > new.size or any(len(item) != HASH_BYTES for item in path):
        return False
    if old.size == new.size:
        return not path and old.root == new.root
    if old.size == 0:
        return not path and old.root == EMPTY_ROOT
    return _verify_growth(old, new, path)


def _verify_growth(old: TreeHead, new: TreeHead, path: Sequence[bytes]) -> bool:
    steps = list(path) if old.size & (old.size - 1) else [old.root, *path]
    if not steps:
        return False
    position, last = old.size - 1, new.size - 1
    while position & 1:
        position, last = position >> 1, last >> 1
    old_root = new_root = steps[0]
    for item in steps[1:]:
        if last == 0:
            return False
        if position & 1 or position == last:
            old_root, new_root = node_hash(item, old_root), node_hash(item, new_root)
            while not position & 1 and position:
                position, last = position >> 1, last >> 1
        else:
            new_root = node_hash(new_root, item)
        position, last = position >> 1, last >> 1
    return last == 0 and old_root == old.root and new_root == new.root


@dataclass(slots=True)
class Tree:
    """A tree in memory, for those who keep no database."""

    size: int = 0
    nodes: dict[tuple[int, int], bytes] = field(default_factory=dict)

    def add(self, entry: bytes) -> int:
        """Append an entry and return its index."""
        index = self.size
        for made in append(index, leaf_hash(entry), self.node):
            self.nodes[made.level, made.index] = made.hash
        self.size += 1
        return index

    def node(self, level: int, index: int) -> bytes:
        """Return a stored node: the reader that the proof functions take."""
        return self.nodes[level, index]

    @property
    def head(self) -> TreeHead:
        """The size and root of the tree as it is now."""
        return TreeHead(self.size, root(self.size, self.node))
