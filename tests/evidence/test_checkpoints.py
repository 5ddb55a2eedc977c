"""Checkpoints, cosignatures and proofs as text: the published example, and strict reading."""

from __future__ import annotations

import base64
import hashlib
from datetime import UTC, datetime
from types import ModuleType

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from anping.core.errors import EvidenceError
from anping.evidence.checkpoint import (
    Checkpoint,
    cosignature,
    read_checkpoint,
    sign_checkpoint,
)
from anping.evidence.keys import SigningKey
from anping.evidence.merkle import Tree, TreeHead, consistency_proof, inclusion_proof, leaf_hash
from anping.evidence.note import key_id
from anping.evidence.proof import (
    GrowthProof,
    InclusionProof,
    read_growth_proof,
    read_inclusion_proof,
)

LOG = SigningKey.generate("log", "owner-log")
WITNESS = SigningKey.generate("witness", "witness.example/w1")
NOW = datetime(2026, 11, 21, 9, 0, tzinfo=UTC)

# The example of C2SP tlog-cosignature.
EXAMPLE = """example.com/behind-the-sofa
20852163
CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=

— example.com/behind-the-sofa Az3grlgtzPICa5OS8npVmf1Myq/5IZniMp+ZJurmRDeOoRDe4URYN7u5/Zhcyv2q1gGzGku9nTo+zyWE+xeMcTOAYQ8=
— witness.example.com/w1 jWbPPwAAAABkGFDLEZMHwSRaJNiIDoe9DYn/zXcrtPHeolMI5OWXEhZCB9dlrDJsX3b2oyin1nPZqhf5nNo0xUe+mbIUBkBIfZ+qnA==
""".encode()


def tree(size: int) -> Tree:
    made = Tree()
    for number in range(size):
        made.add(b"%d" % number)
    return made


TREE = tree(21)
SIGNED = sign_checkpoint(Checkpoint("example.com/log", TREE.head), LOG)
COSIGNED = SIGNED.with_cosignatures(
    cosignature(SIGNED.checkpoint, WITNESS, NOW).line(), [WITNESS.public]
)


def test_the_published_example_is_read() -> None:
    found = read_checkpoint(EXAMPLE)
    assert found.checkpoint.origin == "example.com/behind-the-sofa"
    assert found.head.size == 20852163
    assert found.encode() == EXAMPLE
    assert [item.key_id.hex() for item in found.signatures] == ["033de0ae", "8d66cf3f"]
    assert int.from_bytes(found.signatures[1].value[:8], "big") == 1679315147


def test_key_ids_follow_the_specification() -> None:
    raw = LOG.public.raw
    for kind in (1, 4):
        expected = hashlib.sha256(b"name\n" + bytes([kind]) + raw).digest()[:4]
        assert key_id("name", kind, raw) == expected


def test_signatures_are_over_what_the_specifications_say() -> None:
    text = f"example.com/log\n21\n{base64.b64encode(TREE.head.root).decode()}\n"
    log, witness = COSIGNED.signatures
    assert LOG.public.verifies(log.value, text.encode())
    seconds = int(NOW.timestamp())
    assert WITNESS.public.verifies(
        witness.value[8:], f"cosignature/v1\ntime {seconds}\n{text}".encode()
    )
    assert COSIGNED.signed_by(LOG.public)
    assert COSIGNED.cosigned_by(WITNESS.public) == NOW
    assert COSIGNED.unexplained([LOG.public], [WITNESS.public]) == ()
    assert COSIGNED.unexplained([LOG.public], []) == ("witness.example/w1",)


def test_a_log_signature_is_no_cosignature_and_the_other_way_round() -> None:
    twin = SigningKey("witness", "example.com/log", LOG.private)
    assert SIGNED.cosigned_by(twin.public) is None
    assert not COSIGNED.signed_by(WITNESS.public)


def test_every_bit_of_a_checkpoint_counts() -> None:
    content = COSIGNED.encode()
    for place in range(len(content)):
        for bit in range(8):
            changed = bytearray(content)
            changed[place] ^= 1 << bit
            try:
                found = read_checkpoint(bytes(changed))
            except EvidenceError:
                continue
            assert found.unexplained([LOG.public], [WITNESS.public])


