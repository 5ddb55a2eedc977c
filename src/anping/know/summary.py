"""What is kept of a version of a table, so that the next one can be compared with it.

Counts and limits that no single person makes: bins, labels and shapes are counted in multiples of
``small_count`` (conventional rounding: Hundepool et al. 2012, Statistical Disclosure Control,
§5.4.3), a label stands there only if so many rows have held it, values of sensitive columns only as
a keyed hash, and a range ends where so many rows lie beyond. The table itself is not needed again.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from functools import cached_property
from typing import Any, Literal

from anping.core.columns import Role

FORMAT = "anping.history/1"
#: So many versions are kept, the newest ones.
MOST_VERSIONS = 60

#: What the groups of a column are: bins of numbers, of days, of days before the newest one (for
#: dates that move on from version to version), labels, hashes of labels, shapes.
Form = Literal["numbers", "days", "ages", "values", "hidden", "shapes", "none"]
#: Forms whose groups have an order.
ORDERED: frozenset[Form] = frozenset({"numbers", "days", "ages"})


@dataclass(frozen=True, slots=True)
class Limits:
    """The range of numbers (days since 1970 for dates): ``reached`` cells lie on or beyond each end.

    Both ends are rounded outwards, so fewer may. ``n`` cells were looked at, ``whole`` if every one
    of them was a whole number. No cell lies below ``floor`` or above ``ceiling``, which are far
    coarser (see :mod:`~anping.know.summarising`).
    """

    low: float
    high: float
    reached: int
    n: int
    whole: bool
    floor: float
    ceiling: float


@dataclass(frozen=True, slots=True)
class ColumnSummary:
    """One column of one version.

    ``edges`` part ordered groups: group i holds edges[i - 1] < x ≤ edges[i]. Others are ``labels``.
    ``counts`` are in multiples of ``small_count``; the last, without a label, counts all other cells.
    ``below``, ``above`` and ``unknown`` count cells beyond the range, or in no group, of the earlier
    versions (None: there were none). ``valid`` are cells that passed their type's check of those
    tested.
    """

    column: str
    kind: str
    type: str
    semantic_type: str
    role: Role
    rows: int
    filled: int
    distinct: int
    valid: tuple[int, int] | None = None
    form: Form = "none"
    edges: tuple[float, ...] = ()
    labels: tuple[str, ...] = ()
    counts: tuple[int, ...] = ()
    limits: Limits | None = None
    below: int | None = None
    above: int | None = None
    unknown: int | None = None
    #: The last day (since 1970) that at least ``small_count`` rows reach, of a column of days.
    newest_day: int | None = None

    @property
    def unique(self) -> bool:
        """Whether no value occurs twice."""
        return self.filled > 0 and self.distinct == self.filled

    def as_json(self) -> dict[str, Any]:
        """Return plain values."""
        return {**asdict(self), "role": self.role.value}

    @classmethod
    def from_json(cls, value: Mapping[str, Any]) -> ColumnSummary:
        """Read what :meth:`as_json` gives."""
        valid = None if value["valid"] is None else tuple(value["valid"])
        lists = {name: tuple(value[name]) for name in ("edges", "labels", "counts")}
        limits = None if value["limits"] is None else Limits(**value["limits"])
        role = Role(value["role"])
        return cls(**{**value, **lists, "valid": valid, "limits": limits, "role": role})


@dataclass(frozen=True)
class Summary:
    """One version of a table: when it arrived (RFC 3339, empty if unknown), rows and columns."""

    version: int
    arrived: str
    rows: int
    small_count: int
    columns: tuple[ColumnSummary, ...]

    def column(self, name: str) -> ColumnSummary | None:
        """Return one column, or None."""
        return self._by_name.get(name)

    @cached_property
    def _by_name(self) -> dict[str, ColumnSummary]:
        # Tables may have 10,000 columns, each of which is asked for by name.
        return {column.column: column for column in self.columns}

    def as_json(self) -> dict[str, Any]:
        """Return plain values."""
        return {
            "version": self.version,
            "arrived": self.arrived,
            "rows": self.rows,
            "smallCount": self.small_count,
            "columns": [column.as_json() for column in self.columns],
        }

    @classmethod
    def from_json(cls, value: Mapping[str, Any]) -> Summary:
        """Read what :meth:`as_json` gives."""
        return cls(
            version=value["version"],
            arrived=value["arrived"],
            rows=value["rows"],
            small_count=value["smallCount"],
            columns=tuple(ColumnSummary.from_json(column) for column in value["columns"]),
        )


@dataclass(frozen=True, slots=True)
class History:
    """The versions that were looked at, by their number."""

    versions: tuple[Summary, ...] = ()

    def before(self, version: int, *, without: Sequence[int] = ()) -> tuple[Summary, ...]:
        """Return the versions before ``version``, but those that are not to be learned from."""
        return tuple(
            each for each in self.versions if each.version < version and each.version not in without
        )

    def having(self, summary: Summary) -> History:
        """Return the history with a version, in its place; the oldest of too many is dropped."""
        others = [each for each in self.versions if each.version != summary.version]
        ordered = sorted([*others, summary], key=lambda each: each.version)
        return replace(self, versions=tuple(ordered[-MOST_VERSIONS:]))

    def hiding(self, summary: Summary) -> History:
        """Return the history without the labels of columns whose labels ``summary`` does not tell.

        A person may have said since that a column is sensitive.
        """
        told = {each.column for each in summary.columns if each.form == "values"}

        def hidden(column: ColumnSummary) -> ColumnSummary:
            if column.form != "values" or column.column in told:
                return column
            return replace(column, form="none", labels=(), counts=(), unknown=None)

        return History(
            tuple(
                replace(each, columns=tuple(hidden(column) for column in each.columns))
                for each in self.versions
            )
        )

    def as_json(self) -> dict[str, Any]:
        """Return plain values."""
        return {"format": FORMAT, "versions": [each.as_json() for each in self.versions]}

    @classmethod
    def from_json(cls, value: Mapping[str, Any]) -> History:
        """Read what :meth:`as_json` gives."""
        return cls(tuple(Summary.from_json(each) for each in value["versions"]))
