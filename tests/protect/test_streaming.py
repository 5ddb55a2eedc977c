"""The door that writes files gives what the door in memory gives, however rows are batched."""

from __future__ import annotations

import pickle
import random
from collections import Counter
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from anping.core.errors import InfeasibleError, ParameterError, PlanError
from anping.core.measure import find
from anping.core.progress import silent
from anping.core.span import Span
from anping.core.text import Text
from anping.engine import shuffle, table
from anping.engine.stream import with_numbers
from anping.engine.table import Table
from anping.engine.write import write_parquet
from anping.protect import (
    KeyRing,
    Means,
    Plan,
    Protected,
    ProtectedFiles,
    Settings,
    parse_plan,
    protect,
    protect_into,
)
from anping.protect.deid.check import check_classes
from anping.protect.deid.model import PrivacyModel
from anping.protect.fit_plan import fit_plan

KEYS = KeyRing({"person": b"p" * 32, "date-shift": b"d" * 32})
PLAN = """\
plan: 1
privacy_unit: id
model: {k: K, L suppression_limit: S}
columns:
  id: {do: pseudonym}
  name: {do: drop}
  age: {do: generalise, hierarchy: {kind: age}}
  home: {do: generalise, hierarchy: {kind: address}}
  job: {do: generalise, hierarchy: {kind: category}}
  visit: {do: date_shift}
  written: {do: date_shift}
  illness: {do: keep}
  paid: [{do: top_bottom, low_quantile: 0.1, high_quantile: 0.9}, {do: round, to: 5}]
  phone: {do: mask, keep_last: 2}
  note: {do: redact}
"""
HOMES = ["臺北市大安區忠孝東路1號", "10665 台北市大安區", "高雄市左營區", "高雄市 左營區", None]


def find_spans(text: str) -> list[Span]:
    at = text.find("王")
    return [] if at < 0 else [Span(at, at + 1, "PERSON_NAME", 1.0)]


MEANS = Means(KEYS, find_spans)


def people(draw: random.Random, rows: int) -> pa.Table:
    def row() -> dict[str, Any]:
        person = draw.randrange(rows)
        day = date(2020, 1, 1) + timedelta(days=draw.randrange(900))
        return {
            "id": draw.choice([f"A{person:05d}", f"a-{person:05d}", None, ""]),
            "name": f"王小{'明華美'[person % 3]}",
            "age": draw.choice([None, *range(30, 50)]),
            "home": draw.choice(HOMES),
            "job": draw.choice(["醫師", "教師", "司機", None]),
            "visit": draw.choice([day, None]),
            "written": draw.choice([day.isoformat(), f"{day:%Y/%m/%d} 08:30", "昨天", None]),
            "illness": draw.choice(["甲", "乙", "丙", None]),
            "paid": draw.choice([draw.randrange(1_000), None]),
            "phone": f"09{draw.randrange(10**8):08d}",
            "note": draw.choice([None, "無", "找王小明", f"編號A{person:05d}"]),
        }

    schema = pa.schema(
        {
            **dict.fromkeys(("id", "name", "home", "job", "written", "illness"), pa.string()),
            "age": pa.int64(),
            "visit": pa.date32(),
            "paid": pa.int64(),
            **dict.fromkeys(("phone", "note"), pa.string()),
        }.items()
    )
    return pa.Table.from_pylist([row() for _ in range(rows)], schema)


