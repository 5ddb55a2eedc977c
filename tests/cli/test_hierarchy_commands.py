"""Hierarchies from the command line: built from a column, looked at, checked, named by a plan."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from anping.engine.table import Table
from anping.workspace.workspace import Workspace
from command_line import Said, anping

_ROWS = """person,age,born,town,job,pay
p1,31,民國80年1月2日,臺北市中正區重慶南路1號,nurse,1
p2,32,1991/02/03,臺北市大同區民權西路2號,doctor,1
p3,47,065/03/04,高雄市左營區自由路3號,nurse,2
p4,48,1975-05-06,高雄市三民區建國路4號,driver,2
p5,93,,高雄市三民區建國路5號,driver,2
"""


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A workspace with a small table, scanned."""
    folder = tmp_path_factory.mktemp("hierarchy")
    (folder / "staff.csv").write_text(_ROWS, "utf-8")
    for arguments in (("init",), ("add", "staff", str(folder / "staff.csv")), ("scan", "staff")):
        assert run(folder, *arguments).code == 0
    return folder


def run(folder: Path, *arguments: str) -> Said:
    return anping("--lang", "en", *arguments, "--workspace", str(folder / "w"), "--keys",
                  str(folder / "k"))  # fmt: skip


@pytest.fixture(autouse=True)
def _english(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ANPING_LANG", "en")


def levels(said: Said) -> list[list[str]]:
    """The numbers of a printed hierarchy: level, values, largest, unique rows."""
    rows = [line.split() for line in said.out.splitlines()]
    return [row[:4] for row in rows if row and row[0].isdigit() and len(row) >= 4]


@pytest.mark.parametrize(
    ("column", "said", "expected"),
    [
        ("age", "age, widths: [5, 20]", [["0", "60"], ["1", "13"], ["2", "4"], ["3", "1"]]),
        ("born", "{kind: date, start: year}", [["0", "4"]]),
        ("town", "address", [["0", "371"], ["1", "22"]]),
        ("job", "related, by: pay", [["0", "3"]]),
        ("pay", "category, groups: {low: ['1'], high: ['2']}", [["0", "2"]]),
        ("age", "number, bins: 2", [["0", "2"]]),
    ],
)
def test_a_hierarchy_is_built_from_a_column(
    folder: Path, column: str, said: str, expected: list[list[str]]
) -> None:
    done = run(folder, "hierarchy", "build", "staff", column, said)
    assert done.code == 0, done.all
    assert [row[:2] for row in levels(done)][: len(expected)] == expected
    assert "In a plan: hierarchy: {kind: " in done.out
    assert "5 rows" in done.out


def test_without_a_kind_the_one_that_fits_is_built(folder: Path) -> None:
    done = run(folder, "hierarchy", "build", "staff", "town")
    assert "hierarchy: {kind: address}" in done.out


def test_it_says_what_stays_unique(folder: Path) -> None:
    done = run(folder, "hierarchy", "build", "staff", "age", "age, widths: [20]")
    assert levels(done)[0] == ["0", "60", "1", "5"]
    assert "5 (100.0%)" in done.out
    assert "1 (20.0%)" in done.out, "the one above 90 stays unique in the bands"
    missing = run(folder, "hierarchy", "build", "staff", "born", "date")
    assert "1 without a value" in missing.out


def test_what_is_written_can_be_checked_and_named_by_a_plan(folder: Path) -> None:
    """A file of dates holds the raw texts on level 0 for finding them; they are not released."""
    before = Workspace.open(str(folder / "w"), keys=str(folder / "k")).ledger.size
    written = run(folder, "hierarchy", "build", "staff", "born", "date, start: year", "--into",
                  str(folder / "born.csv"))  # fmt: skip
    assert "hierarchy: {kind: csv, file: born.csv, start: 1}" in written.out
    plain = run(folder, "hierarchy", "build", "staff", "job", "related, by: pay", "--into",
                str(folder / "job.csv"))  # fmt: skip
    assert "hierarchy: {kind: csv, file: job.csv}" in plain.out
    for column in ("born", "job"):
        checked = run(folder, "hierarchy", "check", str(folder / f"{column}.csv"), "staff", column)
        assert checked.code == 0, checked.all
        assert "No fault was found." in checked.out
    assert Workspace.open(str(folder / "w"), keys=str(folder / "k")).ledger.size == before
    plan = {
        "privacy_unit": "person",
        "model": {"k": 2, "suppression_limit": 0.4, "full_domain": True},
        "columns": {
            "person": {"do": "pseudonym"},
            "born": {
                "do": "generalise",
                "hierarchy": {"kind": "csv", "file": "born.csv", "start": 1},
            },
            **{name: {"do": "drop"} for name in ("age", "town", "job", "pay")},
        },
    }
    (folder / "plan.yaml").write_text(yaml.safe_dump(plan), "utf-8")
    for arguments in (
        ("plan", "staff", "--file", str(folder / "plan.yaml")),
        ("protect", "staff"),
    ):
        assert run(folder, *arguments).code == 0
    shown = run(folder, "hierarchy", "show", "staff")
    assert levels(shown)[0][:2] == ["0", "4"]
    workspace = Workspace.open(str(folder / "w"), keys=str(folder / "k"))
    released = Table.open(workspace.path(workspace.need("staff.protected")))
    texts = {line.split(",")[2] for line in _ROWS.splitlines()[1:]}
    assert not set(released.column("born").to_pylist()) & (texts - {""})


def test_show_takes_a_plan_file_and_a_column(folder: Path) -> None:
    plan = (
        "model: {k: 2}\ncolumns:\n  age: {do: generalise, hierarchy: {kind: age}}\n"
        "  job: {do: generalise, hierarchy: {kind: category}}\n"
    )
    plan += "".join(f"  {name}: {{do: drop}}\n" for name in ("person", "born", "town", "pay"))
    (folder / "other.yaml").write_text(plan, "utf-8")
    file = ("--file", str(folder / "other.yaml"))
    both = run(folder, "hierarchy", "show", "staff", *file)
    assert both.out.count("■") == 2
    assert run(folder, "hierarchy", "show", "staff", "age", *file).out.count("■") == 1
    wrong = run(folder, "hierarchy", "show", "staff", "town", *file)
    assert wrong.code == 2
    assert "plan.not-generalised" in wrong.err


def test_every_fault_of_a_file_is_named_with_its_row(folder: Path) -> None:
    (folder / "bad.csv").write_text("a;x;*\nb;x;*\nb;y;*\nc;;*\nd;y\ne;x;+\nf;y;f\n", "utf-8")
    said = run(folder, "hierarchy", "check", str(folder / "bad.csv"))
    assert said.code == 2
    told = {
        (line.split("hierarchy-")[1].split("]")[0], int(line.split("row ")[1].split(",")[0]))
        for line in said.out.splitlines()
        if "hierarchy-" in line and "row " in line
    }
    assert {("doubled", 3), ("two-parents", 3), ("gap", 4), ("ragged", 5), ("cycle", 7)} <= told
    assert ("two-roots", 6) in told
    (folder / "tree.csv").write_text("a,g\nb,g\nb,h\ng,z\nh,z\nz,\nq,\nm,n\nn,m\n", "utf-8")
    tree = run(folder, "hierarchy", "check", str(folder / "tree.csv"), "--tree")
    codes = ["hierarchy-two-parents", "hierarchy-two-roots", "hierarchy-cycle"]
    assert [code for code in codes if code in tree.out] == codes
    assert "3 faults in all." in tree.out
    # Every fault in both languages, as every other error.
    assert tree.out.count("[deid.hierarchy-cycle]") == 2


def test_values_that_a_file_lacks_are_counted_and_not_told(folder: Path) -> None:
    (folder / "few.csv").write_text("nurse;*\nDoctor;*\n", "utf-8")
    said = run(folder, "hierarchy", "check", str(folder / "few.csv"), "staff", "job")
    assert said.code == 2
    assert "hierarchy-incomplete" in said.out
    assert "2 distinct values" in said.out
    assert "driver" not in said.all
    sound = run(folder, "hierarchy", "check", str(folder / "few.csv"))
    assert sound.code == 0


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (("build", "staff", "age", "foo"), "plan.unknown-hierarchy"),
        (("build", "staff", "age", "age, widths: [a]"), "plan.value"),
        (("build", "staff", "age", "age, width: 5"), "plan.unknown-setting"),
        (("build", "staff", "town", "age"), "plan.hierarchy-kind"),
        (("build", "staff", "nothing", "age"), "schema.missing-column"),
        (("build", "nobody", "age"), "workspace.asset-missing"),
        (("build", "staff", "age", "csv, file: absent.csv"), "plan.hierarchy-missing"),
        (("check", "absent.csv"), "deid.hierarchy-unreadable"),
    ],
)
def test_what_cannot_be_built_is_told(folder: Path, arguments: tuple[str, ...], code: str) -> None:
    said = run(folder, "hierarchy", *arguments)
    assert said.code != 0
    assert f"[{code}]" in said.err, said.err
    assert "Traceback" not in said.all


def test_a_start_above_the_top_is_refused(folder: Path) -> None:
    (folder / "flat.csv").write_text("1;*\n2;*\n", "utf-8")
    said = run(folder, "hierarchy", "build", "staff", "pay", "csv, file: flat.csv, start: 1",
               "--folder", str(folder))  # fmt: skip
    assert "[plan.hierarchy-start]" in said.err
