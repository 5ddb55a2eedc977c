from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pyarrow as pa
import pytest

from anping.core.columns import ColumnFinding, Role
from anping.core.errors import ParameterError, SchemaError
from anping.engine.table import Table
from anping.protect import PROFILES, Plan, dump_plan, parse_plan, propose
from anping.protect.entries_hierarchies import PostalCodeHierarchy
from anping.protect.plan_entries import (
    AddressHierarchy,
    AgeHierarchy,
    CategoryHierarchy,
    DateHierarchy,
    Drop,
    Generalise,
    NumberHierarchy,
)
from anping.protect.profiles import risk_profile
from anping.protect.quasi_identifiers import MAX_QUASI_IDENTIFIERS

Findings = tuple[ColumnFinding, ...]


def _done(plan: Plan) -> dict[str, str]:
    return {
        name: " + ".join(entry.do for entry in entries) for name, entries in plan.columns.items()
    }


def test_a_customer_table(customers: pa.Table, findings: Findings) -> None:
    plan = propose(
        findings,
        Table.of(customers),
        profile=PROFILES["restricted"],
        target="違約",
        name="customers",
    )
    assert _done(plan) == {
        "姓名": "drop",
        "身分證字號": "pseudonym",
        "手機": "drop",
        "性別": "generalise",
        "出生日期": "generalise",
        "通訊地址": "generalise",
        "職業": "generalise",
        "年收入": "top_bottom + round",
        "等級": "keep",
        "申請日期": "date_shift",
        "客服備註": "redact",
        "違約": "keep",
    }
    assert plan.privacy_unit == "身分證字號"
    assert plan.sensitive == ("等級",)
    assert plan.model is not None
    assert (plan.model.k, plan.model.l) == (5, 2)
    assert all(entry.why is not None for entries in plan.columns.values() for entry in entries)
    assert parse_plan(dump_plan(plan)) == plan
    plan.check(Table.of(customers))


@pytest.mark.parametrize(
    ("name", "k"), [("internal", 3), ("restricted", 5), ("public", 11), ("strict", 20)]
)
def test_profiles_set_k_and_cite_their_source(
    name: str, k: int, customers: pa.Table, findings: Findings
) -> None:
    profile = risk_profile(name)
    plan = propose(findings, Table.of(customers), profile=profile)
    assert plan.model is not None
    assert plan.model.k == profile.k == k
    assert profile.source
    assert profile.max_risk == pytest.approx(1 / k, abs=0.005)


def test_an_unknown_profile_names_the_others() -> None:
    with pytest.raises(ParameterError, match="strict"):
        risk_profile("loose")


Proposer = Callable[..., Plan]


@pytest.fixture
def proposer() -> Proposer:
    def run(columns: dict[str, tuple[list[Any], str, Role]], *, target: str | None = None) -> Plan:
        table = pa.table({name: values for name, (values, _, _) in columns.items()})
        found = [
            ColumnFinding(name, kind, role, 1.0, 1.0, table.num_rows)
            for name, (_, kind, role) in columns.items()
        ]
        return propose(found, Table.of(table), profile=PROFILES["internal"], target=target)

    return run


def test_without_a_person_dates_are_coarsened_to_the_month(proposer: Proposer) -> None:
    plan = proposer({"day": (["2024-01-02", "2024-02-03"], "DATE", Role.NONE)})
    assert plan.privacy_unit is None
    (entry,) = plan.columns["day"]
    assert isinstance(entry, Generalise)
    assert entry.hierarchy == DateHierarchy(start="month")


def test_a_mostly_missing_identifier_is_not_the_person(proposer: Proposer) -> None:
    ids = ["A123456789", None, None, None]
    plan = proposer(
        {
            "證號": (ids, "TW_NATIONAL_ID", Role.DIRECT_IDENTIFIER),
            "編號": ([1, 2, 3, 4], "RECORD_ID", Role.DIRECT_IDENTIFIER),
        }
    )
    assert plan.privacy_unit == "編號"
    assert _done(plan) == {"證號": "drop", "編號": "pseudonym"}


def test_a_number_that_repeats_stands_for_people_rather_than_rows(proposer: Proposer) -> None:
    role = Role.DIRECT_IDENTIFIER
    plan = proposer(
        {
            "loan": ([1, 2, 3, 4], "RECORD_ID", role),
            "customer": ([7, 7, 8, 9], "RECORD_ID", role),
        }
    )
    assert plan.privacy_unit == "customer"


def test_too_many_quasi_identifiers_are_dropped_with_the_reason(proposer: Proposer) -> None:
    extra = {f"q{i}": (["a", "b"], "CATEGORY", Role.QUASI_IDENTIFIER) for i in range(9)}
    plan = proposer({**extra, "age": ([30, 40], "AGE", Role.QUASI_IDENTIFIER)})
    assert len(plan.quasi_identifiers) == MAX_QUASI_IDENTIFIERS
    assert "age" in plan.quasi_identifiers
    dropped = [entry for (entry,) in plan.columns.values() if isinstance(entry, Drop)]
    assert len(dropped) == 2
    assert all(not entry.identifies and entry.why is not None for entry in dropped)


