"""Every seed, and every input that once broke a reader, is a value or a typed error."""

from __future__ import annotations

import random
import re
from pathlib import Path

import pytest

from fuzz.shapes import SHAPES, plain_mutation
from fuzz.targets import TARGETS, try_once

SEEDS = Path(__file__).with_name("seeds")
PATHS = sorted(path for path in SEEDS.rglob("*") if path.is_file())
#: What is refused though our own writers made it, and inputs that were defects.
REFUSED = {
    "archive/csv": "input.which-member",
    "csv/ragged": "input.all-refused",
    "jsonl/escapes": "input.invalid-json",
    "timestamp/none": "timestamp.malformed",
}
MUTATIONS = 8


def test_there_is_a_seed_for_every_reader_and_they_are_small() -> None:
    assert {path.parent.name for path in PATHS} == set(TARGETS)
    assert sum(path.stat().st_size for path in PATHS) < 300_000


@pytest.mark.parametrize("path", PATHS, ids=lambda path: f"{path.parent.name}/{path.name}")
def test_seeds_are_read(path: Path) -> None:
    name = f"{path.parent.name}/{path.name}"
    code = try_once(path.parent.name, path.read_bytes())
    if not path.name.startswith("regression"):
        assert code == REFUSED.get(name)


@pytest.mark.parametrize("name", TARGETS)
def test_seeded_mutations_break_nothing(name: str) -> None:
    """Reproducible on every machine, where the guided run is not."""
    chance = random.Random(name)
    seeds = [path.read_bytes() for path in PATHS if path.parent.name == name]
    for _ in range(MUTATIONS):
        content = SHAPES[TARGETS[name].shape](chance.choice(seeds), chance, plain_mutation(chance))
        try_once(name, content)


# --- settings files: what each YAML reader once let through -----------------------------------------

UNFOLDING = b"a: &a [x, x]\nb: &b [%s]\nc: &c [%s]\nd: &d [%s]\ne: [%s]\n" % tuple(
    b", ".join([b"*" + letter] * 9) for letter in (b"a", b"b", b"c", b"d")
)
HOSTILE = {
    "billion laughs": UNFOLDING,
    "a tree in itself": b"a: &a [*a]\n",
    "a thirteenth month": b"a: 2020-13-45\n",
    "before the year one": b"a: 0001-01-01T00:00:00+23:59\n",
    "no digits": b"a: 0x_\n",
    "an empty number": b"a: !!int ''\n",
    "a wrong tag": b"a: !!bool x\n",
    "an object": b"!!python/object/apply:os.system ['true']\n",
    "brackets": b"[" * 60_000,
    "braces": b"{a: " * 3_000,
    "dashes": b"- " * 3_000,
    "questions": b"? " * 3_000,
    "a long number": b"a: " + b"9" * 5_000,
    "a surrogate": b'a: "\\ud800"\n',
    "a surrogate for a key": b'"\\ud800": 1\n',
    "a surrogate in bytes": b"a: \xed\xa0\x80\n",
    "nothing": b"",
    "a NUL": b"a: \x00\n",
    "a list for a key": b"? [a]\n: b\n",
    "two documents": b"---\na: 1\n---\nb: 2\n",
}
ODD = (
    "2020-13-45", '"\\ud800"', "[[]]", "{}", "1e999", ".nan", "-1", "9" * 24, "9" * 4000, "null",
    "[1, x, null]", "2020-01-01", '""', "12:30:45", "'{'", "'{a.b}'", "'('", "&x 1",
)  # fmt: skip
SETTINGS = {
    "plan": "plan/own", "policy": "policy/small", "contract": "contract/odcs",
    "pipeline": "pipeline/two", "licence": "licence/CC-BY-4.0",
}  # fmt: skip


@pytest.mark.parametrize("name", SETTINGS)
@pytest.mark.parametrize("what", HOSTILE)
def test_hostile_yaml_is_refused(name: str, what: str) -> None:
    assert try_once(name, HOSTILE[what]) is not None


@pytest.mark.parametrize("name", SETTINGS)
def test_an_odd_value_in_any_setting_is_told(name: str) -> None:
    true = (SEEDS / SETTINGS[name]).read_text("utf-8")[:4_000]
    for key in dict.fromkeys(re.findall(r"(?m)^\s*(?:- )?([a-zA-Z_]+): ", true)):
        for value in ODD:
            line = re.compile(rf"(?m)^(\s*(?:- )?){key}: .*$")
            shown = f"{key}: {value}".replace("\\", "\\\\")
            try_once(name, line.sub(rf"\g<1>{shown}", true, count=1).encode())
