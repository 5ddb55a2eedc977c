"""Rows leave in a uniformly random order, however many they are: an external shuffle.

Each row is put into a bucket drawn at random, and each bucket is then permuted in memory. Every
order of all rows is equally likely (Rao 1961, Sankhyā A 23:305; Sandelius 1962, JRSS B 24:479).
"""

from __future__ import annotations

import os
import secrets
import shutil
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pyarrow as pa

#: Rows that are permuted in memory at once, about; more rows than that make buckets.
BUCKET_ROWS = 2**19
_MOST_BUCKETS = 256

Places = npt.NDArray[np.int64]
#: Gives a uniform permutation of that many rows.
Permute = Callable[[int], Places]
#: Gives that many independent uniform buckets, below a power of two of at most 256.
Draw = Callable[[int, int], npt.NDArray[np.uint8]]


def shuffled(
    batches: Iterable[pa.RecordBatch],
    schema: pa.Schema,
    *,
    rows: int,
    beside: Path | None = None,
    seed: int | None = None,
) -> Iterator[pa.RecordBatch]:
    """Yield the rows of ``batches`` in a uniformly random order.

    ``rows`` says how many there are, about: up to :data:`BUCKET_ROWS`, or without ``beside``, all
    are in memory. Else buckets are kept in a private folder beside the path ``beside``, which is
    removed whatever happens. The order comes from the operating system, or from ``seed``; with it,
    equal rows in equal order and an equal ``rows`` give an equal order, however they are batched.
    """
    permute, draw = _system() if seed is None else _seeded(seed)
    buckets = 1
    while beside is not None and buckets < _MOST_BUCKETS and rows > buckets * BUCKET_ROWS:
        buckets *= 2
    if beside is None or buckets == 1:
        yield from _permuted(pa.Table.from_batches(batches, schema), permute)
        return
    folder = beside.with_name(f".{beside.name}.{secrets.token_hex(6)}.aside")
    folder.mkdir(mode=0o700, parents=True)
    try:
        paths = [folder / str(bucket) for bucket in range(buckets)]
        _deal(batches, schema, paths, draw)
        for path in paths:
            with pa.ipc.open_stream(path) as bucket:
                held = bucket.read_all()
            path.unlink()
            yield from _permuted(held, permute)
    finally:
        shutil.rmtree(folder)


def _deal(
    batches: Iterable[pa.RecordBatch], schema: pa.Schema, paths: list[Path], draw: Draw
) -> None:
    """Write every row to the file of a bucket drawn for it."""
    with ExitStack() as stack:
        files = [stack.enter_context(pa.ipc.new_stream(os.fspath(path), schema)) for path in paths]
        for batch in batches:
            bucket_of = draw(batch.num_rows, len(paths))
            order = np.argsort(bucket_of, kind="stable")
            ends = np.cumsum(np.bincount(bucket_of, minlength=len(paths)))
            dealt = batch.take(pa.array(order))
            for file, end, size in zip(files, ends, np.diff(ends, prepend=0), strict=True):
                if size:
                    file.write_batch(dealt.slice(int(end - size), int(size)))


def _permuted(held: pa.Table, permute: Permute) -> Iterator[pa.RecordBatch]:
    if held.num_rows:
        yield from held.take(pa.array(permute(held.num_rows))).to_batches()


def _system() -> tuple[Permute, Draw]:
    """Return draws from the operating system's generator.

    Sorting by 64 random bits a row is a uniform permutation up to ties, whose chance is below
    rows² / 2^65.
    """

    def permute(rows: int) -> Places:
        drawn = np.frombuffer(os.urandom(8 * rows), np.uint64)
        return np.argsort(drawn, kind="stable").astype(np.int64)

    def draw(rows: int, buckets: int) -> npt.NDArray[np.uint8]:
        return np.frombuffer(os.urandom(rows), np.uint8) & np.uint8(buckets - 1)

    return permute, draw


def _seeded(seed: int) -> tuple[Permute, Draw]:
    of_rows, of_buckets = np.random.default_rng(seed), np.random.default_rng([seed, 1])

    def permute(rows: int) -> Places:
        return of_rows.permutation(rows).astype(np.int64)

    def draw(rows: int, buckets: int) -> npt.NDArray[np.uint8]:
        # Eight bytes at a time would make the draws depend on how the rows are batched.
        drawn = of_buckets.random(rows)
        return (drawn * buckets).astype(np.uint8)

    return permute, draw
