"""What was written for speed equals the plain way."""

from __future__ import annotations

import hmac
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from anping.core.taiwan import locate
from anping.protect.deid.hierarchies.addresses import addresses, beginnings
from anping.protect.pseudonym import alphabet
from anping.protect.pseudonym.hashing import hmacs
from anping.protect.pseudonym.keyed import LENGTH, tokens
from anping.protect.pseudonym.normal import Normalisation, normal, normal_texts
from anping.protect.transform.date_shift import Unknown, offset_of, offsets
from anping.protect.transform.numbers import counted_bound, counted_quantile, quantile_bound

SECRET = b"s" * 32
cells = st.none() | st.text(max_size=8) | st.text("aZ09 -_@.台臺０Ａ　", max_size=8)


@given(st.lists(st.binary(max_size=200), max_size=9), st.binary(min_size=1, max_size=100))
def test_hmacs_are_those_of_the_standard_library(messages: list[bytes], secret: bytes) -> None:
    plain = b"".join(hmac.digest(secret, message, "sha256") for message in messages)
    assert hmacs(messages, secret) == plain


@given(st.lists(st.text(min_size=1, max_size=9), max_size=9))
def test_tokens_are_the_first_letters_of_the_hmac(texts: list[str]) -> None:
    digests = [hmac.digest(SECRET, text.encode(), "sha256") for text in texts]
    plain = [alphabet.encode(digest)[:LENGTH] for digest in digests]
    assert tokens(pa.array(texts, pa.string()), SECRET).to_pylist() == plain


@settings(deadline=None)
@given(st.lists(cells, max_size=9), st.sampled_from(["identifier", "exact"]))
def test_normal_forms_are_those_of_single_values(
    values: list[str | None], how: Normalisation
) -> None:
    made = normal_texts(pa.array(values, pa.string()), how).to_pylist()
    assert made == [normal(value, how) or None for value in values]


@pytest.mark.parametrize(
    "values",
    [[12, -3, None], [1.0, 2.5, None], [True, None], [["a"], None], ["A1", "B2", None, ""]],
)
def test_normal_forms_of_every_type(values: list[Any]) -> None:
    made = normal_texts(pa.array(values)).to_pylist()
    assert made == [normal(value) or None for value in values]


@given(st.lists(st.none() | st.text(min_size=1, max_size=5), max_size=9), st.integers(1, 3650))
def test_offsets_are_those_of_single_people(people: list[str | None], days: int) -> None:
    unknown = Unknown(b"u" * 32, np.arange(len(people)))
    made = offsets(pa.array(people, pa.string()), SECRET, max_days=days, unknown=unknown)
    for person, offset in zip(people, made.tolist(), strict=True):
        assert 1 <= abs(offset) <= days
        assert person is None or offset == offset_of(person, SECRET, max_days=days)


numbers = st.integers(-50, 50) | st.floats(-1e6, 1e6)


@given(st.lists(numbers, min_size=1, max_size=60), st.sampled_from([0.01, 0.05, 0.5, 0.95, 0.99]))
@example([5e-324], 0.01)
def test_counted_quantiles_are_those_of_the_rows(values: list[float], share: float) -> None:
    found, rows = np.unique(np.array(values, np.float64), return_counts=True)
    plain = float(np.quantile(np.array(values, np.float64), share))
    assert counted_quantile(found, rows, share) == pytest.approx(plain, rel=1e-12, abs=1e-9)
    column = pa.chunked_array([pa.array(values, pa.float64())])
    near = quantile_bound(column, share)
    assert counted_bound(pa.array(found), rows, share) == pytest.approx(near)


ADDRESSES = st.lists(
    st.sampled_from(["106", "10665", "1066-5", "臺北市", "台北市", "大安區", " ", "　", "仁愛路四段1號",
                     "高雄市", "嘉義縣", "阿里山鄉", "１０６", "－", "x"]), max_size=6
).map("".join)  # fmt: skip


@given(ADDRESSES)
def test_the_beginning_of_an_address_tells_what_all_of_it_tells(address: str) -> None:
    short = beginnings(pa.array([address])).to_pylist()[0]
    assert locate(short) == locate(address)
    for start in ("township", "county"):
        hierarchy = addresses("home", [address, short], start=start)
        assert hierarchy.leaf_of(short) == hierarchy.leaf_of(address)
