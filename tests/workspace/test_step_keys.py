"""A key that a step needs first exists with the step's result, or not at all."""

from __future__ import annotations

from pathlib import Path

import pytest

from anping.core.errors import KeyStoreError
from anping.workspace.step_keys import StepKeys
from anping.workspace.workspace import Workspace


@pytest.fixture
def workspace(tmp_path: Path) -> Workspace:
    return Workspace.create(tmp_path / "w", keys=tmp_path / "keys")


def test_a_new_key_is_kept_when_the_step_is_done(workspace: Workspace) -> None:
    keys = StepKeys(workspace)
    key = keys.secret("person")
    assert keys.secret("person") == key
    assert not workspace.key_store.has_secret("person")
    keys.keep()
    assert workspace.secret("person") == key == StepKeys(workspace).secret("person")


def test_of_two_steps_that_make_a_key_the_second_is_told_to_run_again(workspace: Workspace) -> None:
    first, second = StepKeys(workspace), StepKeys(workspace)
    assert first.secret("person") != second.secret("person")
    first.keep()
    with pytest.raises(KeyStoreError) as caught:
        second.keep()
    assert caught.value.code == "key.made-meanwhile"
    assert workspace.secret("person") == first.secret("person")


def test_a_key_that_existed_is_never_made_again(workspace: Workspace, tmp_path: Path) -> None:
    keys = StepKeys(workspace)
    keys.secret("person")
    keys.keep()
    (tmp_path / "keys" / "person.secret").unlink()
    with pytest.raises(KeyStoreError):
        StepKeys(workspace).secret("person")
    with pytest.raises(KeyStoreError):
        StepKeys(workspace).secret("../escape")
