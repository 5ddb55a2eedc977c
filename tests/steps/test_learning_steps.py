"""From a table to a model, its predictions and its release: labels, consents, evidence."""

from __future__ import annotations

import csv
import json
import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow.parquet as pq
import pytest

from anping.core.errors import ParameterError, SchemaError, WorkspaceError
from anping.core.measure import find
from anping.core.text import Text
from anping.engine.table import Table
from anping.learn.families import FAMILIES
from anping.steps.catalogue import step
from anping.steps.compose.lineage import lineage
from anping.steps.compose.models import open_model
from anping.steps.compose.touched import touched
from anping.steps.verification import verify_dossier
from anping.workspace.content import text_of
from anping.workspace.dossier import export
from anping.workspace.perform import Job, Performed, perform
from anping.workspace.pipeline import read_pipeline, run_pipeline
from anping.workspace.replay import replay
from anping.workspace.witnessing import checkpoint, cosigned_by
from anping.workspace.workspace import Workspace
from places import copied
from walking import Walk

QUICK: dict[str, Any] = {"target": "違約", "only": "lightgbm", "seconds": 0.1}
PERSON = "客戶編號"


@dataclass(frozen=True)
class Learnt:
    """A bank that learnt a model of its raw table, registered consents, and learnt two more."""

    workspace: Workspace
    sample: Path
    witness: Path
    done: Mapping[str, Performed]

    def do(self, name: str, subject: str = "customers", **given: Any) -> Performed:
        """Perform a step."""
        return perform(self.workspace, Job(step(name), subject, given))

    @property
    def consents(self) -> list[dict[str, str]]:
        """The rows of the sample's register."""
        with (self.sample / "consents.csv").open(encoding="utf-8", newline="") as stream:
            return list(csv.DictReader(stream))

    @property
    def gone(self) -> set[str]:
        """Who has withdrawn, worked out from the file itself."""
        last = {row[PERSON]: row["decision"] for row in sorted(self.consents, key=_moment)}
        return {person for person, decision in last.items() if decision == "withdrawn"}


def _moment(row: Mapping[str, str]) -> tuple[str, bool]:
    return row["when"], row["decision"] == "withdrawn"


@pytest.fixture(scope="module")
def bank_learnt(bank: Walk, tmp_path_factory: pytest.TempPathFactory) -> Learnt:
    folder = tmp_path_factory.mktemp("learnt")
    workspace = copied(bank.workspace, folder).open()
    witness = shutil.copytree(bank.witness, folder / "witness")
    done: dict[str, Performed] = {}
    learnt = Learnt(workspace, bank.sample, witness, done)
    done["before"] = learnt.do("learn.tabular", **QUICK)
    file = bank.sample / "consents.csv"
    done["consent"] = learnt.do("govern.consent", file=file, person=PERSON)
    done["raw"] = learnt.do("learn.tabular", **QUICK)
    done["protected"] = learnt.do("learn.tabular", "customers.protected", **QUICK)
    done["predictions"] = learnt.do(
        "learn.predict", "customers.model", table="customers.protected", coverage=0.9
    )
    return learnt


def value(performed: Performed, name: str) -> tuple[float, int]:
    found = find(performed.outcome.measures, name)
    assert found is not None, name
    return found.value, found.n


def report(learnt: Learnt, name: str) -> dict[str, Any]:
    asset = next(a for a in learnt.done[name].outputs if a.name.endswith(".learning"))
    body: dict[str, Any] = json.loads(learnt.workspace.path(asset).read_bytes())
    return body


def rows_of(learnt: Learnt, *names: str) -> int:
    raw = Table.open(learnt.workspace.path(learnt.workspace.need("customers")))
    return sum(cell in names for cell in raw.column(PERSON).to_pylist())


def test_rows_of_people_who_withdrew_are_left_out_of_the_raw_table(bank_learnt: Learnt) -> None:
    rows = bank_learnt.workspace.need("customers").rows or 0
    gone = rows_of(bank_learnt, *bank_learnt.gone)
    assert gone >= 5
    assert value(bank_learnt.done["raw"], "consent.rows") == (rows, rows)
    assert value(bank_learnt.done["raw"], "consent.rows_left_out") == (gone, rows)
    assert value(bank_learnt.done["raw"], "consent.rows_of_withdrawn") == (0, rows - gone)
    assert value(bank_learnt.done["raw"], "learn.rows") == (rows - gone, rows - gone)


