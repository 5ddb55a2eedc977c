"""What a billion rows would cost on a cluster: stages measured on this machine, then extrapolated.

Every stage runs on Spark in local mode with one and two cores, on 1 and 3 million rows, in a process
of its own; Spark's event log says how long its tasks computed and what they shuffled. ``--rows``
(repeatable) chooses other sizes, which are published from 100,000 rows on, ``--price`` the price of a
core-hour.
"""

from __future__ import annotations

import argparse
import json
import math
import subprocess
import sys
import tempfile
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from time import perf_counter
from typing import Any

import numpy as np

from anping.engine.aggregate import frequencies
from anping.engine.read import read
from anping.engine.table import Table
from anping.know.scan import scan
from anping.protect import PROFILES, KeyRing, Means, Plan, dump_plan, parse_plan, propose
from anping.protect.apply import protect_into
from benchmarks import report
from benchmarks.size_table import write_table

SIZES = (1_000_000, 3_000_000)
CORES = (1, 2)
GOAL_ROWS = 1_000_000_000
NODES, CORES_A_NODE = 16, 8
#: Bytes a second that a node sends while all others do too: 10 Gbit/s, half of it used.
NETWORK = 0.5 * 10e9 / 8
#: Bytes a second of results that the driver takes in.
DRIVER = 100e6
#: The share of its time that a core computes: the rest is waiting for stragglers and starting tasks.
BUSY = 0.7
PRICE = 0.05
#: The fewest rows whose runs are published.
_LEAST = 100_000
_STAGES = ("scan", "protect", "classes")
_MEANS = Means(KeyRing({"person": b"p" * 32, "date-shift": b"d" * 32}))


@dataclass(frozen=True)
class Spent:
    """One stage: wall seconds, seconds of all tasks together, bytes shuffled and brought back."""

    stage: str
    rows: int
    cores: int
    wall: float
    tasks: float
    shuffled: float
    brought: float

    @property
    def alone(self) -> float:
        """The seconds in which no task ran on any core: the driver's own."""
        return max(0.0, self.wall - self.tasks / self.cores)


@dataclass(frozen=True)
class Line:
    """Seconds or bytes: ``fixed`` + ``each`` x rows, ``each`` with a 95 % interval."""

    fixed: float
    each: float
    low: float
    high: float

    @classmethod
    def through(cls, rows: Sequence[float], values: Sequence[float]) -> Line:
        """Return the least-squares line; the interval is Student's, of the slope."""
        from scipy import stats

        fitted = stats.linregress(rows, values)
        freedom = len(rows) - 2
        margin = stats.t.ppf(0.975, freedom) * fitted.stderr if freedom > 0 else math.nan
        each = max(0.0, float(fitted.slope))
        fixed = max(0.0, float(fitted.intercept))
        return cls(fixed, each, max(0.0, each - margin), each + margin)

    def at(self, rows: float) -> tuple[float, float, float]:
        """Return the value for so many rows, and the ends of its interval."""
        low, high = (self.fixed + each * rows for each in (self.low, self.high))
        return self.fixed + self.each * rows, low, high


def measured(folder: Path, rows: int, cores: int) -> list[Spent]:
    """Run every stage once in a process of its own and return what each took."""
    out = folder / f"{rows}-{cores}"
    out.mkdir()
    command = [sys.executable, "-m", "benchmarks.cluster", "--one", str(folder), str(out),
               "--rows", str(rows), "--cores", str(cores)]  # fmt: skip
    subprocess.run(command, check=True, stderr=subprocess.DEVNULL)
    walls = json.loads((out / "walls.json").read_text("utf-8"))
    told = told_by(next((out / "events").iterdir()))
    return [
        Spent(stage, rows, cores, walls[stage], *told[stage])
        for stage in _STAGES
    ]  # fmt: skip


