"""Does one job of a chain in children of its own and kills them at random moments.

Run as a program with a job on standard input, because a process that forks must have no threads:
everything is imported first, and whatever starts threads happens in the children only.
"""

from __future__ import annotations

import json
import os
import pkgutil
import random
import re
import shutil
import signal
import sqlite3
import sys
import time
import traceback
from contextlib import suppress
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from importlib import import_module
from pathlib import Path
from typing import Any

os.environ["OPENBLAS_NUM_THREADS"] = "1"

import duckdb  # noqa: TID253 - see above
import lightgbm  # noqa: TID253
import numpy as np
import pyarrow.parquet

import anping
from anping.core.digest import sha256_file
from anping.evidence.verify import verify
from anping.know.discover.batch import Detector
from anping.know.discover.text import Scanner
from anping.steps.catalogue import step, steps
from anping.workspace.dossier import export
from anping.workspace.pipeline import Loaded, read_pipeline, run_pipeline
from anping.workspace.witnessing import checkpoint, cosigned_by
from anping.workspace.workspace import Workspace

_IMPORTED = (duckdb, lightgbm, np, pyarrow.parquet)
#: After so many kills in a row the job must come to its end.
_RERUN = 10
_MOST_SECONDS = 120
_DIGEST = re.compile(r"[0-9a-f]{64}")


@dataclass(frozen=True)
class Given:
    """The job: an entry of a pipeline by number, ``chain`` (all), ``dossier`` or ``witness``.

    It starts from a copy of ``before``, or goes on in the PostgreSQL workspace at ``url``, whose keys
    and content lie in ``scratch``.
    """

    pipeline: str
    entry: int | str
    before: str
    scratch: str
    kills: int
    seed: int
    url: str = ""


@dataclass
class Told:
    """What came of it."""

    killed: int = 0
    finished: int = 0
    reruns: int = 0
    seconds: float = 0.0
    problems: list[str] = field(default_factory=list)


def noon() -> datetime:
    return datetime(2026, 6, 1, 12, tzinfo=UTC)


def opened(place: Path) -> Workspace:
    url = place / "url"
    where = url.read_text() if url.exists() else place / "workspace"
    return Workspace.open(where, keys=place / "keys", clock=noon)


def do(given: Given, place: Path) -> None:
    """Do the job in ``place``; a child's only work."""
    workspace = opened(place)
    if given.entry == "witness":
        cosigned_by(workspace, place / "witness")
    elif given.entry == "dossier":
        if (place / "out.zip").exists():
            # A dossier never overwrites; there is nothing left to do.
            return
        checkpoint(workspace)
        export(workspace, read_pipeline(Path(given.pipeline)).pipeline.subject, place / "out")
    else:
        loaded = read_pipeline(Path(given.pipeline))
        entries = loaded.pipeline.steps
        if given.entry != "chain":
            entries = entries[int(given.entry) : int(given.entry) + 1]
        one = loaded.pipeline.model_copy(update={"steps": entries})
        list(run_pipeline(workspace, Loaded(one, loaded.folder), step=step))


def child(given: Given, place: Path) -> int:
    """Fork a child that does the job and return its number."""
    number = os.fork()
    if number:
        return number
    try:
        do(given, place)
    except BaseException:  # noqa: BLE001 - whatever it is, the parent must hear of it
        (place / "error.txt").write_text(traceback.format_exc())
        os._exit(1)
    os._exit(0)


def fresh(given: Given, name: str) -> Path:
    place = Path(given.scratch) / name
    shutil.rmtree(place, ignore_errors=True)
    shutil.copytree(given.before, place)
    return place


def ended(number: int) -> int:
    """Wait for a child and return its exit code, or minus the signal that ended it."""
    return os.waitstatus_to_exitcode(os.waitpid(number, 0)[1])


def main() -> None:
    given = Given(**json.load(sys.stdin))
    # A child that has to import for seconds before it works would mostly be killed while it imports.
    for module in pkgutil.walk_packages(anping.__path__, "anping."):
        with suppress(ImportError):
            import_module(module.name)
    steps()
    Detector(Scanner(recall=True)).many(["a text, so that what finds personal data is built once"])
    Scanner().find("a reason")
    if given.url:
        print(json.dumps(asdict(chained(given))))
        return
    told, draw = Told(), random.Random(given.seed)
    reference = fresh(given, "reference")
    began = time.monotonic()
    if ended(child(given, reference)):
        raise SystemExit((reference / "error.txt").read_text())
    told.seconds = time.monotonic() - began
    wanted = state(given, reference)
    place = fresh(given, "trial")
    for kill in range(given.kills):
        number = child(given, place)
        began = time.monotonic()
        time.sleep(draw.uniform(0, told.seconds))
        os.kill(number, signal.SIGKILL)
        code = ended(number)
        told.problems += looked_at(given, place)
        if code > 0:
            told.problems.append((place / "error.txt").read_text()[-1500:])
        told.killed += code < 0
        told.finished += code == 0
        if code == 0:
            # The first run was the slowest; a kill must come before the end to be one.
            told.seconds = min(told.seconds, 0.95 * (time.monotonic() - began))
        if code == 0 or kill % _RERUN == _RERUN - 1 or kill == given.kills - 1:
            told.problems += to_the_end(given, place, wanted)
            told.reruns += 1
            place = fresh(given, "trial")
        if told.problems:
            break
    print(json.dumps(asdict(told)))


