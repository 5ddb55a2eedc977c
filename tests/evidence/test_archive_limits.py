import struct
import tracemalloc
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from anping.core.digest import sha256_file
from anping.core.errors import EvidenceError
from anping.evidence.archive import unzip_dossier, zip_dossier
from anping.evidence.verify.files import digests_of

names = st.text(st.sampled_from("abc臺"), min_size=1, max_size=3)


@settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    files=st.dictionaries(
        names, st.binary(max_size=60) | st.just(b"PK\x03\x04 inside"), min_size=1
    ),
    place=st.integers(0, 10**6),
    bit=st.integers(0, 7),
)
def test_any_folder_comes_back_and_no_bit_changes_unseen(
    tmp_path_factory: pytest.TempPathFactory, files: dict[str, bytes], *, place: int, bit: int
) -> None:
    place_of = tmp_path_factory.mktemp("zip")
    folder, path = place_of / "d", place_of / "d.zip"
    folder.mkdir()
    for name, content in files.items():
        (folder / name).write_bytes(content)
    zip_dossier(folder, path)
    (place_of / "out").mkdir()
    unzip_dossier(path, place_of / "out")
    assert {each.name: each.read_bytes() for each in (place_of / "out").iterdir()} == files
    changed = bytearray(path.read_bytes())
    changed[place % len(changed)] ^= 1 << bit
    path.write_bytes(changed)
    (place_of / "again").mkdir()
    with pytest.raises(EvidenceError):
        unzip_dossier(path, place_of / "again")


def end(entries: int, directory: int) -> bytes:
    return b"PK\x05\x06" + struct.pack("<HHHHLLH", 0, 0, entries, entries, directory, 0, 0)


def end_in_zip64(entries: int, directory: int) -> bytes:
    record = b"PK\x06\x06" + struct.pack(
        "<QHHLLQQQQ", 44, 45, 45, 0, 0, entries, entries, directory, 0
    )
    return record + b"PK\x06\x07" + struct.pack("<LQL", 0, 0, 1)


@pytest.mark.parametrize(
    ("tail", "code"),
    [
        (end(1, 2**32 - 2), "zip.too-big"),
        (end_in_zip64(10**7, 10**7 * 46) + end(0xFFFF, 2**32 - 1), "zip.too-big"),
        # The ZIP64 record is believed even if the end record does not point to it.
        (end_in_zip64(10**7, 10**7 * 46) + end(1, 60), "zip.too-big"),
        (end_in_zip64(2**63, 2**63) + end(1, 60), "zip.too-big"),
        (b"PK\x06\x07" + bytes(16) + end(1, 60), "zip.damaged"),
        (end(1, 60) + b"a comment", "zip.damaged"),
    ],
)
def test_a_list_of_entries_too_long_is_not_read(tmp_path: Path, tail: bytes, code: str) -> None:
    path = tmp_path / "list.zip"
    path.write_bytes(b"PK\x01\x02".ljust(46, b"\0") * 100_000 + tail)
    (tmp_path / "out").mkdir()
    tracemalloc.start()
    with pytest.raises(EvidenceError) as caught:
        unzip_dossier(path, tmp_path / "out")
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert caught.value.code == code
    assert peak < 1_000_000
    assert list((tmp_path / "out").iterdir()) == []


def test_memory_does_not_grow_with_the_files(tmp_path: Path) -> None:
    folder = tmp_path / "d"
    folder.mkdir()
    with (folder / "large.csv").open("wb") as large:
        for _ in range(48):
            large.write(bytes(1 << 20))
    (tmp_path / "out").mkdir()
    tracemalloc.start()
    zip_dossier(folder, tmp_path / "d.zip")
    unzip_dossier(tmp_path / "d.zip", tmp_path / "out")
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 12 << 20


def test_files_are_digested_each_on_its_own(tmp_path: Path, witnessed: Any) -> None:
    files = {path.name: path for path in witnessed.folder.rglob("*") if path.is_file()}
    found, unread = digests_of(files | {"gone": tmp_path / "gone"})
    assert found == {name: sha256_file(path) for name, path in files.items()}
    assert unread == ("gone",)
    assert digests_of({}) == ({}, ())
