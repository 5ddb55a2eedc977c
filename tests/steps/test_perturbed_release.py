"""A plan that samples, perturbs and anatomizes, from the file to a dossier that verifies."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pyarrow.csv as pc
import pytest

from command_line import anping

PLAN = """\
plan: 1
table: visits
sample: {share: 0.8, by: sex}
model: {k: 3}
columns:
  id: {do: drop}
  sex: {do: generalise, hierarchy: {kind: category}}
  age: {do: generalise, hierarchy: {kind: age}}
  job: {do: pram, keep: 0.8}
  illness: {do: anatomize, l: 3}
  cost: {do: microaggregate, k: 3}
  weight: {do: rank_swap, percent: 3}
"""


@pytest.fixture(scope="module")
def dossier(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("perturbed")
    draw = np.random.default_rng(1)
    lines = ["id,sex,age,job,illness,cost,weight"]
    lines += [
        f"P{row:05d},{draw.choice(['F', 'M'])},{draw.integers(20, 80)},"
        f"{draw.choice(['teacher', 'driver', 'cook'])},{draw.choice(list('VWXYZ'))},"
        f"{draw.integers(100, 99_999)},{draw.normal(65, 10):.1f}"
        for row in range(900)
    ]
    (folder / "visits.csv").write_text("\n".join(lines) + "\n")
    (folder / "plan.yaml").write_text(PLAN)
    where = ("--workspace", folder / "w")
    for command in (
        ("init",),
        ("add", "visits", folder / "visits.csv"),
        ("scan", "visits"),
        ("confirm", "visits", "--every", "--why", "looked at"),
        ("plan", "visits", "--file", folder / "plan.yaml"),
        ("protect", "visits"),
        ("risk", "visits", "--targets", "300"),
        ("policy", "anping-taiwan-1"),
        ("release", "visits", "--tier", "internal", "--purposes", "TRAIN", "--recipient", "lab"),
        ("dossier", "visits", folder / "out"),
    ):
        said = anping(*command, *where)
        assert said.code == 0, said.all
    return folder / "out"


def test_it_verifies_and_its_measures_are_recomputed(dossier: Path) -> None:
    said = anping("verify", dossier, "--replay")
    assert said.code == 0, said.all


def test_the_values_go_out_beside_the_table(dossier: Path) -> None:
    table = pc.read_csv(dossier / "data" / "visits.csv")
    values = pc.read_csv(dossier / "data" / "visits.values.csv")
    assert table.num_rows == 720
    assert set(table["illness"].to_pylist()) == set(values["group"].to_pylist())
    assert set(values["illness"].to_pylist()) == set("VWXYZ")
    assert (dossier / "data" / "visits.values.parquet").exists()
    described = json.loads((dossier / "metadata" / "croissant.json").read_bytes())
    assert "data/visits.values.csv" in {each["@id"] for each in described["distribution"]}


def test_the_account_tells_the_chances_and_the_sample(dossier: Path) -> None:
    protection = json.loads((dossier / "protection" / "coverage.json").read_bytes())
    assert protection["sampled"] == pytest.approx(0.8)
    told = {each["column"]: each for each in protection["operations"]}
    assert told["job"]["details"]["pram"]["keep"] == 0.8
    assert told["illness"]["technique"] == "anatomization"
    named = {each["id"] for each in json.loads((dossier / "measures.json").read_bytes())}
    assert {"deid.sampling_fraction", "deid.microaggregation.loss"} <= named
    assert "risk.population_uniqueness.low" in named
