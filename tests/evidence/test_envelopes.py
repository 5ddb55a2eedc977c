"""DSSE envelopes and keys: a peer library accepts ours, and only one spelling is read."""

from __future__ import annotations

import base64
import json
import stat
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from hypothesis import given, settings
from hypothesis import strategies as st
from securesystemslib import dsse, exceptions
from securesystemslib.signer import SSlibKey  # type: ignore[attr-defined]

from anping.core.errors import EvidenceError, KeyStoreError
from anping.evidence.dsse import IN_TOTO, read_line, sign
from anping.evidence.keys import PublicKey, SigningKey, keys_json, read_keys

KEY = SigningKey.generate("producer", "owner-producer")
SECOND = SigningKey.generate("officer", "owner-officer")
ORDER = 2**252 + 27742317777372353535851937790883648493


def peer_key(key: SigningKey) -> SSlibKey:
    public = Ed25519PublicKey.from_public_bytes(key.public.raw)
    return SSlibKey.from_crypto(public, keyid=key.public.keyid)


@given(st.binary(max_size=200))
@settings(max_examples=30, deadline=None)
def test_the_peer_library_accepts_our_envelopes(payload: bytes) -> None:
    line = sign(payload, KEY, SECOND).line()
    peer = dsse.Envelope.from_dict(json.loads(line))
    assert peer.payload == payload
    assert set(peer.verify([peer_key(KEY), peer_key(SECOND)], 2)) == {
        KEY.public.keyid,
        SECOND.public.keyid,
    }
    with pytest.raises(exceptions.VerificationError):
        peer.verify([peer_key(SigningKey.generate("producer", "other"))], 1)


def test_a_signature_can_be_added_later() -> None:
    both = sign(b"{}", KEY).also_signed_by(SECOND)
    assert both == sign(b"{}", KEY, SECOND)
    assert both.signed_by(KEY.public)
    assert both.signed_by(SECOND.public)
    assert read_line(both.line()) == both


def test_the_type_is_signed_too() -> None:
    envelope = sign(b"{}", KEY, payload_type="application/yaml")
    moved = read_line(envelope.line().replace(b"application/yaml", IN_TOTO.encode()))
    assert not moved.signed_by(KEY.public)


def test_every_byte_of_a_line_counts() -> None:
    line = sign(b'{"a":1}', KEY).line()
    for place in range(len(line)):
        for bit in range(8):
            changed = bytearray(line)
            changed[place] ^= 1 << bit
            try:
                envelope = read_line(bytes(changed))
            except EvidenceError:
                continue
            assert not envelope.signed_by(KEY.public)


@pytest.mark.parametrize(
    "spoil",
    [
        lambda line: line + b"\n",
        lambda line: b" " + line,
        lambda line: line.replace(b'":', b'": ', 1),
        lambda line: line.replace(b'{"payload":', b'{"payload":"",'[:-1] + b',"payload":', 1),
        lambda line: line.replace(b"}]}", b'}],"x":1}'),
        lambda line: line.replace(b"payloadType", b"payload\\u0054ype"),
        lambda line: line[:-1],
        lambda _: b"[]",
        lambda _: b"\xff",
        lambda _: b"[" * 100_000,
        lambda _: b'{"payload":"","payloadType":"x","signatures":[]}',
    ],
)
def test_other_spellings_are_refused(spoil: object) -> None:
    assert callable(spoil)
    with pytest.raises(EvidenceError) as caught:
        read_line(spoil(sign(b"{}", KEY).line()))
    assert caught.value.code == "envelope.malformed"


def test_unused_base64_bits_are_refused() -> None:
    line = sign(b"{}", KEY).line()
    assert base64.b64decode("e30=") == base64.b64decode("e31=") == b"{}"
    with pytest.raises(EvidenceError):
        read_line(line.replace(b'"e30="', b'"e31="'))


def test_a_signature_plus_the_group_order_is_not_a_signature() -> None:
    signature = KEY.sign(b"x")
    twin = signature[:32] + (int.from_bytes(signature[32:], "little") + ORDER).to_bytes(
        32, "little"
    )
    assert KEY.public.verifies(signature, b"x")
    assert not KEY.public.verifies(twin, b"x")


@pytest.mark.parametrize("low", ["00" * 32, "01" + "00" * 31, "00" * 31 + "80", "ec" + "ff" * 31])
def test_keys_of_small_order_are_refused(low: str) -> None:
    with pytest.raises(ValueError, match="usable"):
        PublicKey("log", "x", bytes.fromhex(low))


def test_a_saved_key_comes_back_and_is_private(tmp_path: Path) -> None:
    KEY.save(tmp_path / "producer.pem")
    assert stat.S_IMODE((tmp_path / "producer.pem").stat().st_mode) == 0o600
    again = SigningKey.load(tmp_path / "producer.pem")
    assert again.public == KEY.public
    assert KEY.public.verifies(again.sign(b"x"), b"x")


@pytest.mark.parametrize(
    "content", [b"", b"\xff\xfe", b"Anping-Role: log\nAnping-Name: x\n-----BEGIN"]
)
def test_a_damaged_key_is_a_typed_error(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "x.pem").write_bytes(content)
    with pytest.raises(KeyStoreError, match=r"key\.damaged"):
        SigningKey.load(tmp_path / "x.pem")
    with pytest.raises(KeyStoreError, match=r"key\.damaged"):
        SigningKey.load(tmp_path / "absent.pem")


def test_bad_names_and_roles() -> None:
    for role, name in (("queen", "x"), ("log", "a b"), ("log", "a+b"), ("log", "")):
        with pytest.raises(KeyStoreError, match=r"key\.bad-name"):
            SigningKey.generate(role, name)


def test_keys_json_has_one_spelling() -> None:
    content = keys_json([SECOND.public, KEY.public, KEY.public])
    keys = read_keys(content)
    assert keys.members == tuple(sorted({KEY.public, SECOND.public}))
    assert keys.of("officer") == (SECOND.public,)
    assert keys.find(KEY.public.keyid) == (KEY.public,)
    assert len(KEY.public.fingerprint.split()) == 8
    listed = json.loads(content)
    for spoiled in (
        content + b"\n",
        content[:-1],
        json.dumps(listed).encode() + b"\n",
        keys_json([KEY.public]).replace(KEY.public.keyid[:4].encode(), b"0000"),
        b"{}\n",
    ):
        with pytest.raises(EvidenceError):
            read_keys(spoiled)