def test_and_of_the_protected_table_by_way_of_its_links(bank_learnt: Learnt) -> None:
    workspace = bank_learnt.workspace
    links = pq.read_table(workspace.path(workspace.need("customers.links")))
    raw = Table.open(workspace.path(workspace.need("customers"))).column(PERSON).to_pylist()
    of = [raw[row] for row in links.column("raw_row").to_pylist()]
    gone = sum(person in bank_learnt.gone for person in of)
    measured = bank_learnt.done["protected"]
    assert value(measured, "consent.rows")[0] == len(of)
    assert value(measured, "consent.rows_of_withdrawn") == (0, len(of) - gone)
    assert value(measured, "learn.rows")[0] == len(of) - gone


def test_rows_held_out_are_numbered_as_in_the_table_and_are_nobodys_who_withdrew(
    bank_learnt: Learnt,
) -> None:
    found = report(bank_learnt, "raw")
    raw = Table.open(bank_learnt.workspace.path(bank_learnt.workspace.need(found["table"])))
    people = raw.column(PERSON).to_pylist()
    held = found["heldOut"]
    assert 0.15 * len(people) < len(held) == len(set(held)) < 0.25 * len(people)
    assert not {people[row] for row in held} & bank_learnt.gone


def test_the_model_and_its_report_belong_together_and_inherit_the_labels(
    bank_learnt: Learnt,
) -> None:
    workspace = bank_learnt.workspace
    opened = open_model(workspace, "customers.model@2")
    assert opened.learning is not None
    assert opened.learning["model"] == opened.asset.digest
    assert opened.asset.labels == workspace.need("customers").labels
    assert opened.asset.confidential
    assert opened.model.signature.target == "違約"
    of_protected = open_model(workspace, "customers").asset
    assert not of_protected.confidential
    assert of_protected.labels.purposes == frozenset({"TRAIN", "EVAL_ONLY"})


def test_a_model_and_its_report_keep_no_name_and_the_model_is_not_printed(
    bank_learnt: Learnt,
) -> None:
    body = json.dumps(report(bank_learnt, "raw"), ensure_ascii=False)
    raw = Table.open(bank_learnt.workspace.path(bank_learnt.workspace.need("customers")))
    for column in ("姓名", "客服備註"):
        assert not [cell for cell in set(raw.column(column).to_pylist()) if cell and cell in body]
    with pytest.raises(ParameterError) as caught:
        text_of(bank_learnt.workspace, "customers.model")
    assert caught.value.code == "show.not-text"


def test_the_column_of_people_is_looked_for_in_the_table_first(bank_learnt: Learnt) -> None:
    file = bank_learnt.sample / "consents.csv"
    with pytest.raises(SchemaError) as caught:
        bank_learnt.do("govern.consent", file=file, person="customer")
    assert caught.value.code == "schema.missing-column"


def test_no_person_stands_in_the_register_or_the_evidence(bank_learnt: Learnt) -> None:
    workspace = bank_learnt.workspace
    register = workspace.path(workspace.need("customers.consent")).read_bytes()
    statements = [json.dumps(e.record, ensure_ascii=False) for e in workspace.ledger.entries()]
    for person in {row[PERSON] for row in bank_learnt.consents}:
        assert person.encode() not in register
        assert not any(person in statement for statement in statements)


def test_replay_recomputes_that_nobody_who_withdrew_was_learnt_from(bank_learnt: Learnt) -> None:
    model = bank_learnt.workspace.need("customers.model").reference
    found = [
        r for r in replay(bank_learnt.workspace, model, step=step) if r.step.startswith("learn")
    ]
    assert {"consent.rows_of_withdrawn", "learn.auc"} <= {r.stated.name for r in found}
    assert all(r.same for r in found)