def test_of_two_columns_that_say_the_same_one_is_dropped(proposer: Proposer) -> None:
    words = ["primary", "secondary", "high", "bachelor"] * 5
    plan = proposer(
        {
            "code": ([len(word) for word in words], "CATEGORY", Role.QUASI_IDENTIFIER),
            "word": (words, "EDUCATION", Role.QUASI_IDENTIFIER),
            "other": (["a", "b", "c", "d", "d"] * 4, "CATEGORY", Role.QUASI_IDENTIFIER),
        }
    )
    assert _done(plan) == {"code": "drop", "word": "generalise", "other": "generalise"}
    (dropped,) = plan.columns["code"]
    assert dropped.why is not None
    assert "word" in dropped.why.en


def test_a_kept_column_of_rare_values_is_said_to_link(proposer: Proposer) -> None:
    plan = proposer(
        {
            "weight": ([f"{x}" for x in range(60)], "CATEGORY", Role.NONE),
            "hours": ([40, 50] * 30, "NUMBER", Role.NONE),
        }
    )
    (weight,), (hours,) = plan.columns.values()
    assert weight.why is not None
    assert hours.why is not None
    assert "link" in weight.why.en
    assert "link" not in hours.why.en


def test_numbers_that_nobody_else_holds_are_rounded_with_the_shares(proposer: Proposer) -> None:
    plan = proposer({"weight": ([x * 7 % 9973 for x in range(3_000)], "NUMBER", Role.NONE)})
    assert _done(plan) == {"weight": "top_bottom + round"}
    why = plan.columns["weight"][-1].why
    assert why is not None
    assert why.en.startswith("100 % of the rows")
    assert "still above" not in why.en
    few = proposer({"weight": ([x**3 for x in range(30)], "NUMBER", Role.NONE)})
    bounded = few.columns["weight"][-1].why
    assert bounded is not None
    assert "still above 5 %" in bounded.en
    assert "仍高於 5%" in bounded.zh


def test_what_tells_a_quasi_identifier_becomes_one(proposer: Proposer) -> None:
    married = ["husband", "wife", "single", "single"] * 25
    plan = proposer(
        {
            "sex": (["m", "f", "m", "f"] * 25, "GENDER", Role.QUASI_IDENTIFIER),
            "marriage": (["y", "y", "n", "n"] * 25, "MARITAL_STATUS", Role.QUASI_IDENTIFIER),
            "kin": (married, "FAMILY", Role.SENSITIVE),
            "kin_code": ([len(word) for word in married], "NUMBER", Role.NONE),
            "title": (["mr", "ms"] * 50, "CATEGORY", Role.SENSITIVE),
            "mood": (["good", "bad", "good", "bad", "fair"] * 20, "CATEGORY", Role.NONE),
        },
        target="title",
    )
    assert _done(plan)["kin"] == _done(plan)["kin_code"] == "generalise"
    assert _done(plan)["mood"] == "keep"
    why = {name: entries[0].why for name, entries in plan.columns.items()}
    assert "“marriage” (Goodman–Kruskal lambda = 1.00" in str(why["kin"])
    assert "a limit of this plan" in str(why["title"])
    assert _done(plan)["title"] == "keep"
    assert plan.sensitive == ()


def test_what_tells_one_ranks_after_it_when_the_set_is_full(proposer: Proposer) -> None:
    extra = {
        f"q{i}": ([f"{x >> i & 1}" for x in range(512)], "CATEGORY", Role.QUASI_IDENTIFIER)
        for i in range(8)
    }
    sex = [f"{x >> 8 & 1}" for x in range(512)]
    plan = proposer(
        {
            **extra,
            "sex": (sex, "GENDER", Role.QUASI_IDENTIFIER),
            "kin": ([f"kin {x}" for x in sex], "FAMILY", Role.SENSITIVE),
            "echo": ([f"{x >> 7 & 1}-{x & 1}" for x in range(512)], "CATEGORY", Role.NONE),
        }
    )
    done = _done(plan)
    assert len(plan.quasi_identifiers) == MAX_QUASI_IDENTIFIERS
    assert done["sex"] == done["kin"] == "generalise"
    assert done["echo"] == "drop"
    (echo,) = plan.columns["echo"]
    assert isinstance(echo, Drop)
    assert echo.why is not None
    assert "nearly tells" in echo.why.en
    assert "too many quasi-identifiers" in echo.why.en


