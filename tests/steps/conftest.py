"""A walked workspace that a test may ruin; where it matters, in SQLite and in PostgreSQL."""

from pathlib import Path

import pytest

from command_line import Place
from places import BACKENDS, copied
from walking import Walk


@pytest.fixture
def place(bank: Walk, tmp_path: Path) -> Place:
    """Return a copy of the walked bank's workspace."""
    return _copy(bank, tmp_path)


@pytest.fixture(params=BACKENDS)
def either(request: pytest.FixtureRequest) -> Walk:
    """Return the walked bank, its workspace in a folder, then in a database."""
    name = {"sqlite": "bank", "postgresql": "bank_in_postgresql"}[request.param]
    walk: Walk = request.getfixturevalue(name)
    return walk


@pytest.fixture
def either_place(either: Walk, tmp_path: Path) -> Place:
    """Return a copy of either workspace."""
    return _copy(either, tmp_path)


def _copy(walk: Walk, folder: Path) -> Place:
    beside = folder / "w"
    beside.mkdir()
    return Place(copied(walk.workspace, beside), beside, walk.sample)