def test_a_withdrawal_names_what_was_made_with_the_persons_rows(bank_learnt: Learnt) -> None:
    found = {
        each.asset.reference: each.sure for each in touched(bank_learnt.workspace, "customers")
    }
    assert found["customers.model@1"] is True
    assert "customers.protected@1" in found
    assert "customers.release@1" in found
    assert not {"customers.model@2", "customers.model@3"} & found.keys()


def test_predictions_are_what_the_model_says_row_by_row(bank_learnt: Learnt) -> None:
    workspace = bank_learnt.workspace
    made = Table.open(workspace.path(workspace.need("customers.protected.predictions"))).arrow()
    table = Table.open(workspace.path(workspace.need("customers.protected"))).arrow()
    model = open_model(workspace, "customers").model
    said = model.predict(table, coverage=0.9)
    assert made.column_names == ["predicted", "probability:0", "probability:1", "possible"]
    assert np.array_equal(made.column("probability:1").to_numpy(), said.values[:, 1])
    assert said.sets is not None
    sets = [" | ".join(c for c, there in zip("01", row, strict=True) if there) for row in said.sets]
    assert made.column("possible").to_pylist() == sets
    likely = [str(int(row[1] > row[0])) for row in said.values]
    assert made.column("predicted").to_pylist() == likely


def test_a_prediction_goes_back_to_the_raw_file(bank_learnt: Learnt) -> None:
    found = lineage(bank_learnt.workspace, "customers.protected.predictions:predicted")
    steps = [run.step for run in found.runs]
    assert steps[0] == "know.add"
    assert {"protect.deid", "learn.tabular", "learn.predict"} <= set(steps)
    assert any(place.dataset == "customers.csv" for place, _ in found.ends)


def test_a_model_is_released_with_its_papers_and_verified_offline(
    bank_learnt: Learnt, tmp_path: Path
) -> None:
    released = bank_learnt.do(
        "share.model", tier="internal", purposes=["TRAIN"], predictions="customers.protected"
    )
    assert not released.refused
    checkpoint(bank_learnt.workspace)
    cosigned_by(bank_learnt.workspace, bank_learnt.witness)
    handed = export(bank_learnt.workspace, "customers.model", tmp_path / "dossier")
    told = verify_dossier(handed.archive, replay=bank_learnt.workspace)
    assert told.ok, [finding for finding in told.findings if finding.outcome == "fail"]
    codes = {finding.code for finding in told.findings}
    assert {"model.same", "model.permitted", "gate.outcome", "flow.closed"} <= codes
    learning = json.loads((handed.folder / "learning.json").read_bytes())
    assert isinstance(learning["heldOut"], int)
    assert (handed.folder / "data" / "predictions.csv").is_file()
    for language in ("zh", "en"):
        page = (handed.folder / f"model.{language}.html").read_text("utf-8")
        assert "違約" in page
        assert "<script" not in page


def test_another_model_in_the_dossier_is_found(bank_learnt: Learnt, tmp_path: Path) -> None:
    bank_learnt.do("share.model", tier="internal", purposes=["TRAIN"])
    handed = export(bank_learnt.workspace, "customers.model", tmp_path / "dossier")
    other = bank_learnt.workspace.path(bank_learnt.workspace.need("customers.model@1"))
    (handed.folder / "model" / "customers.anping").write_bytes(other.read_bytes())
    told = verify_dossier(handed.folder)
    assert "model.other" in {f.code for f in told.findings if f.outcome == "fail"}


@pytest.mark.parametrize(
    ("given", "inputs", "codes"),
    [
        ({"tier": "registered"}, {}, {"model.judged"}),
        (
            {"tier": "registered"},
            {"model": "customers.model@1", "learning": "customers.learning@1"},
            {"model.judged", "model.protected", "model.consents"},
        ),
        ({"tier": "internal", "purposes": ["COMMERCIAL"]}, {}, {"release.purposes:labels"}),
    ],
)
def test_a_model_that_may_not_leave_is_refused(
    bank_learnt: Learnt, given: dict[str, Any], inputs: dict[str, str], codes: set[str]
) -> None:
    asked = {"purposes": ["TRAIN"], **given}
    done = perform(
        bank_learnt.workspace, Job(step("share.model"), "customers", asked, inputs=inputs)
    )
    assert done.verdict is not None
    assert done.refused
    failed = {reason.code for reason in done.verdict.reasons if not reason.holds}
    assert codes <= failed


