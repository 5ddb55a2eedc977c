from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from anping.core.errors import InputError
from anping.engine import encodings, jsontext
from anping.engine.jsontext import BracketScan, ElementScan
from anping.engine.reading import Reading

Read = Callable[..., Reading]

SHAPES: dict[str, tuple[bytes, dict[str, Any], dict[str, list[Any]]]] = {
    "list": (b'[{"a":1},\n {"a":2,"c":{"d":[1,2]}}]', {}, {"a": [1, 2], "c.d": [None, "[1, 2]"]}),
    "wrapped": (
        b'{"total":2,"meta":{"x":{"y":1}},"records":[{"a":1},{"a":2}],"n":[1]}',
        {},
        {"a": [1, 2]},
    ),
    "asked for": (b'{"r":[{"a":1}],"n":[{"z":1},{"z":2}]}', {"records": "n"}, {"z": [1, 2]}),
    "pretty": (b'{"a":1,\n"b":2}\n{"a":3}', {}, {"a": [1, 3], "b": [2, None]}),
    "one object": (b'{\n"a":"x",\n"b":{"c":2}}', {}, {"a": ["x"], "b.c": [2]}),
    "lines": (b'{"a":1}\n{"a":2}\n', {}, {"a": [1, 2]}),
    "brackets in strings": (b'[{"a":"x\\"}{]\\\\"}]', {}, {"a": ['x"}{]\\']}),
    "utf-16": ('[{"a":"甲"}]'.encode("utf-16"), {}, {"a": ["甲"]}),
    "empty strings": (b'[{"a":"","b":1}]', {}, {"a": [None], "b": [1]}),
}


@pytest.mark.parametrize("chunk", [1, 7, 1 << 20])
@pytest.mark.parametrize("case", SHAPES)
def test_shapes(read_bytes: Read, monkeypatch: pytest.MonkeyPatch, case: str, chunk: int) -> None:
    monkeypatch.setattr(encodings, "CHUNK", chunk)
    content, options, expected = SHAPES[case]

    reading = read_bytes(content, name="a.json", **options)

    assert reading.table.arrow().to_pydict() == expected
    assert reading.format == ("jsonl" if case == "lines" else "json")


def test_a_list_is_known_without_its_suffix(read_bytes: Read) -> None:
    assert read_bytes(b'[{"a": 1}]', name="a.txt").format == "json"


def test_what_was_passed_over_is_told(read_bytes: Read) -> None:
    reading = read_bytes(SHAPES["wrapped"][0], name="a.json")
    assert "“records”" in reading.notes[0].en


@pytest.mark.parametrize("asked", [{}, {"records": "absent"}])
def test_several_lists_are_asked_about(read_bytes: Read, asked: dict[str, str]) -> None:
    with pytest.raises(InputError) as caught:
        read_bytes(SHAPES["asked for"][0], name="a.json", **asked)
    assert caught.value.code == "input.which-records"
    assert "r (1), n (2)" in caught.value.hint.en


def test_what_is_no_object_is_refused_where_it_stands(read_bytes: Read) -> None:
    content = b'[{"a":1},\n3,\n{"a":x},\n"s", [1],\n{"a":2,"a":3},\n{"a":4}]'
    reading = read_bytes(content, name="a.json", quarantine=True)
    assert [(row.row, row.code) for row in reading.refused] == [
        (1, "input.not-an-object"),
        (3, "input.invalid-json"),
        (3, "input.not-an-object"),
        (4, "input.not-an-object"),
        (5, "input.doubled-key"),
    ]
    assert reading.table.arrow().to_pydict() == {"a": [1, 4]}


@pytest.mark.parametrize(
    "content", [b'[{"a":1},{"a":2', b'[{"a":"x}]', b'{"a":1}]}', b'{"r":[{"a":1}]']
)
def test_torn_json_is_an_error(read_bytes: Read, content: bytes) -> None:
    with pytest.raises(InputError) as caught:
        read_bytes(content, name="a.json", quarantine=True)
    assert caught.value.code == "input.torn-json"


@pytest.mark.parametrize(
    ("content", "code"), [(b"[]", "input.no-rows"), (b"[1]", "input.all-refused")]
)
def test_lists_without_objects(read_bytes: Read, content: bytes, code: str) -> None:
    with pytest.raises(InputError) as caught:
        read_bytes(content, name="a.json", quarantine=True)
    assert caught.value.code == code


def test_an_object_that_never_ends_is_not_held(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(jsontext, "LONGEST_RECORD", 100)
    pieces = [b'[{"a":1},{"a":"', *[b"x" * 50] * 20, b'"},{"a":2}]']
    found = list(ElementScan(1).read(BracketScan().read(pieces)))
    assert [(one.kind, len(one.text)) for one in found][0::2] == [("object", 7), ("object", 7)]
    assert found[1].kind == "endless"
    assert len(found[1].text) <= 150


def test_nul_and_lone_surrogates_are_refused(read_bytes: Read) -> None:
    lines = [
        b'{"a":"x"}',
        b'{"a":"\\u0000"}',
        b'{"\\u0000":1}',
        b'{"a":"\\udc00"}',
        b'{"\\ud800":1}',
        b'{"a":"\\\\u0000"}',
    ]
    reading = read_bytes(b"\n".join(lines), name="a.jsonl", quarantine=True)
    assert [(row.row, row.code) for row in reading.refused] == [
        (2, "input.nul-character"),
        (3, "input.nul-character"),
        (4, "input.invalid-json"),
        (5, "input.invalid-json"),
    ]
    assert reading.table.arrow().to_pydict() == {"a": ["x", "\\u0000"]}


INNER = st.recursive(
    st.none() | st.booleans() | st.integers(-9, 9) | st.text('ab"\\{}[],:\n甲', max_size=6),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.sampled_from(["p", '"q]', "r\\"]), inner, max_size=2),
    max_leaves=6,
)  # fmt: skip


@settings(max_examples=150, deadline=None)
@given(
    objects=st.lists(st.dictionaries(st.sampled_from(["k", "l}"]), INNER), max_size=5),
    indent=st.none() | st.just(1),
    chunk=st.integers(1, 40),
    wrapped=st.booleans(),
)
def test_every_object_is_found_whole(
    objects: list[Any], *, indent: int | None, chunk: int, wrapped: bool
) -> None:
    root = {"x": {"y": []}, "list": objects, "z": [[{}]]} if wrapped else objects
    text = json.dumps(root, ensure_ascii=False, indent=indent).encode()
    pieces = [text[at : at + chunk] for at in range(0, len(text), chunk)]
    scan = BracketScan()

    found = list(ElementScan(2 if wrapped else 1, int(wrapped)).read(scan.read(pieces)))

    assert scan.finished
    assert [json.loads(one.text) for one in found] == objects
    assert [one.line for one in found] == [
        text[: text.index(one.text)].count(b"\n") + 1 if found.count(one) == 0 else one.line
        for one in found
    ]
