from __future__ import annotations

import pickle
import re

import numpy as np
import pyarrow as pa
import pytest
from cryptography.hazmat.primitives.ciphers.aead import AESSIV
from hypothesis import given, settings
from hypothesis import strategies as st

from anping.core.errors import InputError, KeyStoreError, ParameterError, PlanError
from anping.engine.table import Table
from anping.protect import KeyRing, Settings, parse_plan, protect, reidentify_formatted
from anping.protect.plan_file import dump_plan
from anping.protect.pseudonym import alphabet, reversible
from anping.protect.pseudonym.ff1 import Ff1
from anping.protect.pseudonym.formatted import FormatCipher, pseudonyms

KEYS = KeyRing({"person": b"k" * 32, "other": b"o" * 32, "short": b"s"})
DIGITS = "0123456789abcdefghijklmnopqrstuvwxyz"
K128 = "2B7E151628AED2A6ABF7158809CF4F3C"
K192 = K128 + "EF4359D8D580AA4F"
K256 = K192 + "7F036D6F04FC6A94"
TWEAK_10, TWEAK_36 = "39383736353433323130", "3737373770717273373737"

# NIST, Cryptographic Standards and Guidelines, "FF1 samples" to SP 800-38G: samples 1 to 9.
SAMPLES = [
    (K128, 10, "", "0123456789", "2433477484"),
    (K128, 10, TWEAK_10, "0123456789", "6124200773"),
    (K128, 36, TWEAK_36, "0123456789abcdefghi", "a9tv40mll9kdu509eum"),
    (K192, 10, "", "0123456789", "2830668132"),
    (K192, 10, TWEAK_10, "0123456789", "2496655549"),
    (K192, 36, TWEAK_36, "0123456789abcdefghi", "xbj3kv35jrawxv32ysr"),
    (K256, 10, "", "0123456789", "6657667009"),
    (K256, 10, TWEAK_10, "0123456789", "1001623463"),
    (K256, 36, TWEAK_36, "0123456789abcdefghi", "xs8a0azh2avyalyzuwd"),
]


@pytest.mark.parametrize("sample", SAMPLES)
def test_ff1_gives_the_samples_of_nist(sample: tuple[str, int, str, str, str]) -> None:
    key, radix, tweak, plain, sealed = sample
    cipher = Ff1(bytes.fromhex(key), radix, len(plain), bytes.fromhex(tweak))
    numbers = np.array([int(plain, radix)], object)
    made = cipher.encrypt(numbers)
    assert int(made[0]) == int(sealed, radix)
    assert int(cipher.decrypt(made)[0]) == int(plain, radix)


@settings(deadline=None)
@given(
    st.integers(2, 2**16).flatmap(
        lambda radix: st.tuples(
            st.just(radix), st.integers(2, 40).filter(lambda n: radix**n >= 10**6)
        )
    ),
    st.lists(st.integers(0, 2**600), min_size=1, max_size=5),
    st.binary(max_size=20),
)
def test_ff1_is_a_permutation_that_comes_back(
    shape: tuple[int, int], drawn: list[int], tweak: bytes
) -> None:
    cipher = Ff1(b"k" * 32, *shape, tweak)
    numbers = np.array([each % cipher.domain for each in drawn], object)
    made = cipher.encrypt(numbers)
    assert all(0 <= int(each) < cipher.domain for each in made)
    assert [int(each) for each in cipher.decrypt(made)] == list(numbers)
    assert len({int(each) for each in made}) == len(set(numbers.tolist()))


@pytest.mark.parametrize(
    ("radix", "length"), [(10, 5), (1, 30), (2**16 + 1, 4), (2, 19), (10**6, 1)]
)
def test_ff1_refuses_small_domains_and_odd_radixes(radix: int, length: int) -> None:
    with pytest.raises(ValueError, match="FF1 takes"):
        Ff1(b"k" * 16, radix, length)


@given(st.lists(st.from_regex(r"[A-Z][12][0-9]{8}", fullmatch=True), min_size=1, max_size=9))
def test_a_national_id_stays_a_letter_and_nine_digits(values: list[str]) -> None:
    made = pseudonyms(values, KEYS, key="person")
    assert all(token is not None and re.fullmatch("[A-Z][0-9]{9}", token) for token in made)
    assert len(set(made)) == len(set(values))
    assert reidentify_formatted(made, KEYS, key="person") == values


@given(st.lists(st.none() | st.from_regex(r"[0-9A-Za-z/-]{9,40}", fullmatch=True), max_size=6))
def test_every_character_keeps_its_kind_and_separators_their_place(
    values: list[str | None],
) -> None:
    cipher = FormatCipher(b"k" * 32)
    values = [value for value in values if value is None or cipher.fits(value)]
    made = pseudonyms(values, KEYS, key="person", normalisation="exact")
    for value, token in zip(values, made, strict=True):
        assert (value is None) == (token is None)
        if value is not None and token is not None:
            assert cipher.format_of(token) == cipher.format_of(value)
    assert reidentify_formatted(made, KEYS, key="person") == values


def test_an_alphabet_of_its_own_is_plain_ff1_in_its_radix() -> None:
    letters = "甲乙丙丁戊己庚辛壬癸"
    (made,) = pseudonyms(["癸壬辛庚甲甲甲"], KEYS, key="person", alphabet=letters)
    assert made is not None
    assert set(made) <= set(letters)
    back = reidentify_formatted([made], KEYS, key="person", alphabet=letters)
    assert back == ["癸壬辛庚甲甲甲"]
    digits = pseudonyms(["9876000"], KEYS, key="person", alphabet="0123456789")
    assert digits == [made.translate({ord(mark): str(at) for at, mark in enumerate(letters)})]


