"""Whole numbers are told to be plainly written by their lengths, exactly as by writing them back."""

from __future__ import annotations

import pyarrow as pa
from hypothesis import given
from hypothesis import strategies as st

from anping.engine.kinds import plainly_typed

ODD = ["007", "+5", "-0", "00", "0x1F", "0xE8D4A51000A1", "0xFFFFFFFFFFFFFFF", "-9223372036854775808",
       "9223372036854775807", " 5", "5 ", "1e3", "٣", "--1", ""]  # fmt: skip
WHOLE = st.one_of(
    st.none(),
    st.integers(-(2**63), 2**63 - 1).map(str),
    st.integers(0, 18).map(lambda power: str(10**power)),
    st.sampled_from(ODD),
)


@given(st.lists(WHOLE, max_size=6))
def test_whole_numbers_are_plain_when_they_read_the_same_written_back(
    cells: list[str | None],
) -> None:
    texts = pa.array(["before", *cells], pa.string()).slice(1)
    try:
        cast = texts.cast(pa.int64())
    except pa.ArrowInvalid:
        cast = None
    plain = cast is not None and cast.cast(pa.string()).equals(texts)
    found = plainly_typed(texts, "integer")
    assert (found is not None) == plain
    assert found is None or found.equals(cast)
