"""The real dossier of a whole chain: what it promises holds, and whatever is done to it is caught."""

from __future__ import annotations

import base64
import csv
import io
import json
import random
import re
import shutil
import zipfile
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest
import yaml

from anping.core.digest import sha256_file
from anping.evidence.dsse import read_line, sign
from anping.evidence.keys import SigningKey
from anping.evidence.verify import Finding, Report, verify
from anping.recipes.samples import write_sample
from anping.steps.catalogue import step
from anping.steps.verification import verify_dossier
from anping.workspace.dossier import export
from anping.workspace.pipeline import read_pipeline, run_pipeline
from anping.workspace.workspace import Workspace
from command_line import Said, anping
from places import copied as copied_workspace
from walking import Walk

STATEMENTS = "evidence/statements.intoto.jsonl"
PLACES = 12


def copied(walk: Walk, target: Path) -> Path:
    shutil.copytree(walk.dossier, target)
    return target


def files_of(folder: Path) -> dict[str, Path]:
    paths = sorted(path for path in folder.rglob("*") if path.is_file())
    return {path.relative_to(folder).as_posix(): path for path in paths}


def checked(walk: Walk, folder: Path, **more: Any) -> Report:
    return verify_dossier(folder, trust=walk.keys, witness=walk.held, **more)


def failures(report: Report) -> dict[str, list[Finding]]:
    found: defaultdict[str, list[Finding]] = defaultdict(list)
    for finding in report.of("fail"):
        assert finding.what.zh
        assert finding.what.en
        found[finding.code].append(finding)
    return dict(found)


def records_of(folder: Path) -> Iterator[Mapping[str, Any]]:
    for line in (folder / STATEMENTS).read_bytes().splitlines():
        yield json.loads(base64.b64decode(json.loads(line)["payload"]))


# --- an honest dossier --------------------------------------------------------------------------


@pytest.mark.parametrize("form", ["folder", "zip"])
def test_the_dossier_verifies_with_every_check(either: Walk, form: str) -> None:
    place = either.dossier if form == "folder" else either.dossier.with_suffix(".zip")
    report = checked(either, place, replay=True)
    assert report.ok
    assert not report.of("warn")
    codes = {finding.code for finding in report.of("pass")}
    assert codes >= {
        "keys.trusted", "signatures.valid", "files.match", "log.included", "witness.cosigned",
        "held.agrees", "flow.closed", "labels.hold", "decision.allowed", "replay.same",
        "policy.signed", "gate.outcome",
    }  # fmt: skip
    assert sum(finding.code == "replay.same" for finding in report.of("pass")) >= 10


def test_the_hospital_verifies_too(hospital: Walk) -> None:
    report = checked(hospital, hospital.dossier, replay=True)
    assert report.ok
    assert not report.of("warn")


def test_attacks_are_recomputed_where_the_tables_are(bank: Walk) -> None:
    report = checked(bank, bank.dossier, replay=bank.workspace)
    assert report.ok
    words = [finding.what.en for finding in report.of("pass") if finding.code == "replay.same"]
    for key in ("risk.linkage.excess", "risk.singling_out.multivariate.success[held-out]",
                "risk.inference.success[", "risk.linkability.control", "utility.auc"):  # fmt: skip
        assert any(f"({key}" in each for each in words), key
    assert "replay.owner-only" not in {finding.code for finding in report.findings}


def test_the_command_line_recomputes_attacks_with_the_workspace(bank: Walk) -> None:
    workspace = bank.workspace
    said = anping(
        "verify", bank.dossier, "--verbose", "--workspace", workspace.location,
        "--keys", workspace.key_store.location,
    )  # fmt: skip
    assert said.code == 0
    assert "risk.linkage.excess" in said.all


def test_another_workspace_cannot_recompute(bank: Walk, hospital: Walk) -> None:
    report = checked(bank, bank.dossier, replay=hospital.workspace)
    assert set(failures(report)) == {"replay.error"}


def test_the_zip_holds_the_same_files(bank: Walk) -> None:
    with zipfile.ZipFile(bank.dossier.with_suffix(".zip")) as archive:
        packed = {info.filename: archive.read(info) for info in archive.infolist()}
    names = {name.split("/", 1)[-1] if name not in files_of(bank.dossier) else name: name
             for name in packed}  # fmt: skip
    assert set(names) == set(files_of(bank.dossier))
    for name, path in files_of(bank.dossier).items():
        assert packed[names[name]] == path.read_bytes(), name


