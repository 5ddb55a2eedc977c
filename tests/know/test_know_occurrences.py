"""Every cell counts: what few cells of a column are, and what a sample may miss."""

from __future__ import annotations

import random
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from anping.core.measure import find
from anping.engine.table import Table
from anping.know.discover import table_values as looking
from anping.know.discover.array_tests import ARRAY_TESTS, IPV4
from anping.know.discover.occurrences import OCCURRING, listed, occurrences, occurring
from anping.know.discover.table_values import FilledCells, table_values
from anping.know.inside import missable
from anping.know.scan import scan
from know.conftest import national_id

ALIKE = (
    r"[A-Za-z][12][0-9]{8}|[A-Z][89A-D][0-9]{8}|[a-z]{1,4}@[a-z]{1,4}\.[a-z]{2,3}|09[0-9]{8}"
    r"|\(?0[2-8]\)?[0-9]{3,4}-?[0-9]{4}|([0-9]{1,3}\.){3}[0-9]{1,3}|[0-9]{3}-[0-9]{2}-[0-9]{4}"
    r"|[2-6][0-9]{3}([ -]?[0-9]{4}){3}|/[0-9A-Z.+-]{7}|[A-Z]{2}[0-9]{14}"
    r"|([0-9A-F]{2}:){5}[0-9A-F]{2}|王小明|.{0,12}"
)


@settings(max_examples=80, deadline=None)
@given(st.lists(st.none() | st.from_regex(ALIKE, fullmatch=True), max_size=30))
def test_a_glance_rules_out_nothing_that_the_test_passes(cells: list[str | None]) -> None:
    texts = pa.array(cells, pa.string())
    counts = occurrences(texts, None)
    for kind in OCCURRING:
        test = IPV4 if kind == "IP_ADDRESS" else ARRAY_TESTS[kind]
        assert counts[f"{kind}/passed"] == int(test(texts).sum()), kind
    weights = np.arange(len(cells), dtype=np.int64)
    weighed = occurrences(texts, weights)
    assert set(+weighed) <= set(counts)


def test_chance_explains_what_random_digits_pass() -> None:
    draw = random.Random(2)
    made = {"A1" + "".join(draw.choices("0123456789", k=8)): 1 for _ in range(500)}
    assert listed(occurring(made)) == ()
    assert [one.type for one in listed(occurring({national_id("A12345678"): 1} | {
        national_id(f"B1{n:07d}"): 1 for n in range(20)}))] == ["TW_NATIONAL_ID"]  # fmt: skip
    assert [one.type for one in listed(occurring({"amy@mail.example": 3, "x": 997}))] == ["EMAIL"]


@pytest.fixture
def orders(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Table:
    """A table in which few cells are what their columns are not."""
    monkeypatch.setattr(looking, "FEW_VALUES", 500)
    defaults = looking.table_values.__kwdefaults__
    assert defaults is not None
    monkeypatch.setitem(defaults, "sample", 500)
    n = 6_000
    codes = [f"X-{n:06d}" for n in range(n)]
    codes[17], codes[4_000], codes[5_000] = (f"amy{k}@mail.example" for k in range(3))
    cards = [10**15 + 7 * k for k in range(n)]
    notes = [f"第 {k} 筆訂單已出貨，商品完好，謝謝惠顧。" for k in range(n)]
    notes[3_333] = "收件人電話 0912345678，請先聯絡再配送，謝謝。"
    body = {"code": codes, "number": cards, "note": notes, "day": ["2024-01-02"] * n}
    pq.write_table(pa.table(body), tmp_path / "orders.parquet", row_group_size=900)
    return Table.open(tmp_path / "orders.parquet")


def test_full_finds_what_a_sample_may_miss_and_says_how_much(orders: Table) -> None:
    known = scan(orders, full=True)
    inside = {(one.column, one.type): one for one in known.inside}
    strays = inside["code", "EMAIL"]
    assert (strays.cells, strays.n, strays.where, strays.sampled) == (3, 6_000, "cells", False)
    phones = inside["note", "PHONE"]
    assert (phones.cells, phones.n, phones.where) == (1, 6_000, "texts")
    assert find(known.measures, "discovery.missable") is None
    assert find(known.measures, "discovery.cells") is None, "too few to stay in evidence"
    sampled = find(scan(orders).measures, "discovery.missable")
    assert sampled is not None
    assert sampled.value == pytest.approx(1 - 0.05 ** (1 / sampled.n))
    assert missable(100, 100) is None


def test_the_full_pass_counts_what_single_cells_are(orders: Table) -> None:
    column = {values.name: values for values in table_values(orders, full=True)}["code"]
    assert column.occurring[1] == 6_000
    batch = orders.arrow(["code"]).combine_chunks().to_batches()[0]
    told = FilledCells(("code",), full=True)(batch).to_pylist()
    assert {row["key"]: row["count"] for row in told}["EMAIL/passed"] == 3
