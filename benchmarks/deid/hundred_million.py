"""A table of a hundred million rows through profile, search, fit and apply, in bounded memory.

The table is made on the way: eight quasi-identifiers with some hundred thousand to a million different
combinations, a sensitive column and a number, seeded, written to Parquet row group by row group.
Every stage is a process of its own, so its peak memory is its own. ``--rows 1000000`` (repeatable)
chooses other sizes; ``--keep FOLDER`` keeps what was made and makes no table twice.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections.abc import Callable, Mapping
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from anping.core.measure import find
from anping.engine.table import Table
from anping.know.profile import profile
from anping.protect.apply import protect_into
from anping.protect.fit_plan import Means, Settings, fit_plan
from anping.protect.plan_file import parse_plan
from benchmarks import report
from benchmarks.size import Spent, spent

ROWS = 100_000_000
SEED = 20260102
GROUP_ROWS = 1_000_000
_AREAS, _JOBS = 16, 8
_PLAN = """
plan: 1
model: {{k: 5, full_domain: {search}, l: 2, sensitive: [diagnosis]}}
columns:
  age: {{do: generalise, hierarchy: {{kind: age}}}}
  sex: {{do: generalise, hierarchy: {{kind: category}}}}
  area: {{do: generalise, hierarchy: {{kind: category, groups: {areas}}}}}
  school: {{do: generalise, hierarchy: {{kind: category}}}}
  job: {{do: generalise, hierarchy: {{kind: category, groups: {jobs}}}}}
  married: {{do: generalise, hierarchy: {{kind: category}}}}
  children: {{do: generalise, hierarchy: {{kind: number, start: value, bins: 4}}}}
  born_abroad: {{do: generalise, hierarchy: {{kind: category}}}}
  diagnosis: {{do: keep}}
  visits: {{do: keep}}
