"""Hierarchies supplied as files: taken in with the edited plan, so that they are inputs like it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path, PurePath
from typing import TYPE_CHECKING, Any

from anping.core.digest import canonical_json
from anping.core.files import write
from anping.workspace.step import Context, Inputs, Produced

if TYPE_CHECKING:
    from anping.protect import Plan, Settings


@dataclass(frozen=True)
class _Named:
    """A hierarchy file that a plan names: its column, its name, and what names it."""

    column: str
    file: str
    spec: Any


def _named(plan: Plan) -> Iterator[_Named]:
    """Yield the hierarchy files in the plan's own folder; others are refused later."""
    specs: list[tuple[str, Any]] = [
        (column, getattr(transform, "hierarchy", None))
        for column, transforms in plan.columns.items()
        for transform in transforms
    ]
    found = [
        _Named(column, spec.file, spec)
        for column, spec in specs
        if getattr(spec, "file", None) is not None
    ]
    criteria: tuple[Any, ...] = () if plan.model is None else plan.model.criteria
    found += [
        _Named(each.column, each.tree, each)
        for each in criteria
        if getattr(each, "tree", None) is not None
    ]
    for each in found:
        path = PurePath(each.file)
        if not path.is_absolute() and ".." not in path.parts:
            yield each


def named_files(plan: Plan) -> tuple[str, ...]:
    """Return the names of the hierarchy files that a plan names."""
    return tuple(dict.fromkeys(each.file for each in _named(plan)))


def plan_files(given: Any) -> tuple[Path, ...]:
    """Return the edited plan and the hierarchy files it names: their digests count as inputs."""
    from anping.protect import read_plan

    if given.file is None:
        return ()
    if not given.file.is_file():
        return (given.file,)
    named = named_files(read_plan(given.file))
    return (given.file, *(given.file.parent / name for name in named))


def packed(context: Context, file: Path | None, plan: Plan) -> tuple[Produced, ...]:
    """Return the hierarchy files of an edited plan as one asset, or nothing if it names none.

    Raises PlanError for a file that is no hierarchy.
    """
    from anping.protect.plan_hierarchies import read_file

    if file is None:
        return ()
    content: dict[str, str] = {}
    for each in _named(plan):
        read_file(each.column, each.spec, file.parent / each.file)
        content[each.file] = (file.parent / each.file).read_text("utf-8-sig")
    if not content:
        return ()
    path = context.path("hierarchies.json")
    path.write_bytes(canonical_json(content))
    return (Produced("hierarchies", path, "application/json", confidential=True),)


def settings_of(context: Context, inputs: Inputs) -> Settings:
    """Return the settings with the hierarchy files that came with the plan laid out again."""
    from anping.protect import Settings

    return Settings(hierarchies_folder=laid_out(context, inputs))


def laid_out(context: Context, inputs: Inputs) -> Path | None:
    """Return a folder with the hierarchy files that came with the plan, None without any."""
    if "hierarchies" not in inputs:
        return None
    return lay_out(inputs["hierarchies"].path, context.path("hierarchies"))


def lay_out(packed_files: Path, folder: Path) -> Path:
    """Write the hierarchy files of an asset into a folder and return it."""
    for name, text in json.loads(packed_files.read_bytes()).items():
        write(folder / name, text.encode())
    return folder