@pytest.mark.parametrize(
    "spoil",
    [
        lambda text: text.replace("\n21\n", "\n021\n"),
        lambda text: text.replace("\n21\n", "\n+21\n"),
        lambda text: text.replace("\n21\n", "\n２１\n"),
        lambda text: text.replace("\n", "\r\n"),
        lambda text: text.replace("\n\n", "\nextension\n\n"),
        lambda text: text.replace("\n\n", "\n\n\n"),
        lambda text: text + "\n",
        lambda text: text[:-1],
        lambda text: text.replace("— example", "- example"),
        lambda text: text.replace("— example", "—  example"),
        lambda text: text.replace("=\n\n", "\n\n"),
        lambda text: text.partition("\n\n")[0] + "\n\n",
        lambda text: text + text.splitlines(keepends=True)[-1],
        lambda text: "\n".join([*text.split("\n")[:4], *reversed(text.split("\n")[4:6]), ""]),
        lambda _: "",
    ],
)
def test_other_spellings_of_a_checkpoint_are_refused(spoil: object) -> None:
    assert callable(spoil)
    with pytest.raises(EvidenceError, match=r"checkpoint\.malformed"):
        read_checkpoint(spoil(COSIGNED.encode().decode()).encode())


def test_only_known_witnesses_are_added() -> None:
    stranger = SigningKey.generate("witness", "stranger.example/w")
    ours = cosignature(SIGNED.checkpoint, WITNESS, NOW).line()
    theirs = cosignature(SIGNED.checkpoint, stranger, NOW).line()
    assert SIGNED.with_cosignatures(theirs + ours, [WITNESS.public]) == COSIGNED
    for answer in (theirs, b"", b"\xff", b"nothing\n"):
        with pytest.raises(EvidenceError):
            SIGNED.with_cosignatures(answer, [WITNESS.public])
    later = Checkpoint("example.com/log", TreeHead(22, TREE.head.root))
    with pytest.raises(EvidenceError, match="no-cosignature"):
        sign_checkpoint(later, LOG).with_cosignatures(ours, [WITNESS.public])


@given(st.integers(0, 20), st.none() | st.binary(max_size=20))
@settings(max_examples=30, deadline=None)
def test_inclusion_proofs_come_back(index: int, extra: bytes | None) -> None:
    proof = InclusionProof(index, inclusion_proof(index, 21, TREE.node), COSIGNED, extra)
    again = read_inclusion_proof(proof.encode())
    assert again == proof
    assert again.proves(leaf_hash(b"%d" % index))
    assert not again.proves(leaf_hash(b"x"))


@given(st.integers(0, 21))
@settings(max_examples=22, deadline=None)
def test_growth_proofs_come_back(old: int) -> None:
    proof = GrowthProof(old, consistency_proof(old, 21, TREE.node), COSIGNED)
    assert read_growth_proof(proof.encode()) == proof
    assert proof.proves(tree(old).head)
    assert not proof.proves(TreeHead(old, bytes(32)))


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("@v1", "@v2"),
        ("index 3", "index 03"),
        ("index 3", "index -3"),
        ("index 3", "index 3 "),
        ("index 3\n", ""),
        ("index 3\n", "index 3\nAAAA\n"),
        ("index 3\n", "extra e31=\nindex 3\n"),
        ("index 3\n", "index 3\n\n"),
        ("index 3\n", "index 3\n" + "A" * 43 + "=\n" * 1 + ("A" * 43 + "=\n") * 63),
    ],
)
def test_other_spellings_of_a_proof_are_refused(old: str, new: str) -> None:
    text = InclusionProof(3, inclusion_proof(3, 21, TREE.node), COSIGNED).encode().decode()
    assert old in text
    with pytest.raises(EvidenceError):
        read_inclusion_proof(text.replace(old, new, 1).encode())


def test_the_witness_time_is_bounded(tools: ModuleType) -> None:
    assert tools.NOW == NOW
    with pytest.raises(OverflowError):
        cosignature(SIGNED.checkpoint, WITNESS, datetime(1960, 1, 1, tzinfo=UTC))
