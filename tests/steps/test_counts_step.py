"""A table of counts as a step: its measures are in the ledger, its cells in the dossier."""

from __future__ import annotations

from pathlib import Path

import pyarrow.csv as pc
import pytest

from anping.core.errors import SchemaError
from anping.core.measure import find
from anping.engine.table import Table
from anping.recipes.samples import write_sample
from anping.steps.catalogue import step
from anping.workspace.dossier import export
from anping.workspace.perform import Job, Performed, perform
from anping.workspace.pipeline import read_pipeline, run_pipeline
from anping.workspace.workspace import Workspace

_ASKED = {"by": ["性別", "職業"], "person": "身分證字號"}


def added(folder: Path) -> Workspace:
    write_sample("bank", folder / "bank", people=60)
    workspace = Workspace.create(folder / "w", keys=folder / "k")
    file = str(folder / "bank" / "customers.csv")
    perform(workspace, Job(step("know.add"), "customers", {"path": file}))
    return workspace


def counted(workspace: Workspace, **more: object) -> Performed:
    return perform(workspace, Job(step("protect.counts"), "customers", {**_ASKED, **more}))


def test_a_step_gives_the_table_its_measures_and_its_limits(tmp_path: Path) -> None:
    workspace = added(tmp_path)
    done = counted(workspace)
    (asset,) = done.outputs
    assert asset.name == "customers.counts"
    (entry, *_) = [
        each.record
        for each in workspace.ledger.entries()
        if each.record["predicate"]["step"]["id"] == "protect.counts"
    ]
    told = {each["id"]: each for each in entry["predicate"]["measurements"]}
    assert told["counts.primary"]["value"] > 0
    assert told["counts.proven"]["value"] == told["counts.primary"]["value"]
    assert "threshold 5" in told["counts.primary"]["method"]
    assert entry["predicate"]["limits"]
    dominated = counted(workspace, value="年收入", dominance=2, p_percent=10)
    measure = find(dominated.outcome.measures, "counts.primary")
    assert measure is not None
    assert "dominance (2, 75 %), p 10 %" in measure.method


def test_a_column_that_is_not_there_is_named(tmp_path: Path) -> None:
    workspace = added(tmp_path)
    with pytest.raises(SchemaError) as caught:
        counted(workspace, by=["沒有這欄"])
    assert caught.value.where.column == "沒有這欄"


def test_counts_lie_beside_the_protected_table_in_the_dossier(tmp_path: Path) -> None:
    write_sample("bank", tmp_path / "bank", people=600)
    workspace = Workspace.create(tmp_path / "w", keys=tmp_path / "k")
    path = tmp_path / "bank" / "pipeline.yaml"
    text = path.read_text("utf-8").replace(
        "  - step: protect.risk",
        "  - step: protect.counts\n    with: {by: [性別, 職業], person: 身分證字號}\n"
        "  - step: protect.risk",
    )
    path.write_text(text, "utf-8")
    performed = list(run_pipeline(workspace, read_pipeline(path), step=step))
    counts = next(each for each in performed if each.step.id == "protect.counts").outputs[0]
    folder = export(workspace, "customers", tmp_path / "dossier").folder
    parquet = folder / "data" / "customers.counts.parquet"
    assert Table.open(parquet).rows == counts.rows
    written = pc.read_csv(folder / "data" / "customers.counts.csv")
    assert "x" in written.column("count").to_pylist()
    assert "counts.complementary" in (folder / "measures.json").read_text("utf-8")
