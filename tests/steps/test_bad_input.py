"""Bad input through the command line: a typed error in both languages, and nothing is lost.

Every case is run twice, as text and as the JSON envelope. Afterwards the workspace holds exactly
what it held before, no aside file is left, and no data value stands in what was printed.
"""

from __future__ import annotations

import csv
import json
import random
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from command_line import MARKER, Place, Said, anping, edited, fails
from walking import Walk

# --- files that cannot be taken in -------------------------------------------------------------

BIG5 = f"a,b\n1,{MARKER}\n".encode("cp950")
FILES: dict[str, tuple[bytes, tuple[str, ...], str]] = {
    "empty": (b"", (), "input.empty"),
    "header only": (b"a,b\n", (), "input.no-rows"),
    "ragged": (f"a,b\n1,2\n{MARKER}\n3,4\n".encode(), (), "input.ragged-row"),
    "too many": (f"a,b\n1,2\n5,6,{MARKER}\n".encode(), (), "input.ragged-row"),
    "doubled header": (b"a,b,a\n1,2,3\n", (), "schema.doubled-column-name"),
    "empty header": (b"a,,c\n1,2,3\n", (), "schema.empty-column-name"),
    "wrong encoding": (BIG5, ("--encoding", "utf-8"), "input.undecodable"),
    "undecodable": (f"a,b\n王,{MARKER}\n".encode() * 9 + b"x,\xff\n", (), "input.undecodable"),
    "unknown encoding": (b"a\n1\n", ("--encoding", "klingon"), "input.unknown-encoding"),
    "unclosed quote": (f'a,b\n1,"{MARKER}\n2,y\n'.encode(), (), "input.unclosed-quote"),
    "declared type": (
        f"a,b\n1,2\n2,{MARKER}\n".encode(), ("--types", "b=integer"), "input.wrong-type",
    ),
    "declared missing": (b"a,b\n1,2\n", ("--types", "z=integer"), "schema.missing-column"),
    "unknown type": (b"a,b\n1,2\n", ("--types", "a=blob"), "input.unknown-type"),
    "bad delimiter": (b"a,b\n1,2\n", ("--delimiter", "ab"), "input.bad-delimiter"),
    "torn archive": (b"PK\x03\x04....", (), "input.damaged-archive"),
    "binary": (b"a,b\n\x00\x01\n", (), "input.not-a-table"),
    "damaged parquet": (b"PAR1 and nothing", (), "input.damaged-parquet"),
}  # fmt: skip


@pytest.mark.parametrize("case", FILES)
def test_a_file_that_cannot_be_taken_in(place: Place, tmp_path: Path, case: str) -> None:
    content, options, code = FILES[case]
    path = tmp_path / "in" / "people.csv"
    path.parent.mkdir()
    path.write_bytes(content)
    body = place.refused("add", "people", path, *options, code=code)
    if code in {"input.ragged-row", "input.undecodable", "input.wrong-type"}:
        assert body["where"]["file"] == "people.csv"
        assert body["where"]["row"] > 1
    assert [each.name for each in path.parent.iterdir()] == ["people.csv"]


def test_a_folder_or_nothing_where_a_file_is_expected(place: Place, tmp_path: Path) -> None:
    for path in (tmp_path, tmp_path / "none.csv"):
        place.refused("detection", "customers", path, code="input.missing-file")
        place.refused("plan", "customers", "--file", path, code="input.missing-file")
    place.refused("add", "people", tmp_path, code="input.no-files")
    place.refused("add", "people", tmp_path / "none.csv", code="input.missing-file")
    place.refused("run", tmp_path, code="pipeline.unreadable")
    place.refused("run", tmp_path / "none.yaml", code="pipeline.unreadable")
    place.refused("policy", tmp_path, code="policy.unknown")


def test_quarantine_keeps_bad_rows_aside_and_goes_on(place: Place, tmp_path: Path) -> None:
    path, bad = tmp_path / "people.csv", tmp_path / "bad.jsonl"
    path.write_text(f"a,b\n1,2\n{MARKER}\n3,4\n", "utf-8")
    said = place.run("add", "people", path, "--quarantine", bad)
    assert MARKER not in said.all
    kept = [json.loads(line) for line in bad.read_text("utf-8").splitlines()]
    assert [(line["row"], line["raw"]) for line in kept] == [(3, MARKER)]
    found = place.workspace().find("people")
    assert found is not None
    assert found.rows == 2


