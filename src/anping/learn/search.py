"""Models tried one after the other on the same folds, until the effort that was asked for is spent.

Effort is counted in nominal CPU seconds that depend on the data and the settings alone, so that the
same search is done on every machine. A clock stops it only where it takes several times as long.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from anping.core.digest import canonical_json, sha256
from anping.core.errors import ParameterError
from anping.core.progress import Progress, silent
from anping.core.text import Text
from anping.learn.design import Config, Design, Part
from anping.learn.families import FAMILIES
from anping.learn.folds import Folds
from anping.learn.link import Link, loss_of
from anping.learn.notebook import Notebook
from anping.learn.portfolio import portfolio, searched

Floats = NDArray[np.float64]
#: The clock ends a search that takes so many times the seconds asked for.
_PATIENCE = 4.0
#: No search tries more settings than these, however short each takes.
_MOST_TRIALS = 200


@dataclass(frozen=True)
class Effort:
    """How much is tried: nominal CPU seconds, at most so many trials, of one family or of all."""

    seconds: float = 60.0
    trials: int = _MOST_TRIALS
    only: str | None = None


@dataclass(frozen=True, eq=False)
class Trial:
    """One config on all folds: a part for each fold, and the sums (n, outputs) of its tested rows.

    Rows that are in no fold have NaN. ``loss`` is the mean over the tested rows, ``work`` in nominal
    CPU seconds.
    """

    config: Config
    parts: tuple[Part, ...]
    sums: Floats
    loss: float
    work: float


@dataclass(frozen=True)
class Searched:
    """All trials, in order, and whether the clock ended the search."""

    trials: tuple[Trial, ...]
    stopped_by_clock: bool


def search(
    design: Design,
    folds: Folds,
    effort: Effort,
    *,
    keep: Path | None = None,
    progress: Progress = silent,
) -> Searched:
    """Try the portfolio, then what Optuna proposes; at least one trial is done.

    ``keep`` is a folder in which finished folds are kept, so that an interrupted search goes on where
    it was; they hold models, no rows. Raises ParameterError for an effort that is not positive
    (``learn.effort``).
    """
    if not effort.seconds > 0 or effort.trials < 1:
        raise _no_effort()
    notebook = Notebook(keep, _key(design, folds))
    started, spent, trials = time.process_time(), 0.0, list[Trial]()
    stopped = False
    for config, tell in _configs(design, effort):
        if trials and not _affordable(config, trials, effort.seconds - spent):
            if config.name.startswith("search"):
                break
            continue
        progress(_trying(config), round(min(spent, effort.seconds)), round(effort.seconds))
        trials.append(_tried(design, folds, config, notebook))
        tell(trials[-1].loss)
        spent += trials[-1].work
        stopped = time.process_time() - started > _PATIENCE * effort.seconds
        if stopped or spent >= effort.seconds or len(trials) >= effort.trials:
            break
    progress(Text("選定模型", "Choosing models"), round(effort.seconds), round(effort.seconds))
    return Searched(tuple(trials), stopped)


def _configs(design: Design, effort: Effort) -> Iterator[tuple[Config, Callable[[float], None]]]:
    for config in portfolio(design, only=effort.only):
        yield config, lambda _: None
    if effort.only in ("linear", "boosted-terms"):
        return
    propose, tell = searched(design, only=effort.only, seed=design.seed)
    while True:
        yield propose(), tell


def _affordable(config: Config, trials: Sequence[Trial], left: float) -> bool:
    """Return whether a trial like the dearest of its family so far fits into what is left."""
    alike = [trial.work for trial in trials if trial.config.family == config.family]
    return not alike or float(np.median(alike)) <= left * 1.25


def _tried(design: Design, folds: Folds, config: Config, notebook: Notebook) -> Trial:
    fit = FAMILIES[config.family]
    sums = np.full((len(design.target), design.outputs), np.nan)
    parts, work = [], 0.0
    for fold, (train, valid) in enumerate(folds):
        kept = notebook.find(config, fold)
        if kept is None:
            fitted = fit(design, config, train, valid)
            part, cost = fitted.part, fitted.work
            sums[valid] = fitted.raw
            notebook.note(config, fold, part, cost)
        else:
            part, cost = kept
            sums[valid] = part.sums(design.matrix[valid])
        parts.append(part)
        work += cost
    tested = folds.tested
    said = Link(design.task).values(sums[tested])
    loss = float(loss_of(design.task, said, design.target[tested]).mean())
    return Trial(config, tuple(parts), sums, loss, work)


def _key(design: Design, folds: Folds) -> str:
    told = {
        "matrix": sha256(np.ascontiguousarray(design.matrix).tobytes()),
        "target": sha256(np.ascontiguousarray(design.target).tobytes()),
        "folds": sha256(np.ascontiguousarray(folds.of).tobytes()),
        "way": folds.way,
        "task": design.task,
        "monotone": list(design.monotone),
        "seed": design.seed,
    }
    return sha256(canonical_json(told))


def _trying(config: Config) -> Text:
    return Text(f"訓練：{config.name}", f"Learning: {config.name}")


def _no_effort() -> ParameterError:
    return ParameterError(
        "learn.effort",
        Text("訓練的秒數與次數必須大於 0。", "Seconds and trials for learning must be above 0."),
        hint=Text("例如 60 秒。", "For example 60 seconds."),
    )
