from __future__ import annotations

import json

import pyarrow as pa
import pytest

from anping.core.columns import Decision, Role
from anping.core.errors import ParameterError, SchemaError
from anping.core.labels import Tier
from anping.engine.table import Table
from anping.know.confirm import confirm
from anping.know.masked import mask, masked_examples
from anping.know.profile import Profile, profile
from anping.know.scan import Scan, scan

BY = Decision("王小美", "2026-11-21T09:00:00Z", "checked with the data owner")


def test_a_scan_survives_json_and_holds_no_value(people: Table) -> None:
    known = scan(people)
    text = json.dumps(known.as_json(), ensure_ascii=False, allow_nan=False)
    assert Scan.from_json(json.loads(text)) == known
    for column in ("c1", "姓名", "mail", "note"):
        for value in people.column(column).to_pylist():
            assert value is None or value not in text
    assert "0912-345" not in text


def test_labels_are_internal_and_name_what_is_inside(people: Table) -> None:
    labels = scan(people).labels
    assert labels.tier is Tier.INTERNAL
    assert {"personal", "pdpa:art2:name", "pdpa:art2:contact"} <= labels.categories


def test_progress_is_told_to_the_end(people: Table) -> None:
    heard: list[tuple[int, int | None]] = []
    scan(people, progress=lambda _what, done, total: heard.append((done, total)))
    assert heard[0] == (0, 7)
    assert heard[-1] == (7, 7)


def test_confirm_keeps_who_and_why(people: Table) -> None:
    known = scan(people)
    assert "city" in known.undecided
    said = confirm(known, column="city", decision=BY)
    assert said.finding("city").decision == BY
    assert said.finding("city").semantic_type == "ADDRESS_PART"
    assert "city" not in said.undecided
    assert known.finding("city").decision is None


def test_confirm_changes_type_role_and_labels_and_hides_values(people: Table) -> None:
    known = scan(people)
    shown = known.profile.column("city")
    assert shown is not None
    assert shown.top
    said = confirm(known, column="city", semantic_type="MEDICAL_RECORD_NO", decision=BY)
    assert said.finding("city").role is Role.DIRECT_IDENTIFIER
    assert said.finding("city").alternatives[0] == "ADDRESS_PART"
    assert "pdpa:art2:medical-record" in said.labels.categories
    hidden = said.profile.column("city")
    assert hidden is not None
    assert hidden.top == ()
    assert confirm(known, column="city", role="none", decision=BY).finding("city").role is Role.NONE


def test_confirm_refuses_what_does_not_exist(people: Table) -> None:
    known = scan(people)
    with pytest.raises(SchemaError):
        confirm(known, column="nothing", decision=BY)
    with pytest.raises(ParameterError, match=r"confirm\.role"):
        confirm(known, column="city", role="boss", decision=BY)
    with pytest.raises(ParameterError, match=r"confirm\.semantic-type"):
        confirm(known, column="city", semantic_type="CITYY", decision=BY)
    with pytest.raises(ParameterError, match=r"confirm\.decision"):
        confirm(known, column="city", decision=Decision("", "2026-11-21T09:00:00Z", "x"))


def test_a_profile_lists_only_common_values() -> None:
    table = Table.of(
        pa.table(
            {
                "grade": ["A"] * 8 + ["B"] * 5 + ["rare"] * 4 + [None],
                "x": [0.5 * n for n in range(18)],
            }
        )
    )
    described = profile(table, small_count=5)
    grade = described.column("grade")
    assert grade is not None
    assert grade.top == (("A", 8), ("B", 5))
    assert (grade.others, grade.nulls, grade.distinct) == (4, 1, 3)
    assert "rare" not in json.dumps(described.as_json())


def test_a_profile_shows_quantiles_and_not_extremes() -> None:
    numbers = [float(n) for n in range(1, 1001)]
    described = profile(Table.of(pa.table({"amount": [*numbers, 987_654_321.0]})))
    amount = described.column("amount")
    assert amount is not None
    assert amount.numeric is not None
    assert amount.numeric.quantiles[0] == pytest.approx(51)
    assert amount.histogram is not None
    assert sum(count or 0 for count in amount.histogram.counts) == 1001
    assert "987654321" not in json.dumps(described.as_json())
    assert Profile.from_json(json.loads(json.dumps(described.as_json()))) == described


def test_small_bins_and_identifiers_are_hidden(people: Table) -> None:
    described = profile(people)
    ids = described.column("c1")
    assert ids is not None
    assert ids.top == ()
    assert ids.numeric is None
    assert ids.shapes == (("A999999999", 40),)
    with pytest.raises(ParameterError, match="small"):
        profile(people, small_count=0)


def test_masked_examples_keep_at_most_the_ends(people: Table) -> None:
    known = scan(people)
    for shown in masked_examples(people, "c1", known.finding("c1")):
        assert len(shown) == 10
        assert shown.count("●") >= 8
    assert masked_examples(people, "note", known.finding("note")) == ()
    assert [mask(text) for text in ("王", "王五", "王小明", "王小明明")] == [
        "●",
        "王●",
        "王●●",
        "王●●明",
    ]
    with pytest.raises(SchemaError):
        masked_examples(people, "nothing", known.finding("c1"))
