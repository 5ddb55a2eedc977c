"""Problems that cannot be solved, through the command line: one typed error, and nothing written."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest

from command_line import MARKER, Place, anping
from places import home

ROWS = 60
CATEGORY = "{do: generalise, hierarchy: {kind: category}}"


def plan_of(model: str, columns: dict[str, str], unit: str | None = None) -> str:
    head = "" if unit is None else f"privacy_unit: {unit}\n"
    body = "".join(f"  {name}: {entry}\n" for name, entry in columns.items())
    return f"plan: 1\n{head}model: {model}\ncolumns:\n{body}"


def own(file: str) -> str:
    return f"{{do: generalise, hierarchy: {{kind: csv, file: {file}}}}}"


PLAIN = {"who": "{do: drop}", "code": CATEGORY, "place": CATEGORY, "job": CATEGORY}
CASES: dict[str, tuple[str, dict[str, str], str, str]] = {
    "every column a quasi-identifier, all rows unique": (
        plan_of("{k: 40}", {**PLAIN, "who": CATEGORY}), {}, "protect", "protect.nothing-left",
    ),
    "k above the number of rows": (
        plan_of("{k: 61}", PLAIN), {}, "protect", "protect.k-larger-than-table",
    ),
    "k above the number of people": (
        plan_of("{k: 25}", PLAIN, "who"), {}, "protect",
        "protect.k-larger-than-table",
    ),
    "l above the number of values": (
        plan_of("{k: 2, l: 9, sensitive: [job]}", {**PLAIN, "job": "{do: keep}"}), {}, "protect",
        "deid.l-too-large",
    ),
    "not one value of the kind": (
        plan_of("{k: 2}", {**PLAIN, "job": "{do: generalise, hierarchy: {kind: icd10}}"}), {},
        "protect", "plan.hierarchy-kind",
    ),
    "a gap": (
        plan_of("{k: 2}", {**PLAIN, "job": own("job.csv")}), {"job.csv": f"a,x,*\n{MARKER},,*\n"},
        "plan", "deid.hierarchy-gap",
    ),
    "a cycle": (
        plan_of("{k: 2}", {**PLAIN, "job": own("job.csv")}), {"job.csv": "a,b,*\nb,a,*\n"}, "plan",
        "deid.hierarchy-cycle",
    ),
    "two roots": (
        plan_of("{k: 2}", {**PLAIN, "job": own("job.csv")}), {"job.csv": "a,x\nb,y\n"}, "plan",
        "deid.hierarchy-two-roots",
    ),
    "a cycle in a tree": (
        plan_of("{k: 2}", {**PLAIN, "job": "{do: generalise, hierarchy: {kind: tree, file: t.yaml}}"}),
        {"t.yaml": "x: {y: {x: [a]}}\n"}, "plan", "deid.hierarchy-cycle",
    ),
    "a cycle in the tree of t-closeness": (
        plan_of(
            "{k: 2, criteria: [{kind: t-closeness, column: job, t: 0.5, distance: tree, tree: j.csv}]}",
            {**PLAIN, "job": "{do: keep}"},
        ),
        {"j.csv": "a,b,*\nb,a,*\n"}, "plan", "deid.hierarchy-cycle",
    ),
    "values that a tree lacks": (
        plan_of("{k: 2}", {**PLAIN, "job": "{do: generalise, hierarchy: {kind: tree, tree: {x: [a]}}}"}),
        {}, "protect", "deid.hierarchy-incomplete",
    ),
}  # fmt: skip


@pytest.fixture(scope="module")
def scanned(tmp_path_factory: pytest.TempPathFactory) -> Place:
    """A workspace with a table of 60 rows about 20 people, some of whom are missing."""
    folder = tmp_path_factory.mktemp("bad-plans")
    made = Place(home("sqlite", folder / "w"), folder / "w", folder)
    made.home.create()
    path = folder / "people.csv"
    with path.open("w", newline="", encoding="utf-8") as stream:
        writer = csv.writer(stream)
        writer.writerow(["who", "code", "place", "job"])
        for row in range(ROWS):
            who = f"N{row % 20:05}" if row % 5 else ""
            writer.writerow([who, f"{MARKER}{row}", ["甲", "乙", ""][row % 3], "abcd"[row % 4]])
    made.run("add", "people", path)
    made.run("scan", "people")
    return made


@pytest.mark.parametrize("case", CASES)
def test_a_problem_that_cannot_be_solved(scanned: Place, tmp_path: Path, case: str) -> None:
    text, files, command, code = CASES[case]
    for name, content in files.items():
        (tmp_path / name).write_text(content, "utf-8")
    file = tmp_path / "plan.yaml"
    file.write_text(text, "utf-8")
    if command == "protect":
        scanned.run("plan", "people", "--file", file)
        body = scanned.refused("protect", "people", code=code)
    else:
        body = scanned.refused("plan", "people", "--file", file, code=code)
        assert body["where"]["file"] == next(iter(files))
        assert body["where"]["row"] >= 1
    assert scanned.workspace().find("people.protected") is None


def test_missing_values_and_missing_people_have_a_policy(scanned: Place, tmp_path: Path) -> None:
    text = plan_of("{k: 3}", {**PLAIN, "who": "{do: pseudonym}", "code": "{do: drop}"}, "who")
    file = tmp_path / "plan.yaml"
    file.write_text(text, "utf-8")
    own_place = scanned
    own_place.run("plan", "people", "--file", file)
    said = anping("protect", "people", *own_place.options)
    assert said.code == 0, said.all
    newest = list(own_place.workspace().ledger.entries())[-1]
    limits = " ".join(text["en"] for text in newest.record["predicate"]["limits"])
    assert "A missing value of a quasi-identifier is a category of its own" in limits
    assert "count as one person" in limits


def test_the_tree_of_t_closeness_is_taken_in_with_the_plan(scanned: Place, tmp_path: Path) -> None:
    (tmp_path / "j.csv").write_text("a,x,*\nb,x,*\nc,y,*\nd,y,*\n", "utf-8")
    file = tmp_path / "plan.yaml"
    close = "{kind: t-closeness, column: job, t: 0.9, distance: tree, tree: j.csv}"
    columns = {**PLAIN, "job": "{do: keep}", "code": "{do: drop}"}
    file.write_text(plan_of(f"{{k: 2, criteria: [{close}]}}", columns), "utf-8")
    scanned.run("plan", "people", "--file", file)
    (tmp_path / "j.csv").unlink()
    scanned.run("protect", "people")
