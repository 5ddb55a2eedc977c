"""Monitoring a model: what moved is found and named, what did not is left in peace."""

from __future__ import annotations

import re

import numpy as np
import pyarrow as pa
import pytest

from anping.core.errors import ParameterError, SchemaError
from anping.engine.prediction import Feature, Prediction, Signature
from anping.run.monitoring.causes import causes
from anping.run.monitoring.input_drift import drifts
from anping.run.monitoring.monitor import Monitored, Monitoring, Window, monitor
from anping.run.monitoring.page import monitoring_page
from anping.run.monitoring.performance import Figure, Performance
from anping.run.monitoring.picture import timeline
from anping.run.monitoring.reading import cells_of
from anping.run.monitoring.rules import Rules, own_rules, rules_of

Floats = np.ndarray[tuple[int, ...], np.dtype[np.float64]]
FEATURES = (
    Feature("income", "number", (), 5.0, 16.0),
    Feature("age", "number", (), 20.0, 70.0),
    Feature("city", "category", ("Taipei", "Taichung", "Kaohsiung")),
)


class Truthful:
    """A model that knows how the rows were made: calibrated by construction."""

    signature = Signature("default", "binary", ("no", "yes"), FEATURES)

    def predict(self, rows: pa.Table) -> Prediction:
        chance = chances(rows)
        return Prediction(np.column_stack([1 - chance, chance]))


class Linear:
    """A model of a number."""

    signature = Signature("amount", "number", (), FEATURES)

    def predict(self, rows: pa.Table) -> Prediction:
        income = np.nan_to_num(rows.column("income").to_numpy().astype(float), nan=10.0)
        return Prediction(3 * income)


def chances(rows: pa.Table) -> Floats:
    income = np.nan_to_num(rows.column("income").to_numpy().astype(float), nan=10.0)
    young = rows.column("age").to_numpy().astype(float) < 30
    found: Floats = 1 / (1 + np.exp(-(-1.0 - 1.2 * (income - 10.5) + 0.8 * young)))
    return found


def table(n: int, seed: int, *, shift: float = 0.0, flipped: bool = False) -> pa.Table:
    generator = np.random.default_rng(seed)
    rows = pa.table(
        {
            "income": generator.normal(10.5 + shift, 1.0, n),
            "age": generator.integers(20, 70, n),
            "city": generator.choice(["Taipei", "Taichung", "Kaohsiung"], n, p=[0.5, 0.3, 0.2]),
            "sex": generator.choice(["F", "M"], n),
            "day": [f"2026-{1 + i * 6 // n:02d}-{1 + i % 28:02d}" for i in range(n)],
        }
    )
    chance = chances(rows)
    truth = generator.random(n) < (1 - chance if flipped else chance)
    words = np.where(truth, "yes", "no")
    return rows.append_column("default", pa.array(words)).append_column(
        "amount", pa.array(3 * rows.column("income").to_numpy() + generator.normal(0, 1, n))
    )


REFERENCE = table(2500, 1)


def watched(current: pa.Table, asked: Monitoring | None = None) -> Monitored:
    return monitor(Truthful(), REFERENCE, current, asked or Monitoring(groups=("sex",)))


def kinds(found: Monitored) -> set[str]:
    return {alert.kind for alert in found.alerts}


def test_rows_like_the_reference_raise_few_alerts() -> None:
    """The promise: no alarm or warning in 95 of 100 comparisons without any shift."""
    grave = 0
    for seed in range(2, 22):
        found = watched(table(700, seed), Monitoring())
        grave += any(alert.severity != "note" for alert in found.alerts)
    # With a chance of 0.05 each, 5 or more of 20 would come up once in 400 runs.
    assert grave < 5


def test_an_input_that_moved_is_named_as_the_cause() -> None:
    found = watched(table(2500, 3, shift=-0.8).drop_columns(["default"]))
    assert [each.name for each in found.found.drifted] == ["income"]
    alert = next(each for each in found.alerts if each.kind == "expected-performance")
    assert alert.columns == ("income",)
    assert "moved, not the model" in alert.cause.en
    assert "移動的是「income」" in alert.cause.zh
    assert sum(each.share for each in found.found.causes) == pytest.approx(1.0)


