"""De-identification that cannot be done, through the command line: told in both languages, kept whole.

Every refusal leaves the workspace as it was, its keys included. What can be done is done and told.
"""

from __future__ import annotations

import random
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from anping.engine.table import Table
from command_line import MARKER, Place
from places import copied, home

AGE = "{do: generalise, hierarchy: {kind: age}}"
ZONE = "{do: generalise, hierarchy: {kind: category}}"
PLAN = """\
plan: 1
{unit}model: {{k: {k}, suppression_limit: 0.3{model}}}
columns:
  name: {name}
  age: {age}
  zone: {zone}
  answer: {answer}
"""
SEARCH = ", full_domain: true, local_recoding: false"


def write_people(path: Path, rows: int, *, seed: int, unnamed: int = 0, empty: int = 0) -> Path:
    draw = random.Random(seed)
    lines = ["name,age,zone,answer"]
    for row in range(rows):
        name = "" if row < unnamed else f"{MARKER}{row}"
        age = "" if row < empty else draw.randrange(20, 70)
        lines.append(f"{name},{age},zone{draw.randrange(3)},{draw.choice(('yes', 'no'))}")
    path.write_text("\n".join(lines) + "\n", "utf-8")
    return path


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Place:
    """Return a workspace with scanned tables, one of them everybody's."""
    folder = tmp_path_factory.mktemp("people")
    place = Place(home("sqlite", folder), folder, folder / "people.csv")
    place.run("init")
    tables: dict[str, dict[str, int]] = {
        "people": {"rows": 200, "seed": 1},
        "residents": {"rows": 2000, "seed": 2},
        "unnamed": {"rows": 200, "seed": 3, "unnamed": 40},
        "gaps": {"rows": 200, "seed": 4, "empty": 60},
    }
    for name, how in tables.items():
        place.run("add", name, write_people(folder / f"{name}.csv", **how))
        place.run("scan", name)
    return place


@pytest.fixture
def place(made: Place, tmp_path: Path) -> Place:
    """Return a copy of it that a test may change."""
    beside = tmp_path / "w"
    beside.mkdir()
    return Place(copied(made.workspace(), beside), beside, made.sample)


def planned(place: Place, subject: str = "people", /, **given: object) -> None:
    """Take a plan in that differs from the usual one."""
    usual = {
        "unit": "", "k": 3, "model": "", "name": "{do: drop}", "age": AGE, "zone": ZONE,
        "answer": "{do: keep}",
    }  # fmt: skip
    path = place.folder / "plan.yaml"
    path.write_text(PLAN.format(**{**usual, **given}), "utf-8")
    place.run("plan", subject, "--file", path)


def newest(place: Place) -> dict[str, Any]:
    entry = list(place.workspace().ledger.entries())[-1]
    predicate: dict[str, Any] = entry.record["predicate"]
    return predicate


def released(place: Place, subject: str = "people") -> Table:
    workspace = place.workspace()
    return Table.open(workspace.path(workspace.need(f"{subject}.protected")))


@pytest.mark.parametrize(
    ("given", "code"),
    [
        ({"k": 201}, "protect.k-larger-than-table"),
        (
            {
                "k": 150, "unit": "privacy_unit: name\n", "answer": ZONE, "name": "{do: drop}",
                "age": "{do: drop}", "zone": "{do: drop}", "model": ", l: 3, sensitive: [answer]",
            },
            "plan.sensitive-not-released",
        ),
        ({"model": ", weights: {age: 0, zone: 0}"}, "deid.weights"),
        ({"model": ", weights: {age: -1}"}, "deid.weights"),
        ({"model": ", weights: {answer: 1}"}, "deid.weights"),
        ({"model": ", criteria: [{kind: k-map, k: 5}]"}, "plan.no-population"),
        ({"unit": "privacy_unit: name\n", "k": 201, "name": "{do: pseudonym}"},
         "protect.k-larger-than-table"),
    ],
)  # fmt: skip
def test_what_cannot_be_done_leaves_nothing(
    place: Place, given: dict[str, object], code: str
) -> None:
    path = place.folder / "plan.yaml"
    if code.startswith("plan.sensitive"):
        usual = {"name": "{do: drop}", "age": AGE, "zone": ZONE, "answer": "{do: keep}"}
        path.write_text(PLAN.format(**{**usual, **given}), "utf-8")
        place.refused("plan", "people", "--file", path, code=code)
        return
    planned(place, **given)
    place.refused("protect", "people", code=code)


