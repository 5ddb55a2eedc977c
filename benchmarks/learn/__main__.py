"""Models of tables beside AutoGluon and FLAML, on the same rows, one after the other.

``AUTOGLUON_PYTHON=… FLAML_PYTHON=… python -m benchmarks.learn --keep FOLDER`` runs the peers in their
own environments; without them their lines are left out. What is finished is kept in the folder, and
``--publish`` writes what is there without running anything. ``--table NAME`` (repeatable) takes some
tables.
"""

from __future__ import annotations

import argparse
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from anping.learn.target import target_of
from anping.stats.auc import auc
from benchmarks import report
from benchmarks.learn.pieces import Learner, Piece, known, piece
from benchmarks.learn.tables import Problem, problems, splits

Floats = NDArray[np.float64]
_OURS = (Learner("Anping", 20.0), Learner("Anping", 100.0))
_PEERS = (
    Learner("autogluon-medium", 60.0, "AUTOGLUON_PYTHON"),
    Learner("autogluon-best", 300.0, "AUTOGLUON_PYTHON"),
    Learner("flaml", 60.0, "FLAML_PYTHON"),
)
_DRAWS, _SEED = 1_000, 20260101


class Run(NamedTuple):
    """A learner, and its pieces by fold."""

    learner: Learner
    pieces: dict[int, Piece]


def _run(problem: Problem, learner: Learner, keep: Path, *, publish: bool) -> Run:
    found = {}
    for fold in range(problem.folds):
        done = (known if publish else piece)(problem, learner, fold, keep)
        if done is not None:
            found[fold] = done
            print(problem.name, learner.name, f"{learner.seconds:g}", fold, f"{done.cpu:.1f} CPU s")
    return Run(learner, found)


def _score(problem: Problem, truth: Floats, said: Floats) -> float:
    if problem.number:
        return float(np.sqrt(np.mean((truth - said) ** 2)))
    return auc(truth == 1, said)


def _gain(problem: Problem, truths: Sequence[Floats], ours: Run, peer: Run) -> str:
    """Return how much better we are than a peer on the folds that both have, and its interval.

    Rows are drawn again, the same for both; 95 % of 1,000 draws, averaged over the folds.
    """
    both = sorted(ours.pieces.keys() & peer.pieces.keys())
    if not both or ours is peer:
        return ""
    sign = -1 if problem.number else 1
    draw = np.random.default_rng(_SEED)

    def gains(*, pick: bool) -> Iterator[float]:
        for fold in both:
            truth = truths[fold]
            rows = draw.integers(0, truth.size, truth.size) if pick else np.arange(truth.size)
            one, other = (
                _score(problem, truth[rows], run.pieces[fold].said[rows]) for run in (ours, peer)
            )
            yield sign * (one - other)

    drawn = [float(np.mean(list(gains(pick=True)))) for _ in range(_DRAWS)]
    low, high = np.quantile(drawn, (0.025, 0.975))
    digits = 2 if problem.number and abs(high) > 0.5 else 4
    return f"{np.mean(list(gains(pick=False))):+.{digits}f} [{low:+.{digits}f}, {high:+.{digits}f}]"


def _block(problem: Problem, runs: Sequence[Run]) -> str:
    measure = "RMSE" if problem.number else "AUC"
    truths = [
        target_of(problem.target, test.column(problem.target)).values for _, test in splits(problem)
    ]
    header = (
        "learner", "seconds asked", "folds", measure, "Anping 20 is better by", "CPU s",
        "ms for one row", "MB",
    )  # fmt: skip
    rows = []
    for run in runs:
        pieces = run.pieces
        if not pieces:
            continue
        score = np.mean([_score(problem, truths[at], each.said) for at, each in pieces.items()])
        cpu, row, size = np.mean([each[1:] for each in pieces.values()], axis=0)
        rows.append(
            (
                run.learner.name, f"{run.learner.asked(problem):g}", f"{len(pieces)}",
                f"{score:.4f}", _gain(problem, truths, runs[0], run), f"{cpu:.1f}", f"{row:.2f}",
                f"{size / 1e6:.1f}",
            )
        )  # fmt: skip
    title = f"### {problem.name}, n = {problem.table.num_rows:,}"
    return f"{title}\n\n{report.table(header, rows)}"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--table", action="append")
    parser.add_argument("--keep", type=Path)
    parser.add_argument("--publish", action="store_true")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        keep = given.keep or Path(folder)
        keep.mkdir(parents=True, exist_ok=True)
        wanted = [each for each in problems() if not given.table or each.name in given.table]
        blocks = []
        for problem in wanted:
            asked = (*_OURS, *_PEERS)
            runs = [_run(problem, each, keep, publish=given.publish) for each in asked]
            if any(run.pieces for run in runs):
                blocks.append(_block(problem, runs))
    report.publish(
        "learn",
        "Models of tables, beside AutoGluon and FLAML",
        report.machine("catboost", "interpret-core", "scikit-learn"),
        "How to read it: every learner gets the same rows and one thread, in a process of its own. CPU "
        "seconds are of that whole process, imports and the answers for the test rows counted, and the "
        "seconds asked are CPU seconds for the peers, too, so that other work on the machine takes "
        "nothing from them (AutoGluon 1.6.3 with LightGBM, CatBoost, XGBoost and neural networks; FLAML "
        "2.7.0). Large tables: the first of five folds; small ones: the mean of the folds that were run, "
        "with a quarter of the seconds for all. The difference is of the folds that both learners ran, "
        "with an interval of 95 % by drawing test rows again for both; positive is better for Anping. "
        "A line or fold that is missing was not run. One row is answered without compiled code.",
        *blocks,
    )


if __name__ == "__main__":
    main()