def test_a_changed_relation_is_told_from_a_moved_input() -> None:
    moved = watched(table(2500, 4, shift=-0.8))
    assert "concept" not in kinds(moved)
    changed = watched(table(2500, 5, flipped=True))
    assert {"performance", "concept"} <= kinds(changed)
    assert "input" not in kinds(changed)
    assert changed.pauses


def test_a_broken_feed_is_a_fault_of_the_source() -> None:
    rows = table(2500, 6)
    income = rows.column("income").to_numpy().copy()
    income[:1000] = np.nan
    broken = rows.set_column(0, "income", pa.array(income, from_pandas=True))
    found = watched(broken)
    fault = next(each for each in found.alerts if each.kind == "quality")
    assert fault.columns == ("income",)
    assert "concept" not in kinds(found)
    assert all("income" in each.cause.en for each in found.alerts if each.severity == "alarm")


def test_values_that_training_had_not_are_counted() -> None:
    rows = table(1000, 7)
    city = ["Tainan"] * 200 + rows.column("city").to_pylist()[200:]
    found = watched(rows.set_column(2, "city", pa.array(city)))
    fault = next(each for each in found.found.faults if each.name == "city")
    assert (fault.fault, fault.now, fault.n, fault.grown) == ("unseen", 200, 1000, True)


def test_columns_that_no_longer_go_together_are_seen_by_all_columns_at_once() -> None:
    generator = np.random.default_rng(8)
    together = generator.normal(10.5, 1.0, 2500)
    before = REFERENCE.set_column(0, "income", pa.array(together)).set_column(
        1, "age", pa.array((together * 4).astype(int))
    )
    after = before.set_column(1, "age", pa.array(generator.permutation((together * 4).astype(int))))
    found = monitor(Truthful(), before, after, Monitoring())
    assert not found.found.drifted
    assert found.found.joint is not None
    assert found.found.joint.p < 0.01


def test_one_group_that_fares_worse_is_named_and_small_groups_are_not_told() -> None:
    rows = table(4000, 9)
    wrong = np.array(rows.column("sex").to_pylist()) == "F"
    truth = np.array(rows.column("default").to_pylist())
    swapped = np.where(wrong, np.where(truth == "yes", "no", "yes"), truth)
    place = rows.column_names.index("default")
    found = watched(rows.set_column(place, "default", pa.array(swapped)))
    alerts = [each for each in found.alerts if each.kind == "fairness"]
    assert alerts
    assert all("sex" in each.what.en for each in alerts)
    small = rows.set_column(3, "sex", pa.array(["X"] * 20 + rows.column("sex").to_pylist()[20:]))
    assert "X" not in {each.group for each in watched(small).found.groups}


def test_windows_follow_the_dates_and_say_where_it_began() -> None:
    rows = pa.concat_tables([table(1500, 10), table(1500, 11, shift=-1.0)])
    days = [f"2026-{1 + i * 6 // 3000:02d}-01" for i in range(3000)]
    rows = rows.set_column(4, "day", pa.array(days))
    found = watched(rows, Monitoring(when="day", period="month"))
    assert [each.n for each in found.windows] == [500] * 6
    assert [bool(each.drifted) for each in found.windows] == [False] * 3 + [True] * 3
    assert len(watched(rows, Monitoring(every=1000)).windows) == 3


def test_errors_of_a_number_are_expected_from_like_rows() -> None:
    generator = np.random.default_rng(12)
    n = 4000
    rows = table(n, 12)
    noise = generator.normal(0, 1, n) * np.where(rows.column("age").to_numpy() < 40, 0.5, 3.0)
    place = rows.column_names.index("amount")
    amount = 3 * rows.column("income").to_numpy() + noise
    rows = rows.set_column(place, "amount", pa.array(amount))
    young = rows.filter(pa.array(rows.column("age").to_numpy() < 40))
    found = monitor(Linear(), rows, young.drop_columns(["amount"]), Monitoring())
    expected = {each.name: each.expected for each in found.found.performance}
    assert expected["rmse"] is not None
    assert expected["rmse"].value == pytest.approx(0.5, abs=0.25)


def test_a_replaced_model_is_named_where_no_column_moved() -> None:
    found = watched(table(1500, 13), Monitoring(replaced=True))
    assert [each.what.en for each in found.alerts if each.kind == "model"] == [
        "The model was replaced by another version."
    ]


