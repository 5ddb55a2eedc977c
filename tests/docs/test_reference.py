"""The reference pages are what the code says, and name every step, command, option and code."""

import importlib
import re
import sys
from pathlib import Path
from typing import Any

import pytest

from anping.know.discover.taxonomy import taxonomy
from anping.steps.catalogue import CATALOGUE, step

ROOT = Path(__file__).parents[2]
REFERENCE = ROOT / "docs" / "reference"


@pytest.fixture(scope="module")
def generator() -> Any:
    sys.path.insert(0, str(ROOT))
    try:
        return importlib.import_module("docs.make_reference")
    finally:
        sys.path.remove(str(ROOT))


def written(name: str) -> str:
    return (REFERENCE / name).read_text("utf-8")


@pytest.mark.parametrize(
    "name", ["cli.md", "steps.md", "errors.md", "python.md", "columns.md", "policy.md"]
)
def test_a_page_is_what_the_code_says(name: str, generator: Any) -> None:
    assert written(name) == generator.PAGES[name](), "the code changed: run make reference"


def test_every_page_of_the_folder_is_generated(generator: Any) -> None:
    assert {path.name for path in REFERENCE.iterdir()} == set(generator.PAGES)


@pytest.mark.parametrize("identifier", CATALOGUE)
def test_a_step_is_documented_with_all_its_parameters_and_ports(identifier: str) -> None:
    page = written("steps.md")
    section = page.partition(f"\n## `{identifier}`\n")[2].partition("\n## ")[0]
    found = step(identifier)
    assert found.title.zh in section
    assert found.title.en in section
    for name, field in found.parameters.model_fields.items():
        assert f"| `{name}` |" in section
        assert str(field.description) in section.replace("\\|", "|")
    for port in (*found.takes, *found.gives):
        assert f"`{port.name}`" in section


@pytest.mark.parametrize("language", ["en", "zh"])
def test_every_command_and_option_is_documented_with_its_help(
    language: str, generator: Any
) -> None:
    assert "cli.md" in generator.PAGES
    commands = importlib.import_module("docs.pages.cli").command_tree(language)
    page = written("cli.md")
    assert len(commands) > 20
    for command in commands:
        section = page.partition(f"\n## `{command['path']}`\n")[2].partition("\n## ")[0]
        assert section, command["path"]
        for parameter in command["parameters"]:
            shown = parameter["names"][0]
            name = shown if shown.startswith("-") else shown.upper()
            assert f"`{name}`" in section, (command["path"], name)
            assert " ".join(parameter["help"].split()) in section.replace("&lt;", "<")


def test_every_code_with_a_text_beside_it_is_documented() -> None:
    """Looks for the codes by another way than the generator: by the shape of the source."""
    page = written("errors.md")
    beside = re.compile(r'"([a-z][a-z-]*\.[a-z0-9-]+)",\s*Text\(')
    found = {
        code
        for path in (ROOT / "src" / "anping").rglob("*.py")
        if "recipes" not in path.parts
        for code in beside.findall(path.read_text("utf-8"))
    }
    assert len(found) > 100
    # One function of the charts takes a measure's name before a text; that is no error code.
    assert {code for code in found if f"`{code}`" not in page} <= {"risk.marketer"}


def test_every_semantic_type_is_documented() -> None:
    page = written("columns.md")
    assert all(f"| `{name}` |" in page for name in taxonomy())
