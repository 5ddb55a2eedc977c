from __future__ import annotations

import bz2
import gzip
import hashlib
import io
import lzma
import struct
import tarfile
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from anping.core.errors import InputError
from anping.engine import compression
from anping.engine.read import read
from anping.engine.reading import Reading, ReadOptions

Read = Callable[..., Reading]

CSV = "姓名,年齡\n王小明,39\n陳美麗,50\n".encode()


def zstd(content: bytes) -> bytes:
    return bytes(pa.compress(content, codec="zstd", asbytes=True))


def zipped(members: dict[str, bytes], **of_each: Any) -> bytes:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            info = zipfile.ZipInfo(name)
            info.compress_type = zipfile.ZIP_DEFLATED
            for key, value in of_each.items():
                setattr(info, key, value)
            archive.writestr(info, content)
    return target.getvalue()


def tarred(members: dict[str, bytes], mode: str = "w", **of_each: Any) -> bytes:
    target = io.BytesIO()
    with tarfile.open(fileobj=target, mode=mode) as archive:  # type: ignore[call-overload]
        for name, content in members.items():
            info = tarfile.TarInfo(name)
            info.size = len(content)
            for key, value in of_each.items():
                setattr(info, key, value)
            archive.addfile(info, io.BytesIO(content))
    return target.getvalue()


PACKED = {
    "people.csv.gz": gzip.compress(CSV),
    "members.csv.gz": gzip.compress(CSV[:9]) + gzip.compress(CSV[9:]) + b"\0" * 512,
    "people.csv.bz2": bz2.compress(CSV[:20]) + bz2.compress(CSV[20:]),
    "people.csv.xz": lzma.compress(CSV[:20]) + lzma.compress(CSV[20:]) + b"\0" * 4,
    "people.csv.zst": zstd(CSV[:20]) + zstd(CSV[20:]),
    "people.zip": zipped({"資料/people.csv": CSV, "readme.md": b"#", "__MACOSX/people.csv": b"x"}),
    "people.tar": tarred({"./people.csv": CSV}),
    "people.tar.gz": tarred({"folder/readme": b"x", "folder/people.csv": CSV}, "w:gz"),
    "people.tar.bz2": tarred({"people.csv": CSV}, "w:bz2"),
    "people.tar.xz": tarred({"people.csv": CSV}, "w:xz"),
    "people.tar.zst": zstd(tarred({"people.csv": CSV})),
    "no-suffix": gzip.compress(CSV),
    "pax.tar": tarred({"very/" * 30 + "people.csv": CSV}),
}


@pytest.mark.parametrize("name", PACKED)
def test_packed_files_are_read_where_they_lie(read_bytes: Read, tmp_path: Path, name: str) -> None:
    reading = read_bytes(PACKED[name], name=name)

    assert reading.table.arrow().to_pydict() == {"姓名": ["王小明", "陳美麗"], "年齡": [39, 50]}
    assert reading.source_sha256 == hashlib.sha256(PACKED[name]).hexdigest()
    assert reading.source_bytes == len(PACKED[name])
    assert [part.name for part in reading.parts] == [name]
    assert sorted(path.name for path in tmp_path.iterdir()) == sorted([name, "out.parquet"])


@pytest.mark.parametrize("name", [n for n in PACKED if n != "no-suffix"])
def test_a_torn_packed_file_is_an_error_and_nothing_is_written(
    read_bytes: Read, tmp_path: Path, name: str
) -> None:
    kept = PACKED[name].rstrip(b"\0")
    with pytest.raises(InputError) as caught:
        read_bytes(kept[: len(kept) - 30], name=name)

    assert caught.value.code == "input.damaged-archive"
    assert sorted(path.name for path in tmp_path.iterdir()) == [name]


def test_a_changed_byte_within_is_found(read_bytes: Read) -> None:
    content = bytearray(zipped({"people.csv": CSV * 100}))
    content[60] ^= 0xFF
    with pytest.raises(InputError) as caught:
        read_bytes(bytes(content), name="people.zip")
    assert caught.value.code == "input.damaged-archive"


@pytest.mark.parametrize("pack", [zipped, tarred])
def test_several_tables_are_asked_about(read_bytes: Read, pack: Callable[..., bytes]) -> None:
    content = pack({"2023/a.csv": b"a,b\n1,2\n", "2024/b.csv": CSV, "notes.md": b"x"})

    with pytest.raises(InputError) as caught:
        read_bytes(content, name="data.bin")
    assert caught.value.code == "input.which-member"
    assert "2023/a.csv (8 B), 2024/b.csv" in caught.value.hint.en

    for member in ("b.csv", "2024/b.csv"):
        assert read_bytes(content, name="data.bin", member=member).rows == 2
    with pytest.raises(InputError) as caught:
        read_bytes(content, name="data.bin", member="c.csv")
    assert caught.value.code == "input.which-member"


