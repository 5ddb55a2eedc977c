"""Turn a plan's hierarchy entry into a hierarchy that is complete for the column's values."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path, PurePath
from typing import Any

from anping.core.errors import PlanError, Where
from anping.core.text import Text
from anping.protect.deid.hierarchies.addresses import addresses, postal_codes
from anping.protect.deid.hierarchies.ages import ages
from anping.protect.deid.hierarchies.categories import categories, tree
from anping.protect.deid.hierarchies.dates import dates
from anping.protect.deid.hierarchies.numbers import numbers
from anping.protect.deid.hierarchy import MISSING, Hierarchy, as_leaf
from anping.protect.plan_entries import (
    AddressHierarchy,
    AgeHierarchy,
    CategoryHierarchy,
    CsvHierarchy,
    DateHierarchy,
    HierarchySpec,
    NumberHierarchy,
    PostalCodeHierarchy,
)


def build_hierarchy(
    column: str,
    spec: HierarchySpec,
    values: Sequence[Any],
    *,
    counts: Sequence[int] | None = None,
    folder: Path | None = None,
) -> Hierarchy:
    """Return the hierarchy of ``column`` that ``spec`` describes, for the values of all rows.

    ``counts`` are the rows of each of ``values``, 1 by default. ``folder`` is where the files of ``kind: csv`` lie. Raises PlanError if a file is missing,
    malformed, or lacks a value, and ParameterError for settings that mean nothing.
    """
    match spec:
        case AgeHierarchy():
            built = ages(column, values, widths=spec.widths, top=spec.top)
        case NumberHierarchy():
            built = numbers(
                column,
                values,
                method=spec.method,
                bins=spec.bins,
                start=spec.start,
                counts=counts,
            )
        case DateHierarchy():
            built = dates(column, values, start=spec.start, skip=spec.skip)
        case AddressHierarchy():
            built = addresses(column, values, start=spec.start)
        case PostalCodeHierarchy():
            built = postal_codes(column, values)
        case CategoryHierarchy(groups=None):
            built = categories(column, values, rare=spec.rare, counts=counts)
        case CategoryHierarchy():
            built = _grouped(column, spec.groups or {}, values)
        case CsvHierarchy():
            built = _from_file(column, spec.file, values, folder)
    return built


def _grouped(column: str, groups: dict[str, tuple[str, ...]], values: Sequence[Any]) -> Hierarchy:
    parents = {member: (group,) for group, members in groups.items() for member in members}
    if sum(map(len, groups.values())) != len(parents):
        raise PlanError(
            "plan.doubled-category",
            Text("有一個類別同時在兩組。", "A category stands in two groups."),
            where=Where(column=column),
            hint=Text("每個類別只放在一組。", "Put each category into one group."),
        )
    return tree(column, values, parents=parents)


def _from_file(column: str, file: str, values: Sequence[Any], folder: Path | None) -> Hierarchy:
    relative = PurePath(file)
    if relative.is_absolute() or ".." in relative.parts:
        raise PlanError(
            "plan.hierarchy-path",
            Text(
                "階層檔必須放在計畫旁的資料夾裡。",
                "A hierarchy file lies in the plan's own folder.",
            ),
            where=Where(file=relative.name, column=column),
            hint=Text("寫相對路徑，不用 ..。", "Give a path relative to the plan, without “..”."),
        )
    path = (folder or Path()) / relative
    if not path.is_file():
        raise PlanError(
            "plan.hierarchy-missing",
            Text("找不到這一欄的階層檔。", "The column's hierarchy file is missing."),
            where=Where(file=file, column=column),
            hint=Text(
                "把檔案放到計畫旁，或改用自動建立的階層（例如 kind: category）。",
                "Put it beside the plan, or use a built hierarchy such as kind: category.",
            ),
        )
    read = Hierarchy.from_csv(column, path)
    if MISSING not in read.paths and any(as_leaf(value) == MISSING for value in set(values)):
        top = next(iter(read.paths.values()))[-1]
        blank = (*([MISSING] * read.height), top) if read.height else (MISSING,)
        read = Hierarchy(column, {**read.paths, MISSING: blank}, read.prepare)
    read.require({as_leaf(value) for value in set(values)})
    return read
