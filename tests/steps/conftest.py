"""A walked workspace that a test may ruin."""

from pathlib import Path

import pytest

from command_line import Place
from places import copied
from walking import Walk


@pytest.fixture
def place(bank: Walk, tmp_path: Path) -> Place:
    """Return a copy of the walked bank's workspace."""
    folder = tmp_path / "w"
    folder.mkdir()
    return Place(copied(bank.workspace, folder), folder, bank.sample)
