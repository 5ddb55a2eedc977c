"""Whatever the first rows look like, the file is what its all values make it."""

from __future__ import annotations

from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from anping.engine.kinds import ARROW, NARROW, Inference, Kind, fits, typed
from anping.engine.staging import stage_beside

CELLS = st.none() | st.sampled_from(
    ["0", "7", "-3", "12345678901234567", "1.00E+05", "1.5", "-0", "007", "+1", "1e3", "true",
     "TRUE", "2024-05-01", "0999-01-01", "2024-13-01", "2024-05-01T10:00", "2024-05-01 10:00Z",
     "0.5", "-0.25", "2.50", "0.1", ".5", "1e-7", "1e+14", "0.00001", "123456789.125",
     "100000000000000.5", "9223372036854775808", "999999999999999", "1000000000000000", "inf", "nan", "王"]
)  # fmt: skip
BATCHES = st.lists(
    st.tuples(st.booleans(), st.lists(st.tuples(CELLS, CELLS), min_size=1, max_size=6)),
    min_size=1,
    max_size=6,
)


@settings(
    max_examples=200, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(BATCHES)
def test_rows_written_as_they_come_are_the_rows_written_at_the_end(
    tmp_path: Path, batches: list[tuple[bool, list[tuple[str | None, str | None]]]]
) -> None:
    inference = Inference({})
    expected: dict[str, list[str | None]] = {"a": [], "b": []}
    with stage_beside(tmp_path / "out.parquet", inference.kind) as stage:
        for wide, rows in batches:
            names = ("a", "b") if wide else ("a",)
            for name, column in zip(names, zip(*rows, strict=True), strict=False):
                inference.narrow(name, pa.array(column, pa.string()))
                expected[name] += column
            if not wide:
                expected["b"] += [None] * len(rows)
            columns = [pa.array(c, pa.string()) for c in zip(*rows, strict=True)][: len(names)]
            stage.add(pa.record_batch(columns, names=list(names)))
        kinds = {name: inference.kind(name) for name in stage.columns}
        stage.write(tmp_path / "out.parquet", kinds)
    found = pq.read_table(tmp_path / "out.parquet")
    assert dict(zip(found.column_names, found.schema.types, strict=True)) == {
        name: ARROW[kinds[name]] for name in stage.columns
    }
    for name in stage.columns:
        texts = pa.array(expected[name], pa.string())
        column = found.column(name).combine_chunks()
        assert column.cast(pa.string()).equals(typed(texts, kinds[name]).cast(pa.string()))
    assert [path.name for path in tmp_path.iterdir()] == ["out.parquet"]


@settings(max_examples=300, deadline=None)
@given(st.lists(CELLS, min_size=1, max_size=6))
def test_kinds_are_those_that_every_text_fits(texts: list[str | None]) -> None:
    inference = Inference({})
    inference.narrow("a", pa.array(texts, pa.string()))
    given_texts = pa.array([text for text in texts if text is not None], pa.string())
    fitting = [kind for kind in NARROW if len(given_texts) and fits(given_texts, kind)]
    assert inference.kind("a") == (fitting[0] if fitting else "string")


def test_bytes_do_not_tell_whether_a_guess_held(tmp_path: Path) -> None:
    columns: dict[str, list[str | None]] = {
        "n": ["1", "2", "3.5"],
        "d": [None, "2024-01-01", "2024-01-02"],
    }
    kinds: dict[str, Kind] = {"n": "real", "d": "date"}

    def staged(name: str, guesses: list[dict[str, Kind]]) -> bytes:
        target = tmp_path / name
        now = iter(guesses)
        current: dict[str, Kind] = {}
        with stage_beside(target, lambda column: current[column]) as stage:
            for row in range(3):
                current.update(next(now))
                stage.add(
                    pa.record_batch([pa.array([c[row]], pa.string()) for c in columns.values()],
                                    names=list(columns))
                )  # fmt: skip
            stage.write(target, kinds)
        return target.read_bytes()

    right = staged("right", [kinds, kinds, kinds])
    assert staged("late", [{"n": "integer", "d": "string"}, {"d": "date"}, {"n": "real"}]) == right
    assert staged("wrong", [{"n": "integer", "d": "boolean"}] * 3) == right


def test_a_stage_that_fails_leaves_nothing(tmp_path: Path) -> None:
    with pytest.raises(ZeroDivisionError), stage_beside(tmp_path / "out.parquet") as stage:
        stage.add(pa.record_batch([pa.array(["1"])], names=["a"]))
        _ = 1 / 0
    assert list(tmp_path.iterdir()) == []
