"""How long every reader stood up to a coverage-guided fuzzer, and what it found."""

from __future__ import annotations

import argparse
import re
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from benchmarks import report

TESTS = Path(__file__).resolve().parents[1] / "tests"
PROGRAM = TESTS / "fuzz" / "coverage_guided.py"
HANG = "timeout"


def found(log: str, pattern: str) -> int:
    """Return the last number that ``pattern`` finds in what libFuzzer said, or 0."""
    numbers = re.findall(pattern, log)
    return int(numbers[-1]) if numbers else 0


def row(name: str, out: Path) -> tuple[str, ...]:
    """Return one target's line of the table."""
    log = (out / f"{name}.log").read_text("utf-8", "replace")
    crashes = sum(1 for kind in ("crash", "oom", "leak") for _ in out.glob(f"{name}-{kind}-*"))
    figures = (
        found(log, r"number_of_executed_units: (\d+)") or found(log, r"#(\d+)\t"),
        found(log, r"cov: (\d+)"),
        sum(1 for path in (out / f"{name}.corpus").iterdir() if path.is_file()),
        crashes,
        sum(1 for _ in out.glob(f"{name}-{HANG}-*")),
        found(log, r"peak_rss_mb:\s+(\d+)"),
    )
    return name, *(f"{figure:,}" for figure in figures)


def run(seconds: int, names: Sequence[str], out: Path) -> list[tuple[str, ...]]:
    """Fuzz the named targets (all where none is named) in turn; return a line for each."""
    done = subprocess.run(
        [
            sys.executable,
            "-W",
            "ignore",
            str(PROGRAM),
            str(out),
            f"-max_total_time={seconds}",
            *names,
        ],
        check=False,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    codes = [line.split() for line in done.stdout.splitlines()]
    return [row(words[0], out) for words in codes if len(words) == 2]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=int, default=20, help="for each target")
    parser.add_argument("--keep", type=Path, help="a folder for logs, corpora and crashes")
    parser.add_argument("targets", nargs="*")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        out = given.keep or Path(folder)
        out.mkdir(parents=True, exist_ok=True)
        rows = run(given.seconds, given.targets, out)
    header = (
        "reader", "executions", "edges covered", "inputs that added coverage", "crashes",
        "hangs (over 2 s of CPU count as a crash, 30 s as a hang)", "peak memory, MiB",
    )  # fmt: skip
    table = report.table(header, rows)
    if given.targets:
        print(table)
        return
    report.publish(
        "fuzzing",
        "Fuzzing: every reader under a coverage-guided fuzzer",
        report.machine("atheris"),
        f"How to read it: {given.seconds} seconds for each reader, one process, from the committed "
        "seeds; edges are those of our own Python code and of the parsers written in Python, not of "
        "compiled ones. A crash is whatever is not a value or a typed error in both languages, a "
        "data value in an error, a second spelling of evidence, or a changed dossier accepted.",
        table,
    )


if __name__ == "__main__":
    main()
