"""The fairness tree, its measures against fairlearn's, the decision rule, proxies and coverage."""

from __future__ import annotations

from dataclasses import replace
from itertools import product
from typing import Any, get_args

import numpy as np
import pyarrow as pa
import pytest

from anping.core.errors import ParameterError
from anping.core.measure import Interval
from anping.judge import fairness_tree as tree
from anping.judge.coverage import bounded_by, examine_coverage
from anping.judge.deciding import decided
from anping.judge.fairness import Fairness, examine_fairness, favourable_outcomes
from anping.judge.fairness_tree import Answers
from anping.judge.groups import partition_by
from anping.judge.judgement import judge_model
from anping.judge.judging import Judging
from anping.judge.outcomes import Outcomes, outcomes_of
from anping.judge.policy import judging_policy
from anping.judge.proxies import examine_proxies
from anping.judge.resampling import Resampling
from anping.judge.section import Section
from judged_models import OWN, people

#: The leaves of the tree of Veritas, toolkit 2.0, for the favourable outcome as positive label.
_VERITAS = {
    ("benefit", "normal", "inclusive"): "false_positive_rate",
    ("benefit", "normal", "eligible"): "true_positive_rate",
    ("benefit", "normal", "both"): "equalised_odds",
    ("benefit", "selective", "inclusive"): "false_discovery_rate",
    ("benefit", "selective", "eligible"): "positive_predictive_value",
    ("benefit", "selective", "both"): None,
    ("harm", "normal", "inclusive"): "false_positive_rate",
    ("harm", "normal", "eligible"): "false_negative_rate",
    ("harm", "normal", "both"): "equalised_odds",
    ("harm", "selective", "inclusive"): "false_discovery_rate",
    ("harm", "selective", "eligible"): "false_omission_rate",
    ("harm", "selective", "both"): "calibration_gap",
}


def _fairness(
    answers: Answers, *, favourable: str = "no", columns: tuple[str, ...] = ("sex",)
) -> Section:
    predictor, table = people(1500)
    outcomes, _ = outcomes_of(predictor, table)
    frames = [
        (one, np.zeros(len(one.labels), np.bool_))
        for one in (partition_by(table, column) for column in columns)
    ]
    return examine_fairness(
        outcomes,
        frames,
        Resampling(outcomes.n, draws=200),
        asked=Fairness(answers, favourable),
        threshold=0.5,
        seed=1,
    )


@pytest.mark.parametrize(("answers", "measure"), _VERITAS.items())
def test_the_leaves_are_those_of_veritas(
    answers: tuple[Any, Any, Any], measure: str | None
) -> None:
    given = Answers(*answers)
    if measure is None:
        with pytest.raises(ParameterError, match=r"judge\.no-leaf"):
            tree.fairness_tree().leaf(given, "binary")
        return
    assert tree.fairness_tree().leaf(given, "binary").measure == measure
    if given.impact == "selective":
        assert (
            tree.fairness_tree().leaf(replace(given, impact="significant"), "classes").measure
            == measure
        )


def test_every_answer_ends_in_a_measure_that_has_a_rule() -> None:
    kinds = (get_args(one) for one in (tree.Priority, tree.Impact, tree.Concern, tree.Truth))
    for priority, impact, concern, truth in product(*kinds):
        answers = Answers(priority, impact, concern, truth)
        number = tree.fairness_tree().leaf(answers, "number")
        assert judging_policy().rule_for(number.measure) is not None
        try:
            leaf = tree.fairness_tree().leaf(answers, "binary")
        except ParameterError:
            continue
        assert judging_policy().rule_for(leaf.measure) is not None
        if truth == "doubtful":
            assert leaf.measure == "selection_rate"


def test_fairness_is_measured_as_fairlearn_does() -> None:
    fairlearn = pytest.importorskip("fairlearn.metrics")
    predictor, table = people(1500)
    outcomes, _ = outcomes_of(predictor, table)
    given = outcomes.scores < 0.5
    sides: dict[str, Any] = {
        "y_true": ~outcomes.positive, "y_pred": given,
        "sensitive_features": table.column("sex").to_pylist(),
    }  # fmt: skip
    found = {m.key: m.value for m in _fairness(Answers("harm", "normal", "both")).measures}
    expected = {
        "judge.fairness.equalised_odds.difference[sex]": fairlearn.equalized_odds_difference(**sides),
        "judge.fairness.selection_rate.ratio[sex]": fairlearn.demographic_parity_ratio(**sides),
        "judge.fairness.selection_rate.difference[sex]": fairlearn.demographic_parity_difference(**sides),
        "judge.fairness.true_positive_rate.difference[sex]": fairlearn.equal_opportunity_difference(**sides),
    }  # fmt: skip
    assert {key: found[key] for key in expected} == pytest.approx(expected, abs=1e-12)


def test_what_is_favourable_turns_the_rates_round() -> None:
    predictor, table = people(800)
    outcomes, _ = outcomes_of(predictor, table)
    made, scoring = favourable_outcomes(outcomes, "no", threshold=0.3)
    other, other_scoring = favourable_outcomes(outcomes, "yes", threshold=0.3)
    rates = scoring.values(scoring.columns(made).sum(axis=0))
    mirrored = other_scoring.values(other_scoring.columns(other).sum(axis=0))
    for name, mirror in (
        ("false_negative_rate", "false_positive_rate"),
        ("true_positive_rate", "true_negative_rate"),
        ("false_omission_rate", "false_discovery_rate"),
    ):
        assert rates[name] == pytest.approx(mirrored[mirror])
    with pytest.raises(ParameterError, match=r"judge\.favourable"):
        favourable_outcomes(outcomes, "maybe", threshold=0.3)


