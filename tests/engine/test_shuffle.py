from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from itertools import permutations
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from anping.engine import shuffle
from anping.engine.shuffle import shuffled

SCHEMA = pa.schema([("n", pa.int64()), ("text", pa.string())])


def batches(rows: int, size: int) -> list[pa.RecordBatch]:
    table = pa.table({"n": range(rows), "text": [f"t{n}" for n in range(rows)]}, SCHEMA)
    made: list[pa.RecordBatch] = table.to_batches(max_chunksize=size)
    return made


def order(rows: int, beside: Path | None, seed: int | None, size: int = 7) -> list[int]:
    made = shuffled(batches(rows, size), SCHEMA, rows=rows, beside=beside, seed=seed)
    found: list[int] = pa.Table.from_batches(made, SCHEMA).column("n").to_pylist()
    return found


@pytest.fixture
def small_buckets(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shuffle, "BUCKET_ROWS", 2)


@pytest.mark.usefixtures("small_buckets")
@pytest.mark.parametrize("seeds", [range(1_200), [None] * 1_200], ids=["seeded", "system"])
def test_every_order_is_equally_likely(seeds: list[int | None], tmp_path: Path) -> None:
    """Chi-square with 23 degrees of freedom: 66 is exceeded once in 200,000 runs."""
    found = Counter(tuple(order(4, tmp_path / "x", seed)) for seed in seeds)
    expected = len(seeds) / 24
    squares = sum((found[p] - expected) ** 2 / expected for p in permutations(range(4)))
    assert squares < 66


@pytest.mark.usefixtures("small_buckets")
def test_rows_stay_whole_and_all_of_them_leave_once(tmp_path: Path) -> None:
    made = pa.Table.from_batches(
        shuffled(batches(500, 33), SCHEMA, rows=500, beside=tmp_path / "x"), SCHEMA
    )
    assert sorted(made.column("n").to_pylist()) == list(range(500))
    assert made.column("text").to_pylist() == [f"t{n}" for n in made.column("n").to_pylist()]
    assert made.column("n").to_pylist() != list(range(500))
    assert not list(tmp_path.iterdir())


@settings(max_examples=20, deadline=None)
@given(rows=st.integers(0, 60), sizes=st.tuples(st.integers(1, 60), st.integers(1, 60)))
def test_a_seed_gives_one_order_however_rows_are_batched(
    rows: int, sizes: tuple[int, int], tmp_path_factory: pytest.TempPathFactory
) -> None:
    beside = tmp_path_factory.mktemp("shuffle") / "x"
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(shuffle, "BUCKET_ROWS", 8)
        one, other = (order(rows, beside, 3, size) for size in sizes)
    assert one == other


def test_few_rows_are_permuted_in_memory(tmp_path: Path) -> None:
    expected = np.random.default_rng(5).permutation(50).tolist()
    assert order(50, tmp_path / "x", 5) == order(50, None, 5) == expected


@pytest.mark.usefixtures("small_buckets")
@pytest.mark.parametrize("error", [RuntimeError, KeyboardInterrupt])
def test_nothing_is_left_when_a_batch_fails(error: type[BaseException], tmp_path: Path) -> None:
    def failing() -> Iterator[pa.RecordBatch]:
        yield from batches(20, 5)
        raise error

    with pytest.raises(error):
        list(shuffled(failing(), SCHEMA, rows=40, beside=tmp_path / "x"))
    assert not list(tmp_path.iterdir())


@pytest.mark.usefixtures("small_buckets")
def test_nothing_is_left_when_the_reader_stops(tmp_path: Path) -> None:
    rows = shuffled(batches(100, 5), SCHEMA, rows=100, beside=tmp_path / "x")
    next(rows)
    folder = next(iter(tmp_path.iterdir()))
    assert folder.stat().st_mode & 0o077 == 0
    rows.close()  # type: ignore[attr-defined]
    assert not list(tmp_path.iterdir())
