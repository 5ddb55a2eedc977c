"""Utility: a model trained on the protected table against one trained on the raw table.

Both are trained on the same people's rows, both are tested on raw rows of other people: what the
protection took away is what the second model lost. This is "train on protected, test on real"
(Esteban et al. 2017, arXiv:1706.02633, TSTR).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from hashlib import blake2b
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from anping.core.errors import ParameterError, Where
from anping.core.measure import Measure
from anping.core.text import Text
from anping.engine.stream import rows_at
from anping.engine.table import Table
from anping.judge.features import Feature, Matrix, encode_column, stack
from anping.judge.learner import fit_and_predict, learning_library
from anping.judge.reading import Reading
from anping.judge.sample import Draw, Person, Sample, sampled
from anping.judge.split import people_numbers, split
from anping.judge.target import Target, target_of
from anping.judge.utility_measures import Outcome, measures_of

Rows = NDArray[np.int64]
#: What was predicted after learning from raw rows, by the digest of how they were read.
RawModels = dict[bytes, NDArray[np.float64]]

_FEWEST = 30
_REPEATS, _REPEATED_ROWS = 8, 80_000


@dataclass(frozen=True)
class UtilityOptions:
    """How the two models are trained and compared.

    ``exclude`` are columns no model may use (identifiers, free text). ``person`` is a raw column or
    one key per raw row (null or blank: seen once), so that nobody is both learnt from and tested on.
    ``test_share`` of the people are held out. ``draws`` is the number of bootstrap resamples. Of a
    table of more than ``rows`` rows, the rows of people drawn at random are used, at most so many.
    ``leaf_table`` holds the leaves of the raw rows, row by row, for the columns that it has; they
    come before ``reading.leaf_of``.
    """

    exclude: tuple[str, ...] = ()
    person: Person = None
    rows: int = 200_000
    leaf_table: Table | None = None
    seed: int = 0
    test_share: float = 0.3
    draws: int = 500
    reading: Reading = field(default_factory=Reading)


def measure_utility(
    raw: Table | pa.Table,
    protected: Table | pa.Table,
    *,
    links: Table | pa.Table,
    target: str,
    options: UtilityOptions | None = None,
) -> tuple[Measure, ...]:
    """Return how well the target is predicted after training on raw and on protected rows.

    ``links`` (``protected_row``, ``raw_row``) says whose row is whose. For two classes the measures
    are ``utility.auc[raw]``, ``utility.auc[protected]``, ``utility.auc.lost`` (raw less protected)
    and ``utility.auc.kept`` (protected / raw); for several classes ``utility.macro_auc``, for a
    number ``utility.r2`` and ``utility.rmse``. n is the number of raw rows tested on; where
    the table is too large to be used whole, ``method`` says how many of its rows were drawn. Rows
    that protection suppressed are missing from the second training only. The same seed gives the same
    numbers.

    Raises SchemaError for a missing column, ParameterError for a target that cannot be learnt
    (``utility.one-class``, ``utility.many-classes``), too few rows (``utility.too-few-rows``), no
    features, or links that do not fit; MissingExtraError without the extra ``learn``.
    """
    settings = options or UtilityOptions()
    source = Table.of(raw) if isinstance(raw, pa.Table) else raw
    released = Table.of(protected) if isinstance(protected, pa.Table) else protected
    source.require([target])
    released.require([target])
    learning_library()
    unused = {*settings.exclude, settings.person} if _named(settings) else {*settings.exclude}
    wanted = [target, *(c for c in source.columns if c not in unused | {target})]
    drawn = sampled(
        source,
        released,
        links=links,
        person=settings.person,
        draw=Draw(settings.rows, settings.seed, wanted),
    )
    return compared(drawn, target, settings)


def _named(settings: UtilityOptions) -> bool:
    return isinstance(settings.person, str)


def compared(
    drawn: Sample, target: str, settings: UtilityOptions, *, known: RawModels | None = None
) -> tuple[Measure, ...]:
    """Train on both sides of a sample and compare what the two models predict.

    ``known`` remembers what was learnt from raw rows, where one sample is compared several times.
    """
    source, released = drawn.raw, drawn.protected
    goal = target_of(target, source.column(target), released.column(target))
    people = people_numbers(drawn.people)
    train, test = split(source.rows, people, test_share=settings.test_share, seed=settings.seed)
    test = test[~np.isnan(goal.raw[test])]
    raw_train = train[~np.isnan(goal.raw[train])]
    seen = np.isin(drawn.origin, train) & ~np.isnan(goal.protected)
    _check_enough(target, goal, raw_train, test)
    features = _features(drawn, target=target, settings=settings)
    columns = stack([feature.raw for feature in features])
    task: dict[str, Any] = {"task": goal.task, "classes": goal.classes, "seed": settings.seed}
    models = {} if known is None else known
    key = blake2b(columns.tobytes(), digest_size=16).digest()
    if key not in models:
        lessons = (columns[raw_train], goal.raw[raw_train])
        models[key] = fit_and_predict(lessons, columns[test], **task)
    shown, repeats = _training_rows(features, seen, seed=settings.seed)
    learnt = np.tile(goal.protected[seen], repeats)
    on_protected = fit_and_predict((shown, learnt), columns[test], repeats=repeats, **task)
    groups = None if people is None else people[test]
    of = None if drawn.whole else (source.rows, drawn.of)
    outcome = Outcome(
        goal.task, target, goal.raw[test], models[key], on_protected, groups, of, drawn.unseen
    )
    return measures_of(outcome, seed=settings.seed, draws=settings.draws)


def _check_enough(target: str, goal: Target, train: Rows, test: Rows) -> None:
    enough = min(train.size, test.size) >= _FEWEST
    if enough and goal.task != "number":
        enough = np.unique(goal.raw[train]).size > 1 and np.unique(goal.raw[test]).size > 1
    if enough:
        return
    raise ParameterError(
        "utility.too-few-rows",
        Text(
            f"訓練 {train.size} 列、測試 {test.size} 列，太少（至少各 {_FEWEST} 列且含兩個類別）。",
            f"{train.size} rows to train on and {test.size} to test on are too few: at least "
            f"{_FEWEST} each, of two classes.",
        ),
        where=Where(column=target),
        hint=Text("請增加資料列或改變測試比例。", "Add rows or change the test share."),
    )


def _training_rows(
    features: list[Feature], rows: NDArray[np.bool_], *, seed: int
) -> tuple[Matrix, int]:
    """Return the released training rows in the raw rows' domain, and how often each stands there.

    A generalised cell is read as one of its leaves at random, several times over, so that a model
    can be tested on raw rows without any of them being generalised first. A mean or a share instead
    of a drawn leaf would be a value that no raw row has, and trees would split beside it.
    """
    released = [feature.released for feature in features]
    certain = all(each.certain for each in released)
    repeats = 1 if certain else max(1, min(_REPEATS, _REPEATED_ROWS // max(1, int(rows.sum()))))
    generator = np.random.default_rng(seed)
    drawn = [stack([each.drawn(generator)[rows] for each in released]) for _ in range(repeats)]
    return np.concatenate(drawn), repeats


def _features(drawn: Sample, *, target: str, settings: UtilityOptions) -> list[Feature]:
    features = []
    source, released = drawn.raw, drawn.protected
    unused = {target, *settings.exclude}
    if isinstance(settings.person, str):
        unused.add(settings.person)
    reading = _reading(drawn, settings)
    for column in source.columns:
        if column in unused:
            continue
        dropped = pa.chunked_array([pa.nulls(released.rows, pa.string())])
        shown = released.column(column) if column in released.columns else dropped
        feature = encode_column(column, source.column(column), shown, reading=reading)
        if feature is not None:
            features.append(feature)
    if not features:
        raise ParameterError(
            "utility.no-features",
            Text("沒有可以用來預測的欄位。", "There is no column to predict from."),
            hint=Text("請少排除一些欄位。", "Exclude fewer columns."),
        )
    return features


def _reading(drawn: Sample, settings: UtilityOptions) -> Reading:
    """Return how cells are read, with the leaves of the rows that were drawn."""
    leaves = settings.leaf_table
    if leaves is None:
        return settings.reading
    columns = [column for column in leaves.columns if column in drawn.raw.columns]
    found = rows_at(leaves, drawn.rows, columns=columns)
    return settings.reading.with_leaves(drawn.raw.arrow(columns), found)
