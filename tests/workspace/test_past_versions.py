"""A step can ask for the versions before the newest; those whose content is gone are left out."""

from __future__ import annotations

from pathlib import Path

import pytest

from anping.core.asset import Asset
from anping.core.text import Text
from anping.workspace.perform import Job, perform
from anping.workspace.step import Context, Inputs, Outcome, Parameters, Port, Produced, Step
from anping.workspace.workspace import Workspace
from toy import TAKE, Ticking, stored


class Nothing(Parameters):
    """No parameters."""


def listed(context: Context, given: Nothing, inputs: Inputs) -> Outcome:
    """Write down which versions came in."""
    del given
    path = context.path("list")
    names = [f"{name}={one.asset.reference}" for name, one in inputs.items()]
    path.write_text("\n".join(sorted(names)), "utf-8")
    return Outcome((Produced("list", path, "text/plain"),))


LIST = Step(
    "toy.list", "list", Text("列", "List"),
    (Port("raw", "table", "{subject}"),
     Port("past", "table", "{subject}", optional=True, remembered=True, past=2)),
    (Port("list", "report", "{subject}.list"),), Nothing, listed,
)  # fmt: skip


@pytest.fixture
def workspace(tmp_path: Path) -> Workspace:
    return Workspace.create(tmp_path / "w", clock=Ticking())


def take(workspace: Workspace, folder: Path, content: str) -> Asset:
    (folder / "x").write_text(content, "utf-8")
    return perform(workspace, Job(TAKE, "a", {"path": folder / "x"})).outputs[0]


def content(workspace: Workspace) -> list[str]:
    return workspace.path(workspace.need("a.list")).read_text("utf-8").splitlines()


def test_a_first_version_has_none_before_it(workspace: Workspace, tmp_path: Path) -> None:
    take(workspace, tmp_path, "one")
    perform(workspace, Job(LIST, "a", {}))
    assert content(workspace) == ["raw=a@1"]


def test_so_many_versions_before_come_in_as_were_asked_for(
    workspace: Workspace, tmp_path: Path
) -> None:
    for each in ("one", "two", "three", "four"):
        take(workspace, tmp_path, each)
    done = perform(workspace, Job(LIST, "a", {}))
    assert content(workspace) == ["past@2=a@2", "past@3=a@3", "raw=a@4"]
    materials = next(workspace.ledger.entries([done.statement])).record["predicate"]["materials"]
    assert {each["name"] for each in materials} == {"a@2", "a@3", "a@4"}
    # They are remembered, so they do not make the same work another.
    assert perform(workspace, Job(LIST, "a", {})).reused


def test_a_version_whose_content_was_destroyed_is_left_out(
    workspace: Workspace, tmp_path: Path
) -> None:
    first = take(workspace, tmp_path, "one")
    take(workspace, tmp_path, "two")
    take(workspace, tmp_path, "three")
    stored(workspace, first.digest).unlink()
    perform(workspace, Job(LIST, "a", {}))
    assert content(workspace) == ["past@2=a@2", "raw=a@3"]