def test_data_that_rests_on_consent_is_learnt_only_where_it_was_given(
    bank_learnt: Learnt, tmp_path: Path
) -> None:
    people = Table.open(bank_learnt.workspace.path(bank_learnt.workspace.need("customers")))
    numbers = [n for n in people.column(PERSON).to_pylist() if n]
    given = tmp_path / "given.csv"
    lines = "".join(f"{number},given,2025-01-01\n" for number in numbers[: len(numbers) // 2])
    given.write_text(f"{PERSON},decision,when\n{lines}", "utf-8")
    bank_learnt.do(
        "know.add", "agreed", path=str(bank_learnt.sample / "customers.csv"),
        purposes=["TRAIN"], legal_basis=["pdpa:art19:consent"],
    )  # fmt: skip
    refused = bank_learnt.do("learn.tabular", "agreed", **QUICK)
    assert refused.verdict is not None
    assert {r.code for r in refused.verdict.reasons if not r.holds} == {"training.consent"}
    assert [asset.name for asset in refused.outputs] == ["agreed.refusal"]
    bank_learnt.do("govern.consent", "agreed", file=given, person=PERSON)
    done = bank_learnt.do("learn.tabular", "agreed", **QUICK)
    assert value(done, "learn.rows")[0] == rows_of(bank_learnt, *numbers[: len(numbers) // 2])


def test_the_raw_table_of_another_day_proves_nothing(bank_learnt: Learnt, tmp_path: Path) -> None:
    grown = tmp_path / "customers.csv"
    lines = (bank_learnt.sample / "customers.csv").read_text("utf-8").splitlines(keepends=True)
    grown.write_text("".join([*lines[:200]]), "utf-8")
    bank_learnt.do("know.add", path=str(grown), purposes=["TRAIN", "EVAL_ONLY"])
    asked = {**QUICK, "protected": True, "seed": 5}
    with pytest.raises(WorkspaceError, match=r"consent\.other-raw") as caught:
        perform(bank_learnt.workspace, Job(step("learn.tabular"), "customers", asked))
    assert "--input raw=customers@1" in caught.value.hint.en
    inputs = {"raw": "customers@1", "links": "customers.links@1"}
    done = perform(
        bank_learnt.workspace, Job(step("learn.tabular"), "customers", asked, inputs=inputs)
    )
    assert value(done, "consent.rows_of_withdrawn")[0] == 0


class _StoppedError(Exception):
    """What an interruption raises here."""


def test_an_interrupted_learning_goes_on_where_it_was(
    bank_learnt: Learnt, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = {**QUICK, "seed": 77}
    job = Job(step("learn.tabular"), "customers", asked, inputs={"table": "customers@1"})

    def stop(what: Text, done: int, total: int | None) -> None:
        del done, total
        if what.en == "Choosing models":
            raise _StoppedError

    with pytest.raises(_StoppedError):
        perform(bank_learnt.workspace, job, progress=stop)
    kept = bank_learnt.workspace.scratch / "learn-customers"
    assert kept.is_dir()

    def learnt_already(*_: object, **__: object) -> None:
        raise AssertionError

    monkeypatch.setitem(FAMILIES, "lightgbm", learnt_already)
    assert perform(bank_learnt.workspace, job).outputs
    assert not kept.exists()


def test_the_samples_pipeline_goes_from_the_raw_file_to_predictions(
    bank: Walk, tmp_path: Path
) -> None:
    text = (bank.sample / "learning.yaml").read_text("utf-8")
    quick = bank.sample / "learning-quick.yaml"
    quick.write_text(text.replace("seconds: 20", "seconds: 0.1, only: lightgbm"), "utf-8")
    workspace = Workspace.create(tmp_path / "workspace", keys=tmp_path / "keys")
    done = list(run_pipeline(workspace, read_pipeline(quick), step=step))
    again = list(run_pipeline(workspace, read_pipeline(quick), step=step))
    names = [asset.name for each in done for asset in each.outputs]
    assert names[-1] == "customers.protected.predictions"
    assert all(each.reused for each in again)
    assert value(done[-2], "consent.rows_of_withdrawn")[0] == 0
