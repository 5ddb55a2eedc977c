"""Plans of linked tables must agree on who a person is, and on the keys."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from anping.core.errors import ParameterError, PlanError, Where
from anping.core.text import Text
from anping.engine.table import Table
from anping.protect.entries_criteria import CriterionSpec, Uniqueness, needs_population
from anping.protect.fit_columns import person_of
from anping.protect.plan import Plan
from anping.protect.plan_entries import DateShift, Pseudonym

# Each is a bit of a number of 64 bits.
_FEWEST, _MOST = 2, 60


def check_agreement(tables: Mapping[str, Table], plans: Mapping[str, Plan]) -> None:
    """Raise unless the plans belong to the tables and agree.

    ParameterError for fewer than two tables, more than 60, or other names; PlanError for a plan without a privacy
    unit or with criteria about a population, people's pseudonyms or normal forms that differ, and date shifts that differ.
    """
    if not _FEWEST <= len(tables) <= _MOST or set(tables) != set(plans):
        raise ParameterError(
            "linked.names",
            Text(
                "相連的表要有 2 到 60 個，且每個表都要有同名的計畫。",
                "Linked tables are 2 to 60, and each has the plan of its name.",
            ),
            hint=Text("兩個對照表用同樣的名稱。", "Use the same names in both mappings."),
        )
    for name, plan in plans.items():
        if plan.privacy_unit is None:
            raise _refused(
                "linked.no-person",
                Text(
                    "計畫沒有寫 privacy_unit，無法與其他表相連。",
                    "The plan names no privacy_unit, so the table cannot be linked.",
                ),
                name,
                Text(
                    "用 privacy_unit 指出代表「人」的欄位。",
                    "Name the column that stands for a person.",
                ),
            )
        if plan.model is not None and any(map(_about_population, plan.model.criteria)):
            raise _refused(
                "linked.criteria",
                Text(
                    "以母體為準的準則（k-map 用母體的表、delta-presence、population-uniqueness）對合併後的樣貌"
                    "沒有定義：沒有人知道母體合併各表後的樣子。",
                    "Criteria about a population (k-map in a population's table, delta-presence,"
                    " population-uniqueness) are not defined for joined profiles: nobody knows what those"
                    " of the population are.",
                ),
                name,
                Text(
                    "從 model 移除這些準則；k、l、t 等都可以。",
                    "Take them out of the model; k, l, t and the others may stay.",
                ),
            )
    first = next(iter(plans))
    for name, plan in plans.items():
        if _person(plan) != _person(plans[first]) or not _same_pseudonyms(plan, plans):
            raise _refused(
                "linked.keys-differ",
                Text(
                    f"這個表與「{first}」的人不以相同方式成為假名。",
                    f"People become pseudonyms in another way than in “{first}”.",
                ),
                name,
                Text(
                    "privacy_unit 欄位在各表用相同的 method、key 與 normalise。",
                    "Give the privacy unit the same method, key and normalise in all tables.",
                ),
            )
    shifts = {(each.key, each.max_days) for plan in plans.values() for each in _shifts(plan)}
    if len(shifts) > 1:
        name = next(name for name, plan in plans.items() if any(_shifts(plan)))
        raise _refused(
            "linked.shifts-differ",
            Text(
                "各表的日期平移設定不同，同一人的間隔就不再一致。",
                "Date shifts differ between the tables, so a person's intervals would not hold.",
            ),
            name,
            Text(
                "所有 date_shift 用相同的 key 與 max_days。",
                "Give every date_shift the same key and max_days.",
            ),
        )


def _about_population(entry: CriterionSpec) -> bool:
    return needs_population([entry]) or isinstance(entry, Uniqueness)


def _refused(code: str, what: Text, table: str, hint: Text) -> PlanError:
    return PlanError(code, what, where=Where(file=table), hint=hint)


def _person(plan: Plan) -> str:
    person = person_of(plan)
    assert person is not None
    return person.normalisation


def _pseudonym(plan: Plan) -> Pseudonym | None:
    entries = plan.columns[plan.privacy_unit or ""]
    return next((each for each in entries if isinstance(each, Pseudonym)), None)


def _same_pseudonyms(plan: Plan, plans: Mapping[str, Plan]) -> bool:
    """Return whether people have one kind of pseudonym wherever they have one."""
    own = _pseudonym(plan)
    others = [each for each in map(_pseudonym, plans.values()) if each is not None]
    return own is None or all(_settings(each) == _settings(own) for each in others)


def _settings(entry: Pseudonym) -> tuple[str | None, ...]:
    return (entry.method, entry.key, entry.normalise, entry.alphabet)


def _shifts(plan: Plan) -> Iterator[DateShift]:
    for transforms in plan.columns.values():
        for each in transforms:
            if isinstance(each, DateShift):
                yield each