@pytest.fixture
def small_parts(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Batches of 7 rows and buckets of 16, so that a small table has many of both."""
    with monkeypatch.context() as patch:
        patch.setattr(table.Table.batches, "__kwdefaults__", {"size": 7, "coded": False})
        patch.setattr(shuffle, "BUCKET_ROWS", 16)
        yield


def plan_of(k: int, limit: float, l_kind: str | None) -> Plan:
    diverse = "" if l_kind is None else f"l: 2, l_kind: {l_kind}, sensitive: [illness],"
    return parse_plan(PLAN.replace("K", str(k)).replace("S}", f"{limit}}}").replace("L", diverse))


def both(
    raw: pa.Table, plan: Plan, folder: Path, seed: int
) -> tuple[Protected, ProtectedFiles] | None:
    write_parquet(raw, folder / "raw.parquet")
    how = Settings(seed=seed)
    try:
        one = protect(Table.of(raw), plan, keys=KEYS, find_spans=find_spans, settings=how)
    except (InfeasibleError, PlanError) as error:
        with pytest.raises(type(error)):
            protect_into(Table.of(raw), plan, folder / "out", means=MEANS, settings=how)
        assert not (folder / "out").exists()
        return None
    source = Table.open(folder / "raw.parquet")
    return one, protect_into(source, plan, folder / "out", means=MEANS, settings=how)


def counted(rows: pa.Table, *, but: tuple[str, ...] = ()) -> Counter[tuple[Any, ...]]:
    kept = [name for name in rows.column_names if name not in but]
    return Counter(tuple(row.values()) for row in rows.select(kept).to_pylist())


@settings(max_examples=12, deadline=None)
@given(
    seed=st.integers(0, 10**6),
    rows=st.integers(20, 90),
    size=st.integers(1, 50),
    k=st.integers(2, 4),
    limit=st.sampled_from([0.0, 0.1, 0.5]),
    l_kind=st.sampled_from([None, "distinct", "entropy"]),
)
def test_files_hold_what_memory_holds(
    tmp_path_factory: pytest.TempPathFactory, **drawn: Any
) -> None:
    seed, k, l_kind = drawn["seed"], drawn["k"], drawn["l_kind"]
    raw = people(random.Random(seed), drawn["rows"])
    plan = plan_of(k, drawn["limit"], l_kind)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(
            table.Table.batches, "__kwdefaults__", {"size": drawn["size"], "coded": False}
        )
        patch.setattr(shuffle, "BUCKET_ROWS", 16)
        found = both(raw, plan, tmp_path_factory.mktemp("both"), seed)
    if found is None:
        return
    memory, files = found
    done, links = files.table.arrow(), files.links.arrow()
    nobody = raw.column("id").to_pylist()
    shifted = ("visit", "written")
    # Rows of nobody are shifted by an offset drawn for each run.
    assert counted(done, but=shifted) == counted(memory.table, but=shifted)
    assert memory.measures == files.measures
    assert memory.coverage == files.coverage
    assert memory.operations == files.operations
    assert files.leaves.arrow().equals(memory.leaves)
    assert links.column("protected_row").to_pylist() == list(range(done.num_rows))
    raw_rows = links.column("raw_row").to_pylist()
    assert len(set(raw_rows)) == len(raw_rows)
    lead = memory.links.column("raw_row").to_pylist()
    by_raw_row = dict(zip(lead, memory.table.to_pylist(), strict=True))
    for row, raw_row in zip(done.to_pylist(), raw_rows, strict=True):
        named = bool(nobody[raw_row])
        expected = by_raw_row[raw_row]
        assert all(row[c] == expected[c] for c in row if named or c not in shifted)
    suppressed = find(files.measures, "deid.rows.suppressed")
    assert suppressed is not None
    assert suppressed.value == raw.num_rows - done.num_rows
    model = PrivacyModel(k, None if l_kind is None else 2, l_kind or "distinct",
                         () if l_kind is None else ("illness",))  # fmt: skip
    who = [(nobody[row] or "").upper().replace("-", "") for row in raw_rows]
    checked = check_classes(files.table, plan.quasi_identifiers, model=model, person=pa.array(who))
    assert checked.holds


@pytest.mark.usefixtures("small_parts")
def test_a_seed_gives_the_same_bytes(tmp_path: Path) -> None:
    raw = people(random.Random(5), 200).filter(pa.array([True] * 200))
    raw = raw.set_column(0, "id", pa.array([f"B{n % 150:04d}" for n in range(200)]))
    for name in "ab":
        protect_into(
            Table.of(raw),
            plan_of(3, 0.1, None),
            tmp_path / name,
            means=MEANS,
            settings=Settings(seed=9),
        )
    for file in ("protected.parquet", "links.parquet", "leaves.parquet"):
        assert (tmp_path / "a" / file).read_bytes() == (tmp_path / "b" / file).read_bytes()
    links = Table.open(tmp_path / "a" / "links.parquet").column("raw_row").to_pylist()
    assert links != sorted(links)


def test_the_function_of_batches_travels_and_needs_no_other_row() -> None:
    raw = people(random.Random(3), 150)
    fit = fit_plan(
        Table.of(raw), plan_of(3, 0.2, None), means=MEANS, settings=Settings(seed=1),
        progress=silent,
    )  # fmt: skip
    sent = pickle.loads(pickle.dumps(fit.protection))
    batch = raw.combine_chunks().to_batches()[0]
    whole = pa.Table.from_batches([fit.protection(with_numbers(batch, "raw_row", 0))])
    parts = [
        sent(with_numbers(batch.slice(start, 11), "raw_row", start)) for start in range(0, 150, 11)
    ]
    assert pa.Table.from_batches(parts).equals(whole)
    assert "dddd" not in repr(fit.protection)


@pytest.mark.usefixtures("small_parts")
@pytest.mark.parametrize("error", [RuntimeError, KeyboardInterrupt])
def test_a_failure_leaves_nothing(error: type[BaseException], tmp_path: Path) -> None:
    raw = people(random.Random(2), 150)

    def stop(what: Text, done: int, total: int | None) -> None:
        if what.en == "Protecting the rows" and done > 70:
            assert total == 150
            assert any(path.is_dir() for path in tmp_path.iterdir())
            raise error

    with pytest.raises(error):
        protect_into(
            Table.of(raw), plan_of(2, 0.5, None), tmp_path / "out", means=MEANS, progress=stop
        )
    assert not list(tmp_path.iterdir())


def test_a_folder_that_exists_is_not_touched(tmp_path: Path) -> None:
    with pytest.raises(ParameterError) as caught:
        protect_into(Table.of(people(random.Random(1), 9)), plan_of(2, 0, None), tmp_path)
    assert caught.value.code == "protect.folder-exists"


def test_addresses_of_millions_have_few_beginnings(tmp_path: Path) -> None:
    homes = [f"臺北市大安區仁愛路四段{n}號{n % 9}樓" for n in range(3_000)]
    plan = parse_plan(
        "plan: 1\nmodel: {k: 5}\ncolumns: {home: {do: generalise, hierarchy: {kind: address}}}"
    )
    done = protect_into(Table.of(pa.table({"home": homes})), plan, tmp_path / "out")
    assert set(done.table.column("home").to_pylist()) == {"臺北市大安區"}


def test_values_that_are_equal_but_not_spelt_alike_keep_their_leaf(tmp_path: Path) -> None:
    numbers = pa.array([5.0, 5.0, 0.0, -0.0, float("nan"), None])
    write_parquet(pa.table({"x": numbers}), tmp_path / "raw.parquet")
    plan = parse_plan(
        "plan: 1\nmodel: {k: 2}\ncolumns: {x: {do: generalise, hierarchy: {kind: category}}}"
    )
    done = protect_into(Table.open(tmp_path / "raw.parquet"), plan, tmp_path / "out")
    assert sorted(done.table.column("x").to_pylist()) == ["", "", "0", "0", "5", "5"]