def chained(given: Given) -> Told:
    """Kill the whole chain again and again in one workspace, which keeps what was finished."""
    told, draw, place = Told(seconds=1.5), random.Random(given.seed), Path(given.scratch)
    for _ in range(given.kills):
        number = child(given, place)
        time.sleep(draw.uniform(0, told.seconds))
        os.kill(number, signal.SIGKILL)
        code = ended(number)
        told.killed += code < 0
        told.finished += code == 0
        told.problems += looked_at(given, place)
        told.problems += [(place / "error.txt").read_text()[-1500:]] if code > 0 else []
    if ended(child(given, place)):
        told.problems.append((place / "error.txt").read_text()[-1500:])
    told.problems += looked_at(given, place)
    workspace = opened(place)
    done = [entry.record["predicate"]["step"]["id"] for entry in workspace.ledger.entries()]
    workspace.database.dispose()
    wanted = [entry.step for entry in read_pipeline(Path(given.pipeline)).pipeline.steps]
    told.problems += [] if done == wanted else [f"{done} is not {wanted}"]
    return told


def to_the_end(given: Given, place: Path, wanted: dict[str, Any]) -> list[str]:
    """Do the job once more and return in what its result differs from one never disturbed."""
    if ended(child(given, place)):
        return ["again: " + (place / "error.txt").read_text()[-1500:]]
    found = state(given, place)
    problems = [f"{name}: {found[name]} is not {wanted[name]}" for name in wanted
                if found[name] != wanted[name]]  # fmt: skip
    left = [str(path.relative_to(place)) for path in place.rglob("*")
            if path.name.endswith((".aside", ".stage", ".part"))]  # fmt: skip
    left += [str(path.relative_to(place)) for path in (place / "workspace" / "aside").glob("*")]
    return problems + [f"left behind: {name}" for name in left] + looked_at(given, place)


def state(given: Given, place: Path) -> dict[str, Any]:
    """Return what the job's result is: everything that must be the same however often it was killed."""
    workspace = opened(place)
    try:
        assets = {}
        for asset in workspace.assets():
            exact = isinstance(given.entry, str) or step_of(given).reproducible
            known = exact or not asset.name.endswith(
                (".protected", ".links", ".protection", ".paths", ".frontier")
            )
            # Their keys are made by the step that first needs one: another in each copy.
            known = known and not asset.name.endswith((".sketch", ".history", ".consent"))
            assets[asset.reference] = asset.digest if known else asset.rows
        found = {"assets": assets, "statements": workspace.ledger.size}
    finally:
        workspace.database.dispose()
    if given.entry == "dossier":
        found["dossier"] = verify(place / "out").ok and verify(place / "out.zip").ok
    if given.entry == "witness":
        held = sorted(path.name for path in (place / "witness").rglob("*.checkpoint"))
        found["held"] = held
    return found


def step_of(given: Given) -> Any:
    return step(read_pipeline(Path(given.pipeline)).pipeline.steps[int(given.entry)].step)


def looked_at(given: Given, place: Path) -> list[str]:
    """Return what is broken in a workspace whose worker was killed."""
    try:
        workspace = opened(place)
        try:
            workspace.ledger.audit(workspace.key_store.public())
            for asset in workspace.assets():
                path = workspace.path(asset)
                if asset.kind == "release":
                    for digest in json.loads(path.read_bytes()).values():
                        workspace.objects.get(digest, of=asset.reference)
        finally:
            workspace.database.dispose()
        problems = [
            f"half-written object {path.name}"
            for path in (place / "workspace" / "objects").rglob("*")
            if _DIGEST.fullmatch(path.name) and sha256_file(path) != path.name
        ]
        if not given.url:
            database = sqlite3.connect(place / "workspace" / "workspace.sqlite")
            (answer,) = database.execute("PRAGMA integrity_check").fetchone()
            database.close()
            problems += [] if answer == "ok" else [f"database: {answer}"]
        out = place / "out"
        if given.entry == "dossier" and out.exists() and not verify(out).ok:
            problems.append("half-written dossier")
    except Exception:  # noqa: BLE001 - any exception is what we look for
        return [traceback.format_exc()[-1500:]]
    return problems


if __name__ == "__main__":
    signal.alarm(_MOST_SECONDS * 10)
    main()
