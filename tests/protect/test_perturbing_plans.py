"""Perturbing entries of a plan: what leaves keeps its promise, and the account tells what was done."""

from __future__ import annotations

import pickle
from collections import Counter
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pytest

from anping.core.errors import AnpingError, InfeasibleError, MissingExtraError
from anping.core.measure import Measure, find
from anping.core.progress import silent
from anping.engine import shuffle, table
from anping.engine.stream import with_numbers
from anping.engine.table import Table
from anping.engine.write import write_parquet
from anping.protect import Protected, Settings, dump_plan, parse_plan, protect, protect_into
from anping.protect.fit_plan import Means, fit_plan
from anping.protect.transform import noise

ROWS = 1_200


@pytest.fixture(scope="module")
def visits() -> pa.Table:
    """1,200 visits of some 500 people, with gaps."""
    draw = np.random.default_rng(20_261_121)

    def holes(values: Any, share: float = 0.05) -> pa.Array:
        return pa.array(values, mask=draw.random(ROWS) < share)

    day = date(2024, 1, 1)
    return pa.table(
        {
            "id": [f"p{number}" for number in draw.integers(0, 500, ROWS)],
            "sex": draw.choice(["男", "女"], ROWS),
            "job": holes(draw.choice(list("abcdefgh"), ROWS, p=[.4, .3, .1, .1, .05, .03, .01, .01])),
            "age": holes(draw.integers(20, 80, ROWS)),
            "cost": holes(draw.lognormal(8, 1, ROWS)),
            "stay": draw.integers(0, 60, ROWS),
            "illness": draw.choice(list("甲乙丙丁戊"), ROWS),
            "day": holes([day + timedelta(days=int(each)) for each in draw.integers(0, 300, ROWS)]),
            "ward": holes(draw.choice(["x", "y", "z"], ROWS)),
            "points": draw.integers(0, 100, ROWS),
        }
    )  # fmt: skip


PLAN = """\
plan: 1
{head}
columns:
  id: {{do: drop}}
  sex: {{do: {sex}}}
  job: {{do: local_suppression, k: 5, group: who}}
  age: [{{do: round, to: 10}}, {{do: local_suppression, k: 5, group: who, weight: 2}}]
  cost: {{do: microaggregate, k: 4}}
  stay: {{do: microaggregate, k: 4}}
  illness: {{do: anatomize, l: 3}}
  day: {{do: rank_swap, percent: 4}}
  ward: {{do: pram, keep: 0.7}}
  points: {{do: round, to: 7, method: random}}
"""


def plan_of(head: str = "profile: restricted", sex: str = "keep") -> Any:
    return parse_plan(PLAN.format(head=head, sex=sex))


def protected(raw: pa.Table, plan: Any, seed: int | None = 1) -> Protected:
    return protect(Table.of(raw), plan, settings=Settings(seed=seed))


def value(measures: tuple[Measure, ...], name: str, subject: str = "") -> float:
    found = find(measures, name, subject)
    assert found is not None, name
    return found.value


HEADS = {
    "rows": plan_of(),
    "people": plan_of("privacy_unit: id"),
    "sample": plan_of("privacy_unit: id\nsample: {share: 0.6, by: sex}"),
    "model": plan_of(
        "privacy_unit: id\nmodel: {k: 3}\nsample: {share: 0.7}",
        "generalise, hierarchy: {kind: category}",
    ),
}


@pytest.fixture(scope="module", params=HEADS)
def done(request: pytest.FixtureRequest, visits: pa.Table) -> tuple[pa.Table, Protected, Any]:
    """A protected table, and the raw rows in its order."""
    plan = HEADS[request.param]
    made = protected(visits, plan)
    return visits.take(made.links.column("raw_row")), made, plan


def test_a_plan_is_written_and_read_again() -> None:
    for plan in HEADS.values():
        assert parse_plan(dump_plan(plan)) == plan


def test_suppressed_combinations_are_held_k_times(done: tuple[pa.Table, Protected, Any]) -> None:
    raw, made, plan = done
    people: dict[tuple[Any, ...], set[Any]] = {}
    for place, (job, age) in enumerate(zip(made.table["job"], made.table["age"], strict=True)):
        person = raw["id"][place].as_py() if plan.privacy_unit else place
        people.setdefault((job.as_py(), age.as_py()), set()).add(person)
    assert min(len(each) for each in people.values()) >= 5
    smallest = value(made.measures, "deid.local_suppression.smallest", "job")
    assert smallest == min(len(each) for each in people.values())
    rounded = pc.round_to_multiple(raw["age"].cast(pa.float64()), 10, round_mode="half_to_even")
    for name, given in (("job", raw["job"]), ("age", rounded)):
        kept = made.table[name].is_valid()
        assert made.table[name].filter(kept).to_pylist() == given.filter(kept).to_pylist()
        emptied = made.table[name].null_count - raw[name].null_count
        assert emptied == value(made.measures, "deid.local_suppression.cells", name)