def test_what_nobody_vouched_for_is_said_in_words(either: Walk) -> None:
    report = verify_dossier(either.dossier)
    assert report.ok
    words = "\n".join(finding.what.en for finding in report.findings)
    assert "This key comes from the dossier itself; compare its fingerprint" in words
    assert "means something only if the key really is an outsider's" in words
    assert "No number was recomputed this time" in words


@pytest.mark.parametrize("language", ["zh", "en"])
def test_the_command_line_says_what_was_checked(
    bank: Walk, language: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ANPING_LANG", language)
    vouched = ("--trust", bank.keys, "--witness", bank.held, "--replay")
    said = anping("verify", bank.dossier, *vouched)
    assert said.code == 0
    assert re.search({"zh": r"\d+ 項通過，0 項不通過", "en": r"\d+ checks passed, 0 failed"}[language],
                     said.out)  # fmt: skip
    assert len(anping("verify", bank.dossier, *vouched, "--verbose").out) > len(said.out)


# --- tampering ----------------------------------------------------------------------------------


def names_it(report: Report, name: str) -> bool:
    """Whether a failure names the changed file, or, in the evidence, says what is wrong there."""
    if name.startswith("evidence/") and name != "evidence/keys.json":
        return bool(report.of("fail"))
    return any(name in (finding.where or "") for finding in report.of("fail"))


def test_every_changed_byte_is_caught_and_named(bank: Walk, tmp_path: Path) -> None:
    folder = copied(bank, tmp_path / "d")
    chance = random.Random(20261121)
    held, missed, unnamed, tried = bank.held.read_bytes(), [], [], 0
    for name, path in files_of(folder).items():
        whole = path.read_bytes()
        for place in [
            0,
            len(whole) - 1,
            *(chance.randrange(len(whole)) for _ in range(PLACES - 2)),
        ]:
            changed = bytearray(whole)
            changed[place] ^= chance.randrange(1, 256)
            path.write_bytes(bytes(changed))
            report = verify(folder, trust=bank.keys, witness_checkpoint=held)
            tried += 1
            missed += [(name, place)] if report.ok else []
            unnamed += [] if names_it(report, name) else [(name, place)]
        path.write_bytes(whole)
    assert missed == []
    assert unnamed == []
    assert tried == PLACES * len(files_of(bank.dossier)) >= 500
    assert checked(bank, folder).ok


def test_a_changed_byte_in_the_zip_is_caught(bank: Walk, tmp_path: Path) -> None:
    whole = bank.dossier.with_suffix(".zip").read_bytes()
    path = tmp_path / "dossier.zip"
    chance = random.Random(4)
    for place in [0, len(whole) - 1, *(chance.randrange(len(whole)) for _ in range(30))]:
        changed = bytearray(whole)
        changed[place] ^= chance.randrange(1, 256)
        path.write_bytes(bytes(changed))
        assert not checked(bank, path).ok, place
    for content in (whole[:-1], whole + b"x", whole[: len(whole) // 2], b""):
        path.write_bytes(content)
        assert not checked(bank, path).ok


def test_a_missing_file_is_caught_and_named(bank: Walk, tmp_path: Path) -> None:
    folder = copied(bank, tmp_path / "d")
    for name, path in files_of(folder).items():
        kept = path.read_bytes()
        path.unlink()
        report = verify(folder, trust=bank.keys)
        assert not report.ok, name
        assert any(
            name in (finding.where or "") or name in finding.what.en
            for finding in report.of("fail")
        ) or name.startswith("evidence/proofs"), name
        path.write_bytes(kept)


def test_added_and_swapped_files_are_caught_and_named(bank: Walk, tmp_path: Path) -> None:
    folder = copied(bank, tmp_path / "d")
    (folder / "data" / "more.csv").write_bytes(b"a\n1\n")
    [extra] = failures(checked(bank, folder))["files.extra"]
    assert extra.where == "data/more.csv"
    (folder / "data" / "more.csv").unlink()
    one, other = folder / "card.zh.html", folder / "card.en.html"
    kept = one.read_bytes()
    one.write_bytes(other.read_bytes())
    other.write_bytes(kept)
    swapped = failures(checked(bank, folder))["files.swapped"]
    assert {finding.where for finding in swapped} == {"card.zh.html", "card.en.html"}
    one.unlink()
    one.symlink_to(other)
    assert "files.not-plain" in failures(checked(bank, folder))


def lines_changed(folder: Path, change: Callable[[list[bytes]], list[bytes]]) -> None:
    path = folder / STATEMENTS
    path.write_bytes(b"".join(change(path.read_bytes().splitlines(keepends=True))))


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        (lambda lines: lines[:5] + lines[6:], {"log.deleted", "flow.missing-ancestor"}),
        (lambda lines: lines[1:], {"log.deleted", "flow.missing-ancestor"}),
        (lambda lines: lines[:-1], {"log.deleted", "release.missing"}),
        (lambda lines: [lines[1], lines[0], *lines[2:]], {"log.reordered"}),
        (lambda lines: [*lines, lines[-1]], {"log.duplicate"}),
        (lambda lines: [*lines[:-1], lines[-1][:-9]], {"statements.truncated"}),
        (lambda _: [], {"statements.truncated", "release.missing"}),
    ],
)
def test_deleting_reordering_copying_and_truncating_statements(
    bank: Walk, tmp_path: Path, change: Any, expected: set[str]
) -> None:
    folder = copied(bank, tmp_path / "d")
    lines_changed(folder, change)
    assert expected <= failures(checked(bank, folder)).keys()


def test_a_prettier_number_in_the_measures_is_caught(bank: Walk, tmp_path: Path) -> None:
    folder = copied(bank, tmp_path / "d")
    path = folder / "measures.json"
    measures = json.loads(path.read_bytes())
    for measure in measures:
        if measure["id"] == "risk.prosecutor.max" and measure["subject"] == "after":
            measure["value"] = 0.05
    path.write_text(json.dumps(measures, ensure_ascii=False, indent=2) + "\n", "utf-8")
    found = failures(checked(bank, folder))
    assert [finding.where for finding in found["files.changed"]] == ["measures.json"]


def pretty(line: bytes, name: str = "risk.prosecutor.max") -> bytes:
    """Return the payload of a risk statement with the highest risk made prettier."""
    record = json.loads(read_line(line).payload)
    for measure in record["predicate"]["measurements"]:
        if measure["id"] == name:
            measure["value"] = 0.05
    return json.dumps(
        record, ensure_ascii=False, sort_keys=True, separators=(",", ":")
    ).encode()  # fmt: skip


@pytest.mark.parametrize("whose", ["own", "stolen"])
def test_an_insider_who_signs_a_prettier_number_again(
    bank: Walk, tmp_path: Path, whose: str
) -> None:
    folder = copied(bank, tmp_path / "d")
    steps = [record["predicate"]["step"]["id"] for record in records_of(folder)]
    place = steps.index("protect.risk")
    key = (
        SigningKey.generate("producer", "mine")
        if whose == "own"
        else bank.workspace.key_store.signing("producer")
    )
    lines_changed(
        folder,
        lambda lines: [
            sign(pretty(line.rstrip(b"\n")), key).line() + b"\n" if at == place else line
            for at, line in enumerate(lines)
        ],
    )
    found = failures(checked(bank, folder))
    assert "log.not-included" in found
    assert any(f":{place + 1}" in (f.where or "") for f in found["log.not-included"])
    assert ("statement.unknown-signer" in found) == (whose == "own")
    assert not verify_dossier(folder).ok


def test_an_attack_that_was_stated_otherwise_is_found(bank: Walk, tmp_path: Path) -> None:
    folder = copied(bank, tmp_path / "d")
    steps = [record["predicate"]["step"]["id"] for record in records_of(folder)]
    place, key = steps.index("protect.risk"), bank.workspace.key_store.signing("producer")
    lines_changed(
        folder,
        lambda lines: [
            sign(pretty(line.rstrip(b"\n"), "risk.linkage.success"), key).line() + b"\n"
            if at == place
            else line
            for at, line in enumerate(lines)
        ],
    )
    assert "replay.differs" not in failures(checked(bank, folder, replay=True))
    [found] = failures(checked(bank, folder, replay=bank.workspace))["replay.differs"]
    assert "risk.linkage.success" in found.what.en


def test_a_policy_that_the_officer_did_not_sign(bank: Walk, tmp_path: Path) -> None:
    folder = copied(bank, tmp_path / "d")
    signature = folder / "policy.dsse.json"
    payload = read_line(signature.read_bytes().rstrip(b"\n")).payload
    for key in (
        bank.workspace.key_store.signing("producer"),
        SigningKey.generate("officer", "mine"),
    ):
        signature.write_bytes(sign(payload, key).line())
        found = failures(checked(bank, folder))
        assert "files.changed" in found
        assert found.keys() & {"policy.signature", "policy.unsigned", "policy.malformed"}, found


def test_a_laxer_policy_is_caught(bank: Walk, tmp_path: Path) -> None:
    folder = copied(bank, tmp_path / "d")
    path = folder / "policy.yaml"
    path.write_bytes(path.read_bytes() + b"\n# laxer\n")
    assert failures(checked(bank, folder)).keys() >= {"files.changed", "policy.signature"}


@pytest.fixture(scope="module")
def rewritten(bank: Walk, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the dossier of an insider: the owner's keys, the log's name, another history."""
    folder = tmp_path_factory.mktemp("insider")
    shutil.copytree(Path(bank.workspace.key_store.location), folder / "keys")
    (folder / "keys" / "witnesses.keys.json").unlink()
    write_sample("bank", folder / "sample", people=400, seed=5)
    workspace = Workspace.create(folder / "workspace", keys=folder / "keys")
    workspace.state("origin", bank.workspace.ledger.origin)
    list(run_pipeline(workspace, read_pipeline(folder / "sample" / "pipeline.yaml"), step=step))
    return export(workspace, "customers", folder / "dossier").folder


def test_a_full_rewrite_passes_alone_but_never_silently(rewritten: Path) -> None:
    report = verify_dossier(rewritten, replay=True)
    assert report.ok
    [warning] = report.of("warn")
    assert warning.code == "witness.none"
    assert "could have rewritten everything" in warning.what.en
    assert "改寫全部內容" in warning.what.zh


def test_the_witness_exposes_a_full_rewrite(bank: Walk, rewritten: Path) -> None:
    found = failures(verify_dossier(rewritten, witness=bank.held))
    assert found.keys() & {"held.rewritten", "held.no-proof"}
    assert failures(checked(bank, rewritten)).keys() >= {"witness.not-trusted-one"}
    said = anping("verify", rewritten, "--witness", bank.held)
    assert said.code == 7
    assert "Traceback" not in said.all


# --- refusing -----------------------------------------------------------------------------------


def released(walk: Walk, folder: Path, *arguments: str) -> tuple[Workspace, Said]:
    place = copied_workspace(walk.workspace, folder)
    said = anping("release", "customers", *arguments, *place.options)
    return place.open(), said


@pytest.mark.parametrize("language", ["zh", "en"])
def test_a_refusal_gives_every_reason_and_is_recorded(
    either: Walk, tmp_path: Path, language: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ANPING_LANG", language)
    size = either.workspace.ledger.size
    workspace, said = released(either, tmp_path, "--tier", "open", "--purposes", "TRAIN")
    assert said.code == 5
    assert workspace.ledger.size == size + 1
    newest = list(workspace.ledger.entries())[-1].record
    decision = newest["predicate"]["decision"]
    assert decision["outcome"] == "refuse"
    failing = [reason for reason in decision["reasons"] if not reason["holds"]]
    assert len(failing) >= 2
    for reason in decision["reasons"]:
        assert reason["why"][language] in said.out
        if not reason["holds"]:
            assert reason["nextStep"]["zh"]
            assert reason["nextStep"][language] in said.out
    assert [subject["name"] for subject in newest["subject"]] == ["customers.refusal@1"]
    assert workspace.find("customers.release") == either.workspace.find("customers.release")
    workspace.ledger.audit(workspace.key_store.public())


def test_a_refusal_writes_no_dossier(either: Walk, tmp_path: Path) -> None:
    target = tmp_path / "dossier"
    workspace, said = released(either, tmp_path, "--tier", "open", "--dossier", str(target))
    assert said.code == 5
    assert not target.exists()
    assert not target.with_suffix(".zip").exists()
    assert workspace.find("customers.refusal") is not None


@pytest.mark.parametrize(
    ("arguments", "rule"),
    [
        (("--tier", "controlled", "--purposes", "RETRIEVE"), "release.purposes"),
        (("--tier", "controlled", "--purposes", "TRAIN", "--recipient", "lab", "--as", "intern"),
         "release.role"),
    ],
)  # fmt: skip
def test_what_the_policy_asks_for_is_asked_for(
    either: Walk, tmp_path: Path, arguments: tuple[str, ...], rule: str
) -> None:
    workspace, said = released(either, tmp_path, *arguments)
    assert said.code == 5
    decision = list(workspace.ledger.entries())[-1].record["predicate"]["decision"]
    failing = [reason["code"] for reason in decision["reasons"] if not reason["holds"]]
    assert any(code.startswith(rule.removesuffix("s")) for code in failing), failing


# --- what the dossier says ----------------------------------------------------------------------


def test_labels_flow_to_the_release(either: Walk) -> None:
    *before, last = records_of(either.dossier)
    for record in before:
        for subject in record["subject"]:
            labels = subject["annotations"]["labels"]
            if subject["name"].startswith("customers"):
                assert labels["tier"] == "internal", subject["name"]
                assert set(labels["purposes"]) == {"TRAIN", "EVAL_ONLY"}
                assert labels["legalBases"] == ["pdpa:art19:contract"]
    for subject in last["subject"]:
        labels = subject["annotations"]["labels"]
        assert labels["tier"] == "controlled"
        assert set(labels["purposes"]) == {"TRAIN", "EVAL_ONLY"}
        assert labels["legalBases"] == ["pdpa:art19:contract"]
    assert "tier" in last["predicate"]["lowers"]
    assert last["predicate"]["decision"]["outcome"].startswith("allow")


def test_every_measure_in_the_dossier_is_a_signed_one(either: Walk) -> None:
    signed = {
        json.dumps(measure, sort_keys=True)
        for record in records_of(either.dossier)
        for measure in record["predicate"]["measurements"]
    }
    listed = json.loads((either.dossier / "measures.json").read_bytes())
    assert len(listed) > 100
    assert {json.dumps(measure, sort_keys=True) for measure in listed} == signed
    for measure in listed:
        assert measure["n"] >= 0
        assert measure["unit"]
        assert measure["title"]["zh"]
        assert measure["title"]["en"]


def table_of(folder: Path) -> list[dict[str, Any]]:
    [path] = (folder / "data").glob("*.parquet")
    rows: list[dict[str, Any]] = pq.read_table(path).to_pylist()
    return rows


def written(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return str(value).lower()
    return repr(value) if isinstance(value, float) else str(value)


@pytest.mark.parametrize("name", ["bank", "hospital"])
def test_csv_and_parquet_hold_the_same_rows(name: str, request: pytest.FixtureRequest) -> None:
    folder = request.getfixturevalue(name).dossier
    [path] = (folder / "data").glob("*.csv")
    found = list(csv.DictReader(io.StringIO(path.read_text("utf-8"), newline="")))
    rows = table_of(folder)
    assert [list(row) for row in found[:1]] == [list(row) for row in rows[:1]]
    assert len(found) == len(rows)
    for one, other in zip(found, rows, strict=True):
        for column, value in other.items():
            if isinstance(value, float):
                assert float(one[column]) == value
            else:
                assert one[column] == written(value), column


def plan_of(folder: Path) -> dict[str, Any]:
    plan: dict[str, Any] = yaml.safe_load((folder / "plan.yaml").read_text("utf-8"))
    return plan


@pytest.mark.parametrize("name", ["bank", "hospital"])
def test_the_released_table_keeps_the_promise_of_its_plan(
    name: str, request: pytest.FixtureRequest
) -> None:
    """k counts people by their pseudonym, l the sensitive values; counted here from the CSV alone."""
    folder = request.getfixturevalue(name).dossier
    plan, said = plan_of(folder), json.loads((folder / "protection/coverage.json").read_bytes())
    quasi = [
        column
        for column, done in plan["columns"].items()
        if any(each["do"] == "generalise" for each in (done if isinstance(done, list) else [done]))
    ]
    assert sorted(said["quasiIdentifiers"]) == sorted(quasi)
    rows = table_of(folder)
    person = said["person"]
    assert person == plan["privacy_unit"]
    classes: defaultdict[tuple[Any, ...], list[dict[str, Any]]] = defaultdict(list)
    for row in rows:
        classes[tuple(row[column] for column in quasi)].append(row)
    people = Counter({key: len({row[person] for row in of}) for key, of in classes.items()})
    assert min(people.values()) >= plan["model"]["k"] >= 5
    for column in plan["model"].get("sensitive", []):
        assert (
            min(len({row[column] for row in of}) for of in classes.values()) >= plan["model"]["l"]
        )
    smallest = next(
        measure["value"]
        for measure in json.loads((folder / "measures.json").read_bytes())
        if (measure["id"], measure["subject"]) == ("risk.class_size.min", "after")
    )
    assert smallest == min(people.values())


@pytest.mark.parametrize("name", ["bank", "hospital"])
def test_no_dropped_column_is_released(name: str, request: pytest.FixtureRequest) -> None:
    folder = request.getfixturevalue(name).dossier
    dropped = {
        column
        for column, done in plan_of(folder)["columns"].items()
        if isinstance(done, dict) and done["do"] == "drop"
    }
    assert len(dropped) >= 5
    assert not dropped & set(table_of(folder)[0])
    assert set(table_of(folder)[0]) | dropped == set(plan_of(folder)["columns"])


@pytest.mark.parametrize("language", ["zh", "en"])
def test_the_card_says_what_the_files_say(bank: Walk, language: str) -> None:
    card = (bank.dossier / f"card.{language}.html").read_text("utf-8")
    rows = table_of(bank.dossier)
    assert f"{len(rows):,}" in card
    for column in rows[0]:
        assert column in card
    for name in ("data/customers.csv", "data/customers.parquet"):
        assert name in card
    *before, last = records_of(bank.dossier)
    for record in before:
        assert record["predicate"]["step"]["id"] in card
    for condition in last["predicate"]["decision"]["conditions"]:
        assert condition[language] in card
    assert "university-lab" in card
    chain = card[card.index("know.add") :]
    assert {"zh": "允許釋出", "en": "Release allowed"}[language] not in chain, (
        "no step is a release"
    )
    assert "<script" not in card
    assert not re.search(r'(src|data)="https?:|url\(|@import', card)


@pytest.mark.filterwarnings("ignore")
def test_mlcroissant_accepts_the_metadata_and_reads_the_rows(bank: Walk) -> None:
    mlcroissant = pytest.importorskip("mlcroissant")
    dataset = mlcroissant.Dataset(str(bank.dossier / "metadata" / "croissant.json"))
    assert not dataset.metadata.ctx.issues.errors
    assert not dataset.metadata.ctx.issues.warnings
    assert sum(1 for _ in dataset.records("records")) == len(table_of(bank.dossier))
    said = json.loads((bank.dossier / "metadata/croissant.json").read_bytes())
    for file in said["distribution"]:
        path = (bank.dossier / "metadata" / file["contentUrl"]).resolve()
        assert sha256_file(path) == file["sha256"], file["contentUrl"]


def test_the_contract_the_offer_and_the_lineage_are_of_this_release(bank: Walk) -> None:
    columns = list(table_of(bank.dossier)[0])
    metadata = bank.dossier / "metadata"
    contract = yaml.safe_load((metadata / "contract.odcs.yaml").read_text("utf-8"))
    assert contract["apiVersion"].startswith("v3.")
    [table] = contract["schema"]
    assert [each["name"] for each in table["properties"]] == columns
    offer = json.loads((metadata / "licence.odrl.json").read_bytes())
    assert offer["@type"] == "Offer"
    assert offer["permission"]
    assert offer["prohibition"]
    lines = (metadata / "openlineage.jsonl").read_text("utf-8").splitlines()
    events = [json.loads(line) for line in lines]
    assert {event["job"]["name"] for event in events} >= {"know.add", "protect.deid"}
    assert all(event["eventType"] in {"START", "COMPLETE"} for event in events)
    [lineage] = [
        output["facets"]["columnLineage"]["fields"]
        for event in events
        for output in event["outputs"]
        if output["name"].startswith("customers.protected@")
    ]
    for language in ("zh", "en"):
        assert "customers.csv:違約" in (bank.dossier / f"lineage.{language}.html").read_text(
            "utf-8"
        )
    assert sorted(lineage) == sorted(columns)
    assert all(
        transformation["masking"] in (True, False)
        for field in lineage.values()
        for source in field["inputFields"]
        for transformation in source["transformations"]
    )


def test_a_dossier_handed_over_twice_has_the_same_content(either: Walk, tmp_path: Path) -> None:
    workspace = copied_workspace(either.workspace, tmp_path).open()
    again = export(workspace, "customers", tmp_path / "again").folder
    for name, path in files_of(either.dossier).items():
        assert (again / name).read_bytes() == path.read_bytes(), name
