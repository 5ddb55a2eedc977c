"""Learning a scorecard: columns examined and binned, heights fitted, points rounded and measured."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from anping.core.errors import ParameterError
from anping.core.measure import Measure
from anping.core.text import Text
from anping.engine.prediction import Signature
from anping.engine.table import Table, missing_column
from anping.learn.additive import Additive, Axis, Bins
from anping.learn.attribution import centred
from anping.learn.columns import column_of
from anping.learn.conformal import Conformal
from anping.learn.encoder import Encoder, encoder_of
from anping.learn.examination import Examination, examine
from anping.learn.folds import hold_out, numbered
from anping.learn.link import Link
from anping.learn.model import Model
from anping.learn.scorecard import ACCOUNT, Scorecard, account_of, scorecard_of
from anping.learn.scorecard_fit import Heights, Way, fit_heights
from anping.learn.scorecard_measures import measured
from anping.learn.scorecard_points import Attribute, Characteristic, Scale, rounded_points
from anping.learn.scorecard_words import attributes_of
from anping.learn.target import Target, target_of
from anping.stats.binning import Rules, Trend
from anping.stats.binning_columns import BinnedColumn, bin_categories, bin_numbers

Floats = NDArray[np.float64]
Places = NDArray[np.int64]
Flags = NDArray[np.bool_]
#: Fewer rows than these are not counted in an attribute.
_SMALL = 10
#: No bin of fewer rows, however small the share asked for.
_FEWEST = 50


@dataclass(frozen=True)
class Card:
    """What is asked for.

    ``event`` is the target's value that is the bad outcome (the later of the two without). ``trend``
    holds for all columns of numbers, ``trends`` for single ones. ``least_share`` of the rows is in
    every bin; ``least_information`` is the information value without which a column stays out.
    ``specials`` are numbers that are codes. ``fit`` ``joint`` fits all bins together, ``weights`` one
    slope for each column. ``person``, ``when`` and ``held_out`` are as in ``learn_tabular``;
    ``kept`` gives the rows that are held out instead.
    """

    event: str | None = None
    trend: Trend = "monotone"
    trends: Mapping[str, Trend] = field(default_factory=dict)
    least_share: float = 0.01
    most_bins: int = 10
    least_information: float = 0.005
    specials: tuple[float, ...] = ()
    fit: Way = "joint"
    scale: Scale = field(default_factory=Scale)
    exclude: tuple[str, ...] = ()
    keep: tuple[str, ...] = ()
    person: str | None = None
    when: str | None = None
    held_out: float = 0.2
    kept: tuple[int, ...] | None = None
    seed: int = 20260101


@dataclass(frozen=True, eq=False)
class LearnedCard:
    """The card, what was found before, columns that were dropped and why, and the measures.

    ``held_out`` are the rows kept for the examination and ``learnt`` those learnt from.
    """

    card: Scorecard
    examination: Examination
    dropped: tuple[tuple[str, Text], ...]
    measures: tuple[Measure, ...]
    learnt: Places
    held_out: Places
    limits: tuple[Text, ...]


def learn_scorecard(table: Table | pa.Table, target: str, asked: Card | None = None) -> LearnedCard:
    """Return a scorecard for a target of two values; rows without a target are not learnt from.

    Raises SchemaError for a column that is not there, ParameterError for a target that is not binary
    (``learn.one-class``, ``learn.many-classes``), for no column to learn from
    (``scorecard.no-columns``), for too few rows, or a wrong setting (``scorecard.setting``).
    """
    asked = asked or Card()
    rows = table.arrow() if isinstance(table, Table) else table
    _check(rows, target, asked)
    what = target_of(target, rows.column(target), task="binary")
    event = asked.event or what.classes[1]
    if event not in what.classes:
        raise _no_event(what.classes)
    seen = examine(rows, what, asked=_left_out(asked), keep=asked.keep, when=asked.when)
    learnt, kept = _divided(rows, what, asked)
    own = rows.take(pa.array(learnt))
    labels = what.values[learnt] == what.classes.index(event)
    encoder, binned, dropped = _binned(own, labels, seen, asked)
    matrix = encoder.matrix(own)
    places = _places(binned, encoder, matrix)
    heights = fit_heights(binned, places, labels, way=asked.fit)
    used = [at for at, each in enumerate(heights.columns) if np.ptp(each)]
    if not used:
        raise _no_columns()
    dropped += [
        (encoder.columns[at].feature.name, _NOTHING_TO_ADD)
        for at in range(len(binned))
        if at not in used
    ]
    encoder = Encoder(tuple(encoder.columns[at] for at in used))
    heights = Heights(heights.base, tuple(heights.columns[at] for at in used))
    card = _card(encoder, [binned[at] for at in used], heights, what=what, asked=asked, event=event)
    card = _centred(card, encoder.matrix(own))
    test = learnt if not kept.size else kept
    truth = what.values[test] == what.classes.index(event)
    tested = rows.take(pa.array(test))
    exact = _exact([binned[at] for at in used], encoder, heights, tested)
    measures = measured(
        card, tested, truth, exact=exact, how="held-out" if kept.size else "training rows"
    )
    return LearnedCard(
        card,
        seen,
        tuple(dropped),
        (*seen.measures, *_information(card, binned, used, asked), *measures),
        learnt,
        kept,
        _limits(asked, kept),
    )


def _check(rows: pa.Table, target: str, asked: Card) -> None:
    for name in (target, asked.person, asked.when, *asked.exclude, *asked.keep, *asked.trends):
        if name is not None and name not in rows.column_names:
            raise missing_column(name, rows.column_names)
    scale = asked.scale
    if (
        not 0 < asked.least_share < 0.5
        or asked.most_bins < 2
        or not 0 <= asked.held_out < 0.9
        or min(scale.double, scale.odds) <= 0
    ):
        raise ParameterError(
            "scorecard.setting",
            Text(
                "評分卡的設定不可用：每箱比例要在 0 與 0.5 之間、至少 2 箱、保留比例小於 0.9、"
                "加倍分數與賠率大於 0。",
                "These settings cannot be used: a bin's share lies between 0 and 0.5, there are at "
                "least 2 bins, less than 0.9 is held out, points to double and odds are above 0.",
            ),
            hint=Text("請更正後再試。", "Correct it and try again."),
        )


def _left_out(asked: Card) -> dict[str, Text]:
    found = {name: Text("被要求排除", "asked for") for name in asked.exclude}
    if asked.person is not None:
        found[asked.person] = Text("它說的是哪一個人", "it says whose row it is")
    if asked.when is not None:
        found[asked.when] = Text("它是申請的時點", "it is the moment of the application")
    return found


def _divided(rows: pa.Table, what: Target, asked: Card) -> tuple[Places, Places]:
    known = np.flatnonzero(what.known)
    if asked.kept is not None:
        kept = np.intersect1d(known, np.array(asked.kept, dtype=np.int64))
        return np.setdiff1d(known, kept), kept
    if not asked.held_out:
        return known, known[:0]
    apart: dict[str, Any] = {}
    if asked.when is not None:
        cells = rows.column(asked.when).take(pa.array(known))
        apart["when"] = column_of(asked.when, cells).matrix(cells)[:, 0]
    elif asked.person is not None:
        apart["people"] = numbered(rows.column(asked.person).take(pa.array(known)).to_pylist())
    learnt, kept = hold_out(what.values[known], asked.held_out, seed=asked.seed, **apart)
    return known[learnt], known[kept]


def _binned(
    rows: pa.Table, labels: Flags, seen: Examination, asked: Card
) -> tuple[Encoder, list[BinnedColumn], list[tuple[str, Text]]]:
    """Return the columns in bins that tell enough, how they are read, and those that do not."""
    whole = encoder_of(rows, seen.columns)
    kept, found, dropped = [], [], []
    for column in whole.columns:
        name = column.feature.name
        if column.feature.nature == "date":
            dropped.append((name, _A_DATE))
            continue
        rules = Rules(
            asked.trends.get(name, asked.trend),
            max(asked.least_share * labels.size, _FEWEST),
            asked.most_bins,
        )
        values = _cells(column.matrix(rows.column(name))[:, 0], column.codes)
        if column.codes:
            binned = bin_categories(values, labels, rules=rules)
        else:
            binned = bin_numbers(values, labels, rules=rules, specials=asked.specials)
        if binned.information < asked.least_information and name not in asked.keep:
            dropped.append((name, _TELLS_NOTHING))
            continue
        kept.append(column)
        found.append(binned)
    if not kept:
        raise _no_columns()
    return Encoder(tuple(kept)), found, dropped


def _cells(values: Floats, codes: int) -> Floats:
    """Return the numbers of a column with missing cells as NaN, of categories as well."""
    return np.where(values == codes - 1, np.nan, values) if codes else values


def _places(binned: Sequence[BinnedColumn], encoder: Encoder, matrix: Floats) -> Places:
    found = np.empty((len(matrix), len(binned)), dtype=np.int64)
    for at, (column, each) in enumerate(zip(encoder.columns, binned, strict=True)):
        place = _matrix_place(encoder, at)
        found[:, at] = each.places(_cells(matrix[:, place], column.codes))
    return found


def _matrix_place(encoder: Encoder, at: int) -> int:
    return sum(len(column.names) for column in encoder.columns[:at])


def _card(
    encoder: Encoder,
    binned: Sequence[BinnedColumn],
    heights: Heights,
    *,
    what: Target,
    asked: Card,
    event: str,
) -> Scorecard:
    """Return the card of whole points, as a model whose log-odds are exactly those of the points."""
    scale, terms, characteristics, worst = asked.scale, [], [], heights.base
    sign = 1.0 if what.classes.index(event) == 1 else -1.0
    for at, (column, each) in enumerate(zip(encoder.columns, binned, strict=True)):
        met = each.events + each.others > 0
        points = rounded_points(heights.columns[at], scale, met=met)
        worst += float(heights.columns[at][met].max())
        axis, of_bin = _axis(each, _matrix_place(encoder, at), column.codes)
        log_odds = -sign * points[of_bin] / scale.factor
        terms.append(Bins((axis,), log_odds.reshape(-1, 1)))
        titles = attributes_of(each, column.feature.categories)
        characteristics.append(
            Characteristic(
                column.feature.name,
                each.trend,
                each.information,
                _attributes(each, titles, points),
                tuple(of_bin.tolist()),
            )
        )
    base = round(float(scale.points(np.array(worst))))
    additive = Additive(np.array([sign * float(scale.log_odds(np.array(base)))]), tuple(terms))
    signature = Signature(what.column, "binary", what.classes, encoder.features)
    account = account_of(scale, base, event, tuple(characteristics))
    model = Model(signature, encoder, None, additive, Link("binary"), Conformal("binary"))
    return scorecard_of(
        replace(model, account={ACCOUNT: account, "seed": asked.seed, "fit": asked.fit})
    )


def _centred(card: Scorecard, matrix: Floats) -> Scorecard:
    """Return the card whose terms are differences from the average applicant, as reasons need it."""
    additive = card.model.additive
    assert additive is not None
    return scorecard_of(replace(card.model, additive=centred(additive, matrix)))


def _attributes(
    binned: BinnedColumn, titles: Sequence[Text], points: Places
) -> tuple[Attribute, ...]:
    rows = binned.events + binned.others
    return tuple(
        Attribute(
            title,
            int(points[at]),
            float(rows[at] / rows.sum()) if rows[at] >= _SMALL else 0.0,
            float(binned.events[at] / rows[at]) if rows[at] >= _SMALL else None,
            float(binned.weights[at]),
        )
        for at, title in enumerate(titles)
    )


def _axis(binned: BinnedColumn, place: int, codes: int) -> tuple[Axis, Places]:
    """Return the axis of the model's table, and the column's bin for each bin of the axis."""
    if binned.cuts is None:
        cells = _cells(np.arange(codes, dtype=np.float64), codes)
        inside = binned.places(cells)
        return Axis(place, None, codes), np.array(
            [binned.missing, *inside.tolist(), binned.missing + 1]
        )
    after = [np.nextafter(one, np.inf) for one in binned.specials]
    cuts = np.unique(np.concatenate([binned.cuts, binned.specials, after]))
    lows = np.concatenate([[-np.inf], cuts])
    inside = binned.places(lows)
    return Axis(place, cuts), np.array([binned.missing, *inside.tolist(), binned.missing + 1])


def _exact(
    binned: Sequence[BinnedColumn], encoder: Encoder, heights: Heights, rows: pa.Table
) -> Floats:
    """Return (n,): the log-odds of the event before any rounding."""
    places = _places(binned, encoder, encoder.matrix(rows))
    sums = [each[places[:, at]] for at, each in enumerate(heights.columns)]
    found: Floats = heights.base + np.sum(sums, axis=0)
    return found


def _information(
    card: Scorecard, binned: Sequence[BinnedColumn], used: Sequence[int], asked: Card
) -> tuple[Measure, ...]:
    return tuple(
        Measure(
            "scorecard.information",
            binned[at].information,
            "nats",
            int((binned[at].events + binned[at].others).sum()),
            Text("資訊值", "Information value"),
            subject=one.column,
            interval=binned[at].information_interval(seed=asked.seed),
            method="information value of the card's bins on the training rows",
            seed=asked.seed,
        )
        for at, one in zip(used, card.characteristics, strict=True)
    )


def _limits(asked: Card, kept: Places) -> tuple[Text, ...]:
    found = [
        Text(
            "評分卡把每個欄位的點數相加，欄位之間的交互作用不在其中。",
            "A scorecard adds the points of single columns; what columns do together is not in it.",
        ),
        Text(
            "資訊值的區間把箱視為已定；箱是在同一批資料上選的，資訊值因此略高。",
            "The interval of an information value takes the bins as given; they were chosen on the same "
            "rows, which raises it a little.",
        ),
    ]
    if not kept.size:
        found.append(
            Text(
                "沒有保留檢驗用的列：量測值來自學習用的列，偏樂觀。",
                "No rows were held out: what was measured is of the rows learnt from, and optimistic.",
            )
        )
    if asked.when is not None and kept.size:
        found.append(
            Text("檢驗用的是時間上較晚的申請。", "The rows held out are the later applications.")
        )
    return tuple(found)


_A_DATE = Text("是日期，不是申請人的特徵", "it is a date, no characteristic of the applicant")
_TELLS_NOTHING = Text("資訊值太低", "its information value is too low")
_NOTHING_TO_ADD = Text(
    "在其他欄位之外沒有可加的，或方向會與單獨看時相反",
    "it adds nothing to the others, or would count the other way than it does alone",
)


def _no_columns() -> ParameterError:
    return ParameterError(
        "scorecard.no-columns",
        Text(
            "沒有欄位說得出夠多目標的事，做不成評分卡。",
            "No column tells enough of the target for a scorecard.",
        ),
        hint=Text(
            "降低最小資訊值，或檢視欄位被排除的原因。",
            "Lower the least information value, or look at why columns were left out.",
        ),
    )


def _no_event(classes: Sequence[str]) -> ParameterError:
    listed = "、".join(classes), ", ".join(classes)
    return ParameterError(
        "scorecard.no-event",
        Text("目標欄位沒有指定的不良結果。", "The target has no such value as the bad outcome."),
        hint=Text(f"可選：{listed[0]}", f"Choose one of: {listed[1]}"),
    )
