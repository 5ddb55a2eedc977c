"""The truth cuts exactly the planted values out of the files, and nothing planted is by accident."""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from collections.abc import Callable
from pathlib import Path

import pytest

from anping.core.columns import Role
from anping.core.dates import parse
from anping.core.errors import InputError
from anping.recipes.sample.files import SampleFiles
from anping.recipes.sample.identifiers import national_checksum_holds
from anping.recipes.sample.truth import DIRECT_TYPES, read_truth

Reader = Callable[[Path, str], list[dict[str, str]]]

SOURCE = Path(__file__).parents[2] / "src" / "anping"


@pytest.fixture(params=["bank", "hospital"])
def sample(request: pytest.FixtureRequest) -> SampleFiles:
    files: SampleFiles = request.getfixturevalue(request.param)
    return files


def test_spans_cut_the_values_from_every_file(sample: SampleFiles, read_rows: Reader) -> None:
    for table in sample.tables:
        if table.path.suffix != ".csv":
            continue
        rows = read_rows(table.path, table.encoding)
        truth = read_truth(sample.folder, table.path.name)
        assert len(rows) == table.rows == len(truth.people)
        assert [c.column for c in truth.columns] == list(rows[0])
        for span in truth.spans:
            cell = rows[span.row][span.column]
            assert cell[span.start : span.end] == span.value
            assert span.value == span.value.strip() != ""


def test_columns_hold_what_they_are_said_to_hold(sample: SampleFiles) -> None:
    truth = read_truth(sample.folder, sample.main.name)
    columns = {c.column: c for c in truth.columns}
    free = [name for name, column in columns.items() if column.role is Role.FREE_TEXT]
    for span in truth.spans:
        if span.column in free:
            continue
        said = columns[span.column].type
        assert span.type == said or (span.type, said) == ("TW_RESIDENT_ID", "TW_NATIONAL_ID")
    in_notes = Counter(span.type for span in truth.spans if span.column in free)
    assert {"PERSON_NAME", "PHONE", "TW_NATIONAL_ID", "ADDRESS_FULL", "EMAIL", "DATE"} <= set(
        in_notes
    )
    assert all(span.type in DIRECT_TYPES and not span.partial for span in truth.direct())


def test_checksums_hold_unless_the_truth_says_otherwise(sample: SampleFiles) -> None:
    spans = read_truth(sample.folder, sample.main.name).spans
    numbers = [s for s in spans if s.type in {"TW_NATIONAL_ID", "TW_RESIDENT_ID"}]
    assert all(national_checksum_holds(s.value) == s.valid for s in numbers)
    wrong = sum(not s.valid for s in numbers)
    assert 0 < wrong < 0.03 * len(numbers)


def test_a_person_has_one_birthday_and_duplicates_share_an_index(sample: SampleFiles) -> None:
    truth = read_truth(sample.folder, sample.main.name)
    days, records = defaultdict(set), defaultdict(set)
    key = "RECORD_ID" if sample.main.stem == "customers" else "MEDICAL_RECORD_NO"
    for span in truth.spans:
        if span.type == "DATE_OF_BIRTH":
            written = parse(span.value)
            assert written is not None
            days[span.person].add(written.day)
        elif span.type == key and span.column in {"客戶編號", "病歷號"}:
            records[span.person].add(span.value)
        if span.column == "姓名":
            assert truth.people[span.row] == span.person
    assert all(len(found) == 1 for found in days.values())
    assert len(records) == sample.people
    twice = sum(len(found) == 2 for found in records.values())
    assert 0.015 < twice / sample.people < 0.045


def test_no_planted_name_is_in_the_product_s_own_texts(sample: SampleFiles) -> None:
    names = {
        span.value
        for span in read_truth(sample.folder, sample.main.name).direct()
        if span.type == "PERSON_NAME"
    }
    texts = "\n".join(
        path.read_text("utf-8")
        for path in sorted(SOURCE.rglob("*"))
        if path.suffix in {".py", ".yaml", ".json", ".html", ".md", ".j2"}
    )
    words = {texts[i : i + n] for n in (3, 4) for i in range(len(texts) - n)}
    assert names & words == set()


def test_truth_can_be_asked_by_cell(sample: SampleFiles) -> None:
    truth = read_truth(sample.folder, sample.main.name)
    cells = truth.by_cell()
    assert sum(len(spans) for spans in cells.values()) == len(truth.spans)
    assert all((s.row, s.column) == cell for cell, spans in cells.items() for s in spans)


def test_truth_is_refused_for_an_unknown_file(sample: SampleFiles) -> None:
    with pytest.raises(InputError) as caught:
        read_truth(sample.folder, "nothing.csv")
    assert caught.value.code == "recipes.no-truth"
    index = json.loads((sample.truth / "index.json").read_text("utf-8"))
    assert all((sample.folder / name).exists() for name in index)
