"""Arrays are judged as cells are judged one by one."""

from __future__ import annotations

from collections import Counter

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from anping.core.taiwan import divisions, locate
from anping.know.discover.array_tests import named_part, place_part
from anping.know.discover.tally import tallied, tally
from anping.know.discover.written import is_null_word, written, written_text
from anping.know.shapes import Shapes, shape, shapes
from anping.know.validity import passes, validator_of
from know.conftest import national_id

DIGITS = "0123456789"
FORMS = {
    "TW_NATIONAL_ID": r"[A-Za-z][12][0-9]{8}",
    "TW_RESIDENT_ID": r"[A-Za-z][89A-Da-d][0-9]{8}",
    "TW_DRIVER_LICENSE": r"[A-Z][12][0-9]{8}",
    "TW_PASSPORT": r"[0-9]{8,10}",
    "TW_NHI_CARD": r"[0-9]{11,12}",
    "TW_CITIZEN_CERTIFICATE": r"[A-Z]{2}[0-9]{14}",
    "TW_BUSINESS_ID": r"[0-9]{6}[07][0-9]",
    "US_SSN": r"(000|666|9[0-9]{2}|[0-8][0-9]{2})-[0-9]{2}-(0000|[0-9]{4})",
    "CREDIT_CARD": r"(4[0-9]{3}|3[47][0-9]{2}|30[0-5][0-9]|6011)[ -]?[0-9]{4}[ -]?[0-9]{4}[ -]?[0-9]{2,4}",
    "EMAIL": r"[a-z.+]{1,5}@([a-z-]{1,5}\.){1,2}[a-z]{1,3}",
    "PHONE": r"(\+886|00886|886|0|\+)? ?[(]?[0-9]{1,2}[)]?[ -]?[0-9]{3,4}-?[0-9]{3,5}( ?#[0-9]{1,3})?",
    "IP_ADDRESS": r"([0-9]{1,3}\.){3}[0-9]{1,3}|(([0-9a-f]{1,4}:){1,7}:?)[0-9a-f]{1,4}|::1",
    "MAC_ADDRESS": r"([0-9A-Fa-f]{2}[:-]){5}[0-9A-Fa-f]{2}|([0-9a-f]{4}\.){2}[0-9a-f]{4}",
    "VEHICLE_PLATE": r"[A-Za-z]{2,3}-?[0-9]{3,4}|[0-9]{3,4}-?[A-Za-z0-9]{2,3}",
    "EINVOICE_CARRIER": r"/[0-9A-Za-z.+-]{7}",
    "DATE": r"(19|20|0?)[0-9]{2}[-/.][0-9]{1,2}[-/.][0-9]{1,2}([ T][0-9]{2}:[0-9]{2})?",
    "DATE_OF_BIRTH": r"(民國)?[0-9]{2,4}年[0-9]{1,2}月[0-9]{1,2}日",
    "AGE": r"[0-9]{1,4}(\.[0-9]{1,2})?",
    "GENDER": r"[男女MmFf]|male|Female",
}
ANYTHING = st.text(st.sampled_from("0129 Aa-./:@#+年男ſıﬁ１Ａ　臺台北"), max_size=12)
PLACES = st.sampled_from(
    [part for each in divisions()[::9] for part in (each.county, each.county + each.township)]
)
ADDRESSES = st.builds(
    "{}{}{}{}".format,
    st.text("0123-", max_size=6) | st.sampled_from([d.postal_code for d in divisions()[::9]]),
    st.sampled_from(["", " ", "台", "x"]),
    PLACES,
    st.text("大安區路1 號-", max_size=10),
)


@pytest.mark.parametrize("kind", [*FORMS, "ADDRESS_PART"])
@settings(max_examples=60, deadline=None)
@given(data=st.data())
def test_validators_agree_cell_by_cell(kind: str, data: st.DataObject) -> None:
    cells = st.none() | ANYTHING | st.from_regex(FORMS.get(kind, "[0-9]{3,5}"), fullmatch=True)
    texts = data.draw(st.lists(cells, max_size=30))
    valid = validator_of(kind)
    assert valid is not None
    assert passes(kind, pa.array(texts, pa.string())).tolist() == [
        text is not None and valid(text) for text in texts
    ]


def test_checksums_pass_and_fail_by_one_digit() -> None:
    right = [national_id(f"{letter}1{n:07d}") for n, letter in enumerate("ABCIOWXYZ")]
    wrong = [text[:9] + DIGITS[(int(text[9]) + 1) % 10] for text in right]
    assert passes("TW_NATIONAL_ID", pa.array(right)).all()
    assert not passes("TW_NATIONAL_ID", pa.array(wrong)).any()


@settings(max_examples=200, deadline=None)
@given(st.lists(st.none() | ADDRESSES | ANYTHING, max_size=20))
def test_the_part_of_an_address_that_names_a_place_says_where_it_lies(
    texts: list[str | None],
) -> None:
    array = pa.array(texts, pa.string())
    known = [None if text is None else locate(text) for text in texts]
    assert [None if p is None else locate(p) for p in place_part(array).to_pylist()] == known
    bare = [None if text is None else locate(text.lstrip("0123456789- ")) for text in texts]
    assert [None if p is None else locate(p) for p in named_part(array).to_pylist()] == bare
    assert passes("ADDRESS_FULL", array).tolist() == [each is not None for each in known]


@settings(max_examples=200, deadline=None)
@given(
    st.lists(
        st.none() | ANYTHING | st.text(max_size=30) | st.sampled_from(["N/A", " ＮＡ ", "䷀字"])
    ),
    st.integers(0, 3),
)
def test_cells_are_written_and_shaped_as_one_by_one(texts: list[str | None], skip: int) -> None:
    cells = pa.array(texts, pa.string()).slice(skip)
    one_by_one = [None if text is None else written_text(text) for text in texts[skip:]]
    known = [None if text is None or is_null_word(text) else text for text in one_by_one]
    array = written(cells)
    assert array.to_pylist() == known
    assert shapes(array).to_pylist() == [None if t is None else shape(t) for t in known]
    assert written(cells.dictionary_encode()).to_pylist() == known


def test_other_types_are_written_as_text() -> None:
    assert written(pa.array([1.0, 1.5, None, float("nan")])).to_pylist() == ["1", "1.5", None, None]
    assert written(pa.array([True, None])).to_pylist() == ["True", None]
    assert written(pa.array([7, None])).to_pylist() == ["7", None]
    assert written(pa.array([[1], None])).to_pylist() == ["[1]", None]
    assert written(pa.array([10_000_000], pa.date32())).to_pylist() == ["29349-01-26"]


def test_tallies_add_up_whatever_the_batches() -> None:
    table = pa.table({"a": ["A1", "b22", None, "N/A"], "b": ["王五", "王五", "王", "x"]})
    for size in (1, 3, 4):
        batches = map(Shapes(("a", "b")), table.to_batches(max_chunksize=size))
        assert tallied(batches) == {
            0: Counter({"A9": 1, "A99": 1}),
            1: Counter({"字字": 2, "字": 1, "A": 1}),
        }
    assert tally({}).num_rows == 0
