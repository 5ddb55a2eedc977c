"""The exact search against ARX's own answers, and side by side with Python peers."""

from __future__ import annotations

import argparse
import json
import re
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pyarrow as pa
import pyarrow.csv as pc

from anping.core.measure import find
from anping.engine.table import Table
from anping.protect.deid.anonymize import Anonymized, anonymize
from anping.protect.deid.hierarchy import Hierarchy
from anping.protect.deid.loss import information_loss_of_release
from anping.protect.deid.model import Options, PrivacyModel
from anping.protect.risk.reidentification import measure_diversity, measure_risk
from benchmarks import report

#: The order of ARX's quasi-identifiers; problems on fewer columns take the first ones.
COLUMNS = (
    "sex", "age", "race", "marital-status", "education", "native-country", "workclass",
    "occupation", "salary-class",
)  # fmt: skip
_PROBLEM = re.compile(
    r"adult(?P<columns>\d) loss k=(?P<k>\d+)(?: l=(?P<l>\d+)\(distinct,(?P<s>\S+)\))? "
    r"supp=(?P<limit>\S+) .*levels=\[(?P<levels>\S+)\] score=(?P<loss>\S+) .*"
    r"suppressed=(?P<suppressed>\d+)/"
)
_EQUAL = 1e-8
_PEER = Path(__file__).with_name("peers") / "anjana_k_anonymity.py"
_PEER_K, _PEER_LIMIT = 5, 0.05


class Problem(NamedTuple):
    """One of ARX's problems and its answer."""

    columns: int
    model: PrivacyModel
    limit: float
    levels: tuple[int, ...]
    loss: float
    suppressed: int


class Adult(NamedTuple):
    """ARX's Adult with its hierarchies, and where they lie."""

    folder: Path
    table: Table
    hierarchies: dict[str, Hierarchy]

    def first(self, columns: int) -> dict[str, Hierarchy]:
        """Return the hierarchies of the first columns."""
        return {column: self.hierarchies[column] for column in COLUMNS[:columns]}


def adult(folder: Path) -> Adult:
    """Read the table and the hierarchies."""
    delimited = pc.ParseOptions(delimiter=";")
    found = {
        column: Hierarchy.from_csv(column, folder / "hierarchies" / f"adult_hierarchy_{column}.csv")
        for column in COLUMNS
    }
    table = Table.of(pc.read_csv(folder / "adult.csv", parse_options=delimited))
    return Adult(folder, table, found)


def problems(lines: list[str]) -> Iterator[Problem]:
    """Return the problems that we can state: k and distinct l, loss as the arithmetic mean."""
    for match in filter(None, map(_PROBLEM.match, lines)):
        diverse = int(match["l"]) if match["l"] else None
        yield Problem(
            int(match["columns"]),
            PrivacyModel(int(match["k"]), diverse, sensitive=(match["s"],) if diverse else ()),
            float(match["limit"]),
            tuple(map(int, match["levels"].split(","))),
            float(match["loss"]),
            int(match["suppressed"]),
        )


def golden_blocks(data: Adult, lines: list[str]) -> tuple[str, ...]:
    """Return each problem with ARX's answer, ours, and what local recoding adds."""
    rows, cpu, equal, local_cpu, won = [], 0.0, 0, 0.0, 0
    asked = list(problems(lines))
    for each in asked:
        ours, took = report.timed(lambda each=each: _solve(data, each, local=False))  # type: ignore[misc]
        local, took_local = report.timed(lambda each=each: _solve(data, each, local=True))  # type: ignore[misc]
        same = abs(ours.loss - each.loss) <= _EQUAL and ours.suppressed_rows == each.suppressed
        cpu, local_cpu = cpu + took.cpu, local_cpu + took_local.cpu
        equal, won = equal + same, won + (local.loss < each.loss - _EQUAL)
        model = f"k={each.model.k}" + (f" l={each.model.l}" if each.model.l else "")
        rows.append((
            f"{each.columns} columns, {model}, {each.limit:.0%} may go",
            f"{each.loss:.6f}", f"{ours.loss:.6f}", "yes" if same else "NO",
            "yes" if tuple(ours.levels.values()) == each.levels else "no",
            ours.nodes_evaluated, f"{took.cpu:.2f}",
            f"{local.loss:.4f}", report.number(local.suppressed_rows), f"{took_local.cpu:.2f}",
        ))  # fmt: skip
    header = (
        "problem", "ARX's loss", "ours", "equal", "same levels", "nodes evaluated", "CPU s",
        "with local recoding", "rows suppressed", "CPU s",
    )  # fmt: skip
    return (
        f"### Against ARX 3.9.2 on Adult, n = {data.table.rows:,} rows",
        (
            "How to read it: ARX's optimum and ours on the same table, hierarchies and loss; equal "
            "means the same loss to 1e-8 and as many suppressed rows (two optima may lie on "
            "different levels); the last three columns are our release, which recodes locally what "
            "suppression would lose, and is not what ARX was asked."
        ),
        report.table(header, rows),
        (
            f"Equal: {equal} of {len(asked)} problems in scope; {len(lines) - len(asked)} of "
            f"{len(lines)} ask for what is not built (t-closeness, other losses, other aggregates). "
            f"Local recoding loses less than ARX's optimum in {won} of {len(asked)}. CPU: "
            f"{cpu:.1f} s for all exact searches, {local_cpu:.1f} s with local recoding. ARX's own "
            "times were taken on another machine and are left out."
        ),
    )


