"""Both ways of checking a release, row by row and by grouping only, come to the same."""

from __future__ import annotations

from collections import Counter

import pyarrow as pa
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from anping.engine.aggregate import frequencies
from anping.engine.codes import hashes
from anping.engine.table import Table
from anping.protect.deid.check import Reference, check_classes, check_counts
from anping.protect.deid.model import PrivacyModel
from protect.deid.criteria_cases import VALUES, criteria

CELL = st.sampled_from(["", "a", "b"])
ROWS = st.lists(
    st.tuples(CELL, CELL, st.sampled_from(VALUES), st.sampled_from("pqrstuvw")),
    min_size=1,
    max_size=24,
)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    rows=ROWS,
    more=ROWS,
    chosen=st.lists(st.sampled_from(range(16)), max_size=4, unique=True),
    people=st.booleans(),
    wild=st.booleans(),
)
def test_grouping_tells_what_counting_rows_tells(
    rows: list[tuple[str, ...]], more: list[tuple[str, ...]], chosen: list[int], *,
    people: bool, wild: bool,
) -> None:  # fmt: skip
    columns = [list(each) for each in zip(*rows, strict=True)]
    released = pa.table(dict(zip("abs", columns[:3], strict=True)))
    released = released.append_column("person", pa.array(hashes(pa.array(columns[3]))))
    everybody = rows + more
    population = pa.table(
        dict(
            zip("ab", (list(each) for each in list(zip(*everybody, strict=True))[:2]), strict=True)
        )
    )
    found = frequencies(Table.of(pa.table({"s": [row[2] for row in everybody]})), ["s"])
    whole = {"s": (found.column(0).combine_chunks(), found.column(1).to_numpy())}
    model = PrivacyModel(
        2,
        2,
        sensitive=("s",),
        criteria=tuple(criteria("s")[place] for place in chosen),
        population=Table.of(population),
        missing="wildcard" if wild else "own-value",
    )
    against = Reference(whole, Table.of(population))
    person = "person" if people else None
    by_row = check_classes(released, ["a", "b"], model=model, person=person, against=against)
    grouped = check_counts(
        Table.of(released), ["a", "b"], model=model, person=person, against=against
    )
    assert by_row == grouped
    sizes = Counter((row[0], row[1]) for row in rows)
    register = Counter((row[0], row[1]) for row in everybody)
    assert by_row.classes == len(sizes)
    assert by_row.fewest == min(register[key] for key in sizes)
    here = (
        Counter(key[:2] for key in {(row[0], row[1], row[3]) for row in rows}) if people else sizes
    )
    assert by_row.presence is not None
    assert by_row.presence[1] == max(here[key] / register[key] for key in sizes)
