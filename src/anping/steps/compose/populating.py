"""Risk beyond the classes that were counted: the population, and rows that stand out on few columns."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from math import comb
from typing import Any, Literal

from anping.core.measure import Measure
from anping.engine.table import Table
from anping.protect.risk.classes import EquivalenceClasses
from anping.protect.risk.population.estimate import estimate_population
from anping.protect.risk.population.measures import population_measures
from anping.protect.risk.population.sizes import population_of
from anping.protect.risk.special_unique_measures import LARGEST, measure_special_uniques
from anping.protect.risk.special_uniques import MOST_SETS
from anping.protect.risk.wildcards import measure_wildcards
from anping.steps.compose.assets import OWN_VALUE, Protection
from anping.steps.compose.effort import with_uniques


@dataclass(frozen=True, slots=True)
class Sampling:
    """What a person says of the population (its size or the sampling fraction), the seed, the effort."""

    population: int | None
    fraction: float | None
    threshold: float
    seed: int
    effort: str = "standard"

    @classmethod
    def of(cls, given: Mapping[str, Any]) -> Sampling:
        """Read it from the step's parameters; statements of earlier versions lack some of them."""
        return cls(
            given.get("population"),
            given.get("sampling_fraction"),
            given["threshold"],
            given["seed"],
            given.get("attacks", "standard"),
        )

    def drawn(self, share: float | None) -> Sampling:
        """Return the same for a sample of ``share`` of the table that this was said of.

        Where nobody said how large the population is, it is at least that table.
        """
        if share is None or self.population is not None:
            return self
        return replace(self, fraction=share * (self.fraction or 1.0))


def measured_beyond(
    table: Table,
    quasi_identifiers: Sequence[str],
    classes: EquivalenceClasses,
    *,
    sampling: Sampling,
    subject: Literal["before", "after"],
) -> tuple[Measure, ...]:
    """Return the population's range of models, where its size is known, and SUDA.

    SUDA is left out where the effort does not reach so far, and where the quasi-identifiers are so
    many that too many sets would be looked at.
    """
    members = int(classes.people.sum())
    population = population_of(
        members, population=sampling.population, sampling_fraction=sampling.fraction
    )
    measures: tuple[Measure, ...] = ()
    if population is not None:
        found = estimate_population(
            table, quasi_identifiers, classes, population=population, seed=sampling.seed
        )
        measures = population_measures(
            found, seed=sampling.seed, subject=subject, told=classes.told
        )
    uniques = with_uniques(sampling.effort, table.rows)
    if not uniques or not _few_enough(len(quasi_identifiers)):
        return measures
    return measures + measure_special_uniques(
        table,
        quasi_identifiers,
        classes=classes,
        sampling_fraction=None if population is None else members / population,
        threshold=sampling.threshold,
        subject=subject,
    )


def measured_wildcards(
    table: Table, found: Protection, classes: EquivalenceClasses, *, threshold: float
) -> tuple[Measure, ...]:
    """Return the risk with missing values as wildcards, where the plan took them for such."""
    if found.missing == OWN_VALUE:
        return ()
    return measure_wildcards(
        table, found.quasi_identifiers, classes, threshold=threshold, subject="after"
    )


def _few_enough(columns: int) -> bool:
    sets = sum(comb(columns, size) for size in range(1, min(LARGEST, columns) + 1))
    return 0 < sets <= MOST_SETS
