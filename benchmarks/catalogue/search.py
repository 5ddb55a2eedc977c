"""Search over 100,000 entries: CPU milliseconds for each query, median and worst of several.

Run it: ``python -m benchmarks.catalogue.search [ENTRIES]``. The entries are
columns made from a seed.
"""

from __future__ import annotations

import statistics
import sys
import tempfile
import time
from collections.abc import Iterator
from itertools import islice
from pathlib import Path

import numpy as np

from anping.core.text import Text
from anping.workspace.search import tables
from anping.workspace.search.entry import Entry
from anping.workspace.search.index import replace
from anping.workspace.search.query import read_query
from anping.workspace.search.search import found_in
from anping.workspace.workspace import Workspace

NAMES = ("身分證字號", "手機", "出生日期", "地址", "姓名", "病歷號", "帳號", "金額", "日期", "備註")
TITLES = (
    Text("國民身分證統一編號", "national ID"), Text("電話號碼", "telephone number"),
    Text("出生日期", "date of birth"), Text("完整地址", "address"), Text("姓名", "person's name"),
    Text("病歷號碼", "medical record number"), Text("銀行帳號", "bank account"),
    Text("金額", "amount of money"), Text("日期", "date"), Text("自由文字", "free text"),
)  # fmt: skip
QUERIES = (
    "身分證", "national id", "kind:column", "電話", "table1234", "身分證號碼", '"medical record"',
    "tele*", "kind:column type:T3 -姓名", "a date of birth in table77",
)  # fmt: skip


def entries(count: int) -> Iterator[Entry]:
    """Yield columns of tables of twenty columns each."""
    rng = np.random.default_rng(20260101)
    for number, kind in enumerate(rng.integers(0, len(NAMES), count)):
        table = f"table{number // 20}"
        yield Entry(
            scope=f"columns:{table}",
            kind="column",
            asset=table,
            column=f"{NAMES[kind]}_{number % 20}",
            title=TITLES[kind],
            about=Text("直接識別", "direct identifier"),
            words={"type": (f"T{kind}",)},
            filters={"kind": ("column",), "type": (f"T{kind}",), "table": (table,)},
        )


def main() -> None:
    """Print the figures."""
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 100_000
    with tempfile.TemporaryDirectory() as folder:
        workspace = Workspace.create(Path(folder) / "w")
        started = time.process_time()
        made = entries(count)
        while some := list(islice(made, 20_000)):
            told: dict[str, list[Entry]] = {}
            for one in some:
                told.setdefault(one.scope, []).append(one)
            with workspace.transaction() as connection:
                tables.metadata.create_all(connection)
                replace(connection, dict(told))
        print(f"{count:,} entries indexed in {time.process_time() - started:.1f} CPU s")
        size = (workspace.folder / "workspace.sqlite").stat().st_size
        print(f"database {size / 1e6:.1f} MB")
        for query in QUERIES:
            taken = []
            for _ in range(7):
                started = time.process_time()
                found = found_in(workspace, read_query(query), limit=20)
                taken.append((time.process_time() - started) * 1000)
            print(
                f"{query:32} {int(found.matches.value):>8,} matches  median "
                f"{statistics.median(taken):6.1f} ms  worst {max(taken):6.1f} ms"
            )


if __name__ == "__main__":
    main()
