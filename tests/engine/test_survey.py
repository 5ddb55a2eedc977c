"""The first look at a file: strict UTF-8 and the digest, told chunk by chunk."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import cast

from hypothesis import given, settings
from hypothesis import strategies as st

from anping.engine.content import Content
from anping.engine.encodings import survey
from anping.engine.read import read


@settings(max_examples=300, deadline=None)
@given(
    st.lists(
        st.sampled_from(["a", "é", "王", "😀"]).map(str.encode)
        | st.sampled_from(
            [b"\x80", b"\xff", b"\xed\xa0\x80", b"\xc0\x80", b"\xf4\x90\x80\x80", b"\xe7"]
        )
        | st.binary(max_size=3),
        max_size=8,
    ),
    st.integers(1, 5),
)
def test_strict_utf8_is_told_whatever_the_chunks(pieces: list[bytes], size: int) -> None:
    text = b"".join(pieces)
    chunks = [text[at : at + size] for at in range(0, len(text), size)]
    seen = survey(cast("Content", _Chunks(chunks)))
    try:
        text.decode()
        right = True
    except UnicodeDecodeError:
        right = False
    assert seen.utf8 == right
    assert seen.sha256 == hashlib.sha256(text).hexdigest()


@dataclass
class _Chunks:
    given: list[bytes]

    def chunks(self, size: int) -> Iterator[bytes]:
        assert size
        return iter(self.given)


def test_large_chunks_are_digested_beside(tmp_path: Path) -> None:
    path = tmp_path / "large.csv"
    path.write_bytes(b"a,b\n" + b"12345678,2024-01-02\n" * 1_200_000)
    reading = read(path, into=tmp_path / "out.parquet")
    assert reading.source_sha256 == hashlib.sha256(path.read_bytes()).hexdigest()
    assert reading.rows == 1_200_000
