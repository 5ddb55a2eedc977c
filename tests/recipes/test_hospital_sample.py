"""The hospital sample is reproducible, consistent in time, and its target can be learnt."""

from __future__ import annotations

import json
import re
from collections import defaultdict
from collections.abc import Callable
from datetime import date, datetime
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest

from anping.recipes.health.clinic import DIAGNOSES, readmission_logit
from anping.recipes.health.notes import ABOUT_NOBODY, ABOUT_PEOPLE
from anping.recipes.health.sample import TODAY, Admission, draw_admissions, write_hospital
from anping.recipes.sample.files import SampleFiles
from anping.recipes.sample.truth import read_truth
from anping.stats.auc import auc

Rows = list[dict[str, str]]
Reader = Callable[[Path, str], Rows]


@pytest.fixture(scope="module")
def drawn() -> tuple[Admission, ...]:
    return draw_admissions(8000)


def day(text: str) -> date:
    return datetime.strptime(text, "%Y/%m/%d").date()  # noqa: DTZ007 - a day has no time zone


def test_the_same_seed_gives_the_same_bytes(tmp_path: Path) -> None:
    one, two = (write_hospital(tmp_path / name, people=100, seed=8) for name in ("one", "two"))
    for path in one.folder.rglob("*"):
        if path.is_file():
            assert path.read_bytes() == (two.folder / path.relative_to(one.folder)).read_bytes()
    other = write_hospital(tmp_path / "three", people=100, seed=9)
    assert other.main.read_bytes() != one.main.read_bytes()


def test_big5_and_json_lines_hold_the_same_content(
    hospital: SampleFiles, visits: Rows, read_rows: Reader
) -> None:
    assert read_rows(hospital.folder / "visits_big5.csv", "cp950") == visits
    lines = (hospital.folder / "visits.jsonl").read_text("utf-8").split("\n")[:-1]
    assert len(lines) == len(visits)
    for line, row in zip(lines, visits, strict=True):
        values = json.loads(line)
        assert {k: "" if v is None else str(v) for k, v in values.items()} == row
        assert isinstance(values["30日再入院"], int)


def test_every_table_has_its_truth(hospital: SampleFiles) -> None:
    main = read_truth(hospital.folder, "visits.csv")
    assert read_truth(hospital.folder, "visits.jsonl").spans == main.spans
    assert read_truth(hospital.folder, "visits_big5.csv").people == main.people
    assert read_truth(hospital.folder, "patients.csv").spans != main.spans


def test_the_target_follows_the_documented_model(drawn: tuple[Admission, ...]) -> None:
    labels = np.array([a.stay.readmitted for a in drawn])
    scores = np.array(
        [readmission_logit(a.stay, age=a.age, smoker=a.patient.body.smoking == "是") for a in drawn]
    )
    assert 0.125 < labels.mean() < 0.17
    assert 0.75 < auc(labels, scores) < 0.81
    shuffled = np.random.default_rng(3).permutation(labels)
    assert abs(auc(shuffled, scores) - 0.5) < 0.03


def test_readmissions_happen_when_they_are_said_to(drawn: tuple[Admission, ...]) -> None:
    chains = defaultdict(list)
    for admission in drawn:
        chains[admission.patient.subject.person.index].append(admission)
    for chain in chains.values():
        chain.sort(key=lambda admission: admission.admitted)
        assert [a.stay.earlier for a in chain] == list(range(len(chain)))
        for now, then in pairwise(chain):
            gap = (then.admitted - now.discharged).days
            assert now.stay.readmitted == (2 <= gap <= 30)
        assert all(a.admitted <= TODAY for a in chain)


def test_written_visits_are_consistent(visits: Rows) -> None:
    codes = {d.code: d.name for d in DIAGNOSES}
    assert len(visits) > len({row["病歷號"] for row in visits})
    assert len({row["住院號"] for row in visits}) == len(visits)
    births = {row["性別"] for row in visits if row["診斷碼"].startswith("O")}
    assert births == {"女"}
    for row in visits:
        assert day(row["入院日期"]) < day(row["出院日期"])
        assert codes[row["診斷碼"]] == row["診斷名稱"].strip()
        assert int(row["舒張壓"]) < int(row["收縮壓"])


def test_body_figures_agree_with_one_another(visits: Rows) -> None:
    complete = [r for r in visits if r["身高"] and r["體重"] and r["BMI"]]
    bmi = [float(r["體重"]) / (float(r["身高"]) / 100) ** 2 / float(r["BMI"]) for r in complete]
    assert np.mean(np.abs(np.array(bmi) - 1) < 0.01) > 0.99
    assert 23.5 < np.median([float(r["BMI"]) for r in complete]) < 25
    men = [float(r["身高"]) for r in complete if r["性別"] == "男"]
    women = [float(r["身高"]) for r in complete if r["性別"] == "女"]
    assert 9 < np.mean(men) - np.mean(women) < 15
    diabetic = [float(r["空腹血糖"]) for r in visits if r["空腹血糖"] and r["診斷碼"] == "E11.9"]
    others = [float(r["空腹血糖"]) for r in visits if r["空腹血糖"] and r["診斷碼"] == "J18.9"]
    assert np.mean(diabetic) > 1.25 * np.mean(others)


def test_notes_have_enough_templates_and_only_known_slots(visits: Rows) -> None:
    templates = (*ABOUT_PEOPLE, *ABOUT_NOBODY)
    assert len(set(templates)) == len(templates) >= 40
    assert not any(re.search(r"[{}]", row["病程紀錄"]) for row in visits)
    assert any(re.search("[a-z]{5}", row["病程紀錄"]) for row in visits)


def test_patients_are_the_people_of_the_visits(
    hospital: SampleFiles, visits: Rows, read_rows: Reader
) -> None:
    patients = read_rows(hospital.folder / "patients.csv", "utf-8-sig")
    # A second record number may have no admission yet when the files are extracted.
    assert {row["病歷號"] for row in visits} <= {row["病歷號"] for row in patients}
    assert len({row["病歷號"] for row in patients}) == len(patients)
    assert all(re.fullmatch(r"\d{4}-\d\d-\d\d", row["出生日期"]) for row in patients)
