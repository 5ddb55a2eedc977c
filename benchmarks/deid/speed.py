"""CPU seconds and peak memory of the search, beside ARX in the same run where its jar is given.

``python -m benchmarks.deid.speed FOLDER PROBLEM ...`` is one problem in a process of its own: the
whole of it is the cold start, its peak memory is the problem's.
"""

from __future__ import annotations

import json
import resource
import signal
import subprocess
import sys
import tempfile
from functools import partial
from importlib.abc import MetaPathFinder
from pathlib import Path
from typing import NamedTuple

import pyarrow as pa
import pyarrow.csv as pc

from anping.engine.table import Table
from anping.protect.deid.compiled import use_compiled
from anping.protect.deid.counting import encoded_of
from anping.protect.deid.hierarchy import Hierarchy
from anping.protect.deid.model import Options, PrivacyModel
from benchmarks import report
from benchmarks.deid.adult import COLUMNS, adult, coded, searched
from benchmarks.deid.survey import survey

_K = 5
_LIMITS = (0.0, 0.02, 0.1, 1.0)
_DRIVER = Path(__file__).parents[1] / "peers" / "ArxSearch.java"
_REPEATS = {"adult": 12, "survey": 1}
_ARX_REPEATS = {"adult": 5, "survey": 1}
#: CPU seconds for all of ARX's threads; its search on the survey where all may go takes more.
_PATIENCE = 900
#: The goal is this many times ARX's speed: by table and suppression limit.
_GOALS = {
    ("adult", 0.0): 3, ("adult", 0.02): 20, ("adult", 0.1): 20, ("adult", 1.0): 20,
    ("survey", 0.02): 60, ("survey", 0.1): 60,
}  # fmt: skip


class Timed(NamedTuple):
    """One problem solved: what it came to, and the least CPU of some repeats."""

    loss: float
    suppressed: int
    evaluated: int
    grouping: float
    search: float
    peak: int


def speed_blocks(folder: Path, jar: Path | None, *, patient: bool) -> tuple[str, ...]:
    """Return our times and ARX's, with goals met and missed; on the survey too, if ``patient``."""
    rows = []
    for name in ("adult", "survey"):
        for limit in _LIMITS:
            numpy = _alone(folder, name, limit, fast=False)
            fast = _alone(folder, name, limit, fast=True) if _compiled() else None
            theirs = _arx(folder, jar, name, limit) if name == "adult" or patient else None
            rows.append(_line(name, limit, (numpy, fast), theirs))
    header = (
        "table, may go", "loss", "suppressed", "nodes", "grouping CPU s", "search, NumPy",
        "search, compiled", "peak MB", "ARX CPU s", "ARX peak MB", "ARX / ours", "goal",
    )  # fmt: skip
    cold = _cold(folder)
    return (
        f"### Speed and memory, k = {_K}, 9 columns, one thread",
        (
            "How to read it: the least CPU seconds of some repeats in a warm process of its own for "
            "each line. Grouping turns rows into counted combinations and hierarchies into tables; the "
            "search starts there. ARX's seconds are of its `anonymize`, warm. Both start from cells that "
            "are numbers already: reading and encoding texts is left out on both sides. The ratio takes "
            "our faster search with grouping. Adult has 30,162 rows and 19,502 combinations; the "
            "made survey 1,200,000 rows and 914,907 combinations."
        ),
        report.table(header, rows),
        f"Cold, the whole process on Adult with 2 % suppression, NumPy: {cold:.2f} CPU s "
        "(goal: 1.5), without pandas, which Arrow would import and only the development tools bring. "
        + _beside(jar, patient=patient),
    )


def _beside(jar: Path | None, *, patient: bool) -> str:
    """Say what ARX was run on, and what is known of the rest."""
    if jar is not None and patient:
        return "ARX ran beside it."
    known = "152.7 and 170.3 CPU s on a like survey with 2 and 10 %, and did not end in 900 s with 100 %"
    if jar is None:
        known = f"0.035, 0.816, 0.931 and 2.58 CPU s on Adult, {known}"
    left_out = "not given (`ARX_JAR`)" if jar is None else "not run on the survey (`--patient`)"
    return f"ARX was {left_out}; measured earlier, on another machine, it took {known}."


def _line(
    name: str, limit: float, ours: tuple[Timed, Timed | None], theirs: dict[str, float] | None
) -> tuple[object, ...]:
    numpy, fast = ours
    best = min((each for each in ours if each is not None), key=lambda each: each.search)
    goal = _GOALS.get((name, limit))
    ratio = None if theirs is None else theirs["cpu"] / (best.search + best.grouping)
    met = "" if goal is None or ratio is None else (" met" if ratio >= goal else " MISSED")
    return (
        f"{name}, {limit:.0%}", f"{numpy.loss:.6f}", report.number(numpy.suppressed),
        numpy.evaluated, f"{best.grouping:.3f}", f"{numpy.search:.3f}",
        "–" if fast is None else f"{fast.search:.3f}", report.number(best.peak),
        *_told(theirs, ratio),
        "–" if goal is None else f"{goal} ×{met}",
    )  # fmt: skip


