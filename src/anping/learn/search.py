"""Models tried one after the other on the same folds, until the effort that was asked for is spent.

Effort is counted in nominal CPU seconds that depend on the data and the settings alone, so that the
same search is done on every machine. A clock stops it only where it takes several times as long.
"""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from anping.core.digest import canonical_json, sha256
from anping.core.errors import ParameterError
from anping.core.progress import Progress, silent
from anping.core.text import Text
from anping.learn.design import Config, Design, Part
from anping.learn.folds import Folds
from anping.learn.forest import Forest
from anping.learn.hands import Hands, OwnHands
from anping.learn.link import Link, loss_of
from anping.learn.notebook import Notebook
from anping.learn.portfolio import portfolio, searched

Floats = NDArray[np.float64]
#: The clock ends a search that takes so many times the seconds asked for.
_PATIENCE = 4.0
#: No search tries more settings than these, however short each takes.
_MOST_TRIALS = 200
#: Nominal CPU seconds of loading the libraries, and the share of all that goes into reading the rows
#: before, and into putting the model together after.
_START, _AROUND = 1.5, 0.3
#: About how many times as long as LightGBM others take on the same rows.
_DEARER = {"catboost": 1.5, "boosted-terms": 2.0, "linear": 0.4}


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
    CPU seconds. ``whole`` is a part that learnt from all rows, where one was made.
    """

    config: Config
    parts: tuple[Part, ...]
    sums: Floats
    loss: float
    work: float
    whole: Part | None = None


@dataclass(frozen=True)
class Searched:
    """All trials, in order, and whether the clock ended the search."""

    trials: tuple[Trial, ...]
    stopped_by_clock: bool


@dataclass(frozen=True, eq=False)
class Search:
    """What a search stands on: the rows, the folds, where finished work is kept, and who learns."""

    design: Design
    folds: Folds
    notebook: Notebook
    hands: Hands


def search_of(
    design: Design, folds: Folds, *, keep: Path | None = None, hands: Hands | None = None
) -> Search:
    """Return a search on these rows.

    ``keep`` is a folder in which finished folds are kept, so that an interrupted search goes on where
    it was; they hold models, no rows. ``hands`` learn, by default this process.
    """
    notebook = Notebook(keep, _key(design, folds))
    return Search(design, folds, notebook, hands or OwnHands(design, folds))


def search(on: Search, effort: Effort, *, progress: Progress = silent) -> Searched:
    """Try the portfolio, then what Optuna proposes; at least one trial is done.

    Raises ParameterError for an effort that is not positive (``learn.effort``).
    """
    if not effort.seconds > 0 or effort.trials < 1:
        raise _no_effort()
    started, trials = time.process_time(), list[Trial]()
    spent = _START + _AROUND * effort.seconds
    stopped = False
    for config, tell, fits in _asked(on, effort):
        left = effort.seconds - spent
        if trials and not _affordable(config, trials, left):
            if config.name.startswith("search"):
                break
            continue
        progress(_trying(config), round(min(spent, effort.seconds)), round(effort.seconds))
        found = _tried(on, config, fits, left if trials else np.inf)
        spent += found if isinstance(found, float) else found.work
        if isinstance(found, Trial):
            trials.append(found)
            tell(found.loss)
        else:
            tell(np.inf)
        stopped = time.process_time() - started > _PATIENCE * effort.seconds
        if stopped or spent >= effort.seconds or len(trials) >= effort.trials:
            break
    progress(Text("選定模型", "Choosing models"), round(effort.seconds), round(effort.seconds))
    return Searched(tuple(trials), stopped)


def completed(on: Search, trials: Sequence[Trial], weights: Floats) -> tuple[Trial, ...]:
    """Return the trials, by time those that answer with a part that learnt from all rows as well.

    The folds of time grow: each learns from all that came before it, so the last rows are in none.
    """
    if on.folds.way != "time":
        return tuple(trials)
    last = on.folds.count
    return tuple(
        replace(trial, whole=_part(on, _ended(trial), last)) if weight > 0 else trial
        for trial, weight in zip(trials, weights, strict=True)
    )


def _part(on: Search, config: Config, fold: int) -> Part:
    held = on.notebook.find(config, fold)
    if held is not None:
        return held[0]
    fitted = next(on.hands.fitted(config, [fold]))
    on.notebook.note(config, fold, fitted.part, fitted.work)
    return fitted.part


def _ended(trial: Trial) -> Config:
    """Return the config that stops where the last window's part was stopped."""
    config, part = trial.config, trial.parts[-1]
    rounds = {"lightgbm": "rounds", "catboost": "iterations"}.get(config.family)
    if rounds is None or not isinstance(part, Forest):
        return config
    count = max(1, part.trees // part.outputs)
    return replace(config, settings={**config.settings, rounds: count})


#: A config, what is told its loss, and its fitted folds, which may be in the making.
_Asked = tuple[Config, Callable[[float], None], "Iterator[tuple[Part, Floats, float]]"]


def _asked(on: Search, effort: Effort) -> Iterator[_Asked]:
    """Yield what to try; hands that can are given the next configs of the portfolio ahead."""
    waiting: deque[_Asked] = deque()
    for config in portfolio(on.design, only=effort.only):
        waiting.append((config, lambda _: None, _fits(on, config)))
        if len(waiting) > on.hands.ahead:
            yield waiting.popleft()
    yield from waiting
    if effort.only in ("linear", "boosted-terms"):
        return
    propose, tell = searched(on.design, only=effort.only, seed=on.design.seed)
    while True:
        config = propose()
        yield config, tell, _fits(on, config)


def _fits(on: Search, config: Config) -> Iterator[tuple[Part, Floats, float]]:
    """Return for each fold the part, its sums for the fold's rows, and what it cost."""
    kept = [on.notebook.find(config, fold) for fold in range(on.folds.count)]
    missing = [fold for fold, each in enumerate(kept) if each is None]
    made = on.hands.fitted(config, missing)

    def each() -> Iterator[tuple[Part, Floats, float]]:
        for fold, (held, (_, valid)) in enumerate(zip(kept, on.folds, strict=True)):
            if held is not None:
                part, work = held
                yield part, part.sums(on.design.matrix[valid]), work
                continue
            fitted = next(made)
            on.notebook.note(config, fold, fitted.part, fitted.work)
            yield fitted.part, fitted.raw, fitted.work

    return each()


def _affordable(config: Config, trials: Sequence[Trial], left: float) -> bool:
    """Return whether a trial like the middle one of its family so far fits into what is left.

    The first of a family is taken to cost in proportion to the first trial of all, if that was trees.
    """
    alike = [trial.work for trial in trials if trial.config.family == config.family]
    if not alike and trials[0].config.family == "lightgbm":
        alike = [trials[0].work * _DEARER.get(config.family, 1.0)]
    return not alike or float(np.median(alike)) <= left * 1.25


def _tried(
    on: Search, config: Config, fits: Iterator[tuple[Part, Floats, float]], left: float
) -> Trial | float:
    """Return the trial, or what its first fold cost where the others would cost more than is left."""
    design, folds = on.design, on.folds
    sums = np.full((len(design.target), design.outputs), np.nan)
    parts, work = [], 0.0
    for (part, raw, cost), (_, valid) in zip(fits, folds, strict=True):
        parts.append(part)
        sums[valid] = raw
        work += cost
        if len(parts) == 1 and work * folds.count > left:
            return work
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