def one(folder: Path, out: Path, rows: int, cores: int) -> None:
    """Run the stages in this process; the event log and the wall seconds go to ``out``."""
    from anping.engine.spark.session import session
    from anping.engine.spark.table import spark_table

    (out / "events").mkdir()
    spark = session(
        f"local[{cores}]",
        settings={
            "spark.driver.memory": "3g",
            "spark.local.dir": str(out),
            "spark.sql.warehouse.dir": str(out / "warehouse"),
            "spark.sql.shuffle.partitions": str(2 * cores),
            "spark.eventLog.enabled": "true",
            "spark.eventLog.dir": (out / "events").as_uri(),
            "spark.eventLog.compress": "false",
            "spark.eventLog.rolling.enabled": "false",
        },
    )
    table = spark_table(folder / f"{rows}.parquet", spark)
    plan = parse_plan((folder / f"{rows}.yaml").read_text("utf-8"))
    # The first job starts Python and compiles; it is nobody's.
    spark.sparkContext.setJobGroup("start", "start")
    frequencies(table, table.columns[:1])
    walls: dict[str, float] = {}
    made: list[Any] = []
    for stage, run in _runs(table, plan, out, made).items():
        spark.sparkContext.setJobGroup(stage, stage)
        began = perf_counter()
        made.append(run())
        walls[stage] = perf_counter() - began
    spark.stop()
    (out / "walls.json").write_text(json.dumps(walls), "utf-8")


def _runs(table: Table, plan: Plan, out: Path, made: list[Any]) -> dict[str, Callable[[], Any]]:
    return {
        "scan": lambda: scan(table),
        "protect": lambda: protect_into(table, plan, out / "protected", means=_MEANS),
        "classes": lambda: frequencies(made[-1].table, plan.quasi_identifiers),
    }


def told_by(events: Path) -> Mapping[str, tuple[float, float, float]]:
    """Return, from Spark's event log, each stage's task seconds, bytes shuffled, bytes brought."""
    group_of: dict[int, str] = {}
    sums: dict[str, list[float]] = defaultdict(lambda: [0.0, 0.0, 0.0])
    for event in _events(events):
        if event["Event"] == "SparkListenerJobStart":
            group = event.get("Properties", {}).get("spark.jobGroup.id", "")
            group_of |= dict.fromkeys(event["Stage IDs"], group)
        elif event["Event"] == "SparkListenerTaskEnd" and "Task Metrics" in event:
            metrics = event["Task Metrics"]
            told = sums[group_of.get(event["Stage ID"], "")]
            told[0] += metrics["Executor Run Time"] / 1000
            told[1] += metrics["Shuffle Write Metrics"]["Shuffle Bytes Written"]
            told[2] += metrics["Result Size"]
    return {stage: (told[0], told[1], told[2]) for stage, told in sums.items()}


def _events(path: Path) -> Iterator[dict[str, Any]]:
    with path.open(encoding="utf-8") as lines:
        for line in lines:
            yield json.loads(line)


def prepared(folder: Path, rows: int) -> None:
    """Write the table and, made on one machine, a plan for it."""
    csv = write_table(folder / f"{rows}.csv", rows)
    table = read(csv, into=folder / f"{rows}.parquet").table
    csv.unlink()
    plan = propose(scan(table).findings, table, profile=PROFILES["restricted"], target="違約")
    (folder / f"{rows}.yaml").write_bytes(dump_plan(plan))


def measured_table(spent: Sequence[Spent]) -> str:
    header = ("stage", "rows", "cores", "wall s", "task s", "driver alone s", "rows / core-second",
              "shuffled B/row", "brought B/row")  # fmt: skip
    return report.table(
        header,
        (
            (each.stage, f"{each.rows:,}", each.cores, f"{each.wall:.1f}", f"{each.tasks:.1f}",
             f"{each.alone:.1f}", f"{each.rows / each.tasks:,.0f}",
             f"{each.shuffled / each.rows:.1f}", f"{each.brought / each.rows:.2f}")
            for each in sorted(spent, key=lambda one: (_STAGES.index(one.stage), one.rows, one.cores))
        ),
    )  # fmt: skip


