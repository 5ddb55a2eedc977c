"""Whether groups of people fare alike in what the fairness tree says matters, with a decision rule."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from anping.core.errors import ParameterError
from anping.core.measure import Interval, Measure
from anping.core.text import Text
from anping.judge.confusion import RATES, WIDTH, Of, confusion_columns, counts, rates
from anping.judge.deciding import decided
from anping.judge.fairness_tree import Answers, Leaf, fairness_tree
from anping.judge.groups import Partition
from anping.judge.metrics import Metric, NumberScoring, Scoring
from anping.judge.outcomes import Flags, Outcomes
from anping.judge.policy import Kind, Rule, judging_policy
from anping.judge.resampling import Resampling
from anping.judge.section import Decision, Grid, GridRow, Mark, Section, Spot, Spots
from anping.judge.subgroups import DIFFERENCE, RATIO, Between, Frame, between, frame_of

Floats = NDArray[np.float64]

_GAP = "calibration_gap"
_ODDS = Metric("equalised_odds", Text("均等勝算", "Equalised odds"), "share")
_TITLE = Text("公平", "Fairness")
_LEAD = Text(
    "依公平樹選出適合這種傷害的量測，再以決策規則判定；有利結果：{name}。",
    "The fairness tree picks the measure that fits the harm; a rule decides. Favourable outcome: {name}.",
)
_LIMIT = Text(
    "沒有一個量測能涵蓋所有公平；各量測彼此抵觸，選哪一個是人的判斷（由上面的回答記錄）。",
    "No one measure covers all of fairness, and measures contradict one another: which one counts is a "
    "judgement of people, recorded in the answers above.",
)
_DOUBTFUL = Text(
    "錯誤率以記錄的結果為真；記錄若有偏見，錯誤率也看不出來。",
    "Error rates take the recorded outcomes for the truth; if those are biased, the rates do not tell.",
)


@dataclass(frozen=True, eq=False)
class FavourableScoring:
    """Rates of the favourable outcome: who was ``given`` it (n,) and its ``chance`` (n,)."""

    given: Flags
    chance: Floats

    @property
    def metrics(self) -> tuple[Metric, ...]:
        """Every rate, and mean chance less share."""
        found = [
            Metric(rate.name, FAVOURABLE[rate.name], "share", rate.of, share=True)
            for rate in RATES.values()
        ]
        gap = Text("平均機率減實際比例", "Mean probability less base rate")
        return (*found, Metric(_GAP, gap, "share"))

    def columns(self, outcomes: Outcomes) -> Floats:
        """Return the confusion's columns, and chance less truth."""
        truth = outcomes.positive
        found: Floats = np.column_stack((confusion_columns(truth, self.given), self.chance - truth))
        return found

    def values(self, sums: Floats) -> dict[str, Floats]:
        """Return each rate from sums (..., 5)."""
        with np.errstate(invalid="ignore", divide="ignore"):
            gap = sums[..., WIDTH] / sums[..., 0]
        return {**rates(sums[..., :WIDTH]), _GAP: gap}

    def counts(self, sums: Floats) -> dict[Of, Floats]:
        """Return how many each rate rests on."""
        return counts(sums[..., :WIDTH])

    def ranking(self, outcomes: Outcomes) -> None:  # noqa: ARG002 - the protocol's signature
        """Return None: nothing is ranked."""
        return


