"""Walked once for all tests: the bank's and the hospital's chain from raw file to dossier."""

from pathlib import Path

import pytest
from hypothesis import settings

from walking import Walk, walk_sample

# Timings are the benchmarks' matter: a busy machine is no failure.
settings.register_profile("untimed", deadline=None)
settings.load_profile("untimed")

SHARED = Path(__file__).parents[1].parent / "shared"


@pytest.fixture(scope="session")
def bank(tmp_path_factory: pytest.TempPathFactory) -> Walk:
    return walk_sample(tmp_path_factory.mktemp("bank"), "bank", people=600, subject="customers")


@pytest.fixture(scope="session")
def bank_in_postgresql(tmp_path_factory: pytest.TempPathFactory) -> Walk:
    folder = tmp_path_factory.mktemp("bank-postgresql")
    return walk_sample(folder, "bank", people=600, subject="customers", backend="postgresql")


@pytest.fixture(scope="session")
def hospital(tmp_path_factory: pytest.TempPathFactory) -> Walk:
    return walk_sample(
        tmp_path_factory.mktemp("hospital"), "hospital", people=300, subject="visits"
    )


@pytest.fixture(scope="session")
def shared() -> Path:
    if not SHARED.is_dir():
        pytest.skip("the public data folder ../shared is not beside this checkout")
    return SHARED
