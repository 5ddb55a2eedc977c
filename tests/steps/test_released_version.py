"""A release speaks of one version of the protected table, whatever was measured of others."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from command_line import anping

PLAN = """\
plan: 1
model: {{k: {k}}}
columns:
  id: {{do: drop}}
  sex: {{do: generalise, hierarchy: {{kind: category}}}}
  age: {{do: generalise, hierarchy: {{kind: age}}}}
  illness: {illness}
"""
RELEASE = (
    "release", "visits", "--tier", "internal", "--purposes", "TRAIN", "--recipient", "lab",
)  # fmt: skip


def run(folder: Path, *commands: tuple[str | Path, ...]) -> None:
    for command in commands:
        said = anping(*command, "--workspace", folder / "w")
        assert said.code == 0, said.all


def planned(folder: Path, k: int, illness: str) -> tuple[str | Path, ...]:
    path = folder / f"plan{k}.yaml"
    path.write_text(PLAN.format(k=k, illness=illness), "utf-8")
    return "plan", "visits", "--file", path


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Return a folder with a workspace whose table was protected and measured twice."""
    lines = ["id,sex,age,illness"]
    lines += [f"P{n:04d},{'FM'[n % 2]},{20 + n * 7 % 50},{'VWXYZ'[n % 5]}" for n in range(1200)]
    (tmp_path / "visits.csv").write_text("\n".join(lines) + "\n", "utf-8")
    risk = ("risk", "visits", "--targets", "200", "--attacks", "linkage")
    run(
        tmp_path,
        ("init",),
        ("add", "visits", tmp_path / "visits.csv"),
        ("scan", "visits"),
        ("confirm", "visits", "--every", "--why", "looked at"),
        ("policy", "anping-taiwan-1"),
        planned(tmp_path, 3, "{do: anatomize, l: 3}"),
        ("protect", "visits"),
        risk,
        ("utility", "visits", "--rows", "1000"),
        planned(tmp_path, 8, "{do: keep}"),
        ("protect", "visits"),
        risk,
    )
    return tmp_path


def test_what_was_measured_of_an_earlier_version_stays_out(folder: Path) -> None:
    run(folder, RELEASE, ("dossier", "visits", folder / "out"))
    said = anping("verify", folder / "out", "--replay")
    assert said.code == 0, said.all
    # The ledger of the dossier tells of one protection only, and names neither old report.
    named = (folder / "out" / "measures.json").read_text("utf-8")
    assert "utility." not in named
    assert "deid.anatomy" not in named
    release = json.loads((folder / "out" / "metadata" / "croissant.json").read_bytes())
    assert "visits.values" not in json.dumps(release)
    # Measured of the released version, the utility is in.
    run(folder, ("utility", "visits", "--rows", "1000"), RELEASE,
        ("dossier", "visits", folder / "again"))  # fmt: skip
    assert "utility." in (folder / "again" / "measures.json").read_text("utf-8")
    said = anping("verify", folder / "again", "--replay")
    assert said.code == 0, said.all


def test_a_plan_that_was_changed_after_the_protection(folder: Path) -> None:
    run(folder, planned(folder, 9, "{do: keep}"))
    said = anping("--json-errors", *RELEASE, "--workspace", folder / "w")
    assert json.loads(said.err)["error"]["code"] == "release.other-plan"
    used = json.loads(said.err)["error"]["hint"]["en"].partition("plan=")[2].rstrip(".")
    run(folder, (*RELEASE, "--input", f"plan={used}"))