def test_bad_rows_never_replace_the_data_file(place: Place, tmp_path: Path) -> None:
    path = tmp_path / "people.csv"
    path.write_text(f"a,b\n1,2\n{MARKER}\n3,4\n", "utf-8")
    (tmp_path / "link.csv").symlink_to(path)
    before = path.read_bytes()
    for aside in (path, tmp_path / "link.csv"):
        place.refused("add", "people", path, "--quarantine", aside, code="add.quarantine")
    assert path.read_bytes() == before


def test_mixed_types_come_in_as_text(place: Place, tmp_path: Path) -> None:
    path = tmp_path / "mixed.csv"
    path.write_text("a,b\n1,2\nx,2024-01-01\n3.5,y\n", "utf-8")
    place.run("add", "mixed", path)
    found = place.workspace().find("mixed")
    assert found is not None
    assert [(field.name, field.type) for field in found.schema] == [
        ("a", "string"),
        ("b", "string"),
    ]


def write_people(path: Path, *, empty: str, place: str = "地區") -> None:
    """Write a small table in which one column holds nothing at all."""
    chance = random.Random(7)
    places = ["臺北市", "臺南市", "高雄市"] if place == "縣市" else ["甲", "乙", "丙"]
    with path.open("w", newline="", encoding="utf-8") as stream:
        writer = csv.writer(stream)
        writer.writerow(["編號", "性別", "年齡", place, empty, "金額", "結果"])
        for number in range(800):
            amount = chance.randrange(1000)
            result = int(amount + chance.randrange(400) > 700)
            age, where = chance.randrange(20, 80), chance.choice(places)
            row = [f"N{number:05}", chance.choice("男女"), age, where, ""]
            writer.writerow([*row, amount, result])


def chain(table: Path, dossier: Path, *options: str) -> Said:
    """Walk the whole chain on the command line; return what the release said."""
    for command in (
        ("init",),
        ("add", "people", table, "--purposes", "TRAIN"),
        ("scan", "people"),
        ("confirm", "people", "--every", "--why", "checked"),
        ("plan", "people", "--target", "結果"),
        ("protect", "people"),
        ("risk", "people"),
        ("utility", "people", "--target", "結果"),
        ("policy", "anping-taiwan-1", "--as", "officer"),
    ):
        said = anping(*command, *options)
        assert said.code == 0, said.all
    return anping(
        "release", "people", "--tier", "controlled", "--purposes", "TRAIN",
        "--recipient", "lab", "--approver", "officer", "--dossier", dossier, *options,
    )  # fmt: skip


def test_a_column_of_nulls_goes_through_the_whole_chain(tmp_path: Path) -> None:
    path, dossier = tmp_path / "people.csv", tmp_path / "dossier"
    write_people(path, empty="空欄")
    said = chain(path, dossier, "--workspace", str(tmp_path / "w"))
    assert said.code == 0, said.all
    assert anping("verify", dossier, "--replay").code == 0


def test_a_column_of_counties_goes_through_the_whole_chain(tmp_path: Path) -> None:
    path, dossier = tmp_path / "people.csv", tmp_path / "dossier"
    write_people(path, empty="空欄", place="縣市")
    said = chain(path, dossier, "--workspace", str(tmp_path / "w"))
    assert said.code == 0, said.all


# --- plans, policies, licences ------------------------------------------------------------------


PLANS: dict[str, tuple[Callable[[dict[str, Any]], object], str]] = {
    "missing column": (
        lambda plan: plan["columns"].update({"血型": {"do": "drop"}}), "plan.unknown-column",
    ),
    "column left out": (lambda plan: plan["columns"].pop("職業"), "plan.unnamed-column"),
    "no hierarchy": (
        lambda plan: plan["columns"].update({"職業": {"do": "generalise"}}), "plan.no-hierarchy",
    ),
    "unknown transform": (
        lambda plan: plan["columns"].update({"職業": {"do": "encrypt"}}), "plan.unknown-transform",
    ),
    "unknown hierarchy": (
        lambda plan: plan["columns"].update(
            {"職業": {"do": "generalise", "hierarchy": {"kind": "job"}}}
        ),
        "plan.unknown-hierarchy",
    ),
    "unknown person": (lambda plan: plan.update(privacy_unit="護照"), "plan.unknown-column"),
    "k of nothing": (lambda plan: plan["model"].update(k=0), "plan.value"),
    "l without a column": (lambda plan: plan["model"].update(sensitive=[]), "plan.l-without-sensitive"),
}  # fmt: skip


@pytest.mark.parametrize("case", PLANS)
def test_a_plan_that_does_not_fit(bank: Walk, place: Place, tmp_path: Path, case: str) -> None:
    change, code = PLANS[case]
    path = edited(bank, tmp_path / "plan.yaml", change)
    place.refused("plan", "customers", "--file", path, code=code)


