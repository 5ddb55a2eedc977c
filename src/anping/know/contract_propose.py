"""A data contract is proposed from what was kept of a table's versions: Open Data Contract Standard.

::

    from anping.know.contract_propose import propose_contract
    proposed = propose_contract("customers", history.versions, table=newest)
    Path("customers.odcs.yaml").write_bytes(proposed.yaml())

A rule is proposed where every version kept it, and says from how many versions and cells it was
learned; what the newest version would break is left out, and named. The proposal holds no value of a
person: ranges end at round numbers that no cell crosses, and only labels that enough rows hold are
listed. A person edits it, sets its status to ``active``, and ``anping add --contract`` checks arrivals.
"""

from __future__ import annotations

import unicodedata
import uuid
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise
from math import ceil
from typing import Any

import numpy as np
import yaml

from anping.core.columns import ColumnFinding, Role
from anping.core.errors import ParameterError
from anping.core.text import Text
from anping.engine.table import Table
from anping.know.contract import Contract, read_contract
from anping.know.contract_check import measure_whole
from anping.know.contract_patterns import pattern_of
from anping.know.contract_rules import broken
from anping.know.discover.taxonomy import SemanticType, taxonomy, type_of
from anping.know.drift_svg import day
from anping.know.expected import expected_growth, expected_number, expected_share
from anping.know.summary import ColumnSummary, Summary

#: So many cells must have kept an exact rule in every version: below, chance would (rule of three:
#: Hanley & Lippman-Hand 1983, JAMA 249:1743, no exception in n bounds their share by about 3/n).
_CELLS = 20
_FORMATS = {"EMAIL": "email", "IP_ADDRESS": "ipv4"}
_HIDDEN = frozenset({Role.SENSITIVE, Role.SPECIAL_CATEGORY})
_LEVEL = 0.95
_ROUNDED = 1 / 6
_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class ProposedContract:
    """An ODCS contract as plain values, and the rules that the newest version broke, left out."""

    body: Mapping[str, Any]
    rules: int
    left_out: tuple[str, ...]

    def yaml(self) -> bytes:
        """Return the contract as a YAML file, equal for equal proposals."""
        text = yaml.safe_dump(dict(self.body), allow_unicode=True, sort_keys=False, width=100)
        return text.encode()


def propose_contract(
    name: str,
    versions: Sequence[Summary],
    *,
    table: Table,
    findings: Sequence[ColumnFinding] = (),
    types: Mapping[str, SemanticType] | None = None,
) -> ProposedContract:
    """Return the contract that every version of the table ``name`` kept.

    ``table`` is the newest version: the proposal is tried on it. Raises ParameterError
    (``contract.no-history``) without a version.
    """
    if not versions:
        raise no_history(name)
    ordered = sorted(versions, key=lambda each: each.version)
    kept = _body(name, ordered, findings, types or taxonomy())
    left_out = [ascii(c.column) for c in ordered[-1].columns if not _writable(c.column)]
    while True:
        contract = read_contract(_bytes(kept), candidates=(name,))
        wrong = _broken(table, contract)
        if not wrong:
            rules = len(contract.row_rules) + len(contract.whole_rules)
            return ProposedContract(kept, rules, tuple(left_out))
        for column, rule in wrong:
            left_out.append(f"{column}.{rule}" if column else rule)
            _drop(kept, column, rule)


def no_history(name: str) -> ParameterError:
    """Return the error for a table of which no version was kept."""
    return ParameterError(
        "contract.no-history",
        Text(
            f"「{name}」這一版還沒有保留摘要，無從提出契約。",
            f"No summary of this version of “{name}” was kept, so there is nothing to propose from.",
        ),
        hint=Text(f"先執行：anping quality {name}", f"Run first: anping quality {name}"),
    )


