"""The exact search against ARX's own answers and its speed, and Python peers side by side."""

from __future__ import annotations

import argparse
import os
from pathlib import Path

from benchmarks import report
from benchmarks.deid.adult import adult
from benchmarks.deid.golden import golden_blocks
from benchmarks.deid.peers import measuring_blocks, peer_blocks
from benchmarks.deid.speed import speed_blocks


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--anjana", type=Path, help="a Python in whose environment anjana is")
    parser.add_argument("--patient", action="store_true", help="run ARX on the survey, too: hours")
    given = parser.parse_args()
    jar = os.environ.get("ARX_JAR")
    folder = report.shared("data", "adult_arx")
    answers = report.shared("peers", "deid", "arx_golden_adult.txt")
    blocks: tuple[str, ...] = ("ARX's Adult or its answers were not there: left out.",)
    if folder is not None and answers is not None:
        data = adult(folder)
        blocks = (
            *speed_blocks(folder, Path(jar) if jar else None, patient=given.patient),
            *golden_blocks(data, answers.read_text("utf-8").splitlines()),
            *peer_blocks(data, given.anjana),
            *measuring_blocks(data),
        )
    report.publish(
        "deid", "De-identification: the exact search, and peers", report.machine("pycanon"), *blocks
    )


if __name__ == "__main__":
    main()
