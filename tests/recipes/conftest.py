"""One bank and one hospital for the whole room: written once, only read by the tests."""

from __future__ import annotations

import csv
from collections.abc import Callable
from pathlib import Path

import pytest

from anping.recipes.finance.sample import write_bank
from anping.recipes.health.sample import write_hospital
from anping.recipes.sample.files import SampleFiles


@pytest.fixture(scope="session")
def bank(tmp_path_factory: pytest.TempPathFactory) -> SampleFiles:
    return write_bank(tmp_path_factory.mktemp("bank") / "sample")


@pytest.fixture(scope="session")
def hospital(tmp_path_factory: pytest.TempPathFactory) -> SampleFiles:
    return write_hospital(tmp_path_factory.mktemp("hospital") / "sample")


def _rows(path: Path, encoding: str) -> list[dict[str, str]]:
    with path.open(encoding=encoding, newline="") as stream:
        return list(csv.DictReader(stream, strict=True))


@pytest.fixture(scope="session")
def read_rows() -> Callable[[Path, str], list[dict[str, str]]]:
    return _rows


@pytest.fixture(scope="session")
def customers(bank: SampleFiles) -> list[dict[str, str]]:
    return _rows(bank.main, "utf-8")


@pytest.fixture(scope="session")
def visits(hospital: SampleFiles) -> list[dict[str, str]]:
    return _rows(hospital.main, "utf-8")
