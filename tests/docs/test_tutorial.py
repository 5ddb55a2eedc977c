"""Both tutorials hold the same commands; each language's are run, in order, in an empty folder."""

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

DOCS = Path(__file__).parents[2] / "docs"
TUTORIALS = {"en": DOCS / "tutorial.en.md", "zh": DOCS / "tutorial.zh-TW.md"}

_BLOCK = re.compile(r"^```console\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_EXIT = re.compile(r"\s*# exit (\d+)$")


@dataclass(frozen=True)
class Command:
    line: str
    exit_code: int
    shows: tuple[str, ...]


def commands(tutorial: Path) -> Iterator[Command]:
    text = tutorial.read_text("utf-8")
    for block in _BLOCK.findall(text):
        first, *others = re.split(r"^\$ ", block, flags=re.MULTILINE)
        assert not first.strip(), "a console block starts with a command"
        for other in others:
            line, *shown = other.splitlines()
            marked = _EXIT.search(line)
            code = int(marked.group(1)) if marked else 0
            yield Command(_EXIT.sub("", line), code, tuple(filter(None, map(squeezed, shown))))


def squeezed(text: str) -> str:
    return " ".join(text.split())


def without_reason(line: str) -> str:
    """A person's reason is free text, so each language may give its own."""
    return re.sub(r'--why "[^"]*"', "--why", line)


def test_both_languages_hold_the_same_commands() -> None:
    english, chinese = (
        [(without_reason(command.line), command.exit_code) for command in commands(path)]
        for path in TUTORIALS.values()
    )
    assert english == chinese
    assert len(english) > 30


def test_the_tutorial_speaks_of_refusal_and_of_tampering() -> None:
    codes = [command.exit_code for command in commands(TUTORIALS["en"])]
    assert 5 in codes
    assert 7 in codes


@pytest.mark.parametrize("language", TUTORIALS)
def test_every_command_does_what_the_page_says(language: str, tmp_path: Path) -> None:
    path = os.pathsep.join((str(Path(sys.executable).parent), os.environ["PATH"]))
    kept = {name: os.environ[name] for name in ("HOME", "TMPDIR") if name in os.environ}
    environment = {**kept, "PATH": path, "ANPING_LANG": language, "PYTHONUTF8": "1"}
    for command in commands(TUTORIALS[language]):
        done = subprocess.run(
            ["/bin/sh", "-c", command.line],
            cwd=tmp_path,
            env=environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            check=False,
        )
        output = done.stdout.decode("utf-8", "replace")
        assert done.returncode == command.exit_code, f"$ {command.line}\n{output}"
        for shown in command.shows:
            assert shown in squeezed(output), f"$ {command.line}\n{output}"
