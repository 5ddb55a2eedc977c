"""An empty workspace, in SQLite and in PostgreSQL, and a small file."""

from pathlib import Path

import pytest

from anping.workspace.workspace import Workspace
from places import BACKENDS, Home, home
from toy import Ticking


@pytest.fixture(params=BACKENDS)
def home_on_each(request: pytest.FixtureRequest, tmp_path: Path) -> Home:
    return home(request.param, tmp_path)


@pytest.fixture
def workspace(home_on_each: Home) -> Workspace:
    return home_on_each.create(Ticking())


@pytest.fixture
def source(tmp_path: Path) -> Path:
    path = tmp_path / "source.txt"
    path.write_text("banana")
    return path
