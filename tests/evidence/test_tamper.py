"""The tamper matrix: whatever is done to a dossier is caught, and named in words."""

from __future__ import annotations

import random
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from anping.evidence.tree import plain_files
from anping.evidence.verify import Report, verify

WHOLE = 600
SAMPLED = 300
SAMPLED_PROOF = 60


def codes(report: Report) -> set[str]:
    for finding in report.findings:
        assert finding.what.zh
        assert finding.what.en
    return {finding.code for finding in report.of("fail")}


def test_an_honest_dossier_passes(witnessed: Any, alone: Any) -> None:
    assert codes(verify(witnessed.folder)) == set()
    assert not verify(witnessed.folder).of("warn")
    assert [finding.code for finding in verify(alone.folder).of("warn")] == ["witness.none"]
    assert verify(witnessed.folder, witness_checkpoint=witnessed.held).ok


def places(name: str, size: int) -> list[int]:
    """Every byte of a small file; many of a large one, and of proofs that are like another."""
    if name.endswith(".tlog-proof") and not name.endswith("000000001.tlog-proof"):
        return random.Random(name).sample(range(size), SAMPLED_PROOF)
    if size <= WHOLE:
        return list(range(size))
    return [0, size - 1, *random.Random(name).sample(range(size), SAMPLED)]


def test_every_changed_byte_of_every_file_is_caught(witnessed: Any, tmp_path: Path) -> None:
    folder = witnessed.copy(tmp_path / "d")
    chance = random.Random(20261121)
    tried = 0
    for name, path in plain_files(folder)[0].items():
        whole = path.read_bytes()
        for place in places(name, len(whole)):
            changed = bytearray(whole)
            changed[place] ^= chance.randrange(1, 256)
            path.write_bytes(bytes(changed))
            assert not verify(folder).ok, (name, place, changed[place])
            tried += 1
        path.write_bytes(whole)
    assert verify(folder).ok
    assert tried > 2000


def test_an_added_or_removed_byte_at_either_end_is_caught(witnessed: Any, tmp_path: Path) -> None:
    folder = witnessed.copy(tmp_path / "d")
    for path in plain_files(folder)[0].values():
        whole = path.read_bytes()
        for content in (whole + b"\n", whole + b"\x00", b"\n" + whole, whole[:-1], whole[1:], b""):
            path.write_bytes(content)
            assert not verify(folder).ok, path.name
        path.write_bytes(whole)


def test_every_missing_file_is_caught(witnessed: Any, tmp_path: Path) -> None:
    folder = witnessed.copy(tmp_path / "d")
    for path in plain_files(folder)[0].values():
        kept = path.read_bytes()
        path.unlink()
        assert not verify(folder).ok, path.name
        path.write_bytes(kept)


def rewrite(path: Path, change: Callable[[list[bytes]], list[bytes]]) -> None:
    path.write_bytes(b"".join(change(path.read_bytes().splitlines(keepends=True))))


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        (lambda lines: lines[:2] + lines[3:], {"log.deleted", "flow.missing-ancestor"}),
        (lambda lines: lines[:-1], {"log.deleted", "release.missing"}),
        (lambda lines: lines[1:], {"log.deleted", "flow.missing-ancestor"}),
        (
            lambda lines: [lines[1], lines[0], *lines[2:]],
            {"log.reordered", "flow.missing-ancestor"},
        ),
        (lambda lines: [*lines[:5], lines[4], *lines[5:]], {"log.duplicate"}),
        (lambda _: [], {"statements.truncated", "release.missing"}),
        (
            lambda lines: [*lines[:-1], lines[-1][:100]],
            {"statements.truncated", "envelope.malformed"},
        ),
    ],
)
def test_deleting_reordering_copying_and_truncating(
    witnessed: Any, tmp_path: Path, change: Any, expected: set[str]
) -> None:
    folder = witnessed.copy(tmp_path / "d")
    rewrite(folder / "evidence/statements.intoto.jsonl", change)
    assert expected <= codes(verify(folder))