def _body(
    name: str,
    versions: Sequence[Summary],
    findings: Sequence[ColumnFinding],
    types: Mapping[str, SemanticType],
) -> dict[str, Any]:
    newest = versions[-1]
    known = {finding.column: finding for finding in findings}
    properties = [
        _property(_Told.of(column, versions), known, types)
        for column in newest.columns
        if _writable(column.column)
    ]
    urn = f"urn:anping:contract:{name}"
    listed = ", ".join(str(each.version) for each in versions)
    body: dict[str, Any] = {
        "apiVersion": "v3.1.0",
        "kind": "DataContract",
        "id": str(uuid.uuid5(uuid.NAMESPACE_URL, urn)),
        "name": name,
        "version": f"0.{newest.version}.0",
        "status": "proposed",
        "description": {
            "purpose": f"由第 {listed} 版學得的提案，待人確認。 "
            f"Proposed from versions {listed}; a person must confirm it.",
        },
        "schema": [
            {
                "name": name,
                "physicalType": "table",
                "logicalType": "object",
                "properties": properties,
                "quality": list(_row_count(versions)),
            }
        ],
    }
    levels = list(_freshness(versions))
    return {**body, "slaProperties": levels} if levels else body


@dataclass(frozen=True)
class _Told:
    """A column of the newest version, and of every version that had it."""

    new: ColumnSummary
    every: tuple[ColumnSummary, ...]

    @classmethod
    def of(cls, new: ColumnSummary, versions: Sequence[Summary]) -> _Told:
        found = [each.column(new.column) for each in versions]
        return cls(new, tuple(c for c in found if c is not None and c.kind == new.kind))

    @property
    def cells(self) -> int:
        return sum(column.filled for column in self.every)

    @property
    def enough(self) -> bool:
        return all(column.filled >= _CELLS for column in self.every)


def _property(
    told: _Told, known: Mapping[str, ColumnFinding], types: Mapping[str, SemanticType]
) -> dict[str, Any]:
    new = told.new
    found: dict[str, Any] = {
        "name": new.column,
        "physicalType": new.type,
        "logicalType": _logical(told),
        "description": _title(new, types),
        "required": told.enough and all(c.filled == c.rows for c in told.every),
    }
    numbers = all(c.limits is None or c.limits.whole for c in told.every)
    if told.enough and numbers and new.form not in {"days", "ages"}:
        found["unique"] = all(c.unique for c in told.every)
    options = _options(told)
    if options:
        found["logicalTypeOptions"] = options
    labels = _enumeration(told)
    if labels:
        found["enum"] = labels
    missing = _missing(told)
    if missing is not None and not found["required"]:
        found["quality"] = [missing]
    role = known[new.column].role if new.column in known else new.role
    learned = {"versions": len(told.every), "cells": told.cells, "role": role.value}
    found["customProperties"] = [
        {"property": f"learned.{key}", "value": value} for key, value in learned.items()
    ]
    return {key: value for key, value in found.items() if value is not False}


def _title(column: ColumnSummary, types: Mapping[str, SemanticType]) -> str:
    title = type_of(column.semantic_type, types).title
    return f"{title.zh} / {title.en}"


def _logical(told: _Told) -> str:
    new = told.new
    if new.kind == "number":
        # Whole numbers that came with a fraction (5.0) would not be read as integers again.
        whole = new.type.startswith(("int", "uint"))
        return "integer" if whole else "number"
    if new.kind == "date":
        return "date" if new.type.startswith("date") else "timestamp"
    return "boolean" if new.kind == "boolean" else "string"


def _options(told: _Told) -> dict[str, Any]:
    """Return the range or the pattern that no cell of any version left."""
    new, limits = told.new, [c.limits for c in told.every]
    known = [each for each in limits if each is not None]
    if new.kind in {"number", "date"} and new.limits is not None and len(known) == len(limits):
        low, high = min(each.floor for each in known), max(each.ceiling for each in known)
        if new.kind == "number":
            whole = _logical(told) == "integer"
            return {
                "minimum": int(low) if whole else low,
                "maximum": int(high) if whole else high,
            }
        # Dates that move on have no last day.
        first = {"minimum": day(low)}
        return first if new.form == "ages" else {**first, "maximum": day(high)}
    return _written(told) if new.kind == "text" and told.enough else {}


def _written(told: _Told) -> dict[str, Any]:
    new = told.new
    if new.semantic_type in _FORMATS:
        return {"format": _FORMATS[new.semantic_type]}
    if new.form != "shapes" or any(c.form != "shapes" or c.counts[-1] for c in told.every):
        return {}
    pattern = pattern_of(new.labels)
    return {} if pattern is None else {"pattern": pattern}


