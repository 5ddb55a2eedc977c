import pytest
from hypothesis import given
from hypothesis import strategies as st

from anping.core.columns import ColumnFinding, Role
from anping.core.errors import ParameterError
from anping.core.measure import Measure
from anping.core.span import Span
from anping.judge.detection import matched, score_columns, score_spans


def by_key(measures: tuple[Measure, ...]) -> dict[str, Measure]:
    return {measure.key: measure for measure in measures}


def test_recall_and_precision_by_type() -> None:
    truth = [[Span(0, 4, "NAME"), Span(10, 20, "PHONE")], [Span(5, 8, "NAME")]]
    found = [[Span(0, 3, "NAME"), Span(10, 20, "EMAIL")], [Span(30, 33, "NAME")]]
    measures = by_key(score_spans(truth, found))
    assert measures["detection.recall[NAME]"].value == 0.5
    assert measures["detection.recall[PHONE]"].value == 0
    assert measures["detection.precision[EMAIL]"].value == 0
    assert measures["detection.precision[NAME]"].value == 0.5
    overall = measures["detection.recall[all]"]
    assert overall.value == pytest.approx(1 / 3)
    assert overall.n == 3
    interval = overall.interval
    assert interval is not None
    assert interval.method == "wilson"
    strict = by_key(score_spans(truth, found, rule="strict"))
    assert strict["detection.strict.recall[NAME]"].value == 0


@pytest.mark.parametrize(
    ("found", "hit"),
    [((0, 5), True), ((5, 10), True), ((0, 20), True), ((0, 21), False), ((6, 10), False)],
)
def test_half_of_the_longer_one_must_be_shared(found: tuple[int, int], hit: bool) -> None:  # noqa: FBT001 - a table of cases
    assert bool(matched([Span(0, 10, "NAME")], [Span(*found, "NAME")])) is hit


def test_one_finding_cannot_match_twice() -> None:
    truth = [Span(0, 4, "NAME"), Span(3, 7, "NAME")]
    assert len(matched(truth, [Span(0, 7, "NAME")])) == 1
    assert len(matched(truth, [Span(0, 5, "NAME"), Span(3, 7, "NAME")])) == 2


spans = st.lists(
    st.builds(
        lambda start, size, kind: Span(start, start + size, kind),
        st.integers(0, 20),
        st.integers(1, 6),
        st.sampled_from(["A", "B"]),
    ),
    max_size=8,
)


@given(st.lists(st.tuples(spans, spans), max_size=4))
def test_rates_are_shares_and_the_truth_scores_full(
    texts: list[tuple[list[Span], list[Span]]],
) -> None:
    truth, found = [one for one, _ in texts], [other for _, other in texts]
    for rule in ("overlap", "strict"):
        assert all(0 <= m.value <= 1 for m in score_spans(truth, found, rule=rule))
        assert all(m.value == 1 for m in score_spans(truth, truth, rule=rule))
    loose = sum(len(matched(one, other)) for one, other in texts)
    strict = sum(len(matched(one, other, rule="strict")) for one, other in texts)
    assert strict <= loose


def test_texts_must_be_the_same() -> None:
    with pytest.raises(ParameterError, match=r"detection\.texts"):
        score_spans([[]], [])


def finding(column: str, kind: str) -> ColumnFinding:
    return ColumnFinding(column, kind, Role.NONE, 1.0, 1.0, 10)


def test_columns_are_scored_by_type() -> None:
    truth = {"id": "TW_NATIONAL_ID", "name": "PERSON_NAME", "amount": "NUMBER", "note": "FREE_TEXT"}
    findings = [
        finding("id", "TW_NATIONAL_ID"),
        finding("name", "NUMBER"),
        finding("amount", "PHONE"),
    ]
    measures = by_key(score_columns(truth, findings, nothing={"NUMBER"}))
    assert measures["detection.columns.accuracy"].value == 0.25
    recall = measures["detection.columns.recall"]
    assert recall.value == pytest.approx(1 / 3)
    assert recall.n == 3
    precision = measures["detection.columns.precision"]
    assert (precision.value, precision.n) == (0.5, 2)
