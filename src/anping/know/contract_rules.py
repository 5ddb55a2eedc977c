"""The rules a contract may hold: on one row each, or on the whole table."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from anping.core.errors import InputError, Where
from anping.core.text import Text
from anping.engine.kinds import kind_named, misfits

Argument = int | float | str | tuple[str, ...] | None


@dataclass(frozen=True, slots=True)
class RowRule:
    """A rule that every value of a column must keep; missing values keep all but ``required``."""

    name: str
    column: str
    argument: Argument = None


@dataclass(frozen=True, slots=True)
class WholeRule:
    """A number of the whole table that must stand in a relation (``mustBe`` ...) to a limit.

    ``name`` is the metric (``rowCount``, ``nullValues``, ``missingValues``, ``invalidValues``,
    ``duplicateValues``) or what implies it (``unique``, ``primaryKey``). ``within`` is the rule that
    invalid values break. With ``percent`` the number is a share of the rows. A rule that is not
    ``strict`` (severity below error) is only told.
    """

    name: str
    columns: tuple[str, ...]
    operator: str
    limit: float | tuple[float, float]
    percent: bool = False
    strict: bool = True
    within: tuple[RowRule, ...] = ()

    @property
    def subject(self) -> str:
        """What a measure of it is about."""
        return f"{'+'.join(self.columns)}.{self.name}" if self.columns else self.name

    def holds(self, value: float) -> bool:
        """Return whether a measured value keeps the rule."""
        return OPERATORS[self.operator](value, self.limit)


OPERATORS: Mapping[str, Callable[[float, Any], bool]] = {
    "mustBe": lambda value, limit: value == limit,
    "mustNotBe": lambda value, limit: value != limit,
    "mustBeGreaterThan": lambda value, limit: value > limit,
    "mustBeGreaterOrEqualTo": lambda value, limit: value >= limit,
    "mustBeLessThan": lambda value, limit: value < limit,
    "mustBeLessOrEqualTo": lambda value, limit: value <= limit,
    "mustBeBetween": lambda value, limit: limit[0] <= value <= limit[1],
    "mustNotBeBetween": lambda value, limit: not limit[0] <= value <= limit[1],
}

_FORMATS: Mapping[str, str] = {
    "email": r"^[^@\s]+@[^@\s.]+(\.[^@\s.]+)+$",
    "uuid": r"^(?i:[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12})$",
    "ipv4": r"^((25[0-5]|2[0-4]\d|1?\d?\d)(\.|$)){4}$",
    "ipv6": r"^(?i:[0-9a-f:]*:[0-9a-f:.]*)$",
    "uri": r"^[A-Za-z][A-Za-z0-9+.-]*:[^\s]+$",
    "hostname": r"^[A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?(\.[A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?)*$",
}
_TIME = r"^([01]\d|2[0-4]):[0-5]\d(:[0-5]\d(\.\d+)?)?$"


def require_pattern(rule: RowRule, where: Where) -> None:
    """Raise InputError if a rule's pattern is no regular expression (RE2) or its limit is no value."""
    if rule.name != "pattern":
        return
    try:
        pc.match_substring_regex(pa.array([""], pa.string()), str(rule.argument))
    except pa.ArrowInvalid:
        raise malformed(f"{rule.column}.pattern", where) from None


def malformed(place: str, where: Where) -> InputError:
    """Return the error for a contract that cannot be understood at ``place``."""
    return InputError(
        "input.contract-malformed",
        Text(f"資料契約的「{place}」不合格式。", f"“{place}” of the data contract is malformed."),
        where=where,
        hint=Text(
            "資料契約要是 Open Data Contract Standard 3.x 的 YAML。",
            "A data contract is YAML by the Open Data Contract Standard 3.x.",
        ),
    )


def broken(rule: RowRule, values: pa.Array) -> pa.Array:
    """Return, for each value, whether it breaks the rule: booleans without a missing one.

    A limit that the column's type cannot be compared with is broken by every value.
    """
    if rule.name == "required":
        return pc.is_null(values, nan_is_null=True)
    try:
        found = _RULES[rule.name](values, rule.argument)
    except (pa.ArrowInvalid, pa.ArrowNotImplementedError, ValueError, TypeError):
        found = pa.array([True] * len(values), pa.bool_())
    return pc.and_(pc.fill_null(found, False), pc.is_valid(values))


