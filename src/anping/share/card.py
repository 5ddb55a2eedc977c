"""The data card: one self-contained HTML page per language that tells a recipient everything.

It loads nothing from outside (a content security policy in the page forbids it), prints on A4,
follows light and dark, and needs no script.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from anping.core.text import Language, Text
from anping.core.verdict import Reason, Verdict
from anping.share.charts.chart import Chart
from anping.share.charts.svg import draw_svg
from anping.share.headlines import beyond_k, headlines_of
from anping.share.measure_table import families_of
from anping.share.pages import environment, page_words, resource
from anping.share.release import ContentFile, Release
from anping.share.words import WORDS

_MEASURED = ("release.threshold:", "release.measured:")


@dataclass(frozen=True, slots=True)
class ChainStep:
    """One step of the evidence chain: its place in the log, who, when, and its statement's digest.

    ``finished`` is RFC 3339; ``digest`` a SHA-256 in hex; ``outcome`` a verdict's outcome or empty.
    """

    index: int
    step: str
    title: Text
    finished: str
    agent: str
    digest: str
    outcome: str = ""


@dataclass(frozen=True, slots=True)
class Card:
    """Everything a data card shows; ``files`` are the data files it names by digest."""

    release: Release
    charts: tuple[Chart, ...] = ()
    chain: tuple[ChainStep, ...] = ()
    files: tuple[ContentFile, ...] = ()


def card_html(card: Card, language: Language) -> str:
    """Return the card as one HTML page, the same for the same card."""
    template = environment(language).get_template("card.html")
    return template.render(**page_words(language), **_content(card, language))


def index_html(card: Card, *, lineage: bool = False) -> str:
    """Return the page that links both cards (and ``lineage``) and says how to verify, in both languages."""
    template = environment("en").get_template("index.html")
    given = {"release": card.release, "lineage": lineage, "style": resource("style.css")}
    return template.render(**page_words("en"), **given)


def _content(card: Card, language: Language) -> dict[str, Any]:
    release = card.release
    return {
        "page": "card",
        "heading": WORDS["data_card"],
        "release": release,
        "headlines": headlines_of(release.measures),
        "beyond_k": beyond_k(release.measures),
        "rules": rules_of(release.verdict),
        "families": families_of(release.measures),
        "pictures": [(chart, draw_svg(chart, language)) for chart in card.charts],
        "chain": card.chain,
        "files": card.files,
        "expires": release.licence.expires(release.released.date()),
        "style": resource("style.css"),
    }


def rules_of(verdict: Verdict) -> tuple[tuple[Reason, ...], tuple[Reason, ...]]:
    """Return the rules to show: those on a measure, and every one that failed; and the others."""
    shown = [r for r in verdict.reasons if not r.holds or r.code.startswith(_MEASURED)]
    others = [r for r in verdict.reasons if r not in shown]
    return (tuple(shown), tuple(others)) if shown and others else (verdict.reasons, ())
