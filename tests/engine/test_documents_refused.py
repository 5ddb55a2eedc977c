"""Whatever lies in a folder: nothing hangs, each refusal says why, and the rest goes on."""

from __future__ import annotations

import os
import zipfile
from pathlib import Path

import pytest

import documents_made as made
from anping.core.errors import InputError
from anping.engine.documents.apart import reader
from anping.engine.documents.corpus import read_corpus, read_corpus_folder
from anping.engine.documents.document import Limits
from anping.engine.documents.opening import read_document

SMALL = Limits(expanded_bytes=1 << 20, characters=1 << 20, file_bytes=4 << 20)


def _code(path: Path, limits: Limits = SMALL) -> str:
    with pytest.raises(InputError) as raised:
        read_document(path, limits=limits)
    error = raised.value
    assert error.where.file == path.name
    assert error.what.zh
    assert error.hint.en
    return error.code


def test_one_endless_line_is_refused_by_its_size_before_it_is_read(tmp_path: Path) -> None:
    path = tmp_path / "line.txt"
    with path.open("wb") as stream:
        stream.truncate(1 << 30)
    assert _code(path, Limits()) == "document.too-large"


def test_a_line_within_the_limit_is_read(tmp_path: Path) -> None:
    (tmp_path / "line.txt").write_text("王小明0912345678，" * 50_000, "utf-8")
    assert len(read_document(tmp_path / "line.txt", limits=SMALL).text) == 700_000


@pytest.mark.parametrize(
    ("name", "content", "code"),
    [
        ("binary.txt", bytes(range(256)) * 40, "not-text"),
        ("noise.txt", bytes((n * n + 7 * n) % 251 + 1 for n in range(40_000)), "not-text"),
        ("nul.txt", b"text\0" * 2 + b"\0\0\0\1\2", "not-text"),
        ("old.doc", b"\xd0\xcf\x11\xe0" + b"x" * 500, "unknown-kind"),
        ("table.parquet", b"PAR1xxxx", "unknown-kind"),
        ("torn.docx", made.word(made.paragraph("x"))[:200], "damaged"),
        ("fake.docx", b"PK\x03\x04 no archive", "damaged"),
        ("torn.json", b'{"a": [1, 2', "damaged"),
        ("deep.json", b"[" * 100_000 + b"]" * 100_000, "damaged"),
        ("torn.xml", b"<?xml version='1.0'?><a><b></a>", "damaged"),
        ("empty.eml", b"", "damaged"),
    ],
)
def test_what_cannot_be_read_says_why(tmp_path: Path, name: str, content: bytes, code: str) -> None:
    (tmp_path / name).write_bytes(content)
    assert _code(tmp_path / name) == f"document.{code}"


def test_a_zip_bomb_in_a_word_file_is_stopped_while_expanding(tmp_path: Path) -> None:
    bomb = made.word("<w:p><w:r><w:t>" + "A" * (64 << 20) + "</w:t></w:r></w:p>")
    assert len(bomb) < 1 << 20
    (tmp_path / "bomb.docx").write_bytes(bomb)
    assert _code(tmp_path / "bomb.docx") == "document.too-much-text"


def test_entities_that_grow_are_refused(tmp_path: Path) -> None:
    laughs = '<!DOCTYPE x [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;">]><w:document xmlns:w="w">&b;</w:document>'
    with zipfile.ZipFile(tmp_path / "a.docx", "w") as archive:
        archive.writestr("word/document.xml", laughs)
    assert _code(tmp_path / "a.docx") == "document.xml-entities"
    (tmp_path / "a.xml").write_text(f"<?xml version='1.0'?>{laughs}")
    assert _code(tmp_path / "a.xml") == "document.xml-entities"


def test_pdfs_that_are_encrypted_or_broken_say_so(tmp_path: Path) -> None:
    pytest.importorskip("pypdf")
    (tmp_path / "locked.pdf").write_bytes(made.encrypted_pdf())
    assert _code(tmp_path / "locked.pdf") == "document.encrypted"
    (tmp_path / "torn.pdf").write_bytes(b"%PDF-1.4\n" + b"garbage" * 50)
    assert _code(tmp_path / "torn.pdf") == "document.damaged"