def _solve(data: Adult, problem: Problem, *, local: bool) -> Anonymized:
    options = Options(problem.limit, local_recoding=local, seed=1)
    hierarchies = data.first(problem.columns)
    return anonymize(data.table, hierarchies, model=problem.model, options=options)


def measuring_blocks(data: Adult) -> tuple[str, ...]:
    """Return what measuring k and l takes here and in pycanon, in this process."""
    from pycanon import anonymity

    rows_of = data.table.arrow()
    frame = rows_of.to_pandas()
    seven, sensitive = list(COLUMNS[:7]), ["occupation"]
    nine = list(COLUMNS)
    pairs = {
        "k, 9 columns (ours also marketer, journalist, uniqueness)": (
            lambda: find(measure_risk(Table.of(rows_of), nine), "risk.class_size.min"),
            lambda: anonymity.k_anonymity(frame, nine),
        ),
        "l, 7 columns": (
            lambda: measure_diversity(Table.of(rows_of), seven, sensitive)[0],
            lambda: anonymity.l_diversity(frame, seven, sensitive),
        ),
    }
    rows = []
    for name, (ours, theirs) in pairs.items():
        (answer, took), (peer, took_peer) = report.timed(ours), report.timed(theirs)
        assert answer is not None
        assert answer.value == peer
        ratio = took_peer.cpu / took.cpu
        rows.append((name, f"{took.cpu:.3f}", f"{took_peer.cpu:.3f}", f"{ratio:.1f} ×", int(peer)))
    return (
        "### Measuring k and l, side by side with pycanon",
        "How to read it: the same answer on the same table, CPU seconds in the same process.",
        report.table(("measure", "ours", "pycanon", "pycanon / ours", "answer of both"), rows),
    )


def peer_blocks(data: Adult, python: Path | None) -> tuple[str, ...]:
    """Return our release beside anjana's, which runs in its own Python."""
    title = f"### k = {_PEER_K}, {_PEER_LIMIT:.0%} may go, 9 columns: side by side with anjana"
    if python is None:
        return (title, "Left out: no `--anjana PYTHON` of an environment that has it was given.")
    problem = Problem(9, PrivacyModel(_PEER_K), _PEER_LIMIT, (), 0.0, 0)
    exact, took = report.timed(lambda: _solve(data, problem, local=False))
    local, took_local = report.timed(lambda: _solve(data, problem, local=True))
    with tempfile.TemporaryDirectory() as folder:
        out = Path(folder) / "released.csv"
        said = subprocess.run(
            [python, _PEER, data.folder, str(_PEER_K), str(_PEER_LIMIT), out],
            check=True, capture_output=True, text=True,
        )  # fmt: skip
        theirs = json.loads(said.stdout.strip().splitlines()[-1])
        loss, smallest = _judge(data, out)
    ours_classes = find(measure_risk(local.table, list(COLUMNS)), "risk.class_size.min")
    exact_classes = find(measure_risk(exact.table, list(COLUMNS)), "risk.class_size.min")
    assert ours_classes is not None
    assert exact_classes is not None
    rows = data.table.rows
    lines = [
        ("anjana", f"{loss:.4f}", rows - theirs["rows"], smallest, f"{theirs['cpu']:.2f}", "1"),
        (
            "ours, exact search only", f"{exact.loss:.4f}", exact.suppressed_rows,
            int(exact_classes.value), f"{took.cpu:.2f}", f"{theirs['cpu'] / took.cpu:.1f}",
        ),
        (
            "ours, with local recoding", f"{local.loss:.4f}", local.suppressed_rows,
            int(ours_classes.value), f"{took_local.cpu:.2f}",
            f"{theirs['cpu'] / took_local.cpu:.1f}",
        ),
    ]  # fmt: skip
    header = ("program", "loss", "rows suppressed", "smallest class", "CPU s", "times as fast")
    return (
        title,
        (
            "How to read it: the same table, hierarchies, k and limit one after the other on the "
            "same machine, reading files left out; the loss of each release is computed by the same "
            "function; anjana looks for some full-domain solution, not for the best."
        ),
        report.table(header, lines),
    )


def _judge(data: Adult, released: Path) -> tuple[float, int]:
    texts = pc.ConvertOptions(column_types=dict.fromkeys(COLUMNS, pa.string()))
    table = pc.read_csv(
        released, parse_options=pc.ParseOptions(delimiter=";"), convert_options=texts
    )
    coverage = {
        column: {value: hierarchy.coverage(value) for value in set(table[column].to_pylist())}
        for column, hierarchy in data.hierarchies.items()
    }
    gone = data.table.rows - table.num_rows
    classes = table.group_by(list(COLUMNS)).aggregate([([], "count_all")])
    smallest = min(classes.column("count_all").to_pylist())
    return information_loss_of_release(table, coverage, suppressed_rows=gone), smallest


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--anjana", type=Path, help="a Python in whose environment anjana is")
    given = parser.parse_args()
    folder = report.shared("data", "adult_arx")
    answers = report.shared("peers", "deid", "arx_golden_adult.txt")
    blocks: tuple[str, ...] = ("ARX's Adult or its answers were not there: left out.",)
    if folder is not None and answers is not None:
        data = adult(folder)
        blocks = (
            *golden_blocks(data, answers.read_text("utf-8").splitlines()),
            *peer_blocks(data, given.anjana),
            *measuring_blocks(data),
        )
    report.publish(
        "deid", "De-identification: the exact search, and peers", report.machine("pycanon"), *blocks
    )


if __name__ == "__main__":
    main()
