"""The range of population models as measures: one per model, the ends, and the sampling fraction."""

from __future__ import annotations

from dataclasses import replace

from anping.core.measure import Measure, Replay
from anping.core.text import Text
from anping.protect.risk.population.estimate import Estimate, Range

FAMILY = "risk.population_uniqueness"
HIGHEST = f"{FAMILY}.high"
LOWEST = f"{FAMILY}.low"
_TITLE = Text("母體中獨一無二者", "Unique in the population")
_TITLES = {
    "zayatz": Text("Zayatz", "Zayatz"),
    "pitman": Text("Pitman", "Pitman"),
    "slide_negative_binomial": Text("滑動負二項", "slide negative binomial"),
    "dankar": Text("Dankar 決策規則", "Dankar's decision rule"),
    "copula": Text("高斯關聯結構", "Gaussian copula"),
}
_METHODS = {
    "zayatz": "Zayatz 1991",
    "pitman": "Pitman's sampling formula, maximum likelihood (Hoshino 2001)",
    "slide_negative_binomial": "slide negative binomial, maximum likelihood (Chen & Keller-McNulty 1998)",
    "dankar": "decision rule (Dankar et al. 2012)",
    "copula": "Gaussian copula (Rocher et al. 2019)",
}
_DRAWN = Text(
    "表中的人是從所述母體中隨機抽出的；母體大小由使用者提供。",
    "The people in the table were drawn at random from the population, whose size was given by the "
    "user.",
)
_MODEL = Text(
    "這是模型的估計，不是計數；各模型可能相差很大，因此一律以範圍呈現。",
    "This is a model's estimate, not a count; models may differ much, so a range is always given.",
)
_MISSING = Text("缺漏值視為一種值。", "A missing value counts as a value.")
_ASSUMED = (_DRAWN, _MODEL, _MISSING)
#: Fits stop at a tolerance, and arithmetic differs a little between machines.
_TOLERANCE = 1e-5


def population_measures(
    found: Range, *, seed: int, subject: str, told: bool
) -> tuple[Measure, ...]:
    """Return every model's estimate, the lowest, the highest, and the sampling fraction.

    ``told`` is whether the table ``subject`` alone suffices to compute them again.
    """
    measured = (
        *(_model(estimate, found, seed) for estimate in found.estimates),
        _end("low", found.low, found),
        _end("high", found.high, found),
        _fraction(found),
    )
    needs = ("protected",) if subject == "after" and told else ("raw",)
    again = Replay("risk.classes", needs, _TOLERANCE) if subject else None
    return tuple(replace(measure, subject=subject, replay=again) for measure in measured)


def _of_population(found: Range) -> str:
    return f"population of {found.population:,}"


def _model(estimate: Estimate, found: Range, seed: int) -> Measure:
    of = _TITLES[estimate.model]
    return Measure(
        name=f"{FAMILY}.{estimate.model}",
        value=estimate.share,
        unit="share",
        n=found.members,
        title=Text(f"{_TITLE.zh}（{of.zh}）", f"{_TITLE.en} ({of.en})"),
        interval=estimate.interval,
        method=f"{_METHODS[estimate.model]}; {_of_population(found)}",
        seed=seed,
        assumptions=_ASSUMED,
    )


def _end(name: str, value: float, found: Range) -> Measure:
    """Return an end of the range; its interval is the widest that the models' intervals span."""
    zh, en = {"low": ("最低估計", "lowest estimate"), "high": ("最高估計", "highest estimate")}[
        name
    ]
    return Measure(
        name=f"{FAMILY}.{name}",
        value=value,
        unit="share",
        n=found.members,
        title=Text(f"{_TITLE.zh}（{zh}）", f"{_TITLE.en} ({en})"),
        interval=found.widest,
        method=f"range of {len(found.estimates)} models; {_of_population(found)}",
        assumptions=_ASSUMED,
    )


def _fraction(found: Range) -> Measure:
    return Measure(
        name="risk.sampling_fraction",
        value=found.fraction,
        unit="share",
        n=found.members,
        title=Text("抽樣比例", "Sampling fraction"),
        method=_of_population(found),
        assumptions=(_DRAWN,),
    )
