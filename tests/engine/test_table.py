from __future__ import annotations

from pathlib import Path

import pyarrow as pa
import pytest

from anping.core.errors import SchemaError
from anping.engine.table import Table
from anping.engine.write import write_parquet

COLUMNS = pa.table({"a": [1, 2, 3], "年齡": ["x", "y", None]})


@pytest.fixture(params=["memory", "parquet"])
def table(request: pytest.FixtureRequest, tmp_path: Path) -> Table:
    if request.param == "memory":
        return Table.of(COLUMNS)
    write_parquet(COLUMNS, tmp_path / "t.parquet")
    return Table.open(tmp_path / "t.parquet")


def test_shape(table: Table) -> None:
    assert (table.rows, table.columns) == (3, ("a", "年齡"))
    assert [(field.name, field.type) for field in table.fields] == [
        ("a", "int64"),
        ("年齡", "string"),
    ]


def test_columns_come_in_the_order_asked_for(table: Table) -> None:
    assert table.arrow(["年齡", "a"]).column_names == ["年齡", "a"]
    assert table.arrow().equals(COLUMNS)
    assert table.column("a").to_pylist() == [1, 2, 3]


def test_batches(table: Table) -> None:
    batches = list(table.batches(["年齡", "a"], size=2))

    assert [batch.num_rows for batch in batches] == [2, 1]
    assert batches[0].schema.names == ["年齡", "a"]


def test_a_missing_column_names_the_nearest(table: Table) -> None:
    with pytest.raises(SchemaError) as caught:
        table.arrow(["年紀", "a"])

    assert caught.value.code == "schema.missing-column"
    assert caught.value.where.column == "年紀"
    assert "年齡" in caught.value.hint.zh


def test_where_no_name_is_near_the_columns_are_told_and_how_many_more() -> None:
    many = pa.table({f"欄{number}": [1] for number in range(13)})
    with pytest.raises(SchemaError) as caught:
        Table(many).arrow(["target"])
    hint = caught.value.hint
    assert hint is not None
    assert "Did you mean" not in hint.en
    assert hint.en.endswith("and 3 more")
    assert hint.zh.endswith("另外 3 欄")