def _enumeration(told: _Told) -> list[str]:
    """Return the labels, where every version had no others and they may be shown."""
    new = told.new
    if new.form != "values" or new.role in _HIDDEN or not told.enough:
        return []
    if any(c.form != "values" or c.counts[-1] for c in told.every):
        return []
    if not all(map(_writable, new.labels)):
        return []
    return sorted(new.labels)


def _writable(text: str) -> bool:
    """Return whether a text can stand in a YAML file: NUL and lone surrogates cannot."""
    return not any(unicodedata.category(letter) in {"Cc", "Cs"} for letter in text)


def _missing(told: _Told) -> dict[str, Any] | None:
    """Return how many empty cells the next version may have, as a share."""
    pairs = [(c.filled, c.rows) for c in told.every if c.rows]
    if not pairs or not told.new.filled:
        return None
    expected = expected_share(pairs, pairs[-1], level=_LEVEL)
    most = 100 * (1 - min(expected.low or 0.0, *(part / whole for part, whole in pairs)))
    return {
        "type": "library",
        "metric": "nullValues",
        "mustBeLessOrEqualTo": ceil(most * 100) / 100,
        "unit": "percent",
        "dimension": "completeness",
        "severity": "warning",
        "description": f"Prediction limit ({_LEVEL:.0%}) of {len(pairs)} version(s).",
    }


def _row_count(versions: Sequence[Summary]) -> Iterator[dict[str, Any]]:
    rows = [each.rows for each in versions]
    growth = expected_growth(rows, rows[-1], level=_LEVEL)
    least, most = 1.0, float("inf")
    if growth is not None and growth.low is not None and growth.high is not None:
        least, most = min(growth.low, *rows), max(growth.high, *rows)
    rule: dict[str, Any] = {"type": "library", "metric": "rowCount", "dimension": "completeness"}
    if most < float("inf"):
        yield {
            **rule,
            "mustBeBetween": [int(least), ceil(most)],
            "severity": "warning",
            "description": f"Prediction interval ({_LEVEL:.0%}) of the growth over {len(rows)} versions.",
        }
    else:
        yield {**rule, "mustBeGreaterThan": 0}


def _freshness(versions: Sequence[Summary]) -> Iterator[dict[str, Any]]:
    """Yield how often the table arrives at most apart, where at least four versions tell."""
    moments = [each.arrived for each in versions]
    if not all(moments) or len(moments) < 3:
        return
    times = [datetime.fromisoformat(moment) for moment in moments]
    gaps = [(after - before) / _DAY for before, after in pairwise(times)]
    told = expected_number(gaps, gaps[-1], noise=_ROUNDED, level=_LEVEL, upwards=True)
    if told is not None and told.high is not None:
        yield {
            "property": "frequency",
            "value": max(1, ceil(told.high)),
            "unit": "d",
            "description": f"Upper prediction limit ({_LEVEL:.0%}) of the days between {len(times)} versions.",
        }


def _bytes(body: Mapping[str, Any]) -> bytes:
    return yaml.safe_dump(dict(body), allow_unicode=True, sort_keys=False).encode()


def _broken(table: Table, contract: Contract) -> list[tuple[str, str]]:
    """Return the column and the name of every strict rule that the table breaks."""
    wrong = {
        (found.rule.columns[0] if found.rule.columns else "", found.rule.name)
        for found in measure_whole(table, contract)
        if found.rule.strict and not found.holds
    }
    rules = contract.row_rules
    columns = sorted({rule.column for rule in rules})
    for batch in table.batches(columns) if columns else ():
        for rule in rules:
            key = (rule.column, rule.name)
            if key not in wrong and bool(np.any(broken(rule, batch.column(rule.column)))):
                wrong.add(key)
    return sorted(wrong)


def _drop(body: dict[str, Any], column: str, rule: str) -> None:
    """Take a rule out of the contract."""
    table = body["schema"][0]
    if not column:
        table["quality"] = []
        return
    one = next(each for each in table["properties"] if each["name"] == column)
    one.get("logicalTypeOptions", {}).pop(rule, None)
    one.pop(rule, None)
