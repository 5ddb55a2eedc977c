"""The share of the population that stands alone on the quasi-identifiers: every model, as a range.

No model is right for all tables: Zayatz's estimator overstates small samples, Pitman's formula
leans on how classes grow, the copula on how columns go together. So nobody is given one number.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from anping.core.measure import Interval
from anping.engine.table import Table
from anping.protect.risk.classes import EquivalenceClasses
from anping.protect.risk.population.copula import alone_among, fit_copula
from anping.protect.risk.population.dankar import dankar
from anping.protect.risk.population.jackknife import jackknife
from anping.protect.risk.population.ordered import ordered_column
from anping.protect.risk.population.pitman import pitman
from anping.protect.risk.population.sizes import ClassSizes, Model, class_sizes
from anping.protect.risk.population.slide import slide_negative_binomial
from anping.protect.risk.population.zayatz import zayatz
from anping.stats.bootstrap import bootstrap_interval

#: The models that look at class sizes only, by name; each takes (class sizes, population size).
MODELS: dict[str, Model] = {
    "zayatz": zayatz,
    "pitman": pitman,
    "slide_negative_binomial": slide_negative_binomial,
    "dankar": dankar,
}
_RULE, _COPULA = "dankar", "copula"
#: People alone in the sample for whom the copula is asked.
_ASKED = 500
_DRAWS = 200
#: Columns of more values than this are names rather than properties: the copula leaves them out.
_MOST_VALUES = 20_000


@dataclass(frozen=True, slots=True)
class Estimate:
    """What one model says: the ``share`` of the population that is unique, and its interval."""

    model: str
    share: float
    interval: Interval | None = None


@dataclass(frozen=True, slots=True)
class Range:
    """What all models that fit say together, of ``members`` people out of ``population``."""

    estimates: tuple[Estimate, ...]
    members: int
    population: int

    @property
    def low(self) -> float:
        """The lowest estimate."""
        return min(estimate.share for estimate in self.estimates)

    @property
    def high(self) -> float:
        """The highest estimate."""
        return max(estimate.share for estimate in self.estimates)

    @property
    def widest(self) -> Interval:
        """From the lowest end of any model's interval to the highest."""
        known = [e.interval or Interval(e.share, e.share, 0.95, "") for e in self.estimates]
        ends = min(each.low for each in known), max(each.high for each in known)
        return Interval(*ends, 0.95, "widest-of-models")

    @property
    def fraction(self) -> float:
        """The sampling fraction."""
        return self.members / self.population


def population_uniqueness(sample: ClassSizes, population: int, *, seed: int) -> Range:
    """Return what the models of class sizes say of a population of that size.

    A model that does not fit is left out; Zayatz's always gives an answer. Where nobody is alone in
    the sample, nobody in it is alone in the population: the share is 0 then, and no estimate.
    """
    found: list[Estimate] = []
    for name, model in MODELS.items():
        share = model(sample, population)
        if share is None:
            continue
        chosen = [each for each in found if each.share == share and name == _RULE]
        if chosen:
            # The rule picks a model: its uncertainty is that model's.
            found.append(Estimate(name, share, chosen[0].interval))
            continue
        interval = None
        if share > 0:
            interval = jackknife(model, sample, population, value=share, seed=seed)
        found.append(Estimate(name, share, interval))
    return Range(tuple(found), sample.members, population)


def copula_uniqueness(
    table: Table,
    quasi_identifiers: Sequence[str],
    classes: EquivalenceClasses,
    *,
    population: int,
    seed: int,
) -> Estimate | None:
    """Return what a Gaussian copula says, asked for people who are alone in the sample.

    Who is not alone here is not alone in the population; who is stays so if none of the people
    outside the sample has the same values. The interval tells the chance of whom was asked, not
    that of the fit. None where a column has so many values that it names people.
    """
    members = int(classes.people.sum())
    alone = np.flatnonzero(classes.people == 1)
    if not alone.size:
        return Estimate(_COPULA, 0.0)
    columns = [ordered_column(table, name) for name in quasi_identifiers]
    if any(column.counts.size > _MOST_VALUES for column in columns):
        return None
    generator = np.random.default_rng(seed)
    asked = generator.choice(alone, min(_ASKED, alone.size), replace=False)
    row_of_class = np.zeros(classes.count, np.int64)
    row_of_class[classes.of_row] = np.arange(classes.of_row.size)
    rows = row_of_class[asked]
    codes = np.stack([column.codes[rows] for column in columns], axis=1).astype(np.int64)
    chances = fit_copula(columns).probabilities(codes, seed=seed)
    stays = alone_among(chances, population - members) * (alone.size / members)
    interval = bootstrap_interval(
        lambda drawn: float(stays[drawn].mean()), stays.size, seed=seed, draws=_DRAWS
    )
    return Estimate(_COPULA, float(stays.mean()), interval)


def estimate_population(
    table: Table,
    quasi_identifiers: Sequence[str],
    classes: EquivalenceClasses,
    *,
    population: int,
    seed: int = 20260101,
) -> Range:
    """Return what every model says of the population that a table was drawn from.

    ``classes`` are those of the table on its quasi-identifiers. In memory are a few numbers per
    row. Raises SchemaError for an unknown column.
    """
    found = population_uniqueness(class_sizes(classes.people), population, seed=seed)
    copula = copula_uniqueness(table, quasi_identifiers, classes, population=population, seed=seed)
    more = () if copula is None else (copula,)
    return Range((*found.estimates, *more), found.members, population)
