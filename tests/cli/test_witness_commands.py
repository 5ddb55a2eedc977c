"""The witness works apart: requests and answers travel as files, and rubbish is refused."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from anping.workspace.workspace import Workspace
from command_line import anping, fails
from walking import Walk


@pytest.fixture
def place(tmp_path: Path) -> tuple[str, ...]:
    """Return the options of a workspace with one statement."""
    source = tmp_path / "fruit.csv"
    source.write_text("a,b\n1,2\n", "utf-8")
    options = ("--workspace", str(tmp_path / "w"), "--keys", str(tmp_path / "keys"))
    for command in (("init",), ("add", "fruit", source)):
        assert anping(*command, *options).code == 0
    return options


@pytest.fixture
def witness(tmp_path: Path) -> Path:
    said = anping("witness", "init", tmp_path / "witness", "--name", "auditor.example")
    assert said.code == 0
    assert Path(said.out.strip()).is_file()
    return tmp_path / "witness"


def test_a_checkpoint_goes_to_the_witness_and_comes_back(
    place: tuple[str, ...], witness: Path, tmp_path: Path
) -> None:
    request, answer = tmp_path / "request", tmp_path / "answer"
    owner = tmp_path / "keys.json"
    workspace = Workspace.open(tmp_path / "w", keys=tmp_path / "keys")
    owner.write_bytes(workspace.key_store.public())
    known = ("--know", witness / "witness.keys.json")
    assert anping("checkpoint", *known, "--request", request, *place).code == 0
    said = anping("witness", "cosign", witness, request, "--owner", owner, "--out", answer)
    assert said.code == 0, said.err
    said = anping("checkpoint", "--add", answer, *place)
    assert said.code == 0, said.err
    assert "auditor.example" in said.out
    shown = anping("witness", "show", witness, workspace.ledger.origin)
    assert shown.code == 0
    assert shown.out.splitlines()[:3] == said.out.splitlines()[:3]


def test_a_witness_does_not_cosign_what_it_cannot_check(
    place: tuple[str, ...], witness: Path, tmp_path: Path
) -> None:
    request, answer = tmp_path / "request", tmp_path / "answer"
    known = ("--know", witness / "witness.keys.json")
    assert anping("checkpoint", *known, "--request", request, *place).code == 0
    out = ("--out", answer)
    fails("witness", "cosign", witness, request, *out, code="witness.unknown-log")
    whole = request.read_bytes()
    for content in (b"", b"rubbish", whole[: len(whole) // 2]):
        request.write_bytes(content)
        body = fails("witness", "cosign", witness, request, *out)
        assert body["code"].split(".")[0] in {"witness", "proof", "checkpoint", "note"}
    assert not answer.exists()
    fails("witness", "show", witness, "elsewhere", code="witness.nothing-held")
    fails("witness", "show", tmp_path, "elsewhere")


def test_a_witness_keeps_its_key(witness: Path) -> None:
    before = {path.name: path.read_bytes() for path in witness.iterdir() if path.is_file()}
    assert anping("witness", "init", witness, "--name", "other.example").code == 0
    after = {path.name: path.read_bytes() for path in witness.iterdir() if path.is_file()}
    assert after == before


def test_rubbish_from_outside_never_enters_the_workspace(
    place: tuple[str, ...], tmp_path: Path
) -> None:
    rubbish = tmp_path / "rubbish"
    rubbish.write_bytes(b"{}")
    fails("checkpoint", "--know", rubbish, *place)
    fails("checkpoint", "--add", rubbish, *place, code="checkpoint.none")
    assert anping("checkpoint", *place).code == 0
    fails("checkpoint", "--add", rubbish, *place)
    fails("checkpoint", "--request", tmp_path / "request", *place, code="witness.which")
    assert not (tmp_path / "request").exists()


def test_verify_refuses_rubbish_to_trust(bank: Walk, tmp_path: Path) -> None:
    rubbish = tmp_path / "rubbish"
    rubbish.write_bytes(b"{}")
    fails("verify", bank.dossier, "--trust", rubbish)
    said = anping("verify", bank.dossier, "--witness", rubbish)
    assert said.code == 7
    assert "Traceback" not in said.all
    fails("verify", tmp_path / "nothing", code="verify.not-a-dossier")
    shutil.copytree(bank.dossier / "data", tmp_path / "data")
    assert anping("verify", tmp_path / "data").code == 7


def test_the_ledger_is_audited_where_it_is_shown(bank: Walk) -> None:
    place = ("--workspace", bank.workspace.folder, "--keys", bank.workspace.key_store.location)
    said = anping("log", *place)
    assert said.code == 0
    assert "share.release" in said.out
    listed = anping("assets", *place).out
    assert "customers.release@1" in listed
    for name in ("customers.plan", "customers.scan", "policy"):
        assert anping("show", name, *place).out.strip()
