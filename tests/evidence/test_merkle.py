"""RFC 6962 trees: the published vectors, and every proof of every tree up to 64 entries."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from anping.evidence.merkle import (
    EMPTY_ROOT,
    Tree,
    TreeHead,
    append,
    consistency_proof,
    inclusion_proof,
    leaf_hash,
    node_hash,
    root,
    verify_consistency,
    verify_inclusion,
)

# The inputs and roots of the certificate-transparency reference implementation.
VECTOR = [bytes.fromhex(text) for text in (
    "", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f",
)]  # fmt: skip
ROOTS = (
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
)
SIZES = 64


def grown(size: int, *, start: int = 0) -> Tree:
    tree = Tree()
    for number in range(size):
        tree.add(bytes([start]) + number.to_bytes(2, "big"))
    return tree


FULL = grown(SIZES)
HEADS = [TreeHead(size, root(size, FULL.node)) for size in range(SIZES + 1)]


def slow_root(entries: list[bytes]) -> bytes:
    """The definition of RFC 6962, section 2.1, word for word."""
    if not entries:
        return EMPTY_ROOT
    if len(entries) == 1:
        return leaf_hash(entries[0])
    split = 1
    while split * 2 < len(entries):
        split *= 2
    return node_hash(slow_root(entries[:split]), slow_root(entries[split:]))


def test_published_roots() -> None:
    tree = Tree()
    for entry, expected in zip(VECTOR, ROOTS, strict=True):
        tree.add(entry)
        assert tree.head.root.hex() == expected
    assert EMPTY_ROOT.hex() == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"


def test_published_paths() -> None:
    tree = Tree()
    for entry in VECTOR:
        tree.add(entry)
    assert [item.hex() for item in inclusion_proof(0, 8, tree.node)] == [
        "96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7",
        "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
        "6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4",
    ]
    assert [item.hex() for item in consistency_proof(6, 8, tree.node)] == [
        "0ebc5d3437fbe2db158b9f126a1d118e308181031d0a949f8dededebc558ef6a",
        "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0",
        "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    ]


def test_roots_follow_the_definition() -> None:
    entries = [bytes([0]) + number.to_bytes(2, "big") for number in range(SIZES)]
    assert all(HEADS[size].root == slow_root(entries[:size]) for size in range(SIZES + 1))


def test_every_inclusion_proof_up_to_64() -> None:
    leaves = [leaf_hash(bytes([0]) + number.to_bytes(2, "big")) for number in range(SIZES)]
    for size in range(1, SIZES + 1):
        for index in range(size):
            path = inclusion_proof(index, size, FULL.node)
            assert verify_inclusion(leaves[index], index, HEADS[size], path)
            other = (index + 1) % size
            assert size == 1 or not verify_inclusion(leaves[other], index, HEADS[size], path)
            assert size == 1 or not verify_inclusion(leaves[index], other, HEADS[size], path)
            assert not verify_inclusion(leaves[index], index, HEADS[size - 1], path)
            assert not verify_inclusion(leaves[index], index, HEADS[size], (*path, leaves[index]))
            assert size == 1 or not verify_inclusion(leaves[index], index, HEADS[size], path[:-1])


def test_every_consistency_proof_up_to_64() -> None:
    forked = grown(SIZES, start=1)
    for new in range(SIZES + 1):
        for old in range(new + 1):
            path = consistency_proof(old, new, FULL.node)
            assert verify_consistency(HEADS[old], HEADS[new], path)
            if not 0 < old < new:
                continue
            other = TreeHead(old, root(old, forked.node))
            assert not verify_consistency(other, HEADS[new], path)
            assert not verify_consistency(HEADS[old], TreeHead(new, other.root), path)
            assert not verify_consistency(HEADS[old], HEADS[new], path[:-1])
            assert not verify_consistency(HEADS[old], HEADS[new], (*path, other.root))
            assert not verify_consistency(HEADS[old - 1], HEADS[new], path)


@given(st.integers(1, 5000), st.data())
@settings(max_examples=40, deadline=None)
def test_a_changed_proof_never_holds(size: int, data: st.DataObject) -> None:
    nodes: dict[tuple[int, int], bytes] = {}
    for number in range(size):
        for made in append(number, leaf_hash(b"%d" % number), lambda a, b: nodes[a, b]):
            nodes[made.level, made.index] = made.hash

    def node(level: int, index: int) -> bytes:
        return nodes[level, index]

    head = TreeHead(size, root(size, node))
    index = data.draw(st.integers(0, size - 1))
    path = list(inclusion_proof(index, size, node))
    assert verify_inclusion(leaf_hash(b"%d" % index), index, head, path)
    if path:
        place = data.draw(st.integers(0, len(path) - 1))
        bit = data.draw(st.integers(0, 255))
        changed = bytearray(path[place])
        changed[bit // 8] ^= 1 << bit % 8
        path[place] = bytes(changed)
        assert not verify_inclusion(leaf_hash(b"%d" % index), index, head, path)
    old = data.draw(st.integers(0, size))
    old_head = TreeHead(old, root(old, node))
    assert verify_consistency(old_head, head, consistency_proof(old, size, node))


def test_appending_reads_and_makes_few_nodes() -> None:
    reads: list[tuple[int, int]] = []
    tree = grown(1023)

    def counting(level: int, index: int) -> bytes:
        reads.append((level, index))
        return tree.node(level, index)

    assert len(append(1023, leaf_hash(b"x"), counting)) == 11
    assert len(reads) == 10


def test_outside_the_tree() -> None:
    with pytest.raises(ValueError, match="index"):
        inclusion_proof(3, 3, FULL.node)
    with pytest.raises(ValueError, match="larger"):
        consistency_proof(5, 4, FULL.node)
    assert not verify_inclusion(HEADS[1].root, -1, HEADS[2], ())
    assert not verify_consistency(HEADS[2], HEADS[1], ())
    assert not verify_consistency(TreeHead(0, HEADS[1].root), HEADS[1], ())
    assert not verify_consistency(HEADS[1], HEADS[2], (b"short",))
