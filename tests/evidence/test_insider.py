"""An insider has the keys: what the dossier alone shows, and what only a witness can."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from anping.core.errors import EvidenceError
from anping.core.text import Text
from anping.core.verdict import Verdict
from anping.evidence.dsse import read_line, sign
from anping.evidence.keys import Keys, keys_json, read_keys
from anping.evidence.statement import read_payload
from anping.evidence.verify import Report, verify
from anping.evidence.witness import growth_request

STATEMENTS = "evidence/statements.intoto.jsonl"


def codes(report: Report) -> set[str]:
    return {finding.code for finding in report.of("fail")}


def edited(tools: ModuleType) -> list[Any]:
    """The chain with a number made prettier."""
    records = tools.chain()
    records[5] = replace(
        records[5], measurements=(replace(tools.CLASSES, value=0.05, interval=None), tools.ATTACK)
    )
    return list(records)


def rewritten(tools: ModuleType, world: Any, folder: Path, *, entries: int = 0) -> Any:
    """Rewrite the whole log with the owner's own keys, and issue a new dossier."""
    insider = tools.Owner(producer=world.owner.producer, log=world.owner.log)
    records = edited(tools)
    tools.build(folder, insider, records=records[: entries or None] if entries else records)
    return insider


def test_signing_an_edited_statement_again_is_caught(
    witnessed: Any, tools: ModuleType, tmp_path: Path
) -> None:
    folder = witnessed.copy(tmp_path / "d")
    lines = (folder / STATEMENTS).read_bytes().splitlines()
    lines[5] = sign(edited(tools)[5].payload(), witnessed.owner.producer).line()
    (folder / STATEMENTS).write_bytes(b"".join(line + b"\n" for line in lines))
    assert codes(verify(folder)) == {"log.not-included", "log.deleted"}


def test_an_edited_value_without_a_new_signature_is_named(
    witnessed: Any, tools: ModuleType, tmp_path: Path
) -> None:
    folder = witnessed.copy(tmp_path / "d")
    lines = (folder / STATEMENTS).read_bytes().splitlines()
    envelope = replace(read_line(lines[5]), payload=edited(tools)[5].payload())
    lines[5] = envelope.line()
    (folder / STATEMENTS).write_bytes(b"".join(line + b"\n" for line in lines))
    assert "statement.signature" in codes(verify(folder))


def test_the_log_key_does_not_sign_statements(
    witnessed: Any, tools: ModuleType, tmp_path: Path
) -> None:
    folder = witnessed.copy(tmp_path / "d")
    lines = (folder / STATEMENTS).read_bytes().splitlines()
    lines[5] = sign(read_line(lines[5]).payload, witnessed.owner.log).line()
    (folder / STATEMENTS).write_bytes(b"".join(line + b"\n" for line in lines))
    assert "statement.no-producer" in codes(verify(folder))
    lines[5] = sign(b"{}", tools.SigningKey.generate("producer", "x")).line()
    (folder / STATEMENTS).write_bytes(b"".join(line + b"\n" for line in lines))
    assert {"statement.unknown-signer", "statement.malformed"} <= codes(verify(folder))


def test_a_full_rewrite_passes_alone_but_never_silently(
    witnessed: Any, tools: ModuleType, tmp_path: Path
) -> None:
    rewritten(tools, witnessed, tmp_path / "d")
    report = verify(tmp_path / "d")
    assert report.ok
    [warning] = report.of("warn")
    assert warning.code == "witness.none"
    assert "could not have found out" in warning.what.en


def test_the_witness_exposes_a_full_rewrite(
    witnessed: Any, tools: ModuleType, tmp_path: Path
) -> None:
    insider = rewritten(tools, witnessed, tmp_path / "d")
    report = verify(tmp_path / "d", witness_checkpoint=witnessed.held)
    assert codes(report) == {"held.rewritten"}
    early = witnessed.witness.held(tools.ORIGIN, size=7)
    assert codes(verify(tmp_path / "d", witness_checkpoint=early)) == {"held.rewritten"}
    trust = Keys((*witnessed.owner_keys, witnessed.witness.public))
    assert "witness.not-trusted-one" in codes(verify(tmp_path / "d", trust=trust))
    request = growth_request(insider.checkpoint(), old_size=8, node=insider.tree.node)
    with pytest.raises(EvidenceError, match=r"witness\.fork"):
        witnessed.witness.cosign(request, tools.NOW)
    insider.record(tools.chain()[0])
    request = growth_request(insider.checkpoint(), old_size=8, node=insider.tree.node)
    with pytest.raises(EvidenceError, match=r"witness\.inconsistent"):
        witnessed.witness.cosign(request, tools.NOW)


def test_a_shorter_rewrite_is_no_way_around_the_witness(
    witnessed: Any, tools: ModuleType, tmp_path: Path
) -> None:
    insider = tools.Owner(producer=witnessed.owner.producer, log=witnessed.owner.log)
    records = [record for record in edited(tools) if record.step != "know.scan"]
    records[1] = replace(records[1], materials=records[1].materials[:1])
    tools.build(tmp_path / "d", insider, records=records)
    assert verify(tmp_path / "d").ok
    assert codes(verify(tmp_path / "d", witness_checkpoint=witnessed.held)) == {"held.ahead"}
    assert insider.tree.size < witnessed.owner.tree.size