def extrapolated(spent: Sequence[Spent], price: float) -> tuple[str, str]:
    """Return the table of a billion rows, stage by stage, and the cost in words."""
    cores = NODES * CORES_A_NODE
    lines, total = [], np.zeros(3)
    for stage in _STAGES:
        mine = [each for each in spent if each.stage == stage]
        rows = [float(each.rows) for each in mine]
        tasks = Line.through(rows, [each.tasks for each in mine])
        alone = [each.alone for each in mine]
        brought = Line.through(rows, [each.brought for each in mine])
        moved = Line.through(rows, [each.shuffled for each in mine])
        computing = np.array(tasks.at(GOAL_ROWS)) / cores / BUSY
        sending = np.array(moved.at(GOAL_ROWS)) / NODES / NETWORK
        # Starting jobs takes as long however many rows there are; what is brought here grows.
        driving = np.array([np.mean(alone), min(alone), max(alone)])
        driving += np.array(brought.at(GOAL_ROWS)) / DRIVER
        wall = computing + sending + driving
        total += wall
        lines.append(
            (stage, f"{tasks.at(GOAL_ROWS)[0] / 3600:,.1f}", f"{moved.at(GOAL_ROWS)[0] / 1e9:,.0f}",
             f"{driving[0] / 60:,.1f}", _minutes(wall))
        )  # fmt: skip
    lines.append(("all", "", "", "", _minutes(total)))
    header = (
        "stage",
        "core-hours of tasks",
        "GB shuffled",
        "driver alone, minutes",
        "wall, minutes",
    )
    cost = cores * total / 3600 * price
    words = (
        f"**{GOAL_ROWS:,} rows × 20 columns on {NODES} × {CORES_A_NODE} cores: about "
        f"{total[0] / 60:,.0f} minutes [{total[1] / 60:,.0f}, {total[2] / 60:,.0f}], "
        f"{cores * total[0] / 3600:,.0f} core-hours paid, {cost[0]:,.2f} [{cost[1]:,.2f}, "
        f"{cost[2]:,.2f}] at {price:g} a core-hour.** This is a simulation, not a measurement."
    )
    return report.table(header, lines), words


def _minutes(seconds: np.ndarray[Any, Any]) -> str:
    value, low, high = (seconds / 60).tolist()
    return f"{value:,.0f} [{low:,.0f}, {high:,.0f}]"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, action="append")
    parser.add_argument("--price", type=float, default=PRICE)
    parser.add_argument("--one", nargs=2, type=Path, help=argparse.SUPPRESS)
    parser.add_argument("--cores", type=int, help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.one:
        folder, out = given.one
        one(folder, out, given.rows[0], given.cores)
        return
    spent: list[Spent] = []
    with tempfile.TemporaryDirectory() as name:
        for rows in given.rows or SIZES:
            prepared(Path(name), rows)
            for cores in CORES:
                spent += measured(Path(name), rows, cores)
                print(*map(asdict, spent[-len(_STAGES) :]), sep="\n", flush=True)
    table, words = extrapolated(spent, given.price)
    largest = max(each.rows for each in spent)
    if min(each.rows for each in spent) < _LEAST:
        # What is fixed, or sampled, hides what grows: this says nothing of a billion.
        print(measured_table(spent), words, table, sep="\n\n")
        return
    report.publish(
        "cluster",
        "Past one machine: a billion rows on a cluster, simulated",
        report.machine("pyspark"),
        "The seeded register of `benchmarks/size_table.py` on Spark in local mode: *scan* (roles, "
        "profile, quality), *protect* (fit by grouping, apply, random order, check, measures; the "
        "plan is the proposed one) and *classes* (the equivalence classes of the protected table). "
        "Task seconds are those of Spark's event log; the driver is alone when no task runs.",
        measured_table(spent),
        words,
        table,
        f"From at most {largest:,} rows this extrapolates {GOAL_ROWS / largest:,.0f}-fold: take it as an "
        "order of magnitude.",
        "Assumptions: seconds and bytes grow as a straight line in rows (least squares through the "
        f"runs above, n = {len(spent) // len(_STAGES)} a stage; the interval is of the slope, 95 %, and holds the "
        "line's own error only); a core computes "
        f"{BUSY:.0%} of the time; a node moves {NETWORK / 1e6:,.0f} MB/s while all do; the driver takes "
        f"in {DRIVER / 1e6:,.0f} MB/s of results, which grow as a line too though the combinations of "
        "leaves do not; starting jobs costs what it cost here; the cluster's cores are as fast as "
        "these; the distinct values of the quasi-identifiers do not grow; starting the "
        "cluster and storage are not counted.",
    )


if __name__ == "__main__":
    main()
