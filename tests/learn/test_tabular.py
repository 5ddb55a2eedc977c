"""A model in three lines: better than guessing, the same for a seed, and kept through a kill."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest

from anping.core.errors import InputError, ParameterError, SchemaError
from anping.core.measure import Measure, find
from anping.core.text import Text
from anping.learn.model import Model
from anping.learn.model_file import read_model, write_model
from anping.learn.search import Effort
from anping.learn.tabular import Learned, Learning, learn_tabular

pytest.importorskip("lightgbm")
pytest.importorskip("catboost")
pytest.importorskip("sklearn")
pytest.importorskip("interpret")
_QUICK = Effort(seconds=1000, trials=2)


def _people(rows: int = 900) -> pa.Table:
    draw = np.random.default_rng(1)
    income, age = draw.lognormal(3, 0.5, rows), draw.integers(20, 80, rows)
    job = draw.choice(["nurse", "driver", "clerk"], rows)
    score = -0.05 * (income - 22) + (job == "driver") * 1.5 + draw.normal(0, 1, rows)
    return pa.table(
        {
            "income": pa.array(np.where(draw.random(rows) < 0.1, np.nan, income), from_pandas=True),
            "age": age,
            "job": job,
            "person": np.arange(rows) // 3,
            "day": np.arange(rows),
            "late": np.where(score > 0.5, "yes", "no"),
            "grade": np.where(score > 1, "c", np.where(score > 0, "b", "a")),
            "amount": np.round(score * 10 + income, 2),
        }
    )


def _measure(learned: Learned, name: str) -> Measure:
    found = find(learned.measures, name)
    assert found is not None
    return found


@pytest.mark.parametrize(
    ("target", "loss"), [("late", "log_loss"), ("grade", "log_loss"), ("amount", "rmse")]
)
def test_it_beats_guessing_on_rows_it_has_not_seen(target: str, loss: str) -> None:
    table = _people()
    others = tuple({"late", "grade", "amount", "person", "day"} - {target})
    learned = learn_tabular(table, target, Learning(exclude=others, effort=_QUICK))
    got, guess = _measure(learned, f"learn.{loss}"), _measure(learned, f"learn.{loss}_constant")
    assert got.value < 0.95 * guess.value
    assert got.n == learned.held_out.size == 180
    assert got.interval is not None
    said = learned.model.predict(table, coverage=0.9)
    if target == "amount":
        assert said.low is not None
        assert (said.low <= said.values).all()
    else:
        assert np.allclose(said.values.sum(axis=1), 1)
        assert said.sets is not None


def test_the_same_seed_gives_the_same_bytes(tmp_path: Path) -> None:
    asked = Learning(exclude=("grade", "amount"), effort=_QUICK)
    for name in ("one", "other"):
        write_model(learn_tabular(_people(), "late", asked).model, tmp_path / name)
    assert (tmp_path / "one").read_bytes() == (tmp_path / "other").read_bytes()


class _KilledError(Exception):
    pass


def _killing(after: int) -> Callable[[Text, int, int | None], None]:
    told = []

    def progress(what: Text, done: int, total: int | None) -> None:
        told.append((what, done, total))
        if len(told) > after:
            raise _KilledError

    return progress


def test_an_interrupted_search_goes_on_where_it_was(tmp_path: Path) -> None:
    asked = Learning(exclude=("grade", "amount"), effort=_QUICK)
    with pytest.raises(_KilledError):
        learn_tabular(_people(), "late", asked, keep=tmp_path / "kept", progress=_killing(1))
    kept = sorted((tmp_path / "kept").iterdir())
    stamps = [path.stat().st_mtime_ns for path in kept]
    assert len(kept) == asked.folds
    again = learn_tabular(_people(), "late", asked, keep=tmp_path / "kept")
    assert [path.stat().st_mtime_ns for path in kept] == stamps
    fresh = learn_tabular(_people(), "late", asked)
    write_model(again.model, tmp_path / "again")
    write_model(fresh.model, tmp_path / "fresh")
    assert (tmp_path / "again").read_bytes() == (tmp_path / "fresh").read_bytes()


def test_an_answer_only_falls_with_a_column_that_is_bound_to_fall() -> None:
    asked = Learning(
        exclude=("grade", "amount", "person", "day"),
        monotone={"income": -1},
        effort=Effort(1000, trials=3),
    )
    learned = learn_tabular(_people(), "late", asked)
    row = _people(3).slice(1, 1).drop_columns(["income"])
    incomes = np.linspace(1, 120, 60)
    rows = pa.concat_tables([row] * incomes.size).append_column("income", pa.array(incomes))
    said = learned.model.predict(rows).values[:, 1]
    assert (np.diff(said) <= 1e-12).all()
    assert said[0] > said[-1]


def test_people_and_time_are_kept_apart() -> None:
    table = _people()
    others = ("grade", "amount")
    by_person = learn_tabular(
        table, "late", Learning(exclude=others, person="person", effort=_QUICK)
    )
    people = table.column("person").to_numpy()
    held = set(people[by_person.held_out])
    learnt = np.setdiff1d(np.arange(900), by_person.held_out)
    assert not held & set(people[learnt])
    by_time = learn_tabular(table, "late", Learning(exclude=others, when="day", effort=_QUICK))
    assert by_time.held_out.min() == 720


def test_one_model_of_curves_and_tables_only() -> None:
    asked = Learning(
        exclude=("grade", "amount"), effort=Effort(1000, trials=1, only="boosted-terms")
    )
    learned = learn_tabular(_people(), "late", asked)
    assert learned.model.forest is None
    assert learned.model.additive is not None


@pytest.mark.parametrize(
    ("target", "asked", "kind", "code"),
    [
        ("nobody", Learning(), SchemaError, "schema.missing-column"),
        ("late", Learning(person="nobody"), SchemaError, "schema.missing-column"),
        ("late", Learning(monotone={"age": 2}), ParameterError, "learn.monotone"),
        ("late", Learning(held_out=0.95), ParameterError, "learn.held-out"),
        ("late", Learning(when="job"), ParameterError, "learn.when"),
        ("late", Learning(effort=Effort(0)), ParameterError, "learn.effort"),
        (
            "late",
            Learning(exclude=("income", "age", "job", "person", "day", "grade", "amount")),
            ParameterError,
            "learn.no-columns",
        ),
    ],
)
def test_what_cannot_be_done_is_said(
    target: str, asked: Learning, kind: type[Exception], code: str
) -> None:
    with pytest.raises(kind) as problem:
        learn_tabular(_people(), target, asked)
    assert getattr(problem.value, "code", "") == code


def test_a_model_file_survives_and_is_refused_when_touched(tmp_path: Path) -> None:
    table = _people()
    path = tmp_path / "model"
    model = learn_tabular(table, "late", Learning(exclude=("grade", "amount"), effort=_QUICK)).model
    write_model(model, path)
    again = read_model(path)
    assert (again.predict(table).values == model.predict(table).values).all()
    assert again.account == model.account
    with pytest.raises(ParameterError) as unknown:
        again.predict(table, coverage=0.5)
    assert unknown.value.code == "learn.coverage"
    content = path.read_bytes()
    draw = np.random.default_rng(1)
    for place in draw.integers(0, len(content), 60):
        changed = bytearray(content)
        changed[place] ^= 1 << int(draw.integers(8))
        path.write_bytes(bytes(changed))
        code, read = _opened(path)
        if read is None:
            assert code in ("model.unreadable", "model.altered", "model.other-version")
        else:
            # A bit of a zip's own fields, such as a date, that no content depends on.
            assert (read.predict(table).values == model.predict(table).values).all()


def _opened(path: Path) -> tuple[str, Model | None]:
    try:
        return "", read_model(path)
    except InputError as problem:
        return problem.code, None


def test_a_file_of_another_version_and_no_model_are_told(tmp_path: Path) -> None:
    import json
    import zipfile

    path = tmp_path / "model"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("model.json", json.dumps({"anping-model": 99}))
    with pytest.raises(InputError) as problem:
        read_model(path)
    assert problem.value.code == "model.other-version"
    path.write_bytes(b"PK nothing")
    with pytest.raises(InputError) as problem:
        read_model(path)
    assert problem.value.code == "model.unreadable"
