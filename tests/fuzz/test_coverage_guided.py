"""A short coverage-guided run of every reader: no crash, no hang, no memory blow-up."""

from __future__ import annotations

import importlib.util
import os
import subprocess
import sys
from pathlib import Path

import pytest

from fuzz.targets import TARGETS

LIMIT = "-runs=200"
PROGRAM = Path(__file__).with_name("coverage_guided.py")


@pytest.mark.skipif(
    importlib.util.find_spec("atheris") is None, reason="atheris is not made for this platform"
)
def test_a_short_guided_run_finds_nothing(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-W", "ignore", str(PROGRAM), str(tmp_path), LIMIT],
        check=False, capture_output=True, text=True,
        env={**os.environ, "OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1"},
    )  # fmt: skip
    told = dict(line.split() for line in done.stdout.splitlines() if len(line.split()) == 2)
    assert set(told) >= set(TARGETS), done.stderr[-2000:]
    for name, code in told.items():
        log = tmp_path / f"{name}.log"
        assert code == "0", (name, log.read_text("utf-8", "replace")[-3000:])
    assert not [path.name for path in tmp_path.glob("*-crash-*")]