def test_one_of_several_classes_can_be_favourable() -> None:
    predictor, table = people(800, task="classes")
    outcomes, _ = outcomes_of(predictor, table)
    made, scoring = favourable_outcomes(outcomes, "c", threshold=0.5)
    sums = scoring.columns(made).sum(axis=0)
    assert sums[1] == (outcomes.truth == 2).sum()
    assert sums[2] == (outcomes.values.argmax(axis=1) == 2).sum()


@pytest.mark.parametrize(
    ("low", "high", "least", "expected"),
    [
        (0.85, 0.9, True, "pass"),
        (0.7, 0.79, True, "fail"),
        (0.75, 0.85, True, "undecided"),
        (0.0, 0.04, False, "pass"),
        (0.06, 0.2, False, "fail"),
        (0.01, 0.2, False, "undecided"),
    ],
)
def test_only_a_whole_interval_on_one_side_decides(
    low: float,
    high: float,
    *,
    least: bool,
    expected: str,
) -> None:
    limit = 0.8 if least else 0.05
    assert decided(Interval(low, high, 0.95, "any"), limit, least=least) == expected
    assert decided(None, limit, least=least) == "undecided"


def test_a_plain_wrong_is_found_and_named() -> None:
    section = _fairness(Answers(), columns=("sex", "area"))
    by_column = {one.measure.subject: one for one in section.decisions}
    assert by_column["sex"].outcome == "fail"
    assert by_column["sex"].measure.name == "judge.fairness.false_negative_rate.difference"
    assert "17025" in by_column["sex"].rule.en
    assert any("Veritas" in note.en for note in section.notes)


def test_numbers_are_compared_by_their_errors() -> None:
    predictor, table = people(900, task="number")
    asked = Judging(
        groups=("sex",), fairness=Fairness(Answers("benefit")), proxies=False, draws=200
    )
    found = judge_model(predictor, table, asked, examinations=OWN)
    (decision,) = [one for one in found.decisions if one.key.startswith("fairness")]
    assert decision.measure.key == "judge.fairness.bias.difference[sex]"
    assert decision.measure.value == pytest.approx(3, abs=1)
    assert decision.limit == pytest.approx(
        0.1 * np.std(table.column("target").to_numpy()), rel=1e-6
    )


def _proxies(table: pa.Table, column: str) -> Section:
    predictor, _ = people(10)
    outcomes, _ = outcomes_of(predictor, table)
    partition = partition_by(table, column)
    frames = [(partition, np.zeros(len(partition.labels), np.bool_))]
    return examine_proxies(
        outcomes, table, frames, signature=predictor.signature, seed=1, draws=100
    )


def test_a_column_that_stands_in_for_an_attribute_is_found() -> None:
    pytest.importorskip("lightgbm")
    _, table = people(1500)
    sexes = table.column("sex").to_pylist()
    jobs = ["driver" if sex == "M" else "nurse" for sex in sexes]
    told = _proxies(table.set_column(table.column_names.index("job"), "job", [jobs]), "sex")
    found = {measure.subject: measure for measure in told.measures}
    assert found["sex from job"].value == pytest.approx(1.0, abs=0.01)
    assert found["sex from all inputs"].value > 0.99
    plain = {measure.subject: measure for measure in _proxies(table, "sex").measures}
    job, income = plain["sex from job"], plain["sex from income"]
    assert job.interval is not None
    assert job.interval.low < 0.5 < job.interval.high
    assert income.interval is not None
    assert income.interval.low > 0.55


def test_an_attribute_of_several_groups_and_an_input_that_is_it() -> None:
    _, table = people(900)
    found = {measure.subject for measure in _proxies(table, "job").measures}
    assert "job from job" not in found
    assert "job from income" in found


def test_coverage_is_counted_overall_and_by_group() -> None:
    predictor, table = people(1000, task="number")
    outcomes, _ = outcomes_of(predictor, table)
    said = bounded_by(predictor, table, 0.9)
    assert said is not None
    partition = partition_by(table, "sex")
    frames = [(partition, np.array([False, True]))]
    section = examine_coverage(outcomes, said, frames, Resampling(1000, draws=100))
    error = np.abs(outcomes.values - outcomes.truth)
    found = {measure.key: measure for measure in section.measures}
    assert found["judge.coverage"].value == pytest.approx((error <= 9).mean())
    assert found["judge.coverage.width"].value == pytest.approx(18)
    assert found["judge.coverage[sex=F]"].value == pytest.approx(
        (error <= 9)[partition.codes == 0].mean()
    )
    assert "judge.coverage[sex=M]" not in found
    assert section.decisions[0].limit == pytest.approx(0.88)


def test_a_model_without_intervals_has_no_section_on_them() -> None:
    class Bare:
        signature = people(10)[0].signature

        def predict(self, rows: pa.Table) -> Any:
            raise AssertionError(rows)

    assert bounded_by(Bare(), pa.table({"a": [1]}), 0.9) is None


def test_sets_are_checked_as_well() -> None:
    predictor, table = people(600, task="classes")
    outcomes: Outcomes = outcomes_of(predictor, table)[0]
    said = bounded_by(predictor, table, 0.9)
    assert said is not None
    assert said.sets is not None
    section = examine_coverage(outcomes, said, [], Resampling(600, draws=100))
    inside = said.sets[np.arange(600), outcomes.truth.astype(int)]
    assert section.measures[0].value == pytest.approx(inside.mean())
