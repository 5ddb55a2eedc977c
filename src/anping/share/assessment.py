"""The identifiability assessment: a release's evidence in the order of ISO/IEC 27559, per language.

Clause 6 context, 7 data, 8 identifiability, 9 governance; before them the three questions of WP216.
Every number is a measure of the release; the page judges nothing.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from anping.core.measure import Measure
from anping.core.text import Language, Text
from anping.core.verdict import Reason
from anping.share.assessment_words import ASSESSMENT
from anping.share.card import Card, rules_of
from anping.share.headlines import beyond_k
from anping.share.pages import environment, page_words, resource
from anping.share.three_questions import three_answers
from anping.share.units import is_before

#: The measures of each part: the beginnings of their names.
_MODELS = ("deid.linked", "risk.prosecutor", "risk.journalist", "risk.marketer", "risk.class_size", "risk.classes",
           "risk.sample_uniqueness", "risk.uniqueness")  # fmt: skip
_QUANTIFIED = ("risk.population_uniqueness", "risk.sampling_fraction", "risk.suda")
_ATTACKS = ("risk.singling_out", "risk.linkage", "risk.linkability", "risk.inference",
            "risk.membership", "risk.downcoding")  # fmt: skip
_PRICE = ("deid.information_loss", "deid.rows", "utility.auc", "utility.macro_auc", "utility.r2")


@dataclass(frozen=True, slots=True)
class ProfileAnswer:
    """A named risk profile and whether the release keeps to each of its bounds.

    ``maximum`` and ``average`` are its bounds; ``reasons`` one answer for each; ``sources`` cite it.
    """

    title: Text
    use: Text
    maximum: float
    average: float
    reasons: tuple[Reason, ...]
    sources: tuple[Text, ...]

    @property
    def holds(self) -> bool:
        """Whether both bounds are kept."""
        return all(reason.holds for reason in self.reasons)


@dataclass(frozen=True, slots=True)
class Assessment:
    """What the page shows beside the card: how the tier gives access, and the profiles."""

    access: Text
    profiles: tuple[ProfileAnswer, ...] = ()


def assessment_html(card: Card, assessment: Assessment, language: Language) -> str:
    """Return the assessment as one self-contained HTML page, the same for the same release."""
    template = environment(language).get_template("assessment.html")
    return template.render(**page_words(language), **_content(card, assessment))


def _content(card: Card, assessment: Assessment) -> dict[str, Any]:
    release = card.release
    after = tuple(measure for measure in release.measures if not is_before(measure.subject))
    return {
        "page": "assessment",
        "heading": ASSESSMENT["title"],
        "a": ASSESSMENT,
        "release": release,
        "assessment": assessment,
        "answers": three_answers(release.measures),
        "assumptions": _assumptions(after),
        "principals": _principals(after, release.rows),
        "models": _of(after, _MODELS),
        "quantified": _of(after, _QUANTIFIED),
        "population_known": bool(_of(after, ("risk.population_uniqueness",))),
        "attacks": _of(after, _ATTACKS),
        "price": _of(after, _PRICE),
        "beyond_k": beyond_k(release.measures),
        "rules": rules_of(release.verdict),
        "chain": card.chain,
        "expires": release.licence.expires(release.released.date()),
        "style": resource("style.css"),
    }


def _of(measures: Iterable[Measure], names: tuple[str, ...]) -> tuple[Measure, ...]:
    """Return the measures of some names, in the order of the names."""
    listed = tuple(measures)
    return tuple(
        measure
        for name in names
        for measure in listed
        if measure.name == name or measure.name.startswith(f"{name}.")
    )


def _assumptions(measures: Iterable[Measure]) -> tuple[Text, ...]:
    """Return what the measures of risk assume, each said once."""
    risk = (measure for measure in measures if measure.name.startswith("risk."))
    return tuple(dict.fromkeys(text for measure in risk for text in measure.assumptions))


def _principals(measures: tuple[Measure, ...], rows: int) -> Text:
    """Return whom the data is about: people where a person has several rows, else rows."""
    smallest = _of(measures, ("risk.class_size.min",))
    highest = _of(measures, ("risk.prosecutor.max",))
    if smallest and highest and smallest[0].unit == "people":
        return ASSESSMENT["per_person"].fill(people=f"{highest[0].n:,}", rows=f"{rows:,}")
    return ASSESSMENT["per_row"].fill(rows=f"{rows:,}")
