"""The whole chain on 1, 3 and 10 million rows × 20 columns, stage by stage, beside DuckDB.

Every stage is a command of its own, as a user runs it, so its peak memory is its processes' own.
``--rows 1000000`` (repeatable) chooses other sizes, ``--keep FOLDER`` keeps what was made.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from time import perf_counter, sleep

from benchmarks import report

SIZES = (1_000_000, 3_000_000, 10_000_000)
LIMIT_GIGABYTES = 4.0
GOAL = 12.0
_COPY = "DuckDB copy"
#: Seconds between two looks at the memory.
_EVERY = 0.05
#: The chain that the goal counts; what follows it in the table is told apart.
_CHAIN = ("add", "scan", "plan", "protect", "risk", "release", "dossier", "verify")
_STAGES: Mapping[str, str] = {
    "add": "add register {csv} --purposes TRAIN --legal-basis pdpa:art19:contract",
    "scan": "scan register",
    "confirm": "confirm register --every --why benchmark",
    "plan": "plan register --profile restricted --target 違約 --as engineer",
    "protect": "protect register --as engineer",
    "risk": "risk register --as engineer",
    "policy": "policy anping-taiwan-1 --as officer",
    "release": (
        "release register --tier controlled --purposes TRAIN --recipient laboratory "
        "--approver officer"
    ),
    "dossier": "dossier register dossier",
    "verify": "verify dossier",
    "verify --replay": "verify dossier --replay",
}
_COPYING = """
import duckdb, sys
duckdb.sql(f"SET threads = 2; SET memory_limit = '3GB'")
duckdb.sql(f"COPY (SELECT * FROM read_csv('{sys.argv[1]}')) TO '{sys.argv[2]}' (FORMAT parquet)")
"""


@dataclass(frozen=True)
class Spent:
    """One command: wall and CPU seconds, and the peak resident memory of all its processes (GiB)."""

    wall: float
    cpu: float
    gigabytes: float


def spent(command: Sequence[str], folder: Path) -> Spent:
    """Run a command in ``folder`` to its end and return what it took; stop if it fails."""
    environment = {**os.environ, "PYTHONUTF8": "1", "ANPING_LANG": "en"}
    began = perf_counter()
    with tempfile.TemporaryFile() as output:
        process = subprocess.Popen(
            command, cwd=folder, env=environment, stdout=output, stderr=output
        )
        most = 0.0
        while True:
            most = max(most, held_by(process.pid))
            done, status, usage = os.wait4(process.pid, os.WNOHANG)
            if done:
                break
            sleep(_EVERY)
        wall = perf_counter() - began
        code = process.returncode = os.waitstatus_to_exitcode(status)
        output.seek(0)
        said = output.read().decode("utf-8", "replace")
    if code:
        print(said[-3000:], file=sys.stderr)
        raise SystemExit(f"{' '.join(command)} ended with {code}")
    return Spent(wall, usage.ru_utime + usage.ru_stime, max(most, usage.ru_maxrss / 2**20))


def held_by(process: int) -> float:
    """Return the resident memory of a process and of all that it started, in gigabytes.

    What two of them share is counted twice.
    """
    try:
        pages = int(Path(f"/proc/{process}/statm").read_text().split()[1])
        children = Path(f"/proc/{process}/task/{process}/children").read_text().split()
    except (OSError, IndexError):
        return 0.0
    own = pages * os.sysconf("SC_PAGE_SIZE") / 2**30
    return own + sum(held_by(int(child)) for child in children)


def walk(rows: int, folder: Path) -> dict[str, Spent]:
    """Walk the chain on a new table of ``rows`` rows."""
    folder.mkdir(parents=True, exist_ok=True)
    csv = folder / "register.csv"
    # In a process of its own: what this one holds would count as its children's memory.
    spent([sys.executable, "-m", "benchmarks.size_table", str(csv), str(rows)], Path.cwd())
    took = {_COPY: spent([sys.executable, "-c", _COPYING, str(csv), "copy.parquet"], folder)}
    anping = [str(Path(sys.executable).with_name("anping"))]
    spent([*anping, "init"], folder)
    for stage, line in _STAGES.items():
        took[stage] = spent([*anping, *line.format(csv=csv).split(" ")], folder)
        print(f"{rows:>12,} {stage:<16}", *(f"{value:8.2f}" for value in _plain(took[stage])),
              flush=True)  # fmt: skip
    return took


def _plain(one: Spent) -> tuple[float, float, float]:
    return one.wall, one.cpu, one.gigabytes


def largest_table(rows: int, took: Mapping[str, Spent], megabytes: float) -> str:
    """Return one size's stages: seconds, rows a second, memory, and the distance to the copy."""
    base = took[_COPY].wall
    lines = [
        (stage, f"{one.wall:.1f}", f"{one.cpu:.1f}", f"{rows / one.wall:,.0f}",
         f"{one.gigabytes:.2f}", f"{one.wall / base:.1f} ×")
        for stage, one in took.items()
    ]  # fmt: skip
    wall = sum(took[stage].wall for stage in _CHAIN)
    cpu = sum(took[stage].cpu for stage in _CHAIN)
    peak = max(one.gigabytes for stage, one in took.items() if stage != _COPY)
    lines.append(
        ("the chain (without confirm, policy, replay)", f"{wall:.1f}", f"{cpu:.1f}",
         f"{rows / wall:,.0f}", f"{peak:.2f}", f"{wall / base:.1f} ×")
    )  # fmt: skip
    header = ("stage", "wall s", "CPU s", "rows/s", "peak GiB", "to the copy")
    return f"### {rows:,} rows, {megabytes:,.0f} MB of CSV\n\n" + report.table(header, lines)