def test_means_are_of_k_and_sums_stay(done: tuple[pa.Table, Protected, Any]) -> None:
    raw, made, plan = done
    assert made.table.schema.field("stay").type == pa.float64()
    whole = pc.and_(raw["cost"].is_valid(), made.table["cost"].is_valid())
    for name in ("cost", "stay"):
        before = np.array(raw[name].filter(whole).to_pylist(), float)
        after = np.array(made.table[name].filter(whole).to_pylist())
        assert after.sum() == pytest.approx(before.sum())
        assert 0 < value(made.measures, "deid.microaggregation.loss", name) < 0.2
    who = raw["id"] if plan.privacy_unit else pa.array(range(raw.num_rows))
    groups: dict[Any, set[Any]] = {}
    for cost, stay, person in zip(made.table["cost"], made.table["stay"], who, strict=True):
        groups.setdefault((cost.as_py(), stay.as_py()), set()).add(person.as_py())
    assert min(len(each) for each in groups.values()) >= 4
    assert made.table["cost"].null_count == raw["cost"].null_count


def test_groups_link_two_tables_without_linking_rows(
    done: tuple[pa.Table, Protected, Any],
) -> None:
    raw, made, _ = done
    of_groups = made.tables["illness"]
    assert of_groups.column_names == ["group", "illness", "count"]
    assert set(of_groups["count"].to_pylist()) == {1}
    sizes = Counter(of_groups["group"].to_pylist())
    assert min(sizes.values()) >= 3
    assert sizes == Counter(made.table["illness"].to_pylist())
    pairs = Counter(zip(made.table["illness"].to_pylist(), raw["illness"].to_pylist(), strict=True))
    shown = zip(of_groups["group"].to_pylist(), of_groups["illness"].to_pylist(), strict=True)
    assert set(pairs) == set(shown)
    assert value(made.measures, "deid.anatomy.groups", "illness") == len(sizes)


def test_swapped_dates_are_the_same_dates(done: tuple[pa.Table, Protected, Any]) -> None:
    raw, made, _ = done
    assert made.table["day"].type == pa.date32()
    assert Counter(made.table["day"].to_pylist()) == Counter(raw["day"].to_pylist())
    changed = sum(
        a != b for a, b in zip(raw["day"].to_pylist(), made.table["day"].to_pylist(), strict=True)
    )
    assert changed > 0
    assert value(made.measures, "deid.rank_swap.distance", "day") < 0.04


def test_categories_change_as_told(done: tuple[pa.Table, Protected, Any]) -> None:
    raw, made, _ = done
    pairs = list(zip(raw["ward"].to_pylist(), made.table["ward"].to_pylist(), strict=True))
    assert all((a is None) == (b is None) for a, b in pairs)
    changed = sum(a != b for a, b in pairs)
    measure = find(made.measures, "deid.pram.changed", "ward")
    assert measure is not None
    suppressed = value(made.measures, "deid.rows.suppressed")
    assert changed <= measure.value <= changed + suppressed
    assert changed / measure.n == pytest.approx(0.3 * 2 / 3, abs=0.06)
    ward = next(each for each in made.operations if each.column == "ward")
    told = ward.as_json()["details"]["pram"]
    assert told["method"] == "invariant"
    assert sum(told["shares"].values()) == pytest.approx(1, abs=1e-5)


def test_a_sample_draws_whole_people(visits: pa.Table) -> None:
    plan = HEADS["sample"]
    made = protected(visits, plan)
    chosen = made.links["raw_row"].to_pylist()
    people = {visits["id"][row].as_py() for row in chosen}
    rows = [row for row, person in enumerate(visits["id"].to_pylist()) if person in people]
    assert sorted(chosen) == rows
    everyone = len(set(visits["id"].to_pylist()))
    assert len(people) == round(everyone * 0.6)
    assert value(made.measures, "deid.sampling_fraction") == pytest.approx(len(rows) / ROWS)
    assert made.leaves.num_rows == (ROWS if made.leaves.num_columns else 0)


def test_without_a_seed_every_run_is_another(visits: pa.Table) -> None:
    plan = parse_plan("plan: 1\nsample: {share: 0.5}\ncolumns:\n  ward: {do: pram}\n")
    raw = visits.select(["ward"])
    rows = [
        set(protected(raw, plan, seed).links["raw_row"].to_pylist()) for seed in (None, None, 7, 7)
    ]
    assert rows[0] != rows[1]
    assert rows[2] == rows[3]
    assert len(rows[0]) == ROWS // 2


