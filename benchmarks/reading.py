"""Reading a large CSV through the one door, beside DuckDB's own CSV reader in the same run."""

from __future__ import annotations

import statistics
import tempfile
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.csv as pc
import pyarrow.parquet as pq

from anping.engine.read import read
from benchmarks import report

ROWS = 1_000_000
REPEATS = 3
SEED = 20260101
_COUNTIES = np.array(
    ["臺北市", "新北市", "桃園市", "臺中市", "臺南市", "高雄市", "花蓮縣", "澎湖縣"]
)
_WORDS = np.array(
    ["已繳清", "逾期一期", "聯絡不上, 改約", "paid", "late", "unknown", "n/k", "其他"]
)


def large_table(rows: int) -> pa.Table:
    """Return ten columns of the kinds that registers have: numbers, codes, dates, texts, gaps."""
    draw = np.random.default_rng(SEED)
    days = draw.integers(0, 25_000, rows).astype("datetime64[D]")
    gaps = draw.random(rows) < 0.05
    codes = np.char.add("C", draw.integers(10**8, 10**9, rows).astype(str))
    return pa.table(
        {
            "id": np.arange(rows),
            "code": codes,
            "age": draw.integers(18, 100, rows),
            "income": pa.array(draw.lognormal(10.5, 0.6, rows).round(2), mask=gaps),
            "county": _COUNTIES[draw.integers(0, _COUNTIES.size, rows)],
            "joined": days,
            "score": draw.normal(size=rows).round(6),
            "flag": draw.random(rows) < 0.2,
            "note": _WORDS[draw.integers(0, _WORDS.size, rows)],
            "count": pa.array(draw.integers(0, 50, rows), mask=np.roll(gaps, 1)),
        }
    )


def copied(source: Path, target: Path) -> None:
    """Let DuckDB turn a CSV into Parquet, finding out names and types by itself."""
    import duckdb

    with duckdb.connect() as connection:
        connection.execute(
            f"COPY (SELECT * FROM read_csv('{source}')) TO '{target}' (FORMAT parquet)"
        )


def main() -> None:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        source = folder / "large.csv"
        pc.write_csv(large_table(ROWS), source)
        megabytes = source.stat().st_size / 1e6
        ours, theirs = folder / "ours.parquet", folder / "theirs.parquet"
        ways: dict[str, Callable[[], object]] = {
            "anping.engine.read": lambda: read(source, into=ours),
            "DuckDB COPY": lambda: copied(source, theirs),
        }
        took: dict[str, list[report.Took]] = {way: [] for way in ways}
        for _ in range(REPEATS):
            for way, work in ways.items():
                took[way].append(report.timed(work)[1])
        counts = [pq.read_metadata(path).num_rows for path in (ours, theirs)]
        assert counts == [ROWS, ROWS]
    cpu = {way: statistics.median(each.cpu for each in times) for way, times in took.items()}
    wall = {way: statistics.median(each.wall for each in times) for way, times in took.items()}
    base = "DuckDB COPY"
    rows = [
        (
            way, f"{ROWS / wall[way]:,.0f}", f"{megabytes / wall[way]:.0f}", f"{wall[way]:.2f}",
            f"{cpu[way]:.2f}", f"{wall[way] / wall[base]:.1f} ×", f"{cpu[way] / cpu[base]:.1f} ×",
        )
        for way in ways
    ]  # fmt: skip
    report.publish(
        "reading",
        "Reading: a large CSV through the one door",
        report.machine(),
        f"{ROWS:,} rows × 10 columns, {megabytes:.0f} MB of UTF-8; median of {REPEATS} runs each, in "
        "turn, in one process.",
        "How to read it: both write one typed Parquet file; ours also digests the bytes, finds the "
        "encoding and line ends out, infers types from every value, not from a sample, and names "
        "each bad row, and the last columns say how many times as long that takes.",
        report.table(
            ("reader", "rows/s", "MB/s", "wall s", "CPU s", "wall, to DuckDB", "CPU, to DuckDB"),
            rows,
        ),
    )


if __name__ == "__main__":
    main()