UNSAFE: dict[str, tuple[bytes, str]] = {
    "climbs": (zipped({"../people.csv": CSV}), "input.unsafe-archive"),
    "climbs with backslashes": (zipped({"a\\..\\..\\people.csv": CSV}), "input.unsafe-archive"),
    "absolute": (tarred({"/etc/people.csv": CSV}), "input.unsafe-archive"),
    "drive": (zipped({"C:people.csv": CSV}), "input.unsafe-archive"),
    "one of many climbs": (tarred({"a.csv": CSV, "../x": b""}), "input.unsafe-archive"),
    "symbolic link": (
        tarred({"a.csv": b""}, type=tarfile.SYMTYPE, linkname="/etc/passwd"), "input.unsafe-archive",
    ),
    "hard link": (
        tarred({"a.csv": b""}, type=tarfile.LNKTYPE, linkname="/etc/passwd"), "input.unsafe-archive",
    ),
    "device": (tarred({"a.csv": b""}, type=tarfile.CHRTYPE), "input.unsafe-archive"),
    "pipe": (tarred({"a.csv": b""}, type=tarfile.FIFOTYPE), "input.unsafe-archive"),
    "link in a zip": (zipped({"a.csv": b"/etc/passwd"}, external_attr=0o120777 << 16), "input.unsafe-archive"),
    "zip in zip": (zipped({"a.zip": zipped({"a.csv": CSV})}), "input.unsafe-archive"),
    "zip in disguise": (zipped({"a.csv": zipped({"a.csv": CSV})}), "input.unsafe-archive"),
    "gzip in zip": (zipped({"a.csv": gzip.compress(CSV)}), "input.unsafe-archive"),
    "tar in tar": (tarred({"a.csv": tarred({"a.csv": CSV})}), "input.unsafe-archive"),
    "zip in gzip": (gzip.compress(zipped({"a.csv": CSV})), "input.unsafe-archive"),
    "gzip in gzip": (gzip.compress(gzip.compress(CSV)), "input.unsafe-archive"),
    "no members": (zipped({}), "input.empty"),
    "hidden members": (zipped({".a.csv": CSV}), "input.empty"),
    "empty member": (zipped({"a.csv": b""}), "input.empty"),
    "empty member of a tar": (tarred({"a.csv": b""}), "input.empty"),
    "empty gzip": (gzip.compress(b""), "input.empty"),
}  # fmt: skip


@pytest.mark.parametrize("case", UNSAFE)
def test_unsafe_and_empty_archives_are_refused(read_bytes: Read, tmp_path: Path, case: str) -> None:
    content, code = UNSAFE[case]

    with pytest.raises(InputError) as caught:
        read_bytes(content, name="data.bin")

    assert caught.value.code == code
    assert sorted(path.name for path in tmp_path.iterdir()) == ["data.bin"]


def test_an_encrypted_member_is_refused(read_bytes: Read) -> None:
    content = bytearray(zipped({"a.csv": CSV}))
    directory = content.rindex(b"PK\x01\x02")
    content[6] |= 1
    content[directory + 8] |= 1
    with pytest.raises(InputError) as caught:
        read_bytes(bytes(content), name="a.zip")
    assert caught.value.code == "input.encrypted"


def test_a_name_in_big5_is_read(read_bytes: Read) -> None:
    content = zipped({"AA.csv": CSV}).replace(b"AA.csv", "客.csv".encode("cp950"))
    content = zipped({"AA.csv": CSV, "b.csv": CSV})
    content = content.replace(b"AA.csv", "客.csv".encode("cp950"))

    assert read_bytes(content, name="a.zip", member="客.csv").rows == 2


PACKERS: dict[str, Callable[[bytes], bytes]] = {
    "a.csv.gz": gzip.compress,
    "a.csv.bz2": bz2.compress,
    "a.csv.xz": lzma.compress,
    "a.csv.zst": zstd,
    "a.zip": lambda raw: zipped({"a.csv": raw}),
    "a.tar.gz": lambda raw: tarred({"a.csv": raw}, "w:gz"),
}


@pytest.mark.parametrize("name", PACKERS)
def test_what_expands_too_much_is_refused(
    read_bytes: Read, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    monkeypatch.setattr(compression, "EXPANSION_FLOOR", 1 << 16)
    zeros = b"a\n" + b"1\n" * (1 << 20)
    pack = PACKERS[name]
    content = pack(zeros)
    assert len(content) * 200 < len(zeros)

    with pytest.raises(InputError) as caught:
        read_bytes(content, name=name)
    assert caught.value.code == "input.expands-too-much"
    assert "max_expanded_bytes" in caught.value.hint.en

    assert read_bytes(content, name=name, max_expanded_bytes=1 << 24).rows == 1 << 20


def test_a_directory_that_claims_to_be_huge_is_refused(read_bytes: Read) -> None:
    content = bytearray(zipped({"a.csv": CSV}))
    struct.pack_into("<I", content, content.rindex(b"PK\x05\x06") + 12, 1 << 30)
    with pytest.raises(InputError) as caught:
        read_bytes(bytes(content), name="a.zip")
    assert caught.value.code == "input.too-many-members"


def test_a_tar_header_that_claims_to_be_huge_is_refused(read_bytes: Read) -> None:
    info = tarfile.TarInfo("././@LongLink")
    info.type, info.size = tarfile.GNUTYPE_LONGNAME, 1 << 33
    content = info.tobuf(tarfile.GNU_FORMAT) + b"\0" * 2048
    with pytest.raises(InputError) as caught:
        read_bytes(content, name="a.tar")
    assert caught.value.code == "input.damaged-archive"


def test_parquet_within_a_packed_file(tmp_path: Path) -> None:
    target = io.BytesIO()
    pq.write_table(pa.table({"a": [1, None], "b": ["x", "y"]}), target)
    for name, content in {
        "a.parquet.gz": gzip.compress(target.getvalue()),
        "a.zip": zipped({"a.parquet": target.getvalue()}),
    }.items():
        (tmp_path / name).write_bytes(content)
        reading = read(tmp_path / name, into=tmp_path / "out.parquet", options=ReadOptions())
        assert reading.table.arrow().to_pydict() == {"a": [1, None], "b": ["x", "y"]}
        assert reading.source_sha256 == hashlib.sha256(content).hexdigest()
    assert sorted(path.name for path in tmp_path.iterdir()) == [
        "a.parquet.gz", "a.zip", "out.parquet",
    ]  # fmt: skip
