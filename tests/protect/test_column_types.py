"""Every technique on every kind of column: it is done, or refused in words; nothing else happens."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

import numpy as np
import pyarrow as pa
import pytest

from anping.core.errors import AnpingError
from anping.engine.table import Table
from anping.protect import KeyRing, parse_plan, protect
from anping.protect.fit_plan import Settings

ROWS = 36
NUMBERS = [place % 9 for place in range(ROWS)]
KEYS = KeyRing({"person": bytes(32), "date-shift": bytes(32)})
COLUMNS: dict[str, pa.Array] = {
    "half float": pa.array(np.array(NUMBERS, np.float16)),
    "text view": pa.array([f"v{each}" for each in NUMBERS], pa.string_view()),
    "bytes view": pa.array([b"v%d" % each for each in NUMBERS], pa.binary_view()),
    "bytes": pa.array([b"v%d" % each for each in NUMBERS]),
    "long decimal": pa.array([Decimal(each) for each in NUMBERS], pa.decimal256(40, 2)),
    "duration": pa.array([dt.timedelta(each) for each in NUMBERS], pa.duration("us")),
    "time": pa.array([dt.time(each) for each in NUMBERS], pa.time64("us")),
    "list": pa.array([[f"v{each}"] for each in NUMBERS]),
    "struct": pa.array([{"a": each} for each in NUMBERS]),
    "map": pa.array([[("a", each)] for each in NUMBERS], pa.map_(pa.string(), pa.int64())),
    "nothing": pa.nulls(ROWS),
    "dictionary": pa.array([f"v{each}" for each in NUMBERS]).dictionary_encode(),
    "truth": pa.array([bool(each % 2) for each in NUMBERS]),
}  # fmt: skip
TECHNIQUES = {
    "keep": "{do: keep}",
    "pseudonym": "{do: pseudonym}",
    "reversible": "{do: pseudonym, method: aes-siv}",
    "mask": "{do: mask, keep_first: 1}",
    "date shift": "{do: date_shift}",
    "quantile": "{do: top_bottom, high_quantile: 0.9}",
    "bound": "{do: top_bottom, high: 5}",
    "round": "{do: round, to: 2}",
    "random rounding": "{do: round, to: 2, method: random}",
    "category": "{do: generalise, hierarchy: {kind: category}}",
    "age": "{do: generalise, hierarchy: {kind: age}}",
    "number": "{do: generalise, hierarchy: {kind: number}}",
    "related": "{do: generalise, hierarchy: {kind: related, by: zone}}",
    "sets": "{do: set_anonymity, k: 2}",
    "local suppression": "{do: local_suppression, k: 3}",
    "microaggregation": "{do: microaggregate, k: 3}",
    "pram": "{do: pram}",
    "rank swap": "{do: rank_swap, percent: 10}",
    "noise": "{do: noise, scale: 1.0}",
    "anatomy": "{do: anatomize, l: 2}",
    "diversity": "{do: keep} # l",
    "closeness": "{do: keep} # t",
}
#: What must work: half floats are numbers like others.
DONE = {
    "half float": set(TECHNIQUES) - {"sets", "date shift"},
    "text view": {"keep", "category", "anatomy", "pram", "local suppression", "diversity"},
    "nothing": {"keep", "bound", "round", "category", "sets", "rank swap", "noise"},
}


def plan_of(technique: str) -> str:
    entry = TECHNIQUES[technique]
    more = ""
    if technique == "diversity":
        more = ", l: 2, sensitive: [x]"
    if technique == "closeness":
        more = ", criteria: [{kind: t-closeness, column: x, t: 0.9, distance: ordered}]"
    return (
        "plan: 1\nprivacy_unit: person\n"
        f"model: {{k: 2, suppression_limit: 1.0{more}}}\ncolumns:\n  x: {entry}\n"
        "  zone: {do: generalise, hierarchy: {kind: category}}\n  person: {do: drop}\n"
    )


@pytest.mark.parametrize("kind", COLUMNS)
def test_a_technique_works_or_is_refused_in_words(kind: str) -> None:
    gaps = np.arange(ROWS) % 7 == 0
    column = COLUMNS[kind]
    if kind not in ("dictionary", "nothing"):
        cells = [None if gap else each for each, gap in zip(column.to_pylist(), gaps, strict=True)]
        column = pa.array(cells, column.type)
    table = Table.of(
        pa.table(
            {
                "x": column,
                "zone": [place % 3 for place in range(ROWS)],
                "person": [f"N{place % 20}" for place in range(ROWS)],
            }
        )
    )
    refused = set()
    for technique in TECHNIQUES:
        try:
            protect(table, parse_plan(plan_of(technique)), keys=KEYS, settings=Settings(1))
        except AnpingError:
            refused.add(technique)
    assert not refused & DONE.get(kind, set())
