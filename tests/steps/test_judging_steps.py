"""A model judged in a workspace: on rows that it has not seen, measured again, and told whole."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest

from anping.core.errors import AnpingError, InputError, ParameterError, WorkspaceError
from anping.core.measure import find
from anping.steps.catalogue import step
from anping.workspace.perform import Job, Performed, perform
from anping.workspace.replay import replay
from anping.workspace.workspace import Workspace
from places import copied
from walking import Walk

pytest.importorskip("lightgbm")
QUICK: dict[str, Any] = {"target": "違約", "only": "lightgbm", "seconds": 0.1}
ONLY = ["accuracy", "calibration", "thresholds", "coverage", "groups", "fairness", "proxies"]
ASKED: dict[str, Any] = {
    "only": ONLY,
    "group": ["性別", "教育程度"],
    "favourable": "0",
    "priority": "harm",
    "again": False,
}


@dataclass(frozen=True)
class Judged:
    """A bank with a model of its raw table, and what judging it came to."""

    workspace: Workspace
    sample: Path
    performed: Performed

    def do(self, name: str, subject: str = "customers", **given: Any) -> Performed:
        """Perform a step."""
        return perform(self.workspace, Job(step(name), subject, given))

    def content(self, reference: str) -> bytes:
        """Return what an asset holds."""
        return self.workspace.path(self.workspace.need(reference)).read_bytes()


@pytest.fixture(scope="module")
def judged(bank: Walk, tmp_path_factory: pytest.TempPathFactory) -> Judged:
    workspace = copied(bank.workspace, tmp_path_factory.mktemp("judged")).open()
    perform(workspace, Job(step("learn.tabular"), "customers", QUICK))
    done = perform(workspace, Job(step("judge.model"), "customers.model", ASKED))
    return Judged(workspace, bank.sample, done)


def test_the_model_is_judged_on_the_rows_that_were_held_out(judged: Judged) -> None:
    report = json.loads(judged.content("customers.judgement"))
    learning = json.loads(judged.content("customers.learning"))
    assert report["rows"] == len(learning["heldOut"])
    auc = find(judged.performed.outcome.measures, "judge.auc", "")
    learnt = next(one for one in learning["measures"] if one["id"] == "learn.auc")
    assert auc is not None
    assert auc.value == pytest.approx(learnt["value"], abs=1e-12)
    keys = {section["key"] for section in report["sections"]}
    assert keys >= {
        "accuracy",
        "calibration",
        "thresholds",
        "coverage",
        "groups",
        "fairness",
        "proxies",
    }
    assert {one["key"] for one in report["sections"][4]["decisions"]} == set()


def test_the_record_names_items_by_the_digests_of_the_statement(judged: Judged) -> None:
    record = json.loads(judged.content("customers.judgement"))["record"]
    entry = list(judged.workspace.ledger.entries())[judged.performed.statement]
    digests = {
        material["annotations"]["port"]: material["digest"]
        for material in entry.record["predicate"]["materials"]
    }
    for port in ("model", "learning", "table"):
        algorithm, _, value = record["items"][port]["digest"].partition(":")
        assert digests[port] == {algorithm: value}
    assert record["items"]["rows"]["digest"].startswith("hmac-sha256:")
    assert record["signatories"]
    assert record["environment"]["anping"]


def test_every_measure_is_the_same_when_measured_again(judged: Judged) -> None:
    again = [
        one
        for one in replay(judged.workspace, "customers.judgement", step=step)
        if one.step == "judge.model"
    ]
    assert len(again) > 100
    assert all(one.same for one in again)


def test_the_page_holds_both_languages_and_no_person(judged: Judged, bank: Walk) -> None:
    page = judged.content("customers.judgement-page").decode()
    assert "模型檢驗報告" in page
    assert "Test report on a model" in page
    assert not re.search(r"<script|https?://(?!www\.w3\.org)", page)
    raw = pq.read_table(bank.workspace.path(bank.workspace.need("customers")))
    whole = page + judged.content("customers.judgement").decode()
    for column in ("身分證字號", "姓名", "電子郵件"):
        cells = {cell for cell in raw.column(column).to_pylist() if cell and len(cell) > 3}
        assert not any(cell in whole for cell in cells)


def test_small_groups_reach_no_evidence(judged: Judged) -> None:
    assert all(measure.n >= 5 for measure in judged.performed.outcome.measures)
    raw = judged.workspace.path(judged.workspace.need("customers"))
    sizes = pq.read_table(raw).column("教育程度").value_counts().to_pylist()
    assert len(sizes) > 2


def test_other_rows_can_be_given_and_that_is_said(judged: Judged) -> None:
    done = judged.do(
        "judge.model", **{**ASKED, "table": "customers", "proxies": False, "group": []}
    )
    auc = find(done.outcome.measures, "judge.auc", "")
    assert auc is not None
    assert (
        auc.n == pq.read_table(judged.workspace.path(judged.workspace.need("customers"))).num_rows
    )
    assert any("not checked" in limit.en for limit in done.outcome.limits)


def test_it_may_be_learnt_again_to_see_whether_it_is_stable(judged: Judged) -> None:
    done = judged.do("judge.model", again=True, only=["stability", "membership"])
    names = {measure.name for measure in done.outcome.measures}
    assert any(name.startswith("judge.stability") for name in names)
    assert any(name.startswith("judge.membership") for name in names)
    assert any("one setting" in limit.en for limit in done.outcome.limits)


@pytest.mark.parametrize(
    ("given", "error", "code"),
    [
        ({"priority": "harm", "group": ["性別"]}, ParameterError, "judge.favourable"),
        (
            {"favourable": "x", "priority": "harm", "group": ["性別"]},
            ParameterError,
            "judge.favourable",
        ),
        ({"favourable": "0", "group": ["性別"]}, ParameterError, "judge.fairness"),
        ({"cost_false_positive": 1.0}, ParameterError, "judge.costs"),
        (
            {"cost_false_positive": 1e308, "cost_false_negative": 1e308},
            ParameterError,
            "judge.costs",
        ),
        ({"protected": True}, InputError, "judge.other-table"),
        ({"only": ["everything"]}, ParameterError, "judge.no-examination"),
        ({"group": ["沒有這欄"]}, AnpingError, "schema.missing-column"),
        ({"table": "nobody"}, WorkspaceError, "workspace"),
    ],
)
def test_what_cannot_be_judged_is_refused(
    judged: Judged, given: dict[str, Any], error: type[AnpingError], code: str
) -> None:
    with pytest.raises(error) as raised:
        judged.do("judge.model", **{"again": False, "only": ONLY, **given})
    assert raised.value.code.startswith(code.split(".", maxsplit=1)[0])
    assert raised.value.what.zh != raised.value.what.en


def test_nothing_held_out_is_refused(judged: Judged) -> None:
    judged.do("learn.tabular", **{**QUICK, "held_out": 0.0})
    with pytest.raises(InputError, match=r"judge\.no-held-out"):
        judged.do("judge.model", again=False)


def test_groups_that_protection_removed_come_from_the_raw_table(judged: Judged) -> None:
    judged.do("learn.tabular", "customers.protected", **QUICK)
    groups = ["客戶編號", "公司名稱", "性別"]
    protected = pq.read_table(judged.workspace.path(judged.workspace.need("customers.protected")))
    removed = [name for name in groups if name not in protected.column_names]
    assert removed
    done = judged.do(
        "judge.model", again=False, protected=True, group=groups, only=["accuracy", "groups"]
    )
    report = json.loads(judged.content("customers.judgement"))
    told = " ".join(text["en"] for text in report["deviations"])
    assert all(name in told for name in removed)
    entry = list(judged.workspace.ledger.entries())[done.statement]
    ports = {one["annotations"]["port"] for one in entry.record["predicate"]["materials"]}
    assert {"raw", "links"} <= ports
