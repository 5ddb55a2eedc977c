"""The witness cosigns growth only, and each refusal has its own code."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from anping.core.errors import EvidenceError
from anping.evidence.checkpoint import (
    Checkpoint,
    SignedCheckpoint,
    read_checkpoint,
    sign_checkpoint,
)
from anping.evidence.keys import SigningKey
from anping.evidence.merkle import Tree, TreeHead
from anping.evidence.proof import GrowthProof
from anping.evidence.witness import Witness, growth_request

LOG = SigningKey.generate("log", "owner-log")
ORIGIN = "anping.local/1"


def tree(size: int, *, salt: bytes = b"") -> Tree:
    made = Tree()
    for number in range(size):
        made.add(salt + b"%d" % number)
    return made


def signed(grown: Tree, key: SigningKey = LOG) -> SignedCheckpoint:
    return sign_checkpoint(Checkpoint(ORIGIN, grown.head), key)


def request(grown: Tree, old: int, key: SigningKey = LOG) -> bytes:
    return growth_request(signed(grown, key), old_size=old, node=grown.node)


@pytest.fixture
def witness(tmp_path: Path, tools: ModuleType) -> Witness:
    made = Witness.create(tmp_path / "w", "auditor.example/w1")
    made.trust(ORIGIN, LOG.public)
    made.cosign(request(tree(5), 0), tools.NOW)
    return made


def refusal(witness: Witness, asked: bytes, now: Any) -> str:
    before = witness.held(ORIGIN)
    with pytest.raises(EvidenceError) as caught:
        witness.cosign(asked, now)
    assert witness.held(ORIGIN) == before
    assert caught.value.what.zh
    assert caught.value.hint.en
    return caught.value.code


def test_growth_is_cosigned_and_remembered(witness: Witness, tools: ModuleType) -> None:
    checkpoint = signed(tree(9))
    answer = witness.cosign(request(tree(9), 5), tools.NOW)
    both = checkpoint.with_cosignatures(answer, [witness.public])
    assert both.cosigned_by(witness.public) == tools.NOW
    assert witness.held(ORIGIN) == both.encode()
    kept = witness.held(ORIGIN, size=5)
    assert kept is not None
    assert read_checkpoint(kept).head == tree(5).head
    assert witness.held(ORIGIN, size=6) is None
    assert witness.held("elsewhere") is None


def test_the_same_checkpoint_may_be_cosigned_again(witness: Witness, tools: ModuleType) -> None:
    later = tools.NOW + timedelta(hours=1)
    answer = witness.cosign(request(tree(5), 5), later)
    again = signed(tree(5)).with_cosignatures(answer, [witness.public])
    assert again.cosigned_by(witness.public) == later


def test_each_refusal_has_its_code(witness: Witness, tools: ModuleType) -> None:
    other = SigningKey.generate("log", "other")
    forked, longer = tree(5, salt=b"x"), tree(9, salt=b"x")
    asked = {
        "witness.rollback": request(tree(3), 0),
        "witness.fork": request(forked, 5),
        "witness.old-size": request(tree(9), 0),
        "witness.inconsistent": request(longer, 5),
        "witness.bad-signature": request(tree(9), 5, other),
        "proof.malformed": request(tree(9), 5).replace(b"old 5", b"old 05"),
        "checkpoint.malformed": b"old 5\n",
    }
    for code, body in asked.items():
        assert refusal(witness, body, tools.NOW) == code


def test_an_empty_log_is_no_way_around(witness: Witness, tools: ModuleType) -> None:
    empty = sign_checkpoint(Checkpoint(ORIGIN, TreeHead(0, bytes(32))), LOG)
    assert refusal(witness, GrowthProof(0, (), empty).encode(), tools.NOW) == "witness.rollback"
    grown = signed(tree(9))
    lie = GrowthProof(0, (), grown).encode()
    assert refusal(witness, lie, tools.NOW) == "witness.old-size"


def test_a_false_empty_root_is_refused(tmp_path: Path, tools: ModuleType) -> None:
    witness = Witness.create(tmp_path / "w", "w")
    witness.trust(ORIGIN, LOG.public)
    empty = sign_checkpoint(Checkpoint(ORIGIN, TreeHead(0, bytes(32))), LOG)
    assert refusal(witness, GrowthProof(0, (), empty).encode(), tools.NOW) == "witness.fork"


def test_trust_is_explicit_or_on_first_use(tmp_path: Path, tools: ModuleType) -> None:
    witness = Witness.create(tmp_path / "w", "auditor.example/w1")
    assert refusal(witness, request(tree(2), 0), tools.NOW) == "witness.unknown-log"
    other = SigningKey.generate("log", "other")
    with pytest.raises(EvidenceError, match="unknown-log"):
        witness.cosign(request(tree(2), 0), tools.NOW, first_use=other.public)
    witness.cosign(request(tree(2), 0), tools.NOW, first_use=LOG.public)
    assert witness.trusted(ORIGIN) == LOG.public
    with pytest.raises(EvidenceError, match="key-changed"):
        witness.trust(ORIGIN, other.public)
    with pytest.raises(EvidenceError, match="not-a-log-key"):
        witness.trust(ORIGIN, SigningKey.generate("producer", "x").public)


def test_the_key_stays_when_the_witness_is_made_again(tmp_path: Path) -> None:
    first = Witness.create(tmp_path / "w", "auditor.example/w1")
    assert Witness.create(tmp_path / "w", "another").public == first.public
    assert Witness.open(tmp_path / "w").public == first.public
    with pytest.raises(EvidenceError, match=r"witness\.missing"):
        Witness.open(tmp_path)
