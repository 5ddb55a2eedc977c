from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from anping.core.errors import InputError, KeyStoreError
from anping.protect import KeyRing, reidentify
from anping.protect.pseudonym import alphabet, keyed, reversible
from anping.protect.pseudonym.keys import subkey
from anping.protect.pseudonym.normal import normal

KEYS = KeyRing({"person": b"k" * 32, "other": b"o" * 32, "short": b"s"})


def test_one_person_written_four_ways_is_one_pseudonym() -> None:
    ways = ["A123456789", "a123456789", "Ａ１２３４５６７８９", " A123-456 789 "]
    for module in (keyed, reversible):
        assert len(set(module.pseudonyms(ways, KEYS, key="person"))) == 1


def test_keyed_pseudonyms_are_20_unambiguous_characters_and_null_stays_null() -> None:
    made = keyed.pseudonyms(["A123456789", None, "", float("nan"), 12.0], KEYS, key="person")
    assert made[1] is made[2] is made[3] is None
    for token in (made[0], made[4]):
        assert token is not None
        assert re.fullmatch("[0-9A-HJKMNP-TV-Z]{20}", token)
    assert made[4] == keyed.pseudonyms(["12"], KEYS, key="person")[0]


def test_key_names_link_tables_or_keep_them_apart() -> None:
    one = keyed.pseudonyms(["A123456789"], KEYS, key="person")
    assert one == keyed.pseudonyms(["A123456789"], KeyRing({"person": b"k" * 32}), key="person")
    assert one != keyed.pseudonyms(["A123456789"], KEYS, key="other")
    same_secret = KeyRing({"person": b"k" * 32, "twin": b"k" * 32})
    assert one != keyed.pseudonyms(["A123456789"], same_secret, key="twin")


def test_uses_of_one_key_are_separated() -> None:
    assert subkey(KEYS, "person", use="hmac") != subkey(KEYS, "person", use="date-shift")


@given(st.lists(st.none() | st.text(max_size=60), max_size=8))
def test_reversible_pseudonyms_come_back(values: list[str | None]) -> None:
    tokens = reversible.pseudonyms(values, KEYS, key="person", normalisation="exact")
    expected = [normal(value, "exact") or None for value in values]
    assert reidentify(tokens, KEYS, key="person") == expected


@given(st.sets(st.text(st.characters(codec="ascii"), min_size=1).map(str.strip), max_size=30))
def test_exact_pseudonyms_keep_different_values_apart(values: set[str]) -> None:
    values.discard("")
    for module in (keyed, reversible):
        made = module.pseudonyms(values, KEYS, key="person", normalisation="exact")
        assert len(set(made)) == len(values)


def test_the_length_of_a_reversible_pseudonym_hides_the_length_of_the_value() -> None:
    short, longer = reversible.pseudonyms(["王明", "A123456789"], KEYS, key="person")
    assert short is not None
    assert longer is not None
    assert len(short) == len(longer)


def test_a_wrong_key_or_an_edited_pseudonym_does_not_open() -> None:
    (token,) = reversible.pseudonyms(["A123456789"], KEYS, key="person")
    assert token is not None
    with pytest.raises(KeyStoreError) as caught:
        reidentify([token], KEYS, key="other")
    assert caught.value.code == "key.does-not-open"
    edited = ("0" if token[5] != "0" else "1").join((token[:5], token[6:]))
    with pytest.raises(KeyStoreError):
        reidentify([edited], KEYS, key="person")
    keyed_token = keyed.pseudonyms(["A123456789"], KEYS, key="person")
    for malformed in (["no pseudonym!"], ["ABC"], keyed_token):
        with pytest.raises(InputError) as malformed_error:
            reidentify(malformed, KEYS, key="person")
        assert malformed_error.value.code == "pseudonym.malformed"


@pytest.mark.parametrize(("name", "code"), [("lost", "key.missing"), ("short", "key.short")])
def test_a_lost_or_short_key_is_a_key_store_error(name: str, code: str) -> None:
    for module in (keyed, reversible):
        with pytest.raises(KeyStoreError) as caught:
            module.pseudonyms(["A123456789"], KEYS, key=name)
        assert caught.value.code == code
        assert "A123456789" not in str(caught.value)


def test_a_key_ring_never_shows_its_keys() -> None:
    assert "kkk" not in repr(KEYS)


@given(st.binary(max_size=80))
def test_base32_comes_back_and_misread_letters_are_understood(content: bytes) -> None:
    text = alphabet.encode(content)
    assert not set(text) & set("ILOU")
    assert alphabet.decode(text) == content
    assert alphabet.decode(text.lower().replace("0", "o").replace("1", "l")) == content


def test_normal_form_keeps_what_carries_meaning_in_mail_addresses() -> None:
    assert normal("A.Chen-1@Mail.tw") == "A.CHEN-1@MAIL.TW"
    assert normal("(02) 1234-5678") == "0212345678"
    assert normal("1-12", "exact") != normal("11-2", "exact")
    assert normal("---") == "---"
