"""Texts held as codes give the same codes, hashes and values as texts that are spelled out."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from anping.engine.coded import as_met
from anping.engine.codes import encode
from anping.engine.table import Table
from anping.engine.text_hashes import text_hash, text_hashes
from anping.engine.write import write_parquet

CELLS = st.lists(
    st.one_of(st.none(), st.sampled_from(["", "甲", "乙方", "abc", "a" * 20])), max_size=40
)


@settings(max_examples=50, deadline=None)
@given(few=CELLS, ordered=st.booleans())
def test_codes_of_a_file_are_those_of_memory(
    tmp_path_factory: pytest.TempPathFactory, few: list[str | None], *, ordered: bool
) -> None:
    # Enough rows for the cells to be shorter as codes than as texts.
    cells = pa.array(few * 50, pa.string())
    ids = pa.array([f"number {place:06d}" for place in range(len(cells))], pa.string())
    table = Table.of(pa.table({"few": cells, "ids": ids}))
    path = tmp_path_factory.mktemp("coded") / "table.parquet"
    write_parquet(table, path)
    for name in table.columns:
        here, there = (encode(each, name, ordered=ordered) for each in (table, Table.open(path)))
        assert here.values.equals(there.values)
        assert np.array_equal(here.codes, there.codes)


def test_only_texts_that_repeat_come_as_codes(tmp_path: Path) -> None:
    rows = 3_000
    texts = {
        "few": pa.array(["甲", "乙", None] * (rows // 3)),
        "many": pa.array([f"number {place:06d}" for place in range(rows)]),
        "number": pa.array(range(rows)),
    }
    path = tmp_path / "table.parquet"
    write_parquet(Table.of(pa.table(texts)), path)
    table = Table.open(path)
    (batch,) = table.batches(coded=True)
    coded = [name for name, column in zip(texts, batch.columns, strict=True)
             if pa.types.is_dictionary(column.type)]  # fmt: skip
    assert coded == ["few"]
    (plain,) = table.batches()
    assert plain.schema.equals(table.schema)
    assert batch.column("few").cast(pa.string()).equals(plain.column("few"))


def test_values_that_no_cell_holds_are_left_out() -> None:
    cells = pa.DictionaryArray.from_arrays(
        pa.array([2, None, 0, 2], pa.int32()), pa.array(["a", "never", "c"])
    )
    met = as_met(cells)
    assert met is not None
    assert met.dictionary.to_pylist() == ["c", "a"]
    assert met.to_pylist() == cells.to_pylist()
    doubled = pa.DictionaryArray.from_arrays(pa.array([0, 1], pa.int32()), pa.array(["a", "a"]))
    assert as_met(doubled) is None


@given(st.lists(st.text(max_size=20), max_size=30), st.integers(0, 9))
@example(["", "\x01"], 0)
@example(["\x02", "\x01\x00"], 0)
def test_hashes_depend_on_the_text_alone(texts: list[str], length: int) -> None:
    fixed = [text[:1].rjust(length, "x") for text in texts if text[:1].isascii()]
    for cells in (texts, fixed):
        alone = [text_hash(pa.array([cell], pa.string()))[0] for cell in cells]
        whole = pa.array(["before", *cells], pa.string()).slice(1)
        assert text_hash(whole).tolist() == alone
        one, other = text_hashes(whole)
        assert one.tolist() == alone
        distinct = len(set(cells))
        assert len(set(other.tolist())) == len(set(alone)) == distinct
