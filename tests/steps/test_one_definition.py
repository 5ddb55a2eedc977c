"""One definition, every shell: the command line, a pipeline and Python write the same ledger entry.

The command line's options, the pipeline's parameters and the library's model are one thing: the
JSON Schema of the step's parameter model.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import click
import pytest
import yaml

from anping.cli.main import build
from anping.cli.render import options
from anping.recipes.samples import write_sample
from anping.steps.catalogue import CATALOGUE, step, steps
from anping.workspace.parameters import read_parameters
from anping.workspace.perform import Job, perform
from anping.workspace.pipeline import read_pipeline, run_pipeline
from anping.workspace.step import Step
from anping.workspace.workspace import Workspace
from command_line import anping
from examples import SUBJECT, SUBJECTS, chain
from walking import Walk

STEPS = steps()
IDS = [each.id for each in STEPS]
CHAIN = [(step(name), subject, given) for name, subject, given in chain()]
#: What the same work gives byte for byte: the others hold random order or the moment of a decision.
REPEATABLE = {"know.add", "know.scan", "judge.detection", "protect.plan", "govern.policy"}
#: A confirmation holds the moment of the decision.
DATED_PORTS = {"findings", "earlier"}
SHARED_OPTIONS = {"subject", "agent", "inputs", "workspace_folder", "key_folder"}
#: Options of single commands that hand over what the step made; they are no parameters of it.
HANDING_OVER = {
    "share.release": {"dossier", "witness"},
    "share.model": {"dossier", "witness"},
    "judge.frontier": {"pick", "into", "folder"},
    "protect.redact": {"into"},
    "know.contract": {"into"},
}


def found(group: click.Group, words: str) -> click.Command:
    """Return the command of one word, or of two in its group."""
    first, _, second = words.partition(" ")
    command = group.commands[first]
    if not second:
        return command
    assert isinstance(command, click.Group)
    return command.commands[second]


def as_arguments(given: Step, example: Mapping[str, Any]) -> list[str]:
    """Write a step's example as a user types it."""
    schema = given.parameters.model_json_schema().get("properties", {})
    words: list[str] = []
    for name in given.positional:
        value = example.get(name, [])
        words += map(str, value if isinstance(value, list) else [value])
    for name, value in example.items():
        flag = "--" + name.replace("_", "-")
        if name in given.positional:
            continue
        if schema[name].get("type") == "boolean":
            words.append(flag if value else f"--no-{flag[2:]}")
        else:
            for item in value if isinstance(value, list) else [value]:
                words += [flag, str(item)]
    return words


def by_command_line(workspace: Workspace) -> None:
    place = ["--workspace", str(workspace.folder), "--keys", workspace.key_store.location]
    for each, name, example in CHAIN:
        subject = [name] if each.has_subject else []
        said = anping(*each.command.split(), *subject, *as_arguments(each, example), *place)
        assert said.code in (0, 5), said.err


def by_pipeline(workspace: Workspace) -> None:
    entries = [
        {"step": each.id, "subject": subject, "with": dict(example)}
        for each, subject, example in CHAIN
    ]
    path = Path("written.yaml")
    path.write_text(
        yaml.safe_dump({"pipeline": 1, "subject": "customers", "steps": entries}), "utf-8"
    )
    list(run_pipeline(workspace, read_pipeline(path), step=step))


def by_python(workspace: Workspace) -> None:
    for each, subject, example in CHAIN:
        perform(workspace, Job(each, subject, example))


SHELLS = {"command line": by_command_line, "pipeline": by_pipeline, "python": by_python}
Records = dict[str, list[Mapping[str, Any]]]


@pytest.fixture(scope="module")
def records(tmp_path_factory: pytest.TempPathFactory) -> Records:
    """Every step's example through every shell, with the same keys, and what the ledger says."""
    folder = tmp_path_factory.mktemp("shells")
    write_sample("bank", folder / "sample", people=200)
    found: Records = {}
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder / "sample")
        for name, shell in SHELLS.items():
            workspace = Workspace.create(folder / name, keys=folder / "keys")
            shell(workspace)
            told = [entry.record for entry in workspace.ledger.entries()]
            assert len(told) == len(CHAIN), name
            found[name] = [
                record
                for record, (each, subject, _) in zip(told, CHAIN, strict=True)
                if subject == SUBJECTS.get(each.id, SUBJECT)
            ]
    return found


