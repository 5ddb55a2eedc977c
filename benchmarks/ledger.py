"""What the ledger costs when it is long: append, audit, prove, perform, hand over and verify.

    python -m benchmarks.ledger [--statements 1000000] [--url postgresql://… [--there 100000]]

The chain of a sample is walked first; then the ledger is filled with real signed statements, and the
release is handed over and verified. With ``--url``, the same is done in an empty PostgreSQL schema.
"""

from __future__ import annotations

import argparse
import random
import re
import resource
import tempfile
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import replace
from multiprocessing import get_context
from pathlib import Path
from typing import NamedTuple

import sqlalchemy as sa

from anping.core.digest import sha256
from anping.evidence.dsse import read_line, sign
from anping.evidence.merkle import NodeReader, consistency_proof, inclusion_proof
from anping.evidence.resource import Digest
from anping.evidence.statement import StepRecord, read_payload
from anping.recipes.samples import PIPELINE, write_sample
from anping.steps.catalogue import step
from anping.steps.verification import verify_dossier
from anping.workspace.database import reading
from anping.workspace.dossier import export
from anping.workspace.perform import Job, perform
from anping.workspace.pipeline import read_pipeline, run_pipeline
from anping.workspace.witnessing import checkpoint
from anping.workspace.workspace import Workspace
from benchmarks import report

PEOPLE = 600
BATCH = 1_000
SINGLE = 300
PROOFS = 200
CHECKPOINTS = 20
SUBJECT = "customers"


def walked(place: str, folder: Path) -> Workspace:
    """Make a workspace and walk the bank's chain in it, up to the release."""
    objects = folder / "objects" if "://" in place else None
    workspace = Workspace.create(place, keys=folder / "keys", objects=objects)
    write_sample("bank", folder / "sample", people=PEOPLE)
    list(run_pipeline(workspace, read_pipeline(folder / "sample" / PIPELINE), step=step))
    return workspace


