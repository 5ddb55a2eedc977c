"""An empty workspace and a small file."""

from pathlib import Path

import pytest

from anping.workspace.workspace import Workspace
from toy import Ticking


@pytest.fixture
def workspace(tmp_path: Path) -> Workspace:
    return Workspace.create(tmp_path / "w", clock=Ticking())


@pytest.fixture
def source(tmp_path: Path) -> Path:
    path = tmp_path / "source.txt"
    path.write_text("banana")
    return path
