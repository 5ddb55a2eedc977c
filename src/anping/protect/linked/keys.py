"""Which column names people in each of several tables, said apart from their plans."""

from __future__ import annotations

from collections.abc import Mapping

from anping.protect.plan import Plan
from anping.protect.plan_entries import Drop, Pseudonym, Transform


def keyed(plans: Mapping[str, Plan], keys: Mapping[str, str]) -> dict[str, Plan]:
    """Return the plans with the columns ``keys`` (table to column) as their privacy units.

    A key column that a plan drops becomes a pseudonym instead, of the kind that the others have, so
    that the released tables can be joined. Raises PlanError for a column that a plan does not have
    or generalises.
    """
    units = {name: keys.get(name, plan.privacy_unit) for name, plan in plans.items()}
    named = (plans[name].columns.get(unit or "", ()) for name, unit in units.items())
    found = [each for entries in named for each in entries if isinstance(each, Pseudonym)]
    pseudonym = found[0] if found else Pseudonym()
    return {name: _keyed(plan, units[name], pseudonym) for name, plan in plans.items()}


def _keyed(plan: Plan, unit: str | None, pseudonym: Pseudonym) -> Plan:
    if unit is None or unit == plan.privacy_unit:
        return plan
    columns: dict[str, tuple[Transform, ...]] = dict(plan.columns)
    if any(isinstance(each, Drop) for each in columns.get(unit, ())):
        columns[unit] = (pseudonym,)
    return Plan.model_validate({**dict(plan), "privacy_unit": unit, "columns": columns})
