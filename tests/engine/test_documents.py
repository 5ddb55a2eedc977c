"""Documents of every kind become one text whose places are known."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

import documents_made as made
from anping.engine.documents.apart import reader
from anping.engine.documents.corpus import read_corpus, read_corpus_folder
from anping.engine.documents.document import Document, Writing
from anping.engine.documents.opening import read_document


def _read(tmp_path: Path, name: str, content: bytes) -> Document:
    (tmp_path / name).write_bytes(content)
    return read_document(tmp_path / name)


def _places(document: Document, *words: str) -> list[str]:
    return [place.words.en for place in document.places(document.text.index(w) for w in words)]


def test_a_word_file_is_read_with_all_that_a_reader_of_the_page_does_not_see(
    tmp_path: Path,
) -> None:
    w = made.W
    row = f"<w:tr><w:tc>{made.paragraph('電話')}</w:tc><w:tc>{made.paragraph('0912345678')}</w:tc></w:tr>"
    deleted = '<w:p><w:del w:author="林淑芬"><w:r><w:delText>舊名</w:delText></w:r></w:del></w:p>'
    content = made.word(
        made.paragraph("第一段") + f"<w:tbl>{row}</w:tbl>" + deleted + made.paragraph("末段"),
        parts={
            "word/header1.xml": f'<w:hdr xmlns:w="{w}">{made.paragraph("機密")}</w:hdr>',
            "word/comments.xml": f'<w:comments xmlns:w="{w}">{made.paragraph("請核對")}</w:comments>',
            "docProps/core.xml": "<p xmlns:d='d'><d:creator>王小明</d:creator><d:revision>3</d:revision></p>",
        },
    )
    document = _read(tmp_path, "a.docx", content)
    assert document.format == "word"
    assert "電話\t0912345678" in document.text
    assert _places(document, "第一段", "0912345678", "舊名", "機密", "請核對") == [
        "paragraph 1, line 1", "paragraph 2, line 1", "paragraph 3, line 1", "header 1, line 1",
        "comment 1, line 1",
    ]  # fmt: skip
    assert "creator: 王小明" in document.text
    assert "author: 林淑芬" in document.text
    assert "revision" not in document.text


def test_a_pdf_is_read_page_by_page(tmp_path: Path) -> None:
    pytest.importorskip("pypdf")
    document = _read(tmp_path, "a.pdf", made.pdf("Amy Chen", "", "Tel 0912-345-678"))
    assert _places(document, "0912") == ["page 3, line 1"]
    assert "Author: Amy Chen" in document.text
    assert "1" in document.notes[0].en


def test_a_message_is_read_with_its_attachments(tmp_path: Path) -> None:
    document = _read(tmp_path, "a.eml", made.mail())
    assert _places(document, "ming@hospital.tw", "0912-345-678", "A123456789", "林淑芬") == [
        "header 1 From, line 1",
        "body 1, line 1",
        "body 2, line 1",
        "attachment 2 附件.docx / paragraph 1, line 1",
    ]
    assert len(document.notes) == 1


def test_json_keeps_the_name_beside_every_value(tmp_path: Path) -> None:
    document = _read(tmp_path, "a.json", made.FHIR.encode())
    assert "value: 0912345678" in document.text
    assert "div: 病人 王小明" in document.text
    assert "true" not in document.text.lower()
    (place,) = document.places([document.text.index("0912345678")])
    assert place.name == "entry[0].resource.telecom[0].value"
    lines = _read(tmp_path, "b.ndjson", b'{"a": "x"}\n{"a": 5}\n')
    assert lines.text == "a: x\na: 5"


def test_html_is_its_visible_text_and_what_stands_beside_it(tmp_path: Path) -> None:
    page = (
        "<!DOCTYPE html><title>病歷</title><style>p{}</style><p>王&amp;<b>小明</b></p><!-- 林淑芬 -->"
        "<a href='mailto:a@b.tw'>信</a><table><tr><td>電話</td><td>0912</td></tr></table>"
    )
    document = _read(tmp_path, "a.bin", page.encode())
    assert document.format == "html"
    assert "王&小明" in document.text
    assert "電話 0912" in document.text
    assert "p{}" not in document.text
    assert {"a@b.tw", "林淑芬"} <= {line.strip() for line in document.text.split("\n")}


@pytest.mark.parametrize("order", ["<", ">"])
def test_a_picture_tells_who_where_and_with_what(tmp_path: Path, order: str) -> None:
    document = _read(tmp_path, "a.tif", made.exif(order=order))
    assert document.text.split("\n") == [
        "Artist: 王小明", "BodySerialNumber: SN-0012345", "GPSPosition: 25.025000, 121.565000",
    ]  # fmt: skip
    assert _read(tmp_path, "a.jpg", made.jpeg()).text == document.text
    assert "faces" in document.notes[0].en


def test_pictures_that_a_peer_wrote_are_read(tmp_path: Path) -> None:
    image = pytest.importorskip("PIL.Image")
    picture = image.new("RGB", (2, 2))
    exif = picture.getexif()
    exif[0x013B], exif[0x0110] = "Amy Chen", "Camera"
    exif.get_ifd(0x8825).update({1: "S", 2: (1.0, 30.0, 0.0), 3: "W", 4: (2.0, 0.0, 0.0)})
    for suffix in ("jpg", "png", "webp", "tif"):
        picture.save(tmp_path / f"a.{suffix}", exif=exif)
        text = read_document(tmp_path / f"a.{suffix}").text
        assert "Artist: Amy Chen" in text, suffix
        # The peer leaves the place out of a TIFF.
        assert ("GPSPosition: -1.500000, -2.000000" in text) == (suffix != "tif"), suffix


@pytest.mark.parametrize(
    "encoding", ["utf-8", "utf-8-sig", "cp950", "utf-16", "utf-16-le", "utf-16-be", "big5hkscs"]
)
def test_text_is_read_in_every_encoding_met_here(tmp_path: Path, encoding: str) -> None:
    text = "客戶王小明的電話是0912-345-678，住臺北市。\n第二行"
    document = _read(tmp_path, "a.txt", text.encode(encoding))
    assert document.text == text
    assert _places(document, "第二行") == ["line 2"]


@given(st.lists(st.text("ab\n ", max_size=8), max_size=8))
def test_every_place_is_in_its_block_and_line(texts: list[str]) -> None:
    writing = Writing()
    for text in texts:
        writing.add("paragraph", text)
    document = writing.document("text")
    kept = [(n, t.strip("\n")) for n, t in enumerate(texts, start=1) if t.strip()]
    assert document.text == "\n".join(text for _, text in kept)
    at = 0
    for number, text in kept:
        for line, piece in enumerate(text.split("\n"), start=1):
            if piece:
                (place,) = document.places([at])
                assert (place.number, place.line) == (number, line)
            at += len(piece) + 1


def test_a_folder_becomes_a_corpus_and_comes_back(tmp_path: Path) -> None:
    pytest.importorskip("pypdf")
    folder = made.folder(tmp_path / "in")
    told = read_corpus_folder(folder, into=tmp_path / "a.parquet")
    assert (told.documents, told.refused) == (9, ())
    assert told.formats["text"] == 3
    assert set(told.encodings) >= {"cp950", "utf-16", "utf-8-sig"}
    documents = {document.name: document for document in read_corpus(tmp_path / "a.parquet")}
    assert list(documents) == sorted(documents)
    with reader() as opened:
        for name, document in documents.items():
            again = opened.read(folder / name, name)
            assert (again.text, again.blocks) == (document.text, document.blocks)
    read_corpus_folder(folder, into=tmp_path / "b.parquet")
    assert (tmp_path / "a.parquet").read_bytes() == (tmp_path / "b.parquet").read_bytes()
