"""The edge of a growing tree: all that is needed to go on appending, in a logarithm of its size.

It holds the roots of the complete subtrees that the leaves so far divide into, the largest first (a
compact range from the first leaf on). RFC 6962, section 2.1, is the tree.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from anping.evidence.merkle import EMPTY_ROOT, Node, NodeReader, TreeHead, node_hash


@dataclass(slots=True)
class Frontier:
    """A tree of ``size`` leaves, known by the roots of its complete subtrees."""

    size: int = 0
    roots: list[bytes] = field(default_factory=list)

    @classmethod
    def of(cls, size: int, node: NodeReader) -> Frontier:
        """Return the edge of a tree whose nodes are stored; it reads one node per bit of ``size``."""
        roots, start = [], 0
        for level in reversed(range(size.bit_length())):
            if size >> level & 1:
                roots.append(node(level, start >> level))
                start += 1 << level
        return cls(size, roots)

    def add(self, leaf: bytes) -> tuple[Node, ...]:
        """Append a leaf hash and return the nodes to store, the leaf first."""
        made = [Node(0, self.size, leaf)]
        while made[-1].index & 1:
            last = made[-1]
            made.append(
                Node(last.level + 1, last.index >> 1, node_hash(self.roots.pop(), last.hash))
            )
        self.roots.append(made[-1].hash)
        self.size += 1
        return tuple(made)

    @property
    def head(self) -> TreeHead:
        """The size and root of the tree as it is now."""
        if not self.roots:
            return TreeHead(self.size, EMPTY_ROOT)
        *others, whole = self.roots
        for left in reversed(others):
            whole = node_hash(left, whole)
        return TreeHead(self.size, whole)
