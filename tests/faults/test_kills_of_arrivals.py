"""Taking in a folder, or a database, is killed at 100 random moments: at first and when it has grown."""

import gzip
import shutil
import sqlite3
from pathlib import Path

import pytest

from anping.steps.catalogue import step
from anping.workspace.pipeline import read_pipeline, run_pipeline
from anping.workspace.workspace import Workspace
from killing import tried

KILLS = 100
ROWS = 4_000
FILES = 6
LATER = 2


def lines(part: int) -> str:
    rows = range(part * ROWS, (part + 1) * ROWS)
    return "號碼,姓名,金額,日期\n" + "".join(
        f"{row},王{row % 97},{row * 3 % 1009},2026-01-{row % 28 + 1:02}\n" for row in rows
    )


def grow_folder(folder: Path, *, start: int, files: int) -> None:
    (folder / "data").mkdir(exist_ok=True)
    for part in range(start, start + files):
        place = folder / "data" / f"part-{part}.csv"
        if part % 2:
            place.with_suffix(".csv.gz").write_bytes(gzip.compress(lines(part).encode(), mtime=0))
        else:
            place.write_text(lines(part), "utf-8")


def grow_database(folder: Path, *, start: int, files: int) -> None:
    connection = sqlite3.connect(folder / "data.sqlite")
    connection.execute(
        "CREATE TABLE IF NOT EXISTS visits (number INTEGER PRIMARY KEY, name TEXT, amount INTEGER)"
    )
    rows = range(start * ROWS, (start + files) * ROWS)
    connection.executemany(
        "INSERT INTO visits VALUES (?, ?, ?)", [(n, f"王{n % 97}", n * 3 % 1009) for n in rows]
    )
    connection.commit()
    connection.close()


GROW = {"folder": grow_folder, "database": grow_database}


def parameters(kind: str, folder: Path) -> str:
    if kind == "folder":
        return "{path: data}"
    return f"{{path: 'sqlite:///{folder}/data.sqlite', table: visits, since: number}}"


@pytest.mark.parametrize("grown", [False, True])
@pytest.mark.parametrize("kind", ["folder", "database"])
def test_taking_in_is_killed_at_random_moments(kind: str, tmp_path: Path, *, grown: bool) -> None:
    source = tmp_path / "source"
    source.mkdir()
    GROW[kind](source, start=0, files=FILES)
    pipeline = source / "pipeline.yaml"
    pipeline.write_text(
        "pipeline: 1\nsubject: visits\nsteps:\n"
        f"  - step: know.add\n    with: {parameters(kind, source)}\n"
    )
    before = tmp_path / "before"
    workspace = Workspace.create(before / "workspace", keys=before / "keys")
    if grown:
        list(run_pipeline(workspace, read_pipeline(pipeline), step=step))
        GROW[kind](source, start=FILES, files=LATER)
    workspace.database.dispose()
    scratch = tmp_path / "scratch"
    scratch.mkdir()
    told = tried(
        {
            "pipeline": str(pipeline),
            "entry": 0,
            "before": str(before),
            "scratch": str(scratch),
            "kills": KILLS,
            "seed": 11,
        }
    )
    assert told["problems"] == []
    assert told["killed"] + told["finished"] == KILLS
    # Most kills must have met the step at work, or nothing was tried.
    assert told["killed"] >= KILLS // 2
    shutil.rmtree(tmp_path)
