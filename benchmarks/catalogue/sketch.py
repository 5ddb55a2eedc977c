"""Sketching a table: CPU seconds for each million cells, and the sketch's size.

Run it: ``python -m benchmarks.catalogue.sketch [ROWS]``; ten columns, written as Parquet, read in batches.
"""

from __future__ import annotations

import json
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
import pyarrow as pa

from anping.engine.table import Table
from anping.engine.write import write_parquet
from anping.know.similar import compare
from anping.know.sketch import sketch


def made(rows: int) -> pa.Table:
    """Return ten columns: identifiers, names, numbers, days and categories."""
    rng = np.random.default_rng(20260101)
    texts = {f"text{n}": pa.array(rng.integers(0, 10**9, rows)).cast(pa.string()) for n in range(3)}
    return pa.table(
        {
            "id": pa.array([f"A{n:09d}" for n in range(rows)]),
            **texts,
            "age": rng.integers(0, 100, rows),
            "amount": rng.normal(size=rows),
            "day": pa.array(rng.integers(0, 20_000, rows).astype("datetime64[D]")),
            "city": rng.choice(["臺北市", "高雄市", "臺中市"], rows),
            "code": rng.integers(0, 10**7, rows),
            "sex": rng.choice(["M", "F"], rows),
        }
    )


def main() -> None:
    """Print the figures."""
    rows = int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000
    with tempfile.TemporaryDirectory() as folder:
        path, part = Path(folder) / "t.parquet", Path(folder) / "p.parquet"
        table = made(rows)
        write_parquet(table, path)
        write_parquet(table.slice(0, rows // 2), part)
        del table
        whole = Table.open(path)
        started = time.process_time()
        for _ in whole.batches(coded=True):
            pass
        read = time.process_time() - started
        started = time.process_time()
        found = sketch(whole, b"k" * 32)
        took = time.process_time() - started
        cells = rows * len(whole.columns) / 1e6
        size = len(json.dumps(found.as_json()))
        print(
            f"{rows:,} rows x {len(whole.columns)}: {took:.2f} CPU s, {took / cells:.3f} s per million cells"
        )
        print(
            f"reading alone {read:.2f} CPU s; sketch {size / 1e3:.0f} kB; file {path.stat().st_size / 1e6:.0f} MB"
        )
        half = compare(found, sketch(Table.open(part), b"k" * 32), "half")
        print(f"half of it: {half.relation}, holds {half.holds}, within {half.within}")


if __name__ == "__main__":
    main()
