"""The report holds all that is examined of what a model leans on and how it breaks, and no row of anybody."""

from __future__ import annotations

import json

import numpy as np
import pyarrow as pa
import pytest

from anping.engine.prediction import Task
from anping.judge.explanation_sections import (
    adversary_section,
    effects_section,
    importance_section,
    recourse_section,
    robustness_section,
)
from anping.judge.judgement import Judgement, Learnt, judge_model
from anping.judge.judging import Judging
from anping.judge.section import Grid, Plot, Spots
from anping.share.methods import method_title
from toy_predictors import Floats, Toy, cells, people, risk, signature

_KEYS = {"importance", "effects", "recourse", "robustness", "shift", "adversary", "stability", "membership", "inference"}  # fmt: skip


def _rows(rows: int, seed: int, task: Task) -> pa.Table:
    found = people(rows, seed)
    draw = np.random.default_rng(seed)
    sums = risk(found)
    if task == "number":
        target = pa.array(np.round(sums + draw.normal(0, 1, rows), 3))
    elif task == "binary":
        target = pa.array(np.where(draw.random(rows) < 1 / (1 + np.exp(-sums)), "yes", "no"))
    else:
        target = pa.array(np.array(["a", "b", "c"])[np.digitize(sums + draw.logistic(size=rows), [0, 1])])  # fmt: skip
    return found.append_column("target", target)


def _learn(rows: pa.Table, seed: int, task: Task) -> Toy:
    """Learn nothing but a little noise."""
    extra = np.random.default_rng(seed).normal(0, 0.05)
    classes = ("a", "b", "c") if task == "classes" else ("no", "yes")

    def answer(asked: pa.Table) -> Floats:
        sums = risk(asked) + extra
        if task == "classes":
            return np.column_stack([-sums, np.zeros(sums.size), sums - 0.5])
        return sums

    return Toy(signature(rows.drop_columns(["target"]), task, classes), answer)


def _judged(task: Task, **asked: str) -> Judgement:
    train, test = _rows(600, 1, task), _rows(500, 2, task)
    toy = _learn(train, 0, task)
    learnt = Learnt(train, lambda rows, seed: _learn(rows, seed, task))
    return judge_model(toy, test, Judging(draws=100, **asked), learnt=learnt)  # type: ignore[arg-type]


@pytest.mark.parametrize("task", ["binary", "classes", "number"])
def test_every_section_is_whole(task: Task) -> None:
    found = _judged(task)
    mine = {section.key: section for section in found.sections if section.key in _KEYS}
    missing = {"binary": set(), "classes": {"recourse"}, "number": {"recourse", "adversary"}}
    assert mine.keys() == _KEYS - missing[task]
    keys: list[str] = []
    for section in mine.values():
        keys += [measure.key for measure in section.measures]
        assert section.limits
        assert section.title.zh
        for measure in section.measures:
            assert measure.title.zh != measure.title.en or measure.title.en == "AUC"
            for part in measure.method.split("; "):
                assert method_title(part).zh != part
        for each in section.grids:
            assert isinstance(each, Grid)
        for picture in section.pictures:
            assert isinstance(picture, Plot | Spots)
            assert picture.said.zh
    assert len(set(keys)) == len(keys)
    json.dumps([section.as_json() for section in mine.values()])


def test_rows_of_one_person_are_told_of() -> None:
    train = _rows(300, 1, "binary")
    test = _rows(200, 2, "binary").append_column("who", pa.array(np.arange(200) // 2))
    found = judge_model(_learn(train, 0, "binary"), test, Judging(draws=100, person="who"))
    (section,) = [one for one in found.sections if one.key == "importance"]
    assert any("several rows" in limit.en for limit in section.limits)
    assert not {"stability", "membership", "inference"} & {one.key for one in found.sections}


def test_the_same_seed_gives_the_same_numbers() -> None:
    one, other = (_judged("binary") for _ in range(2))
    assert [section.as_json() for section in one.sections] == [section.as_json() for section in other.sections]  # fmt: skip


def test_a_model_of_many_columns_is_explained_by_those_that_matter() -> None:
    draw = np.random.default_rng(7)
    rows = pa.table({f"c{at}": draw.normal(size=300) for at in range(150)})
    sums = 2 * cells(rows, "c3") - cells(rows, "c77")
    target = np.where(draw.random(300) < 1 / (1 + np.exp(-sums)), "yes", "no")
    toy = Toy(signature(rows), lambda asked: 2 * cells(asked, "c3") - cells(asked, "c77"))
    found = judge_model(
        toy,
        rows.append_column("target", pa.array(target)),
        Judging(draws=100),
        examinations=[importance_section],
    )
    (section,) = found.sections
    assert {section.grids[0].rows[at].label.en for at in range(2)} == {"c3", "c77"}
    assert any("60 columns of 150" in limit.en for limit in section.limits)


def test_columns_of_codes_are_examined_as_others() -> None:
    train, test = _rows(300, 1, "binary"), _rows(300, 2, "binary")
    place = test.column_names.index("job")
    coded = test.set_column(place, "job", test.column("job").dictionary_encode())
    toy = _learn(train, 0, "binary")
    chosen = [robustness_section, effects_section, recourse_section, adversary_section]
    one, other = (
        judge_model(toy, table, Judging(draws=100), examinations=chosen) for table in (test, coded)
    )
    assert [part.as_json() for part in one.sections] == [part.as_json() for part in other.sections]
