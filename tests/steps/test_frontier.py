import json
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import numpy as np
import pyarrow as pa
import pytest

from anping.core.errors import ParameterError
from anping.core.frontier import Frontier
from anping.core.measure import find
from anping.core.progress import Progress
from anping.core.text import Text
from anping.engine.table import Table
from anping.protect import KeyRing, Means, Plan, parse_plan, read_plan
from anping.protect.frontier.family import Family
from anping.recipes.samples import write_sample
from anping.steps.catalogue import step
from anping.steps.compose.notebook import Notebook
from anping.steps.compose.trying import Look, frontier
from anping.workspace.perform import Job, perform
from anping.workspace.workspace import Workspace
from command_line import MARKER, Said, anping

PLAN = """\
plan: 1
model: {k: 5}
columns:
  name: {do: drop}
  age: {do: generalise, hierarchy: {kind: age}}
  zone: {do: generalise, hierarchy: {kind: category}}
  answer: {do: keep}
"""
SMALL = Family(k=(3, 8), recoding=("local", "full_domain"), suppression=(0.1,))


def table(rows: int = 300) -> Table:
    draw = np.random.default_rng(2)
    age = draw.integers(18, 80, rows)
    yes = draw.random(rows) < (age - 10) / 80
    return Table.of(
        pa.table(
            {
                "name": [f"{MARKER}{row}" for row in range(rows)],
                "age": age,
                "zone": [f"zone{each}" for each in draw.integers(0, 4, rows)],
                "answer": ["yes" if each else "no" for each in yes],
            }
        )
    )


def plan() -> Plan:
    return parse_plan(PLAN)


def stopping(after: int) -> Progress:
    """Return progress that is interrupted once so many points are done."""

    def told(what: Text, done: int, total: int | None) -> None:
        if what.en == "Trying the plans" and done == after:
            raise KeyboardInterrupt

    return told


def test_it_takes_three_lines() -> None:
    found = frontier(table(), plan(), family=SMALL)
    assert [point.id for point in found.points] == [
        "plan", "k3-local", "k8-local", "k3-full-s10", "k8-full-s10",
    ]  # fmt: skip
    assert found.front
    for point in found.points:
        values = {measure.key: measure.value for measure in point.measures}
        k = parse_plan(point.plan).model
        assert k is not None
        assert values["risk.prosecutor.max"] <= 1 / k.k
        assert 0 < values["risk.prosecutor.average"] <= values["risk.prosecutor.max"]
        assert values["risk.marketer"] == pytest.approx(values["risk.prosecutor.average"])
        assert 0 <= values["deid.information_loss"] <= 1
        assert 0 <= values["utility.pairwise.mean"] <= values["utility.pairwise.max"] <= 1
        linked = find(point.measures, "risk.linkage.success")
        assert linked is not None
        assert linked.interval is not None


def test_the_same_seed_gives_the_same_frontier() -> None:
    one, other = (frontier(table(), plan(), family=SMALL) for _ in range(2))
    assert one == other


def test_a_plan_that_cannot_be_met_is_told_and_does_not_end_the_others() -> None:
    found = frontier(table(), plan(), family=Family(k=(3, 5000), recoding=("local",)))
    impossible = found.pick("k5000-local")
    assert impossible.why_not is not None
    assert impossible.measures == ()
    assert "k5000-local" not in found.front
    assert find(found.pick("k3-local").measures, "deid.information_loss") is not None


def test_a_target_is_predicted_for_people_whom_no_protection_saw() -> None:
    look = Look(target="answer", cost="model", targets=20)
    found = frontier(table(), plan(), family=Family(k=(3,), recoding=("local",)), look=look)
    lost = find(found.pick("k3-local").measures, "utility.auc.lost")
    assert lost is not None
    assert lost.interval is not None
    assert lost.n == 90
    assert any("before protection" in text.en for text in lost.assumptions)


def test_a_target_that_the_plan_changes_is_refused() -> None:
    with pytest.raises(ParameterError) as caught:
        frontier(table(), plan(), family=SMALL, look=Look(target="age"))
    assert caught.value.code == "frontier.target-changed"


