"""No forged dossier is ever called verified: outsiders, insiders, and honest look-alikes."""

from __future__ import annotations

import random
import shutil
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest

from anping.core.digest import canonical_json, sha256
from anping.core.errors import AnpingError, EvidenceError
from anping.evidence.checkpoint import sign_checkpoint
from anping.evidence.dossier import STATEMENTS
from anping.evidence.keys import Keys
from anping.evidence.statement import read_payload
from anping.evidence.verify import Report, verify
from anping.evidence.witness import Witness, growth_request
from anping.steps.verification import verify_dossier
from evidence import conftest as tools
from fuzz.forging import deep, dropped, everything, same_content
from fuzz.insiders import Insider, insider_forgeries
from walking import Walk

#: How many values of each statement are edited, and how many pairs of files are exchanged.
EDITS, PAIRS = 3, 15
#: How many forgeries are tried here; the long run tries them all.
SAMPLE, SAMPLE_OF_REAL = 250, 15
SEED = 20261121


@dataclass(frozen=True)
class Honest:
    """A true dossier with a second release in the same log, and what an auditor has of its own."""

    folder: Path
    second: Path
    owner: Any
    witness: Witness
    held: bytes
    trust: Keys

    def checked(self, folder: Path) -> Report:
        return verify(folder, trust=self.trust, witness_checkpoint=self.held)


@pytest.fixture(scope="module")
def true(tmp_path_factory: pytest.TempPathFactory) -> Honest:
    base = tmp_path_factory.mktemp("true")
    witness = Witness.create(base / "witness", "auditor.example/w1")
    owner = tools.Owner(witnesses=(witness.public,))
    tools.build(base / "dossier", owner, witness=witness)
    held = witness.held(tools.ORIGIN)
    assert held is not None
    later = tools.Owner(owner.producer, owner.log, owner.tree, list(owner.lines), owner.witnesses)
    first = list(owner.lines)
    tools.build(base / "second", later)
    owner.lines[:] = first
    trust = Keys((owner.producer.public, owner.log.public, witness.public))
    return Honest(base / "dossier", base / "second", owner, witness, held, trust)


def test_no_outsider_s_forgery_is_accepted(true: Honest, tmp_path: Path) -> None:
    assert true.checked(true.folder).ok
    folder, tried = tmp_path / "forged", 0
    chance = random.Random(SEED)
    every = list(everything(true.folder, true.second, chance, each=EDITS, pairs=PAIRS))
    for name, forge in chance.sample(every, SAMPLE):
        shutil.rmtree(folder, ignore_errors=True)
        shutil.copytree(true.folder, folder)
        forge(folder)
        report = verify(folder)
        assert not report.ok or same_content(folder, true.folder), name
        for finding in report.of("fail"):
            assert finding.what.zh.encode(), name
            assert finding.what.en.encode(), name
        tried += 1
    assert tried == SAMPLE


def test_no_insider_s_forgery_is_accepted_where_the_witness_is_known(
    true: Honest, tmp_path: Path
) -> None:
    owner = true.owner
    indices = range(1, len(owner.lines))
    insider = Insider(owner.producer, owner.log, owner.lines, indices, true.witness.public)
    folder, tried = tmp_path / "forged", 0
    owners = Keys(true.trust.members[:2])
    for name in insider_forgeries(true.folder, insider, random.Random(SEED), folder, each=1):
        assert not verify(folder, trust=true.trust).ok, name
        assert not verify(folder, trust=owners, witness_checkpoint=true.held).ok, name
        verify(folder)
        tried += 1
    assert tried > 80


def test_no_statement_of_a_real_dossier_can_be_left_out(bank: Walk, tmp_path: Path) -> None:
    whole, folder = bank.dossier, tmp_path / "forged"
    lines = (whole / STATEMENTS).read_bytes().count(b"\n")
    for place in range(lines):
        shutil.copytree(whole, folder)
        dropped(place)(folder)
        assert not verify(folder).ok, place
        shutil.rmtree(folder)


