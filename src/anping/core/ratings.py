"""How well a detector finds each type of identifier, as a report says it beside what was found.

A rating holds the measures of one type on each corpus, or none: then it was not measured, and the
report says so. Finders are what looked for names: the embedded recogniser, or models that the user
installed, with licence and digest.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from anping.core.measure import Measure
from anping.core.text import Language, Text

RECALL, PRECISION, COVERED = (
    "discovery.text.recall",
    "discovery.text.precision",
    "redaction.text.covered",
)
NOT_MEASURED = Text("未測量", "not measured")
NOTHING = Text("", "")
_NO_CASE = Text("語料中沒有", "not in this corpus")


@dataclass(frozen=True, slots=True)
class Corpus:
    """Labelled documents on which types were measured.

    ``in_sample`` says that the rules were developed with these documents at hand.
    """

    id: str
    title: Text
    documents: int
    in_sample: bool

    def as_json(self) -> dict[str, Any]:
        """Return plain values."""
        return {**asdict(self), "title": self.title.as_json()}

    @classmethod
    def from_json(cls, value: Mapping[str, Any]) -> Corpus:
        """Read what :meth:`as_json` gives."""
        return cls(
            str(value["id"]),
            Text(**value["title"]),
            int(value["documents"]),
            bool(value["in_sample"]),
        )


@dataclass(frozen=True, slots=True)
class Finder:
    """What looked for names: its name, version, licence, and the digest of what was loaded.

    ``kind`` is ``embedded``, or the family of an installed model (``gliner``, ``spacy``, ``stanza``,
    ``process``). An empty digest says that nothing beside the package's own code was loaded.
    """

    kind: str
    name: str
    version: str
    licence: str
    digest: str = ""

    @property
    def text(self) -> Text:
        """The finder in one line."""
        digest = f" sha256:{self.digest[:16]}…" if self.digest else ""
        kind = f"{self.kind}:" if self.kind != "embedded" else ""
        return Text(
            f"{kind}{self.name} {self.version}（授權：{self.licence}）{digest}",
            f"{kind}{self.name} {self.version} (licence: {self.licence}){digest}",
        )


@dataclass(frozen=True, slots=True)
class Rating:
    """One type and its measures by corpus; without any it was not measured."""

    type: str
    title: Text
    measures: tuple[tuple[str, Measure], ...] = ()

    def figure(self, corpus: str, name: str) -> Measure | None:
        """Return a measure of the type on a corpus, or None."""
        return next((m for at, m in self.measures if at == corpus and m.name == name), None)

    def as_json(self) -> dict[str, Any]:
        """Return plain values."""
        return {
            "type": self.type,
            "title": self.title.as_json(),
            "measured": bool(self.measures),
            "measures": [
                {"corpus": corpus, **measure.as_json()} for corpus, measure in self.measures
            ],
        }

    @classmethod
    def from_json(cls, value: Mapping[str, Any]) -> Rating:
        """Read what :meth:`as_json` gives."""
        return cls(
            value["type"],
            Text(**value["title"]),
            tuple((one["corpus"], Measure.from_json(one)) for one in value["measures"]),
        )


@dataclass(frozen=True, slots=True)
class Ratings:
    """How well the types of a report are found, on which corpora, and what looked for names."""

    date: str
    corpora: tuple[Corpus, ...]
    ratings: tuple[Rating, ...]
    finders: tuple[Finder, ...] = ()
    joined: Text = NOTHING

    def as_json(self) -> dict[str, Any]:
        """Return plain values."""
        return {
            "date": self.date,
            "corpora": [corpus.as_json() for corpus in self.corpora],
            "ratings": [rating.as_json() for rating in self.ratings],
            "finders": [asdict(finder) for finder in self.finders],
            "joined": self.joined.as_json(),
        }

    @classmethod
    def from_json(cls, value: Mapping[str, Any]) -> Ratings:
        """Read what :meth:`as_json` gives."""
        return cls(
            value["date"],
            tuple(Corpus.from_json(one) for one in value["corpora"]),
            tuple(Rating.from_json(one) for one in value["ratings"]),
            tuple(Finder(**one) for one in value["finders"]),
            Text(**value["joined"]),
        )

    @property
    def lead(self) -> Text:
        """On what and when the figures were measured, and what they do not say."""
        zh = "；".join(f"{c.title.zh} {c.documents:,} 份" for c in self.corpora)
        en = "; ".join(f"{c.title.en}, {c.documents:,} documents" for c in self.corpora)
        return Text(
            f"{self.date} 以合成的標記文件測量（{zh}）；方括號為 95% 區間。你的文件可能不同：請用自己的樣本測量。",
            f"Measured {self.date} on synthetic labelled documents ({en}); in brackets 95 % intervals. "
            "Your texts may differ: measure on a sample of your own.",
        )

    @property
    def notes(self) -> tuple[Text, ...]:
        """What looked for names beside the embedded recogniser, and how findings were joined."""
        if not self.finders:
            return ()
        told = (
            Text(f"人名另以 {one.text.zh} 辨識。", f"Names were also looked for by {one.text.en}.")
            for one in self.finders
        )
        return (*told, self.joined)

    def header(self, language: Language) -> tuple[str, ...]:
        """Return the titles of the columns of :meth:`rows`."""
        return tuple(
            f"{corpus.title.to(language)}: {title.to(language)}"
            for corpus in self.corpora
            for title in _SHOWN.values()
        )

    def rows(self, language: Language) -> tuple[tuple[str, ...], ...]:
        """Return a row for each type: its title, then recall, precision and cover by corpus."""
        return tuple(
            (rating.title.to(language), *self._cells(rating, language)) for rating in self.ratings
        )

    def _cells(self, rating: Rating, language: Language) -> tuple[str, ...]:
        if not rating.measures:
            return (NOT_MEASURED.to(language),) * (len(self.corpora) * len(_SHOWN))
        return tuple(
            shown(rating.figure(corpus.id, name), language)
            for corpus in self.corpora
            for name in _SHOWN
        )


#: What a report shows of each corpus, by the name of the measure.
_SHOWN = {
    RECALL: Text("召回率", "recall"),
    PRECISION: Text("精確率", "precision"),
    COVERED: Text("遮蔽涵蓋率", "covered by redaction"),
}


def shown(measure: Measure | None, language: Language) -> str:
    """Return a share with its interval and n as people read it, or that there was no case."""
    if measure is None:
        return _NO_CASE.to(language)
    bounds = measure.interval
    told = _share(measure.value)
    if bounds is not None:
        told += f" [{_share(bounds.low)}, {_share(bounds.high)}]"
    return f"{told}, n = {measure.n:,}"


def _share(value: float) -> str:
    """Return a share in three digits; what only rounds to nothing or to all is not that."""
    text = f"{value:.3f}"
    if text == "1.000":
        return "1" if value == 1 else ">0.999"
    if text == "0.000":
        return "0" if value == 0 else "<0.001"
    return text