"""


def write(path: Path, rows: int) -> None:
    """Write the table, a row group at a time."""
    draw = np.random.default_rng(SEED)
    writer: pq.ParquetWriter | None = None
    for start in range(0, rows, GROUP_ROWS):
        group = _group(draw, min(GROUP_ROWS, rows - start))
        if writer is None:
            writer = pq.ParquetWriter(path, group.schema)
        writer.write_table(group)
    if writer is not None:
        writer.close()


def _group(draw: np.random.Generator, rows: int) -> pa.Table:
    age = np.minimum(draw.gamma(6, 7.5, rows).astype(int), 95)
    school = np.clip(((85 - age) / 15 + draw.normal(0, 0.9, rows)).astype(int), 0, 4)
    job = (school * 2 + np.minimum(draw.geometric(0.5, rows) - 1, 7)) % _JOBS
    weights = 1 / np.arange(1, _AREAS + 1)
    area = draw.choice(_AREAS, rows, p=weights / weights.sum())
    married = np.where(age < 18, 0, draw.choice(4, rows, p=[0.34, 0.5, 0.1, 0.06]))
    children = np.where(age < 18, 0, np.minimum(draw.poisson(1.0, rows), 3))
    return pa.table(
        {
            "age": age.astype(np.int16),
            "sex": _named(draw.integers(0, 2, rows), "s"),
            "area": _named(area, "a"),
            "school": _named(school, "e"),
            "job": _named(job, "j"),
            "married": _named(married, "m"),
            "children": children.astype(np.int16),
            "born_abroad": _named((draw.random(rows) < 0.05).astype(int), "b"),
            "diagnosis": _named(draw.zipf(1.7, rows) % 30, "d"),
            "visits": draw.poisson(3, rows).astype(np.int16),
        }
    )


def _named(codes: np.ndarray[tuple[int], np.dtype[np.int64]], letter: str) -> pa.Array:
    names = pa.array([f"{letter}{code:02d}" for code in range(int(codes.max()) + 1)])
    return names.take(pa.array(codes))


def plan(*, search: bool) -> str:
    """Return the plan: local recoding, or one level for each column."""
    areas = {
        f"A{first}": [f"a{first + at:02d}" for at in range(8)] for first in range(0, _AREAS, 8)
    }
    jobs = {f"J{first}": [f"j{first + at:02d}" for at in range(4)] for first in range(0, _JOBS, 4)}
    return _PLAN.format(search=str(search).lower(), areas=areas, jobs=jobs)


def _profiled(folder: Path) -> str:
    described = profile(Table.open(folder / "raw.parquet"))
    return f"{len(described.columns)} columns"


def _fitted(folder: Path, *, search: bool) -> str:
    fit = fit_plan(
        Table.open(folder / "raw.parquet"),
        parse_plan(plan(search=search)),
        means=Means(),
        settings=Settings(seed=1),
        progress=lambda *_: None,
    )
    found = fit.fitted
    if found is None or fit.protection.generaliser is None:
        raise SystemExit("the plan has no model")
    tuples = fit.protection.generaliser.node_of.size
    return f"{tuples:,} combinations, loss {found.loss:.4f}"


def _applied(folder: Path) -> str:
    done = protect_into(
        Table.open(folder / "raw.parquet"), parse_plan(plan(search=False)), folder / "protected"
    )
    loss, coarser = (
        find(done.measures, name) for name in ("deid.information_loss", "deid.rows.left_coarser")
    )
    if loss is None or coarser is None:
        raise SystemExit("a measure is missing")
    return f"{done.table.rows:,} rows, loss {loss.value:.4f}, {coarser.value:,.0f} left coarser"


_STAGES: Mapping[str, Callable[[Path], str]] = {
    "profile": _profiled,
    "full-domain search": lambda folder: _fitted(folder, search=True),
    "local recoding": lambda folder: _fitted(folder, search=False),
    "fit, apply and measure": _applied,
}


def walk(rows: int, folder: Path) -> list[tuple[str, Spent, str]]:
    """Make the table unless it is there, and run every stage on it in a process of its own."""
    folder.mkdir(parents=True, exist_ok=True)
    here = [sys.executable, "-m", "benchmarks.deid.hundred_million", "--folder", str(folder)]
    took = []
    if not (folder / "raw.parquet").exists():
        made = spent([*here, "--make", str(rows)], Path.cwd())
        took.append(("make the table", made, ""))
    for stage in _STAGES:
        one = spent([*here, "--stage", stage], Path.cwd())
        told = (folder / "told.txt").read_text("utf-8")
        took.append((stage, one, told))
        print(f"{rows:,}", stage, one, told, flush=True)
    return took


def _block(rows: int, took: list[tuple[str, Spent, str]]) -> str:
    lines = [
        (stage, f"{one.wall:.1f}", f"{one.cpu:.1f}", f"{rows / one.cpu:,.0f}",
         f"{one.gigabytes:.2f}", told)
        for stage, one, told in took
    ]  # fmt: skip
    header = ("stage", "wall s", "CPU s", "rows per CPU s", "peak GiB", "what came out")
    return f"### {rows:,} rows\n\n" + report.table(header, lines)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, action="append")
    parser.add_argument("--keep", type=Path)
    for name in ("--folder", "--make", "--stage"):
        parser.add_argument(name, help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.make:
        write(Path(given.folder) / "raw.parquet", int(given.make))
        return
    if given.stage:
        told = _STAGES[given.stage](Path(given.folder))
        (Path(given.folder) / "told.txt").write_text(told, "utf-8")
        return
    blocks = []
    for rows in given.rows or [ROWS]:
        with tempfile.TemporaryDirectory() as name:
            folder = (given.keep or Path(name)).absolute() / str(rows)
            blocks.append(_block(rows, walk(rows, folder)))
    report.publish(
        "deid-large",
        "De-identification of a large table, in bounded memory",
        report.machine(),
        "A seeded table of eight quasi-identifiers, a sensitive column (l = 2) and a number; k = 5. "
        "Each stage is a process of its own and its peak its resident memory; the last one also "
        "reads the table for its fit, and measures and checks what it wrote.",
        *blocks,
    )


if __name__ == "__main__":
    main()
