"""Versions of a table are kept without a person, and the next is judged by what they lead to expect."""

from __future__ import annotations

import json

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from anping.core.columns import ColumnFinding, Role
from anping.core.measure import Measure
from anping.engine.table import Table
from anping.know.currentness import measure_currentness
from anping.know.drift import drift
from anping.know.expectations import judge
from anping.know.expected import expected_growth, expected_number, expected_share
from anping.know.quality_page import quality_page
from anping.know.quality_report import report_on
from anping.know.summarising import Keeping, summarise
from anping.know.summary import ORDERED, History, Summary
from anping.stats.count_distances import distances
from know.table_versions import KEY, columns_of, faulty, history, summary_of, table_of


@pytest.fixture(scope="module")
def five() -> list[Summary]:
    return history(5)


def test_a_summary_is_read_as_it_was_written(five: list[Summary]) -> None:
    kept = History(tuple(five))
    assert History.from_json(json.loads(json.dumps(kept.as_json()))) == kept


def test_a_summary_holds_no_value_of_a_person(five: list[Summary]) -> None:
    written = json.dumps(History(tuple(five)).as_json(), ensure_ascii=False)
    columns = columns_of(5)
    for name in ("number", "illness", "born", "email", "memo"):
        assert not [value for value in set(columns[name]) if value and str(value) in written], name
    for summary in five:
        for column in summary.columns:
            assert all(count % 5 == 0 for count in column.counts)
    forms = {column.column: column.form for column in five[-1].columns}
    assert forms == {
        "number": "shapes", "amount": "numbers", "grade": "values", "illness": "hidden",
        "seen": "ages", "born": "days", "email": "shapes", "memo": "none",
    }  # fmt: skip


@given(st.lists(st.sampled_from("abcdefgh"), min_size=20, max_size=120))
def test_a_label_that_few_rows_hold_is_not_kept(values: list[str]) -> None:
    table = Table.of(pa.table({"grade": values}))
    finding = ColumnFinding("grade", "CATEGORY", Role.NONE, 1.0, 1.0, 1)
    column = summarise(table, [finding]).column("grade")
    assert column is not None
    assert set(column.labels) == {v for v in values if values.count(v) >= 5}
    assert len(column.counts) == len(column.labels) + 1


def test_without_a_key_labels_of_sensitive_columns_are_not_kept_at_all() -> None:
    finding = ColumnFinding("illness", "DIAGNOSIS", Role.SPECIAL_CATEGORY, 1.0, 1.0, 1)
    table = Table.of(pa.table({"illness": ["高血壓", "無"] * 40}))
    column = summarise(table, [finding]).column("illness")
    assert column is not None
    assert (column.form, column.labels) == ("none", ())


def test_what_a_person_calls_sensitive_later_is_hidden_in_the_history() -> None:
    values = Table.of(pa.table({"status": ["a", "b"] * 40}))
    plain = ColumnFinding("status", "CATEGORY", Role.NONE, 1.0, 1.0, 1)
    first = summarise(values, [plain], keeping=Keeping(1, key=KEY))
    sensitive = ColumnFinding("status", "RELIGION", Role.SENSITIVE, 1.0, 1.0, 1)
    second = summarise(values, [sensitive], keeping=Keeping(2, key=KEY), earlier=[first])
    kept = History((first,)).hiding(second).having(second)
    assert {column.form for each in kept.versions for column in each.columns} == {"none", "hidden"}
    assert not any("a" in c.labels or "b" in c.labels for v in kept.versions for c in v.columns)


def test_many_values_are_counted_as_few_are() -> None:
    """Columns of too many values to list are counted batch by batch, with the same counts."""
    draw = np.random.default_rng(3)
    numbers = np.round(draw.normal(0, 1e6, 60_000), 3)
    finding = ColumnFinding("x", "NUMBER", Role.NONE, 1.0, 1.0, 1)
    first = summarise(Table.of(pa.table({"x": numbers})), [finding]).column("x")
    assert first is not None
    assert first.distinct > 50_000
    assert first.limits is not None
    places = np.searchsorted(first.edges, numbers)
    counts = np.bincount(places, minlength=len(first.edges) + 1)
    assert np.abs(counts - np.array(first.counts[:-1])).max() <= 2
    ordered = np.sort(numbers)
    assert first.limits.low <= ordered[4]
    assert first.limits.high >= ordered[-5]
    assert first.limits.floor <= ordered[0]
    assert first.limits.ceiling >= ordered[-1]
    wider = Summary(1, "", 60_000, 5, (first,))
    more = Table.of(pa.table({"x": [*numbers, 1e9, 2e9, -3e9]}))
    second = summarise(more, [finding], earlier=[wider]).column("x")
    assert second is not None
    assert second.edges == first.edges
    assert second.above == 2 + int((numbers > first.limits.high).sum())
    assert second.below == 1 + int((numbers < first.limits.low).sum())