def test_a_sample_of_forgeries_of_a_real_dossier(bank: Walk, tmp_path: Path) -> None:
    whole, folder = bank.dossier, tmp_path / "forged"
    chance = random.Random(SEED)
    forgeries = list(everything(whole, whole, chance, each=1, pairs=5))
    for name, forge in chance.sample(forgeries, SAMPLE_OF_REAL):
        shutil.copytree(whole, folder)
        forge(folder)
        report = verify_dossier(folder, trust=bank.keys, witness=bank.held)
        assert not report.ok or same_content(folder, whole), name
        shutil.rmtree(folder)


# --- what was found by forging, and stays forbidden -------------------------------------------------


def _payload(*path: Any, value: Any) -> bytes:
    content: Any = tools.chain()[5].as_json()
    inner = content["predicate"]
    for part in path[:-1]:
        inner = inner[part]
    inner[path[-1]] = value
    parameters = content["predicate"]["invocation"]["parameters"]
    content["predicate"]["invocation"]["parametersDigest"] = sha256(canonical_json(parameters))
    return canonical_json(content)


@pytest.mark.parametrize(
    ("path", "value"),
    [
        (("measurements", 0, "value"), 10**400),
        (("measurements", 0, "replay", "tolerance"), 10**400),
        (("measurements", 0, "uncertainty", "hi"), -(10**400)),
        (("startedOn",), "2026-13-45T99:99:99Z"),
        (("finishedOn",), "２０２６-01-01T00:00:00Z"),
        (("privacy",), deep(200)),
        (("invocation", "parameters"), deep(200)),
    ],
)
def test_statements_that_would_break_who_reads_on(path: tuple[Any, ...], value: Any) -> None:
    read_payload(_payload("startedOn", value="2026-11-21T08:00:00Z"))
    with pytest.raises(EvidenceError, match=r"statement\.malformed"):
        read_payload(_payload(*path, value=value))


def test_a_log_that_the_witness_never_saw_does_not_pass(true: Honest, tmp_path: Path) -> None:
    """Whoever verifies with a witness's folder asks it about this log, whichever it is."""
    stranger = Witness.create(tmp_path / "stranger", "other.example/w1")
    report = verify_dossier(true.folder, witness=tmp_path / "stranger")
    assert "held.unknown-log" in {finding.code for finding in report.of("fail")}
    assert stranger.held(tools.ORIGIN) is None


def test_a_second_log_under_the_same_key_is_no_way_around_the_witness(true: Honest) -> None:
    """An insider begins a new log, with the same keys and a history that suits."""
    insider = tools.Owner(true.owner.producer, true.owner.log)
    insider.record(tools.chain()[0])
    made = insider.checkpoint()
    other = sign_checkpoint(
        replace(made.checkpoint, origin="anping.local/fedcba9876543210"), insider.log
    )
    request = growth_request(other, old_size=0, node=insider.tree.node)
    with pytest.raises(EvidenceError, match=r"witness\.key-of-another-log"):
        true.witness.cosign(request, tools.NOW, first_use=insider.log.public)


@pytest.mark.parametrize("missing", ["evidence", "evidence/checkpoint"])
def test_a_dossier_without_a_checkpoint_is_told_to_who_asks_a_witness(
    bank: Walk, missing: str, tmp_path: Path
) -> None:
    folder = tmp_path / "forged"
    shutil.copytree(bank.dossier, folder)
    place = folder / missing
    if place.is_dir():
        shutil.rmtree(place)
    else:
        place.unlink()
    assert not verify_dossier(folder, witness=bank.witness).ok
    (tmp_path / "no.zip").write_bytes(b"PK\x05\x06 no zip")
    assert not verify_dossier(tmp_path / "no.zip", witness=bank.witness).ok
    for absent in ({"witness": tmp_path / "absent"}, {"timestamp_roots": tmp_path / "absent"}):
        with pytest.raises(AnpingError):
            verify_dossier(folder, **absent)  # type: ignore[arg-type]
