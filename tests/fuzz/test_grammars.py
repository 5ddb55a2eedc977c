"""Inputs that are nearly right: tables, JSON and plans made by grammar, and round trips."""

from __future__ import annotations

import csv
import io
import json
import tempfile
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from anping.engine.read import read
from anping.engine.reading import ReadOptions
from anping.evidence.dsse import read_line, sign
from anping.evidence.keys import SigningKey
from anping.protect.plan_file import dump_plan, plan_from
from anping.protect.plan_file import parse_plan as parse
from fuzz.targets import CANARY, try_once

few = settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
pieces = st.sampled_from([
    '"', '""', "'", ",", ";", "\t", "\n", "\r", "\r\n", "\x00", "\ufeff", "a", "王", "﹐", " ", "1", "-", ".",
    "1e999", "NaN", "NULL", "0000-00-00", "民國前1年1月1日", "2020-02-30", "\u2028", "\x1a", "\x85", CANARY,
])  # fmt: skip
messy = st.lists(pieces, max_size=40).map("".join)
encodings = st.sampled_from(
    ["utf-8", "utf-8-sig", "utf-16", "big5", "cp950", "utf-16-le", "latin-1"]
)
cells = st.text(
    st.characters(exclude_categories=["Cs", "Cc"], exclude_characters="\ufeff"),
    min_size=1,
    max_size=12,
).map(lambda text: f"x{text.strip()}x")


@few
@given(
    head=st.sampled_from(["a,b\n", "a;b\r\n", '"a","b"\r', "a\tb\n", ""]), text=messy, how=encodings
)
def test_messy_tables_are_values_or_refusals(head: str, text: str, how: str) -> None:
    content = (head + text).encode(how, "replace")
    for name in ("csv", "tsv"):
        try_once(name, content)
    try_once("fixed", content)


@few
@given(
    rows=st.lists(st.tuples(cells, cells), min_size=1, max_size=8),
    quoting=st.sampled_from([csv.QUOTE_ALL, csv.QUOTE_MINIMAL]),
    end=st.sampled_from(["\n", "\r\n", "\r"]),
    how=st.sampled_from(["utf-8", "utf-8-sig", "utf-16"]),
)
def test_what_python_writes_is_read_the_same(
    rows: list[tuple[str, str]], quoting: int, end: str, how: str
) -> None:
    into = io.StringIO()
    csv.writer(into, quoting=quoting, lineterminator=end).writerows([("one", "two"), *rows])  # type: ignore[arg-type]
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "a.csv"
        path.write_bytes(into.getvalue().encode(how))
        options = ReadOptions(types={"one": "string", "two": "string"}, delimiter=",")
        found = read(path, into=Path(folder) / "a.parquet", options=options).table.arrow()
    assert [tuple(row.values()) for row in found.to_pylist()] == rows


values: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=4)
    | st.sampled_from([10**30, 10**400, -0.0, "\u0000", "2020-13-01", CANARY]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3),
    max_leaves=8,
)  # fmt: skip


@few
@given(
    rows=st.lists(
        st.dictionaries(st.sampled_from(["a", "b", "", "a.b"]), values, max_size=3), max_size=4
    )
)
def test_any_json_is_a_value_or_a_refusal(rows: list[dict[str, Any]]) -> None:
    try_once("json", json.dumps(rows).encode())
    try_once("jsonl", "\n".join(map(json.dumps, rows)).encode())
    try_once("fhir", json.dumps({"resourceType": "Patient", "id": "1", "name": rows}).encode())
    for name in ("keys", "statement", "envelope"):
        try_once(name, json.dumps(rows).encode())


@pytest.mark.parametrize(
    "name", ["json", "jsonl", "fhir", "keys", "statement", "envelope", "policy"]
)
@pytest.mark.parametrize(
    "content",
    [
        b"[" * 1_000_000,
        b'[{"a":' + b"[" * 100_000 + b"]" * 100_000 + b"}]",
        b'{"a":' * 100_000,
        b'{"resourceType":"Patient","a":' + b'{"a":' * 50_000 + b"1" + b"}" * 50_001,
        b'[{"a":1,"a":2}]',
        b'[{"a":' + b"9" * 100_000 + b"}]",
        b'[{"a":1e999999999}]',
        b'[{"\\ud800":"\\udfff"}]',
    ],
    ids=[
        "deep",
        "deep value",
        "deep keys",
        "deep resource",
        "doubled",
        "long number",
        "far",
        "lone",
    ],
)
def test_json_that_breaks_readers(name: str, content: bytes) -> None:
    try_once(name, content)


@few
@given(
    names=st.lists(
        st.text(st.characters(exclude_categories=["Cs", "Cc"]), min_size=1, max_size=8), min_size=1, max_size=5,
        unique=True,
    ),
    chance=st.randoms(use_true_random=False),
)  # fmt: skip
def test_a_plan_written_is_the_plan_read(names: list[str], chance: Any) -> None:
    entries = [
        {"do": "keep"}, {"do": "drop"}, {"do": "redact"}, {"do": "pseudonym"},
        {"do": "generalise", "hierarchy": {"kind": "category", "groups": {"一": ["007", "no"], "二": ["x"]}}},
        {"do": "generalise", "hierarchy": {"kind": "age"}},
    ]  # fmt: skip
    columns = {name: dict(chance.choice(entries)) for name in names}
    generalised = any(entry["do"] == "generalise" for entry in columns.values())
    model = {"model": {"k": 5}} if generalised else {}
    plan = plan_from({"plan": 1, **model, "columns": columns})
    assert parse(dump_plan(plan)) == plan


@few
@given(
    payload=st.binary(max_size=200),
    kind=st.text(st.characters(exclude_categories=["Cs"]), max_size=9),
)
def test_an_envelope_written_is_the_envelope_read(payload: bytes, kind: str) -> None:
    line = sign(payload, _KEY, payload_type=kind).line()
    again = read_line(line)
    assert (again.payload, again.payload_type, again.line()) == (payload, kind, line)
    assert again.signed_by(_KEY.public)


_KEY = SigningKey.generate("producer", "p")
