"""Traces through a graph of flows: what leads to a place, what follows, and what is left of values."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from anping.core.lineage import Dataset, Flow, Place
from anping.core.text import Text
from anping.know.lineage import Run, trace


def run(index: int, *flows: Flow, taken: tuple[Dataset, ...] = ()) -> Run:
    columns: dict[str, list[str]] = {}
    for flow in flows:
        held = columns.setdefault(flow.into.dataset, [])
        if flow.into.column is not None:
            held.append(flow.into.column)
    outputs = tuple(Dataset(name, "out", "table", tuple(held)) for name, held in columns.items())
    return Run(index, f"s{index}", Text("", ""), "", "", "", taken, outputs, flows)


def flow(into: str, source: str, **more: object) -> Flow:
    (a, _, b), (c, _, d) = into.partition(":"), source.partition(":")
    return Flow(Place(a, b or None), Place(c, d or None), **more)  # type: ignore[arg-type]


RUNS = (
    run(0, flow("raw@1:id", "f.csv:id"), flow("raw@1:age", "f.csv:age")),
    run(
        1,
        flow("safe@1:id", "raw@1:id", masking=True, subtype="TRANSFORMATION"),
        flow("safe@1:age", "raw@1:age"),
        flow("safe@1", "raw@1:age", kind="INDIRECT", subtype="FILTER", masking=True),
    ),
    run(2, flow("counts@1:n", "raw@1:age", masking=True, subtype="AGGREGATION")),
)


def test_a_column_is_traced_to_its_file() -> None:
    found = trace(RUNS, Place("safe@1", "id"))
    assert dict(found.ends) == {
        Place("f.csv", "id"): "masked",
        Place("f.csv", "age"): "influence",
    }
    assert [each.index for each in found.runs] == [0, 1]


def test_a_whole_table_is_traced() -> None:
    found = trace(RUNS, Place("safe@1"))
    assert dict(found.ends)[Place("f.csv", "age")] == "readable"
    assert len(found.ways) == 5


def test_what_follows_from_a_column() -> None:
    found = trace(RUNS, Place("raw@1", "age"), down=True)
    assert dict(found.ends) == {
        Place("safe@1", "age"): "readable",
        Place("counts@1", "n"): "masked",
    }


def test_a_report_is_followed_as_a_whole() -> None:
    raw = Dataset("raw@1", "table", "table", ("id", "age"))
    report = Run(
        3, "scan", Text("", ""), "", "", "", (raw,), (Dataset("raw.scan@1", "scan", "report"),)
    )
    found = trace((*RUNS, report), Place("raw.scan@1"))
    assert [each.index for each in found.runs] == [0, 3]
    assert {place.column for place, _ in found.ends} == {"id", "age"}


EDGES = st.lists(
    st.tuples(
        st.integers(0, 5), st.integers(0, 2), st.integers(0, 5), st.integers(0, 2), st.booleans()
    ),
    max_size=25,
)


@given(edges=EDGES, dataset=st.integers(0, 6), column=st.integers(0, 2), down=st.booleans())
def test_traces_are_the_reachable_part(
    *, edges: list[tuple[int, int, int, int, bool]], dataset: int, column: int, down: bool
) -> None:
    by_run: dict[int, list[Flow]] = {}
    for one, a, two, b, masking in edges:
        low, high = min(one, two), max(one, two) + 1
        by_run.setdefault(high, []).append(
            Flow(Place(f"d{high}", f"c{a}"), Place(f"d{low}", f"c{b}"), masking=masking)
        )
    runs = [run(index, *flows) for index, flows in sorted(by_run.items())]
    target = Place(f"d{dataset}", f"c{column}")
    every = {each for flows in by_run.values() for each in flows}
    reached, grown = {target}, True
    while grown:
        more = {
            (each.into if down else each.source)
            for each in every
            if (each.source if down else each.into) in reached
        }
        grown = not more <= reached
        reached |= more
    expected = {each for each in every if (each.source if down else each.into) in reached}
    found = trace(runs, target, down=down)
    assert {way.flow for way in found.ways} == expected
    for place, left in found.ends:
        assert place in reached
        clear = {target}
        for _ in range(8):
            clear |= {
                (each.into if down else each.source)
                for each in every
                if (each.source if down else each.into) in clear and not each.masking
            }
        assert (left == "readable") == (place in clear)
