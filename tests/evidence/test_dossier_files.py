"""Sealing and zipping: deterministic, refusing what cannot hold, safe against hostile archives."""

from __future__ import annotations

import os
import stat
import warnings
import zipfile
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from anping.core.errors import EvidenceError
from anping.evidence.archive import packing, unzip_dossier, zip_dossier
from anping.evidence.dossier import content_subjects, seal
from anping.evidence.tree import is_portable, plain_files
from anping.evidence.verify import verify


def contents(folder: Path) -> dict[str, bytes]:
    return {name: path.read_bytes() for name, path in plain_files(folder)[0].items()}


def test_sealing_again_changes_nothing(witnessed: Any, tmp_path: Path) -> None:
    folder = witnessed.copy(tmp_path / "d")
    before = contents(folder)
    statements = list(enumerate(witnessed.owner.lines))[1:]
    seal(folder, statements, checkpoint=witnessed.final, node=witnessed.owner.tree.node)
    assert contents(folder) == before


def test_what_is_not_in_the_log_is_not_sealed(witnessed: Any, tmp_path: Path) -> None:
    folder = witnessed.copy(tmp_path / "d")
    before = contents(folder)
    lines = witnessed.owner.lines
    for statements in ([(0, lines[1])], [(99, lines[1])], [(-1, lines[1])]):
        with pytest.raises(EvidenceError, match="not-in-log"):
            seal(folder, statements, checkpoint=witnessed.final, node=witnessed.owner.tree.node)
    assert contents(folder) == before


def test_a_link_or_an_odd_name_is_not_released(tools: ModuleType, tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(b"")
    (tmp_path / "b").symlink_to(tmp_path / "a")
    with pytest.raises(EvidenceError, match="not-plain"):
        content_subjects(tmp_path, labels=tools.RELEASED)
    with pytest.raises(EvidenceError, match="not-plain"):
        zip_dossier(tmp_path, tmp_path.with_suffix(".zip"))
    (tmp_path / "b").unlink()
    assert [item.name for item in content_subjects(tmp_path, labels=tools.RELEASED)] == ["a"]


@pytest.mark.parametrize(
    "name", ["", "/a", "../a", "a/../b", "a//b", "./a", "a\\b", "C:a", "a\nb", "a ", "b.", "a\x00"]
)
def test_names_that_leave_the_folder_or_break_a_system(name: str) -> None:
    assert not is_portable(name)


def test_the_zip_is_canonical_and_verifies(witnessed: Any, tmp_path: Path) -> None:
    zip_dossier(witnessed.folder, tmp_path / "one.zip")
    for path in (copy := witnessed.copy(tmp_path / "d")).rglob("*"):
        os.utime(path, (1, 1))
    zip_dossier(copy, tmp_path / "two.zip")
    assert (tmp_path / "one.zip").read_bytes() == (tmp_path / "two.zip").read_bytes()
    report = verify(tmp_path / "one.zip")
    assert report == verify(witnessed.folder)
    assert report.ok
    (tmp_path / "out").mkdir()
    unzip_dossier(tmp_path / "one.zip", tmp_path / "out")
    assert contents(tmp_path / "out") == contents(witnessed.folder)


def packed(files: dict[str, bytes], path: Path) -> None:
    with packing(path) as zipped:
        for name, content in files.items():
            pieces = (content[start : start + 1000] for start in range(0, len(content), 1000))
            zipped.add(name, len(content), pieces)


def test_a_zip_packed_piece_by_piece_is_the_same(witnessed: Any, tmp_path: Path) -> None:
    zip_dossier(witnessed.folder, tmp_path / "one.zip")
    packed(dict(sorted(contents(witnessed.folder).items())), tmp_path / "two.zip")
    assert (tmp_path / "one.zip").read_bytes() == (tmp_path / "two.zip").read_bytes()


def test_of_content_that_fails_no_zip_is_left(tmp_path: Path) -> None:
    def torn() -> Iterator[bytes]:
        yield b"some"
        raise OSError

    with pytest.raises(OSError), packing(tmp_path / "d.zip") as zipped:  # noqa: PT011 - any
        zipped.add("a", 10, torn())
    with pytest.raises(EvidenceError, match="not-plain"):
        packed({"../a": b""}, tmp_path / "d.zip")
    assert not list(tmp_path.iterdir())


def entry(
    name: str, *, mode: int = 0o100644, compress: int = zipfile.ZIP_STORED
) -> zipfile.ZipInfo:
    made = zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0))
    made.create_system, made.external_attr, made.compress_type = 3, mode << 16, compress
    return made


@pytest.mark.parametrize(
    ("code", "entries"),
    [
        ("zip.unsafe", [(entry("../evil"), b"x")]),
        ("zip.unsafe", [(entry("/evil"), b"x")]),
        ("zip.unsafe", [(entry("a\\..\\evil"), b"x")]),
        ("zip.unsafe", [(entry("link", mode=stat.S_IFLNK | 0o777), b"/etc/passwd")]),
        ("zip.unsafe", [(entry("deflated", compress=zipfile.ZIP_DEFLATED), b"x")]),
        ("zip.unsafe", [(entry("folder/"), b"")]),
        ("zip.too-big", [(entry("bomb", compress=zipfile.ZIP_DEFLATED), bytes(10_000_000))]),
        ("zip.doubled", [(entry("a"), b"1"), (entry("a"), b"2")]),
        ("zip.doubled", [(entry("a"), b"1"), (entry("A"), b"2")]),
        ("zip.doubled", [(entry("a"), b"1"), (entry("a/b"), b"2")]),
        ("zip.not-canonical", [(entry("b"), b"1"), (entry("a"), b"2")]),
    ],
)
def test_hostile_archives(
    tmp_path: Path, code: str, entries: list[tuple[zipfile.ZipInfo, bytes]]
) -> None:
    path = tmp_path / "hostile.zip"
    with warnings.catch_warnings(), zipfile.ZipFile(path, "w") as archive:
        warnings.simplefilter("ignore")
        for item, content in entries:
            archive.writestr(item, content)
    report = verify(path)
    assert [finding.code for finding in report.findings] == [code]
    assert not report.ok
    assert sorted(item.name for item in tmp_path.iterdir()) == ["hostile.zip"]


def test_a_cut_or_padded_zip_is_found(witnessed: Any, tmp_path: Path) -> None:
    path = tmp_path / "d.zip"
    zip_dossier(witnessed.folder, path)
    whole = path.read_bytes()
    for content in (
        whole[:-1],
        whole[: len(whole) // 2],
        whole + b"\x00",
        b"\x00" + whole,
        b"",
        b"PK",
    ):
        path.write_bytes(content)
        assert not verify(path).ok


def test_every_region_of_the_zip_counts(witnessed: Any, tmp_path: Path) -> None:
    path = tmp_path / "d.zip"
    zip_dossier(witnessed.folder, path)
    whole = path.read_bytes()
    places = {0, *range(len(whole) - 400, len(whole)), *range(0, len(whole), 101)}
    for place in sorted(places):
        changed = bytearray(whole)
        changed[place] ^= 1 << place % 8
        path.write_bytes(bytes(changed))
        assert not verify(path).ok, place


def test_nothing_there_is_a_typed_error(tmp_path: Path) -> None:
    with pytest.raises(EvidenceError, match=r"verify\.not-a-dossier"):
        verify(tmp_path / "absent")
    assert not verify(tmp_path).ok
