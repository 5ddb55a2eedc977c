"""The release gate run again by an auditor, from plain values of a dossier and nothing else."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from anping.core.errors import AnpingError
from anping.core.labels import Tier
from anping.core.measure import Measure
from anping.core.text import Text
from anping.core.verdict import Reason
from anping.govern.policy import TierRules, parse_policy
from anping.govern.thresholds import measure_reasons


@dataclass(frozen=True, slots=True)
class Rechecked:
    """One thing that was checked again: its stable code, whether it holds, and what was seen."""

    code: str
    holds: bool
    what: Text


def recheck(
    predicate: Mapping[str, Any], measures: Iterable[Measure], policy: bytes
) -> tuple[Rechecked, ...]:
    """Run the measurable part of the release gate again.

    ``predicate`` is the release statement's, ``measures`` those of the statements it rests on, and
    ``policy`` the bytes of the policy file in the dossier. What a person decided (columns
    confirmed, roles) is not measured; for it the recorded reasons are read. Never raises: whatever
    cannot be checked is a failure with words.
    """
    return _rechecked(predicate, policy, lambda rules: measure_reasons(rules, tuple(measures)))


def recheck_model(predicate: Mapping[str, Any], policy: bytes) -> tuple[Rechecked, ...]:
    """Run what can be run again of the gate of a model, as :func:`recheck` does of a table's."""
    return _rechecked(predicate, policy, lambda _: ())


def _rechecked(
    predicate: Mapping[str, Any],
    policy: bytes,
    measured: Callable[[TierRules], Iterable[Reason]],
) -> tuple[Rechecked, ...]:
    try:
        rules = parse_policy(policy).rules(_tier(predicate))
        decision = predicate["decision"]
        recorded = {reason["code"]: bool(reason["holds"]) for reason in decision["reasons"]}
        outcome = str(decision["outcome"])
        asked = frozenset(predicate["invocation"]["parameters"].get("purposes") or ())
        conditions = decision["conditions"]
    except AnpingError as error:
        return (Rechecked(f"gate.{error.code}", holds=False, what=error.what),)
    except (KeyError, TypeError, ValueError, AttributeError):
        what = Text(
            "釋出的敘述缺少可重新檢查的決定。",
            "The release statement holds no decision that can be checked again.",
        )
        return (Rechecked("gate.unreadable", holds=False, what=what),)
    found = [_released(outcome, recorded), _conditions(rules, outcome, conditions)]
    found += [_same(reason, recorded) for reason in measured(rules)]
    return (*found, _purposes(rules, asked))


def _tier(predicate: Mapping[str, Any]) -> Tier:
    return Tier(predicate["invocation"]["parameters"]["tier"])


def _released(outcome: str, recorded: Mapping[str, bool]) -> Rechecked:
    code = "gate.outcome"
    failed = sorted(name for name, holds in recorded.items() if not holds)
    if outcome in {"allow", "allow-with-conditions"} and not failed:
        what = Text(
            "釋出的決定是允許，且每條規則都成立。", "The release was allowed; every rule held."
        )
        return Rechecked(code, holds=True, what=what)
    listed = ", ".join(failed) or outcome
    what = Text(
        f"釋出的決定與規則不符：{listed}。", f"The decision does not fit its rules: {listed}."
    )
    return Rechecked(code, holds=False, what=what)


def _conditions(rules: TierRules, outcome: str, conditions: Any) -> Rechecked:
    """Return whether the decision carries at least the policy's conditions."""
    enough = isinstance(conditions, list) and len(conditions) >= len(rules.conditions)
    named = outcome == "allow-with-conditions" or not rules.conditions
    if enough and named:
        what = Text("政策要求的條件都在決定中。", "The decision carries the policy's conditions.")
        return Rechecked("gate.conditions", holds=True, what=what)
    what = Text("決定缺少政策要求的條件。", "The decision lacks conditions the policy imposes.")
    return Rechecked("gate.conditions", holds=False, what=what)


def _same(reason: Reason, recorded: Mapping[str, bool]) -> Rechecked:
    code, why = reason.code, reason.why
    if not reason.holds:
        what = Text(f"重新檢查不成立：{why.zh}", f"Checked again, it does not hold: {why.en}")
        return Rechecked(f"gate.{code}", holds=False, what=what)
    if recorded.get(code) is not True:
        what = Text(
            f"決定沒有記錄這條規則：{why.zh}", f"The decision does not record this rule: {why.en}"
        )
        return Rechecked(f"gate.{code}", holds=False, what=what)
    return Rechecked(f"gate.{code}", holds=True, what=why)


def _purposes(rules: TierRules, asked: frozenset[str]) -> Rechecked:
    outside = sorted(asked - frozenset(rules.purposes)) if rules.purposes is not None else []
    missing = rules.purposes is not None and not asked
    if not outside and not missing:
        what = Text("目的都在此層級允許之內。", "Every purpose is one the tier allows.")
        return Rechecked("gate.purposes", holds=True, what=what)
    listed = ", ".join(outside) or "—"
    what = Text(f"此層級不允許的目的：{listed}", f"Purposes the tier does not allow: {listed}")
    return Rechecked("gate.purposes", holds=False, what=what)
