"""Identifiers that are left in a release are found by the sieve exactly where all would find them."""

from __future__ import annotations

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from anping.core.measure import find
from anping.engine.table import Table
from anping.protect import left as left_room
from anping.protect import parse_plan, protect
from anping.protect.known import dictionary_from
from anping.protect.left import suspects

VALUES = st.sampled_from(
    ["王小明", "歐陽娜娜", "陳大文", "0912-345-678", "(02) 2345-6789#12", "+886 912345678", "A123456789",
     "a123456789", "abcde", "John Smith", "100臺北市中正區忠孝東路一段1號", "台北市大安區仁愛路四段２號３樓",
     "MR-00123", "１２３４５６７", "地址二段", "x@y.tw", "臺北市", None, "", "1"]
)  # fmt: skip
PIECES = st.sampled_from(
    ["王先生", "小明同學", "王小明", "0912345678", "886912345678", "A123456789", "大安區仁愛路4段2號3樓",
     "仁愛路四段2號3樓", "中正區忠孝東路1段1號", "mr00123", "1234567", "ABCDE", "smith", "X@Y.TW", "歐陽小姐",
     "地址2段", "1", "無", " ", "-", "臺北市"]
)  # fmt: skip


@settings(deadline=None)
@given(
    st.lists(VALUES, max_size=6), st.lists(st.lists(PIECES, max_size=4).map("".join), max_size=5)
)
def test_the_sieve_loses_no_identifier_that_stands_in_a_text(
    values: list[str | None], texts: list[str]
) -> None:
    table = Table.of(pa.table({"id": pa.array(values, pa.string())}))
    every = dictionary_from(values)
    sieved = dictionary_from(suspects(table, ["id"], texts))
    assert [bool(every.find(text)) for text in texts] == [bool(sieved.find(text)) for text in texts]


def test_the_sieve_drops_what_stands_nowhere() -> None:
    ids = Table.of(pa.table({"id": [f"A{n:09d}" for n in range(1_000)]}))
    found = suspects(ids, ["id"], ["無", "A000000917號"])
    assert found == ["A000000000", "A000000009", "A000000091", "A000000917"]
    assert suspects(ids, ["id"], []) == []


def test_of_too_many_texts_a_sample_is_looked_at_and_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(left_room, "MOST_TEXTS", 10)
    table = pa.table({"name": ["王小明"] * 40, "memo": [f"找王小明{n}" for n in range(40)]})
    done = protect(
        Table.of(table), parse_plan("plan: 1\ncolumns: {name: {do: drop}, memo: {do: keep}}")
    )
    measure = find(done.measures, "deid.identifiers_left", "memo")
    assert measure is not None
    assert (measure.value, measure.n) == (10, 10)
    assert "10 of 40" in measure.method
