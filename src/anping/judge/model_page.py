"""One page on a model, in both languages: it stands alone, without a script, and prints.

It shows any sections (:class:`anping.judge.section.Section`) under a head in the form of a test report.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache
from importlib import resources

from jinja2 import Environment, StrictUndefined, Template
from markupsafe import Markup

from anping.core.measure import Measure
from anping.core.text import LANGUAGES, Language, Text
from anping.judge.model_drawing import draw
from anping.judge.model_words import OUTCOMES, UNITS, WORDS
from anping.judge.section import Picture, Section

_PERCENT = frozenset({"probability", "share", "ratio", "chance"})


@dataclass(frozen=True, slots=True)
class Fact:
    """A line of the head: what it is and what it says."""

    label: Text
    value: Text


@dataclass(frozen=True, slots=True)
class Page:
    """What stands around the sections: the head, what leads, deviations and limits of the whole.

    ``examined``: it reports an examination, so its head has the form of a test report (ISO/IEC 17025, 7.8)
    and says so where no decision rule was applied and nothing deviated.
    """

    title: Text
    subject: str
    facts: tuple[Fact, ...] = ()
    headlines: tuple[Measure, ...] = ()
    notes: tuple[Text, ...] = ()
    deviations: tuple[Text, ...] = ()
    limits: tuple[Text, ...] = ()
    examined: bool = True


def report_page(
    page: Page, sections: Sequence[Section], *, method: Callable[[str], Text] | None = None
) -> str:
    """Return the page as HTML, the same for the same values.

    ``method`` says in both languages how a measure came about; as it stands by default.
    """
    limits = (*page.limits, *(limit for section in sections for limit in section.limits))
    return _template().render(
        languages=LANGUAGES,
        words=WORDS,
        outcomes=OUTCOMES,
        page=page,
        sections=sections,
        decisions=[(part, one) for part in sections for one in part.decisions],
        limits=tuple(dict.fromkeys(limits)),
        draw=_drawn,
        shown=shown,
        interval=shown_interval,
        unit=lambda measure, language: UNITS.get(measure.unit, Text("", "")).to(language),
        method=method or (lambda said: Text(said, said)),
    )


def _drawn(picture: Picture, language: Language) -> Markup:
    return Markup(draw(picture, language))  # noqa: S704 - drawn of numbers, its words escaped


def shown(measure: Measure) -> str:
    """Return a measure's value as people read it: a share in percent, else four digits."""
    return number(measure.value, measure.unit)


def shown_interval(measure: Measure) -> str:
    """Return ``low – high`` of a measure's interval, or an empty string."""
    found = measure.interval
    if found is None:
        return ""
    return f"{number(found.low, measure.unit)} – {number(found.high, measure.unit)}"


def number(value: float, unit: str) -> str:
    """Return a number of a unit as people read it."""
    if unit in _PERCENT:
        return f"{100 * value:.1f}%"
    if value == round(value) and abs(value) < 1e15 and abs(value) >= 1000:
        return f"{value:,.0f}"
    if abs(value) >= 1e4:
        return f"{value:,.0f}"
    return f"{value:.4f}" if abs(value) < 1 else f"{value:,.4g}"


@cache
def _template() -> Template:
    text = resources.files("anping.judge").joinpath("templates", "model.html").read_text("utf-8")
    environment = Environment(
        autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    return environment.from_string(text)
