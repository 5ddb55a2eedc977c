"""A pipeline runs in order, stops at a refusal, and runs again only what changed."""

from pathlib import Path

import pytest

from anping.core.errors import AnpingError, InputError, ParameterError
from anping.workspace.perform import Job, perform
from anping.workspace.pipeline import read_pipeline, run_pipeline
from anping.workspace.workspace import Workspace
from toy import STEPS

TEXT = """
pipeline: 1
subject: fruit
steps:
  - step: toy.take
    with: {path: source.txt}
  - step: toy.count
    with: {letter: n}
  - step: toy.lower
    subject: fruit
    with: {letter: a, lower: true}
"""


def ran(workspace: Workspace, folder: Path, text: str = TEXT) -> list[bool]:
    path = folder / "pipeline.yaml"
    path.write_text(text)
    results = run_pipeline(workspace, read_pipeline(path), step=STEPS.__getitem__)
    return [performed.reused for performed in results]


def test_only_what_changed_runs_again(workspace: Workspace, source: Path) -> None:
    assert ran(workspace, source.parent) == [False, False, False]
    text = TEXT.replace("- step: toy.lower", "- step: toy.count").replace(", lower: true", "")
    once = ran(workspace, source.parent, text.replace("letter: n", "letter: a"))
    assert once[0]
    source.write_text("other")
    assert not ran(workspace, source.parent)[0]


def test_an_unchanged_pipeline_runs_nothing(workspace: Workspace, source: Path) -> None:
    text = TEXT[: TEXT.index("  - step: toy.lower")]
    assert ran(workspace, source.parent, text) == [False, False]
    size = workspace.ledger.size
    assert ran(workspace, source.parent, text) == [True, True]
    assert workspace.ledger.size == size


def test_what_later_steps_overtook_is_not_done_again(workspace: Workspace, source: Path) -> None:
    renewing = "  - step: toy.renew\n    with: {letter: %s}\n"
    text = TEXT + renewing % "n"
    assert ran(workspace, source.parent, text) == [False] * 4
    size = workspace.ledger.size
    assert ran(workspace, source.parent, text) == [True] * 4
    assert workspace.ledger.size == size
    assert ran(workspace, source.parent, TEXT + renewing % "a") == [True, True, True, False]
    newest = workspace.find("fruit")
    assert newest is not None
    assert workspace.path(newest).read_text() == "bananaa"


def test_what_somebody_else_overtook_is_done_again(workspace: Workspace, source: Path) -> None:
    text = TEXT + "  - step: toy.renew\n    with: {letter: n}\n"
    ran(workspace, source.parent, text)
    perform(workspace, Job(STEPS["toy.count"], "fruit", {"letter": "b"}))
    assert ran(workspace, source.parent, text) == [True, False, False, True]


def test_a_refusal_ends_the_pipeline(workspace: Workspace, source: Path) -> None:
    text = TEXT.replace("letter: n", "deny: true")
    assert len(ran(workspace, source.parent, text)) == 2


@pytest.mark.parametrize(
    ("text", "error"),
    [
        ("a: [", InputError),
        ("pipeline: 1\nsubject: x\n", ParameterError),
        ("pipeline: 2\nsubject: x\nsteps: [{step: a}]\n", ParameterError),
        ("- 1", ParameterError),
    ],
)
def test_a_bad_pipeline_is_refused(
    workspace: Workspace, tmp_path: Path, text: str, error: type[AnpingError]
) -> None:
    with pytest.raises(error):
        ran(workspace, tmp_path, text)
    with pytest.raises(InputError):
        read_pipeline(tmp_path / "missing.yaml")
