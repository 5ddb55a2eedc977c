"""A family of plans: one plan with other numbers in its privacy model, each with an id to pick it by."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import product
from typing import Any, Literal

from anping.core.errors import ParameterError, PlanError
from anping.core.text import Text
from anping.protect.entries_criteria import Closeness
from anping.protect.plan import Plan
from anping.protect.plan_entries import ModelSpec

Recoding = Literal["local", "numeric", "full_domain", "both"]
RECODINGS: tuple[Recoding, ...] = ("local", "numeric", "full_domain", "both")
#: Ways that place every row themselves.
_ALONE = {"local", "numeric"}
#: The id of the plan that the family was made from.
GIVEN = "plan"

_NEEDS_SEARCH = "plan.needs-search"
_GIVEN = Text("給定的計畫", "plans as given")
_TITLES: Mapping[str, Text] = {
    "local": Text("區域重編碼", "local recoding"),
    "numeric": Text("區域重編碼，數字任意切分", "local, numbers cut anywhere"),
    "full_domain": Text("全域概化", "full domain"),
    "both": Text("全域概化加區域重編碼", "full domain, then local"),
}
_LOCAL = {"full_domain": False, "local_recoding": True}
_SWITCHES: Mapping[Recoding, Mapping[str, bool | str]] = {
    "local": {**_LOCAL, "recoding": "hierarchical"},
    "numeric": {**_LOCAL, "recoding": "numeric"},
    "full_domain": {"full_domain": True, "local_recoding": False, "recoding": "hierarchical"},
    "both": {"full_domain": True, "local_recoding": True, "recoding": "hierarchical"},
}


@dataclass(frozen=True, slots=True)
class Family:
    """Which numbers of the model are varied: every combination is one candidate.

    ``suppression`` are the shares of rows that a full-domain search may remove; local recoding
    alone has no use for them, and after a search only the largest is taken. Empty ``l`` and ``t`` leave the plan's own; an ``l`` of 1 asks for
    none. Raises ParameterError for a family without k or recoding, or with numbers that mean nothing.
    """

    k: tuple[int, ...] = (2, 3, 5, 11, 20, 50)
    recoding: tuple[Recoding, ...] = RECODINGS
    suppression: tuple[float, ...] = (0.0, 0.02, 0.1)
    l: tuple[int, ...] = ()  # noqa: E741 - the field's own letter
    t: tuple[float, ...] = ()

    def __post_init__(self) -> None:
        fits = (
            self.k and min(self.k) >= 2,
            self.recoding and set(self.recoding) <= set(RECODINGS),
            all(0 <= share <= 1 for share in self.suppression),
            self.suppression or set(self.recoding) <= _ALONE,
            all(number >= 1 for number in self.l),
            all(0 < number <= 1 for number in self.t),
        )
        if not all(fits):
            raise ParameterError(
                "frontier.family",
                Text(
                    "這一族計畫的數值不成立。", "The numbers of this family of plans do not hold."
                ),
                hint=Text(
                    f"k 至少 2；recoding 用 {'、'.join(RECODINGS)}；suppression 在 0 到 1；l 至少 1；t 在 0 到 1。",
                    f"k is at least 2; recoding is {', '.join(RECODINGS)}; suppression lies in 0 to 1; "
                    "l is at least 1; t lies in 0 to 1.",
                ),
            )


@dataclass(frozen=True, slots=True)
class Candidate:
    """One plan to try: its ``id`` (``k5-local``), what is particular about it, and its kind."""

    id: str
    what: Text
    kind: Text
    plan: Plan


def candidates(
    plan: Plan, family: Family | None = None, *, also: Mapping[str, Plan] | None = None
) -> tuple[Candidate, ...]:
    """Return the plan itself, the family made from it, and the plans of ``also`` under their names.

    Equal plans are tried once, under the id that says most; a way of recoding that the plan's goal or
    criteria forbid (the average risk belongs to a search) is left out. Raises ParameterError where the plan
    has no model to vary, or l or t is asked for without a sensitive column; PlanError for a
    candidate that contradicts itself.
    """
    spec = plan.model
    if spec is None:
        raise ParameterError(
            "frontier.no-model",
            Text("計畫沒有隱私模型可以變化。", "The plan has no privacy model to vary."),
            hint=Text(
                "概化至少一個準識別欄位，並加上 model。",
                "Generalise a quasi-identifier and add a model.",
            ),
        )
    asked = family or Family()
    found = [*_family(plan, spec, asked)]
    if all(each.plan != plan for each in found):
        found.insert(0, Candidate(GIVEN, Text("給定的計畫", "the plan as given"), _GIVEN, plan))
    found += [
        Candidate(name, Text(f"計畫「{name}」", f"plan “{name}”"), _GIVEN, other)
        for name, other in (also or {}).items()
    ]
    distinct: dict[str, Candidate] = {}
    for each in found:
        distinct.setdefault(each.plan.model_dump_json(), each)
    _check_ids([each.id for each in distinct.values()])
    return tuple(distinct.values())


def _check_ids(ids: list[str]) -> None:
    if len(set(ids)) == len(ids):
        return
    raise ParameterError(
        "frontier.doubled",
        Text("有兩個計畫同名。", "Two plans have the same name."),
        hint=Text("每個計畫檔取不同的名稱。", "Give each plan file a name of its own."),
    )


def _family(plan: Plan, spec: ModelSpec, family: Family) -> Iterator[Candidate]:
    diversities = [_diversity(spec, one) for one in family.l] or [_Part("", Text("", ""), {})]
    closenesses = [_closeness(spec, one) for one in family.t] or [_Part("", Text("", ""), {})]
    for recoding, k, l_part, t_part in product(family.recoding, family.k, diversities, closenesses):
        # After a search, recoding brings back what it suppressed: one limit says it all.
        limits: tuple[float | None, ...] = family.suppression
        if recoding == "both":
            limits = (max(family.suppression),)
        elif recoding in _ALONE:
            limits = (None,)
        for limit in limits:
            parts = (_recoding(recoding, limit), l_part, t_part)
            values = {"k": k} | {key: value for part in parts for key, value in part.values.items()}
            varied = _varied(plan, spec, values)
            if varied is None:
                continue
            yield Candidate(
                f"k{k}" + "".join(part.id for part in parts),
                Text(
                    f"k={k}" + "".join(part.what.zh for part in parts),
                    f"k={k}" + "".join(part.what.en for part in parts),
                ),
                _TITLES[recoding],
                varied,
            )


@dataclass(frozen=True, slots=True)
class _Part:
    """One choice: its piece of the id and of the words, and the model's settings."""

    id: str
    what: Text
    values: Mapping[str, Any]


