"""Hands a job to the forking program, which kills it at random moments, and returns what it told."""

import json
import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

FORKING = Path(__file__).parent / "faults" / "forking.py"


def tried(given: Mapping[str, object]) -> dict[str, Any]:
    """Let the forking program try a job and return what it told."""
    scratch = Path(str(given["scratch"])) / "local"
    scratch.mkdir(mode=0o700)
    done = subprocess.run(
        [sys.executable, str(FORKING)],
        input=json.dumps(given),
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "PYTHONWARNINGS": "ignore", "ANPING_SCRATCH": str(scratch)},
    )
    assert done.returncode == 0, done.stderr[-3000:]
    told: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return told
