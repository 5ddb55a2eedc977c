"""Looking at hierarchies from a shell: of a plan, of one column, of a file. Nothing is recorded."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from anping.core.errors import AnpingError, PlanError, Refusal, Where
from anping.core.text import Text
from anping.steps.compose.assets import findings_of
from anping.workspace.step import Input

if TYPE_CHECKING:
    from anping.engine.table import Table
    from anping.protect import Plan
    from anping.protect.deid.preview import Preview
    from anping.protect.plan_entries import HierarchySpec
    from anping.protect.plan_previews import BuiltHierarchy
    from anping.workspace.workspace import Workspace

_STEP = "protect.plan"


_HEADERS = (
    Text("層", "level"), Text("不同的值", "values"), Text("一值至多涵蓋", "largest covers"),
    Text("仍獨一無二的列", "rows still unique"), Text("最少見的值有幾列", "rows of the rarest"),
    Text("例", "examples"),
)  # fmt: skip


@dataclass(frozen=True)
class Look:
    """A hierarchy at a glance, for a shell: its levels as a table, and what is told of the rows."""

    column: str
    headers: tuple[Text, ...]
    rows: tuple[tuple[str, ...], ...]
    told: Text | None

    @classmethod
    def of(cls, preview: Preview) -> Look:
        """Return what a preview shows."""
        rows = preview.rows
        told = Text(
            f"{rows:,} 列；缺值 {preview.missing:,} 列，讀不懂而當作缺值 {preview.unread:,} 列。",
            f"{rows:,} rows; {preview.missing:,} without a value, {preview.unread:,} whose value "
            "cannot be read and counts as missing.",
        )
        levels = tuple(
            (
                str(each.level),
                f"{each.values:,}",
                f"{each.largest:,}",
                f"{each.alone:,} ({each.alone / rows:.1%})" if rows else "",
                f"{each.fewest:,}" if rows else "",
                ", ".join(each.examples),
            )
            for each in preview.levels
        )
        return cls(preview.column, _HEADERS, levels, told if rows else None)


@dataclass(frozen=True)
class BuiltColumn:
    """A hierarchy that was built for a column, and how it stands in a plan."""

    spec: HierarchySpec
    built: BuiltHierarchy

    @property
    def look(self) -> Look:
        """What it does, level by level."""
        return Look.of(self.built.preview())

    @property
    def entry(self) -> str:
        """The hierarchy as it is written in a plan."""
        return _written(self.spec.model_dump(mode="json", exclude_defaults=True), self.spec.kind)

    def entry_of(self, file: Path) -> str:
        """How a plan names the file that :meth:`write` wrote."""
        settings: dict[str, object] = {"file": file.name}
        return _written({**settings, "start": 1} if self.built.reads else settings, "csv")

    def write(self, file: Path) -> None:
        """Write the hierarchy as CSV: each line a value, and what it becomes level by level."""
        self.built.as_written().to_csv(file)


@dataclass(frozen=True)
class CheckedFile:
    """Every fault of a hierarchy file, and what it does where it has none."""

    faults: tuple[AnpingError, ...]
    look: Look | None


def previews(
    workspace: Workspace, subject: str, *, file: Path | None, column: str | None
) -> Iterator[Look]:
    """Yield what each hierarchy of a subject's plan does, or of the plan in ``file``.

    Raises WorkspaceError without a table or a plan, PlanError for a column that is not generalised
    and for a broken hierarchy.
    """
    from anping.protect import KeyRing, Means, Settings, read_plan
    from anping.protect.plan_previews import hierarchies_of

    table = _table(workspace, subject)
    with tempfile.TemporaryDirectory() as scratch:
        if file is None:
            plan = read_plan(workspace.path(workspace.need(f"{subject}.plan")))
            settings = Settings(hierarchies_folder=_laid_out(workspace, subject, Path(scratch)))
        else:
            plan, settings = read_plan(file), Settings(hierarchies_folder=file.parent)
        _require_generalised(plan, column)
        # Which days a date is shifted by changes nothing that is told here.
        keys = KeyRing({name: os.urandom(32) for name in plan.key_names})
        for name, each in hierarchies_of(table, plan, means=Means(keys), settings=settings):
            if column in {None, name}:
                yield Look.of(each.preview())


def build(
    workspace: Workspace, subject: str, column: str, *, said: str | None, folder: Path
) -> BuiltColumn:
    """Return the hierarchy of a column, of the kind that is ``said`` or that fits its values.

    ``said`` is what a plan says under ``hierarchy``, or only the kind's name; files that it names lie
    in ``folder``. Raises PlanError for what is said wrongly, SchemaError for an unknown column.
    """
    from anping.protect import Settings
    from anping.protect.plan_previews import hierarchy_of

    table = _table(workspace, subject)
    table.require([column])
    spec = _fitting(workspace, subject, column, table) if said is None else _spec(column, said)
    built = hierarchy_of(table, column, spec, settings=Settings(hierarchies_folder=folder))
    return BuiltColumn(spec, built)


def check(
    file: Path, *, tree: bool, workspace: Workspace | None, place: tuple[str, str] | None
) -> CheckedFile:
    """Return every fault of a hierarchy file, with its row; of a ``tree``'s where it is one.

    ``place`` is a subject and a column whose values the file must have, too. Raises PlanError for a
    file that cannot be read.
    """
    from anping.protect import Settings
    from anping.protect.entries_hierarchies import TreeHierarchy
    from anping.protect.plan_entries import CsvHierarchy
    from anping.protect.plan_hierarchies import file_faults, previewed_file
    from anping.protect.plan_previews import hierarchy_of

    tree = tree or file.suffix.lower() != ".csv"
    column = file.stem if place is None else place[1]
    faults = file_faults(column, file, tree=tree)
    if faults:
        return CheckedFile(tuple(faults), None)
    if workspace is None or place is None:
        return CheckedFile((), Look.of(previewed_file(column, file, tree=tree)))
    spec = TreeHierarchy(file=file.name) if tree else CsvHierarchy(file=file.name)
    settings = Settings(hierarchies_folder=file.parent)
    try:
        built = hierarchy_of(_table(workspace, place[0]), column, spec, settings=settings)
    except PlanError as fault:
        return CheckedFile((fault,), None)
    return CheckedFile((), Look.of(built.preview()))


def _table(workspace: Workspace, subject: str) -> Table:
    """Return a subject's raw table. Raises Refusal where it may not be looked at any more."""
    from anping.engine.table import Table
    from anping.govern.flow import DUTY, decide_flow

    asset = workspace.need(subject)
    verdict = decide_flow(_STEP, DUTY, [asset.labels], today=workspace.clock().date())
    for reason in verdict.reasons:
        if not reason.holds:
            hint = reason.next_step or Text("詢問資料保護長。", "Ask the protection officer.")
            raise Refusal(reason.code, reason.why, hint=hint)
    return Table.open(workspace.path(asset))