def template(workspace: Workspace) -> StepRecord:
    """Return the chain's statement of median length."""
    lines = sorted((entry.line for entry in workspace.ledger.entries()), key=len)
    return read_payload(read_line(lines[len(lines) // 2]).payload)


def signed(workspace: Workspace, first: StepRecord, numbers: range) -> Iterator[bytes]:
    """Yield statements like ``first``, each about another output, signed by the workspace's key."""
    key = workspace.key_store.signing("producer")
    for number in numbers:
        digest = Digest("sha256", sha256(b"%d" % number))
        subjects = tuple(
            replace(each, name=f"filled.{number}@1", digest=digest) for each in first.subjects[:1]
        )
        yield sign(replace(first, subjects=subjects).payload(), key).line()


def filled(workspace: Workspace, first: StepRecord, statements: int) -> report.Took:
    """Fill the ledger in batches, with a checkpoint now and then; return what it took."""
    ledger = workspace.ledger

    def fill() -> None:
        every = max(statements // CHECKPOINTS, BATCH)
        for start in range(0, statements, BATCH):
            with workspace.transaction() as connection:
                numbers = range(start, min(start + BATCH, statements))
                ledger.extend(connection, signed(workspace, first, numbers))
            if start % every < BATCH:
                checkpoint(workspace)

    _, took = report.timed(fill)
    return took


def one_by_one(workspace: Workspace, first: StepRecord) -> report.Took:
    """Append statements in a durable transaction each."""
    lines = list(signed(workspace, first, range(10**9, 10**9 + SINGLE)))

    def append() -> None:
        for line in lines:
            with workspace.transaction() as connection:
                workspace.ledger.append(connection, line)

    _, took = report.timed(append)
    return took


def proofs(workspace: Workspace) -> tuple[float, int, report.Took]:
    """Make random inclusion and consistency proofs; return node reads, mean and most, and the time."""
    chance, size = random.Random(3), workspace.ledger.size
    reads: list[int] = []

    def prove() -> None:
        with workspace.ledger.reader() as node:
            for _ in range(PROOFS):
                for make in (consistency_proof, inclusion_proof):
                    counting, count = _counting(node)
                    make(chance.randrange(1, size), size, counting)
                    reads.append(count[0])

    _, took = report.timed(prove)
    return sum(reads) / len(reads), max(reads), took


def _counting(node: NodeReader) -> tuple[NodeReader, list[int]]:
    count = [0]

    def counted(level: int, index: int) -> bytes:
        count[0] += 1
        return node(level, index)

    return counted, count


def performed(workspace: Workspace, folder: Path) -> report.Took:
    """Perform a small step: take a two-line file in."""
    source = folder / "small.csv"
    count = len(workspace.assets("small"))
    source.write_text(f"a,b\n1,{count}\n", "utf-8")
    _, took = report.timed(
        lambda: perform(workspace, Job(step("know.add"), "small", {"path": str(source)}))
    )
    return took


class Audit(NamedTuple):
    """An audit in a process of its own: what it took, its memory in MB before and at most."""

    statements: int
    cpu: float
    wall: float
    before: float
    peak: float


def audited(place: str, keys: Path) -> Audit:
    """Audit a workspace; to be called in a process that has done nothing else."""
    workspace = Workspace.open(place, keys=keys)
    public, before = workspace.key_store.public(), _peak()
    seen, took = report.timed(lambda: workspace.ledger.audited(public))
    return Audit(seen.statements, took.cpu, took.wall, before, _peak())


def _peak() -> float:
    # getrusage would count what the process was before it became this program.
    status = Path("/proc/self/status")
    found = re.search(
        r"^VmHWM:\s+(\d+)", status.read_text() if status.exists() else "", re.MULTILINE
    )
    kilobytes = int(found[1]) if found else resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return kilobytes / 1024


def audited_apart(place: str, keys: Path) -> Audit:
    """Audit a workspace in a process of its own."""
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as apart:
        return apart.submit(audited, place, keys).result()


def stored_bytes(workspace: Workspace) -> int:
    """Return the size of the database."""
    if workspace.place.folder is not None:
        found = workspace.place.folder.glob("workspace.sqlite*")
        return sum(each.stat().st_size for each in found)
    query = (
        "SELECT sum(pg_total_relation_size(oid)) FROM pg_class "
        "WHERE relkind = 'r' AND relnamespace = current_schema()::regnamespace"
    )
    with reading(workspace.database) as connection:
        return int(connection.execute(sa.text(query)).scalar_one())


def column(place: str, statements: int, folder: Path) -> list[str]:
    """Return the figures of one database, in the order of the rows."""
    workspace = walked(place, folder)
    early = performed(workspace, folder)
    first = template(workspace)
    batch, single = filled(workspace, first, statements), one_by_one(workspace, first)
    late = performed(workspace, folder)
    audit = audited_apart(place, folder / "keys")
    mean, most, proving = proofs(workspace)
    _, signing = report.timed(lambda: checkpoint(workspace))
    handed, exporting = report.timed(lambda: export(workspace, SUBJECT, folder / "dossier"))
    keys = folder / "keys.json"
    keys.write_bytes(workspace.key_store.public())
    checked, verifying = report.timed(lambda: verify_dossier(handed.folder, trust=keys))
    assert checked.ok
    size = stored_bytes(workspace)
    return [
        f"{audit.statements:,}",
        f"{len(next(workspace.ledger.entries([audit.statements // 2])).line):,}",
        f"{1000 * batch.wall / statements:.3f}",
        f"{1000 * batch.cpu / statements:.3f}",
        f"{1000 * single.wall / SINGLE:.2f}",
        f"{1000 * early.wall:.0f} → {1000 * late.wall:.0f}",
        f"{audit.wall:.1f}",
        f"{audit.statements / audit.wall:,.0f}",
        f"{audit.statements / audit.cpu:,.0f}",
        f"{audit.before:.0f} → {audit.peak:.0f}",
        f"{mean:.1f} (most {most})",
        f"{1000 * proving.wall / (2 * PROOFS):.1f}",
        f"{1000 * signing.wall:.0f}",
        f"{exporting.wall:.2f}",
        f"{verifying.wall:.2f}",
        f"{size / 1e6:,.0f}",
        f"{size / audit.statements:,.0f}",
    ]


ROWS = (
    "statements",
    "bytes of one",
    f"append with signature, in batches of {BATCH:,}: ms each, wall",
    "the same: ms each, CPU of this process",
    f"append in a durable transaction each (n = {SINGLE}): ms each, wall",
    "perform a small step, before → after filling: ms",
    "full audit: s",
    "full audit: statements per second, wall",
    "full audit: statements per CPU second of this process",
    "memory of the auditing process, before → at most: MB",
    f"nodes read for a proof (n = {2 * PROOFS})",
    "make a proof: ms",
    "sign a checkpoint: ms",
    "export a dossier: s",
    "verify a dossier: s",
    "database: MB",
    "database: bytes per statement",
)


def measured(place: Callable[[Path], str], statements: int) -> list[str]:
    """Return a column, measured in a folder that vanishes."""
    with tempfile.TemporaryDirectory() as folder:
        return column(place(Path(folder)), statements, Path(folder))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--statements", type=int, default=1_000_000)
    parser.add_argument("--url", default=None, help="an empty PostgreSQL schema")
    parser.add_argument("--there", type=int, default=None, help="statements in PostgreSQL")
    given = parser.parse_args()
    columns = {"SQLite": measured(lambda folder: str(folder / "w"), given.statements)}
    if given.url:
        columns["PostgreSQL"] = measured(lambda _: given.url, given.there or given.statements)
    rows = [(name, *(figures[at] for figures in columns.values())) for at, name in enumerate(ROWS)]
    report.publish(
        "ledger",
        "The ledger when it is long",
        report.machine("sqlalchemy"),
        f"How to read it: a chain of {PEOPLE} people is walked, then the ledger is filled with signed "
        "statements as long as that chain's median one; each is canonical JSON, signed with Ed25519 "
        "and stored with its tree nodes. One process, one core; PostgreSQL, where shown, ran on the "
        "same machine over a Unix socket with fsync on. The audit reads every line in canonical form, "
        "checks every signature, leaf, node and checkpoint. A single durable append waits for the disk.",
        report.table(("", *columns), rows),
    )


if __name__ == "__main__":
    main()