@pytest.fixture
def small_parts(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    with monkeypatch.context() as patch:
        patch.setattr(table.Table.batches, "__kwdefaults__", {"size": 97, "coded": False})
        patch.setattr(shuffle, "BUCKET_ROWS", 128)
        yield


@pytest.mark.usefixtures("small_parts")
@pytest.mark.parametrize("head", HEADS)
def test_batches_change_nothing(head: str, visits: pa.Table, tmp_path: Path) -> None:
    write_parquet(visits, tmp_path / "raw.parquet")
    raw, how = Table.open(tmp_path / "raw.parquet"), Settings(seed=3)
    files = protect_into(raw, HEADS[head], tmp_path / "made", settings=how)
    made = protect(Table.of(visits), HEADS[head], settings=how)
    assert files.measures == made.measures
    assert files.operations == made.operations
    assert files.tables["illness"].equals(made.tables["illness"])
    order = files.links.arrow()["raw_row"].to_pylist()
    place = {row: at for at, row in enumerate(made.links["raw_row"].to_pylist())}
    same = made.table.take([place[row] for row in order])
    assert files.table.arrow().equals(same)


def test_a_protection_travels(visits: pa.Table) -> None:
    fit = fit_plan(
        Table.of(visits), HEADS["model"], means=Means(), settings=Settings(seed=5), progress=silent
    )
    here, there = fit.protection, pickle.loads(pickle.dumps(fit.protection))
    batch = visits.combine_chunks().to_batches()[0].slice(300, 200)
    numbered = with_numbers(batch, here.columns.numbers, 300)
    assert there(numbered).equals(here(numbered))


def test_identifiers_in_the_table_of_values_are_found() -> None:
    names = [f"王小明{letter}" for letter in "甲乙丙丁戊己庚辛"]
    raw = pa.table({"name": names, "note": [f"{names[0]}的事", *"一二三四五六七"]})
    plan = parse_plan("plan: 1\ncolumns:\n  name: {do: drop}\n  note: {do: anatomize, l: 2}")
    made = protected(raw, plan)
    assert value(made.measures, "deid.identifiers_left", "note") == 1


def test_noise_is_told_with_its_epsilon(visits: pa.Table) -> None:
    pytest.importorskip("opendp", reason="the optional part differential-privacy is not installed")
    plan = parse_plan(
        "plan: 1\ncolumns:\n"
        "  points: {do: noise, distribution: geometric, epsilon: 2, low: 10, high: 90}\n"
        "  cost: {do: noise, scale: 50}\n"
    )
    made = protected(visits.select(["points", "cost"]), plan)
    raw = visits.take(made.links["raw_row"])
    assert made.table.schema.types == [pa.int64(), pa.float64()]
    assert value(made.measures, "deid.noise.epsilon", "points") == pytest.approx(2)
    assert find(made.measures, "deid.noise.epsilon", "cost") is None
    outside = sum(not 10 <= each <= 90 for each in visits["points"].to_pylist())
    assert value(made.measures, "deid.noise.clamped", "points") == outside
    assert made.table["cost"].is_null().equals(raw["cost"].is_null())
    away = np.array(pc.subtract(made.table["cost"], raw["cost"]).drop_null().to_pylist())
    assert np.std(away) == pytest.approx(50 * 2**0.5, rel=0.15)


def test_noise_needs_opendp(visits: pa.Table, monkeypatch: pytest.MonkeyPatch) -> None:
    def absent() -> Any:
        raise MissingExtraError.of("differential-privacy", needed_for=noise._NEEDED)

    monkeypatch.setattr(noise, "_opendp", absent)
    plan = parse_plan("plan: 1\ncolumns:\n  points: {do: noise, scale: 1}\n")
    with pytest.raises(MissingExtraError):
        protected(visits.select(["points"]), plan)


def test_a_given_matrix_and_randomised_response(visits: pa.Table) -> None:
    text = (
        "plan: 1\ncolumns:\n"
        "  ward: {do: pram, matrix: {x: {x: 0.5, y: 0.5}, y: {y: 1}, z: {z: 0.2, q: 0.8}}}\n"
        "  sex: {do: pram, method: uniform, keep: 0.75}\n"
    )
    made = protected(visits.select(["ward", "sex"]), parse_plan(text))
    assert set(made.table["ward"].to_pylist()) == {"x", "y", "z", "q", None}
    assert value(made.measures, "deid.pram.epsilon", "sex") == pytest.approx(np.log(3))
    assert find(made.measures, "deid.pram.epsilon", "ward") is None
    lacking = text.replace("y: {y: 1}, ", "")
    with pytest.raises(AnpingError) as caught:
        protected(visits.select(["ward", "sex"]), parse_plan(lacking))
    assert caught.value.code == "plan.matrix-lacks-value"


@pytest.mark.parametrize(
    ("columns", "code"),
    [
        ("a: [{do: noise, scale: 1}, {do: round, to: 5}]", "plan.order"),
        ("a: {do: noise}", "plan.noise"),
        ("a: {do: noise, epsilon: 1}", "plan.noise"),
        ("a: {do: noise, epsilon: 1, low: 5, high: 2}", "plan.noise"),
        ("a: {do: noise, distribution: gaussian, epsilon: 1, low: 0, high: 2}", "plan.noise"),
        ("a: {do: pram, matrix: {x: {x: 0.5}}}", "plan.chances"),
        ("a: {do: microaggregate, k: 3}\n  b: {do: microaggregate, k: 4}", "plan.unequal-group"),
        ("a: {do: anatomize}\n  b: {do: anatomize}", "plan.anatomize"),
        ("a: {do: rank_swap, percent: 0}", "plan.value"),
        ("a: {do: swap}", "plan.unknown-transform"),
    ],
)
def test_plans_that_do_not_hold_are_refused(columns: str, code: str) -> None:
    with pytest.raises(AnpingError) as caught:
        parse_plan(f"plan: 1\ncolumns:\n  {columns}\n")
    assert caught.value.code == code


@pytest.mark.parametrize(
    ("plan", "code"),
    [
        ("columns:\n  sex: {do: microaggregate}", "plan.type"),
        ("columns:\n  sex: {do: rank_swap}", "plan.type"),
        ("columns:\n  sex: {do: anatomize, l: 3}", "protect.too-frequent-value"),
        ("columns:\n  sex: {do: local_suppression, k: 5000}", "protect.k-larger-than-table"),
        ("sample: {share: 0.5, by: who}\ncolumns:\n  sex: {do: keep}", "plan.unknown-column"),
    ],
)
def test_what_a_table_cannot_give_is_refused(visits: pa.Table, plan: str, code: str) -> None:
    with pytest.raises(AnpingError) as caught:
        protected(visits.select(["sex"]), parse_plan(f"plan: 1\n{plan}\n"))
    assert caught.value.code == code


def test_missing_numbers_are_averaged_among_themselves_or_emptied() -> None:
    raw = pa.table({"a": [1.0, 2, 3, 4, None, 6], "b": [1.0, 1, 1, 1, 1, None]})
    plan = parse_plan(
        "plan: 1\ncolumns:\n  a: {do: microaggregate, k: 2}\n  b: {do: microaggregate, k: 2}"
    )
    made = protected(raw, plan)
    rows = dict(zip(made.links["raw_row"].to_pylist(), made.table.to_pylist(), strict=True))
    assert rows[4] == rows[5] == {"a": None, "b": None}
    assert [rows[row]["a"] for row in range(4)] == [1.5, 1.5, 3.5, 3.5]
    assert value(made.measures, "deid.microaggregation.emptied", "a") == 1


def test_nothing_to_swap_or_randomise_is_no_mistake() -> None:
    raw = pa.table(
        {
            "a": pa.nulls(3, pa.int64()),
            "b": pa.nulls(3, pa.string()),
            **dict.fromkeys(("c", "d", "e", "f"), pa.nulls(3)),
        }
    )
    plan = parse_plan(
        "plan: 1\ncolumns:\n  a: {do: rank_swap}\n  b: {do: pram}\n  c: {do: pram}\n"
        "  d: {do: round, to: 5, method: random}\n  e: {do: local_suppression, k: 2}\n"
        "  f: {do: microaggregate}\n"
    )
    made = protected(raw, plan)
    assert all(column.null_count == 3 for column in made.table.columns)


def test_a_rare_category_is_not_named_in_the_account() -> None:
    raw = pa.table({"ward": ["x"] * 50 + ["y"] * 40 + ["q"] * 3})
    made = protected(raw, parse_plan("plan: 1\ncolumns:\n  ward: {do: pram}"))
    told = made.operations[0].details["pram"]
    assert set(told["shares"]) == {"x", "y"}
    assert told["rare"] == {"values": 1, "share": pytest.approx(3 / 93, abs=1e-6)}


def test_fewer_people_than_k_have_no_mean() -> None:
    raw = pa.table({"id": ["p", "p", "p", "q"], "a": [1.0, 2, 3, 4]})
    plan = parse_plan(
        "plan: 1\nprivacy_unit: id\ncolumns:\n  id: {do: drop}\n  a: {do: microaggregate, k: 3}"
    )
    made = protected(raw, plan)
    assert made.table["a"].null_count == 4
    with pytest.raises(InfeasibleError):
        protected(raw, parse_plan(
            "plan: 1\nprivacy_unit: id\ncolumns:\n  id: {do: drop}\n  a: {do: local_suppression, k: 3}"
        ))  # fmt: skip
