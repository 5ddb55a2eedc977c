"""One page on the monitoring of a model, in two languages: it stands alone, without a script."""

from __future__ import annotations

from functools import cache
from importlib import resources

from jinja2 import Environment, StrictUndefined, Template
from markupsafe import Markup

from anping.core.text import LANGUAGES, Language
from anping.run.monitoring.fairness import TITLES as GROUP_TITLES
from anping.run.monitoring.input_drift import FeatureDrift
from anping.run.monitoring.input_quality import TITLES as FAULT_TITLES
from anping.run.monitoring.monitor import Monitored
from anping.run.monitoring.performance import TITLES, Figure
from anping.run.monitoring.picture import bars, group_names, shares, timeline
from anping.run.monitoring.words import SEVERITY, STATUS, WORDS

#: So many columns are drawn, those that moved most; the table has as many as the second.
_DRAWN, _LISTED = 24, 1000
_ORDER = {"drifted": 0, "watch": 1, "usual": 2, "same": 3, "few": 4}


def monitoring_page(subject: str, found: Monitored) -> str:
    """Return the HTML page on the monitoring of the model of ``subject``."""
    drift = sorted(
        found.found.drift, key=lambda each: (_ORDER[each.status], -each.distances.stability)
    )
    told = [*found.found.score, *found.found.labels, *drift]
    names = list(dict.fromkeys(each.name for w in found.windows for each in w.performance))
    return _template().render(
        languages=LANGUAGES,
        words=WORDS,
        status=STATUS,
        severity=SEVERITY,
        titles=TITLES,
        fault_titles=FAULT_TITLES,
        group_titles=GROUP_TITLES,
        subject=subject,
        found=found,
        drawn=told[:_DRAWN],
        drift=told[:_LISTED],
        names=names,
        timeline=lambda name, language: _drawn(timeline(found.windows, name, language)),
        bars=lambda each, language: _drawn(bars(each, language)),
        groups=_groups,
        figure=_figure,
        number=_number,
    )


def _drawn(picture: str) -> Markup:
    return Markup(picture)  # noqa: S704 - drawn of numbers, its words escaped


def _groups(found: FeatureDrift, language: Language) -> list[tuple[str, float, float]]:
    """Return each group's name and its share of the cells before and now."""
    return list(
        zip(group_names(found, language), shares(found.before), shares(found.now), strict=True)
    )


def _figure(figure: Figure | None) -> str:
    if figure is None:
        return ""
    bounds = figure.interval
    return (
        f"{_number(figure.value)} [{_number(bounds.low)}, {_number(bounds.high)}], n = {figure.n:,}"
    )


def _number(value: float) -> str:
    if value == int(value) and abs(value) < 1e15:
        return f"{int(value):,}"
    return f"{value:,.4g}" if abs(value) < 1e4 else f"{value:,.1f}"


@cache
def _template() -> Template:
    folder = resources.files("anping.run.monitoring").joinpath("templates")
    environment = Environment(
        autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    return environment.from_string(folder.joinpath("monitoring.html").read_text("utf-8"))
