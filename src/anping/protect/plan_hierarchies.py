"""Turn a plan's hierarchy entry into a hierarchy that is complete for the column's values."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from pathlib import Path, PurePath
from typing import Any

from anping.core.errors import PlanError, Where
from anping.core.text import Text
from anping.protect.deid.hierarchies.addresses import addresses, postal_codes
from anping.protect.deid.hierarchies.ages import ages
from anping.protect.deid.hierarchies.categories import categories, tree
from anping.protect.deid.hierarchies.dates import dates
from anping.protect.deid.hierarchies.diagnoses import icd10
from anping.protect.deid.hierarchies.numbers import numbers
from anping.protect.deid.hierarchies.occupations import occupations
from anping.protect.deid.hierarchies.related import related
from anping.protect.deid.hierarchies.trees import (
    from_tree_file,
    nested,
    tree_faults,
    tree_values,
)
from anping.protect.deid.hierarchy import MISSING, Hierarchy, as_leaf, csv_faults
from anping.protect.deid.preview import Preview, preview
from anping.protect.entries_hierarchies import (
    Icd10Hierarchy,
    OccupationHierarchy,
    PostalCodeHierarchy,
    RelatedHierarchy,
    TreeHierarchy,
)
from anping.protect.plan_entries import (
    AddressHierarchy,
    AgeHierarchy,
    CategoryHierarchy,
    CsvHierarchy,
    DateHierarchy,
    HierarchySpec,
    NumberHierarchy,
)

#: Gives the different pairs of a column's values and another column's, and the rows of each pair.
Pairs = Callable[[str], tuple[Sequence[Any], Sequence[Any], Sequence[int]]]


def build_hierarchy(
    column: str,
    spec: HierarchySpec,
    values: Sequence[Any],
    *,
    counts: Sequence[int] | None = None,
    folder: Path | None = None,
    pairs: Pairs | None = None,
) -> Hierarchy:
    """Return the hierarchy of ``column`` that ``spec`` describes, for the values of all rows.

    ``counts`` are the rows of each of ``values``, 1 by default. ``folder`` is where the files of
    ``kind: csv`` and ``kind: tree`` lie, ``pairs`` what ``kind: related`` looks at. Raises PlanError
    if a file is missing, malformed, or lacks a value, or if no value at all is of the kind, and
    ParameterError for settings that mean nothing.
    """
    match spec:
        case AgeHierarchy() | NumberHierarchy() | DateHierarchy():
            built = _measured(column, spec, values, counts=counts)
        case CategoryHierarchy(groups=None):
            built = categories(column, values, rare=spec.rare, counts=counts)
        case CategoryHierarchy():
            built = _grouped(column, spec.groups or {}, values)
        case RelatedHierarchy():
            built = _related(column, spec, pairs)
        case TreeHierarchy() | CsvHierarchy():
            built = _own(column, spec, values, folder)
        case _:
            built = _published(column, spec, values)
    _require_readable(built, values)
    return built


def read_file(column: str, spec: object, path: Path) -> None:
    """Read the hierarchy file of a plan before there is a table. Raises PlanError for a fault."""
    if isinstance(spec, TreeHierarchy):
        from_tree_file(column, [MISSING], path)
    else:
        Hierarchy.from_csv(column, path)


def file_faults(column: str, path: Path, *, tree: bool) -> list[PlanError]:
    """Return every fault of a hierarchy file with its row, of a tree's where it is a ``tree``.

    Raises PlanError for a file that cannot be read at all.
    """
    return tree_faults(column, path) if tree else csv_faults(column, path)


def previewed_file(column: str, path: Path, *, tree: bool) -> Preview:
    """Return what a sound hierarchy file does. Raises PlanError for its first fault."""
    if tree:
        return preview(from_tree_file(column, tree_values(column, path), path))
    return preview(Hierarchy.from_csv(column, path))


def _measured(
    column: str,
    spec: AgeHierarchy | NumberHierarchy | DateHierarchy,
    values: Sequence[Any],
    *,
    counts: Sequence[int] | None,
) -> Hierarchy:
    match spec:
        case AgeHierarchy():
            return ages(column, values, widths=spec.widths, top=spec.top)
        case NumberHierarchy():
            return numbers(
                column,
                values,
                method=spec.method,
                bins=spec.bins,
                start=spec.start,
                counts=counts,
            )
        case DateHierarchy():
            return dates(column, values, start=spec.start, skip=spec.skip)


def _published(
    column: str,
    spec: AddressHierarchy | PostalCodeHierarchy | Icd10Hierarchy | OccupationHierarchy,
    values: Sequence[Any],
) -> Hierarchy:
    match spec:
        case AddressHierarchy():
            return addresses(column, values, start=spec.start)
        case PostalCodeHierarchy():
            return postal_codes(column, values, start=spec.start)
        case Icd10Hierarchy():
            return icd10(
                column, values, edition=spec.edition, start=spec.start, language=spec.language
            )
        case OccupationHierarchy():
            return occupations(column, values, start=spec.start, language=spec.language)


def _own(
    column: str,
    spec: TreeHierarchy | CsvHierarchy,
    values: Sequence[Any],
    folder: Path | None,
) -> Hierarchy:
    if isinstance(spec, CsvHierarchy):
        return _from_file(column, spec, values, folder)
    if spec.file is None:
        return nested(column, values, spec.tree or {})
    return from_tree_file(column, values, beside(column, spec.file, folder))


def _require_readable(built: Hierarchy, values: Sequence[Any]) -> None:
    """Raise PlanError where there are values and none of them is of the hierarchy's kind."""
    there = {value for value in values if as_leaf(value) != MISSING}
    if there and all(built.leaf_of(value) == MISSING for value in there):
        raise PlanError(
            "plan.hierarchy-kind",
            Text(
                f"欄位「{built.column}」沒有一個值能用這種階層讀懂。",
                f"Not one value of column “{built.column}” can be read by this kind of hierarchy.",
            ),
            where=Where(column=built.column),
            hint=Text(
                "改用符合內容的 kind，例如 category。",
                "Use a kind that fits the values, such as category.",
            ),
        )


