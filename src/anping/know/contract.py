"""A data contract says what a table must be: Open Data Contract Standard 3 (Bitol), read from YAML.

::

    from anping.know.contract import read_contract
    contract = read_contract(Path("visits.odcs.yaml").read_bytes(), candidates=("visits",))

What is checked becomes rules on rows or on the whole table. What a machine cannot check here (SQL,
vendor's rules, words) is listed in ``unchecked``; it is never passed over in silence.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import yaml

from anping.core.errors import ParameterError, Where
from anping.core.text import Text
from anping.engine.plain_yaml import load_plain
from anping.know.contract_quality import quality_rules
from anping.know.contract_rules import RowRule, WholeRule, malformed, require_pattern

_MOST_BYTES = 5 << 20
_LOGICAL = frozenset({"string", "date", "timestamp", "time", "number", "integer", "boolean"})
_FORMATS = frozenset({"email", "uuid", "ipv4", "ipv6", "uri", "hostname"})
_LIMITS = ("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf")


@dataclass(frozen=True, slots=True)
class Contract:
    """The rules of one object (table) of a contract.

    ``columns`` are the names that must be there. ``types`` are the column types that the contract
    declares, as a reader takes them. ``unchecked`` names what was not turned into a rule.
    """

    name: str
    version: str
    columns: tuple[str, ...]
    types: Mapping[str, str]
    row_rules: tuple[RowRule, ...]
    whole_rules: tuple[WholeRule, ...]
    unchecked: tuple[str, ...]


def read_contract(content: bytes, *, file: str = "", candidates: Sequence[str] = ()) -> Contract:
    """Read a contract. ``candidates`` name the object to take where it has several.

    Raises InputError if it is no ODCS 3 contract or a rule is malformed, ParameterError if it has
    several objects and none is a candidate.
    """
    where = Where(file=file or None)
    body = _loaded(content, where)
    objects = [each for each in body.get("schema") or [] if isinstance(each, dict)]
    chosen = _chosen(objects, candidates, where)
    properties = chosen.get("properties") or []
    if not isinstance(properties, list) or not all(
        isinstance(p, dict) and p.get("name") for p in properties
    ):
        raise malformed("schema.properties", where)
    unchecked: list[str] = []
    rows: list[RowRule] = []
    whole: list[WholeRule] = []
    for each in properties:
        column = str(each.get("physicalName") or each["name"])
        found, left = _property(each, column, where)
        quality_rows, quality_whole, quality_left = quality_rules(
            each.get("quality"), column, where
        )
        rows += [*found, *quality_rows]
        whole += quality_whole
        unchecked += [f"{column}.{name}" for name in (*left, *quality_left)]
        if each.get("unique") is True:
            whole.append(WholeRule("unique", (column,), "mustBe", 0))
    rows_of_object, whole_of_object, left = quality_rules(chosen.get("quality"), None, where)
    unchecked += [*(rule.name for rule in rows_of_object), *left]
    whole += [*whole_of_object, *_key(properties)]
    return Contract(
        name=str(chosen.get("name") or ""),
        version=str(body.get("version") or ""),
        columns=tuple(str(each.get("physicalName") or each["name"]) for each in properties),
        types=dict(_types(properties)),
        row_rules=tuple(dict.fromkeys(rows)),
        whole_rules=tuple(dict.fromkeys(whole)),
        unchecked=tuple(unchecked),
    )


def _loaded(content: bytes, where: Where) -> dict[str, Any]:
    try:
        body = load_plain(content.decode("utf-8-sig")) if len(content) <= _MOST_BYTES else None
    except (UnicodeDecodeError, yaml.YAMLError, RecursionError, ValueError):
        body = None
    if not isinstance(body, dict) or body.get("kind") != "DataContract":
        raise malformed("kind: DataContract", where)
    if not str(body.get("apiVersion", "")).startswith("v3."):
        raise malformed("apiVersion: v3.x", where)
    if not isinstance(body.get("schema"), list):
        raise malformed("schema", where)
    return body


def _chosen(
    objects: Sequence[dict[str, Any]], candidates: Sequence[str], where: Where
) -> dict[str, Any]:
    if len(objects) == 1:
        return objects[0]
    for candidate in candidates:
        for each in objects:
            if candidate in {each.get("name"), each.get("physicalName"), each.get("id")}:
                return each
    listed = ", ".join(str(each.get("name")) for each in objects) or "-"
    raise ParameterError(
        "parameter.contract-object",
        Text(
            "契約裡有好幾個表，沒有一個與這份資料同名。",
            "The contract has several tables and none is named as these data are.",
        ),
        where=where,
        hint=Text(f"把資料取名為其中之一：{listed}", f"Name the subject as one of them: {listed}"),
    )


def _property(
    each: Mapping[str, Any], column: str, where: Where
) -> tuple[list[RowRule], list[str]]:
    """Return the rules of one property, and the names of what is not checked."""
    rules: list[RowRule] = []
    left: list[str] = []
    logical = each.get("logicalType")
    if each.get("required") is True:
        rules.append(RowRule("required", column))
    if logical is not None and logical not in _LOGICAL:
        left.append(f"logicalType {logical}")
    elif logical not in {None, "string"} and not _own_format(each):
        rules.append(RowRule("logicalType", column, str(logical)))
    options = each.get("logicalTypeOptions") or {}
    if not isinstance(options, dict):
        raise malformed(f"{column}.logicalTypeOptions", where)
    for name, value in options.items():
        rule = _option(str(name), value, column, options)
        if rule is not None:
            rules.append(rule)
        elif not (name in {"exclusiveMinimum", "exclusiveMaximum"} and value is False):
            left.append(f"logicalTypeOptions.{name}")
    rules += _enumerated(each.get("enum"), column)
    for rule in rules:
        require_pattern(rule, where)
    return rules, left


def _enumerated(allowed: Any, column: str) -> list[RowRule]:
    if not isinstance(allowed, list) or not allowed:
        return []
    values = [entry.get("value") if isinstance(entry, dict) else entry for entry in allowed]
    return [RowRule("enum", column, tuple(str(value) for value in values))]


def _option(name: str, value: Any, column: str, options: Mapping[str, Any]) -> RowRule | None:
    if name in {"minLength", "maxLength"} and isinstance(value, int):
        return RowRule(name, column, value)
    if name == "pattern" and isinstance(value, str):
        return RowRule(name, column, value)
    if name == "format" and value in _FORMATS:
        return RowRule(name, column, str(value))
    # In 3.0 an exclusive limit was a yes or no beside the limit, since 3.1 it is the limit itself.
    if name in {"exclusiveMinimum", "exclusiveMaximum"} and value is True:
        limit = options.get("minimum" if name == "exclusiveMinimum" else "maximum")
        return None if limit is None else RowRule(name, column, _limit(limit))
    if name in _LIMITS and not isinstance(value, bool):
        return RowRule(name, column, _limit(value))
    return None


def _limit(value: Any) -> int | float | str:
    return value if isinstance(value, (int, float)) else str(value)


def _own_format(each: Mapping[str, Any]) -> bool:
    """Return whether dates are written in a format of the contract's own, which is told instead."""
    options = each.get("logicalTypeOptions") or {}
    return each.get("logicalType") in {"date", "timestamp", "time"} and "format" in options


def _key(properties: Sequence[Mapping[str, Any]]) -> Iterator[WholeRule]:
    keys = [each for each in properties if each.get("primaryKey") is True]
    keys.sort(key=lambda each: each.get("primaryKeyPosition") or 0)
    names = tuple(str(each.get("physicalName") or each["name"]) for each in keys)
    if names:
        yield WholeRule("primaryKey", names, "mustBe", 0)
        for name in names:
            yield WholeRule("nullValues", (name,), "mustBe", 0)


def _types(properties: Sequence[Mapping[str, Any]]) -> Iterator[tuple[str, str]]:
    readable = {
        "string": "string", "integer": "integer", "number": "real", "boolean": "boolean",
        "date": "date",
    }  # fmt: skip
    for each in properties:
        kind = readable.get(str(each.get("logicalType")))
        if kind is not None and not _own_format(each):
            yield str(each.get("physicalName") or each["name"]), kind
