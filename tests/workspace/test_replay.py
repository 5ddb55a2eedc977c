"""The owner measures again inside the site: honest numbers agree, altered data does not."""

from pathlib import Path

from anping.steps.catalogue import step
from anping.workspace.perform import Job, perform
from anping.workspace.replay import replay
from anping.workspace.workspace import Workspace
from toy import COUNT, STEPS, TAKE
from walking import Walk


def test_a_toy_measure_is_the_same_again(workspace: Workspace, source: Path) -> None:
    perform(workspace, Job(TAKE, "fruit", {"path": str(source)}))
    perform(workspace, Job(COUNT, "fruit", {"letter": "n"}))
    found = list(replay(workspace, "fruit.count@1", step=STEPS.__getitem__))
    assert [(each.stated.key, each.same) for each in found] == [("count", True)]
    assert workspace.ledger.size == 2


def test_the_real_chain_is_the_same_again(bank: Walk) -> None:
    found = list(replay(bank.workspace, "customers.release@1", step=step))
    names = {each.stated.name for each in found if each.same}
    assert names >= {"risk.linkage.success", "risk.prosecutor.max", "utility.auc"}
    assert [each.stated.key for each in found if each.same is False] == []
    passed_over = {each.step for each in found if each.same is None}
    assert passed_over == {"know.add", "judge.detection", "protect.deid"}