def test_an_age_makes_the_date_of_birth_needless(proposer: Proposer) -> None:
    plan = proposer(
        {
            "age": ([30, 40], "AGE", Role.QUASI_IDENTIFIER),
            "born": (["1980-01-01", "1990-01-01"], "DATE_OF_BIRTH", Role.QUASI_IDENTIFIER),
        }
    )
    assert _done(plan) == {"age": "generalise", "born": "drop"}


def test_what_a_full_address_tells_and_what_nothing_coarsens_is_dropped(
    proposer: Proposer,
) -> None:
    role, n = Role.QUASI_IDENTIFIER, 300
    plan = proposer(
        {
            "address": (
                [f"臺北市大安區新生南路一段{i}號" for i in range(n)],
                "ADDRESS_FULL",
                Role.DIRECT_IDENTIFIER,
            ),
            "zip": ([106] * n, "ADDRESS_PART", role),
            "employer": ([f"第{i // 2}公司" for i in range(n)], "ORGANISATION", role),
            "country": ([*["tw"] * 200, *(f"c{i}" for i in range(100))], "NATIONALITY", role),
        }
    )
    assert _done(plan) == {
        "address": "generalise",
        "zip": "drop",
        "employer": "drop",
        "country": "generalise",
    }


def test_an_unreadable_full_address_is_dropped(proposer: Proposer) -> None:
    plan = proposer({"address": (["某處", "他處"], "ADDRESS_FULL", Role.DIRECT_IDENTIFIER)})
    assert _done(plan) == {"address": "drop"}
    assert plan.model is None


def test_hierarchies_fit_the_values(proposer: Proposer) -> None:
    role = Role.QUASI_IDENTIFIER
    plan = proposer(
        {
            "age": ([*range(20, 60)], "AGE", role),
            "band": (["20-29", "30-39"] * 20, "AGE", role),
            "born": (["民國70年1月2日", "1990-01-01"] * 20, "DATE_OF_BIRTH", role),
            "zip": ([106, 220] * 20, "ADDRESS_PART", role),
            "district": (["台北市大安區", "新北市板橋區"] * 20, "ADDRESS_PART", role),
            "county": (["台北市", "新北市"] * 20, "ADDRESS_PART", role),
            "town": (["大安", "板橋"] * 20, "ADDRESS_PART", role),
            "height": ([*range(150, 180), *range(170, 180)], "NUMBER", role),
        }
    )
    kinds = {
        name: entry.hierarchy
        for name, (entry,) in plan.columns.items()
        if isinstance(entry, Generalise)
    }
    assert kinds == {
        "age": AgeHierarchy(),
        "band": CategoryHierarchy(),
        "zip": PostalCodeHierarchy(),
        "district": AddressHierarchy(),
        "county": AddressHierarchy(start="county"),
        "town": CategoryHierarchy(),
        "height": NumberHierarchy(),
    }


def test_sensitive_columns(proposer: Proposer) -> None:
    n = 100
    plan = proposer(
        {
            "sex": (["m", "f"] * (n // 2), "GENDER", Role.QUASI_IDENTIFIER),
            "income": ([*range(n)], "INCOME", Role.SENSITIVE),
            "flat": ([0] * (n - 1) + [1], "CREDIT_RATING", Role.SENSITIVE),
            "diagnosis": (
                ["I10", "I10", "E11", "E11"] * (n // 4),
                "DIAGNOSIS",
                Role.SPECIAL_CATEGORY,
            ),
            "story": ([f"說法 {i}" for i in range(n)], "DIAGNOSIS", Role.SPECIAL_CATEGORY),
            "empty": (pa.nulls(n), "EMPTY", Role.NONE),
            "misc": (["text"] * n, "TEXT", Role.NONE),
        }
    )
    assert _done(plan) == {
        "sex": "generalise",
        "income": "top_bottom + round",
        "flat": "keep",
        "diagnosis": "keep",
        "story": "redact",
        "empty": "drop",
        "misc": "redact",
    }
    assert plan.sensitive == ("diagnosis",)


def test_a_table_without_quasi_identifiers_gets_no_model(proposer: Proposer) -> None:
    plan = proposer({"x": ([1.5, 2.5], "NUMBER", Role.NONE)})
    assert plan.model is None


def test_wrong_targets_and_findings(customers: pa.Table, findings: Findings) -> None:
    table, profile = Table.of(customers), PROFILES["internal"]
    with pytest.raises(SchemaError):
        propose(findings, table, profile=profile, target="沒有")
    with pytest.raises(ParameterError) as caught:
        propose(findings, table, profile=profile, target="姓名")
    assert caught.value.code == "protect.target-identifies"
    with pytest.raises(SchemaError) as missing:
        propose(findings[1:], table, profile=profile)
    assert missing.value.code == "schema.not-scanned"
    with pytest.raises(SchemaError):
        propose((*findings, replace(findings[0], column="多")), table, profile=profile)
