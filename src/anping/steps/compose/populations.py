"""The population's table among a step's inputs: the one that criteria of the plan look at."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from anping.workspace.step import Inputs, Parameters, Port, parameter

if TYPE_CHECKING:
    from anping.protect import Settings

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


def beside_population(settings: Settings, inputs: Inputs) -> Settings:
    """Return the settings with the population's table, where one was handed over."""
    from anping.engine.table import Table

    if "population" not in inputs:
        return settings
    return replace(settings, population=Table.open(inputs["population"].path))
