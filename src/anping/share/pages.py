"""What every page of a dossier is drawn with: templates, the words of a language, and filters."""

from __future__ import annotations

import re
from functools import cache
from importlib import resources
from typing import Any

from jinja2 import DictLoader, Environment, StrictUndefined

from anping.core.columns import ROLE_TITLES
from anping.core.text import LANGUAGE_TAGS, Language
from anping.share import words
from anping.share.attack_table import attack_rows, beside_attacks
from anping.share.charts.scale import written
from anping.share.licence import purpose_title
from anping.share.measure_table import shown_interval, shown_value
from anping.share.methods import method_title
from anping.share.units import subject_title, unit_title

#: A name may break after these.
_JOINTS = re.compile(r"(?<=[_.])(?=.)")
_FILES = (
    "base.html",
    "card.html",
    "index.html",
    "assessment.html",
    "sections.html",
    "style.css",
    "documents.html",
    "lineage.html",
    "model.html",
    "model_index.html",
)


def resource(name: str) -> str:
    """Return a template's text."""
    return resources.files("anping.share").joinpath("templates", name).read_text("utf-8")


@cache
def environment(language: Language) -> Environment:
    """Return the templates with the filters that write values in a language."""
    made = Environment(
        loader=DictLoader({name: resource(name) for name in _FILES}),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.filters["say"] = lambda text: text.to(language)
    made.filters["shown"] = lambda measure: shown_value(measure).to(language)
    made.filters["interval"] = shown_interval
    made.filters["group"] = lambda number: f"{number:,}"
    made.filters["purpose"] = lambda purpose: purpose_title(purpose).to(language)
    made.filters["percent"] = lambda value: written(value, "percent")
    made.filters["unit"] = lambda unit: unit_title(unit).to(language)
    made.filters["subject"] = lambda subject: subject_title(subject).to(language)
    made.filters["method"] = lambda method: method_title(method).to(language)
    made.filters["attacks"] = attack_rows
    made.filters["beside_attacks"] = beside_attacks
    made.filters["pieces"] = _JOINTS.split
    made.filters["technique"] = lambda name: words.technique_title(name).to(language)
    return made


def page_words(language: Language) -> dict[str, Any]:
    """Return the words that every page uses."""
    return {
        "language": language,
        "other": "en" if language == "zh" else "zh",
        "tag": LANGUAGE_TAGS[language],
        "w": words.WORDS,
        "roles": ROLE_TITLES,
        "tiers": words.TIERS,
        "outcomes": words.OUTCOMES,
        "glossary": words.GLOSSARY,
    }
