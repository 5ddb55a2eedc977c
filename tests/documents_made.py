"""Makes small documents of every kind, byte by byte, for tests."""

from __future__ import annotations

import io
import struct
import zipfile
from email.message import EmailMessage
from pathlib import Path

W = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"


def paragraph(text: str) -> str:
    return f"<w:p><w:r><w:t>{text}</w:t></w:r></w:p>"


def word(body: str, *, parts: dict[str, str] | None = None) -> bytes:
    """Return a .docx file with that body."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("[Content_Types].xml", "<Types/>")
        archive.writestr(
            "word/document.xml",
            f'<w:document xmlns:w="{W}"><w:body>{body}</w:body></w:document>',
        )
        for name, content in (parts or {}).items():
            archive.writestr(name, content)
    return buffer.getvalue()


def pdf(*pages: str) -> bytes:
    """Return a PDF with a line of (Latin) text on each page, and an author."""
    count = len(pages)
    kids = " ".join(f"{4 + 2 * n} 0 R" for n in range(count))
    bodies = [
        "<< /Type /Catalog /Pages 2 0 R >>",
        f"<< /Type /Pages /Kids [{kids}] /Count {count} >>",
        "<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>",
    ]
    for n, text in enumerate(pages):
        stream = f"BT /F1 12 Tf 72 720 Td ({text}) Tj ET"
        bodies += [
            (
                f"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 612 792] /Contents {5 + 2 * n} 0 R"
                " /Resources << /Font << /F1 3 0 R >> >> >>"
            ),
            f"<< /Length {len(stream)} >>\nstream\n{stream}\nendstream",
        ]
    bodies.append("<< /Author (Amy Chen) >>")
    made, places = "%PDF-1.4\n", []
    for number, body in enumerate(bodies, start=1):
        places.append(len(made))
        made += f"{number} 0 obj\n{body}\nendobj\n"
    start = len(made)
    made += f"xref\n0 {len(bodies) + 1}\n0000000000 65535 f \n"
    made += "".join(f"{place:010d} 00000 n \n" for place in places)
    made += f"trailer << /Size {len(bodies) + 1} /Root 1 0 R /Info {len(bodies)} 0 R >>\n"
    return f"{made}startxref\n{start}\n%%EOF\n".encode("latin-1")


def encrypted_pdf() -> bytes:
    from pypdf import PdfReader, PdfWriter

    writer = PdfWriter(clone_from=PdfReader(io.BytesIO(pdf("secret"))))
    writer.encrypt("password", algorithm="RC4-128")
    buffer = io.BytesIO()
    writer.write(buffer)
    return buffer.getvalue()


def mail() -> bytes:
    message = EmailMessage()
    message["From"] = "王小明 <ming@hospital.tw>"
    message["To"] = "amy@example.tw"
    message["Subject"] = "病歷"
    message.set_content("電話 0912-345-678")
    message.add_alternative("<p>身分證 <b>A123456789</b></p>", subtype="html")
    message.add_attachment(
        word(paragraph("林淑芬")),
        maintype="application",
        subtype="octet-stream",
        filename="附件.docx",
    )
    message.add_attachment(b"\0\1\2\3" * 50, maintype="application", subtype="x", filename="x.bin")
    return message.as_bytes()


def exif(*, order: str = "<") -> bytes:
    """Return a TIFF structure with an artist, a serial number and a place."""
    mark = b"II*\0" if order == "<" else b"MM\0*"
    data = bytearray()
    base = 8 + 2 + 3 * 12 + 4 + 2 + 12 + 4 + 2 + 4 * 12 + 4

    def put(content: bytes) -> int:
        data.extend(content)
        return base + len(data) - len(content)

    def entry(tag: int, kind: int, count: int, value: bytes) -> bytes:
        return struct.pack(f"{order}HHI", tag, kind, count) + value.ljust(4, b"\0")

    def at(place: int) -> bytes:
        return struct.pack(f"{order}I", place)

    def degrees(*parts: int) -> bytes:
        return b"".join(struct.pack(f"{order}II", part, 1) for part in parts)

    artist = "王小明".encode() + b"\0"
    serial = b"SN-0012345\0"
    main, inner = 8, 8 + 2 + 3 * 12 + 4
    gps = inner + 2 + 12 + 4
    head = mark + at(main)
    first = struct.pack(f"{order}H", 3) + entry(0x013B, 2, len(artist), at(put(artist)))
    first += entry(0x8769, 4, 1, at(inner)) + entry(0x8825, 4, 1, at(gps)) + at(0)
    second = struct.pack(f"{order}H", 1) + entry(0xA431, 2, len(serial), at(put(serial))) + at(0)
    third = struct.pack(f"{order}H", 4) + entry(1, 2, 2, b"N\0")
    third += entry(2, 5, 3, at(put(degrees(25, 1, 30)))) + entry(3, 2, 2, b"E\0")
    third += entry(4, 5, 3, at(put(degrees(121, 33, 54)))) + at(0)
    return head + first + second + third + bytes(data)


def jpeg() -> bytes:
    piece = b"Exif\0\0" + exif()
    return b"\xff\xd8\xff\xe1" + struct.pack(">H", len(piece) + 2) + piece + b"\xff\xd9"


FHIR = """{"resourceType": "Bundle", "entry": [{"resource": {"resourceType": "Patient",
"text": {"div": "<div>病人 <b>王小明</b></div>"}, "name": [{"text": "王小明"}],
"telecom": [{"system": "phone", "value": "0912345678"}], "multipleBirthInteger": 2, "active": true}}]}"""


def folder(root: Path) -> Path:
    """Write one document of every kind into a folder."""
    root.mkdir(parents=True, exist_ok=True)
    (root / "big5.txt").write_bytes(
        "客戶王小明，電話0912-345-678。\r\n身分證A123456789".encode("cp950")
    )
    (root / "utf16.txt").write_bytes("病人林淑芬".encode("utf-16"))
    (root / "utf8.txt").write_bytes("\ufeff陳怡君的信箱是amy@x.tw\n".encode())
    (root / "letter.docx").write_bytes(word(paragraph("王小明先生") + paragraph("第二段")))
    (root / "page.html").write_text("<title>病歷</title><p>王小明</p><script>x=1</script>", "utf-8")
    (root / "mail.eml").write_bytes(mail())
    (root / "bundle.json").write_text(FHIR, "utf-8")
    (root / "photo.jpg").write_bytes(jpeg())
    (root / "sub").mkdir(exist_ok=True)
    (root / "sub" / "report.pdf").write_bytes(pdf("Amy Chen called", "Tel 0912-345-678"))
    return root
