"""Whole numbers are told to be plainly written by their lengths, exactly as by writing them back."""

from __future__ import annotations

import pyarrow as pa
from hypothesis import given
from hypothesis import strategies as st

from anping.engine.kinds import plainly_typed
from anping.engine.lines import line_feeds

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


DAYS = ["2024-05-01", "2024-5-01", "20240501", "2024/05/01", "2024.05.01", " 20240501 ", "2024-05-1 ",
        "+2024-05-1", "1600-01-01", "0001-01-01", "9999-12-31", "2024-13-01", "2024-05-01T", "2024-05-0",
        "20240501--", "-024-05-01", "2024-05-01 "]  # fmt: skip


@given(st.lists(st.one_of(st.none(), st.dates().map(str), st.sampled_from(DAYS)), max_size=5))
def test_days_are_plain_when_they_read_the_same_written_back(cells: list[str | None]) -> None:
    texts = pa.array(["before", *cells], pa.string()).slice(1)
    try:
        cast = texts.cast(pa.date32())
    except pa.ArrowInvalid:
        cast = None
    plain = cast is not None and cast.cast(pa.string()).equals(texts)
    found = plainly_typed(texts, "date")
    assert (found is not None) == plain
    assert found is None or found.equals(cast)


@given(st.text("ab\n", max_size=50), st.integers(0, 60))
def test_line_feeds_are_counted_in_little_and_in_much(text: str, end: int) -> None:
    content = text.encode()
    end = min(end, len(content))
    assert line_feeds(content, end) == content[:end].count(b"\n")
    much = content * 20_000
    assert line_feeds(much) == much.count(b"\n")
