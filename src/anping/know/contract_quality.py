"""Quality rules of a contract: the library metrics of ODCS 3.1, and the rule names of 3.0."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from anping.core.errors import Where
from anping.know.contract_rules import OPERATORS, RowRule, WholeRule, malformed, require_pattern

Rules = tuple[list[RowRule], list[WholeRule], list[str]]

#: Rule names of ODCS 3.0 and of its examples, as the metrics of 3.1.
_METRICS = {
    "rowCount": "rowCount", "nullValues": "nullValues", "missingValues": "missingValues",
    "invalidValues": "invalidValues", "duplicateValues": "duplicateValues",
    "duplicateCount": "duplicateValues", "uniqueCheck": "duplicateValues",
    "nullCheck": "nullValues", "nullCount": "nullValues", "validValues": "invalidValues",
    "regex": "invalidValues", "patternCheck": "invalidValues",
}  # fmt: skip
_LENIENT = frozenset({"warning", "warn", "info", "low", "minor"})


def quality_rules(entries: Any, column: str | None, where: Where) -> Rules:
    """Return the rules of a list of quality entries (of a column, or of the object for None).

    A count that must be 0 is a rule on rows: those that break it can be put aside. What is left is
    named: words, SQL, vendor's rules and metrics that are not known.
    """
    rows: list[RowRule] = []
    whole: list[WholeRule] = []
    left: list[str] = []
    if entries is not None and not isinstance(entries, list):
        raise malformed("quality", where)
    for at, entry in enumerate(entries or []):
        if not isinstance(entry, dict):
            raise malformed("quality", where)
        name = entry.get("metric") or entry.get("rule")
        metric = _METRICS.get(str(name))
        kind = str(entry.get("type") or "library")
        rule = None if kind != "library" or metric is None else _rule(entry, metric, column, where)
        if rule is None:
            left.append(f"quality[{at}] {kind}{f' {name}' if name else ''}")
        elif isinstance(rule, tuple):
            rows += rule
        else:
            whole.append(rule)
    return rows, whole, left


def _rule(
    entry: Mapping[str, Any], metric: str, column: str | None, where: Where
) -> WholeRule | tuple[RowRule, ...] | None:
    arguments = entry.get("arguments")
    arguments = {**entry, **(arguments if isinstance(arguments, dict) else {})}
    columns = (column,) if column else tuple(str(n) for n in arguments.get("properties") or ())
    if (metric == "rowCount") == bool(columns):
        return None
    within = _within(metric, column or "", arguments)
    for rule in within:
        require_pattern(rule, where)
    if metric in {"missingValues", "invalidValues"} and not within:
        return None
    operator, limit = _operator(entry, metric, where)
    strict = str(entry.get("severity") or "error").lower() not in _LENIENT
    if operator == "mustBe" and limit == 0 and strict and within:
        return within
    percent = str(entry.get("unit") or "rows") in {"percent", "%"}
    return WholeRule(metric, columns, operator, limit, percent, strict, within)


def _within(metric: str, column: str, arguments: Mapping[str, Any]) -> tuple[RowRule, ...]:
    if metric == "nullValues":
        return (RowRule("required", column),) if column else ()
    if metric == "missingValues":
        words = arguments.get("missingValues")
        if not isinstance(words, list):
            return ()
        texts = tuple(str(word) for word in words if word is not None)
        required = (RowRule("required", column),) if None in words else ()
        return (*required, RowRule("missing", column, texts))
    if metric == "invalidValues":
        found = []
        if isinstance(arguments.get("validValues"), list):
            found.append(RowRule("enum", column, tuple(str(v) for v in arguments["validValues"])))
        pattern = arguments.get("pattern") or arguments.get("regex")
        if isinstance(pattern, str):
            found.append(RowRule("pattern", column, pattern))
        return tuple(found)
    return ()


def _operator(
    entry: Mapping[str, Any], metric: str, where: Where
) -> tuple[str, float | tuple[float, float]]:
    given = [name for name in OPERATORS if name in entry]
    if not given and metric != "rowCount":
        return "mustBe", 0.0
    if len(given) != 1:
        raise malformed(f"quality {metric}", where)
    limit = entry[given[0]]
    pair = given[0].endswith("Between")
    values = limit if pair and isinstance(limit, list) else [limit]
    plain = all(isinstance(value, (int, float)) and not isinstance(value, bool) for value in values)
    if not plain or len(values) != (2 if pair else 1):
        raise malformed(f"quality {metric} {given[0]}", where)
    numbers = [float(value) for value in values]
    return given[0], (numbers[0], numbers[1]) if pair else numbers[0]