def test_an_interruption_loses_no_point(tmp_path: Path) -> None:
    path = tmp_path / "points.jsonl"
    look = Look(notebook=Notebook.open(path))
    with pytest.raises(KeyboardInterrupt):
        frontier(table(), plan(), family=SMALL, look=look, progress=stopping(3))
    with path.open("ab") as torn:
        torn.write(b'{"id": "k8-lo')
    again = Notebook.open(path)
    assert len(again.points) == 3
    found = frontier(table(), plan(), family=SMALL, look=Look(notebook=again))
    assert len(Notebook.open(path).points) == 5
    assert found == frontier(table(), plan(), family=SMALL, look=Look(notebook=Notebook.open(path)))
    alone = frontier(table(), plan(), family=SMALL)
    assert [(point.id, point.measures) for point in found.points] == [
        (point.id, point.measures) for point in alone.points
    ]
    assert MARKER not in path.read_text("utf-8")


def test_points_of_another_table_or_seed_are_tried_anew(tmp_path: Path) -> None:
    path = tmp_path / "points.jsonl"
    for seed, rows in ((1, 300), (2, 300), (1, 299)):
        look = Look(seed=seed, notebook=Notebook.open(path))
        frontier(table(rows), plan(), family=Family(k=(5,), recoding=("local",)), look=look)
    assert len(Notebook.open(path).points) == 3


MANY = """\
plan: 1
privacy_unit: who
sample: {share: 0.8}
model: {k: 3, l: 2, sensitive: [ill]}
columns:
  who: {do: pseudonym}
  age: {do: generalise, hierarchy: {kind: age}}
  zone: {do: generalise, hierarchy: {kind: category}}
  ill: {do: keep}
  pay: {do: microaggregate, k: 3, group: money}
  pension: {do: microaggregate, k: 3, group: money}
  job: {do: pram, keep: 0.8}
  day: {do: date_shift}
"""


def test_people_with_several_rows_samples_and_other_techniques_are_tried_too() -> None:
    draw, rows = np.random.default_rng(1), 400
    several = pa.table(
        {
            "who": [f"p{row // 2}" for row in range(rows)],
            "age": draw.integers(18, 90, rows),
            "zone": [f"z{each}" for each in draw.integers(0, 6, rows)],
            "ill": [f"i{each}" for each in draw.integers(0, 4, rows)],
            "pay": draw.normal(100, 20, rows),
            "pension": draw.normal(10, 2, rows),
            "job": [f"j{each}" for each in draw.integers(0, 5, rows)],
            "day": pa.array(draw.integers(10000, 11000, rows).astype("int32"), pa.date32()),
        }
    )
    found = frontier(
        Table.of(several),
        parse_plan(MANY),
        family=Family(k=(3,), recoding=("local", "full_domain"), suppression=(0.3,), t=(0.4,)),
        look=Look(targets=30),
        means=Means(KeyRing({"person": b"k" * 32, "date-shift": b"s" * 32})),
    )
    assert [point.id for point in found.points] == ["plan", "k3-local-t0.4", "k3-full-s30-t0.4"]
    for point in found.points:
        values = {measure.key: measure for measure in point.measures}
        assert values["risk.prosecutor.max"].value <= 1 / 3
        # A person in two classes is as safe as in the smaller one.
        assert values["risk.prosecutor.average"].value >= values["risk.marketer"].value
        assert values["risk.prosecutor.average"].n <= rows / 2
        assert "utility.pairwise.mean" in values