def test_deleting_a_statement_with_its_proof(witnessed: Any, tmp_path: Path) -> None:
    folder = witnessed.copy(tmp_path / "d")
    rewrite(folder / "evidence/statements.intoto.jsonl", lambda lines: lines[:3] + lines[4:])
    (folder / "evidence/proofs/000000004.tlog-proof").unlink()
    report = verify(folder)
    assert codes(report) == {"flow.missing-ancestor"}
    assert any("customers.safe@1" in finding.what.en for finding in report.of("fail"))


def test_swapped_files_are_told_from_changed_ones(witnessed: Any, tmp_path: Path) -> None:
    folder = witnessed.copy(tmp_path / "d")
    one, other = folder / "card.html", folder / "data/customers.csv"
    kept = one.read_bytes()
    shutil.copyfile(other, one)
    other.write_bytes(kept)
    assert codes(verify(folder)) == {"files.swapped"}


def test_swapped_proofs_are_caught(witnessed: Any, tmp_path: Path) -> None:
    folder = witnessed.copy(tmp_path / "d")
    one, other = (folder / f"evidence/proofs/00000000{n}.tlog-proof" for n in (1, 2))
    kept = one.read_bytes()
    shutil.copyfile(other, one)
    other.write_bytes(kept)
    assert "proof.other-checkpoint" in codes(verify(folder))


def test_an_added_file_folder_or_link_is_caught(witnessed: Any, tmp_path: Path) -> None:
    for number, add in enumerate(
        (
            lambda folder: (folder / "extra.txt").write_bytes(b""),
            lambda folder: (folder / "evidence/extra.json").write_bytes(b""),
            lambda folder: (folder / "evidence/history/000000003.consistency").write_bytes(b""),
            lambda folder: shutil.copyfile(
                folder / "evidence/proofs/000000001.tlog-proof",
                folder / "evidence/proofs/000000000.tlog-proof",
            ),
            lambda folder: shutil.copyfile(
                folder / "evidence/proofs/000000001.tlog-proof",
                folder / "evidence/proofs/0000000001.tlog-proof",
            ),
            lambda folder: (folder / "empty").mkdir(),
            lambda folder: (folder / "link").symlink_to(folder / "card.html"),
            lambda folder: (folder / "loop").symlink_to(folder),
        )
    ):
        folder = witnessed.copy(tmp_path / f"d{number}")
        add(folder)  # type: ignore[no-untyped-call]
        caught = {"files.extra", "files.not-plain", "proof.malformed", "proof.other-checkpoint"}
        assert codes(verify(folder)) & caught


def test_removing_the_cosignature_is_caught(witnessed: Any, tmp_path: Path) -> None:
    folder = witnessed.copy(tmp_path / "d")
    cosignature = witnessed.final.signatures[1].line()
    for path in (folder / "evidence").rglob("*"):
        if path.is_file() and "history" not in str(path.relative_to(folder)):
            path.write_bytes(path.read_bytes().replace(cosignature, b""))
    growth = folder / "evidence/history/000000007.consistency"
    growth.write_bytes(growth.read_bytes().replace(cosignature, b""))
    assert codes(verify(folder)) == {"witness.missing"}


@pytest.mark.parametrize("content", [b"\x00" * 999, b"[" * 200_000 + b"\n", b"{}\n", b"\xff\xfe\n"])
def test_rubbish_never_raises(witnessed: Any, tmp_path: Path, content: bytes) -> None:
    folder = witnessed.copy(tmp_path / "d")
    for path in plain_files(folder)[0].values():
        kept = path.read_bytes()
        path.write_bytes(content)
        assert not verify(folder).ok
        path.write_bytes(kept)


def test_a_forged_name_cannot_carry_terminal_codes(witnessed: Any, tmp_path: Path) -> None:
    folder = witnessed.copy(tmp_path / "d")
    (folder / "\x1b[2Jall good\u202e").write_bytes(b"")
    report = verify(folder)
    assert codes(report) == {"files.not-plain"}
    assert "\x1b" not in str([finding.what.en for finding in report.findings])
    assert not any("\u202e" in (finding.where or "") for finding in report.findings)