def test_a_key_that_a_failed_protection_needed_is_not_kept(place: Place) -> None:
    before = {path.name for path in place.keys.iterdir()}
    planned(place, k=201, name="{do: pseudonym, key: visitors}", unit="privacy_unit: name\n")
    place.refused("protect", "people", code="protect.k-larger-than-table")
    assert {path.name for path in place.keys.iterdir()} == before
    planned(place, name="{do: pseudonym, key: visitors}", unit="privacy_unit: name\n")
    place.run("protect", "people")
    first = set(released(place).column("name").to_pylist())
    assert "visitors.secret" in {path.name for path in place.keys.iterdir()}
    planned(place, k=2, name="{do: pseudonym, key: visitors}", unit="privacy_unit: name\n")
    place.run("protect", "people")
    # It is the same key the next time.
    assert first & set(released(place).column("name").to_pylist())


def test_every_column_a_quasi_identifier_and_all_rows_unique(place: Place, tmp_path: Path) -> None:
    path = tmp_path / "unique.csv"
    lines = ["name,age,zone,answer", *(f"N{n},{20 + n % 60},zone{n},answer{n}" for n in range(60))]
    path.write_text("\n".join(lines) + "\n", "utf-8")
    place.run("add", "unique", path)
    place.run("scan", "unique")
    rare = "{do: generalise, hierarchy: {kind: category, rare: [0.5]}}"
    planned(place, "unique", k=50, name=rare, age=rare, zone=rare, answer=rare)
    body = place.refused("protect", "unique", code="protect.nothing-left")
    assert body["where"]["column"] in {"name", "age", "zone", "answer"}
    assert "unique" not in body["hint"]["en"]


def test_people_of_whom_some_are_not_named(place: Place) -> None:
    planned(
        place, "unnamed", unit="privacy_unit: name\n", name="{do: pseudonym}", model=", goal: loss"
    )
    place.run("protect", "unnamed")
    rows = released(place, "unnamed").arrow().to_pylist()
    people: dict[tuple[str, str], set[str]] = {}
    for row in rows:
        people.setdefault((row["age"], row["zone"]), set()).add(row["name"] or "")
    assert min(map(len, people.values())) >= 3
    assert any("count as one person" in each["en"] for each in newest(place)["limits"])


@pytest.mark.parametrize("policy", ["own-value", "wildcard"])
def test_missing_quasi_identifiers_by_the_plans_policy(place: Place, policy: str) -> None:
    planned(place, "gaps", model=f"{SEARCH}, missing: {policy}")
    place.run("protect", "gaps")
    rows = [(row["age"], row["zone"]) for row in released(place, "gaps").arrow().to_pylist()]
    own = Counter(rows)
    if policy == "own-value":
        assert min(own.values()) >= 3
    strong = [one for one, count in own.items() if count >= 3]
    assert all(
        any(
            all(have in ("", want) for have, want in zip(each, one, strict=True)) for each in strong
        )
        for one in own
    )
    told = " ".join(each["en"] for each in newest(place)["limits"])
    place.run("risk", "gaps", "--targets", "20", "--attacks", "linkage")
    values = {each["id"]: each["value"] for each in newest(place)["measurements"]}
    assert ("risk.wildcard.prosecutor.max" in values) == (policy == "wildcard")
    assert values.get("risk.wildcard.prosecutor.max", 0) <= 1 / 3
    assert ("may stand for any other" in told) == (policy == "wildcard")
    assert ("category of its own" in told) == (policy == "own-value")


def test_a_population_beside_the_table(place: Place) -> None:
    planned(place, model=f"{SEARCH}, criteria: [{{kind: k-map, k: 40}}]")
    place.refused("protect", "people", "--population", "nobody", code="workspace.asset-missing")
    place.refused("protect", "people", "--population", "people.plan", code="parameter.wrong-kind")
    place.run("protect", "people", "--population", "residents")
    found = newest(place)
    roles = {each["annotations"]["port"]: each["name"] for each in found["materials"]}
    assert roles["population"] == "residents@1"
    values = {each["id"]: each["value"] for each in found["measurements"]}
    assert values["deid.population.rows"] == 2000
    assert values["deid.population.smallest"] >= 40


def test_a_population_without_a_quasi_identifier(place: Place, tmp_path: Path) -> None:
    path = tmp_path / "ages.csv"
    path.write_text("age\n" + "\n".join(map(str, range(20, 70))) + "\n", "utf-8")
    place.run("add", "ages", path)
    planned(place, model=f"{SEARCH}, criteria: [{{kind: delta-presence, most: 0.5}}]")
    code = "schema.population-column"
    body = place.refused("protect", "people", "--population", "ages", code=code)
    assert body["where"]["column"] == "zone"


def test_a_frontier_of_plans_about_a_population(place: Place) -> None:
    planned(place, model=f"{SEARCH}, criteria: [{{kind: k-map, k: 20}}]")
    small = ("--k", "3", "--recoding", "local", "--targets", "20", "--rows", "200")
    place.refused("frontier", "people", *small, code="plan.no-population")
    place.run("frontier", "people", *small, "--population", "residents")
    roles = {each["annotations"]["port"] for each in newest(place)["materials"]}
    assert "population" in roles
