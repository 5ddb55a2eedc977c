"""Runs the command line as a user would, in this process, and says what came of it."""

from __future__ import annotations

import contextlib
import io
import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from anping.cli.main import main
from anping.workspace.workspace import Workspace
from places import Home
from walking import Walk


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


#: A value of a person, planted where things go wrong; it must stand in nothing printed.
MARKER = "祕密標記ZQX7731"


@dataclass(frozen=True)
class Place:
    """A workspace of one's own that a test may ruin; ``folder`` is where things lie beside it."""

    home: Home
    folder: Path
    sample: Path

    @property
    def keys(self) -> Path:
        """The folder with the keys."""
        return self.home.keys

    @property
    def options(self) -> tuple[str, ...]:
        """What names this workspace on the command line."""
        return self.home.options

    def workspace(self) -> Workspace:
        """Open it as a new process would."""
        return self.home.open()

    def state(self) -> dict[str, Any]:
        """Return everything that a failed command must leave as it was."""
        workspace = self.workspace()
        scratch = workspace.scratch
        return {
            "assets": [asset.reference for asset in workspace.assets()],
            "ledger": workspace.ledger.size,
            "checkpoints": workspace.ledger.checkpoints(),
            "aside": sorted(path.name for path in scratch.iterdir()) if scratch.exists() else [],
            "beside": sorted(path.name for path in self.folder.rglob("*.aside")),
            "keys": sorted(path.name for path in self.keys.iterdir()),
        }

    def run(self, *arguments: str | Path) -> Said:
        """Run a command that must succeed."""
        said = anping(*arguments, *self.options)
        assert said.code == 0, said.all
        return said

    def refused(self, *arguments: str | Path, code: str, state: bool = True) -> dict[str, Any]:
        """Run a command that must fail with ``code``, both ways, and change nothing."""
        before = self.state() if state else {}
        body = fails(*arguments, *self.options, code=code)
        assert not state or self.state() == before
        return body


def fails(*arguments: str | Path, code: str | None = None) -> dict[str, Any]:
    """Run a command that must fail (with ``code``, if given); return the error's JSON."""
    as_json = anping("--json-errors", *arguments)
    as_text = anping(*arguments)
    body = as_json.error
    code = body["code"] if code is None else code
    assert body["code"] == code, body
    assert (as_json.code, as_text.code) == (exit_code(code), exit_code(code))
    for language in ("zh", "en"):
        assert body["what"][language]
        assert body["hint"][language]
        assert body["what"][language] in as_text.err
        assert body["hint"][language] in as_text.err
    assert any("\u4e00" <= letter <= "\u9fff" for letter in body["what"]["zh"])
    for said in (as_json, as_text):
        assert "Traceback" not in said.all
        assert MARKER not in said.all
        assert "祕密" not in said.all
    return body


#: What the shell promises to a script: a family of errors, an exit code.
EXIT = {
    "input": 3, "schema": 3, "parameter": 2, "command": 2, "plan": 2, "policy": 2, "licence": 2,
    "protect": 4, "deid": 4, "key": 6, "workspace": 8, "verify": 7, "release": 8, "dossier": 8, "pipeline": 2,
    "step": 2, "confirm": 2, "discover": 2, "system": 3, "checkpoint": 7, "witness": 7, "ledger": 7, "evidence": 7, "keys": 7, "search": 2, "lineage": 2,
    "similar": 2, "learn": 2, "predict": 2, "consent": 3, "model": 3,
}  # fmt: skip
EXACT = {
    "input.unknown-encoding": 2, "input.unknown-type": 2, "input.bad-delimiter": 2,
    "pipeline.unreadable": 3, "add.quarantine": 2, "discover.entities-file": 3,
    "consent.nothing-given": 2, "consent.offset": 2, "consent.other-raw": 8, "predict.no-rows": 3,
    "model.wrong-kind": 2, "show.table": 2, "utility.target": 2, "deid.weights": 2,
}  # fmt: skip


def exit_code(code: str) -> int:
    if code.startswith("deid.hierarchy-"):
        return 2
    return EXACT[code] if code in EXACT else EXIT[code.partition(".")[0]]


def edited(walk: Walk, path: Path, change: Callable[[dict[str, Any]], object]) -> Path:
    plan = yaml.safe_load((walk.dossier / "plan.yaml").read_text("utf-8"))
    change(plan)
    path.write_text(yaml.safe_dump(plan, allow_unicode=True, sort_keys=False), "utf-8")
    return path
