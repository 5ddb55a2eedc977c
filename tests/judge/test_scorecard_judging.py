"""What a scorecard's report says: the choice, cut-offs, stability, refused applicants, groups."""

from __future__ import annotations

import numpy as np
import pytest

from anping.core.text import Text
from anping.judge.scorecard_choice import Contender, choose
from anping.judge.scorecard_cutoffs import Costs, cut_offs
from anping.judge.scorecard_groups import FEWEST, Grouping, approvals
from anping.judge.scorecard_rejects import Asked, reject_band
from anping.judge.scorecard_stability import Applicants, stability
from anping.judge.scorecard_table import reasons_section
from anping.stats.auc import auc
from anping.stats.separation import gini

T = Text("模型", "model")


def sample(rows: int = 3000, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:  # type: ignore[type-arg]
    draw = np.random.default_rng(seed)
    risk = draw.standard_normal(rows)
    return risk, draw.random(rows) < 1 / (1 + np.exp(-(risk * 1.2 - 1.5)))


def test_the_simplest_within_noise_is_recommended_and_a_worse_one_is_not() -> None:
    risk, truth = sample()
    draw = np.random.default_rng(1)
    poor = risk + 1.5 * draw.standard_normal(risk.size)
    near = risk + 0.02 * draw.standard_normal(risk.size)
    found = choose([Contender("poor", T, poor), Contender("near", T, near), Contender("best", T, risk)], truth, seed=1)  # fmt: skip
    assert found.recommended.key == "near"
    short = {m.subject: m for m in found.measures if m.name == "judge.credit.shortfall"}
    if found.best.key == "best":
        assert short["near"].interval is not None
        assert short["near"].interval.low <= 0
    assert short["poor"].interval is not None
    assert short["poor"].interval.low > 0
    assert short["poor"].value == pytest.approx(auc(truth, found.best.risk) - auc(truth, poor))
    assert found.section().key == "choice"


def test_a_cut_off_earns_what_counting_by_hand_gives() -> None:
    scores = np.repeat([1.0, 2.0, 3.0], 100)
    truth = np.concatenate([np.arange(100) < 50, np.arange(100) < 20, np.arange(100) < 10])
    found = cut_offs(scores, truth, Costs(gain=1, loss=4))
    by = {row.score: row for row in found.rows}
    assert by[2.0].approval.value == pytest.approx(2 / 3)
    assert by[2.0].bad_rate is not None
    assert by[2.0].bad_rate.value == pytest.approx(0.15)
    assert by[2.0].profit.value == pytest.approx((170 - 4 * 30) / 300)
    # Approving from 2 and from 3 earn the same; the first that was reached is told.
    assert found.best.score in {2.0, 3.0}
    assert found.best.profit.value == max(row.profit.value for row in found.rows)
    few = cut_offs(scores, np.arange(300) < 3)
    assert all(row.bad_rate is None for row in few.rows)


def test_a_shift_shows_in_its_month_and_its_column_only() -> None:
    draw = np.random.default_rng(3)
    months = np.repeat(["2025-01", "2025-02", "2025-03"], 1500)
    places = draw.integers(0, 5, (4500, 2))
    places[3000:, 1] = np.minimum(places[3000:, 1] + draw.integers(0, 3, 1500), 4)
    scores = places.sum(axis=1).astype(float) * 10 + draw.random(4500)
    base = Applicants(scores[:1500], places[:1500], [])
    late = np.append(months, "2025-04").tolist()
    every = Applicants(np.append(scores, 0.0), np.vstack([places, [0, 0]]), late)
    found = stability(base, every, ["same", "moved"], seed=0)
    value = {month: measure.value for month, measure in found.scores}
    assert value["2025-02"] < 0.1 < value["2025-03"]
    worst = {column: (month, measure) for column, month, measure in found.characteristics}
    assert worst["moved"][0] == "2025-03"
    assert worst["moved"][1].value > 0.25 > worst["same"][1].value
    assert found.too_small == ("2025-04",)
    assert len(found.section().grids) == 2


def test_the_truth_of_refused_applicants_lies_in_the_band() -> None:
    risk, bad = sample(4000, seed=4)
    chance = 1 / (1 + np.exp(-(risk * 1.2 - 1.5)))
    draw = np.random.default_rng(5)
    approved = draw.random(risk.size) < 1 / (1 + np.exp(2 * risk - 1))
    asked = Asked(chance[approved], bad[approved], chance[~approved])
    found = reject_band(asked, seed=0)
    assert found is not None
    rate = {key: measure.value for key, measure in found.bad_rates.items()}
    assert rate["best"] < bad.mean() < rate["worst"]
    assert rate["best"] == pytest.approx(bad[approved].sum() / bad.size)
    assert rate["worst"] == pytest.approx((bad[approved].sum() + (~approved).sum()) / bad.size)
    # Refusal depends on the score alone here: the stories that rest on that are near the truth.
    for story in ("extrapolation", "augmentation", "parcelling-1"):
        assert rate[story] == pytest.approx(bad.mean(), abs=0.05)
        interval = found.bad_rates[story].interval
        assert interval is not None
        assert interval.low <= rate[story] <= interval.high
    whole = gini(bad, chance)
    ginis = [measure.value for measure in found.ginis.values()]
    assert min(ginis) < whole < max(ginis)
    assert reject_band(Asked(chance[approved], bad[approved], chance[:0]), seed=0) is None


def test_groups_that_are_approved_less_are_told_and_small_ones_are_not() -> None:
    draw = np.random.default_rng(6)
    of = np.where(np.arange(2000) < 10, 2, draw.integers(0, 2, 2000))
    risk = draw.standard_normal(2000) + 0.8 * (of == 1)
    names = (Text("甲", "A"), Text("乙", "B"), Text("丙", "C"))
    found = approvals([Grouping("g", names, of)], {"m": risk}, {"m": T}, rate=0.5)
    groups = {one.group.en: one for one in found.found["g", "m"]}
    assert set(groups) == {"A", "B"}
    assert (of == 2).sum() < FEWEST
    assert groups["A"].ratio is None
    ratio = groups["B"].ratio
    assert ratio is not None
    assert ratio.value == pytest.approx(groups["B"].approval.value / groups["A"].approval.value)
    assert ratio.interval is not None
    assert ratio.interval.low < ratio.value < ratio.interval.high < 0.8
    assert len(found.measures) == 3


def test_rare_first_reasons_are_not_told() -> None:
    income, late = Text("收入", "income"), Text("逾期", "late")
    found = reasons_section([income] * 30 + [late] * 3 + [None], cutoff="500", protected=["性別"])
    assert found is not None
    assert [m.subject for m in found.measures] == ["income"]
    assert reasons_section([late] * 3, cutoff="500", protected=[]) is None