def _laid_out(workspace: Workspace, subject: str, scratch: Path) -> Path | None:
    from anping.steps.compose.hierarchies import lay_out

    asset = workspace.find(f"{subject}.hierarchies")
    return None if asset is None else lay_out(workspace.path(asset), scratch)


def _require_generalised(plan: Plan, column: str | None) -> None:
    if column is not None and column not in plan.quasi_identifiers:
        raise PlanError(
            "plan.not-generalised",
            Text("計畫沒有概化這一欄。", "The plan does not generalise this column."),
            where=Where(column=column),
            hint=Text(
                f"計畫概化的有：{'、'.join(plan.quasi_identifiers) or '無'}",
                f"It generalises: {', '.join(plan.quasi_identifiers) or 'none'}",
            ),
        )


def _spec(column: str, said: str) -> HierarchySpec:
    """Return what a plan would say under ``hierarchy``, read as a plan is."""
    from anping.protect import parse_plan
    from anping.protect.plan_entries import Generalise

    text = said.strip()
    inside = text[1:].removesuffix("}").strip() if text.startswith("{") else text
    spec = f"{{{inside}}}" if inside.startswith("kind:") else f"{{kind: {inside}}}"
    name = '"' + column.replace("\\", "\\\\").replace('"', '\\"') + '"'
    plan = parse_plan(
        f"model: {{k: 2}}\ncolumns: {{{name}: {{do: generalise, hierarchy: {spec}}}}}\n"
    )
    (entry,) = plan.columns[column]
    assert isinstance(entry, Generalise)
    return entry.hierarchy


def _fitting(workspace: Workspace, subject: str, column: str, table: Table) -> HierarchySpec:
    from anping.protect.fitting import fitting_hierarchy

    ports = {"scan": f"{subject}.scan", "findings": f"{subject}.findings"}
    assets = {port: workspace.find(name) for port, name in ports.items()}
    if assets["scan"] is None:
        workspace.need(ports["scan"])
    inputs = {p: Input(a, workspace.path(a)) for p, a in assets.items() if a is not None}
    finding = next(each for each in findings_of(inputs) if each.column == column)
    return fitting_hierarchy(finding, table.column(column))


def _written(settings: dict[str, object], kind: str) -> str:
    import yaml

    body = {"kind": kind, **settings}
    text = yaml.safe_dump(
        body, default_flow_style=True, allow_unicode=True, sort_keys=False, width=10_000
    )
    return f"hierarchy: {text.strip()}"
