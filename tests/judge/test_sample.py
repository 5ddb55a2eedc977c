from collections import Counter
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from anping.engine.table import Table
from anping.judge.sample import Draw, sampled


def tables(who: list[str | None]) -> tuple[Table, Table, pa.Table]:
    rows = len(who)
    raw = pa.table({"who": pa.array(who, pa.string()), "n": range(rows), "rest": range(rows)})
    origin = np.random.default_rng(3).permutation(rows)[: rows - rows // 4]
    links = pa.table({"protected_row": range(origin.size), "raw_row": origin})
    return Table.of(raw), Table.of(pa.table({"n": origin})), links


@settings(max_examples=60, deadline=None)
@given(
    who=st.lists(st.sampled_from(["a", "b", "c", "d", "e", "", None]), min_size=1, max_size=60),
    rows=st.integers(1, 40),
    seed=st.integers(0, 5),
)
def test_people_are_drawn_whole_and_links_stay_true(
    who: list[str | None], rows: int, seed: int
) -> None:
    raw, protected, links = tables(who)
    draw = Draw(rows, seed, ["n"])
    found = sampled(raw, protected, links=links, person="who", draw=draw)
    assert found.whole == (len(who) <= rows)
    numbers = found.raw.column("n").to_pylist()
    assert numbers == found.rows.tolist() == sorted(found.rows.tolist())
    assert 0 < len(numbers) <= max(rows, len(who) if found.whole else 0)
    assert [numbers[at] for at in found.origin] == found.protected.column("n").to_pylist()
    kept = set(numbers)
    expected = [n for n in protected.column("n").to_pylist() if n in kept]
    assert found.protected.column("n").to_pylist() == expected
    assert found.people is not None
    assert found.people.to_pylist() == [who[n] for n in numbers]
    sizes = Counter(name for name in who if name)
    if max(sizes.values(), default=0) <= rows:
        for name, count in Counter(who[n] for n in numbers if who[n]).items():
            assert count == sizes[name]


def test_how_the_table_is_stored_makes_no_difference(tmp_path: Path) -> None:
    raw, protected, links = tables([f"p{at % 700}" for at in range(2000)])
    pq.write_table(raw.source, tmp_path / "raw.parquet", row_group_size=77)
    draw = Draw(300, 1, raw.columns)
    one = sampled(raw, protected, links=links, person="who", draw=draw)
    two = sampled(
        Table.open(tmp_path / "raw.parquet"), protected, links=links, person="who", draw=draw
    )
    keys = raw.column("who").to_pylist()
    three = sampled(raw, protected, links=links, person=keys, draw=draw)
    assert one.raw.arrow().equals(two.raw.arrow())
    assert np.array_equal(one.origin, two.origin)
    assert np.array_equal(one.rows, three.rows)
    other = sampled(raw, protected, links=links, person="who", draw=Draw(300, 2, raw.columns))
    assert not np.array_equal(one.rows, other.rows)


def test_a_sample_is_of_the_size_asked_for_and_even() -> None:
    raw, protected, links = tables([None] * 20_000)
    found = sampled(raw, protected, links=links, person=None, draw=Draw(4000, 9, ["n"]))
    assert found.rows.size == 4000
    assert found.people is None
    assert found.rows.mean() == pytest.approx(10_000, rel=0.05)