def test_the_first_version_has_no_expectations(five: list[Summary]) -> None:
    report = report_on(five[0])
    assert report.judged == ()
    assert report.drift == ()
    assert "no history" in report.limits[0].en


def test_a_version_like_the_others_keeps_every_expectation(five: list[Summary]) -> None:
    report = report_on(summary_of(faulty(""), 6, five), earlier=five)
    assert [each.kind for each in report.judged if each.status != "kept"] == []
    assert report.drifted == ()
    assert {each.kind for each in report.judged} == {
        "column", "rows", "arrival", "completeness", "unique", "range", "values", "format",
        "newest-day",
    }  # fmt: skip
    for each in report.judged:
        assert each.versions == (1, 2, 3, 4, 5)
        assert each.learned_n > 0
        assert each.method


@pytest.mark.parametrize(
    ("fault", "subject"),
    [
        ("column", "grade"), ("type", "amount"), ("completeness", "email"), ("unique", "number"),
        ("values", "grade"), ("format", "number"), ("range", "amount"), ("newest-day", "seen"),
        ("rows", ""),
    ],
)  # fmt: skip
def test_a_fault_breaks_what_it_should(fault: str, subject: str, five: list[Summary]) -> None:
    found = judge(five, summary_of(faulty(fault), 6, five))
    assert (fault, subject) in {
        (each.kind, each.subject) for each in found if each.status == "broken"
    }


def test_a_new_column_is_told(five: list[Summary]) -> None:
    found = judge(five, summary_of(faulty("new-column"), 6, five))
    assert [(e.kind, e.subject) for e in found if e.status == "watch"] == [("new-column", "more")]


def test_one_version_tells_too_little_to_call_anything_broken() -> None:
    one = history(1)
    found = judge(one, summary_of(faulty("completeness"), 6, one))
    assert {each.status for each in found if each.kind == "completeness"} == {"kept", "watch"}
    gone = judge(one, summary_of(faulty("column"), 6, one))
    assert ("column", "broken") in {(each.kind, each.status) for each in gone}


def test_drift_is_found_and_only_where_it_is(five: list[Summary]) -> None:
    found = drift(five, summary_of(faulty("drift"), 6, five))
    assert [each.column for each in found if each.status == "drifted"] == ["amount"]
    moved = next(each for each in found if each.column == "amount")
    interval = moved.distances.stability_interval
    assert interval is not None
    assert interval.low < moved.distances.stability
    assert moved.limit is not None
    assert moved.distances.stability > moved.limit
    assert len(moved.series) == 5
    assert moved.n == 1200
    assert moved.before_n == 6000
    for measure in moved.measures():
        assert Measure.from_json(measure.as_json()) == measure


def test_with_few_versions_the_bands_are_named_as_a_convention() -> None:
    two = history(2)
    report = report_on(summary_of(faulty("drift"), 6, two), earlier=two)
    assert [each.column for each in report.drifted] == ["amount"]
    assert report.drifted[0].status == "watch"
    assert "convention" in quality_page("t", report)


def test_versions_that_do_not_differ_are_seldom_called_so() -> None:
    """Of many columns and versions drawn alike, fewer are called drifted than the level allows."""
    draw = np.random.default_rng(11)
    findings = [ColumnFinding(f"c{n}", "NUMBER", Role.NONE, 1.0, 1.0, 1) for n in range(40)]
    made: list[Summary] = []
    called = judged = 0
    for version in range(1, 8):
        table = Table.of(pa.table({f"c{n}": draw.normal(0, 1, 400) for n in range(40)}))
        new = summarise(table, findings, keeping=Keeping(version), earlier=made)
        called += any(each.status in {"drifted", "watch"} for each in drift(made, new))
        judged += any(each.status != "kept" for each in judge(made, new))
        made.append(new)
    assert called <= 1
    assert judged <= 1