def test_an_older_dossier_agrees_with_a_newer_witness_by_proof(
    tools: ModuleType, tmp_path: Path
) -> None:
    witness = tools.Witness.create(tmp_path / "w", "auditor.example/w1")
    owner = tools.Owner(witnesses=(witness.public,))
    final = tools.build(tmp_path / "d", owner, witness=witness)
    owner.record(tools.chain()[0])
    newer = owner.witnessed(witness, final.head.size)
    held = witness.held(tools.ORIGIN)
    folder = tmp_path / "d"
    assert codes(verify(folder, witness_checkpoint=held)) == {"held.ahead"}
    body = growth_request(newer, old_size=final.head.size, node=owner.tree.node)
    assert verify(folder, witness_checkpoint=body).ok
    assert verify(folder, witness_checkpoint=witness.held(tools.ORIGIN, size=final.head.size)).ok
    assert verify(folder, witness_checkpoint=witness.held(tools.ORIGIN, size=7)).ok
    trust = read_keys(keys_json([owner.producer.public, owner.log.public, witness.public]))
    assert verify(folder, witness_checkpoint=held, trust=trust).ok


def test_a_held_checkpoint_that_cannot_be_compared_does_not_pass(
    witnessed: Any, tools: ModuleType
) -> None:
    stranger = tools.SigningKey.generate("log", "stranger")
    head = witnessed.final.head
    foreign = tools.sign_checkpoint(tools.Checkpoint("elsewhere", head), witnessed.owner.log)
    replaced = tools.sign_checkpoint(tools.Checkpoint(tools.ORIGIN, head), stranger)
    unknown = tools.sign_checkpoint(
        tools.Checkpoint(tools.ORIGIN, replace(head, size=3)), witnessed.owner.log
    )
    for held, code in (
        (foreign.encode(), "held.other-log"),
        (replaced.encode(), "held.other-key"),
        (unknown.encode(), "held.no-proof"),
        (b"rubbish", "held.malformed"),
        (b"old 1\n", "held.malformed"),
    ):
        assert codes(verify(witnessed.folder, witness_checkpoint=held)) == {code}


def test_trusted_keys(witnessed: Any, tools: ModuleType, tmp_path: Path) -> None:
    owner, witness = witnessed.owner, witnessed.witness
    path = tmp_path / "keys.json"
    path.write_bytes(keys_json([owner.producer.public, owner.log.public, witness.public]))
    report = verify(witnessed.folder, trust=path)
    assert report.ok
    assert not report.of("warn")
    assert "keys.from-dossier" not in {finding.code for finding in report.findings}
    stranger = tools.SigningKey.generate("producer", "owner-producer").public
    other = Keys((stranger, owner.log.public, witness.public))
    assert codes(verify(witnessed.folder, trust=other)) == {"keys.untrusted"}
    only = Keys((owner.log.public,))
    assert {f.code for f in verify(witnessed.folder, trust=only).of("warn")} == {"keys.not-covered"}
    with pytest.raises(EvidenceError, match=r"verify\.no-trust-file"):
        verify(witnessed.folder, trust=tmp_path / "absent.json")
    path.write_bytes(json.dumps([]).encode())
    with pytest.raises(EvidenceError, match=r"keys\.malformed"):
        verify(witnessed.folder, trust=path)


def test_a_witness_with_an_owner_key_is_none(tools: ModuleType, tmp_path: Path) -> None:
    witness = tools.Witness.create(tmp_path / "w", "fake.example/w1")
    owner = tools.Owner(
        witnesses=(witness.public,), log=tools.SigningKey("log", "owner-log", witness.key.private)
    )
    tools.build(tmp_path / "d", owner, witness=witness)
    assert codes(verify(tmp_path / "d")) == {"keys.witness-is-owner"}


def test_a_refused_release_does_not_pass(tools: ModuleType, tmp_path: Path) -> None:
    owner = tools.Owner()
    folder = tmp_path / "d"
    tools.build(folder, owner)
    refused = Verdict("release", "refuse", (), (Text("否", "no"),))
    last = replace(read_payload(read_line(owner.lines[-1]).payload), decision=refused)
    tools.build(tmp_path / "e", tools.Owner(owner.producer, owner.log), last=last)
    assert codes(verify(tmp_path / "e")) == {"decision.refused"}


def test_a_witness_that_came_later_is_carried_along(tools: ModuleType, tmp_path: Path) -> None:
    witness = tools.Witness.create(tmp_path / "w", "auditor.example/w1")
    owner, folder = tools.Owner(), tmp_path / "d"
    tools.build(folder, owner)
    cosigned = owner.witnessed(witness, 0)
    statements = list(enumerate(owner.lines))[1:]
    with pytest.raises(EvidenceError, match=r"dossier\.unknown-signer"):
        tools.seal(folder, statements, checkpoint=cosigned, node=owner.tree.node)
    assert [finding.code for finding in verify(folder).of("warn")] == ["witness.none"]
    tools.seal(
        folder,
        statements,
        checkpoint=cosigned,
        node=owner.tree.node,
        witnesses=[witness.public],
    )
    report = verify(folder)
    assert report.ok
    assert not report.of("warn")
    path = folder / "evidence/witnesses.json"
    whole = path.read_bytes()
    for place in range(len(whole)):
        changed = bytearray(whole)
        changed[place] ^= 1 << place % 8
        path.write_bytes(bytes(changed))
        assert not verify(folder).ok, place
    path.unlink()
    assert codes(verify(folder)) == {"witness.unknown-signature"}
    path.write_bytes(keys_json([]))
    assert "files.extra" in codes(verify(folder))
    stranger = tools.SigningKey.generate("producer", "stranger").public
    path.write_bytes(keys_json([witness.public, stranger]))
    assert codes(verify(folder)) == {"keys.later-role"}
