"""A model watched from end to end: monitored, paused, resumed, and batches taken from a folder."""

from __future__ import annotations

import csv
import os
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from anping.core.errors import InputError
from anping.steps.catalogue import step
from anping.steps.compose.batches import Failed, Watch, watch_once
from anping.workspace.perform import Job, Performed, perform
from anping.workspace.workspace import Workspace
from command_line import anping

pytest.importorskip("lightgbm")


def write(path: Path, n: int, seed: int, *, flipped: bool = False) -> Path:
    """Write customers whose default follows their income."""
    generator = np.random.default_rng(seed)
    income = generator.lognormal(10.5, 0.5, n).round(-2)
    chance = 1 / (1 + np.exp(2 * (np.log(income) - 10.5) + 1))
    truth = generator.random(n) < (1 - chance if flipped else chance)
    with path.open("w", encoding="utf-8", newline="") as lines:
        rows = csv.writer(lines)
        rows.writerow(["收入", "性別", "違約"])
        for each, sex, bad in zip(income, generator.choice(["女", "男"], n), truth, strict=True):
            rows.writerow([int(each), sex, "是" if bad else "否"])
    os.utime(path, (1_700_000_000, 1_700_000_000 + seed))
    return path


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> tuple[Workspace, Path]:
    folder = tmp_path_factory.mktemp("watched")
    workspace = Workspace.create(folder / "workspace")
    for name, seed, flipped in (("customers", 1, False), ("like", 2, False), ("odd", 3, True)):
        path = write(folder / f"{name}.csv", 900, seed, flipped=flipped)
        do(workspace, "know.add", name, path=str(path), purposes=["TRAIN"])
    do(workspace, "learn.tabular", "customers", target="違約", only="lightgbm", seconds=0.1)
    return workspace, folder


def do(workspace: Workspace, identifier: str, subject: str, **parameters: Any) -> Performed:
    return perform(workspace, Job(step(identifier), subject, parameters))


def test_a_model_is_monitored_paused_and_resumed(home: tuple[Workspace, Path]) -> None:
    workspace, _ = home
    quiet = do(workspace, "run.monitor", "customers", table="like", pause=True)
    assert {asset.name for asset in quiet.outputs} == {
        "customers.monitoring",
        "customers.monitoring-data",
    }
    assert not do(workspace, "learn.predict", "customers", table="like").refused
    loud = do(workspace, "run.monitor", "customers", table="odd", pause=True)
    assert "customers.stages" in {asset.name for asset in loud.outputs}
    assert any("已暫停" in note.zh for note in loud.outcome.notes)
    refused = do(workspace, "learn.predict", "customers", table="odd")
    assert refused.refused
    assert refused.verdict is not None
    assert refused.verdict.reasons[0].code == "run.paused"
    do(workspace, "run.stage", "customers", do="resume", why="looked into it")
    assert not do(workspace, "learn.predict", "customers", table="odd").refused


def test_the_reference_is_the_table_that_was_learnt_from(home: tuple[Workspace, Path]) -> None:
    workspace, _ = home
    job = Job(step("run.monitor"), "customers", {"table": "odd"}, inputs={"reference": "like"})
    with pytest.raises(InputError, match=r"monitor\.other-table"):
        perform(workspace, job)


def test_each_batch_is_looked_at_once_and_a_bad_one_holds_nobody_up(
    home: tuple[Workspace, Path],
) -> None:
    workspace, folder = home
    batches = folder / "batches"
    batches.mkdir()
    write(batches / "a.csv", 300, 4)
    broken = batches / "b.parquet"
    broken.write_bytes(b"PAR1 torn")
    os.utime(broken, (1_700_000_000, 1_700_000_005))
    write(batches / "c.csv", 300, 6, flipped=True)
    (batches / "still-growing.csv").write_text("收入\n1\n", "utf-8")
    watch = Watch("customers", batches)
    first = [*watch_once(workspace, watch)]
    failed = [each for each in first if isinstance(each, Failed)]
    steps = [each.step.id for each in first if isinstance(each, Performed)]
    assert steps == ["know.add", "run.monitor"] * 2
    assert [each.path.name for each in failed] == ["b.parquet"]
    again = [*watch_once(workspace, watch)]
    assert [type(each) for each in again] == [Failed]


def test_the_command_says_what_it_found_and_refuses_what_it_cannot_read(
    home: tuple[Workspace, Path],
) -> None:
    workspace, folder = home
    place = ("--workspace", workspace.folder)
    said = anping("monitor", "customers", "odd", "--groups", "性別", "--every", "300", *place)
    assert said.code == 0
    assert "The relation of inputs and target changed" in said.out
    batches = folder / "more"
    batches.mkdir()
    write(batches / "d.csv", 300, 7)
    assert anping("watch", "customers", "--folder", batches, "--once", *place).code == 0
    wrong = anping(
        "--json-errors", "watch", "customers", "--folder", batches, "--every", "often", *place
    )
    assert wrong.error["code"] == "watch.every"
    missing = anping(
        "--json-errors", "watch", "customers", "--folder", folder / "no", "--once", *place
    )
    assert missing.error["code"] == "watch.no-folder"
    rules = folder / "rules.yaml"
    rules.write_text("watch: much", "utf-8")
    bad = anping("--json-errors", "monitor", "customers", "odd", "--rules", rules, *place)
    assert bad.error["code"] == "run.rules"
