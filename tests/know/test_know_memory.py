"""A person's decision is asked again of the next scan, as long as the values look alike."""

from __future__ import annotations

import json

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from anping.core.columns import Decision, Role
from anping.engine.table import Table
from anping.know.confirm import confirm
from anping.know.memory import Form, Known, unlike
from anping.know.scan import Scan, scan

BY = Decision("王小美", "2026-11-21T09:00:00Z", "the code book says so")


def register(form: str, *, header: str = "part") -> Table:
    cells = [form.format(n=n) for n in range(200)]
    return Table.of(pa.table({header: cells, "fee": [str(n * 10) for n in range(200)]}))


@pytest.fixture
def decided() -> Scan:
    known = scan(register("P{n:07d}"))
    assert known.finding("part").semantic_type != "MEDICAL_RECORD_NO"
    return confirm(known, column="part", semantic_type="MEDICAL_RECORD_NO", decision=BY)


def test_the_next_version_of_a_table_keeps_the_decision(decided: Scan) -> None:
    again = scan(register("P{n:07d}"), known=Known(before=decided.decided))
    found = again.finding("part")
    assert (found.semantic_type, found.role) == ("MEDICAL_RECORD_NO", Role.DIRECT_IDENTIFIER)
    assert found.decision == BY
    assert found.evidence[0] == "decided-before:MEDICAL_RECORD_NO=1.00"
    assert again.finding("fee").decision is None
    assert Scan.from_json(json.loads(json.dumps(again.as_json()))) == again
    hidden = again.profile.column("part")
    assert hidden is not None
    assert hidden.top == ()


def test_other_values_under_the_name_are_open_again(decided: Scan) -> None:
    again = scan(register("{n}/12/31"), known=Known(before=decided.decided))
    found = again.finding("part")
    assert found.decision is None
    assert unlike(found)
    assert found.evidence[0] == "decided-before-of-other-values:MEDICAL_RECORD_NO=0.00"


def test_like_columns_elsewhere_are_proposed_not_decided(decided: Scan) -> None:
    known = Known(elsewhere=tuple(("clinic", f, form) for f, form in decided.decided))
    found = scan(register("P{n:07d}", header="PART"), known=known).finding("PART")
    assert found.semantic_type == "MEDICAL_RECORD_NO"
    assert found.decision is None
    assert found.confidence >= 0.9
    assert "decided-elsewhere:clinic=1.00" in found.evidence
    assert found.alternatives
    others = scan(register("P{n:07d}", header="lot"), known=known).finding("lot")
    assert others.semantic_type != "MEDICAL_RECORD_NO"


@given(st.dictionaries(st.text("A9字-", max_size=4), st.floats(0, 1), max_size=5))
def test_likeness_is_the_same_both_ways_and_at_most_one(shares: dict[str, float]) -> None:
    total = sum(shares.values()) or 1.0
    one = Form("a", "text", tuple((name, share / total) for name, share in shares.items()))
    other = Form("b", "text", (("A9", 0.5), ("字", 0.5)))
    assert one.likeness(other) == pytest.approx(other.likeness(one))
    assert 0 <= one.likeness(other) <= 1 + 1e-9
    assert one.likeness(Form("c", "number", one.shapes)) == 0
