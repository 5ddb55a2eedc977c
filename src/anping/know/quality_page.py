"""One page on the quality of a table's versions, in two languages: it stands alone, without a script.

Values of sensitive columns never stand here, labels only where enough rows hold them.
"""

from __future__ import annotations

from functools import cache
from importlib import resources

from jinja2 import Environment, StrictUndefined, Template
from markupsafe import Markup

from anping.core.text import LANGUAGES, Language
from anping.know.drift import ColumnDrift
from anping.know.drift_svg import bars, day, figure, group_names, points
from anping.know.expectations import Judged
from anping.know.quality_report import QualityReport
from anping.know.quality_words import STATUS, UNITS, WORDS

#: So many columns are drawn, those that drifted most; the table below has as many as this.
_DRAWN, _LISTED = 60, 1000


def quality_page(subject: str, report: QualityReport) -> str:
    """Return the HTML page on one version of the table called ``subject``."""
    order = {"drifted": 0, "watch": 1, "usual": 2, "same": 3}
    drifted = sorted(report.drift, key=lambda each: (order[each.status], -each.distances.stability))
    judged = sorted(report.judged, key=lambda each: ("broken", "watch", "kept").index(each.status))
    return _template().render(
        languages=LANGUAGES,
        words=WORDS,
        status=STATUS,
        subject=subject,
        report=report,
        judged=judged[:_LISTED],
        measures=sorted(report.measures, key=lambda each: bool(each.subject))[:_LISTED],
        drawn=drifted[:_DRAWN],
        drift=drifted[:_LISTED],
        bars=_drawn,
        points=_pointed,
        groups=_groups,
        limits_of=limits_of,
        value_of=value_of,
        figure=figure,
        number=_number,
    )


def _drawn(found: ColumnDrift, language: Language) -> Markup:
    return Markup(bars(found, language))  # noqa: S704 - drawn of numbers, its words escaped


def _pointed(found: ColumnDrift, language: Language) -> Markup:
    return Markup(points(found, language))  # noqa: S704 - drawn of numbers, its words escaped


def _groups(found: ColumnDrift, language: Language) -> list[tuple[str, float, float]]:
    """Return each group's name and its share of the cells before and now."""
    names = group_names(found, language)
    before, now = found.before_n or 1, found.n or 1
    return [
        (name, earlier / before, later / now)
        for name, earlier, later in zip(names, found.before, found.now, strict=False)
    ]


def value_of(judged: Judged, language: Language) -> str:
    """Return the value found, in words."""
    return _with_unit(judged.value, judged.unit, language)


def limits_of(judged: Judged, language: Language) -> str:
    """Return what was expected, in words."""
    said = []
    if judged.low is not None:
        said.append(f"≥ {_with_unit(judged.low, judged.unit, language)}")
    if judged.high is not None:
        said.append(f"≤ {_with_unit(judged.high, judged.unit, language)}")
    if judged.between is not None:
        name = day if judged.days else _number
        low, high = judged.between
        ends = (name(low), "…" if high is None else name(high))
        said.append(WORDS["beyond"].fill(low=ends[0], high=ends[1]).to(language))
    return "，".join(said) if language == "zh" else ", ".join(said)


def _with_unit(value: float, unit: str, language: Language) -> str:
    if unit == "ratio":
        return f"{100 * value:.4g}%"
    known = UNITS.get(unit)
    return _number(value) if known is None else f"{_number(value)} {known.to(language)}"


def _number(value: float) -> str:
    if value == int(value) and abs(value) < 1e15:
        return f"{int(value):,}"
    return f"{value:,.4g}" if abs(value) < 1e4 else f"{value:,.1f}"


@cache
def _template() -> Template:
    text = resources.files("anping.know").joinpath("templates", "quality.html").read_text("utf-8")
    environment = Environment(
        autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    return environment.from_string(text)
