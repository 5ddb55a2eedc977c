"""The risk step's ports, and its attack on several tables at once, by joined profiles."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from anping.core.errors import ParameterError
from anping.core.measure import Measure
from anping.core.text import Text
from anping.workspace.parameters import check_subject
from anping.workspace.step import Inputs, Port

_LINKED = (
    Port("table", "table", "{subject}"),
    Port("leaves", "table", "{subject}.leaves"),
    Port("protected", "table", "{subject}.protected"),
    Port("links", "table", "{subject}.links"),
    Port("protection", "report", "{subject}.protection"),
    Port("paths", "report", "{subject}.paths"),
    Port("plan", "plan", "{subject}.plan", optional=True),
)
TAKES = (*_LINKED, Port("hierarchies", "report", "{subject}.hierarchies", optional=True))
GIVES = (Port("risk", "report", "{subject}.risk"),)


def risk_ports(given: Any) -> tuple[tuple[Port, ...], tuple[Port, ...]]:
    """Return what the step takes for its subject, and as ``port.table`` for each linked one.

    Raises ParameterError for a table's name that cannot be one, or that is given twice.
    """
    names = tuple(given.linked)
    for name in names:
        check_subject(name)
    if len(set(names)) < len(names):
        raise ParameterError(
            "risk.linked-twice",
            Text("同一個表寫了兩次。", "A linked table is named twice."),
            hint=Text("每個表寫一次。", "Name each once."),
        )
    more = (
        replace(port, name=f"{port.name}.{name}", pattern=port.asset_name(name))
        for name in names
        for port in _LINKED
    )
    return (*TAKES, *more), GIVES


def joined_attack(given: Any, inputs: Inputs) -> tuple[Measure, ...]:
    """Return how the attack by joined profiles went; nothing where no linked table is given.

    Raises ParameterError for a table that releases no pseudonym of people, or is given twice.
    """
    from anping.protect.risk.attacks.profile_linkage import link_profiles
    from anping.protect.risk.attacks.scene import AttackOptions

    if not given.linked:
        return ()
    tables = {name: _linked(name, own) for name, own in _each(given, inputs)}
    if len({inputs[port].asset.name for port in inputs if port.partition(".")[0] == "table"}) < len(
        tables
    ):
        raise _joins_nothing("")
    return link_profiles(tables, options=AttackOptions(given.seed, given.targets))


def _each(given: Any, inputs: Inputs) -> Iterator[tuple[str, Inputs]]:
    """Yield the tables by name (the subject's is empty) with their own inputs by port."""
    for name in ("", *given.linked):
        ends = {port.name: f"{port.name}.{name}" if name else port.name for port in _LINKED}
        yield name, {port: inputs[there] for port, there in ends.items() if there in inputs}


def _linked(name: str, inputs: Inputs) -> Any:
    from anping.engine.table import Table
    from anping.protect.risk.attacks.profile_linkage import LinkedTable
    from anping.protect.risk.attacks.scene import Attacked
    from anping.protect.risk.compatible import Compatible
    from anping.steps.compose.assets import paths_of, protection_of

    found = protection_of(inputs)
    if found.person is None or found.privacy_unit is None:
        raise _joins_nothing(name)
    scene = Attacked.of(
        Table.open(inputs["table"].path),
        Table.open(inputs["protected"].path),
        links=Table.open(inputs["links"].path),
        compatible=Compatible(paths_of(inputs), leaf_table=Table.open(inputs["leaves"].path)),
    )
    normal = _normalisation(inputs)
    return LinkedTable(scene, found.quasi_identifiers, found.privacy_unit, found.person, normal)


def _normalisation(inputs: Inputs) -> Any:
    """Return how the plan reads the cells that name people."""
    from anping.protect import read_plan
    from anping.protect.fit_columns import person_of

    person = person_of(read_plan(inputs["plan"].path)) if "plan" in inputs else None
    return "identifier" if person is None else person.normalisation


def _joins_nothing(name: str) -> ParameterError:
    return ParameterError(
        "risk.not-joinable",
        Text(
            f"表「{name}」沒有釋出代表「人」的假名，攻擊者無法把它與其他表相連。"
            if name
            else "這個表沒有釋出代表「人」的假名，或與自己相連：攻擊者無法相連。",
            f"The table “{name}” releases no pseudonym of people, so an attacker cannot join it."
            if name
            else "The table releases no pseudonym of people, or is linked with itself: nothing joins.",
        ),
        hint=Text(
            "只列出以 anping protect-linked 一起保護、且釋出假名的表。",
            "Name tables that anping protect-linked protected together and that keep a pseudonym.",
        ),
    )
