from __future__ import annotations

from datetime import date
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from anping.engine.aggregate import frequencies
from anping.engine.codes import hashes
from anping.engine.table import Table
from anping.engine.write import write_parquet

texts = st.lists(st.none() | st.text(max_size=20), max_size=30)


@settings(deadline=None)
@given(texts, st.integers(0, 10))
def test_equal_texts_have_equal_hashes_and_others_do_not(
    values: list[str | None], start: int
) -> None:
    made = hashes(pa.array(values, pa.string()).slice(start)).tolist()
    alone = [hashes(pa.array([value], pa.string())).tolist()[0] for value in values[start:]]
    assert made == alone
    assert len(set(made)) == len(set(values[start:]))
    assert [code == 0 for code in made] == [value is None for value in values[start:]]


@pytest.mark.parametrize(
    ("values", "kind"),
    [
        ([1, 2, -1, None], pa.int64()),
        ([1.5, -0.0, None, float("inf")], pa.float64()),
        ([date(2020, 1, 1), date(1900, 1, 1), None], pa.date32()),
        ([True, False, None], pa.bool_()),
        ([["a"], ["b"], None], pa.list_(pa.string())),
        (["a", "b", None], pa.dictionary(pa.int32(), pa.string())),
        (["a", "b", None], pa.large_string()),
    ],
)
def test_every_type_is_hashed(values: list[Any], kind: pa.DataType) -> None:
    made = hashes(pa.array([*values, *values], kind)).tolist()
    assert made[: len(values)] == made[len(values) :]
    assert len(set(made)) == len(values)
    assert [code == 0 for code in made[: len(values)]] == [value is None for value in values]


def test_zeros_are_equal_and_not_a_number_is_missing() -> None:
    made = hashes(pa.array([0.0, -0.0, float("nan")]))
    assert made[0] == made[1] != 0
    assert made[2] == 0


def _cells(kind: pa.DataType) -> st.SearchStrategy[Any]:
    of = {
        pa.int32(): st.integers(-3, 3) | st.sampled_from([-(2**31), 2**31 - 1]),
        pa.int64(): st.integers(-3, 3) | st.sampled_from([-(2**63), 2**63 - 1]),
        pa.string(): st.text("aéb臺", max_size=2),
        pa.date32(): st.dates(date(1899, 12, 30), date(1900, 1, 3)),
    }
    return of[kind]


@pytest.mark.parametrize(
    "kinds", [[pa.string()], [pa.date32()], [pa.int32()], [pa.int64(), pa.int32()]]
)
@pytest.mark.parametrize("missing", [st.nothing(), st.none()], ids=["full", "missing"])
def test_counting_in_memory_is_counting_by_duckdb(
    kinds: list[pa.DataType],
    missing: st.SearchStrategy[None],
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    path = tmp_path_factory.mktemp("counts") / "t.parquet"

    @settings(max_examples=15, deadline=None)
    @given(st.data())
    def equal(data: st.DataObject) -> None:
        rows = data.draw(st.integers(0, 12))
        columns = {
            f"c{i}": pa.array(
                data.draw(
                    st.lists(_cells(kind) | missing,
                             min_size=rows, max_size=rows)
                ), kind)
            for i, kind in enumerate(kinds)
        }  # fmt: skip
        table = pa.table(columns)
        write_parquet(table, path)
        memory, file = (
            frequencies(each, list(columns)) for each in (Table.of(table), Table.open(path))
        )
        assert memory.to_pylist() == file.to_pylist()
        assert memory.schema == file.schema

    equal()
