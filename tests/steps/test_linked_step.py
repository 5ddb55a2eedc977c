"""Linked tables through the shells: one statement, keys that join, k over the joined profiles."""

from __future__ import annotations

from collections import Counter, defaultdict
from pathlib import Path
from typing import Any

import pytest
import yaml

from anping.core.measure import Measure
from anping.engine.table import Table
from anping.protect import read_plan
from anping.recipes.samples import write_sample
from anping.steps.verification import verify_dossier
from anping.workspace.workspace import Workspace
from command_line import Said, anping, fails

KEYS = ("--key", "customers=客戶編號", "--key", "loans=客戶編號")
NAMES = ("customers", "loans")


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A bank's customers and their loans, protected together, released and handed over."""
    folder = tmp_path_factory.mktemp("linked")
    write_sample("bank", folder / "bank", people=300)
    run(folder, "init")
    run(folder, "policy", "anping-taiwan-1", "--as", "officer")
    for name in NAMES:
        run(folder, "add", name, str(folder / "bank" / f"{name}.csv"))
        run(folder, "scan", name)
        run(folder, "confirm", name, "--every", "--why", "looked at")
        run(folder, "plan", name)
    run(folder, "protect-linked", *NAMES, *KEYS)
    for name in NAMES:
        (other,) = (each for each in NAMES if each != name)
        run(folder, "risk", name, "--attacks", "linkage", "--linked", other)
        run(folder, "release", name, "--tier", "controlled", "--purposes", "TRAIN", "--recipient",
            "lab", "--approver", "officer", "--dossier", str(folder / f"dossier-{name}"))  # fmt: skip
    return folder


def place(folder: Path) -> tuple[str, ...]:
    return ("--workspace", str(folder / "w"), "--keys", str(folder / "k"))


def run(folder: Path, *arguments: str) -> Said:
    said = anping(*arguments, *place(folder))
    assert said.code == 0, said.all
    return said


def opened(folder: Path) -> Workspace:
    return Workspace.open(str(folder / "w"), keys=str(folder / "k"))


def linked_record(folder: Path) -> dict[str, Any]:
    records = [dict(entry.record) for entry in opened(folder).ledger.entries()]
    (found,) = [r for r in records if r["predicate"]["step"]["id"] == "protect.linked"]
    return found


def released(folder: Path, name: str) -> Table:
    return Table.open(folder / f"dossier-{name}" / "data" / f"{name}.parquet")


def test_k_people_share_every_joined_profile(folder: Path) -> None:
    workspace, shown = opened(folder), defaultdict(set)
    for name in NAMES:
        plan = read_plan(workspace.path(workspace.need(f"{name}.plan")))
        assert plan.privacy_unit == "客戶編號"
        columns = ("客戶編號", *plan.quasi_identifiers)
        for person, *values in zip(
            *(released(folder, name).column(each).to_pylist() for each in columns), strict=True
        ):
            shown[person].add((name, *values))
    sizes = Counter(frozenset(profile) for profile in shown.values())
    assert min(sizes.values()) >= 5
    both = sum(len({table for table, *_ in profile}) == 2 for profile in shown.values())
    assert both > 0, "the pseudonyms do not join"


def test_one_statement_tells_of_both_tables(folder: Path) -> None:
    record = linked_record(folder)
    made = {each["annotations"]["port"]: each["name"] for each in record["subject"]}
    assert made["protected"] == "customers.protected@1"
    assert made["protected.loans"] == "loans.protected@1"
    taken = {each["annotations"]["port"] for each in record["predicate"]["materials"]}
    assert {"table", "plan", "findings", "table.loans", "plan.loans", "findings.loans"} <= taken
    told = {m.key: m for m in map(Measure.from_json, record["predicate"]["measurements"])}
    assert told["deid.linked.k[after]"].value >= 5 > told["deid.linked.k[before]"].value
    assert told["deid.linked.shared"].value > 0
    assert told["deid.information_loss[customers]"].n == released(folder, "customers").rows + int(
        told["deid.rows.suppressed[customers]"].value
    )


