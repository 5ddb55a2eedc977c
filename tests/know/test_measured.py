"""Reports say how well each type is found, by figures that only the benchmark writes."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from pathlib import Path

import pyarrow as pa
import pytest

from anping.core.measure import Measure
from anping.core.ratings import PRECISION, RECALL, Finder, Ratings, shown
from anping.core.text import LANGUAGES, Language, Text
from anping.engine.documents.document import Writing
from anping.engine.table import Table
from anping.know.discover.measured import FORMAT, measured, ratings_of
from anping.know.discover.own_entities import rules_with
from anping.know.discover.taxonomy import taxonomy
from anping.know.discover.text import Scanner
from anping.know.documents.scan import scan_documents
from anping.know.page import page
from anping.know.scan import Scan, scan
from anping.share.documents_page import documents_page
from anping.stats.intervals import wilson

ROOT = Path(__file__).parents[2]
FILE = ROOT / "src/anping/know/discover/data/measured.json"
SECTION = re.compile("<!-- discover-quality -->(.*?)(?:<!--|$)", re.DOTALL)
NOTES = ["王小明先生來電，電話0912-345-678，身分證A123456789，請回覆，謝謝您的協助。"] * 40


def _told(counted: Mapping[str, list[int]], short: str) -> str:
    """Return how the results write a figure: its share in four digits, as a start of its cell."""
    hits, n = counted[short]
    return f"{hits / n:.4g}" if hits < n else "1 ["


def test_the_packaged_figures_are_those_of_the_results() -> None:
    body = json.loads(FILE.read_text("utf-8"))
    found = SECTION.search((ROOT / "benchmarks/RESULTS.md").read_text("utf-8"))
    assert found is not None
    assert body["format"] == FORMAT
    assert body["written_by"] == "python -m benchmarks.discover.quality"
    for corpus in body["corpora"]:
        part = found[1].split(f"### {corpus['title']['en']}, n = {corpus['documents']:,}")[1]
        lines = {line.split("|")[1].strip(): line for line in part.split("###")[0].splitlines() if line.startswith("| ")}  # fmt: skip
        assert body["counts"][corpus["id"]]
        for kind, counted in body["counts"][corpus["id"]].items():
            cells = [cell.strip() for cell in lines[kind].split("|")[2:-1]]
            for at, short in ((1, "recall"), (3, "precision"), (4, "covered")):
                if short in counted:
                    assert cells[at].removeprefix(">").startswith(_told(counted, short)) or (
                        cells[at].startswith(">0.9") and counted[short][0] < counted[short][1]
                    )
            if "recall" in counted:
                assert cells[0] == f"{counted['recall'][1]:,}"


def test_figures_are_measures_with_n_and_wilson_interval() -> None:
    figures = measured()
    assert {"PERSON_NAME", "TW_NATIONAL_ID", "PHONE", "CREDIT_CARD"} <= set(figures.types)
    assert set(figures.types) <= taxonomy().keys()
    rating = ratings_of(["PHONE"]).ratings[0]
    corpora = {corpus.id: corpus for corpus in figures.corpora}
    assert corpora["first"].in_sample
    assert not corpora["second-held-out"].in_sample
    for corpus in corpora:
        measure = rating.figure(corpus, RECALL)
        assert measure is not None
        assert measure.n > 300
        assert measure.interval == wilson(round(measure.value * measure.n), measure.n)


def test_what_was_not_measured_says_so() -> None:
    rated = ratings_of(["PHONE", "PERSON_NAME", "EMPLOYEE_NUMBER"], own=["PHONE"])
    phone, name, own = rated.ratings
    assert (phone.measures, own.measures) == ((), ())
    assert name.measures
    row = rated.rows("en")[0]
    assert set(row[1:]) == {"not measured"}
    assert set(rated.rows("zh")[2][1:]) == {"未測量"}
    finder = Finder("spacy", "zh_model", "3.8.0", "MIT", "ab" * 32)
    with_model = ratings_of(
        ["PHONE", "PERSON_NAME"], finders=[finder], joined=Text("聯集", "union")
    )
    assert with_model.ratings[0].measures
    assert not with_model.ratings[1].measures
    assert "MIT" in with_model.notes[0].en
    assert "sha256:abababababababab" in with_model.notes[0].zh
    assert Ratings.from_json(json.loads(json.dumps(with_model.as_json()))) == with_model


def test_a_share_that_only_rounds_to_one_is_not_one() -> None:
    title = Text("率", "rate")
    almost = Measure(RECALL, 0.9999, "share", 20_000, title, interval=wilson(19_998, 20_000))
    assert shown(almost, "en").startswith(">0.999 [")
    assert shown(None, "zh") == "語料中沒有"


def test_a_scan_of_free_texts_shows_the_figures_in_both_languages() -> None:
    table = Table.of(pa.table({"note": [f"{text} 第{n}件" for n, text in enumerate(NOTES)]}))
    found = scan(table)
    assert found.ratings is not None
    assert Scan.from_json(json.loads(json.dumps(found.as_json()))) == found
    types = {rating.type for rating in found.ratings.ratings}
    assert {"PHONE", "TW_NATIONAL_ID"} <= types
    drawn = page({"notes": found})
    phone = next(r for r in found.ratings.ratings if r.type == "PHONE")
    told = shown(phone.figure("second-held-out", PRECISION), "en")
    assert told in drawn.replace("&gt;", ">")
    assert "How well these types are found in texts" in drawn
    assert "文字中的這些類型找得多準" in drawn


def test_a_table_without_free_texts_has_no_figures() -> None:
    found = scan(Table.of(pa.table({"n": list(range(50))})))
    assert found.ratings is None
    assert "ratings" not in found.as_json()
    assert "How well these types" not in page({"t": found})


def test_documents_show_the_figures(tmp_path: Path) -> None:
    writing = Writing()
    writing.add("paragraph", NOTES[0])
    writing.add("paragraph", "員工編號E123456")
    own = tmp_path / "own.yaml"
    own.write_text(
        "- {type: EMPLOYEE_NUMBER, labels: [員工編號], rules: [{pattern: 'E[0-9]{6}', prior: 1, context: 5}]}",
        "utf-8",
    )
    rules = rules_with(own)
    report = scan_documents(
        [writing.document("text")],
        find_spans=Scanner(rules=rules).find,
        types=rules.known,
        rate=lambda types: ratings_of(types, known=rules.known, own=["EMPLOYEE_NUMBER"]),
    ).as_json()
    rated = {one["type"]: one for one in report["ratings"]["ratings"]}
    assert rated["PHONE"]["measured"]
    assert not rated["EMPLOYEE_NUMBER"]["measured"]
    drawn = documents_page("papers", report)
    for words in ("未測量", "not measured", "這些類型找得多準", "How well these types are found"):
        assert words in drawn


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_row_has_a_cell_for_each_figure(language: Language) -> None:
    rated = ratings_of(["PHONE", "DATE", "NO_SUCH_TYPE"])
    for row in rated.rows(language):
        assert len(row) == 1 + len(rated.header(language))
