"""Streets beside full addresses: none is found twice, and long texts cost no more than their length."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from anping.core.span import Span
from anping.know.discover.addresses import find_addresses, find_streets

PIECES = [
    "中山路5號",
    "民生東路二段8號3樓",
    "，",
    "住",
    "臺北市大安區",
    "和平東路12巷6號",
    "12",
    "號",
    "abc",
]


@given(
    st.lists(st.sampled_from(PIECES), max_size=12),
    st.lists(st.tuples(st.integers(0, 60), st.integers(1, 25)), max_size=4),
)
def test_streets_do_not_depend_on_the_order_of_addresses(
    pieces: list[str], places: list[tuple[int, int]]
) -> None:
    text = "".join(pieces)
    full = [Span(at, at + long, "ADDRESS_FULL") for at, long in places]
    assert find_streets(text, full) == find_streets(text, list(reversed(full)))


def test_no_street_is_found_where_an_address_covers_it() -> None:
    text = "臺北市大安區和平東路12巷6號，中山路5號，民生東路二段8號3樓"
    address = Span(0, text.index("，"), "ADDRESS_FULL")
    streets = [text[s.start : s.end] for s in find_streets(text, [address])]
    assert streets == ["中山路5號", "民生東路二段8號3樓"]
    everything = Span(0, len(text), "ADDRESS_FULL")
    assert find_streets(text, [everything]) == []
    assert find_streets(text, [Span(3, 5, "ADDRESS_FULL"), everything, address]) == []


def test_a_text_of_many_addresses_is_read_once() -> None:
    # Ten thousand addresses compared with one another would be a hundred million comparisons.
    text = "住臺北市大安區和平東路二段106號3樓；寄中山路5號。" * 5_000
    found = find_addresses(text)
    assert len(found) == 10_000


def test_a_million_digits_before_a_house_number_are_looked_at_once() -> None:
    text = "中山路" + "1" * 200_000 + "號"
    assert find_streets(text, []) == []