def _told(theirs: dict[str, float] | None, ratio: float | None) -> tuple[str, str, str]:
    if theirs is None or ratio is None:
        return "–", "–", "–"
    if theirs["cpu"] == float("inf"):
        return f"not ended in {_PATIENCE}", "–", "–"
    return f"{theirs['cpu']:.3f}", report.number(theirs["peak"]), f"{ratio:.1f} ×"


def _compiled() -> bool:
    return use_compiled(10**9, rows=10**9, fast=None)


def _alone(folder: Path, name: str, limit: float, *, fast: bool) -> Timed:
    command = [sys.executable, "-m", "benchmarks.deid.speed", str(folder), name, str(limit)]
    said = subprocess.run([*command, str(int(fast))], check=True, capture_output=True, text=True)
    return Timed(**json.loads(said.stdout.strip().splitlines()[-1]))


def _cold(folder: Path) -> float:
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    command = [sys.executable, "-m", "benchmarks.deid.speed", str(folder), "adult", "0.02", "0"]
    subprocess.run([*command, "once"], check=True, capture_output=True)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def _arx(folder: Path, jar: Path | None, name: str, limit: float) -> dict[str, float] | None:
    """Run ARX on the same table and hierarchies; the driver prints a line of JSON."""
    if jar is None:
        return None
    with tempfile.TemporaryDirectory() as made:
        work = Path(made)
        table, hierarchies = _problem(folder, name)
        _write(work, table, hierarchies)
        subprocess.run(["javac", "-cp", jar, "-d", work, _DRIVER], check=True)
        said = _patiently(
            [
                "java", "-Xmx6g", "-cp", f"{jar}:{work}", "ArxSearch", work, str(_K), str(limit),
                str(_ARX_REPEATS[name]), *hierarchies,
            ],
        )  # fmt: skip
    if said is None:
        return {"cpu": float("inf"), "peak": float("inf")}
    found: dict[str, float] = json.loads(said.splitlines()[-1])
    return found


def _patiently(command: list[object]) -> str | None:
    """Return what the command prints, or None where it has not ended in `_PATIENCE` CPU seconds."""
    said = subprocess.run(
        ["prlimit", f"--cpu={_PATIENCE}", *map(str, command)],
        check=False, capture_output=True, text=True,
    )  # fmt: skip
    if said.returncode == -signal.SIGKILL:
        return None
    said.check_returncode()
    return said.stdout.strip()


def _write(work: Path, table: Table, hierarchies: dict[str, Hierarchy]) -> None:
    rows = table.arrow()
    kept = pa.table({name: rows.column(name).cast(pa.string()) for name in hierarchies})
    pc.write_csv(kept, work / "table.csv", pc.WriteOptions(delimiter=";", quoting_style="none"))
    for place, hierarchy in enumerate(hierarchies.values()):
        hierarchy.to_csv(work / f"{place}.csv")


def _problem(folder: Path, name: str) -> tuple[Table, dict[str, Hierarchy]]:
    if name == "survey":
        return survey()
    data = adult(folder)
    return data.table, {column: data.hierarchies[column] for column in COLUMNS}


class _WithoutPandas(MetaPathFinder):
    """Arrow imports pandas where it is there; only the development tools bring it."""

    def find_spec(self, fullname: str, path: object, target: object = None, /) -> None:  # noqa: ARG002 - the protocol's
        if fullname.partition(".")[0] == "pandas":
            raise ModuleNotFoundError(name=fullname)


def main() -> None:
    folder, name, limit, fast, *once = sys.argv[1:]
    if once:
        sys.meta_path.insert(0, _WithoutPandas())
    table, hierarchies = _problem(Path(folder), name)
    model, options = PrivacyModel(_K), Options(float(limit), fast=fast == "1")
    repeats = 1 if once else 1 + _REPEATS[name]
    grouped, took = [], []
    numbers, coder = coded(table, hierarchies, model)
    for _ in range(repeats):
        (whole, _), spent = report.timed(lambda: encoded_of(numbers, coder))
        grouped.append(spent.cpu)
        (_, found), spent = report.timed(partial(searched, whole, model, options))
        took.append(spent.cpu)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    timed = Timed(found.loss, found.suppressed, found.evaluated, min(grouped), min(took), peak)
    print(json.dumps(timed._asdict()))


if __name__ == "__main__":
    main()
