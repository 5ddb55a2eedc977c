"""Search over 100,000 entries and the sketch of a million rows, as a section of RESULTS.md.

Run it: ``python -m benchmarks.catalogue``.
"""

from __future__ import annotations

import json
import statistics
import tempfile
from functools import partial
from itertools import islice
from pathlib import Path

from anping.core.text import counted
from anping.engine.table import Table
from anping.engine.write import write_parquet
from anping.know.similar import Similar, compare
from anping.know.sketch import sketch
from anping.workspace.search import tables
from anping.workspace.search.entry import Entry
from anping.workspace.search.index import replace
from anping.workspace.search.query import read_query
from anping.workspace.search.search import found_in
from anping.workspace.workspace import Workspace
from benchmarks import report
from benchmarks.catalogue.search import QUERIES, entries
from benchmarks.catalogue.sketch import made

ENTRIES, ROWS, TIMES = 100_000, 1_000_000, 7
KEY = b"k" * 32


def filled(folder: Path) -> Workspace:
    """Return a workspace whose search index holds the entries."""
    workspace = Workspace.create(folder / "w")
    made_entries = entries(ENTRIES)
    while some := list(islice(made_entries, 20_000)):
        told: dict[str, list[Entry]] = {}
        for one in some:
            told.setdefault(one.scope, []).append(one)
        with workspace.transaction() as connection:
            tables.metadata.create_all(connection)
            replace(connection, dict(told))
    return workspace


def searched(workspace: Workspace) -> list[tuple[str, str, str, str]]:
    """Return each query with its matches and CPU milliseconds: median and worst."""
    rows = []
    for query in QUERIES:
        units = read_query(query)
        look = partial(found_in, workspace, units, limit=20)
        looked = [report.timed(look) for _ in range(TIMES)]
        taken = [took.cpu * 1000 for _, took in looked]
        matches = int(looked[0][0].matches.value)
        rows.append(
            (f"`{query}`", f"{matches:,}", f"{statistics.median(taken):.1f}", f"{max(taken):.1f}")
        )
    return rows


def sketched(folder: Path) -> tuple[list[tuple[str, str]], Similar]:
    """Return figures of a sketch, and how half of the table stands to it."""
    path, part = folder / "t.parquet", folder / "p.parquet"
    table = made(ROWS)
    write_parquet(table, path)
    write_parquet(table.slice(0, ROWS // 2), part)
    found, took = report.timed(lambda: sketch(Table.open(path), KEY))
    cells = ROWS * len(table.column_names) / 1e6
    half = compare(found, sketch(Table.open(part), KEY), "half")
    rows = [
        ("CPU seconds", f"{took.cpu:.2f}"),
        ("CPU seconds for each million cells", f"{took.cpu / cells:.3f}"),
        ("size of the sketch, kB", f"{len(json.dumps(found.as_json())) / 1e3:.0f}"),
        (
            "share of the rows that half of the table holds (truth 0.5)",
            f"{half.within.value:.3f} {report.interval(half.within.interval)}",
        ),
    ]
    return rows, half


def main() -> None:
    """Measure and publish."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        workspace, took = report.timed(lambda: filled(folder))
        queries = searched(workspace)
        figures, half = sketched(folder)
    report.publish(
        "catalogue",
        "The catalogue: search and duplicates",
        report.machine("sqlalchemy"),
        f"How to read it: {counted(ENTRIES, 'entry', 'entries')} (columns made from a seed) were indexed in SQLite in "
        f"{took.cpu:.1f} CPU seconds; each query ran {TIMES} times, in CPU milliseconds with its 20 best "
        f"entries read. The sketch is of {ROWS:,} rows of ten columns, written as Parquet; half of its rows "
        f"are told from it as a {half.relation}.",
        report.table(("query", "matches", "median, ms", "worst, ms"), queries),
        report.table(("sketch", ""), figures),
    )


if __name__ == "__main__":
    main()
