"""A judgement as a whole: the same again for a seed, in JSON, and as a page in both languages."""

from __future__ import annotations

import json
import re
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest

from anping.core.digest import canonical_json
from anping.core.errors import ParameterError
from anping.core.text import Text
from anping.engine.prediction import Task
from anping.engine.table import Table
from anping.judge.fairness import Fairness
from anping.judge.judgement import Judgement, judge_model
from anping.judge.judging import Judging
from anping.judge.model_drawing import draw, ticks
from anping.judge.model_page import Fact, Page, report_page
from anping.judge.section import Grid, GridRow, Line, Plot, Spot, Spots
from anping.judge.thresholds import Costs
from judged_models import OWN, people

_GOLDEN = Path(__file__).parent / "golden" / "judgement.json"


def _judged(
    task: Task = "binary", rows: int = 900, groups: tuple[str, ...] = ("sex", "area")
) -> Judgement:
    predictor, table = people(rows, task=task)
    favourable = {"binary": "no", "classes": "a"}.get(task)
    fairness = Fairness(favourable=favourable)
    costs = Costs(1, 3) if task == "binary" else None
    asked = Judging(
        groups=groups, fairness=fairness, costs=costs, draws=100, proxies=len(groups) > 1
    )
    return judge_model(predictor, table, asked, examinations=OWN)


@pytest.mark.parametrize("task", ["binary", "classes", "number"])
def test_the_same_seed_gives_the_same_report(task: Task) -> None:
    one, other = _judged(task, 500), _judged(task, 500)
    assert canonical_json(one.as_json()) == canonical_json(other.as_json())
    keys = [measure.key for section in one.sections for measure in section.measures]
    assert len(keys) == len(set(keys))
    assert {section.key for section in one.sections} >= {
        "accuracy",
        "calibration",
        "groups",
        "fairness",
    }


def test_the_report_reads_as_it_did() -> None:
    report = json.loads(canonical_json(_judged(rows=400, groups=("sex",)).as_json()))
    golden = json.loads(_GOLDEN.read_text("utf-8"))
    assert _near(report, golden) == []


def _near(one: object, other: object, place: str = "") -> list[str]:
    """Return where two JSON values differ by more than rounding."""
    if isinstance(one, dict) and isinstance(other, dict):
        if one.keys() != other.keys():
            return [place]
        return [at for key in one for at in _near(one[key], other[key], f"{place}/{key}")]
    if isinstance(one, list) and isinstance(other, list):
        if len(one) != len(other):
            return [place]
        return [at for n, (a, b) in enumerate(zip(one, other, strict=True)) for at in _near(a, b, f"{place}/{n}")]  # fmt: skip
    if isinstance(one, float) and isinstance(other, float | int):
        return [] if one == pytest.approx(other, abs=1e-7) else [place]
    return [] if one == other else [place]


def test_the_page_says_everything_in_both_languages_and_loads_nothing() -> None:
    found = _judged()
    page = Page(
        Text("報告", "Report"), "customers <1>", (Fact(Text("模型", "Model"), Text("甲", "A")),),
        found.measures[:2], deviations=(Text("偏離一", "deviation one"),),
    )  # fmt: skip
    html = report_page(page, found.sections)
    assert html == report_page(page, found.sections)
    for section in found.sections:
        assert section.title.zh in html
        assert section.title.en in html
    assert "customers &lt;1&gt;" in html
    assert "deviation one" in html
    assert not re.search(r"<script|src=|url\(|https?://(?!www\.w3\.org)", html)
    assert "default-src 'none'" in html
    assert html.count("<svg") == 2 * sum(len(section.pictures) for section in found.sections)


def test_a_page_that_reports_no_examination_does_not_claim_the_form_of_one() -> None:
    facts = (Fact(Text("目標", "Target"), Text("違約", "default")),)
    title = Text("評分卡", "Scorecard")
    html = report_page(Page(title, "cards", facts, examined=False), ())
    assert "17025" not in html
    assert "fairness tree" not in html
    assert "17025" in report_page(Page(title, "cards", facts), ())


def test_what_is_drawn_is_escaped_and_within_its_frame() -> None:
    label = Text("<b>", "<b>")
    spots = Spots(label, label, label, (Spot(label, 0.2, 0.1, 0.3), Spot(label, 5.0)))
    plot = Plot(label, label, label, label, (Line(label, ((0, 0), (1, 2)), (0, 1), (1, 3)),))
    for picture in (spots, plot):
        drawn = draw(picture, "en")
        assert "<b>" not in drawn
        numbers = [float(n) for n in re.findall(r'c[xy]="([-\d.]+)"', drawn)]
        assert min(numbers) >= 0
        assert max(numbers) <= 440


def test_ticks_are_round_and_within() -> None:
    assert ticks(0, 1) == [0, 0.2, 0.4, 0.6, 0.8, 1.0]
    assert ticks(3, 3) == [3]
    draw_of = np.random.default_rng(1)
    for _ in range(100):
        low, high = sorted(draw_of.normal(0, 100, 2).tolist())
        assert all(low - 1e-9 <= tick <= high + 1e-3 for tick in ticks(low, high))
        assert 2 <= len(ticks(low, high)) <= 12


def test_a_row_that_does_not_fit_its_head_is_a_mistake() -> None:
    with pytest.raises(ValueError, match="a row needs"):
        Grid(Text("", ""), (Text("", ""),), (GridRow(Text("", ""), (None,)),))


def test_many_rows_are_drawn_from_and_that_is_told() -> None:
    predictor, table = people(3000)
    found = judge_model(predictor, Table.of(table), Judging(rows=1000, draws=100), examinations=OWN)
    assert found.used.size == 1000
    assert "1,000 rows drawn" in found.deviations[0].en


def test_few_unknown_targets_are_not_counted_aloud() -> None:
    predictor, table = people(200)
    cells = [None, *table.column("target").to_pylist()[1:]]
    mixed = table.set_column(table.column_names.index("target"), "target", [cells])
    found = judge_model(predictor, mixed, Judging(draws=100), examinations=OWN)
    assert "fewer than 10" in found.deviations[0].en
    assert found.used.size == 199


@pytest.mark.parametrize(
    ("asked", "code"),
    [
        (Judging(groups=("a", "b", "c", "d", "e")), "judge.many-groups"),
        (Judging(threshold=1.5), "judge.settings"),
        (Judging(draws=10), "judge.settings"),
    ],
)
def test_wrong_settings_are_refused(asked: Judging, code: str) -> None:
    predictor, table = people(100)
    with pytest.raises(ParameterError, match=code.replace(".", r"\.")):
        judge_model(predictor, table, asked)


def test_small_counts_of_people_stand_in_no_measure_by_group() -> None:
    found = _judged(rows=150)
    groups = next(section for section in found.sections if section.key == "groups")
    assert all(measure.n >= 5 for measure in groups.measures if "=" in measure.subject)


def test_rows_may_be_an_arrow_table_of_other_order() -> None:
    predictor, table = people(300)
    turned = table.select(list(reversed(table.column_names)))
    one = judge_model(predictor, table, Judging(draws=100), examinations=OWN)
    other = judge_model(predictor, turned, Judging(draws=100), examinations=OWN)
    assert [m.value for m in one.measures] == [m.value for m in other.measures]
    assert isinstance(turned, pa.Table)