def as_text(values: pa.Array) -> pa.Array:
    """Return values as the text that a contract's list of values means."""
    if pa.types.is_string(values.type):
        return values
    if pa.types.is_boolean(values.type):
        return pc.if_else(values, "true", "false")
    if pa.types.is_floating(values.type):
        return pa.array(
            [
                None if v is None else str(int(v)) if v == int(v) else repr(v)
                for v in values.to_pylist()
            ],
            pa.string(),
        )
    return values.cast(pa.string())


def _mistyped(values: pa.Array, argument: Any) -> pa.Array:
    types = pa.types
    given = values.type
    numeric = types.is_integer(given) or types.is_floating(given) or types.is_decimal(given)
    if types.is_string(given):
        return _misspelled(values, str(argument))
    fits = {
        "integer": types.is_integer(given),
        "number": numeric,
        "boolean": types.is_boolean(given),
        "date": types.is_date(given),
        "timestamp": types.is_timestamp(given),
        "time": types.is_time(given),
    }[str(argument)]
    if argument == "integer" and numeric and not fits:
        return pc.not_equal(values, pc.floor(values))
    if argument == "boolean" and types.is_integer(given):
        return pc.invert(pc.is_in(values, value_set=pa.array([0, 1], given)))
    return pa.array([not fits] * len(values), pa.bool_())


def _misspelled(values: pa.Array, logical: str) -> pa.Array:
    if logical == "time":
        return pc.invert(pc.match_substring_regex(values, _TIME))
    names = {"number": ("real",), "timestamp": ("timestamp", "instant")}.get(logical, (logical,))
    wrong = [set(misfits(values, kind_named(name, column=""))) for name in names]
    bad = set.intersection(*wrong)
    return pa.array([at in bad for at in range(len(values))], pa.bool_())


def _compared(values: pa.Array, limit: Any) -> tuple[pa.Array, pa.Scalar]:
    given = values.type
    if pa.types.is_string(given) and isinstance(limit, (int, float)):
        return values.cast(pa.float64()), pa.scalar(float(limit))
    if pa.types.is_timestamp(given) and isinstance(limit, str):
        moment = datetime.fromisoformat(limit)
        return values, pa.scalar(moment.replace(tzinfo=moment.tzinfo if given.tz else None), given)
    if pa.types.is_date(given) and isinstance(limit, str):
        return values, pa.scalar(date.fromisoformat(limit[:10]), given)
    if pa.types.is_decimal(given):
        return values.cast(pa.float64()), pa.scalar(float(limit))
    return values, pa.scalar(limit)


def _indivisible(values: pa.Array, argument: Any) -> pa.Array:
    share = pc.divide(values.cast(pa.float64()), float(argument))
    return pc.greater(pc.abs(pc.subtract(share, pc.round(share))), 1e-9)


_RULES: Mapping[str, Callable[[pa.Array, Any], pa.Array]] = {
    "logicalType": _mistyped,
    "minLength": lambda values, limit: pc.less(pc.utf8_length(as_text(values)), limit),
    "maxLength": lambda values, limit: pc.greater(pc.utf8_length(as_text(values)), limit),
    "pattern": lambda values, found: pc.invert(pc.match_substring_regex(as_text(values), found)),
    "format": lambda values, name: pc.invert(
        pc.match_substring_regex(as_text(values), _FORMATS[name])
    ),
    "enum": lambda values, allowed: pc.invert(
        pc.is_in(as_text(values), value_set=pa.array(allowed, pa.string()))
    ),
    "missing": lambda values, words: pc.is_in(
        as_text(values), value_set=pa.array(words, pa.string())
    ),
    "minimum": lambda values, limit: pc.less(*_compared(values, limit)),
    "maximum": lambda values, limit: pc.greater(*_compared(values, limit)),
    "exclusiveMinimum": lambda values, limit: pc.less_equal(*_compared(values, limit)),
    "exclusiveMaximum": lambda values, limit: pc.greater_equal(*_compared(values, limit)),
    "multipleOf": _indivisible,
}
