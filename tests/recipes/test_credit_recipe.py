"""The credit recipe: its sample is as documented, and its pipeline finds what was put in."""

from __future__ import annotations

import csv
import json
import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from anping.core.measure import Measure
from anping.engine.table import Table
from anping.learn.scorecard import scorecard_of
from anping.recipes.finance.credit.applicants import CAMPAIGN, Applicant, default_logit
from anping.recipes.finance.credit.sample import draw_applications, write_credit
from anping.recipes.samples import write_sample
from anping.stats.auc import auc
from anping.steps.catalogue import step
from anping.steps.compose.models import open_model
from anping.workspace.pipeline import read_pipeline, run_pipeline
from anping.workspace.workspace import Workspace
from places import home


def rows_of(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream))


@pytest.fixture(scope="module")
def drawn() -> tuple[Applicant, ...]:
    return draw_applications(4000)


@pytest.fixture(scope="module")
def walked(tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    pytest.importorskip("lightgbm", reason="the boosted model needs the extra models")
    folder = tmp_path_factory.mktemp("credit")
    write_sample("credit", folder / "sample", people=3000)
    loaded = read_pipeline(folder / "sample" / "pipeline.yaml")
    workspace = home("sqlite", folder).create()
    tuple(run_pipeline(workspace, loaded, step=step))
    return workspace


def body(workspace: Workspace, name: str) -> Any:
    return json.loads(workspace.path(workspace.need(name)).read_bytes())


def measures(workspace: Workspace, identifier: str) -> dict[str, Measure]:
    found: dict[str, Measure] = {}
    for entry in workspace.ledger.entries():
        predicate = entry.record["predicate"]
        if predicate["step"]["id"] == identifier:
            found |= {m.key: m for m in map(Measure.from_json, predicate["measurements"])}
    return found


def test_the_same_seed_gives_the_same_bytes(tmp_path: Path) -> None:
    for name in ("one", "two"):
        write_credit(tmp_path / name, people=100, seed=3)
    one, two = (
        {p.relative_to(tmp_path / n): p.read_bytes() for p in (tmp_path / n).rglob("*") if p.is_file()}
        for n in ("one", "two")
    )  # fmt: skip
    assert one == two
    assert Path("truth/outcomes.csv") in one


def test_the_sample_is_as_documented(drawn: tuple[Applicant, ...]) -> None:
    bad = np.array([one.default for one in drawn])
    approved = np.array([one.approved for one in drawn])
    assert 0.12 < bad.mean() < 0.19
    assert 0.68 < approved.mean() < 0.82
    # The old rule refuses those who would fail, but not only those.
    assert 1.7 < bad[~approved].mean() / bad[approved].mean() < 3.5
    logit = [
        default_logit(one.finances, enquiries=one.enquiries, use=one.use, years=one.years)
        for one in drawn
    ]
    assert 0.79 < auc(bad, np.array(logit)) < 0.87
    enquiries = np.array([one.enquiries for one in drawn])
    late = np.array([one.applied >= CAMPAIGN for one in drawn])
    assert 1.5 < enquiries[late].mean() / enquiries[~late].mean() < 2.1
    women = np.array([one.person.sex == "F" for one in drawn])
    income = np.array([one.finances.income for one in drawn])
    assert np.median(income[women]) < np.median(income[~women])


def test_refused_applicants_have_no_outcome_in_the_table(tmp_path: Path) -> None:
    files = write_credit(tmp_path / "credit", people=200)
    rows, truth = rows_of(files.main), rows_of(files.truth / "outcomes.csv")
    assert all((row["違約"] == "") == (row["核准"] == "N") for row in rows)
    assert [row["申請編號"] for row in rows] == [row["申請編號"] for row in truth]
    assert all(r["違約"] in {"", t["違約"]} for r, t in zip(rows, truth, strict=True))
    page = files.readme.read_text("utf-8")
    assert all(page.count(f"| {name} |") == 2 for name in rows[0])
    assert all(re.fullmatch(r"-1|0(\.\d+)?|1", row["額度使用率"]) for row in rows)


def test_the_pipeline_finds_what_was_put_in(walked: Workspace) -> None:
    found = measures(walked, "learn.scorecard")
    card = body(walked, "applications-scorecard.report")["card"]
    points = {one["column"]: one for one in card["points"]}
    assert {"逾期次數", "負債比", "查詢次數"} <= set(points)
    assert not {"性別", "年齡", "核准", "申請日期", "身分證字號"} & set(points)
    assert points["逾期次數"]["trend"] == "ascending"
    assert 0.70 < found["judge.credit.auc[scorecard]"].value < 0.88
    assert found["judge.credit.auc[scorecard]"].interval is not None
    shift = {key: m.value for key, m in found.items() if key.startswith("judge.credit.csi[")}
    assert max(shift, key=lambda key: shift[key]).startswith("judge.credit.csi[查詢次數")
    assert max(shift.values()) > 0.15


def test_the_truth_of_the_refused_lies_in_the_band(walked: Workspace) -> None:
    found = measures(walked, "learn.scorecard")
    truth = np.mean([one.default for one in draw_applications(3000)])
    band = {m.subject: m for m in found.values() if m.name == "judge.credit.all_bad_rate"}
    assert band["best"].value < truth < band["worst"].value
    told = [band[key].interval for key in ("extrapolation", "augmentation", "parcelling-2")]
    assert any(each is not None and each.low < truth < each.high for each in told)


def test_card_and_boosted_model_were_tested_on_the_same_rows(walked: Workspace) -> None:
    one = body(walked, "applications-scorecard.learning")
    other = body(walked, "applications.learning")
    assert one["heldOut"] == other["heldOut"]
    assert one["model"] == walked.need("applications-scorecard.model").digest
    found = measures(walked, "learn.scorecard")
    boosted = measures(walked, "learn.tabular")["learn.auc"]
    assert found["judge.credit.auc[boosted]"].value == pytest.approx(boosted.value)


def test_the_card_opens_as_any_model_and_its_page_speaks_both_languages(walked: Workspace) -> None:
    opened = open_model(walked, "applications-scorecard")
    assert opened.model.signature.target == "違約"
    assert opened.learning is not None
    page = walked.path(walked.need("applications-scorecard.page")).read_text("utf-8")
    for words in (
        "拒絕推論",
        "Reject inference",
        "核准門檻",
        "Cut-offs",
        "婉拒理由",
        "Adverse-action",
    ):
        assert words in page
    assert "<script" not in page


def test_the_principles_are_green_only_with_an_independent_judge(walked: Workspace) -> None:
    found = body(walked, "applications-scorecard.principles")
    assert found["complete"], [r["code"] for r in found["reasons"] if not r["holds"]]
    assert len(found["reasons"]) == 12
    page = walked.path(walked.need("applications-scorecard.principles.page")).read_text("utf-8")
    assert "金融監督管理委員會" in page


def test_every_applicant_has_a_score_and_reasons_that_are_not_protected(walked: Workspace) -> None:
    scores = Table.open(walked.path(walked.need("applications-scorecard.scores"))).arrow()
    rows = Table.open(walked.path(walked.need("applications"))).arrow()
    card = scorecard_of(open_model(walked, "applications-scorecard").model)
    assert scores.num_rows == rows.num_rows == 3000
    assert scores.column("score").to_pylist() == card.scores(rows).tolist()
    some = rows.slice(0, 50)
    reasons = card.reasons(some, never=("性別", "年齡"))
    for rank in range(4):
        zh = scores.column(f"reason_{rank + 1}_zh").to_pylist()[:50]
        assert zh == [each[rank].text.zh if rank < len(each) else None for each in reasons]
    first = [text for text in scores.column("reason_1_en").to_pylist() if text]
    assert not any("性別" in text or "年齡" in text for text in first)
