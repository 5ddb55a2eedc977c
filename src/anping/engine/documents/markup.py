"""HTML and XML as text: what a reader sees, and what stands beside it (titles, links, authors)."""

from __future__ import annotations

from html.parser import HTMLParser
from xml.parsers import expat

from anping.core.text import Text
from anping.engine.documents import refusals as refusal
from anping.engine.documents.document import Document, Limits, Writing

_SILENT = frozenset({"script", "style", "template", "noscript"})
_BLOCKS = frozenset(
    [
        "p",
        "div",
        "br",
        "li",
        "ul",
        "ol",
        "tr",
        "table",
        "h1",
        "h2",
        "h3",
        "h4",
        "h5",
        "h6",
        "section",
        "article",
        "header",
        "footer",
        "main",
        "aside",
        "pre",
        "blockquote",
        "dt",
        "dd",
        "figcaption",
        "title",
        "option",
        "address",
        "hr",
    ]
)
_CELLS = frozenset({"td", "th"})
_TOLD = frozenset({"alt", "title", "placeholder", "value", "content"})
XML = Text("XML 檔", "XML file")


def read_html(text: str, limits: Limits) -> Document:
    """Return a page's visible text as paragraphs, and its metadata, links and alternative texts."""
    page = _Page(limits)
    page.feed(text)
    page.close()
    page.end()
    return page.writing.document("html")


def text_of_html(text: str, limits: Limits) -> str:
    """Return the text of a page within another document (a mail's body, a FHIR narrative)."""
    return read_html(text, limits).text


class _Page(HTMLParser):
    """Gathers paragraphs; comments, scripts and styles are no text."""

    def __init__(self, limits: Limits) -> None:
        super().__init__(convert_charrefs=True)
        self.writing = Writing()
        self._limits = limits
        self._parts: list[str] = []
        self._silent = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in _SILENT:
            self._silent += 1
        if tag in _BLOCKS:
            self.end()
        elif tag in _CELLS:
            self._parts.append("\t")
        told = dict(attrs)
        for name, value in attrs:
            if name in _TOLD and value and not value.isspace():
                label = told.get("name") or told.get("property") or name
                self.writing.add("metadata", f"{label}: {value}", name=label)
        link = told.get("href") or ""
        if link.startswith(("mailto:", "tel:")):
            self.writing.add("metadata", link.partition(":")[2], name="href")

    def handle_endtag(self, tag: str) -> None:
        if tag in _SILENT:
            self._silent = max(0, self._silent - 1)
        if tag in _BLOCKS:
            self.end()

    def handle_data(self, data: str) -> None:
        if not self._silent:
            self._parts.append(data)

    def handle_comment(self, data: str) -> None:
        self.writing.add("comment", data)

    def end(self) -> None:
        """End a paragraph."""
        text = " ".join("".join(self._parts).split())
        self._parts = []
        if text:
            self.writing.add("paragraph", text)
        if self.writing.length > self._limits.characters:
            raise refusal.too_much_text(self._limits)


def xml_parser(encoding: str | None = None) -> expat.XMLParserType:
    """Return a parser that refuses declared entities, which could grow without bound."""
    parser = expat.ParserCreate(encoding)
    parser.buffer_text = True

    def declared(*_: object) -> None:
        raise refusal.entities()

    parser.EntityDeclHandler = declared
    return parser


def read_xml(content: bytes, limits: Limits) -> Document:
    """Return the texts of an XML file, each after the name of its element or attribute."""
    writing = Writing()
    names: list[str] = []
    texts: list[list[str]] = []

    def started(name: str, attributes: dict[str, str]) -> None:
        names.append(name)
        texts.append([])
        for attribute, value in attributes.items():
            _told(writing, f"{name}@{attribute}", value, limits)

    def ended(name: str) -> None:
        names.pop()
        _told(writing, name, "".join(texts.pop()).strip(), limits)

    parser = xml_parser()
    parser.StartElementHandler = started
    parser.EndElementHandler = ended
    parser.CharacterDataHandler = lambda data: texts[-1].append(data) if texts else None
    parse(parser, content, XML)
    return writing.document("xml")


def _told(writing: Writing, name: str, value: str, limits: Limits) -> None:
    if value:
        writing.add("field", f"{name}: {value}", name=name)
    if writing.length > limits.characters:
        raise refusal.too_much_text(limits)


def parse(parser: expat.XMLParserType, content: bytes, kind: Text) -> None:
    """Feed a parser. Raises InputError for malformed XML."""
    try:
        parser.Parse(content, True)
    except (expat.ExpatError, RecursionError, MemoryError) as error:
        raise refusal.damaged(kind) from error