def entry(record: Mapping[str, Any]) -> dict[str, Any]:
    """Return what a ledger entry says beside when it was written and what is random."""
    predicate = record["predicate"]
    repeatable = predicate["step"]["id"] in REPEATABLE

    def resource(value: Mapping[str, Any]) -> dict[str, Any]:
        said = {"name": value["name"], "annotations": value["annotations"]}
        dated = value["annotations"]["port"] in DATED_PORTS
        return {**said, "digest": value["digest"]} if repeatable and not dated else said

    return {
        "step": predicate["step"],
        "invocation": predicate["invocation"],
        "agent": predicate["agent"],
        "materials": [resource(value) for value in predicate["materials"]],
        "subject": [resource(value) for value in record["subject"]],
        "measures": predicate["measurements"]
        if repeatable
        else [
            (value["id"], value["subject"], value["unit"]) for value in predicate["measurements"]
        ],
        "lowers": predicate["lowers"],
        "outcome": (predicate["decision"] or {}).get("outcome"),
    }


def test_every_example_runs_through_every_shell(records: Records) -> None:
    for name in SHELLS:
        assert [record["predicate"]["step"]["id"] for record in records[name]] == IDS, name


@pytest.mark.parametrize("identifier", IDS)
def test_every_shell_writes_the_same_ledger_entry(records: Records, identifier: str) -> None:
    place = IDS.index(identifier)
    expected = entry(records["python"][place])
    assert expected["invocation"]["parametersDigest"]
    for name in SHELLS:
        assert entry(records[name][place]) == expected, name


@pytest.mark.parametrize("identifier", IDS)
def test_the_options_are_exactly_the_schema(identifier: str) -> None:
    given = step(identifier)
    schema = given.parameters.model_json_schema()
    command = found(build(), given.command)
    own = {each.name for each in command.params} - SHARED_OPTIONS
    handing_over = HANDING_OVER.get(identifier, set())
    assert own >= handing_over
    own -= handing_over
    assert own == set(schema.get("properties", {}))
    required = {each.name for each in options(given, positional=given.positional) if each.required}
    assert required == set(schema.get("required", ()))
    assert set(given.positional) <= set(schema.get("properties", {}))


@pytest.mark.parametrize("identifier", IDS)
def test_a_choice_in_the_schema_is_a_choice_on_the_command_line(identifier: str) -> None:
    given = step(identifier)
    schema = given.parameters.model_json_schema()["properties"]
    for each in options(given, positional=given.positional):
        assert each.name is not None
        choices = schema[each.name].get("enum")
        if choices:
            assert isinstance(each.type, click.Choice)
            assert list(each.type.choices) == choices


def chinese(text: str) -> bool:
    return any("\u4e00" <= letter <= "\u9fff" for letter in text)


@pytest.mark.parametrize("identifier", IDS)
def test_every_word_about_a_step_is_in_both_languages(identifier: str) -> None:
    given = step(identifier)
    assert chinese(given.title.zh)
    assert given.title.en.isascii()
    for name, field in given.parameters.model_json_schema().get("properties", {}).items():
        assert chinese(field["zh"]), name
        assert field["description"], name
        assert not chinese(field["description"]), name


@pytest.mark.parametrize("identifier", IDS)
def test_every_example_is_valid(identifier: str) -> None:
    given = step(identifier)
    assert read_parameters(given, given.example).model_dump(exclude_defaults=True).keys() <= set(
        given.example
    )
    fields = given.parameters.model_json_schema().get("properties", {})
    assert given.example or not fields, "a step with parameters has an example"


@pytest.mark.parametrize("language", ["zh", "en"])
def test_help_speaks_the_language_asked_for(language: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ANPING_LANG", language)
    for given in STEPS:
        said = anping(*given.command.split(), "--help")
        assert said.code == 0
        assert given.title.to("zh" if language == "zh" else "en") in said.out
    listed = anping("steps").out
    assert all(identifier in listed for identifier in CATALOGUE)


def test_commands_and_ids_are_unique() -> None:
    assert len({each.command for each in STEPS}) == len(STEPS)
    assert [each.id for each in STEPS] == list(CATALOGUE)
    assert set(build().commands) >= {each.command.split()[0] for each in STEPS}


def test_the_samples_own_pipeline_uses_only_documented_parameters(bank: Walk) -> None:
    loaded = read_pipeline(bank.sample / "pipeline.yaml")
    for each in loaded.pipeline.steps:
        known = step(each.step).parameters.model_json_schema().get("properties", {})
        assert set(each.parameters) <= set(known)
