"""What the command line prints: texts, tables that align Chinese, measures, progress, errors."""

from __future__ import annotations

import json
import sys
import unicodedata
from collections.abc import Iterable, Sequence

import click

from anping.cli.language import language, say
from anping.core.errors import AnpingError
from anping.core.measure import Measure
from anping.core.text import LANGUAGES, Language, Text
from anping.core.verdict import Verdict

#: From here on four digits need no exponent; below the last a number is nothing to a reader.
_THOUSAND, _SMALL, _NOTHING = 1000, 1e-4, 1e-6


def languages() -> tuple[Language, ...]:
    """Return both languages, the reader's own first."""
    return LANGUAGES if language() == "zh" else LANGUAGES[::-1]


def width(text: str) -> int:
    """Return how many terminal columns a text takes; East Asian wide characters take two."""
    return sum(2 if unicodedata.east_asian_width(letter) in "WF" else 1 for letter in text)


def table(headers: Sequence[Text], rows: Iterable[Sequence[str]]) -> None:
    """Print rows under headers, aligned."""
    body = [[say(header) for header in headers], *([str(cell) for cell in row] for row in rows)]
    widths = [max(width(row[column]) for row in body) for column in range(len(headers))]
    for row in body:
        cells = (cell + " " * (widths[i] - width(cell)) for i, cell in enumerate(row))
        click.echo("  " + "  ".join(cells).rstrip())


def number(value: float) -> str:
    """Return a number with at most four significant decimals, never with an exponent."""
    if value == int(value) and abs(value) < 1e15:
        return f"{int(value):,}"
    if abs(value) >= _THOUSAND:
        return f"{value:,.1f}"
    if abs(value) >= _SMALL:
        return f"{value:.4g}"
    return f"{value:.7f}".rstrip("0") if abs(value) >= _NOTHING else "≈0"


def measures(found: Iterable[Measure]) -> None:
    """Print measures with unit, n and interval."""
    rows = []
    for measure in found:
        interval = measure.interval
        spread = "" if interval is None else f"[{number(interval.low)}, {number(interval.high)}]"
        title = say(measure.title)
        named = f"{title} · {measure.subject}" if measure.subject not in title else title
        rows.append((named, number(measure.value), spread, measure.unit, f"n={measure.n:,}"))
    table(
        (Text("量測", "measure"), Text("值", "value"), Text("95% 區間", "95% interval"),
         Text("單位", "unit"), Text("樣本", "n")),
        rows,
    )  # fmt: skip


_OUTCOMES = {
    "allow": Text("准許", "ALLOWED"),
    "allow-with-conditions": Text("附條件准許", "ALLOWED, WITH CONDITIONS"),
    "refuse": Text("拒絕", "REFUSED"),
}


def verdict(given: Verdict) -> None:
    """Print a verdict with every reason, its conditions and the next steps."""
    colour = "red" if given.refused else "green"
    click.secho(say(_OUTCOMES[given.outcome]), fg=colour, bold=True)
    for reason in given.reasons:
        mark = click.style("✓", fg="green") if reason.holds else click.style("✗", fg="red")
        click.echo(f"  {mark} {say(reason.why)}")
        if not reason.holds and reason.next_step is not None:
            click.echo(f"      → {say(reason.next_step)}")
    if given.conditions:
        click.echo(say(Text("條件：", "Conditions:")))
        for condition in given.conditions:
            click.echo(f"  • {say(condition)}")


def progress(what: Text, done: int, total: int | None) -> None:
    """Draw progress on a terminal's error stream; stay silent elsewhere."""
    if not sys.stderr.isatty():
        return
    share = f" {done:,}/{total:,}" if total else f" {done:,}" if done else " …"
    sys.stderr.write(f"\r\033[K{say(what)}{share}")
    if total and done >= total:
        sys.stderr.write("\r\033[K")
    sys.stderr.flush()


def clear() -> None:
    """Wipe the progress line before something lasting is printed."""
    if sys.stderr.isatty():
        sys.stderr.write("\r\033[K")
        sys.stderr.flush()


def error(problem: AnpingError, *, as_json: bool) -> None:
    """Print an error in both languages, or as the one JSON envelope, on the error stream."""
    if as_json:
        click.echo(json.dumps({"error": problem.as_json()}, ensure_ascii=False), err=True)
        return
    for each in languages():
        click.secho(f"[{problem.code}] {problem.to(each)}", fg="red", err=True)