@pytest.fixture(scope="module")
def scanned(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("frontier")
    write_sample("bank", folder / "bank", people=200)
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        workspace = Workspace.create(folder / "w", keys=folder / "keys")
        perform(workspace, Job(step("know.add"), "c", {"path": "bank/customers.csv"}))
        perform(workspace, Job(step("know.scan"), "c", {}))
    return folder


def said(folder: Path, *arguments: str | Path) -> Said:
    place = ("--workspace", folder / "w", "--keys", folder / "keys")
    return anping("--lang", "en", *arguments, *place)


FEW: tuple[Any, ...] = ("--recoding", "local", "--targets", "30", "--rows", "300")


def test_a_steward_picks_a_point_and_not_a_k(scanned: Path) -> None:
    done = said(scanned, "frontier", "c", "--k", "3", "--k", "6", *FEW, "--folder", scanned / "out")
    assert done.code == 0, done.err
    assert "k3-local" in done.out
    assert "highest risk" in done.out
    names = {path.name for path in (scanned / "out").iterdir()}
    assert names == {
        "frontier.csv", "frontier.json",
        *(f"frontier.{language}.{kind}" for language in ("zh", "en") for kind in ("md", "svg")),
    }  # fmt: skip
    ET.fromstring((scanned / "out" / "frontier.zh.svg").read_text("utf-8"))
    picked = said(scanned, "frontier", "c", "--pick", "k6-local", "--into", scanned / "p.yaml")
    assert picked.code == 0, picked.err
    assert "anping plan c --file" in picked.out
    found = read_plan(scanned / "p.yaml")
    assert found.model is not None
    assert found.model.k == 6
    assert said(scanned, "plan", "c", "--file", scanned / "p.yaml").code == 0


def test_the_ledger_has_the_front_and_no_measure_of_anybody(scanned: Path) -> None:
    workspace = Workspace.open(scanned / "w", keys=scanned / "keys")
    given = {"k": [3, 6], "recoding": ["local"], "targets": 30, "rows": 300}
    done = perform(workspace, Job(step("judge.frontier"), "c", given))
    content = workspace.path(done.outputs[0]).read_bytes()
    found = Frontier.from_json(json.loads(content))
    told = {measure.subject for measure in done.outcome.measures if measure.subject}
    assert told == set(found.front)
    assert find(done.outcome.measures, "frontier.points") is not None
    assert done.outcome.limits
    names = Table.open(workspace.path(workspace.need("c"))).column("姓名").to_pylist()
    assert not any(name and name in content.decode() for name in names)
    assert not list(workspace.scratch.glob("frontier-*"))


def test_a_wider_family_takes_over_what_is_done(
    scanned: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    workspace = Workspace.open(scanned / "w", keys=scanned / "keys")
    given = {"recoding": ["local"], "targets": 31, "rows": 300}
    perform(workspace, Job(step("judge.frontier"), "c", {**given, "k": [3]}))
    tried = []
    from anping.steps.compose import trying

    real: Any = vars(trying)["trial"]

    def counting(*arguments: Any, **options: Any) -> Any:
        tried.append(arguments)
        return real(*arguments, **options)

    monkeypatch.setattr(trying, "trial", counting)
    done = perform(workspace, Job(step("judge.frontier"), "c", {**given, "k": [3, 4]}))
    assert len(tried) == 1
    assert done.outcome.measures[0].value == 3.0


def test_an_interrupted_step_goes_on_from_its_points(scanned: Path) -> None:
    workspace = Workspace.open(scanned / "w", keys=scanned / "keys")
    job = Job(
        step("judge.frontier"), "c",
        {"k": [3, 4, 7], "recoding": ["local"], "targets": 32, "rows": 300},
    )  # fmt: skip
    with pytest.raises(KeyboardInterrupt):
        perform(workspace, job, progress=stopping(2))
    left = workspace.scratch / "frontier-c.jsonl"
    assert len(Notebook.open(left).points) == 2
    done = perform(workspace, job)
    assert not done.reused
    assert not left.exists()


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (("--pick", "k999", "--into", "x.yaml"), "frontier.unknown-point"),
        (("--k", "1"), "frontier.family"),
        (("--target", "姓名"), "frontier.target-changed"),
    ],
)
def test_what_cannot_be_done_is_told(scanned: Path, words: Any, code: str) -> None:
    done = said(scanned, "--json-errors", "frontier", "c", *words)
    assert done.error["code"] == code


def test_pick_and_into_go_together(scanned: Path) -> None:
    assert said(scanned, "frontier", "c", "--pick", "k3-local").code != 0
