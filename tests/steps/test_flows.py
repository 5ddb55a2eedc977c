"""What steps say of columns, told from what their statements name."""

from __future__ import annotations

from typing import Any

from anping.core.lineage import Dataset, Place, Told
from anping.steps.compose.flows import counted_columns, protected_columns, taken_in_columns

RAW = Dataset("t@2", "table", "table", ("a", "b"), ("int64", "string"))


def test_columns_come_from_files_and_from_the_version_before_but_from_no_contract() -> None:
    inputs = (
        Dataset("t.csv", "source", ""),
        Dataset("contract.yaml", "source", ""),
        Dataset("t@1", "earlier", "table", ("a",), ("int64",)),
    )
    flows = taken_in_columns(Told(inputs, (RAW,), {"contract": "contract.yaml"}))
    assert {(str(flow.into), str(flow.source)) for flow in flows} == {
        ("t@2:a", "t.csv:a"), ("t@2:b", "t.csv:b"), ("t@2:a", "t@1:a"),
    }  # fmt: skip
    assert not any(flow.masking for flow in flows)


def operation(column: str, technique: str, *, masking: bool) -> dict[str, Any]:
    what = {"zh": "做", "en": "done"}
    return {"column": column, "technique": technique, "what": what, "masking": masking}


def report(*operations: dict[str, Any], suppressed: int = 0) -> dict[str, Any]:
    return {
        "quasiIdentifiers": ["b"], "sensitive": [], "person": None, "privacyUnit": "a",
        "rowsIn": 9, "rowsSuppressed": suppressed, "coverage": {}, "operations": list(operations),
    }  # fmt: skip


def test_each_of_several_tables_is_told_by_its_own_report() -> None:
    made = Dataset("u.protected@1", "protected.u", "table", ("a", "b", "group"))
    inputs = (RAW, Dataset("u@1", "table.u", "table", ("a", "b")))
    outputs = (
        made,
        Dataset("t.protection@1", "protection", "report"),
        Dataset("u.protection@1", "protection.u", "report"),
    )
    body = report(
        operation("a", "none", masking=False),
        operation("b", "generalization (k-anonymity)", masking=True),
        operation("c", "anatomization", masking=True),
        suppressed=2,
    )
    told = Told(inputs, outputs, {}, {"u.protection@1": body}.get)
    flows = {
        (str(flow.into), str(flow.source), flow.kind, flow.subtype, flow.masking)
        for flow in protected_columns(told)
    }
    assert flows == {
        ("u.protected@1:a", "u@1:a", "DIRECT", "IDENTITY", False),
        ("u.protected@1:b", "u@1:b", "DIRECT", "TRANSFORMATION", True),
        ("u.protected@1:group", "u@1:c", "INDIRECT", "GROUP_BY", True),
        ("u.protected@1", "u@1:b", "INDIRECT", "FILTER", True),
        ("u.protected@1", "u@1:a", "INDIRECT", "GROUP_BY", True),
    }


def test_a_report_that_cannot_be_read_tells_nothing() -> None:
    made = Dataset("t.protected@1", "protected", "table", ("a",))
    outputs = (made, Dataset("t.protection@1", "protection", "report"))
    assert protected_columns(Told((RAW,), outputs)) == ()


def test_counts_of_sums() -> None:
    made = Dataset("t.counts@1", "counts", "table", ("b", "people", "sum"))
    given = {"by": ["b"], "value": "a", "person": None}
    flows = counted_columns(Told((RAW,), (made,), given))
    told = {(flow.into, flow.source.column): flow.subtype for flow in flows}
    assert told[Place("t.counts@1", "b"), "b"] == "IDENTITY"
    assert told[Place("t.counts@1", "sum"), "a"] == "AGGREGATION"
    assert told[Place("t.counts@1"), "b"] == "GROUP_BY"
