"""Every step is killed at random moments (100, those of models 15): nothing is lost or half there, and it runs again."""

import shutil
from collections.abc import Mapping
from pathlib import Path

import pytest
import yaml

from anping.recipes.samples import write_sample
from anping.steps.catalogue import CATALOGUE, step
from anping.workspace.pipeline import Loaded, read_pipeline, run_pipeline
from anping.workspace.witnessing import PUBLIC, cosigned_by, create_witness, know_witness
from anping.workspace.workspace import Workspace
from examples import SUBJECT, chain
from killing import tried
from postgres import postgresql_url

KILLS = 100
#: The steps of models go through the same doors, and some take many seconds: killed as often as the
#: others their tests alone would take an hour.
FEWER_KILLS = 15
OF_MODELS = ("learn.", "judge.model", "run.", "share.model", "govern.consent", "govern.principles")
PEOPLE = 200
STEPS = tuple(CATALOGUE)
AFTERWARDS = ("witness", "dossier")


def complete(pipeline: Path) -> None:
    """Add the steps that the sample's pipeline leaves out, with their examples, at their places."""
    body = yaml.safe_load(pipeline.read_text("utf-8"))
    given = {(entry["step"], entry.get("subject", SUBJECT)): entry for entry in body["steps"]}
    body["steps"] = [
        given.get((name, subject), {"step": name, "subject": subject, "with": dict(example)})
        for name, subject, example in chain()
    ]
    pipeline.write_text(yaml.safe_dump(body, allow_unicode=True), "utf-8")


@pytest.fixture(scope="module")
def before(tmp_path_factory: pytest.TempPathFactory) -> Mapping[str, Path]:
    """Walk the chain once and keep a copy of the workspace from before each step."""
    folder = tmp_path_factory.mktemp("before")
    write_sample("bank", folder / "sample", people=PEOPLE)
    complete(folder / "sample" / "pipeline.yaml")
    place = folder / "place"
    workspace = Workspace.create(place / "workspace", keys=place / "keys")
    know_witness(workspace, create_witness(place / "witness", "auditor.example").read_bytes())
    assert (place / "witness" / PUBLIC).is_file()
    loaded = read_pipeline(folder / "sample" / "pipeline.yaml")
    kept: dict[str, Path] = {}

    def keep(name: str) -> None:
        workspace.database.dispose()
        kept[name] = shutil.copytree(place, folder / "kept" / name)

    for entry in loaded.pipeline.steps:
        if entry.step not in kept:
            keep(entry.step)
        one = loaded.pipeline.model_copy(update={"steps": [entry]})
        list(run_pipeline(workspace, Loaded(one, loaded.folder), step=step))
    keep("witness")
    cosigned_by(workspace, place / "witness")
    keep("dossier")
    return {"": folder / "sample" / "pipeline.yaml", **kept}


@pytest.mark.parametrize("name", [*STEPS, *AFTERWARDS])
def test_killed_at_random_moments(name: str, before: Mapping[str, Path], tmp_path: Path) -> None:
    entries = [entry.step for entry in read_pipeline(before[""]).pipeline.steps]
    kills = FEWER_KILLS if name.startswith(OF_MODELS) else KILLS
    given = {
        "pipeline": str(before[""]),
        "entry": name if name in AFTERWARDS else entries.index(name),
        "before": str(before[name]),
        "scratch": str(tmp_path),
        "kills": kills,
        "seed": 20260101,
    }
    told = tried(given)
    assert told["problems"] == []
    assert told["killed"] + told["finished"] == kills
    # Most kills must have met the step at work, or nothing was tried.
    assert told["killed"] >= kills // 2


def test_the_chain_is_killed_in_postgresql(before: Mapping[str, Path], tmp_path: Path) -> None:
    url = postgresql_url()
    Workspace.create(url, keys=tmp_path / "keys", objects=tmp_path / "objects")
    (tmp_path / "url").write_text(url)
    told = tried(
        {
            "pipeline": str(before[""]),
            "entry": "chain",
            "before": "",
            "scratch": str(tmp_path),
            "kills": KILLS // 4,
            "seed": 7,
            "url": url,
        }
    )
    assert told["problems"] == []
    assert told["killed"] >= KILLS // 8
