"""``--entities``: a user's own file through the whole chain, by command line, pipeline and library."""

from __future__ import annotations

import csv
import json
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest
import yaml

from anping.steps.catalogue import step
from anping.workspace.perform import Job, perform
from anping.workspace.pipeline import read_pipeline, run_pipeline
from anping.workspace.workspace import Workspace
from command_line import Place, anping
from places import Home

ENTITIES = """\
- type: EMPLOYEE_NUMBER
  title: {zh: 員工編號, en: employee number}
  labels: [員工編號]
  examples: ['員工編號«E123456»已停用']
  rules:
    - {pattern: 'E[0-9]{6}', prior: -2, context: 5}
- type: STAFF_PASS
  title: {zh: 通行證號, en: pass number}
  rules:
    - {pattern: 'ZQ[0-9]{5}K', prior: 2}
"""
ROWS = 80


def _write(folder: Path) -> Path:
    """Write a table of staff, a document and the entities; return the table."""
    with (folder / "staff.csv").open("w", encoding="utf-8", newline="") as file:
        out = csv.writer(file)
        out.writerow(["編碼", "年齡", "性別", "備註"])
        for row in range(ROWS):
            note = f"同事來電說明，通行證 ZQ1{row:04d}K 遺失，請補發新卡。"
            out.writerow([f"E{row // 2 * 7919 + 100_000:06d}", 30 + row % 4, "男女"[row % 2], note])
    (folder / "own.yaml").write_text(ENTITIES, "utf-8")
    (folder / "papers").mkdir()
    (folder / "papers" / "a.txt").write_text("通行證 ZQ10001K 遺失，員工編號 E123456。", "utf-8")
    return folder / "staff.csv"


def _json(workspace: Workspace, name: str) -> Any:
    return json.loads(workspace.path(workspace.need(name)).read_bytes())


