"""A folder of documents is taken in, looked through and redacted; evidence holds nothing of a person."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

import documents_made as made
from anping.workspace.workspace import Workspace
from command_line import anping, fails

pytest.importorskip("pypdf")


@pytest.fixture(scope="module")
def walked(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a workspace in which ``notes`` was added, scanned and redacted."""
    root = tmp_path_factory.mktemp("documents")
    folder = made.folder(root / "in")
    (folder / "locked.pdf").write_bytes(made.encrypted_pdf())
    (folder / "王小明病歷.txt").write_text("王小明 0912345678", "utf-8")
    for command in (
        ["init"],
        ["add", "notes", folder, "--kind", "documents", "--purposes", "TRAIN"],
        ["scan", "notes"],
        ["redact", "notes", "--operator", "surrogate", "--into", root / "out"],
    ):
        said = anping("--lang", "en", *command, *_place(root))
        assert said.code == 0, said.all
    return root


def _place(root: Path) -> tuple[str, str, str, str]:
    return ("--workspace", str(root / "w"), "--keys", str(root / "k"))


def _content(root: Path, name: str) -> Any:
    workspace = Workspace.open(root / "w", keys=root / "k")
    return json.loads(workspace.path(workspace.need(name)).read_bytes())


def test_what_was_refused_is_listed_with_its_reason(walked: Path) -> None:
    report = _content(walked, "notes.documents")
    assert report["documents"] == 10
    (refused,) = report["refused"]
    assert (refused["document"], refused["code"]) == ("locked.pdf", "document.encrypted")
    assert refused["reason"]["zh"]
    assert {note["document"] for note in report["notes"]} == {"mail.eml", "photo.jpg"}


def test_the_scan_says_what_is_where_without_saying_it(walked: Path) -> None:
    report = _content(walked, "notes.scan")
    documents = {one["document"]: one for one in report["documents"]}
    assert documents["sub/report.pdf"]["counts"] == {"PERSON_NAME": 2, "PHONE": 1}
    phone = next(one for one in documents["sub/report.pdf"]["mentions"] if one["type"] == "PHONE")
    assert phone["where"]["en"] == "page 2, line 1"
    assert documents["photo.jpg"]["counts"] == {
        "DEVICE_ID": 1, "GPS_POSITION": 1, "PERSON_NAME": 1,
    }  # fmt: skip
    shown = [mention["example"] for one in documents.values() for mention in one["mentions"]]
    assert "王●●" in shown
    assert not any(word in json.dumps(shown) for word in ("0912-345-678", "A123456789"))


def test_the_page_shows_a_heat_map_in_both_languages(walked: Path) -> None:
    said = anping("show", "notes.scan-page", *_place(walked))
    assert said.code == 0
    for words in ("熱圖", "Heat map", "sub/report.pdf", "person name", "page 2, line 1"):
        assert words in said.out
    assert "0912-345-678" not in said.out
    assert "<script" not in said.out
    assert "default-src 'none'" in said.out
    assert "http" not in said.out.replace("http-equiv", "")


def test_the_redacted_files_name_nobody_and_one_person_is_one_surrogate(walked: Path) -> None:
    files = {
        path.relative_to(walked / "out").as_posix(): path.read_text("utf-8")
        for path in (walked / "out").rglob("*.txt")
    }
    assert len(files) == 10
    everything = "".join([*files, *files.values()])
    for secret in (
        "王小明",
        "林淑芬",
        "A123456789",
        "0912-345-678",
        "0912345678",
        "amy@",
        "Chen",
        "SN-00",
    ):
        assert secret not in everything
    name = files["letter.docx.txt"].split("先生")[0]
    assert len(name) == 3
    assert f"{name}病歷.txt" in files
    assert name in files["big5.txt"]
    assert files["photo.jpg.txt"].startswith(f"Artist: {name}")


def test_every_place_of_the_redacted_text_maps_back(walked: Path) -> None:
    from anping.engine.documents.corpus import read_corpus

    workspace = Workspace.open(walked / "w", keys=walked / "k")
    paths = [workspace.path(workspace.need(name)) for name in ("notes", "notes.redacted")]
    raw, redacted = ({one.name: one for one in read_corpus(path)} for path in paths)
    for told in _content(walked, "notes.redaction")["documents"]:
        old, new = raw[told["document"]].text, redacted[told["redacted"]].text
        at = [0, 0]
        for _, old_start, old_end, start, end in told["replacements"]:
            assert old[at[0] : old_start] == new[at[1] : start]
            at = [old_end, end]
        assert old[at[0] :] == new[at[1] :]
        assert told["remaining"] == {}


def test_evidence_holds_counts_and_no_name_of_a_file(walked: Path) -> None:
    workspace = Workspace.open(walked / "w", keys=walked / "k")
    records = [entry.record for entry in workspace.ledger.entries()]
    everything = json.dumps(records, ensure_ascii=False)
    for secret in ("王小明", "林淑芬", "locked.pdf", "letter.docx", "0912", "A123456789"):
        assert secret not in everything
    values = {
        measure["id"]: measure["value"]
        for record in records
        for measure in record["predicate"]["measurements"]
    }
    assert values["intake.documents.refused"] == 1
    assert values["redaction.remaining"] == 0
    assert {asset.kind for asset in workspace.assets()} == {"corpus", "report"}


def test_the_same_folder_is_not_read_into_a_new_version(walked: Path) -> None:
    workspace = Workspace.open(walked / "w", keys=walked / "k")
    before = workspace.ledger.size
    said = anping(
        "add", "notes", walked / "in", "--kind", "documents", "--purposes", "TRAIN", *_place(walked)
    )
    assert said.code == 0, said.all
    assert Workspace.open(walked / "w", keys=walked / "k").ledger.size == before


def test_the_texts_are_handed_over_again_without_redacting_again(walked: Path) -> None:
    arguments = ("redact", "notes", "--operator", "surrogate", "--into", walked / "again")
    said = anping("--lang", "en", *arguments, *_place(walked))
    assert said.code == 0, said.all
    assert "unchanged" in said.out
    names = [sorted(p.name for p in (walked / each).rglob("*.txt")) for each in ("out", "again")]
    assert names[0] == names[1]


def test_a_corpus_is_not_printed(walked: Path) -> None:
    said = anping("--json-errors", "show", "notes", *_place(walked))
    assert (said.code, said.error["code"]) == (2, "show.corpus")


def test_a_table_step_says_that_a_corpus_is_none(walked: Path) -> None:
    body = fails("plan", "notes", *_place(walked), code="parameter.wrong-kind")
    assert "corpus" in body["what"]["en"]


def test_what_does_not_go_together_is_refused(walked: Path, tmp_path: Path) -> None:
    add: list[str | Path] = ["add", "other", walked / "in", "--kind", "documents", *_place(walked)]
    said = anping("--json-errors", *add, "--quarantine", tmp_path / "q")
    assert (said.code, said.error["code"]) == (2, "parameter.documents")
    said = anping(
        "--json-errors",
        "redact",
        "notes",
        "--operator",
        "surrogate",
        "--into",
        walked / "in",
        *_place(walked),
    )
    assert (said.code, said.error["code"]) == (2, "parameter.folder-exists")
    empty = tmp_path / "empty"
    empty.mkdir()
    said = anping("--json-errors", "add", "other", empty, "--kind", "documents", *_place(walked))
    assert (said.code, said.error["code"]) == (3, "document.none")
