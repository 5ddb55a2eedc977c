"""Tables for people, and the one file that keeps them: ``benchmarks/RESULTS.md``."""

from __future__ import annotations

import os
import platform
import re
from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from time import perf_counter, process_time
from typing import NamedTuple, TypeVar

from anping.core.files import write
from anping.core.measure import Interval, Measure

RESULTS = Path(__file__).with_name("RESULTS.md")
SHARED = Path(__file__).resolve().parents[2] / "shared"

SECTIONS = (
    "chain", "size", "discovery", "discover-columns", "discover-text", "discover-names", "discover-quality", "deid", "deid-attacks", "deid-population", "deid-frontier", "deid-local", "deid-large", "evidence", "ledger", "reading", "cluster", "fuzzing", "learn", "series", "serve", "monitor", "scorecard", "catalogue",
)  # fmt: skip
_HEAD = """# Results

What was measured, when, and on which machine. Each section is written by its own script, run from
the root of the repository: `python -m benchmarks.chain` (or `size`, `discovery`, `deid.attacks`, `deid.population`, `deid.frontier`, `deid.local`, `deid.hundred_million`, `deid`, `evidence`,
`ledger`, `reading`, `cluster`, `fuzzing`, `learn`, `series`, `serve`, `monitor`, `scorecard`, `catalogue`). The public tables and labelled corpora are not shipped; a script says what it lacks.
Intervals are 95 %. CPU seconds are of all threads together.
"""


T = TypeVar("T")


class Took(NamedTuple):
    """CPU seconds of all threads of this process, and wall seconds."""

    cpu: float
    wall: float


def timed(call: Callable[[], T]) -> tuple[T, Took]:
    """Return what ``call`` returns and what it took."""
    cpu, wall = process_time(), perf_counter()
    result = call()
    return result, Took(process_time() - cpu, perf_counter() - wall)


def shared(*parts: str) -> Path | None:
    """Return a path of the shared folder beside the checkout, or None where it is absent."""
    path = SHARED.joinpath(*parts)
    return path if path.exists() else None


def number(value: float, digits: int = 4) -> str:
    """Return a number as people read it: whole ones with thousands, others in few digits."""
    if float(value).is_integer() and abs(value) < 1e15:
        return f"{int(value):,}"
    text = f"{value:,.0f}" if abs(value) >= 1000 else f"{value:.{digits}g}"
    # A share that only rounds to one is not one.
    return f">0.{'9' * digits}" if text == "1" and value < 1 else text


def interval(found: Interval | None) -> str:
    """Return ``[low, high]``, or nothing."""
    return "" if found is None else f"[{number(found.low, 3)}, {number(found.high, 3)}]"


def measured(measure: Measure | None) -> str:
    """Return a measure's value with its interval, or a dash where it was not taken."""
    if measure is None:
        return "–"
    return f"{number(measure.value)} {interval(measure.interval)}".strip()


def table(header: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    """Return a Markdown table; the first column is text, the others are figures."""
    lines = [
        "| " + " | ".join(header) + " |",
        "|---|" + "---:|" * (len(header) - 1),
        *("| " + " | ".join(str(cell) for cell in row) + " |" for row in rows),
    ]
    return "\n".join(lines)


def machine(*libraries: str) -> str:
    """Return date, processor, cores and versions; nothing that names the machine."""
    names = ("numpy", "pyarrow", "duckdb", "lightgbm", "cryptography", *libraries)
    versions = ", ".join(f"{name} {version(name)}" for name in names)
    return (
        f"*{datetime.now(UTC):%Y-%m-%d}; {_processor()}, {os.cpu_count()} cores, shared with other "
        f"work; Python {platform.python_version()}; {versions}.*"
    )


def _processor() -> str:
    facts = Path("/proc/cpuinfo")
    text = facts.read_text("utf-8") if facts.exists() else ""
    found = re.search(r"^model name\s*: (.+)$", text, re.MULTILINE)
    return found[1].strip() if found else platform.processor() or platform.machine()


def publish(name: str, title: str, *blocks: str) -> None:
    """Print a section and put it in its place in RESULTS.md."""
    body = "\n\n".join((f"## {title}", *blocks))
    print(body)
    kept = _sections(RESULTS.read_text("utf-8")) if RESULTS.exists() else {}
    kept[name] = body
    parts = [f"<!-- {each} -->\n{kept[each]}" for each in SECTIONS if each in kept]
    write(RESULTS, ("\n\n".join((_HEAD.strip(), *parts)) + "\n").encode())


def _sections(text: str) -> dict[str, str]:
    pieces = re.split(r"^<!-- ([\w-]+) -->\n", text, flags=re.MULTILINE)
    return {name: body.strip() for name, body in zip(pieces[1::2], pieces[2::2], strict=True)}
