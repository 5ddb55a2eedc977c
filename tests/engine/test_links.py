import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from anping.core.errors import ParameterError, SchemaError
from anping.engine.links import raw_rows
from anping.engine.table import Table

pairs = st.lists(st.tuples(st.integers(-1, 6), st.integers(-1, 8)), max_size=7)


@settings(max_examples=150, deadline=None)
@given(found=pairs | st.permutations(range(5)).map(lambda p: list(enumerate(p))))
def test_links_name_every_row_once_or_are_refused(
    tmp_path_factory: pytest.TempPathFactory, found: list[tuple[int, int]]
) -> None:
    rows, origins = ([pair[side] for pair in found] for side in (0, 1))
    links = pa.table(
        {"protected_row": pa.array(rows, pa.int64()), "raw_row": pa.array(origins, pa.int64())}
    )
    path = tmp_path_factory.mktemp("l") / "links.parquet"
    pq.write_table(links, path, row_group_size=2)
    whole = sorted(rows) == list(range(5)) and all(0 <= origin < 8 for origin in origins)
    for given_links in (links, Table.open(path)):
        if not whole:
            with pytest.raises(ParameterError, match=r"links\.incomplete"):
                raw_rows(given_links, protected=5, raw=8)
        else:
            origin = raw_rows(given_links, protected=5, raw=8)
            assert dict(enumerate(origin.tolist())) == dict(found)


def test_links_without_rows_columns_or_values() -> None:
    empty = pa.table(
        {"protected_row": pa.array([], pa.int64()), "raw_row": pa.array([], pa.int64())}
    )
    assert raw_rows(empty, protected=0, raw=0).dtype == np.int64
    with pytest.raises(SchemaError):
        raw_rows(pa.table({"protected_row": [0]}), protected=1, raw=1)
    with pytest.raises(ParameterError, match=r"links\.incomplete"):
        raw_rows(pa.table({"protected_row": [0], "raw_row": [None]}), protected=1, raw=1)