@pytest.mark.parametrize("content", [b"a: [", b"- 1\n", b"", b"\xff\xfe\x00", b"a: &x 1\nb: *x\n"])
def test_a_plan_that_is_no_plan(place: Place, tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "plan.yaml"
    path.write_bytes(content)
    code = "plan.encoding" if content.startswith(b"\xff") else "plan.yaml"
    body = place.refused("plan", "customers", "--file", path, code=code)
    assert body["where"]["file"] == "plan.yaml"


HIERARCHY = "國中以下,低,*\n高中職,低,*\n專科,高,*\n大學,高,*\n碩士以上,高,*\n"


def with_hierarchy(walk: Walk, path: Path, file: str) -> Path:
    entry = {"do": "generalise", "hierarchy": {"kind": "csv", "file": file}}
    return edited(walk, path, lambda plan: plan["columns"].update({"教育程度": entry}))


def test_a_hierarchy_beside_the_plan_is_taken_in_with_it(
    bank: Walk, place: Place, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "plans"
    folder.mkdir()
    monkeypatch.chdir(tmp_path)
    path = with_hierarchy(bank, folder / "plan.yaml", "education.csv")
    place.refused("plan", "customers", "--file", path, code="input.missing-file")
    for text, code in (
        ("", "deid.hierarchy-empty"),
        ("大學,高,*\n大學,低,*\n", "deid.hierarchy-doubled"),
        ("教育程度,組,頂\n大學,高,*\n", "deid.hierarchy-two-roots"),
        ("大學,高,*\n專科,,*\n", "deid.hierarchy-gap"),
        ("大學,高,*\n專科,大學,高,*\n", "deid.hierarchy-ragged"),
        ("大學,專科,*\n專科,大學,*\n", "deid.hierarchy-cycle"),
    ):
        (folder / "education.csv").write_text(text, "utf-8")
        place.refused("plan", "customers", "--file", path, code=code)
    (folder / "education.csv").write_bytes(b"\xff\xfe")
    place.refused("plan", "customers", "--file", path, code="deid.hierarchy-unreadable")
    (folder / "education.csv").write_text("大學,高,*\n", "utf-8")
    place.run("plan", "customers", "--file", path)
    place.refused("protect", "customers", code="deid.hierarchy-incomplete")
    (folder / "education.csv").write_text(HIERARCHY, "utf-8")
    place.run("plan", "customers", "--file", path)
    (folder / "education.csv").unlink()
    place.run("protect", "customers")
    newest = list(place.workspace().ledger.entries())[-1]
    names = [material["name"] for material in newest.record["predicate"]["materials"]]
    assert "customers.hierarchies@2" in names


@pytest.mark.parametrize("file", ["../education.csv", "/etc/hostname"])
def test_a_hierarchy_elsewhere_is_never_read(
    bank: Walk, place: Place, tmp_path: Path, file: str
) -> None:
    (tmp_path / "plans").mkdir()
    (tmp_path / "education.csv").write_text(HIERARCHY, "utf-8")
    path = with_hierarchy(bank, tmp_path / "plans" / "plan.yaml", file)
    place.run("plan", "customers", "--file", path)
    place.refused("protect", "customers", code="plan.hierarchy-path")


def test_more_people_than_there_are(bank: Walk, place: Place, tmp_path: Path) -> None:
    path = edited(bank, tmp_path / "plan.yaml", lambda plan: plan["model"].update(k=100_000))
    place.run("plan", "customers", "--file", path)
    place.refused("protect", "customers", code="protect.k-larger-than-table")


def test_an_unknown_or_malformed_policy(place: Place, tmp_path: Path) -> None:
    body = place.refused("policy", "anping-taiwan-9", code="policy.unknown")
    assert "anping-taiwan-1" in body["hint"]["en"]
    path = tmp_path / "policy.yaml"
    for content in (b"a: [", b"- 1\n", b"", b"\xff", b"policy: 1\n", b"name: x\nname: y\n"):
        path.write_bytes(content)
        place.refused("policy", path, code="policy.malformed")


def test_an_unknown_or_malformed_licence(place: Place, tmp_path: Path) -> None:
    release = ("release", "customers", "--tier", "controlled", "--licence")
    place.refused(*release, "cc-by-9", code="licence.unknown")
    path = tmp_path / "licence.yaml"
    for content in (b"a: [", b"- 1\n", b"", b"\xff", b"id: x\n"):
        path.write_bytes(content)
        place.refused(*release, path, code="licence.malformed")


def test_a_policy_file_counts_by_its_content_and_says_no_folder(
    bank: Walk, place: Place, tmp_path: Path
) -> None:
    folder = tmp_path / "wang-hsiao-ming"
    folder.mkdir()
    path = folder / "house.yaml"
    text = (bank.dossier / "policy.yaml").read_text("utf-8")
    for content in (text + "\n# ours\n", text + "\n# ours, stricter\n"):
        path.write_text(content, "utf-8")
        size = place.state()["ledger"]
        place.run("policy", path)
        assert place.state()["ledger"] == size + 1
    workspace = place.workspace()
    newest = list(workspace.ledger.entries())[-1].record["predicate"]
    assert newest["invocation"]["parameters"] == {"policy": "house.yaml"}
    assert [material["name"] for material in newest["materials"]] == ["house.yaml"]
    assert "wang-hsiao-ming" not in json.dumps(newest)


# --- steps, subjects, ports, pipelines ----------------------------------------------------------


def test_names_that_are_not_there(place: Place) -> None:
    place.refused("scan", "nobody", code="workspace.asset-missing")
    place.refused("show", "nobody.plan", code="workspace.asset-missing")
    place.refused("show", "customers", code="show.table")
    place.refused("scan", "customers", "--input", "plan=customers", code="parameter.unknown-port")
    place.refused("scan", "customers", "--input", "table", code="command.usage")
    place.refused(
        "scan", "customers", "--input", "table=customers@9", code="workspace.asset-missing"
    )
    place.refused("dossier", "nobody", place.folder / "d", code="release.none")
    place.refused("utility", "customers", "--target", "血型", code="schema.missing-column")


def test_an_asset_of_the_wrong_kind(place: Place) -> None:
    place.refused(
        "scan", "customers", "--input", "table=customers.plan", code="parameter.wrong-kind"
    )


PIPELINES: dict[str, tuple[str, str]] = {
    "unknown step": ("steps: [{step: know.scam}]", "step.unknown"),
    "unknown parameter": ("steps: [{step: know.scan, with: {deep: true}}]", "parameter.wrong"),
    "missing parameter": ("steps: [{step: share.release}]", "parameter.wrong"),
    "wrong value": (
        "steps: [{step: protect.risk, with: {threshold: 7}}]", "parameter.wrong",
    ),
    "unknown port": (
        "steps: [{step: know.scan, inputs: {plan: customers}}]", "parameter.unknown-port",
    ),
    "no steps": ("steps: []", "pipeline.malformed"),
    "unknown field": ("stages: []", "pipeline.malformed"),
    "no YAML": ("steps: [", "pipeline.unreadable"),
}  # fmt: skip


@pytest.mark.parametrize("case", PIPELINES)
def test_a_pipeline_that_cannot_run(place: Place, tmp_path: Path, case: str) -> None:
    text, code = PIPELINES[case]
    path = tmp_path / "pipeline.yaml"
    path.write_text(f"pipeline: 1\nsubject: customers\n{text}\n", "utf-8")
    place.refused("run", path, code=code)


def test_a_pipeline_is_checked_before_anything_runs(place: Place, tmp_path: Path) -> None:
    (tmp_path / "new.csv").write_text("a,b\n1,2\n", "utf-8")
    path = tmp_path / "pipeline.yaml"
    for last, code in (
        ("{step: know.scam}", "step.unknown"),
        ("{step: protect.risk, with: {threshold: 7}}", "parameter.wrong"),
    ):
        path.write_text(
            "pipeline: 1\nsubject: new\nsteps:\n"
            f"  - {{step: know.add, with: {{path: new.csv}}}}\n  - {last}\n",
            "utf-8",
        )
        place.refused("run", path, code=code)


@pytest.mark.parametrize("subject", ["", "../out", "a/b", "a@1", "a{b}", ".", "x" * 300])
def test_a_subject_that_is_no_name(place: Place, tmp_path: Path, subject: str) -> None:
    path = tmp_path / "new.csv"
    path.write_text("a,b\n1,2\n", "utf-8")
    place.refused("add", subject, path, code="parameter.subject")


COMMANDS: dict[str, tuple[str, ...]] = {
    "no such command": ("scam", "customers"),
    "no such option": ("scan", "customers", "--deep"),
    "no argument": ("add",),
    "no such choice": ("release", "customers", "--tier", "secret"),
    "no number": ("risk", "customers", "--seed", "x"),
    "no file": ("verify", "dossier", "--trust", "nowhere.json"),
}


@pytest.mark.parametrize("case", COMMANDS)
def test_a_mistyped_command(case: str) -> None:
    body = fails(*COMMANDS[case], code="command.usage")
    assert "--help" in body["hint"]["en"]
