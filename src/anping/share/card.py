"""The data card: one self-contained HTML page per language that tells a recipient everything.

It loads nothing from outside (a content security policy in the page forbids it), prints on A4,
follows light and dark, and needs no script.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Any

from jinja2 import DictLoader, Environment, StrictUndefined

from anping.core.text import Language, Text
from anping.core.verdict import Reason, Verdict
from anping.share import words
from anping.share.charts.chart import Chart
from anping.share.charts.svg import draw_svg
from anping.share.headlines import beyond_k, headlines_of
from anping.share.licence import purpose_title
from anping.share.measure_table import families_of, shown_interval, shown_value
from anping.share.methods import method_title
from anping.share.release import ContentFile, Release
from anping.share.units import subject_title, unit_title

#: A name may break after these.
_JOINTS = re.compile(r"(?<=[_.])(?=.)")
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
    template = _environment(language).get_template("card.html")
    return template.render(**_words(language), **_content(card, language))


def index_html(card: Card) -> str:
    """Return the page that links both cards and says how to verify, in both languages."""
    template = _environment("en").get_template("index.html")
    return template.render(**_words("en"), release=card.release, style=_resource("style.css"))


def _resource(name: str) -> str:
    return resources.files("anping.share").joinpath("templates", name).read_text("utf-8")


@cache
def _environment(language: Language) -> Environment:
    names = ("card.html", "index.html", "sections.html", "style.css")
    environment = Environment(
        loader=DictLoader({name: _resource(name) for name in names}),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["say"] = lambda text: text.to(language)
    environment.filters["shown"] = lambda measure: shown_value(measure).to(language)
    environment.filters["interval"] = shown_interval
    environment.filters["group"] = lambda number: f"{number:,}"
    environment.filters["purpose"] = lambda purpose: purpose_title(purpose).to(language)
    environment.filters["unit"] = lambda unit: unit_title(unit).to(language)
    environment.filters["subject"] = lambda subject: subject_title(subject).to(language)
    environment.filters["method"] = lambda method: method_title(method).to(language)
    environment.filters["pieces"] = _JOINTS.split
    environment.filters["technique"] = lambda name: words.technique_title(name).to(language)
    return environment


def _words(language: Language) -> dict[str, Any]:
    return {
        "language": language,
        "other": "en" if language == "zh" else "zh",
        "tag": words.LANGUAGE_TAGS[language],
        "w": words.WORDS,
        "roles": words.ROLES,
        "tiers": words.TIERS,
        "outcomes": words.OUTCOMES,
        "glossary": words.GLOSSARY,
    }


def _content(card: Card, language: Language) -> dict[str, Any]:
    release = card.release
    return {
        "release": release,
        "headlines": headlines_of(release.measures),
        "beyond_k": beyond_k(release.measures),
        "rules": _rules(release.verdict),
        "families": families_of(release.measures),
        "pictures": [(chart, draw_svg(chart, language)) for chart in card.charts],
        "chain": card.chain,
        "files": card.files,
        "expires": release.licence.expires(release.released.date()),
        "style": _resource("style.css"),
    }


def _rules(verdict: Verdict) -> tuple[tuple[Reason, ...], tuple[Reason, ...]]:
    """Return the rules to show: those on a measure, and every one that failed; and the others."""
    shown = [r for r in verdict.reasons if not r.holds or r.code.startswith(_MEASURED)]
    others = [r for r in verdict.reasons if r not in shown]
    return (tuple(shown), tuple(others)) if shown and others else (verdict.reasons, ())