def test_the_page_and_the_numbers_hold_no_small_group_and_both_languages() -> None:
    rows = table(1500, 14, shift=-0.5)
    city = ["Yilan <b>", *rows.column("city").to_pylist()[1:]]
    found = watched(
        rows.set_column(2, "city", pa.array(city)), Monitoring(groups=("sex",), every=500)
    )
    page = monitoring_page("customers", found)
    assert "模型監測" in page
    assert "Monitoring a model" in page
    assert "Yilan" not in page
    assert page.count("<svg") == page.count("</svg>") > 4
    names = [measure.key for measure in found.measures()]
    assert len(names) == len(set(names))
    assert found.as_json()["alerts"]


def test_the_same_seed_tells_the_same() -> None:
    rows = table(800, 15, shift=-0.4)
    assert watched(rows).as_json() == watched(rows).as_json()


def test_rules_are_data_and_a_wrong_file_is_refused() -> None:
    strict = rules_of("watch: 0.001\nseverity: {input: alarm}\npauses: [input]")
    found = watched(table(2500, 16, shift=-0.2), Monitoring(rules=strict))
    assert [each.kind for each in found.pauses] == ["input"]
    for text in ("watch: many", "- a", "unknown: 1", "watch: [", "severity: {input: grave}"):
        with pytest.raises(ParameterError, match=r"run\.rules"):
            rules_of(text)


def test_what_cannot_be_compared_is_refused() -> None:
    rows = table(200, 17)
    with pytest.raises(SchemaError):
        watched(rows.drop_columns(["age"]))
    with pytest.raises(SchemaError):
        watched(rows, Monitoring(groups=("nobody",)))
    with pytest.raises(ParameterError, match="no-rows"):
        watched(rows.slice(0, 0))
    with pytest.raises(ParameterError, match="no-dates"):
        watched(rows, Monitoring(when="city"))


def test_hardly_any_rows_are_not_judged() -> None:
    found = watched(table(30, 18, shift=-3.0), Monitoring())
    assert {each.status for each in found.found.drift} == {"few"}
    assert not [each for each in found.alerts if each.severity == "alarm" and each.kind == "input"]


def test_shapley_parts_of_a_sum_are_its_terms() -> None:
    """For a score that is a sum, each column's part is its own shift."""
    generator = np.random.default_rng(19)

    class Sum:
        signature = Signature(
            "y",
            "number",
            (),
            (Feature("a", "number"), Feature("b", "number"), Feature("c", "number")),
        )

        def predict(self, rows: pa.Table) -> Prediction:
            return Prediction(sum(rows.column(n).to_numpy() for n in "abc"))

    draw = {name: generator.normal(size=900) for name in "abc"}
    before = pa.table(draw)
    after = pa.table({"a": draw["a"] + 2.0, "b": draw["b"] + 1.0, "c": draw["c"]})
    found = {each.name: each.value for each in causes(Sum(), before, after, ["a", "b"], seed=1)}
    assert found["a"] == pytest.approx(2.0, abs=0.25)
    assert found["b"] == pytest.approx(1.0, abs=0.25)
    assert abs(found[""]) < 0.2


def test_distances_are_those_of_scipy() -> None:
    stats = pytest.importorskip("scipy.stats")
    one, other = table(1200, 20), table(900, 21, shift=0.3)
    feature = FEATURES[0]
    sides = [{"income": cells_of(rows.column("income"), feature)} for rows in (one, other)]
    rules = replace_alpha(0.05)
    found = drifts(sides[0], sides[1], rules, seed=1)[0]
    values = [rows.column("income").to_numpy() for rows in (one, other)]
    told = stats.ks_2samp(*values, method="asymp")
    assert found.distances.gap == pytest.approx(told.statistic)
    assert found.p == pytest.approx(told.pvalue, rel=0.1)


def replace_alpha(alpha: float) -> Rules:
    return own_rules().model_copy(update={"alpha": alpha})


def test_a_window_as_good_as_the_reference_is_drawn_in_the_middle_of_its_band() -> None:
    same = Performance("auc", Figure(0.8, 0.02, 900), expected=Figure(0.8, 0.1, 40))
    drawn = timeline([Window("2026-01", 40, 0.1, (), 0.0, (same,), ())], "auc", "en")
    ((top, height),) = re.findall(r'class="band" x="0" y="([\d.]+)".*?height="([\d.]+)"', drawn)
    (dot,) = re.findall(r'cy="([\d.]+)"', drawn)
    assert float(dot) == pytest.approx(float(top) + float(height) / 2, abs=0.2)
