"""A release is called what a person confirmed; a mere proposal stands nowhere on its card."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from command_line import anping

PLAN = """\
plan: 1
model: {k: 3}
columns:
  id: {do: drop}
  sex: {do: generalise, hierarchy: {kind: category}}
  age: {do: generalise, hierarchy: {kind: age}}
  診斷: {do: keep}
"""
RELEASE = ("release", "visits", "--tier", "internal", "--purposes", "TRAIN", "--recipient", "lab")


def run(folder: Path, *commands: tuple[str | Path, ...]) -> None:
    for command in commands:
        said = anping(*command, "--workspace", folder / "w")
        assert said.code == 0, said.all


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder with a workspace whose table was protected and measured."""
    folder = tmp_path_factory.mktemp("described")
    lines = ["id,sex,age,診斷"]
    illness = ("高血壓", "糖尿病", "氣喘", "偏頭痛", "無")
    lines += [f"P{n:04d},{'FM'[n % 2]},{20 + n * 7 % 50},{illness[n % 5]}" for n in range(600)]
    (folder / "visits.csv").write_text("\n".join(lines) + "\n", "utf-8")
    (folder / "plan.yaml").write_text(PLAN, "utf-8")
    run(
        folder,
        ("init",),
        ("add", "visits", folder / "visits.csv"),
        ("scan", "visits"),
        ("confirm", "visits", "--every", "--why", "looked at"),
        ("policy", "anping-taiwan-1"),
        ("plan", "visits", "--file", folder / "plan.yaml"),
        ("protect", "visits"),
        ("risk", "visits", "--targets", "100", "--attacks", "linkage"),
    )
    return folder


def card(folder: Path, name: str) -> tuple[dict[str, object], str]:
    """Release and hand over; return the Croissant metadata and the English card."""
    dossier = folder / name
    run(folder, (*RELEASE, "--dossier", dossier))
    croissant = json.loads((dossier / "metadata" / "croissant.json").read_text("utf-8"))
    page = (dossier / "card.en.html").read_text("utf-8")
    assert anping("verify", dossier).code == 0
    return croissant, page


def test_a_card_shows_only_what_a_person_confirmed(folder: Path) -> None:
    run(folder, ("describe", "visits"))
    croissant, page = card(folder, "proposed")
    assert croissant["alternateName"] == "visits"
    assert croissant["keywords"] == ["visits"]
    assert "HEAL" not in page
    run(folder, ("describe", "visits", "--title-zh", "門診", "--title-en", "Outpatients"))
    croissant, page = card(folder, "titled")
    assert croissant["alternateName"] == "門診"
    assert "Outpatients" in page
    assert "HEAL" not in page
    run(folder, ("describe", "visits", "--accept", "--why", "read"))
    croissant, page = card(folder, "accepted")
    keywords = croissant["keywords"]
    assert isinstance(keywords, list)
    assert "HEAL" in keywords
    assert "HEAL" in page
    assert "The source table: 600 rows of 4 columns" in page
    evidence = (folder / "accepted" / "evidence" / "statements.intoto.jsonl").read_bytes()
    assert evidence