def _related(column: str, spec: RelatedHierarchy, pairs: Pairs | None) -> Hierarchy:
    if pairs is None:
        raise PlanError(
            "plan.related",
            Text(
                "kind: related 要看整張表，不能單獨建立。",
                "A hierarchy of kind related needs the whole table.",
            ),
            where=Where(column=column),
            hint=Text("改用其他 kind。", "Use another kind."),
        )
    values, partners, rows = pairs(spec.by)
    return related(column, values, partners, counts=rows, steps=spec.levels)


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


def beside(column: str, file: str, folder: Path | None) -> Path:
    """Return the path of a file beside the plan. Raises PlanError if it lies elsewhere or not there."""
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
    return path


def _from_file(
    column: str, spec: CsvHierarchy, values: Sequence[Any], folder: Path | None
) -> Hierarchy:
    read = Hierarchy.from_csv(column, beside(column, spec.file, folder))
    if spec.start and spec.start >= read.height:
        raise PlanError(
            "plan.hierarchy-start",
            Text(
                f"階層檔最高是第 {read.height} 層，start 要比它小。",
                f"The hierarchy file goes up to level {read.height}; start is below it.",
            ),
            where=Where(file=spec.file, column=column),
            hint=Text("寫小一點的 start。", "Give a smaller start."),
        )
    if MISSING not in read.paths and any(as_leaf(value) == MISSING for value in set(values)):
        top = next(iter(read.paths.values()))[-1]
        blank = (*([MISSING] * read.height), top) if read.height else (MISSING,)
        read = Hierarchy(column, {**read.paths, MISSING: blank}, read.prepare, given=True)
    read.require({as_leaf(value) for value in set(values)}, file=spec.file)
    return read if not spec.start else _started(read, spec.start)


def _started(read: Hierarchy, start: int) -> Hierarchy:
    """Return the hierarchy from level ``start`` on: what is finer only serves to find a value."""
    leaves = {leaf: path[start] for leaf, path in read.paths.items()}
    paths = {path[start]: path[start:] for path in read.paths.values()}
    return Hierarchy(read.column, paths, partial(_leaf_at, leaves=leaves), given=True)


def _leaf_at(value: Any, *, leaves: Mapping[str, str]) -> str:
    text = as_leaf(value)
    return leaves.get(text, text)
