"""Risk with missing values as wildcards, against counting every pair of rows."""

from __future__ import annotations

import pyarrow as pa
from hypothesis import given, settings
from hypothesis import strategies as st

from anping.engine.table import Table
from anping.protect.risk.classes import equivalence_classes
from anping.protect.risk.wildcards import covering_sizes, measure_wildcards

CELL = st.sampled_from(["", "a", "b", None])
ROWS = st.lists(st.tuples(CELL, CELL, CELL, st.sampled_from("pqrstuv")), min_size=1, max_size=25)


def covers(one: tuple[str | None, ...], other: tuple[str | None, ...]) -> bool:
    return all(not mine or mine == theirs for mine, theirs in zip(one, other, strict=True))


def table_of(rows: list[tuple[str | None, ...]]) -> Table:
    columns = zip(*rows, strict=True)
    # What a release holds: a missing value is the empty text.
    return Table.of(
        pa.table(
            {
                name: [cell or "" for cell in each]
                for name, each in zip("abcp", columns, strict=True)
            }
        )
    )


@settings(max_examples=40, deadline=None)
@given(rows=ROWS)
def test_rows_that_cover_a_row_are_counted(rows: list[tuple[str | None, ...]]) -> None:
    table = table_of(rows)
    classes = equivalence_classes(table, ["a", "b", "c"])
    found = covering_sizes(table, ["a", "b", "c"], classes)[classes.of_row]
    for row, size in zip(rows, found.tolist(), strict=True):
        assert size == sum(covers(other[:3], row[:3]) for other in rows)


@settings(max_examples=40, deadline=None)
@given(rows=ROWS)
def test_people_are_never_counted_twice(rows: list[tuple[str | None, ...]]) -> None:
    table = table_of(rows)
    classes = equivalence_classes(table, ["a", "b", "c"], person="p")
    found = covering_sizes(table, ["a", "b", "c"], classes)[classes.of_row]
    for row, size, own in zip(rows, found, classes.people[classes.of_row], strict=True):
        assert own <= size <= len({other[3] for other in rows if covers(other[:3], row[:3])})


def test_the_risk_is_told_beside_the_other() -> None:
    table = Table.of(pa.table({"a": ["", "", "", "x"], "b": ["u", "u", "u", "u"]}))
    classes = equivalence_classes(table, ["a", "b"])
    found = measure_wildcards(table, ["a", "b"], classes, threshold=0.3, subject="after")
    values = {each.name: each.value for each in found}
    assert values["risk.wildcard.prosecutor.max"] == 1 / 3
    assert values["risk.wildcard.prosecutor.average"] == (3 / 3 + 1 / 4) / 4
    assert values["risk.wildcard.at_risk"] == 3 / 4
    assert all(each.assumptions and each.replay is not None for each in found)
