from __future__ import annotations

from itertools import pairwise
from pathlib import Path

import pytest
import yaml

from anping.core.digest import sha256
from anping.core.errors import EvidenceError, PolicyError
from anping.core.labels import Tier
from anping.core.text import Text
from anping.govern.policy import (
    parse_policy,
    policy_bytes,
    policy_digest,
    policy_names,
    read_policy,
)
from anping.govern.signing import open_policy, sign_policy

SHIPPED = "anping-taiwan-1"


def test_the_shipped_policy_speaks_of_every_tier_and_cites_every_number() -> None:
    policy = read_policy(SHIPPED)
    assert policy_names() == (SHIPPED,)
    assert policy.name == SHIPPED
    assert set(policy.tiers) == set(Tier)
    for rules in policy.tiers.values():
        assert {"risk.prosecutor.max", "risk.marketer", "risk.linkage.excess"} <= {
            threshold.measure for threshold in rules.thresholds
        }
        for threshold in rules.thresholds:
            assert threshold.source.zh
            assert threshold.source.en
            assert threshold.date.year > 2000


def test_stricter_tiers_never_ask_for_more_than_more_open_ones() -> None:
    policy = read_policy(SHIPPED)
    highest = [
        {t.key: t.value for t in policy.rules(tier).thresholds if t.op == "<="} for tier in Tier
    ]
    for more_open, stricter in pairwise(highest):
        assert all(more_open[key] <= stricter[key] for key in stricter)


def test_a_ratio_is_read_exactly() -> None:
    threshold = read_policy(SHIPPED).rules(Tier.REGISTERED).thresholds[1]
    assert threshold.value == 1 / 11


def test_a_policy_survives_being_written_and_read() -> None:
    policy = read_policy(SHIPPED)
    again = yaml.safe_dump(policy.model_dump(mode="json"), allow_unicode=True).encode()
    assert parse_policy(again) == policy


def test_a_policy_is_read_from_a_file_too(tmp_path: Path) -> None:
    path = tmp_path / "own.yaml"
    path.write_bytes(policy_bytes(SHIPPED))
    assert read_policy(path) == read_policy(SHIPPED)
    assert policy_digest(path.read_bytes()) == sha256(policy_bytes(SHIPPED))


def test_an_unknown_policy_names_the_known_ones() -> None:
    with pytest.raises(PolicyError) as error:
        read_policy("anping-taiwan")
    assert error.value.code == "policy.unknown"
    assert SHIPPED in error.value.hint.zh
    assert SHIPPED in error.value.hint.en


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ('op: ">="', "op: '>>'"),
        ("value: 1/20", "value: lots"),
        ("value: 1/20", "value: .nan"),
        ("id: anping-taiwan", "id: anping-taiwan\nid: other"),
        ("version: 1", "version: 0"),
        ("issued: 2026-11-21", "issued: someday"),
        ("measure: risk.marketer", "measures: risk.marketer"),
        ("roles: [direct_identifier,", "roles: [direct_identifiers,"),
        ("{expires}", "{who}"),
        ("{expires}", "{expires.year}"),
        ("{expires}", "{"),
        ("expires_after_days: 365", "expires_after_days: -1"),
        ("  open:", "  public:"),
        ("policy: 1\n", "policy: 1\n\t- x"),
    ],
)
def test_a_malformed_policy_is_refused_with_its_place(old: str, new: str) -> None:
    content = policy_bytes(SHIPPED).decode()
    assert old in content
    with pytest.raises(PolicyError) as error:
        parse_policy(content.replace(old, new, 1).encode(), name="own.yaml")
    assert error.value.code == "policy.malformed"
    assert error.value.where.file == "own.yaml"
    assert error.value.where.row is not None


def test_the_place_is_the_line_of_the_mistake() -> None:
    content = policy_bytes(SHIPPED).decode().replace('op: ">="', "op: '>>'", 1)
    line = content.splitlines().index("        op: '>>'") + 1
    with pytest.raises(PolicyError) as error:
        parse_policy(content.encode())
    assert error.value.where.row == line


@pytest.mark.parametrize("content", [b"", b"- 1\n", b"\xff\xfe\x00", b"just words"])
def test_what_is_no_mapping_is_refused(content: bytes) -> None:
    with pytest.raises(PolicyError) as error:
        parse_policy(content)
    assert error.value.code == "policy.malformed"


def test_a_policy_without_the_tier_is_refused() -> None:
    policy = read_policy(SHIPPED)
    shorter = policy.model_copy(update={"tiers": {}})
    with pytest.raises(PolicyError) as error:
        shorter.rules(Tier.OPEN)
    assert error.value.code == "policy.no-tier"


def _seal(payload: bytes) -> bytes:
    return payload + b"|" + sha256(payload).encode()


def _unseal(envelope: bytes) -> bytes:
    payload, _, mark = envelope.rpartition(b"|")
    if mark != sha256(payload).encode():
        raise EvidenceError("seal", Text("壞", "bad"), hint=Text("無", "none"))
    return payload


def test_a_signed_policy_opens() -> None:
    content = policy_bytes(SHIPPED)
    assert open_policy(content, sign_policy(content, _seal), _unseal) == read_policy(SHIPPED)


@pytest.mark.parametrize("change", ["content", "signature", "other"])
def test_a_wrongly_signed_policy_does_not_open(change: str) -> None:
    content = policy_bytes(SHIPPED)
    signature = sign_policy(content, _seal)
    if change == "content":
        content = content.replace(b"365", b"366", 1)
    elif change == "signature":
        signature = signature[:-1] + b"x"
    else:
        signature = _seal(b"{}")
    with pytest.raises(PolicyError) as error:
        open_policy(content, signature, _unseal)
    assert error.value.code == "policy.signature"


def test_nobody_signs_a_broken_policy() -> None:
    with pytest.raises(PolicyError):
        sign_policy(b"policy: 2", _seal)
