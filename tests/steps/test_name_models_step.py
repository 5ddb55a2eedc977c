"""``--names``: a model of a user's own through scan and redaction, named in report and evidence."""

from __future__ import annotations

import json
import shlex
import sys
from pathlib import Path
from typing import Any

import pytest

import name_program
from anping.know.discover.recognisers.loading import ALLOWED
from anping.workspace.workspace import Workspace
from command_line import anping

NAME = "谷辣斯‧尤達卡"
TEXT = f"會議由{NAME}主持，聯絡電話0912-345-678，會後另行通知各位委員。"


def _options(root: Path) -> tuple[str, ...]:
    return ("--workspace", str(root / "w"), "--keys", str(root / "k"))


def _content(root: Path, name: str) -> Any:
    workspace = Workspace.open(root / "w", keys=root / "k")
    return json.loads(workspace.path(workspace.need(name)).read_bytes())


@pytest.fixture(scope="module")
def walked(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A workspace in which documents were scanned and redacted with a program beside."""
    root = tmp_path_factory.mktemp("names")
    (root / "papers").mkdir()
    (root / "papers" / "a.txt").write_text(TEXT, "utf-8")
    program = "process:" + shlex.join([sys.executable, str(Path(name_program.__file__)), "good"])
    (root / "flow.yaml").write_text(
        json.dumps({
            "pipeline": 1,
            "subject": "letters",
            "steps": [
                {"step": "know.add",
                 "with": {"path": "papers", "kind": "documents", "purposes": ["TRAIN"]}},
                {"step": "know.scan", "with": {"names": [program]}},
                {"step": "protect.redact", "with": {"names": [program]}},
            ],
        }),
        "utf-8",
    )  # fmt: skip
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv(ALLOWED, "allow")
        for command in (
            ["init"],
            ["add", "papers", root / "papers", "--kind", "documents", "--purposes", "TRAIN"],
            ["scan", "papers", "--names", program],
            ["redact", "papers", "--names", program, "--into", root / "out"],
            ["run", root / "flow.yaml"],
        ):
            said = anping("--lang", "en", *command, *_options(root))
            assert said.code == 0, said.all
    return root


def test_the_report_names_the_model_and_measures_no_names(walked: Path) -> None:
    for name in ("papers.scan", "papers.redaction", "letters.scan", "letters.redaction"):
        ratings = _content(walked, name)["ratings"]
        (finder,) = ratings["finders"]
        assert (finder["kind"], finder["name"], finder["licence"]) == ("process", "tiny", "GPL-3.0")
        assert len(finder["digest"]) == 64
        assert ratings["joined"]["zh"]
        rated = {one["type"]: one["measured"] for one in ratings["ratings"]}
        assert rated["PHONE"]
        assert rated.get("PERSON_NAME", False) is False
    shown = anping("show", "papers.scan-page", *_options(walked)).out
    assert "process:tiny" in shown
    assert "GPL-3.0" in shown


def test_what_only_the_model_finds_is_redacted(walked: Path) -> None:
    (redacted,) = (path.read_text("utf-8") for path in (walked / "out").rglob("*.txt"))
    assert NAME not in redacted
    assert "卡" not in redacted
    assert "0912" not in redacted


def test_the_evidence_names_the_model_with_its_digest(walked: Path) -> None:
    workspace = Workspace.open(walked / "w", keys=walked / "k")
    named = [
        material
        for entry in workspace.ledger.entries()
        for material in entry.record["predicate"]["materials"]
        if material["name"].startswith("process:")
    ]
    assert len(named) == 4
    digest = _content(walked, "papers.scan")["ratings"]["finders"][0]["digest"]
    assert {one["name"] for one in named} == {f"process:tiny 0.1 (GPL-3.0) sha256:{digest}"}


def test_a_program_that_may_not_start_is_refused(
    walked: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv(ALLOWED, raising=False)
    said = anping(
        "--json-errors", "scan", "papers", "--names", "process:/no/other", *_options(walked)
    )
    assert said.code == 2
    assert said.error["code"] == "names.programs"
