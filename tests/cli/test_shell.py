"""The shell itself: languages, exit codes, mistyped commands, defects and interruptions."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from anping.core import errors
from anping.workspace.workspace import Workspace
from command_line import EXIT, MARKER, anping, fails

COMMANDS: dict[str, tuple[str, ...]] = {
    "no such command": ("scam", "customers"),
    "no such command of a group": ("witness", "sign"),
    "no such option": ("scan", "customers", "--deep"),
    "no argument": ("add",),
    "one argument too many": ("scan", "customers", "other"),
    "no such choice": ("release", "customers", "--tier", "secret"),
    "no number": ("risk", "customers", "--seed", "x"),
    "out of range": ("sample", "bank", "folder", "--people", "3"),
    "no file": ("verify", "dossier", "--trust", "nowhere.json"),
    "an input without a port": ("scan", "customers", "--input", "customers@1"),
}


@pytest.fixture
def empty(tmp_path: Path) -> Path:
    return Workspace.create(tmp_path / "w").folder


@pytest.mark.parametrize("case", COMMANDS)
def test_a_mistyped_command_is_the_same_typed_error(
    case: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    body = fails(*COMMANDS[case], code="command.usage")
    assert "--help" in body["hint"]["en"]
    assert body["what"]["en"].endswith((".", "?"))
    assert list(tmp_path.iterdir()) == []


def test_the_nearest_command_and_option_are_named() -> None:
    assert "run" in fails("rum", code="command.usage")["what"]["zh"]
    assert "--why" in fails("confirm", "x", "--wyh", "y", code="command.usage")["what"]["zh"]


def test_help_and_version_answer_without_a_workspace() -> None:
    for words in (("--help",), ("-h",), ("witness", "--help"), ("--version",)):
        said = anping(*words)
        assert said.code == 0
        assert said.out.strip()
        assert said.err == ""
    said = anping()
    assert said.code == 2
    assert "Usage" in said.all


@pytest.mark.parametrize("language", ["zh_TW.UTF-8", "en_US.UTF-8"])
def test_the_language_asked_for_comes_first(
    language: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("ANPING_LANG", language)
    first, second = anping("scan", "x", "--workspace", tmp_path / "w").err.splitlines()
    assert ("工作區" in first) == language.startswith("zh")
    assert ("workspace here" in second) == language.startswith("zh")
    assert first.startswith("[workspace.missing]")


LISTING = """
import json
from anping.cli.main import build

def walk(name, command):
    yield name, command.help or ""
    for each in command.params:
        if each.param_type_name == "option":
            yield f"{name} {each.opts[0]}", each.help or ""
    for below, other in getattr(command, "commands", {}).items():
        yield from walk(f"{name} {below}", other)

print(json.dumps(dict(walk("anping", build()))))
"""


def helped(language: str) -> dict[str, str]:
    """Return the help of every command and option; a process speaks one language from its start."""
    done = subprocess.run(
        [sys.executable, "-c", LISTING],
        env={**os.environ, "ANPING_LANG": language},
        capture_output=True,
        check=True,
        text=True,
        encoding="utf-8",
    )
    found: dict[str, str] = json.loads(done.stdout)
    return found


def test_every_command_and_option_has_help_in_both_languages() -> None:
    chinese, english = helped("zh"), helped("en")
    assert chinese.keys() == english.keys()
    assert len(english) > 100
    own = [key for key in english if not key.endswith((" --help", " --version"))]
    assert [key for key in own if not english[key]] == []
    assert [key for key in own if chinese[key] == english[key]] == []


def test_exit_codes_are_a_contract() -> None:
    """One exit code per family of errors; scripts rely on them."""
    codes = {
        name: kind.exit_code
        for name, kind in vars(errors).items()
        if isinstance(kind, type) and issubclass(kind, errors.AnpingError)
    }
    assert codes == {
        "AnpingError": 1, "ParameterError": 2, "PlanError": 2, "PolicyError": 2, "InputError": 3,
        "SchemaError": 3, "InfeasibleError": 4, "Refusal": 5, "KeyStoreError": 6,
        "EvidenceError": 7, "WorkspaceError": 8, "MissingExtraError": 9,
    }  # fmt: skip
    assert set(EXIT.values()) <= set(codes.values())


def test_the_json_envelope_is_one_line_with_one_shape(tmp_path: Path) -> None:
    said = anping("--json-errors", "scan", "x", "--workspace", tmp_path)
    assert said.out == ""
    assert said.err.count("\n") == 1
    assert json.loads(said.err).keys() == {"error"}
    assert said.error.keys() == {"code", "what", "where", "hint"}
    assert said.error["where"].keys() == {"file", "row", "column"}
    assert said.error["what"].keys() == said.error["hint"].keys() == {"zh", "en"}


def broken(*_: object, **__: object) -> object:
    raise ValueError(MARKER)


def interrupted(*_: object, **__: object) -> object:
    raise KeyboardInterrupt


ASSETS = "anping.workspace.workspace.Workspace.assets"


def test_a_defect_shows_its_place_and_no_value(
    empty: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ASSETS, broken)
    said = anping("--json-errors", "assets", "--workspace", empty)
    assert said.code == 70
    assert said.error["code"] == "system.defect"
    assert said.error["where"]["row"] > 0
    assert MARKER not in said.all
    monkeypatch.setenv("ANPING_DEBUG", "1")
    with pytest.raises(ValueError, match=MARKER):
        anping("assets", "--workspace", empty)


@pytest.mark.parametrize("language", ["zh", "en"])
def test_an_interruption_says_so(
    empty: Path, monkeypatch: pytest.MonkeyPatch, language: str
) -> None:
    monkeypatch.setenv("ANPING_LANG", language)
    monkeypatch.setattr(ASSETS, interrupted)
    said = anping("assets", "--workspace", empty)
    assert said.code == 130
    assert {"zh": "已中斷", "en": "Interrupted"}[language] in said.err


def test_a_workspace_is_made_once_and_never_overwritten(tmp_path: Path) -> None:
    place = ("--workspace", tmp_path / "w")
    assert anping("init", *place).code == 0
    first = Workspace.open(tmp_path / "w").fact("id")
    assert anping("init", *place).code == 0
    assert Workspace.open(tmp_path / "w").fact("id") == first
    assert (tmp_path / "w").stat().st_mode & 0o077 == 0
    assert (tmp_path / "w.keys").stat().st_mode & 0o077 == 0
    for key in (tmp_path / "w.keys").iterdir():
        assert key.stat().st_mode & 0o077 == 0, key.name


def test_the_environment_may_name_the_workspace(
    empty: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("ANPING_WORKSPACE", str(empty))
    monkeypatch.setenv("ANPING_KEYS", str(empty.with_name("w.keys")))
    said = anping("log")
    assert said.code == 0
