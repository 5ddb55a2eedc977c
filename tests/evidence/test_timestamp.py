"""A timestamp is checked against a real authority, and everything that is not one is refused."""

import time
from pathlib import Path

import pytest

from anping.core.errors import AnpingError, EvidenceError, InputError
from anping.evidence.checkpoint import Checkpoint
from anping.evidence.merkle import TreeHead
from anping.evidence.timestamp import check_timestamp, read_timestamp, request_timestamp
from authority import Authority, needs_openssl

pytestmark = needs_openssl

CHECKPOINT = Checkpoint("anping.local/0123456789abcdef", TreeHead(7, bytes(range(32))))
OTHER = Checkpoint("anping.local/0123456789abcdef", TreeHead(8, bytes(range(32))))


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return Authority.create(tmp_path_factory.mktemp("tsa") / "good")


def test_a_true_timestamp_verifies(authority: Authority) -> None:
    request = request_timestamp(CHECKPOINT)
    response = authority.answer(request.content)
    stamp = check_timestamp(response, CHECKPOINT, roots=authority.roots, nonce=request.nonce)
    assert stamp.authority == "CN=Test TSA"
    assert stamp == read_timestamp(response, CHECKPOINT)


def test_another_nonce_is_an_old_answer(authority: Authority) -> None:
    response = authority.answer(request_timestamp(CHECKPOINT).content)
    fresh = request_timestamp(CHECKPOINT)
    with pytest.raises(EvidenceError) as caught:
        check_timestamp(response, CHECKPOINT, roots=authority.roots, nonce=fresh.nonce)
    assert caught.value.code == "timestamp.untrusted"


def test_a_timestamp_of_something_else(authority: Authority) -> None:
    response = authority.answer(request_timestamp(OTHER).content)
    with pytest.raises(EvidenceError) as caught:
        check_timestamp(response, CHECKPOINT, roots=authority.roots)
    assert caught.value.code == "timestamp.other"


def test_another_root(authority: Authority, tmp_path: Path) -> None:
    other = Authority.create(tmp_path / "other")
    response = authority.answer(request_timestamp(CHECKPOINT).content)
    with pytest.raises(EvidenceError) as caught:
        check_timestamp(response, CHECKPOINT, roots=other.roots)
    assert caught.value.code == "timestamp.untrusted"


def test_a_certificate_that_had_expired(tmp_path: Path) -> None:
    expired = Authority.create(tmp_path / "expired", days=0)
    time.sleep(1.1)
    response = expired.answer(request_timestamp(CHECKPOINT).content)
    with pytest.raises(EvidenceError) as caught:
        check_timestamp(response, CHECKPOINT, roots=expired.roots)
    assert caught.value.code == "timestamp.untrusted"


def test_a_refusal(authority: Authority) -> None:
    with pytest.raises(EvidenceError) as caught:
        read_timestamp(authority.answer(b"0\x03\x02\x01\x01"), CHECKPOINT)
    assert caught.value.code in {"timestamp.refused", "timestamp.malformed"}


def test_no_changed_byte_changes_what_it_says(authority: Authority) -> None:
    request = request_timestamp(CHECKPOINT)
    response = authority.answer(request.content)
    stated = check_timestamp(response, CHECKPOINT, roots=authority.roots, nonce=request.nonce)
    refused = 0
    for place in range(len(response)):
        changed = bytearray(response)
        changed[place] ^= 1 << (place % 8)
        try:
            stamp = check_timestamp(
                bytes(changed), CHECKPOINT, roots=authority.roots, nonce=request.nonce
            )
        except AnpingError:
            refused += 1
        else:
            assert (stamp.moment, stamp.authority) == (stated.moment, stated.authority)
    assert refused > 0.9 * len(response)


@pytest.mark.parametrize(
    "response",
    [b"", b"<html>", b"0" * 70_000, b"\x30\x80" * 20_000],
    ids=["", "html", "huge", "deep"],
)
def test_what_is_no_response(response: bytes, authority: Authority) -> None:
    with pytest.raises(EvidenceError) as caught:
        check_timestamp(response, CHECKPOINT, roots=authority.roots)
    assert caught.value.code == "timestamp.malformed"


def test_roots_must_be_certificates(authority: Authority) -> None:
    response = authority.answer(request_timestamp(CHECKPOINT).content)
    with pytest.raises(InputError) as caught:
        check_timestamp(response, CHECKPOINT, roots=b"none")
    assert caught.value.code == "timestamp.roots"
