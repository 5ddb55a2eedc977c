"""What is proposed for a real table that nobody here made: the UCI Adult census extract."""

from pathlib import Path

import pyarrow as pa
import pytest

from anping.core.columns import ColumnFinding, Role
from anping.engine.table import Table
from anping.protect import PROFILES, Plan, propose
from anping.protect.lone_values import ALLOWED_ALONE, TAILS, share_alone
from anping.protect.plan_entries import Generalise, Round
from anping.protect.quasi_identifiers import MAX_QUASI_IDENTIFIERS
from anping.protect.transform.numbers import Bounds, quantile_bound, round_to, top_bottom

ADULT = Path(__file__).parents[2].parent / "shared" / "data" / "adult" / "adult.data"
COLUMNS: dict[str, tuple[str, Role]] = {
    "age": ("AGE", Role.QUASI_IDENTIFIER),
    "workclass": ("OCCUPATION", Role.QUASI_IDENTIFIER),
    "fnlwgt": ("NUMBER", Role.NONE),
    "education": ("EDUCATION", Role.QUASI_IDENTIFIER),
    "education-num": ("EDUCATION", Role.QUASI_IDENTIFIER),
    "marital-status": ("MARITAL_STATUS", Role.QUASI_IDENTIFIER),
    "occupation": ("OCCUPATION", Role.QUASI_IDENTIFIER),
    "relationship": ("FAMILY", Role.SENSITIVE),
    "race": ("ETHNICITY", Role.QUASI_IDENTIFIER),
    "sex": ("GENDER", Role.QUASI_IDENTIFIER),
    "capital-gain": ("TRANSACTION", Role.SENSITIVE),
    "capital-loss": ("TRANSACTION", Role.SENSITIVE),
    "hours-per-week": ("NUMBER", Role.NONE),
    "native-country": ("NATIONALITY", Role.QUASI_IDENTIFIER),
    "income": ("INCOME", Role.SENSITIVE),
}
NUMBERS = {
    "age", "fnlwgt", "education-num", "capital-gain", "capital-loss", "hours-per-week",
}  # fmt: skip


@pytest.fixture(scope="module")
def adult() -> pa.Table:
    if not ADULT.is_file():
        pytest.skip("the folder of public data lacks adult.data")
    lines = [line.split(", ") for line in ADULT.read_text().splitlines() if line.strip()]
    return pa.table(
        {
            name: [
                int(cell) if name in NUMBERS else cell.replace("?", "") or None for cell in cells
            ]
            for name, cells in zip(COLUMNS, zip(*lines, strict=True), strict=True)
        }
    )


@pytest.fixture(scope="module")
def plan(adult: pa.Table) -> Plan:
    return proposed(adult)


def proposed(adult: pa.Table) -> Plan:
    found = [
        ColumnFinding(name, kind, role, 1.0, 1.0, adult.num_rows)
        for name, (kind, role) in COLUMNS.items()
    ]
    return propose(found, Table.of(adult), profile=PROFILES["restricted"], target="income")


def test_the_relationship_that_tells_the_marital_status_is_generalised_too(plan: Plan) -> None:
    (relationship,) = plan.columns["relationship"]
    assert isinstance(relationship, Generalise)
    assert relationship.why is not None
    assert "“marital-status”" in relationship.why.en
    assert "lambda = 0.6" in relationship.why.en
    assert "「marital-status」" in relationship.why.zh
    assert {"relationship", "marital-status", "sex"} <= set(plan.quasi_identifiers)
    assert len(plan.quasi_identifiers) == MAX_QUASI_IDENTIFIERS


def test_the_census_weight_is_rounded_until_it_is_no_key(adult: pa.Table, plan: Plan) -> None:
    *_, rounding = plan.columns["fnlwgt"]
    assert isinstance(rounding, Round)
    assert rounding.why is not None
    assert "47 % of the rows" in rounding.why.en
    weight = adult.column("fnlwgt")
    assert share_alone(weight) > 0.4
    bounds = Bounds(*(quantile_bound(weight, share) for share in TAILS))
    released = round_to(top_bottom(weight, bounds).column, rounding.to)
    assert share_alone(released) <= ALLOWED_ALONE
    assert "still above" not in rounding.why.en


def test_the_same_table_gets_the_same_plan(adult: pa.Table, plan: Plan) -> None:
    assert proposed(adult) == plan
    plan.check(Table.of(adult))
