"""Neighbours of a doubtful name: the same for one text and for many, and never against redaction."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from anping.core.span import Span
from anping.know.discover.beside_names import (
    NEIGHBOURS,
    REACH,
    verdicts_beside,
    with_neighbours,
)
from anping.know.discover.scoring import Verdict, explain

SCORES = (0.1, 0.15, 0.3, 0.5, 0.75, 0.8999, 0.9, 0.97)
spans = st.builds(
    lambda start, long, kind, score: Span(start, start + long, kind, score, ("surname",)),
    st.integers(0, 150),
    st.integers(1, 12),
    st.sampled_from(["PERSON_NAME", *NEIGHBOURS, "DATE", "ORGANISATION"]),
    st.sampled_from(SCORES),
)


@given(st.lists(st.lists(spans, max_size=7), min_size=1, max_size=5), st.booleans())
def test_many_texts_at_once_are_judged_as_one_by_one(
    texts: list[list[Span]],
    recall: bool,  # noqa: FBT001 - given by hypothesis
) -> None:
    length = 200
    listed: list[Verdict] = []
    numbers: dict[Verdict, int] = {}

    def number(verdict: Verdict) -> int:
        if verdict not in numbers:
            numbers[verdict] = len(listed)
            listed.append(verdict)
        return numbers[verdict]

    rows = [
        (
            at,
            at * length + s.start,
            at * length + s.end,
            number(Verdict(s.type, s.score, s.evidence)),
        )
        for at, found in enumerate(texts)
        for s in found
    ]
    columns = np.array(rows, np.int64).reshape(-1, 4).T
    known = tuple(columns)
    many = verdicts_beside(
        (known[0], known[1], known[2], known[3]), tuple(listed), number=number, recall=recall
    )
    one_by_one = [span for found in texts for span in with_neighbours(found, recall=recall)]
    assert [listed[place] for place in many.tolist()] == [
        Verdict(span.type, span.score, span.evidence) for span in one_by_one
    ]


def name(start: int, score: float = 0.6) -> Span:
    return Span(start, start + 3, "PERSON_NAME", score, ("surname",))


@pytest.mark.parametrize("gap", [0, 1, REACH, REACH + 1])
def test_a_sure_finding_within_reach_speaks_for_a_name(gap: int) -> None:
    phone = Span(3 + gap, 13 + gap, "PHONE", 0.98)
    judged, there = with_neighbours([name(0), phone], recall=False)
    assert there == phone
    near = gap <= REACH
    assert judged.evidence == ("surname", "neighbour:PHONE" if near else "alone")
    assert (judged.score > 0.6) is near
    assert [part.text.en for part in explain(judged)][-1] == (
        "another sure finding beside it" if near else "nothing else of a person near"
    )


def test_a_sure_name_and_a_doubtful_neighbour_change_nothing() -> None:
    found = [name(0, 0.95), Span(5, 15, "PHONE", 0.6)]
    assert with_neighbours(found, recall=False) == found


def test_standing_alone_costs_nothing_where_too_much_is_hidden() -> None:
    assert with_neighbours([name(0)], recall=True) == [name(0)]
