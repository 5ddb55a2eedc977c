"""Rows leave in a uniformly random order, however many they are: an external shuffle.

Each row is put into a bucket drawn at random, and each bucket is then permuted in memory. Every
order of all rows is equally likely (Rao 1961, Sankhyā A 23:305; Sandelius 1962, JRSS B 24:479).
On a cluster rows are sorted by their encrypted numbers, which are as good as random without the key.
"""

from __future__ import annotations

import os
import secrets
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pyarrow as pa
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

from anping.core.files import scratch_beside
from anping.engine.stream import BatchFunction, through, write_there
from anping.engine.table import Table

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
    with scratch_beside(beside) as folder:
        paths = [folder / str(bucket) for bucket in range(buckets)]
        _deal(batches, schema, paths, draw)
        for path in paths:
            with pa.ipc.open_stream(path) as bucket:
                held = bucket.read_all()
            path.unlink()
            yield from _permuted(held, permute)


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


#: Which raw row each protected row was made from, both counted from 0.
LINKS = pa.schema([pa.field("protected_row", pa.int64()), pa.field("raw_row", pa.int64())])
_PLACE = "protected_row"
_ORDER = "anping_order"
_BLOCK = 16


@dataclass(frozen=True)
class _Ordered:
    """Gives each row that ``function`` makes the encryption of its number: the place it sorts to.

    One block of AES is a permutation that nobody without the key tells from a random one, so no two
    rows tie, and a row that is made again comes to the same place.
    """

    function: BatchFunction
    number: str
    key: bytes = field(repr=False)

    def __call__(self, batch: pa.RecordBatch) -> pa.RecordBatch:
        made = self.function(batch)
        blocks = np.zeros((made.num_rows, 2), np.int64)
        blocks[:, 0] = made.column(self.number).to_numpy()
        cipher = Cipher(algorithms.AES(self.key), modes.ECB())  # noqa: S305 - each number alone
        places = cipher.encryptor().update(blocks.tobytes())
        buffers = [None, pa.py_buffer(places)]
        order = pa.Array.from_buffers(pa.binary(_BLOCK), made.num_rows, buffers)
        return made.append_column(_ORDER, order.cast(pa.binary()))


@dataclass(frozen=True)
class _Linking:
    """Puts a row's place before its number in the raw table."""

    number: str

    def __call__(self, batch: pa.RecordBatch) -> pa.RecordBatch:
        columns = [batch.column(_PLACE), batch.column(self.number)]
        return pa.RecordBatch.from_arrays(columns, schema=LINKS)


def write_shuffled(
    rows: tuple[Table, BatchFunction],
    schema: pa.Schema,
    *,
    columns: Sequence[str],
    number: str,
    into: tuple[Path, Path],
    seed: int | None = None,
) -> tuple[Table, Table]:
    """Write what a function makes of a table on a cluster there, in a uniformly random order.

    ``rows`` are the table and the function, which sees ``columns`` and the rows' numbers in a last
    column ``number`` and keeps that one. The made columns go to the first of the folders ``into``
    without the numbers; links (:data:`LINKS`) go to the second, in any order. What lies beside the
    first meanwhile is removed whatever happens. With a ``seed`` the order is repeatable.
    """
    table, function = rows
    key = secrets.token_bytes(32) if seed is None else sha256(f"shuffle {seed}".encode()).digest()
    with scratch_beside(into[0]) as folder:
        made = through(
            table,
            _Ordered(function, number, key),
            columns=columns,
            schema=schema.append(pa.field(_ORDER, pa.binary())),
            numbered=number,
        )
        staged = write_there(made, folder / "staged", ordered=False)
        shown = [name for name in schema.names if name != number]
        released = write_there(staged, into[0], columns=shown, by=_ORDER)
        origins = write_there(staged, folder / "origins", columns=[number], by=_ORDER)
        linked = through(origins, _Linking(number), columns=[number], schema=LINKS, numbered=_PLACE)
        return released, write_there(linked, into[1], ordered=False)