def test_risk_attacks_the_joined_profiles(folder: Path) -> None:
    records = [dict(entry.record) for entry in opened(folder).ledger.entries()]
    told = [r["predicate"] for r in records if r["predicate"]["step"]["id"] == "protect.risk"]
    assert len(told) == 2
    for predicate in told:
        found = {m.key: m for m in map(Measure.from_json, predicate["measurements"])}
        success = found["risk.linkage.profile.success"]
        # Five people share every joined profile.
        assert success.value <= 0.35
        assert success.n > 50
        ports = {each["annotations"]["port"] for each in predicate["materials"]}
        assert len({port.partition(".")[2] for port in ports}) == 2


def test_tables_that_do_not_join_are_not_attacked_together(folder: Path) -> None:
    for linked, code in (("customers", "risk.not-joinable"), ("nobody", "workspace.asset-missing")):
        said = anping("--json-errors", "risk", "customers", "--linked", linked, *place(folder))
        assert said.error["code"] == code


@pytest.mark.parametrize("name", NAMES)
def test_each_dossier_verifies_and_tells_of_its_own_table(folder: Path, name: str) -> None:
    dossier = folder / f"dossier-{name}"
    report = verify_dossier(dossier, replay=True)
    assert [each.what.en for each in report.findings if each.outcome == "fail"] == []
    same = [each.what.en for each in report.findings if each.code == "replay.same"]
    assert any(f"deid.information_loss[{name}]" in each for each in same)
    elsewhere = [each for each in report.findings if each.code == "replay.other-table"]
    assert len(elsewhere) == 1
    measures = (dossier / "measures.json").read_text("utf-8")
    assert "deid.linked.k" in measures
    assert f"{name}/" not in measures
    other = next(each for each in NAMES if each != name)
    assert f'"{other}' not in measures
    events = (dossier / "metadata" / "openlineage.jsonl").read_text("utf-8")
    assert f'"name":"{name}@1","namespace"' in events.replace(" ", "") or f"{name}@1" in events


def test_the_same_command_again_changes_nothing(folder: Path) -> None:
    before = opened(folder).ledger.size
    # The plan that it gave is what it takes now: what it took then tells that this was done.
    again = run(folder, "protect-linked", *NAMES, *KEYS)
    assert "unchanged" in again.out or "未變更" in again.out
    assert opened(folder).ledger.size == before


def test_one_file_for_the_plans_of_all_tables(folder: Path, tmp_path: Path) -> None:
    write_sample("bank", tmp_path / "bank", people=300)
    run(tmp_path, "init")
    workspace, plans = opened(folder), {}
    for name in NAMES:
        run(tmp_path, "add", name, str(tmp_path / "bank" / f"{name}.csv"))
        run(tmp_path, "scan", name)
        plans[name] = yaml.safe_load(workspace.path(workspace.need(f"{name}.plan")).read_text())
    path = tmp_path / "linked.yaml"
    path.write_text(
        yaml.safe_dump({"linked": 1, "k": 7, "tables": plans}, allow_unicode=True), "utf-8"
    )
    run(tmp_path, "protect-linked", *NAMES, "--file", str(path))
    told = {
        m.key: m.value
        for m in map(Measure.from_json, linked_record(tmp_path)["predicate"]["measurements"])
    }
    assert told["deid.linked.k[after]"] >= 7
    assert {"customers.plan@1", "loans.plan@1"} <= {
        asset.reference for asset in opened(tmp_path).assets()
    }
    again = run(tmp_path, "protect-linked", *NAMES, "--file", str(path))
    assert "unchanged" in again.out or "未變更" in again.out


def test_what_does_not_fit_together_is_refused_and_leaves_nothing(folder: Path) -> None:
    before = [asset.reference for asset in opened(folder).assets()]
    for arguments, code in (
        ((*NAMES, "--key", "customers=身分證字號"), "linked.nobody-shared"),
        ((*NAMES, "--key", "客戶編號"), "linked.key"),
        ((*NAMES, "--key", "customers=沒有這欄"), "plan.unknown-column"),
        (("customers", "customers"), "linked.tables"),
        (("customers", "visits"), "workspace.asset-missing"),
        (("customers", "../loans"), "parameter.subject"),
        ((*NAMES, "--k", "1"), "parameter.wrong"),
    ):
        said = anping("--json-errors", "protect-linked", *arguments, *place(folder))
        assert said.error["code"] == code, said.error
        assert said.error["hint"]["zh"]
        assert said.error["hint"]["en"]
    assert [asset.reference for asset in opened(folder).assets()] == before
    fails("protect-linked", "customers", *place(folder))
