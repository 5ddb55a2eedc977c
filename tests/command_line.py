"""Runs the command line as a user would, in this process, and says what came of it."""

from __future__ import annotations

import contextlib
import io
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from anping.cli.main import main


@dataclass(frozen=True)
class Said:
    """What a command printed and how it ended."""

    code: int
    out: str
    err: str

    @property
    def all(self) -> str:
        """Everything that reached the terminal."""
        return self.out + self.err

    @property
    def error(self) -> dict[str, Any]:
        """The one JSON error envelope."""
        envelope: dict[str, Any] = json.loads(self.err)
        assert set(envelope) == {"error"}
        body: dict[str, Any] = envelope["error"]
        return body


def anping(*arguments: str | Path) -> Said:
    """Run ``anping ARGUMENTS`` and return what it said."""
    out, err, code = io.StringIO(), io.StringIO(), 0
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        try:
            main([str(argument) for argument in arguments])
        except SystemExit as ended:
            code = ended.code if isinstance(ended.code, int) else int(ended.code is not None)
    return Said(code, out.getvalue(), err.getvalue())