def test_one_person_written_four_ways_is_one_pseudonym_and_keys_differ() -> None:
    ways = ["A123456789", "a123456789", "Ａ１２３４５６７８９", " A123-456 789 "]
    made = pseudonyms(ways, KEYS, key="person")
    assert len(set(made)) == 1
    assert pseudonyms(ways, KEYS, key="other") != made
    assert reidentify_formatted(made[:1], KEYS, key="other") != ["A123456789"]
    with pytest.raises(KeyStoreError):
        pseudonyms(ways, KEYS, key="short")


@pytest.mark.parametrize("value", ["12345", "王小明0912345678", "AB12", "a😀123456789"])
def test_a_value_without_a_fit_format_is_refused_by_row(value: str) -> None:
    with pytest.raises(InputError) as caught:
        pseudonyms(["A123456789", value], KEYS, key="person")
    assert caught.value.code == "pseudonym.format"
    assert caught.value.where.row == 2
    assert value not in str(caught.value)


def test_an_alphabet_has_each_character_once() -> None:
    for letters in ("a", "aa"):
        with pytest.raises(ParameterError):
            FormatCipher(b"k" * 32, letters)


_PLAN = """
plan: 1
privacy_unit: id
columns:
  id: {do: pseudonym, method: ff1, key: person}
  kept: {do: keep}
"""


def test_a_plan_makes_pseudonyms_of_the_same_format_and_tells_it() -> None:
    ids = [f"A1{number:08d}" for number in range(300)] + [None]
    table = Table.of(pa.table({"id": ids, "kept": list(range(301))}))
    plan = parse_plan(_PLAN)
    done = protect(table, plan, keys=KEYS, settings=Settings(seed=1))
    made = dict(zip(done.table["kept"].to_pylist(), done.table["id"].to_pylist(), strict=True))
    assert [made[row] for row in range(301)] == pseudonyms(ids, KEYS, key="person")
    (operation,) = [each for each in done.operations if each.column == "id"]
    assert "format-preserving" in operation.technique
    assert any("FF1" in limit.en for limit in done.limits)
    assert parse_plan(dump_plan(plan)) == plan


def test_a_plan_refuses_a_column_with_other_formats_before_anything_is_made() -> None:
    table = Table.of(pa.table({"id": ["A123456789", "1-2", "1-2"], "kept": [1, 2, 3]}))
    with pytest.raises(PlanError) as caught:
        protect(table, parse_plan(_PLAN), keys=KEYS)
    assert caught.value.code == "plan.ff1-format"
    assert "2 cells" in str(caught.value)


@pytest.mark.parametrize(
    "entry",
    [
        "{do: pseudonym, alphabet: abc}",
        "{do: pseudonym, method: ff1, alphabet: abca}",
        "{do: pseudonym, method: ff3}",
    ],
)
def test_a_plan_refuses_an_alphabet_that_means_nothing(entry: str) -> None:
    with pytest.raises(PlanError):
        parse_plan(f"plan: 1\ncolumns:\n  id: {entry}\n")


def test_the_cipher_travels_and_never_shows_its_key() -> None:
    cipher = FormatCipher(b"k" * 32)
    assert pickle.loads(pickle.dumps(cipher)) == cipher
    assert "kkk" not in repr(cipher)
    assert "kkk" not in repr(Ff1(b"k" * 16, 10, 8))


# RFC 5297, appendix A.1 and A.2.
_SIV_1 = {
    "key": "fffefdfcfbfaf9f8f7f6f5f4f3f2f1f0f0f1f2f3f4f5f6f7f8f9fafbfcfdfeff",
    "data": ["101112131415161718191a1b1c1d1e1f2021222324252627"],
    "plain": "112233445566778899aabbccddee",
    "sealed": "85632d07c6e8f37f950acd320a2ecc9340c02b9690c4dc04daef7f6afe5c",
}
_SIV_2 = {
    "key": "7f7e7d7c7b7a79787776757473727170404142434445464748494a4b4c4d4e4f",
    "data": [
        "00112233445566778899aabbccddeeffdeaddadadeaddadaffeeddccbbaa99887766554433221100",
        "102030405060708090a0",
        "09f911029d74e35bd84156c5635688c0",
    ],
    "plain": "7468697320697320736f6d6520706c61696e7465787420746f20656e63727970"
    "74207573696e67205349562d414553",
    "sealed": "7bdb6e3b432667eb06f4d14bff2fbd0fcb900f2fddbe404326601965c889bf17"
    "dba77ceb094fa663b7a3f748ba8af829ea64ad544a272e9c485b62a3fd5c0d",
}


@pytest.mark.parametrize("vector", [_SIV_1, _SIV_2])
def test_aes_siv_gives_the_vectors_of_rfc_5297(vector: dict[str, object]) -> None:
    data = [bytes.fromhex(each) for each in vector["data"]]  # type: ignore[attr-defined]
    key, plain, sealed = (bytes.fromhex(str(vector[name])) for name in ("key", "plain", "sealed"))
    assert AESSIV(key).encrypt(plain, data) == sealed
    assert AESSIV(key).decrypt(sealed, data) == plain


def test_a_reversible_pseudonym_is_aes_siv_of_the_padded_value() -> None:
    secret = reversible.derived(KEYS, "person")
    (token,) = reversible.pseudonyms(["A123456789"], KEYS, key="person")
    assert token is not None
    context = [b"anping/aes-siv/v1", b"person"]
    opened = AESSIV(secret).decrypt(alphabet.decode(token), context)
    assert opened == b"A123456789" + bytes([6]) * 6