def test_the_page_names_no_value_of_a_sensitive_column(five: list[Summary]) -> None:
    report = report_on(summary_of(faulty("drift"), 6, five), earlier=five)
    page = quality_page("<visits>", report)
    assert "<visits>" not in page
    assert "&lt;visits&gt;" in page
    for value in ("高血壓", "糖尿病", "user1@", "民國"):
        assert value not in page
    assert "甲" in page
    assert "值 1" in page
    assert "http://www.w3.org/2000/svg" in page
    assert "<script" not in page
    stored = json.dumps(report.as_json(), ensure_ascii=False)
    hidden = next(column for column in five[-1].columns if column.form == "hidden")
    assert not [label for label in hidden.labels if label in stored or label in page]


def test_currentness_is_the_age_of_the_newest_day(five: list[Summary]) -> None:
    (found,) = measure_currentness(five[-1])
    assert (found.subject, found.unit) == ("seen", "days")
    newest = max(columns_of(5)["seen"]).toordinal()
    arrived = 31 * 5 + 738_886  # 2024-01-01
    assert abs(found.value - (arrived - newest)) <= 1


pairs = st.lists(st.tuples(st.integers(0, 500), st.just(500)), min_size=1, max_size=6)


@given(pairs, st.integers(0, 500))
def test_a_share_is_surprising_exactly_below_its_limit(
    earlier: list[tuple[int, int]], part: int
) -> None:
    expected = expected_share(earlier, (part, 500))
    assert expected.low is not None
    assert 0 <= expected.low <= 1
    assert 0 <= expected.p <= 1
    # The limit stands on the continuous scale of shares: one count is its grain.
    if part / 500 > expected.low + 2 / 500:
        assert expected.p > 0.05
    if part / 500 < expected.low - 2 / 500:
        assert expected.p < 0.05


@settings(max_examples=40)
@given(st.floats(0.02, 0.98), st.floats(0, 0.05), st.integers(2, 8))
def test_shares_of_versions_that_differ_as_before_are_seldom_called_broken(
    share: float, spread: float, versions: int
) -> None:
    draw = np.random.default_rng(int(share * 1e6))
    shares = np.clip(draw.normal(share, spread, (300, versions + 1)), 0, 1)
    parts = draw.binomial(400, shares)
    surprised = [
        expected_share([(int(p), 400) for p in row[:-1]], (int(row[-1]), 400)).p <= 0.05
        for row in parts
    ]
    # 300 tries at 5 %: beyond 10 % is no chance; limits may be wider than they need be.
    assert np.mean(surprised) <= 0.10


def test_numbers_and_growth_are_expected_as_before() -> None:
    assert expected_number([1.0], 1.0, noise=0.1) is None
    same = expected_number([7.0, 7.0, 7.0], 7.0, noise=1 / 6)
    assert same is not None
    assert same.p == 1.0
    late = expected_number([7.0, 7.1, 6.9, 7.0, 7.0], 30.0, noise=1 / 6, upwards=True)
    assert late is not None
    assert late.p < 0.001
    assert expected_growth([100, 110], 121) is None
    steady = expected_growth([10_000, 11_000, 12_100, 13_310], 14_641)
    assert steady is not None
    assert steady.p > 0.9
    halved = expected_growth([10_000, 11_000, 12_100, 13_310], 7000)
    assert halved is not None
    assert halved.p < 0.01


vectors = st.lists(st.integers(0, 200), min_size=5, max_size=5).filter(lambda v: sum(v) > 20)


@given(vectors, vectors)
@settings(max_examples=50)
def test_the_vectorised_distances_of_draws_are_the_plain_ones(
    one: list[int], other: list[int]
) -> None:
    found = distances(one, other, ordered=True, seed=1, draws=50)
    plain = distances(one, other, ordered=True)
    assert (found.stability, found.divergence, found.gap) == (
        plain.stability, plain.divergence, plain.gap,
    )  # fmt: skip
    for interval in (found.stability_interval, found.divergence_interval, found.gap_interval):
        assert interval is not None
        assert 0 <= interval.low <= interval.high


def test_groups_in_order_are_those_of_numbers_and_days() -> None:
    assert {"numbers", "days", "ages"} == ORDERED
    assert table_of({"a": [1]}).rows == 1
