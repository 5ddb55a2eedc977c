"""Performing steps: one statement each, nothing half-done, refusals recorded, nothing run twice."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from anping.core.errors import (
    AnpingError,
    InputError,
    ParameterError,
    WorkspaceError,
)
from anping.core.files import aside_name
from anping.core.labels import Tier
from anping.evidence.statement import StepRecord
from anping.workspace.perform import Job, Performed, perform
from anping.workspace.workspace import Workspace
from toy import COUNT, LOWERING, RENEWING, TAKE, stored


def run(workspace: Workspace, source: Path, **parameters: object) -> Performed:
    perform(workspace, Job(TAKE, "fruit", {"path": str(source)}))
    return perform(workspace, Job(COUNT, "fruit", parameters))


def kept(workspace: Workspace) -> list[str]:
    return [asset.reference for asset in workspace.assets()]


def test_a_step_leaves_an_asset_and_one_statement(workspace: Workspace, source: Path) -> None:
    done = run(workspace, source, letter="a")
    assert kept(workspace) == ["fruit@1", "fruit.count@1"]
    assert workspace.path(done.outputs[0]).read_text() == "3"
    record = StepRecord.from_json(next(workspace.ledger.entries([done.statement])).record)
    assert record.step == "toy.count"
    assert [measure.value for measure in record.measurements] == [3.0]
    assert record.invocation.parameters["letter"] == "a"
    assert [material.name for material in record.materials] == ["fruit@1"]
    assert workspace.ledger.audit(workspace.key_store.public()) == 2


def test_raw_content_is_named_by_a_keyed_digest(workspace: Workspace, source: Path) -> None:
    run(workspace, source)
    raw = workspace.find("fruit")
    assert raw is not None
    text = b"".join(entry.line for entry in workspace.ledger.entries())
    records = json.dumps([entry.record for entry in workspace.ledger.entries()])
    assert raw.digest not in records
    assert b"banana" not in text
    assert str(source.parent) not in records


def test_the_same_step_is_not_run_twice(workspace: Workspace, source: Path) -> None:
    first = run(workspace, source)
    again = run(workspace, source)
    assert again.reused
    assert (again.statement, again.outputs) == (first.statement, first.outputs)
    assert [measure.value for measure in again.outcome.measures] == [3.0]


def test_a_step_that_gives_what_it_takes_is_not_run_twice(
    workspace: Workspace, source: Path
) -> None:
    perform(workspace, Job(TAKE, "fruit", {"path": str(source)}))
    first = perform(workspace, Job(RENEWING, "fruit", {"letter": "n"}))
    again = perform(workspace, Job(RENEWING, "fruit", {"letter": "n"}))
    assert again.reused
    assert (again.statement, again.outputs) == (first.statement, first.outputs)
    other = perform(workspace, Job(RENEWING, "fruit", {"letter": "a"}))
    assert not other.reused
    # What it gave first has been renewed since: asked again it is another work.
    assert not perform(workspace, Job(RENEWING, "fruit", {"letter": "n"})).reused
    newest = workspace.find("fruit")
    assert newest is not None
    assert workspace.path(newest).read_text() == "banana" + "nan"


def test_the_same_output_needs_no_second_statement_unless_something_was_measured(
    workspace: Workspace, source: Path
) -> None:
    quiet = run(workspace, source, quiet=True)
    loud = run(workspace, source)
    assert loud.statement != quiet.statement
    source.write_text("ananas")
    assert run(workspace, source, quiet=True).statement == loud.statement
    again = run(workspace, source)
    assert again.statement > loud.statement
    assert kept(workspace)[-1] == "fruit.count@3"


def test_going_back_to_earlier_parameters_makes_them_the_newest(
    workspace: Workspace, source: Path
) -> None:
    for letter in ("a", "n", "a"):
        run(workspace, source, letter=letter)
    newest = workspace.find("fruit.count")
    assert newest is not None
    assert workspace.path(newest).read_text() == "3"


def test_a_failing_step_leaves_nothing(workspace: Workspace, source: Path) -> None:
    with pytest.raises(RuntimeError):
        run(workspace, source, fail=True)
    assert kept(workspace) == ["fruit@1"]
    assert workspace.ledger.size == 1
    assert list(workspace.scratch.iterdir()) == []


def test_a_refusal_is_recorded_and_can_be_asked_again(workspace: Workspace, source: Path) -> None:
    refused = run(workspace, source, deny=True)
    assert refused.refused
    assert kept(workspace) == ["fruit@1", "fruit.refusal@1"]
    record = StepRecord.from_json(next(workspace.ledger.entries([refused.statement])).record)
    assert record.decision is not None
    assert record.decision.outcome == "refuse"
    assert not run(workspace, source, deny=True).reused


def test_labels_flow_and_only_a_declared_step_may_lower(workspace: Workspace, source: Path) -> None:
    perform(workspace, Job(TAKE, "fruit", {"path": str(source), "purposes": ["TRAIN"]}))
    plain = perform(workspace, Job(COUNT, "fruit", {}))
    assert plain.outputs[0].labels.tier is Tier.INTERNAL
    assert plain.outputs[0].labels.purposes == frozenset({"TRAIN"})
    with pytest.raises(WorkspaceError) as caught:
        perform(workspace, Job(COUNT, "fruit", {"lower": True}))
    assert caught.value.code == "labels.lowered"
    lowered = perform(workspace, Job(LOWERING, "fruit", {"lower": True}))
    assert lowered.outputs[0].labels.tier is Tier.OPEN
    record = StepRecord.from_json(next(workspace.ledger.entries([lowered.statement])).record)
    assert record.lowers == ("tier",)


@pytest.mark.parametrize(
    ("parameters", "code"),
    [({"leter": "a"}, "parameter.wrong"), ({"letter": ["a"]}, "parameter.wrong")],
)
def test_wrong_parameters_are_named(
    workspace: Workspace, source: Path, parameters: dict[str, object], code: str
) -> None:
    with pytest.raises(ParameterError) as caught:
        run(workspace, source, **parameters)
    assert caught.value.code == code
    assert next(iter(parameters)) in caught.value.to("en")


def test_missing_inputs_and_files_are_named(workspace: Workspace, source: Path) -> None:
    with pytest.raises(WorkspaceError) as missing:
        perform(workspace, Job(COUNT, "fruit", {}))
    assert missing.value.code == "workspace.asset-missing"
    with pytest.raises(InputError):
        perform(workspace, Job(TAKE, "fruit", {"path": str(source) + "x"}))
    with pytest.raises(ParameterError):
        perform(workspace, Job(COUNT, "fruit", {}, inputs={"nothing": "fruit"}))
    with pytest.raises(AnpingError):
        perform(workspace, Job(COUNT, "fruit", {}, inputs={"raw": "fruit@9"}))


def test_a_torn_object_is_found(workspace: Workspace, source: Path) -> None:
    run(workspace, source)
    raw = workspace.find("fruit")
    assert raw is not None
    stored(workspace, raw.digest).write_bytes(b"bananas")
    with pytest.raises(WorkspaceError) as caught:
        perform(workspace, Job(COUNT, "fruit", {"letter": "n"}))
    assert caught.value.code == "workspace.object-damaged"
    stored(workspace, raw.digest).unlink()
    with pytest.raises(WorkspaceError) as gone:
        workspace.path(raw)
    assert gone.value.code == "workspace.object-missing"


@pytest.mark.parametrize("content", [b"bananas", b"", None], ids=["other", "empty", "gone"])
def test_running_its_step_again_repairs_a_torn_object(
    content: bytes | None, workspace: Workspace, source: Path
) -> None:
    run(workspace, source)
    raw = workspace.need("fruit")
    torn = stored(workspace, raw.digest)
    torn.unlink()
    if content is not None:
        torn.write_bytes(content)
    run(workspace, source)
    assert workspace.path(workspace.need("fruit")).read_text() == "banana"
    assert workspace.need("fruit").digest == raw.digest
    perform(workspace, Job(COUNT, "fruit", {"letter": "n"}))


def test_what_a_killed_process_left_is_swept(workspace: Workspace, source: Path) -> None:
    gone = subprocess.Popen([sys.executable, "-c", ""])
    gone.wait()
    parent = workspace.scratch
    busy = aside_name("run")
    half = busy.replace(f"-{os.getpid()}-", f"-{gone.pid}-")
    (parent / half).mkdir(parents=True)
    (parent / busy).mkdir()
    run(workspace, source)
    assert [path.name for path in parent.iterdir()] == [busy]
