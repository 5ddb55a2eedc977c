"""Utility: a model trained on the protected table against one trained on the raw table.

Both are trained on the same people's rows, both are tested on raw rows of other people: what the
protection took away is what the second model lost. This is "train on protected, test on real"
(Esteban et al. 2017, arXiv:1706.02633, TSTR).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from anping.core.cells import trimmed_text
from anping.core.errors import ParameterError, Where
from anping.core.measure import Measure
from anping.core.text import Text
from anping.engine.links import raw_rows
from anping.engine.table import Table
from anping.judge.features import Feature, Matrix, encode_column, stack
from anping.judge.learner import fit_and_predict, learning_library
from anping.judge.reading import Reading
from anping.judge.target import Target, target_of
from anping.judge.utility_measures import Outcome, measures_of

Rows = NDArray[np.int64]

_FEWEST = 30
_REPEATS, _REPEATED_ROWS = 8, 80_000


@dataclass(frozen=True)
class UtilityOptions:
    """How the two models are trained and compared.

    ``exclude`` are columns no model may use (identifiers, free text). ``person`` is a raw column or
    one key per raw row (null or blank: seen once), so that nobody is both learnt from and tested on. ``test_share`` of the people are held out.
    ``draws`` is the number of bootstrap resamples.
    """

    exclude: tuple[str, ...] = ()
    person: str | Sequence[Any] | NDArray[Any] | None = None
    seed: int = 0
    test_share: float = 0.3
    draws: int = 500
    reading: Reading = field(default_factory=Reading)


def measure_utility(
    raw: Table | pa.Table,
    protected: Table | pa.Table,
    *,
    links: pa.Table,
    target: str,
    options: UtilityOptions | None = None,
) -> tuple[Measure, ...]:
    """Return how well the target is predicted after training on raw and on protected rows.

    ``links`` (``protected_row``, ``raw_row``) says whose row is whose. For two classes the measures
    are ``utility.auc[raw]``, ``utility.auc[protected]``, ``utility.auc.lost`` (raw less protected)
    and ``utility.auc.kept`` (protected / raw); for several classes ``utility.macro_auc``, for a
    number ``utility.r2`` and ``utility.rmse``. n is the number of raw rows tested on. Rows that
    protection suppressed are missing from the second training only. The same seed gives the same
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
    origin = raw_rows(links, protected=released.rows, raw=source.rows)
    goal = target_of(target, source.column(target), released.column(target))
    people = _people(source, settings.person)
    train, test = _split(source.rows, people, settings)
    test = test[~np.isnan(goal.raw[test])]
    raw_train = train[~np.isnan(goal.raw[train])]
    seen = np.isin(origin, train) & ~np.isnan(goal.protected)
    _check_enough(target, goal, raw_train, test)
    features = _features(source, released, target=target, settings=settings)
    columns = stack([feature.raw for feature in features])
    how: dict[str, Any] = {"task": goal.task, "classes": goal.classes, "seed": settings.seed}
    on_raw = fit_and_predict((columns[raw_train], goal.raw[raw_train]), columns[test], **how)
    shown, repeats = _training_rows(features, seen, seed=settings.seed)
    learnt = np.tile(goal.protected[seen], repeats)
    on_protected = fit_and_predict((shown, learnt), columns[test], repeats=repeats, **how)
    groups = None if people is None else people[test]
    outcome = Outcome(goal.task, target, goal.raw[test], on_raw, on_protected, groups)
    return measures_of(outcome, seed=settings.seed, draws=settings.draws)


def _people(source: Table, person: str | Sequence[Any] | NDArray[Any] | None) -> Rows | None:
    """Return numbers for the people of the raw rows; whoever is not named is seen only once."""
    if person is None:
        return None
    if isinstance(person, str):
        keys = source.column(person)
    else:
        keys = person if isinstance(person, pa.ChunkedArray) else pa.array(person)
    if len(keys) != source.rows:
        raise ParameterError(
            "utility.person-length",
            Text("人員識別值的數目與資料列數不同。", "There is not one person key for each row."),
            hint=Text("每一列給一個人員識別值。", "Give one person key per row."),
        )
    if isinstance(keys, pa.ChunkedArray):
        keys = keys.combine_chunks()
    encoded = keys.dictionary_encode()
    codes: Rows = np.array(encoded.indices.fill_null(len(encoded.dictionary)), dtype=np.int64)
    names = [*map(trimmed_text, encoded.dictionary.to_pylist()), ""]
    missing = np.array([not name for name in names])[codes]
    codes[missing] = len(encoded.dictionary) + np.arange(int(missing.sum()))
    return codes


def _split(rows: int, people: Rows | None, settings: UtilityOptions) -> tuple[Rows, Rows]:
    """Return training and test rows; all rows of one person fall on the same side."""
    if not 0 < settings.test_share < 1:
        raise ParameterError(
            "utility.test-share",
            Text("測試比例必須在 0 與 1 之間。", "The test share lies between 0 and 1."),
            hint=Text("例如 0.3。", "For example 0.3."),
        )
    whole = np.arange(rows, dtype=np.int64)
    who = whole if people is None else people
    everybody = np.random.default_rng(settings.seed).permutation(np.unique(who))
    held_out = np.isin(who, everybody[: round(everybody.size * settings.test_share)])
    return whole[~held_out], whole[held_out]


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


def _features(
    source: Table, released: Table, *, target: str, settings: UtilityOptions
) -> list[Feature]:
    features = []
    unused = {target, *settings.exclude}
    if isinstance(settings.person, str):
        unused.add(settings.person)
    for column in source.columns:
        if column in unused:
            continue
        dropped = pa.chunked_array([pa.nulls(released.rows, pa.string())])
        shown = released.column(column) if column in released.columns else dropped
        feature = encode_column(column, source.column(column), shown, reading=settings.reading)
        if feature is not None:
            features.append(feature)
    if not features:
        raise ParameterError(
            "utility.no-features",
            Text("沒有可以用來預測的欄位。", "There is no column to predict from."),
            hint=Text("請少排除一些欄位。", "Exclude fewer columns."),
        )
    return features