def _recoding(recoding: Recoding, limit: float | None) -> _Part:
    name, title = recoding.removesuffix("_domain"), _TITLES[recoding]
    if limit is None:
        return _Part(f"-{name}", Text(f"，{title.zh}", f", {title.en}"), dict(_SWITCHES[recoding]))
    share = f"{limit * 100:g}"
    return _Part(
        f"-{name}-s{share}",
        Text(f"，{title.zh}，至多抑制 {share}%", f", {title.en}, at most {share}% suppressed"),
        {**_SWITCHES[recoding], "suppression_limit": limit},
    )


def _diversity(spec: ModelSpec, number: int) -> _Part:
    if number == 1:
        none = {"l": None, "sensitive": (), "l_kind": "distinct", "c": None}
        return _Part("-l1", Text("，不求 l", ", no l"), none)
    _require_sensitive(spec)
    return _Part(f"-l{number}", Text(f"，l={number}", f", l={number}"), {"l": number})


def _closeness(spec: ModelSpec, number: float) -> _Part:
    """Return t-closeness of every sensitive column, with the distances that the plan gives."""
    _require_sensitive(spec)
    given = {each.column: each for each in spec.criteria if isinstance(each, Closeness)}
    asked = [
        Closeness(**{
            "kind": "t-closeness", "column": column,
            **(given[column].model_dump() if column in given else {}), "t": number,
        })
        for column in spec.protected
    ]  # fmt: skip
    others = [each for each in spec.criteria if not isinstance(each, Closeness)]
    return _Part(
        f"-t{number:g}", Text(f"，t={number:g}", f", t={number:g}"),
        {"criteria": (*others, *asked)},
    )  # fmt: skip


def _require_sensitive(spec: ModelSpec) -> None:
    if spec.protected:
        return
    raise ParameterError(
        "frontier.no-sensitive",
        Text(
            "要變化 l 或 t，計畫卻沒有敏感欄位。",
            "To vary l or t the plan must name a sensitive column.",
        ),
        hint=Text(
            "在計畫寫例如 model: {k: 5, l: 2, sensitive: [欄位]}。",
            "Write for example model: {k: 5, l: 2, sensitive: [column]} in the plan.",
        ),
    )


def _varied(plan: Plan, spec: ModelSpec, values: Mapping[str, Any]) -> Plan | None:
    """Return the plan with other numbers, None where its goal or criteria belong to another way."""
    body = {name: getattr(spec, name) for name in ModelSpec.model_fields}
    fields = {name: getattr(plan, name) for name in Plan.model_fields}
    # A named profile stands for its own k: what was varied is no longer it.
    if values["k"] != spec.k:
        fields["profile"] = None
    try:
        return Plan(**{**fields, "model": ModelSpec(**{**body, **values})})
    except PlanError as problem:
        if problem.code == _NEEDS_SEARCH:
            return None
        raise
