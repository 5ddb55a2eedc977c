"""A line is read if and only if it is byte for byte what its envelope writes."""

import json

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from anping.core.errors import EvidenceError
from anping.evidence.dsse import Envelope, Signature, read_line

SIGNATURES = st.lists(
    st.builds(Signature, st.text(max_size=6), st.binary(min_size=64, max_size=64)),
    min_size=1, max_size=3, unique_by=lambda each: each.keyid,
).map(lambda found: tuple(sorted(found)))  # fmt: skip
ENVELOPES = st.builds(Envelope, st.binary(max_size=60), st.text(max_size=6), SIGNATURES)
WHOLE = Envelope(b"payload", "t", (Signature("k", bytes(64)),))


def accepted(line: bytes) -> Envelope | None:
    try:
        return read_line(line)
    except EvidenceError:
        return None


@given(ENVELOPES)
def test_what_is_written_is_read(envelope: Envelope) -> None:
    if all(ord(letter) not in range(0xD800, 0xE000) for letter in str(envelope)):
        assert read_line(envelope.line()) == envelope


@given(ENVELOPES, st.integers(0, 400), st.binary(max_size=3), st.integers(0, 3))
@example(WHOLE, 12, b'","payload":"', 0)
@example(WHOLE, 0, b" ", 0)
def test_what_is_read_is_what_is_written(
    envelope: Envelope, place: int, more: bytes, less: int
) -> None:
    line = envelope.line()
    changed = line[:place] + more + line[place + less :]
    read = accepted(changed)
    assert read is None or read.line() == changed


@pytest.mark.parametrize(
    "change",
    [
        lambda line: line.replace(b'"payload":', b'"payload": '),
        lambda line: line.replace(b'"payload"', b'"p\\u0061yload"'),
        lambda line: line[:-1] + b',"payload":"AAAA"}',
        lambda line: line[:-1] + b',"more":1}',
        lambda line: b'{"payload":"AAAA",' + line[1:],
        lambda line: line.replace(b"cGF5bG9hZA==", b"cGF5bG9hZB=="),
        lambda line: line.replace(b"cGF5bG9hZA==", b"cGF5bG9hZA"),
        lambda line: line.replace(b"cGF5bG9hZA==", b"cGF5\\u0062G9hZA=="),
        lambda line: line.replace(b"cGF5bG9hZA==", b"cGF5\nbG9hZA=="),
        lambda line: json.dumps(json.loads(line)).encode(),
        lambda line: line + b"\n",
        lambda _: b'{"payload":"',
        lambda _: b"",
    ],
)
def test_another_spelling_is_refused(change: object) -> None:
    assert callable(change)
    assert accepted(change(WHOLE.line())) is None
