"""Labels bind every step: data whose retention has ended is not worked on any more."""

from pathlib import Path

import pytest

from anping.recipes.samples import write_sample
from anping.steps.catalogue import step
from anping.workspace.perform import Job, Performed, perform
from places import BACKENDS, home


def scanned(tmp_path: Path, until: str, backend: str) -> Performed:
    write_sample("bank", tmp_path / "bank", people=50)
    workspace = home(backend, tmp_path).create()
    file = str(tmp_path / "bank" / "customers.csv")
    perform(workspace, Job(step("know.add"), "c", {"path": file, "retain_until": until}))
    return perform(workspace, Job(step("know.scan"), "c", {}))


@pytest.mark.parametrize("backend", BACKENDS)
def test_data_past_its_retention_is_refused_and_the_refusal_recorded(
    tmp_path: Path, backend: str
) -> None:
    refused = scanned(tmp_path, "2020-01-01", backend)
    assert refused.refused
    assert refused.verdict is not None
    failed = [reason for reason in refused.verdict.reasons if not reason.holds]
    assert [reason.code for reason in failed] == ["flow.retention"]
    assert failed[0].next_step is not None
    assert [asset.name for asset in refused.outputs] == ["c.refusal"]


@pytest.mark.parametrize("backend", BACKENDS)
def test_data_within_its_retention_is_worked_on(tmp_path: Path, backend: str) -> None:
    done = scanned(tmp_path, "2999-01-01", backend)
    assert not done.refused
    assert done.verdict is not None
    assert done.verdict.gate == "govern.flow"
