"""Counts that a pass over the rows brings back: small tables of subject, key and count.

A batch function tallies its batch; the caller adds the tallies up. Nothing of a row but its count
under a key comes back, so the same function can run anywhere.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping

import pyarrow as pa
import pyarrow.compute as pc

TALLY = pa.schema([("subject", pa.int32()), ("key", pa.string()), ("count", pa.int64())])


def tally(counts: Mapping[int, Mapping[str, int]]) -> pa.RecordBatch:
    """Return the counts of a batch, by the number of their subject and by key."""
    rows = [(subject, key, n) for subject, keys in counts.items() for key, n in keys.items()]
    columns = zip(*rows, strict=True) if rows else ((), (), ())
    return pa.record_batch(
        [pa.array(column, field.type) for column, field in zip(columns, TALLY, strict=True)],
        schema=TALLY,
    )


def tallied(batches: Iterable[pa.RecordBatch]) -> dict[int, Counter[str]]:
    """Return the sums of the tallies, by subject and key."""
    found: dict[int, Counter[str]] = {}
    for batch in batches:
        for subject, key, count in zip(*(c.to_pylist() for c in batch.columns), strict=True):
            found.setdefault(subject, Counter())[key] += count
    return found


def key_counts(keys: pa.StringArray) -> dict[str, int]:
    """Return how often each key occurs; missing keys are left out."""
    found = pc.value_counts(keys.drop_null())
    return dict(
        zip(found.field("values").to_pylist(), found.field("counts").to_pylist(), strict=True)
    )
