"""A user's own entities: what a file may say, what is refused where, and what columns become."""

from __future__ import annotations

import pickle
from pathlib import Path

import pyarrow as pa
import pytest

from anping.core.clock import rfc3339, system_clock
from anping.core.columns import Decision, Role
from anping.core.errors import AnpingError
from anping.engine.table import Table
from anping.know.confirm import confirm
from anping.know.discover import table_values
from anping.know.discover.own_entities import rules_with
from anping.know.discover.text import Scanner
from anping.know.memory import Known
from anping.know.page import heat_map, page
from anping.know.scan import Scan, scan

STAFF = """\
- type: EMPLOYEE_NUMBER
  title: {zh: 員工編號, en: employee number}
  labels: [員工編號, employee no]
  examples: ['員工編號«E123456»已停用']
  counter: ['訂單編號 E12345']
  rules:
    - {pattern: 'E[0-9]{6}', prior: -2, context: 5}
- type: SHIFT_CODE
  role: quasi_identifier
  title: {zh: 班別, en: shift}
  labels: [班別]
  rules:
    - {pattern: 'W[0-9]{2}', prior: -5, context: 6}
- type: STAFF_PASS
  labels: [通行證]
  rules:
    - {pattern: 'ZQ[0-9]{5}[A-Z]', prior: 2}
"""
ROWS = 60
NUMBERS = [f"E{7919 * row % 1_000_000:06d}" for row in range(ROWS)]
SHIFTS = [f"W{row % 7:02d}" for row in range(ROWS)]
NOTES = [f"同事來電討論，通行證 ZQ1{row:04d}K 遺失，請補發。" for row in range(ROWS)]


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """Return a file of entities."""
    path = tmp_path / "own.yaml"
    path.write_text(STAFF, "utf-8")
    return path


def table(**columns: list[str]) -> Table:
    return Table.of(pa.table(columns))


def types(found: Scan) -> dict[str, tuple[str, Role]]:
    return {one.column: (one.semantic_type, one.role) for one in found.findings}


def test_columns_become_what_the_file_says_with_its_role(file: Path) -> None:
    mostly = [*NUMBERS[:54], *["無"] * 3, "E1", "x", "y"]
    few = [*NUMBERS[:6], *[f"代{row}" for row in range(54)]]
    found = scan(
        table(
            工號=NUMBERS, 員工編號=NUMBERS, 多數=mostly, 少數=few, 班別=SHIFTS, w=SHIFTS,
            通行證=[f"甲{row}" for row in range(ROWS)],
        ),
        rules=rules_with(file),
    )  # fmt: skip
    kinds = types(found)
    own = ("EMPLOYEE_NUMBER", Role.DIRECT_IDENTIFIER)
    assert [kinds[name] for name in ("工號", "員工編號", "多數")] == [own] * 3
    assert kinds["班別"] == ("SHIFT_CODE", Role.QUASI_IDENTIFIER)
    # Too few cells, a shape that needs its label, a label without the shape.
    assert {kinds[name][0] for name in ("少數", "w", "通行證")}.isdisjoint(
        {"EMPLOYEE_NUMBER", "SHIFT_CODE", "STAFF_PASS"}
    )
    evidence = found.finding("員工編號").evidence
    assert evidence[:2] == ("header:員工編號", "own-entity:EMPLOYEE_NUMBER")
    assert evidence[2] == "coverage:1.00"
    assert found.finding("多數").prevalence == pytest.approx(54 / 60)


def test_free_texts_are_read_with_them_and_label_the_table(file: Path) -> None:
    rules = rules_with(file)
    notes = table(備註=NOTES)
    assert not scan(notes).labels.categories
    for full in (False, True):
        found = scan(notes, rules=rules, full=full)
        (inside,) = found.inside
        assert (inside.type, inside.cells, inside.n) == ("STAFF_PASS", ROWS, ROWS)
        assert found.labels.categories == {"pdpa:art2:identifier", "personal"}


def test_a_scan_keeps_the_rules_and_no_example(file: Path) -> None:
    found = scan(table(員工編號=NUMBERS, 備註=NOTES), rules=rules_with(file))
    again = Scan.from_json(found.as_json())
    assert again == found
    assert again.rules is found.rules
    assert "E123456" not in str(found.as_json())
    assert "entities" not in scan(table(a=NUMBERS)).as_json()


def test_the_page_the_map_and_confirming_know_the_types(file: Path) -> None:
    data = table(員工編號=NUMBERS, 代號=[f"x{n}" for n in NUMBERS], 備註=NOTES)
    found = scan(data, rules=rules_with(file))
    drawn = page({"staff": found})
    for words in (
        "employee number",
        "員工編號",
        "entity of your own: EMPLOYEE_NUMBER",
        "STAFF_PASS",
    ):
        assert words in drawn
    assert {"EMPLOYEE_NUMBER", "STAFF_PASS"} <= set(heat_map({"staff": found}).as_json()["staff"])
    word = Decision("steward", rfc3339(system_clock()), "checked")
    changed = confirm(found, column="代號", semantic_type="SHIFT_CODE", decision=word)
    assert types(changed)["代號"] == ("SHIFT_CODE", Role.QUASI_IDENTIFIER)
    with pytest.raises(AnpingError, match=r"confirm\.semantic-type"):
        confirm(scan(data), column="代號", semantic_type="SHIFT_CODE", decision=word)
    # A decision is remembered by a scan that no longer has the file; nothing breaks.
    later = scan(data, known=Known(before=changed.decided))
    assert types(later)["代號"] == ("SHIFT_CODE", Role.QUASI_IDENTIFIER)
    assert "SHIFT_CODE" in page({"staff": later})


