"""How well texts were scanned when it was last measured: figures that the benchmark wrote.

``data/measured.json`` is written by ``python -m benchmarks.discover.quality`` and by nothing else:
for every type and corpus how many of the true were found, how many of the found are true, and how
many of the true were covered whole in high-recall mode. Types of a user's own files, and names found
by a model that the user installed, have no figures there: reports say that they were not measured.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Any

from anping.core.measure import Measure
from anping.core.ratings import (
    COVERED,
    NOTHING,
    PRECISION,
    RECALL,
    Corpus,
    Finder,
    Rating,
    Ratings,
)
from anping.core.text import Text
from anping.know.discover.taxonomy import SemanticType, taxonomy
from anping.stats.intervals import wilson

FORMAT = "anping.measured/1"
_NAME = "PERSON_NAME"
_TITLES = {
    RECALL: Text("召回率（找到的比例）", "Recall (share of the true that was found)"),
    PRECISION: Text("精確率（找對的比例）", "Precision (share of the found that is true)"),
    COVERED: Text(
        "高召回模式完整涵蓋的比例", "Share of the true that high-recall mode covers whole"
    ),
}
_METHODS = {
    RECALL: "same type, overlap of at least half",
    PRECISION: "same type, overlap of at least half",
    COVERED: "covered whole by findings of any type, high-recall mode",
}
_INDEPENDENT = Text(
    "區間把每一處當作互相獨立，因此偏窄。",
    "The interval takes mentions as independent, so it is too narrow.",
)
#: The short names under which the file keeps the counts.
COUNTED = {"recall": RECALL, "precision": PRECISION, "covered": COVERED}


@dataclass(frozen=True, slots=True)
class Measured:
    """The figures of the file: when, on which corpora, and by corpus and type the counts."""

    date: str
    corpora: tuple[Corpus, ...]
    counts: Mapping[str, Mapping[str, Mapping[str, tuple[int, int]]]]

    def measures(self, kind: str) -> tuple[tuple[str, Measure], ...]:
        """Return the measures of a type by corpus; empty where it was never measured."""
        return tuple(
            (corpus.id, _measure(COUNTED[short], kind, corpus, counted))
            for corpus in self.corpora
            for short, counted in self.counts[corpus.id].get(kind, {}).items()
        )

    @property
    def types(self) -> tuple[str, ...]:
        """The types that some corpus holds."""
        return tuple(sorted({kind for counted in self.counts.values() for kind in counted}))


@cache
def measured() -> Measured:
    """Return the figures that ship with the package."""
    text = resources.files("anping.know.discover").joinpath("data", "measured.json")
    return read_measured(json.loads(text.read_text("utf-8")))


def read_measured(body: Mapping[str, Any]) -> Measured:
    """Return the figures of the file's JSON."""
    corpora = tuple(map(Corpus.from_json, body["corpora"]))
    counts = {
        str(corpus): {
            str(kind): {str(short): (int(hits), int(n)) for short, (hits, n) in counted.items()}
            for kind, counted in types.items()
        }
        for corpus, types in body["counts"].items()
    }
    return Measured(str(body["date"]), corpora, counts)


def ratings_of(
    types: Iterable[str],
    *,
    known: Mapping[str, SemanticType] | None = None,
    own: Iterable[str] = (),
    finders: Sequence[Finder] = (),
    joined: Text = NOTHING,
) -> Ratings:
    """Return how well some types are found, in their order.

    ``own`` are types of a user's own entities: their rules stand beside the shipped ones, so no
    figure holds. With ``finders`` (models that the user installed) none holds for names.
    """
    titles = taxonomy() if known is None else known
    figures = measured()
    without = {*own, *([_NAME] if finders else [])}
    ratings = tuple(
        Rating(
            kind,
            titles[kind].title if kind in titles else Text(kind, kind),
            () if kind in without else figures.measures(kind),
        )
        for kind in dict.fromkeys(types)
    )
    return Ratings(figures.date, figures.corpora, ratings, tuple(finders), joined)


def _measure(name: str, kind: str, corpus: Corpus, counted: tuple[int, int]) -> Measure:
    hits, n = counted
    return Measure(
        name=name,
        value=hits / n,
        unit="share",
        n=n,
        title=_TITLES[name],
        subject=kind,
        interval=wilson(hits, n),
        method=f"{_METHODS[name]}; {corpus.title.en}",
        assumptions=(_INDEPENDENT,),
    )
