"""Look through documents: what identifies people, of which type, on which page and line.

A scan holds masked examples (``王●●``) and places: it is as confidential as its corpus, and only its
counts go into evidence.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from anping.core.labels import Labels, Tier
from anping.core.measure import Measure
from anping.core.progress import Progress, silent
from anping.core.ratings import Ratings
from anping.core.span import Span
from anping.core.text import Text
from anping.core.windows import found_in
from anping.engine.documents.document import Document, Place
from anping.know.discover.measured import ratings_of
from anping.know.discover.taxonomy import SemanticType, taxonomy
from anping.know.documents.metadata import WithMetadata
from anping.know.labels import PERSONAL
from anping.know.masked import mask

FORMAT = "anping.documents-scan/1"
#: Places that are listed for each type of a document; all are counted.
LISTED = 20
_DOING = Text("掃描文件", "Scanning documents")
_ORGANISATIONS = frozenset({"ORGANISATION", "TW_BUSINESS_ID"})


@dataclass(frozen=True, slots=True)
class Mention:
    """One find: its type and score, where it stands, and what of it may be shown."""

    type: str
    score: float
    place: Place
    example: str
    evidence: tuple[str, ...] = ()

    def as_json(self) -> dict[str, Any]:
        """Return plain values."""
        return {
            "type": self.type,
            "score": self.score,
            "block": self.place.kind,
            "number": self.place.number,
            "name": self.place.name,
            "line": self.place.line,
            "where": self.place.words.as_json(),
            "example": self.example,
            "evidence": list(self.evidence),
        }


@dataclass(frozen=True, slots=True)
class ScannedDocument:
    """What was found in one document: every mention counted by type, the first ones listed."""

    name: str
    format: str
    characters: int
    counts: Mapping[str, int]
    mentions: tuple[Mention, ...]

    def as_json(self) -> dict[str, Any]:
        """Return plain values."""
        return {
            "document": self.name,
            "format": self.format,
            "characters": self.characters,
            "counts": dict(self.counts),
            "mentions": [mention.as_json() for mention in self.mentions],
        }


@dataclass(frozen=True, slots=True)
class CorpusScan:
    """What was found in a corpus, document by document."""

    documents: tuple[ScannedDocument, ...]
    types: Mapping[str, SemanticType] = field(default_factory=taxonomy)
    ratings: Ratings | None = None

    @property
    def counts(self) -> Mapping[str, int]:
        """All mentions by type, the commonest first."""
        total: Counter[str] = Counter()
        for document in self.documents:
            total.update(document.counts)
        return dict(total.most_common())

    @property
    def measures(self) -> tuple[Measure, ...]:
        """How many documents were looked through, and how many mentions and documents of each type."""
        n = len(self.documents)
        held = Counter(kind for document in self.documents for kind in document.counts)
        some = sum(bool(document.counts) for document in self.documents)
        made = [
            _count("corpus.documents", n, n, Text("掃描的文件數", "Documents scanned")),
            _count(
                "corpus.documents.telling", some, n,
                Text("含個人資料的文件數", "Documents that hold personal data"),
            ),
        ]  # fmt: skip
        for kind, count in self.counts.items():
            title = self.title(kind)
            made += [
                _count(
                    "corpus.mentions", count, n,
                    Text(f"找到的{title.zh}", f"Mentions found: {title.en}"), subject=kind,
                ),
                _count(
                    "corpus.documents.with", held[kind], n,
                    Text(f"含{title.zh}的文件數", f"Documents that hold: {title.en}"), subject=kind,
                ),
            ]  # fmt: skip
        return tuple(made)

    @property
    def labels(self) -> Labels:
        """The labels that a corpus with these finds should carry."""
        found = [self.types[kind] for kind in self.counts if kind in self.types]
        categories = {category for kind in found for category in kind.categories}
        if set(self.counts) - _ORGANISATIONS - {"DATE"}:
            categories.add(PERSONAL)
        return Labels(tier=Tier.INTERNAL, categories=frozenset(categories))

    def title(self, kind: str) -> Text:
        """Return a type in words; a type without a title is its id."""
        known = self.types.get(kind)
        return Text(kind, kind) if known is None else known.title

    def as_json(self) -> dict[str, Any]:
        """Return plain values; ``titles`` says the types in words."""
        return {
            "format": FORMAT,
            "counts": dict(self.counts),
            "titles": {kind: self.title(kind).as_json() for kind in self.counts},
            "documents": [document.as_json() for document in self.documents],
            "measures": [measure.as_json() for measure in self.measures],
            **({"ratings": self.ratings.as_json()} if self.ratings else {}),
        }


def scan_documents(
    documents: Iterable[Document],
    *,
    find_spans: Callable[[str], Sequence[Span]],
    types: Mapping[str, SemanticType] | None = None,
    rate: Callable[[Iterable[str]], Ratings] = ratings_of,
    total: int | None = None,
    progress: Progress = silent,
) -> CorpusScan:
    """Look through documents, one after the other; long ones in windows.

    ``find_spans`` is a detector of texts; lines of metadata are looked at beside it. ``types`` are
    those that it can find, where there are more than the taxonomy's. ``rate`` says how well the types
    that were found are found.
    """
    detector = WithMetadata(find_spans)
    scanned = []
    for number, document in enumerate(documents):
        progress(_DOING, number, total)
        scanned.append(_scanned(document, found_in(detector, document.text)))
    known = taxonomy() if types is None else types
    found = CorpusScan(tuple(scanned), known)
    return replace(found, ratings=rate(found.counts)) if found.counts else found


def _scanned(document: Document, spans: Sequence[Span]) -> ScannedDocument:
    counts: Counter[str] = Counter()
    listed = []
    for span in spans:
        counts[span.type] += 1
        if counts[span.type] <= LISTED:
            listed.append(span)
    places = document.places(span.start for span in listed)
    mentions = tuple(
        Mention(
            span.type, span.score, place, mask(document.text[span.start : span.end]), span.evidence
        )
        for span, place in zip(listed, places, strict=True)
    )
    return ScannedDocument(
        document.name, document.format, len(document.text), dict(sorted(counts.items())), mentions
    )


def _count(name: str, value: int, n: int, title: Text, *, subject: str = "") -> Measure:
    unit = "mentions" if name == "corpus.mentions" else "documents"
    return Measure(name, float(value), unit, n, title, subject=subject, method="count")