def test_a_word_file_with_a_password_says_so(tmp_path: Path) -> None:
    content = bytearray(made.word(made.paragraph("x")))
    for mark, place in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        at = content.find(mark)
        while at >= 0:
            content[at + place] |= 1
            at = content.find(mark, at + 4)
    (tmp_path / "a.docx").write_bytes(bytes(content))
    assert _code(tmp_path / "a.docx") == "document.encrypted"


def test_the_rest_of_the_folder_goes_on(tmp_path: Path) -> None:
    pytest.importorskip("pypdf")
    folder = made.folder(tmp_path / "in")
    (folder / "locked.pdf").write_bytes(made.encrypted_pdf())
    (folder / "binary.txt").write_bytes(bytes(range(256)) * 40)
    (tmp_path / "outside.txt").write_text("outside")
    (folder / "link.txt").symlink_to(tmp_path / "outside.txt")
    (folder / "sub" / "loop").symlink_to(folder)
    os.mkfifo(folder / "pipe")
    (folder / ".hidden.txt").write_text("hidden")
    told = read_corpus_folder(folder, into=tmp_path / "a.parquet")
    assert told.documents == 9
    assert {one.name: one.code.removeprefix("document.") for one in told.refused} == {
        "binary.txt": "not-text",
        "link.txt": "link",
        "locked.pdf": "encrypted",
        "pipe": "special-file",
        "sub/loop": "link",
    }
    assert not any("outside" in document.text for document in read_corpus(tmp_path / "a.parquet"))


def test_a_folder_without_any_document_leaves_nothing(tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    with pytest.raises(InputError, match=r"document\.none"):
        read_corpus_folder(tmp_path / "in", into=tmp_path / "a.parquet")
    (tmp_path / "in" / "x.txt").write_bytes(bytes(range(256)) * 40)
    with pytest.raises(InputError, match=r"document\.none"):
        read_corpus_folder(tmp_path / "in", into=tmp_path / "a.parquet")
    with pytest.raises(InputError, match=r"input\.missing-file"):
        read_corpus_folder(tmp_path / "no", into=tmp_path / "a.parquet")
    assert [path.name for path in tmp_path.iterdir()] == ["in"]


def test_what_is_no_corpus_is_refused(tmp_path: Path) -> None:
    (tmp_path / "a.parquet").write_bytes(b"no")
    with pytest.raises(InputError, match=r"document\.no-corpus"):
        list(read_corpus(tmp_path / "a.parquet"))


def test_a_file_that_takes_too_long_is_given_up_and_the_next_one_is_read(tmp_path: Path) -> None:
    (tmp_path / "a.html").write_text("<p>x</p>")
    with reader(Limits(seconds=0.0)) as opened, pytest.raises(InputError, match="too-slow"):
        opened.read(tmp_path / "a.html", "a.html")
    with reader(Limits()) as opened:
        assert opened.read(tmp_path / "a.html", "a.html").text == "x"
        opened.end()
        assert opened.read(tmp_path / "a.html", "a.html").text == "x"


def test_a_child_that_dies_is_told(tmp_path: Path) -> None:
    (tmp_path / "a.html").write_text("<p>x</p>")
    with reader(Limits()) as opened:
        opened.read(tmp_path / "a.html", "a.html")
        child = opened._child
        assert child is not None
        child.kill()
        child.wait()
        with pytest.raises(InputError, match="reader-ended"):
            opened.read(tmp_path / "a.html", "a.html")
        assert opened.read(tmp_path / "a.html", "a.html").text == "x"


def test_without_the_extra_a_pdf_is_refused_with_the_command(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(__import__("sys").modules, "pypdf", None)
    (tmp_path / "a.pdf").write_bytes(made.pdf("x"))
    from anping.core.errors import MissingExtraError

    with pytest.raises(MissingExtraError, match="documents"):
        read_document(tmp_path / "a.pdf")
