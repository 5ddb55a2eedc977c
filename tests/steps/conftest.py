"""A walked workspace that a test may ruin."""

import shutil
from pathlib import Path

import pytest

from command_line import Place
from walking import Walk


@pytest.fixture
def place(bank: Walk, tmp_path: Path) -> Place:
    """Return a copy of the walked bank's workspace."""
    folder, keys = tmp_path / "w" / "workspace", tmp_path / "w" / "keys"
    shutil.copytree(bank.workspace.folder, folder)
    shutil.copytree(Path(bank.workspace.key_store.location), keys)
    return Place(folder, keys, bank.sample)