@pytest.fixture(scope="module")
def walked(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a workspace in which ``staff`` was scanned with the file and protected."""
    root = tmp_path_factory.mktemp("entities")
    table, own = _write(root), root / "own.yaml"
    for command in (
        ["init"],
        ["add", "staff", table, "--purposes", "TRAIN"],
        ["scan", "staff", "--entities", own],
        ["plan", "staff", "--profile", "internal"],
        ["confirm", "staff", "--every", "--why", "checked"],
        ["protect", "staff"],
        ["map", "staff"],
        ["add", "papers", root / "papers", "--kind", "documents", "--purposes", "TRAIN"],
        ["scan", "papers", "--entities", own],
        ["redact", "papers", "--entities", own, "--into", root / "out"],
    ):
        said = anping("--lang", "en", *command, *_options(root))
        assert said.code == 0, said.all
    return root


def _options(root: Path) -> tuple[str, ...]:
    return ("--workspace", str(root / "w"), "--keys", str(root / "k"))


def _open(root: Path) -> Workspace:
    return Workspace.open(root / "w", keys=root / "k")


def test_the_column_is_proposed_and_the_plan_treats_it(walked: Path) -> None:
    findings = {one["column"]: one for one in _json(_open(walked), "staff.scan")["findings"]}
    found = findings["編碼"]
    assert (found["semanticType"], found["role"]) == ("EMPLOYEE_NUMBER", "direct_identifier")
    assert "own-entity:EMPLOYEE_NUMBER" in found["evidence"]
    assert "contains:STAFF_PASS=1.000" in findings["備註"]["evidence"]
    workspace = _open(walked)
    plan = yaml.safe_load(workspace.path(workspace.need("staff.plan")).read_text("utf-8"))
    # The numbers repeat, as those of people do: the column stands for them.
    assert plan["privacy_unit"] == "編碼"


def test_free_texts_are_redacted_by_the_rules_of_the_scan(walked: Path) -> None:
    workspace = _open(walked)
    cells = pq.read_table(workspace.path(workspace.need("staff.protected"))).to_pydict()
    assert not any(cell.startswith("E") and len(cell) == 7 for cell in map(str, cells["編碼"]))
    notes = [str(note) for note in cells["備註"]]
    assert notes
    assert not any("ZQ1" in note for note in notes)
    assert all("[識別資料]" in note for note in notes)


def test_the_map_and_the_page_name_the_types(walked: Path) -> None:
    for asset in ("staff.map", "papers.scan-page"):
        shown = anping("show", asset, *_options(walked)).out
        assert "employee number" in shown, asset
    report = _json(_open(walked), "papers.scan")
    assert report["counts"] == {"STAFF_PASS": 1, "EMPLOYEE_NUMBER": 1}
    assert report["titles"]["STAFF_PASS"] == {"zh": "通行證號", "en": "pass number"}


def test_documents_are_redacted_with_them(walked: Path) -> None:
    (text,) = [path.read_text("utf-8") for path in (walked / "out").rglob("*.txt")]
    assert "ZQ10001K" not in text
    assert "E123456" not in text


def test_the_file_is_an_input_by_its_digest(walked: Path) -> None:
    reading: dict[str, list[Any]] = {}
    for entry in _open(walked).ledger.entries():
        predicate = entry.record["predicate"]
        named = {one["name"]: one["digest"] for one in predicate["materials"]}
        if "own.yaml" in named:
            reading.setdefault(predicate["step"]["id"], []).append(named["own.yaml"])
    assert {name: len(digests) for name, digests in reading.items()} == {
        "know.scan": 2, "protect.redact": 1,
    }  # fmt: skip
    assert all(all(digests) for digests in reading.values())


def test_the_same_file_is_no_new_run_and_a_changed_one_is(tmp_path: Path) -> None:
    table, own = _write(tmp_path), tmp_path / "own.yaml"
    workspace = Workspace.create(tmp_path / "w", keys=tmp_path / "k")
    perform(workspace, Job(step("know.add"), "staff", {"path": str(table)}))
    job = Job(step("know.scan"), "staff", {"entities": [str(own)]})
    first, again = perform(workspace, job), perform(workspace, job)
    assert (first.reused, again.reused) == (False, True)
    own.write_text(ENTITIES.replace("EMPLOYEE_NUMBER", "WORKER_NUMBER"), "utf-8")
    changed = perform(workspace, job)
    assert not changed.reused
    kinds = {one["semanticType"] for one in _json(workspace, "staff.scan")["findings"]}
    assert "WORKER_NUMBER" in kinds
    perform(workspace, Job(step("know.scan"), "staff", {}))
    kinds = {one["semanticType"] for one in _json(workspace, "staff.scan")["findings"]}
    assert kinds.isdisjoint({"WORKER_NUMBER", "EMPLOYEE_NUMBER"})


def test_a_pipeline_finds_the_file_beside_itself(tmp_path: Path) -> None:
    table = _write(tmp_path)
    (tmp_path / "more.yaml").write_text(
        "- type: SEX_WORD\n  role: quasi_identifier\n  rules: [{pattern: '[男女]', prior: 3}]\n",
        "utf-8",
    )
    steps = [
        {"step": "know.add", "with": {"path": table.name}},
        {"step": "know.scan", "with": {"entities": ["own.yaml", "more.yaml"]}},
    ]
    written = tmp_path / "pipeline.yaml"
    written.write_text(yaml.safe_dump({"pipeline": 1, "subject": "staff", "steps": steps}), "utf-8")
    workspace = Workspace.create(tmp_path / "w", keys=tmp_path / "k")
    list(run_pipeline(workspace, read_pipeline(written), step=step))
    scan = _json(workspace, "staff.scan")
    assert {one["type"] for one in scan["entities"]} == {
        "EMPLOYEE_NUMBER", "STAFF_PASS", "SEX_WORD",
    }  # fmt: skip
    assert any(one["semanticType"] == "EMPLOYEE_NUMBER" for one in scan["findings"])


@pytest.mark.parametrize(
    ("content", "code"),
    [
        ("- type: [", "discover.entities-file"),
        ("{}", "discover.entity"),
        (ENTITIES.replace("已停用", "0"), "discover.entity"),
        (ENTITIES + "  counter: ['號碼 ZQ12345K']\n", "discover.entity"),
        (None, "input.missing-file"),
    ],
)
def test_a_bad_file_is_refused_and_nothing_written(
    tmp_path: Path, content: str | None, code: str
) -> None:
    table, own = _write(tmp_path), tmp_path / "bad.yaml"
    place = Place(Home(str(tmp_path / "w"), tmp_path / "k"), tmp_path, tmp_path)
    place.run("init")
    place.run("add", "staff", table, "--purposes", "TRAIN")
    if content is not None:
        own.write_text(content, "utf-8")
    body = place.refused("scan", "staff", "--entities", own, code=code)
    assert str(body["where"]["file"]).endswith("bad.yaml")
    assert "ZQ12345K" not in json.dumps(body, ensure_ascii=False)