#: What rates are called where the favourable outcome is the positive one.
FAVOURABLE = {
    "accuracy": Text("正確率", "Accuracy"),
    "selection_rate": Text("得到有利結果的比例", "Share given the favourable outcome"),
    "base_rate": Text("實際應得的比例", "Share who deserved it"),
    "true_positive_rate": Text("應得者得到的比例（機會均等）", "Share of the deserving given it (equal opportunity)"),
    "false_negative_rate": Text("應得者被拒的比例", "Share of the deserving denied it"),
    "false_positive_rate": Text("不應得者得到的比例", "Share of the undeserving given it"),
    "true_negative_rate": Text("不應得者被拒的比例", "Share of the undeserving denied it"),
    "positive_predictive_value": Text("得到者中應得的比例（預測均等）", "Share of those given it who deserved it (predictive parity)"),
    "false_discovery_rate": Text("得到者中不應得的比例", "Share of those given it who did not deserve it"),
    "negative_predictive_value": Text("被拒者中不應得的比例", "Share of those denied it who did not deserve it"),
    "false_omission_rate": Text("被拒者中應得的比例", "Share of those denied it who deserved it"),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Fairness:
    """What is asked: the answers, which class is favourable, and a limit of one's own."""

    answers: Answers = field(default_factory=Answers)
    favourable: str | None = None
    limit: float | None = None
    kind: Kind | None = None


def favourable_outcomes(
    outcomes: Outcomes, favourable: str, *, threshold: float
) -> tuple[Outcomes, Scoring]:
    """Return the outcomes with the favourable class as the positive one, and their rates.

    Raises ParameterError (``judge.favourable``) for a class that the model does not know.
    """
    if favourable not in outcomes.classes:
        listed = ", ".join(outcomes.classes)
        raise ParameterError(
            "judge.favourable",
            Text(
                "有利結果不是模型所知的類別。", "The favourable outcome is no class of the model."
            ),
            hint=Text(f"可用的類別：{listed}", f"The classes are: {listed}"),
        )
    code = outcomes.classes.index(favourable)
    chance = outcomes.values[:, code]
    if outcomes.task == "binary":
        positive = outcomes.scores >= threshold
        given = positive if code == 1 else ~positive
    else:
        given = outcomes.values.argmax(axis=1) == code
    truth = (outcomes.truth == code).astype(np.float64)
    made = replace(
        outcomes, task="binary", classes=("", favourable), truth=truth,
        values=np.column_stack((1 - chance, chance)),
    )  # fmt: skip
    return made, FavourableScoring(given, chance)


def examine_fairness(
    outcomes: Outcomes,
    frames: Sequence[tuple[Partition, Flags]],
    resampling: Resampling,
    *,
    asked: Fairness,
    threshold: float,
    seed: int,
) -> Section:
    """Return the tree's measure for each partition, decided, and all other measures beside it.

    ``frames`` are the partitions by single columns with the groups not to be shown. Raises
    ParameterError where the tree has no leaf for the answers or the favourable class is unknown.
    """
    leaf = fairness_tree().leaf(asked.answers, outcomes.task)
    if outcomes.task == "number":
        name, made = "", outcomes
        scoring: Scoring = NumberScoring(float(outcomes.truth.mean()))
    else:
        name = asked.favourable or outcomes.classes[-1]
        made, scoring = favourable_outcomes(outcomes, name, threshold=threshold)
    measures: list[Measure] = []
    grids, pictures, decisions = [], [], []
    for partition, hidden in frames:
        frame = frame_of(made, partition, scoring, resampling, hidden=hidden)
        grid, found = _grid(frame, leaf, seed=seed)
        grids.append(grid)
        measures += found
        pictures += _picture(frame, leaf)
        decision = _decision(frame, leaf, asked, outcomes, seed=seed)
        if decision is not None:
            measures.append(decision.measure)
            decisions.append(decision)
    lead = _LEAD.fill(name=name or Text("預測值", "the number predicted").en)
    if not name:
        lead = Text(_LEAD.zh.format(name="預測值高"), _LEAD.en.format(name="a high number"))
    return Section(
        "fairness", _TITLE, lead, _unique(measures), tuple(grids), tuple(pictures),
        decisions=tuple(decisions), notes=_answers_in_words(asked.answers, leaf, outcomes),
        limits=(_LIMIT, _DOUBTFUL),
    )  # fmt: skip


def _answers_in_words(answers: Answers, leaf: Leaf, outcomes: Outcomes) -> tuple[Text, ...]:
    tree = fairness_tree()
    asked = ["truth"] if leaf.truth else ["priority"]
    if outcomes.task != "number" and not leaf.truth:
        asked = ["truth", "priority", "impact", "concern"]
    said = [
        Text(
            f"{tree.questions[name].zh} → {ANSWERS[getattr(answers, name)].zh}",
            f"{tree.questions[name].en} → {ANSWERS[getattr(answers, name)].en}",
        )
        for name in asked
    ]
    source = tree.source
    if leaf.added:
        source = Text(f"安平的補充，不在 {source.zh}", f"Added by Anping, not part of: {source.en}")
    return (*said, leaf.why, source)


ANSWERS = {
    "trusted": Text("可信", "they can be trusted"),
    "doubtful": Text("存疑", "they are doubtful"),
    "benefit": Text("分享利益", "to share a benefit"),
    "harm": Text("避免傷害", "to avoid a harm"),
    "normal": Text("一般", "ordinary"),
    "significant": Text("影響重大", "significant"),
    "selective": Text("只選少數", "a selected few"),
    "eligible": Text("應得的人", "those who are eligible"),
    "inclusive": Text("不應得卻得到的人", "others who are included wrongly"),
    "both": Text("兩者", "both"),
}


def _names(leaf: Leaf, frame: Frame) -> list[str]:
    first = (
        ["true_positive_rate", "false_positive_rate"]
        if leaf.measure == _ODDS.name
        else [leaf.measure]
    )
    known = {name for found in frame.metrics for name in found}
    others = ("selection_rate", "true_positive_rate", "false_positive_rate", "positive_predictive_value", "false_omission_rate", _GAP, "bias", "mae", "rmse")  # fmt: skip
    return [name for name in dict.fromkeys((*first, *others)) if name in known]


def _grid(frame: Frame, leaf: Leaf, *, seed: int) -> tuple[Grid, list[Measure]]:
    """Return the rates of each group, and the difference and ratio between groups below them."""
    names, partition = _names(leaf, frame), frame.partition
    measures: list[Measure] = []
    rows = []
    titles = {}
    for group, found in enumerate(frame.metrics):
        cells: list[Measure | Text | None] = []
        for name in names:
            titles[name] = found[name].metric.title
            if frame.hidden[group]:
                cells.append(None)
                continue
            made = found[name].measure(subject=partition.subject(group), seed=seed)
            cells.append(Text("", "") if made is None else _fair(made))
        measures += [cell for cell in cells if isinstance(cell, Measure)]
        rows.append(GridRow(partition.labels[group], tuple(cells)))
    for kind, title in ((DIFFERENCE, Text("最大差異", "Largest difference")), (RATIO, Text("最小比", "Least ratio"))):  # fmt: skip
        cells = []
        for name in names:
            one = (
                None
                if kind == RATIO and name in {_GAP, "bias"}
                else between(frame, name, kind=kind, level=0.95)
            )
            cells.append(Text("", "") if one is None else _fair(one.measure(partition, seed=seed)))
        measures += [cell for cell in cells if isinstance(cell, Measure)]
        rows.append(GridRow(title, tuple(cells)))
    head = (Text(partition.name, partition.name), *(titles[name] for name in names))
    return Grid(Text(f"依 {partition.name}", f"By {partition.name}"), head, tuple(rows)), measures


def _fair(measure: Measure) -> Measure:
    return replace(measure, name=measure.name.replace("judge.", "judge.fairness.", 1))


def _unique(measures: Sequence[Measure]) -> tuple[Measure, ...]:
    return tuple({measure.key: measure for measure in measures}.values())


def _decision(
    frame: Frame, leaf: Leaf, asked: Fairness, outcomes: Outcomes, *, seed: int
) -> Decision | None:
    rule = judging_policy().rule_for(leaf.measure)
    assert rule is not None
    kind: Kind = asked.kind or rule.kind
    limit = rule.limit if asked.limit is None else asked.limit
    if rule.scale is not None and asked.limit is None:
        limit *= float(outcomes.truth.std())
    found = _odds(frame) if leaf.measure == _ODDS.name else between(frame, leaf.measure, kind=kind, level=0.95)  # fmt: skip
    if found is None:
        return None
    measure = _fair(found.measure(frame.partition, seed=seed))
    outcome = decided(found.interval, limit, least=kind == RATIO)
    return Decision(
        f"fairness:{frame.partition.name}", outcome, measure, limit,
        _rule_in_words(rule, limit, kind, own=asked.limit is not None), _WHY[outcome],
    )  # fmt: skip


_WHY = {
    "pass": Text("整個區間都在限值之內。", "The whole interval keeps the limit."),
    "fail": Text("整個區間都超出限值。", "The whole interval breaks the limit."),
    "undecided": Text(
        "區間跨過限值：資料不足以判定。",
        "The interval crosses the limit: the rows do not suffice to decide.",
    ),
}


def _rule_in_words(rule: Rule, limit: float, kind: Kind, *, own: bool) -> Text:
    guard = judging_policy().guard_band.source
    sign = "≥" if kind == RATIO else "≤"
    named = Text(
        "最小比" if kind == RATIO else "最大差異",
        "least ratio" if kind == RATIO else "largest difference",
    )
    source = Text("由使用者給定。", "Given by the user.") if own else rule.source
    return Text(
        f"{named.zh} {sign} {limit:.4g}。{source.zh}{guard.zh}",
        f"{named.en} {sign} {limit:.4g}. {source.en} {guard.en}",
    )


def _odds(frame: Frame) -> Between | None:
    """Return the larger of the differences in both rates; each is bounded at half the risk."""
    both = [
        found
        for name in ("true_positive_rate", "false_positive_rate")
        if (found := between(frame, name, kind=DIFFERENCE, level=0.975)) is not None
    ]
    if len(both) < 2:
        return None
    larger = max(both, key=lambda one: one.value)
    bounds = [one.interval for one in both if one.interval is not None]
    interval = None
    if len(bounds) == 2:
        low, high = max(one.low for one in bounds), max(one.high for one in bounds)
        interval = Interval(low, high, 0.95, bounds[0].method)
    return replace(larger, metric=_ODDS, interval=interval)


def _picture(frame: Frame, leaf: Leaf) -> list[Spots]:
    name = "true_positive_rate" if leaf.measure == _ODDS.name else leaf.measure
    shown = [group for group in frame.shown if np.isfinite(frame.metrics[group][name].value)]
    if len(shown) < 2:
        return []
    ones = [frame.metrics[group][name] for group in shown]
    title, of = ones[0].metric.title, frame.partition.name
    spots = tuple(
        Spot(
            frame.partition.labels[group], one.value,
            None if one.interval is None else one.interval.low,
            None if one.interval is None else one.interval.high,
        )
        for group, one in zip(shown, ones, strict=True)
    )  # fmt: skip
    marks: tuple[Mark, ...] = ()
    said = Text(
        f"{title.zh}依 {of}，線段為 95% 區間；數字在表中。",
        f"{title.en} by {of}, lines are 95 % intervals; the numbers stand in the table.",
    )
    return [Spots(Text(f"{title.zh}：{of}", f"{title.en} by {of}"), said, title, spots, marks)]
