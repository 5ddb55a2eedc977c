"""The search against 48 answers of ARX 3.9.2 on Adult."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

from anping.protect.deid.criteria.closeness import Closeness
from anping.protect.deid.model import Options, PrivacyModel
from benchmarks import report
from benchmarks.deid.adult import Adult, encoded, searched

_ANSWER = re.compile(
    r"adult(?P<columns>\d) (?P<goal>\w+)(?:/(?P<aggregate>\w+))? k=(?P<k>\d+)"
    r"(?: l=(?P<l>\d+)\(distinct,occupation\))?(?: t=(?P<t>\S+)\(equal,occupation\))? "
    r"supp=(?P<limit>\S+) .*levels=\[(?P<levels>\S+)\] score=\[?(?P<score>[^\]]+?)\]? "
    r"checked=(?P<checked>\d+)/.*suppressed=(?P<suppressed>\d+)/"
)
_GOALS = {"loss": "loss", "nue": "entropy", "dm": "discernibility", "aecs": "class_size"}
_AGGREGATES = {None: "mean", "geom": "geometric", "max": "max", "rank": "rank"}
_EQUAL = 1e-8


class Problem(NamedTuple):
    """One of ARX's problems and its answer."""

    name: str
    columns: int
    model: PrivacyModel
    options: Options
    levels: tuple[int, ...]
    score: tuple[float, ...]
    suppressed: int
    checked: int


def problems(lines: list[str]) -> Iterator[Problem]:
    """Yield the problems."""
    for line in lines:
        match = _ANSWER.match(line)
        assert match is not None, line
        close = (Closeness("occupation", float(match["t"])),) if match["t"] else ()
        model = PrivacyModel(
            int(match["k"]),
            int(match["l"]) if match["l"] else None,
            sensitive=("occupation",) if match["l"] else (),
            criteria=close,
        )
        options = Options(
            float(match["limit"]),
            goal=_GOALS[match["goal"]],  # type: ignore[arg-type]
            aggregate=_AGGREGATES[match["aggregate"]],  # type: ignore[arg-type]
        )
        yield Problem(
            line.split(" anonymize")[0],
            int(match["columns"]),
            model,
            options,
            tuple(map(int, match["levels"].split(","))),
            tuple(map(float, match["score"].split(","))),
            int(match["suppressed"]),
            int(match["checked"]),
        )


def golden_blocks(data: Adult, lines: list[str]) -> tuple[str, ...]:
    """Return each problem with ARX's answer and ours."""
    rows, cpu, equal, levels = [], 0.0, 0, 0
    asked = list(problems(lines))
    for each in asked:
        whole = encoded(data.table, data.first(each.columns), each.model)
        (evaluator, ours), took = report.timed(
            lambda each=each, whole=whole: searched(whole, each.model, each.options)  # type: ignore[misc]
        )
        theirs = evaluator.whole(each.levels)
        width = len(each.score)
        same = _near(ours.score[:width], each.score) and _near(
            theirs.priced.score[:width], each.score
        )
        same = same and theirs.suppressed == each.suppressed
        same_levels = ours.node == each.levels
        cpu, equal, levels = cpu + took.cpu, equal + same, levels + same_levels
        rows.append((
            each.name, report.number(each.score[0], 6), report.number(ours.score[0], 6),
            "yes" if same else "NO", "yes" if same_levels else "no", each.checked,
            ours.evaluated, f"{took.cpu:.3f}",
        ))  # fmt: skip
    header = (
        "problem", "ARX's score", "ours", "equal", "same levels", "nodes ARX checked",
        "nodes we evaluated", "CPU s",
    )  # fmt: skip
    return (
        f"### Against ARX 3.9.2 on Adult, n = {data.table.rows:,} rows",
        (
            "How to read it: ARX's optimum and ours on the same table, hierarchies and goal; equal "
            "means that ours has the same score to 1e-8, and that ARX's own levels get the score and "
            "the suppressed rows it says. CPU is our search, grouping the rows left out."
        ),
        report.table(header, rows),
        (
            f"Equal: {equal} of {len(asked)}; the same levels in {levels}. Where levels differ the "
            "score is a tie: the maximum over columns says nothing of most columns, and of equal "
            "maxima we take the least mean. CPU of all searches: "
            f"{cpu:.1f} s. The times of ARX in its file were taken on another machine."
        ),
    )


def _near(one: tuple[float, ...], other: tuple[float, ...]) -> bool:
    return all(abs(a - b) <= _EQUAL * max(1.0, abs(b)) for a, b in zip(one, other, strict=True))
