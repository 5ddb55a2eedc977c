"""A register of consents: the latest decision counts, whoever tells it, in whatever order."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from anping.core.errors import AnpingError
from anping.govern.consent import (
    EVERY,
    Decision,
    Register,
    person_text,
    pseudonyms,
    register_of,
)
from anping.govern.consent_file import register_from

KEY = b"k" * 32
NOW = datetime(2026, 6, 1, tzinfo=UTC)
MOMENTS = st.integers(0, 5).map(
    lambda hours: datetime(2026, 1, 1, tzinfo=UTC) + timedelta(hours=hours)
)
DECISIONS = st.builds(
    Decision, MOMENTS, st.sampled_from(["TRAIN", "EVAL_ONLY", EVERY]), st.booleans()
)
TOLD = st.lists(st.tuples(st.sampled_from("abc"), DECISIONS), max_size=12)


def table(*rows: tuple[Any, ...], columns: str = "person purpose decision when") -> pa.Table:
    names = columns.split()
    return pa.table({name: [row[at] for row in rows] for at, name in enumerate(names)})


def read(rows: pa.Table, **asked: Any) -> Register:
    settings = {"named": lambda people: pseudonyms(people, KEY), "offset": "+08:00", "now": NOW}
    return register_from(rows, "customer", **{**settings, **asked})


def standing(register: Register, person: object, purpose: str = "TRAIN") -> bool | None:
    return register.standing(pseudonyms([person], KEY)[0], purpose)


@given(TOLD)
def test_the_latest_decision_counts_and_a_withdrawal_where_two_are_of_one_moment(
    told: list[tuple[str, Decision]],
) -> None:
    register = register_of("customer", told)
    for person in "abc":
        about = [d for p, d in told if p == person and d.purpose in ("TRAIN", EVERY)]
        if not about:
            assert register.standing(person, "TRAIN") is None
            continue
        last = max(d.when for d in about)
        expected = all(d.given for d in about if d.when == last)
        assert register.standing(person, "TRAIN") is expected
        assert (person in register.withdrawn("TRAIN")) is not expected


@given(TOLD, TOLD)
def test_registers_join_in_any_order_and_any_division(
    one: list[tuple[str, Decision]], other: list[tuple[str, Decision]]
) -> None:
    parts = register_of("customer", one), register_of("customer", other)
    whole = register_of("customer", one + other)
    assert parts[0].joined(parts[1]).as_json() == whole.as_json()
    assert parts[1].joined(parts[0]).as_json() == whole.as_json()
    assert Register.from_json(whole.as_json()).as_json() == whole.as_json()


def test_a_later_consent_restores_what_was_withdrawn() -> None:
    register = read(
        table(
            ("C1", "TRAIN", "withdrawn", "2026-03-01T09:00:00+08:00"),
            ("C1", "TRAIN", "given", "2026-03-01T02:00:00Z"),
            ("C2", "*", "撤回", "2026-03-01"),
            ("C3", "EVAL_ONLY", "withdrawn", "2026-03-01"),
        )
    )
    # 02:00 in UTC is an hour after 09:00 in Taipei.
    assert standing(register, "C1") is True
    assert standing(register, "C2") is False
    assert standing(register, "C3") is None
    assert standing(register, "C4") is None


def test_a_zone_is_that_of_the_offset_where_none_is_written() -> None:
    row = ("C1", "withdrawn", "2026-03-01T00:30:00")
    there = next(iter(read(table(row, columns="person decision when")).people.values()))
    assert next(iter(there)).when == datetime(2026, 2, 28, 16, 30, tzinfo=UTC)
    in_utc = read(table(row, columns="當事人 決定 時間"), offset="Z")
    assert next(iter(next(iter(in_utc.people.values())))).when.day == 1


def test_nobody_can_be_read_from_a_register() -> None:
    text = str(read(table(("王小明", "", "withdrawn", "2026-03-01"))).as_json())
    assert "王小明" not in text
    assert pseudonyms(["王小明"], KEY) != pseudonyms(["王小明"], b"x" * 32)


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("00123", 123, True),
        (123.0, "123", True),
        (" C1 ", "C1", True),
        ("Ｃ１", "C1", True),
        ("C1", "c1", False),
        ("0", "", False),
    ],
)
def test_a_person_is_the_same_however_a_table_writes_them(
    one: object, other: object, *, same: bool
) -> None:
    assert (person_text(one) == person_text(other)) is same


@pytest.mark.parametrize(
    ("code", "row", "asked"),
    [
        ("consent.nobody", ("", "TRAIN", "given", "2026-03-01"), {}),
        ("consent.decision", ("C1", "TRAIN", "perhaps", "2026-03-01"), {}),
        ("consent.when", ("C1", "TRAIN", "given", "1 March"), {}),
        ("consent.future", ("C1", "TRAIN", "given", "2026-06-01T08:00:01"), {}),
        ("consent.offset", ("C1", "TRAIN", "given", "2026-03-01"), {"offset": "Taipei"}),
    ],
)
def test_what_cannot_be_read_is_refused_by_row_and_column(
    code: str, row: tuple[Any, ...], asked: dict[str, Any]
) -> None:
    with pytest.raises(AnpingError) as caught:
        read(table(("C0", "TRAIN", "given", "2026-03-01"), row), file="c.csv", **asked)
    assert caught.value.code == code
    assert "C1" not in str(caught.value)
    assert caught.value.where.row in (2, None)


def test_a_column_that_is_missing_is_named() -> None:
    with pytest.raises(AnpingError) as caught:
        read(table(("C1", "given"), columns="customer decision"))
    assert (caught.value.code, caught.value.where.column) == ("consent.no-column", "when")
