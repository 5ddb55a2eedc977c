"""What begins before it is asked for comes to the same, and leaves nothing behind."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from anping.core.errors import InfeasibleError
from anping.core.progress import silent
from anping.engine import shuffle, table
from anping.engine.table import Table
from anping.protect import KeyRing, Means, Plan, Settings, parse_plan, protect, protect_into
from anping.protect.fit_plan import fit_each
from anping.protect.protection import Transformed, slow_of
from anping.protect.sooner import begun, paired

MEANS = Means(KeyRing({"person": b"p" * 32, "date-shift": b"d" * 32}))
FILES = ("protected.parquet", "links.parquet", "leaves.parquet")


def plan_of(k: int) -> Plan:
    return parse_plan(f"""\
plan: 1
privacy_unit: id
model: {{k: {k}, l: 2, sensitive: [illness], suppression_limit: 0.4}}
columns:
  id: {{do: pseudonym}}
  age: {{do: generalise, hierarchy: {{kind: age}}}}
  job: {{do: generalise, hierarchy: {{kind: category}}}}
  visit: {{do: date_shift}}
  illness: {{do: keep}}
""")


@pytest.fixture
def register() -> Table:
    draw = np.random.default_rng(11)
    rows = 400
    visits = [date(2024, 1, 1) + timedelta(days=int(day)) for day in draw.integers(0, 300, rows)]
    columns = {
        "id": [f"A{person:04d}" for person in draw.integers(0, 320, rows)],
        "age": pa.array(draw.integers(20, 60, rows), mask=draw.random(rows) < 0.05),
        "job": [("醫師", "教師", "司機")[place] for place in draw.integers(0, 3, rows)],
        "visit": visits,
        "illness": [("甲", "乙", "丙")[place] for place in draw.integers(0, 3, rows)],
    }
    return Table.of(pa.table(columns))


@pytest.fixture
def small_parts(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    with monkeypatch.context() as patch:
        patch.setattr(table.Table.batches, "__kwdefaults__", {"size": 7, "coded": False})
        patch.setattr(shuffle, "BUCKET_ROWS", 64)
        yield


@pytest.fixture
def at_any_size(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("anping.engine.workers.cores", lambda: 2)
    monkeypatch.setattr("anping.engine.workers.WORTH_ROWS", 1)


@pytest.mark.usefixtures("small_parts")
def test_begun_sooner_or_not_the_bytes_are_the_same(
    register: Table, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    how = Settings(seed=4)
    protect_into(register, plan_of(3), tmp_path / "later", means=MEANS, settings=how)
    request.getfixturevalue("at_any_size")
    protect_into(register, plan_of(3), tmp_path / "sooner", means=MEANS, settings=how)

    for name in FILES:
        later, sooner = (tmp_path / each / name for each in ("later", "sooner"))
        assert later.read_bytes() == sooner.read_bytes()
    assert sorted(each.name for each in tmp_path.iterdir()) == ["later", "sooner"]


@pytest.mark.usefixtures("small_parts", "at_any_size")
def test_a_model_that_cannot_be_met_leaves_nothing(register: Table, tmp_path: Path) -> None:
    with pytest.raises(InfeasibleError):
        protect_into(register, plan_of(399), tmp_path / "out", means=MEANS)

    assert not list(tmp_path.iterdir())


@pytest.mark.usefixtures("small_parts", "at_any_size")
def test_transforms_that_changed_meanwhile_are_done_anew(register: Table, tmp_path: Path) -> None:
    columns = fit_each(
        register, plan_of(3), means=MEANS, settings=Settings(seed=4), progress=silent
    ).columns
    fewer = slow_of(columns.only(["id"]))

    with begun(register, columns, beside=tmp_path / "x") as answers:
        cells = pa.Table.from_batches([each.cells for each in answers(fewer)])
    with begun(register, columns, beside=tmp_path / "x") as answers:
        both = pa.Table.from_batches([each.cells for each in answers(slow_of(columns))])

    assert cells.column_names == ["id"]
    assert both.column_names == ["id", "visit"]
    assert both.column("id").equals(cells.column("id"))
    assert not list(tmp_path.iterdir())


def test_generalised_columns_are_texts_in_memory_too(register: Table) -> None:
    done = protect(register, plan_of(3), keys=MEANS.keys, settings=Settings(seed=4))

    assert done.table.schema.field("age").type == pa.string()
    assert done.table.schema.field("job").type == pa.string()
    assert set(done.table.column("job").to_pylist()) <= {"醫師", "教師", "司機", "*"}


@settings(max_examples=60, deadline=None)
@given(raw=st.lists(st.integers(0, 9), max_size=12), cuts=st.lists(st.integers(1, 9), min_size=120))
def test_answers_are_cut_as_the_rows_are(raw: list[int], cuts: list[int]) -> None:
    numbers = pa.array(range(sum(raw)), pa.int64())
    whole = pa.record_batch([numbers], names=["n"])

    def sliced(sizes: list[int]) -> Iterator[pa.RecordBatch]:
        place = 0
        for size in sizes:
            yield whole.slice(place, size)
            place += size

    made = (Transformed(each, {}) for each in sliced(cuts) if each.num_rows)
    found = [(batch, of.cells) for batch, of in paired(sliced(raw), made)]

    assert all(batch.equals(cells) for batch, cells in found)
    assert sum(batch.num_rows for batch, _ in found) == sum(raw)