def test_rules_travel_small_and_come_to_the_same(file: Path) -> None:
    scanner = Scanner(recall=True, rules=rules_with(file))
    assert len(pickle.dumps(scanner)) < 4_000
    again = pickle.loads(pickle.dumps(scanner))
    assert again.find(NOTES[0]) == scanner.find(NOTES[0])
    assert again.rules is scanner.rules


RULE = "  rules: [{pattern: 'ZQ[0-9]{4}', prior: 2}]\n"


@pytest.mark.parametrize(
    ("body", "line"),
    [
        (f"- type: PASS_NO\n  examples:\n    - 號碼«ZQ1234»\n    - 號碼«ZQ9876»號\n    - ZQ12\n{RULE}", 5),
        (f"- type: PASS_NO\n{RULE}  counter:\n    - 王小明\n    - 號碼 ZQ9876\n", 5),
        (f"- type: PASS_NO\n  exmples: []\n{RULE}", 2),
        (f"- type: PASS_NO\n  role: secret\n{RULE}", 2),
        (f"- type: PASS_NO\n  role: special_category\n{RULE}", 2),
        (f"- type: PASS_NO\n  title: {{zh: 通行證}}\n{RULE}", 2),
        (f"- type: PASS_NO\n  categories: [pdpa:art99:x]\n{RULE}", 2),
        (f"- type: PASS_NO\n  labels: ['']\n{RULE}", 2),
        (f"- type: PHONE\n  role: none\n{RULE}", 2),
        (f"- type: FREE_TEXT\n{RULE}", 1),
        (f"- type: PASS_NO\n{RULE}- type: PASS_NO\n  role: none\n{RULE}- type: PASS_NO\n  role: sensitive\n{RULE}", 7),
        ("- type: PASS_NO\n  rules:\n    - {pattern: '(?=a)b', prior: 1}\n", 3),
        ("- type: PASS_NO\n  rules:\n    - {pattern: 'a*', prior: 1}\n", 3),
        (f"- type: PASS_NO\n{RULE}- nothing\n", 3),
        ("- type: &a PASS_NO\n", 1),
    ],
)  # fmt: skip
def test_what_is_wrong_is_told_by_its_line_and_not_quoted(
    tmp_path: Path, body: str, line: int
) -> None:
    path = tmp_path / "own.yaml"
    path.write_text(body, "utf-8")
    with pytest.raises(AnpingError) as caught:
        rules_with(path)
    error = caught.value
    assert error.code.startswith("discover."), error
    assert (error.where.file, error.where.row) == ("own.yaml", line), error
    for language in ("zh", "en"):
        assert not any(word in error.to(language) for word in ("ZQ9876", "王小明", "ZQ12"))


def test_a_special_category_says_which(tmp_path: Path) -> None:
    path = tmp_path / "own.yaml"
    path.write_text(
        "- type: WARD_CODE\n  role: special_category\n  categories: [pdpa:art6:medical]\n"
        "  labels: [病房]\n  rules: [{pattern: 'WD[0-9]{3}', prior: 0}]\n",
        "utf-8",
    )
    found = scan(table(病房=[f"WD{row:03d}" for row in range(50)]), rules=rules_with(path))
    (finding,) = found.findings
    assert (finding.role, finding.categories) == (Role.SPECIAL_CATEGORY, ("pdpa:art6:medical",))
    assert "pdpa:art6:medical" in found.labels.categories


def test_a_few_own_cells_in_another_column_are_told(file: Path) -> None:
    codes = [f"Q-{row:05d}" for row in range(ROWS)]
    codes[3], codes[40] = NUMBERS[3], NUMBERS[40]
    found = scan(table(code=codes, shift=["W01", *codes[1:]]), rules=rules_with(file))
    strays = [(one.column, one.type, one.where, one.cells, one.n) for one in found.inside]
    # A shift's code is of a form that any code may have: it is found behind its label only.
    assert strays == [
        ("code", "EMPLOYEE_NUMBER", "cells", 2, ROWS),
        ("shift", "EMPLOYEE_NUMBER", "cells", 2, ROWS),
    ]


def test_a_full_scan_tells_one_own_cell_among_many(
    file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(table_values, "FEW_VALUES", 50)
    rows = 2_000
    codes = [f"Q-{row:05d}" for row in range(rows)]
    numbers = list(range(rows))
    codes[1_777] = NUMBERS[7]
    found = scan(table(code=codes), full=True, rules=rules_with(file))
    (stray,) = found.inside
    assert (stray.type, stray.cells, stray.n, stray.sampled) == ("EMPLOYEE_NUMBER", 1, rows, False)
    assert scan(Table.of(pa.table({"n": numbers})), full=True, rules=rules_with(file)).inside == ()