def growth_table(walked: Mapping[int, Mapping[str, Spent]]) -> str:
    """Return how wall time grows: seconds per million rows at every size."""
    sizes = sorted(walked)
    header = ("stage", *(f"{rows / 1e6:g} M" for rows in sizes), "largest to smallest")
    lines = []
    for stage in walked[sizes[0]]:
        per_million = [walked[rows][stage].wall / (rows / 1e6) for rows in sizes]
        lines.append(
            (stage, *(f"{each:.2f}" for each in per_million),
             f"{per_million[-1] / per_million[0]:.2f} ×")
        )  # fmt: skip
    return (
        "### How it grows: wall seconds per million rows\n\n"
        "1.00 × is linear growth; less is a fixed cost that spreads.\n\n"
        + report.table(header, lines)
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, action="append")
    parser.add_argument("--keep", type=Path)
    given = parser.parse_args()
    walked: dict[int, dict[str, Spent]] = {}
    megabytes: dict[int, float] = {}
    for rows in given.rows or SIZES:
        with tempfile.TemporaryDirectory() as name:
            folder = (given.keep or Path(name)).absolute() / str(rows)
            walked[rows] = walk(rows, folder)
            megabytes[rows] = (folder / "register.csv").stat().st_size / 1e6
    largest = max(walked)
    chain = sum(walked[largest][stage].wall for stage in _CHAIN)
    ratio = chain / walked[largest][_COPY].wall
    peak = max(one.gigabytes for stage, one in walked[largest].items() if stage != _COPY)
    report.publish(
        "size",
        "Size: the whole chain on millions of rows",
        report.machine(),
        "A seeded register of bank customers, 20 columns (`benchmarks/size_table.py`): three direct "
        "identifiers, eight quasi-identifiers or dates, no free text; 2 % of the rows repeat a "
        "person. Every stage is one `anping` command; the peak is its processes' resident memory, together. "
        f"At {largest:,} rows the chain costs {ratio:.1f} × the copy (goal: at most {GOAL:g} ×) and "
        f"{peak:.2f} GiB (limit: {LIMIT_GIGABYTES:g}).",
        "How to read it: the copy is DuckDB turning the same CSV into Parquet in a process of its "
        "own with two threads, the least that any chain must do.",
        *(largest_table(rows, walked[rows], megabytes[rows]) for rows in sorted(walked)),
        *([growth_table(walked)] if len(walked) > 1 else []),
    )


if __name__ == "__main__":
    main()
