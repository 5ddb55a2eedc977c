"""What cannot be learnt is said in both languages, at once, and nothing half-done is left."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from anping.workspace.workspace import Workspace
from command_line import Place, anping
from places import home

ROWS = 120
QUICK = ("--only", "lightgbm", "--seconds", "0.1")


@pytest.fixture(scope="module")
def bare(tmp_path_factory: pytest.TempPathFactory) -> Place:
    """An own workspace; each test takes its own table in."""
    folder = tmp_path_factory.mktemp("bare")
    home("sqlite", folder).create()
    return Place(home("sqlite", folder), folder, folder)


def take_in(place: Place, name: str, columns: dict[str, Sequence[Any]], *purposes: str) -> None:
    path = place.folder / f"{name}.csv"
    with path.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.writer(stream)
        writer.writerow(columns)
        writer.writerows(zip(*columns.values(), strict=True))
    place.run("add", name, path, *(f"--purposes={purpose}" for purpose in purposes or ("TRAIN",)))


def drawn(seed: int = 1) -> tuple[list[int], list[float]]:
    draw = np.random.default_rng(seed)
    target = draw.integers(0, 2, ROWS)
    return target.tolist(), (target + draw.normal(size=ROWS)).round(3).tolist()


def test_one_class(bare: Place) -> None:
    take_in(bare, "one", {"y": ["no"] * ROWS, "x": drawn()[1]})
    body = bare.refused("learn", "tabular", "one", "--target", "y", *QUICK, code="learn.one-class")
    assert body["where"]["column"] == "y"


def test_columns_without_any_value(bare: Place) -> None:
    target, _ = drawn()
    take_in(bare, "empty", {"y": target, "a": [""] * ROWS, "b": [""] * ROWS})
    bare.refused("learn", "tabular", "empty", "--target", "y", *QUICK, code="learn.no-columns")


def test_a_column_that_is_not_there(bare: Place) -> None:
    target, told = drawn()
    take_in(bare, "known", {"outcome": target, "x": told})
    for words in (
        ("--target", "outcomes"),
        ("--target", "outcome", "--exclude", "z"),
        ("--target", "outcome", "--monotone", "z:+1"),
        ("--target", "outcome", "--person", "z"),
    ):
        bare.refused("learn", "tabular", "known", *words, *QUICK, code="schema.missing-column")
    bare.refused(
        "learn", "tabular", "known", "--target", "outcome", "--monotone", "x", code="learn.bound"
    )


@pytest.mark.parametrize("purposes", [(), ("EVAL_ONLY",)])
def test_a_purpose_that_nobody_permitted(
    bare: Place, purposes: tuple[str, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    target, told = drawn()
    name = f"barred{len(purposes)}"
    path = bare.folder / f"{name}.csv"
    path.write_text("y,x\n" + "".join(f"{y},{x}\n" for y, x in zip(target, told, strict=True)))
    bare.run("add", name, path, *(f"--purposes={purpose}" for purpose in purposes))
    before = bare.workspace().ledger.size
    for language, words in (("en", "TRAIN"), ("zh", "目的 TRAIN")):
        monkeypatch.setenv("ANPING_LANG", language)
        said = anping("learn", "tabular", name, "--target", "y", *bare.options)
        assert said.code == 5
        assert words in said.out
        assert "--purposes TRAIN" in said.out
    workspace = bare.workspace()
    assert workspace.ledger.size == before + 2
    assert workspace.find(f"{name}.model") is None
    assert workspace.find(f"{name}.refusal") is not None


def test_a_target_that_stands_in_another_column_too(bare: Place) -> None:
    target, told = drawn()
    words = [["paid", "defaulted"][y] for y in target]
    take_in(bare, "leaked", {"y": target, "x": told, "status": words})
    said = bare.run("learn", "tabular", "leaked", "--target", "y", *QUICK)
    assert "status" in said.out
    assert learnt_from(bare, "leaked") == ["x"]


def learnt_from(place: Place, name: str) -> list[str]:
    from anping.steps.compose.models import open_model

    model = open_model(place.workspace(), name).model
    return [feature.name for feature in model.signature.features]


def test_dates_written_as_text_are_dates(bare: Place) -> None:
    from anping.steps.compose.models import open_model

    target, told = drawn()
    days = [f"民國{100 + n % 12}年{n % 12 + 1}月{n % 28 + 1}日" for n in range(ROWS)]
    take_in(bare, "dated", {"y": target, "x": told, "since": days})
    bare.run("learn", "tabular", "dated", "--target", "y", *QUICK)
    features = open_model(bare.workspace(), "dated").model.signature.features
    assert {each.name: each.nature for each in features}["since"] == "date"


def test_ten_thousand_columns(bare: Place) -> None:
    target, told = drawn()
    draw = np.random.default_rng(2)
    few = {f"c{n}": draw.integers(0, 2, ROWS).tolist() for n in range(200)}
    same = {f"s{n}": ["same"] * ROWS for n in range(9_800)}
    take_in(bare, "wide", {"y": target, "x": told, **few, **same})
    said = bare.run("learn", "tabular", "wide", "--target", "y", *QUICK)
    assert "fewer than 10 rows for each column" in said.out
    assert "x" in learnt_from(bare, "wide")


def test_a_hundred_thousand_categories(bare: Place) -> None:
    rows = 110_000
    draw = np.random.default_rng(3)
    target = draw.integers(0, 2, rows).tolist()
    names = [f"v{n % 100_000}" for n in range(rows)]
    take_in(
        bare, "many", {"y": target, "x": draw.normal(size=rows).round(2).tolist(), "name": names}
    )
    bare.run("learn", "tabular", "many", "--target", "y", *QUICK)
    model = bare.workspace().need("many.model")
    assert bare.workspace().path(model).stat().st_size < 20_000_000


def _altered(workspace: Workspace, name: str, at: int) -> None:
    path = workspace.path(workspace.need(name))
    content = bytearray(path.read_bytes())
    content[at] ^= 1
    path.chmod(0o600)
    path.write_bytes(bytes(content))


@pytest.fixture
def with_model(bare: Place) -> Place:
    target, told = drawn()
    take_in(bare, "kept", {"y": target, "x": told})
    bare.run("learn", "tabular", "kept", "--target", "y", *QUICK)
    return bare


def test_a_model_altered_by_one_byte_answers_nobody(with_model: Place) -> None:
    workspace = with_model.workspace()
    size = workspace.path(workspace.need("kept.model")).stat().st_size
    for at in (0, size // 2, size - 1):
        _altered(workspace, "kept.model", at)
        said = anping("predict", "kept", "kept", *with_model.options)
        assert said.code not in (0, 70)
        assert "kept.model@1" in said.err
        _altered_back(workspace, at)
    with_model.run("predict", "kept", "kept")


def _altered_back(workspace: Workspace, at: int) -> None:
    asset = workspace.need("kept.model")
    path = next(workspace.folder.rglob(f"*{asset.digest[2:]}*"))
    content = bytearray(path.read_bytes())
    content[at] ^= 1
    path.write_bytes(bytes(content))


def test_what_cannot_be_scored(with_model: Place) -> None:
    take_in(with_model, "other", {"z": list(range(ROWS))})
    with_model.refused("predict", "kept", "other", code="schema.missing-column")
    with_model.refused("predict", "kept", "nowhere", code="workspace.asset-missing")
    with_model.refused("predict", "kept", "kept", "--coverage", "0.7", code="learn.coverage")
    with_model.refused("predict", "kept", "kept", "--carry", "w", code="schema.missing-column")
    with_model.refused("predict", "kept", "../x", code="parameter.subject")
    with_model.refused("predict", "nobody", "kept", code="workspace.asset-missing")


def test_a_register_that_cannot_be(with_model: Place, tmp_path: Path) -> None:
    file = tmp_path / "consents.csv"
    file.write_text("person,decision,when\nC1,maybe,2026-01-01\n", "utf-8")
    words = ("consent", "kept", "--file", file)
    with_model.refused("consent", "kept", code="consent.nothing-given")
    with_model.refused(*words, code="consent.nothing-given")
    body = with_model.refused(*words, "--person", "x", code="consent.decision")
    assert (body["where"]["row"], body["where"]["column"]) == (1, "decision")
    file.write_text("person,decision,when\nC1,given,2026-01-01\n", "utf-8")
    with_model.refused(*words, "--person", "who", code="schema.missing-column")
    said = with_model.run(*words, "--person", "x")
    assert "Nobody of the register is in the table" in said.out
