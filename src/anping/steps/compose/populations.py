"""The population's table among a step's inputs: the one that criteria of the plan look at."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from anping.steps.compose import hierarchies
from anping.workspace.step import Context, Inputs, Parameters, Port, parameter

if TYPE_CHECKING:
    from anping.protect import Plan, Settings

Ports = tuple[Port, ...]


class PopulationParameters(Parameters):
    """Which table holds everybody, of whom the subject's people are some."""

    population: str | None = parameter(
        "母體的表（k-map 與 delta-presence 要看的）",
        "the population's table, which k-map and delta-presence look at",
        None,
        min_length=1,
        pattern=r"^[^{}]*$",
    )


def with_population(takes: Ports, gives: Ports) -> Callable[[Any], tuple[Ports, Ports]]:
    """Return the ports of a step that also takes the population's table, if one is named."""

    def ports(given: Any) -> tuple[Ports, Ports]:
        if given is None or given.population is None:
            return takes, gives
        return (*takes, Port("population", "table", given.population)), gives

    return ports


def looked_at(plan: Plan, inputs: Inputs) -> tuple[Inputs, frozenset[str]]:
    """Return the inputs without a population that no criterion looks at, and the port left out."""
    from anping.protect.entries_criteria import needs_population

    needed = plan.model is not None and needs_population(plan.model.criteria)
    if needed or "population" not in inputs:
        return inputs, frozenset()
    left = {port: given for port, given in inputs.items() if port != "population"}
    return left, frozenset({"population"})


def settings_of(context: Context, inputs: Inputs) -> Settings:
    """Return how the protection runs: with the plan's hierarchy files, and the population's table."""
    from anping.engine.table import Table

    settings = hierarchies.settings_of(context, inputs)
    if "population" not in inputs:
        return settings
    return replace(settings, population=Table.open(inputs["population"].path))
