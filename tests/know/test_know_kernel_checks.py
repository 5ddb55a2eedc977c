"""Compiled checks answer as the validators do, for every rule that ships one."""

from __future__ import annotations

import re

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from anping.know.discover.automaton import build
from anping.know.discover.lexicon import load
from anping.know.discover.rules import standard_rules
from anping.know.discover.scoring import FAILED, PASSED, UNCHECKED
from anping.know.discover.walking import walk_text

RULES = standard_rules()
MARKED = re.compile("«(.*?)»", re.DOTALL)
EXAMPLES = [
    *(value for entry in load("entities") for text in entry["examples"] for value in MARKED.findall(text)),
    "2001:db8:1:2:3:4:5:6", "::1", "1::", "0932-123-4567", "+886 2 2345 6789#12", "+886-912-345-678", "12/31/1999",
    "民國113年2月29日", "西元2024/02/30", "2023.2.29", "256.1.1.1", "GB82WEST12345698765432", "4111111111111112",
]  # fmt: skip
AUTOMATON = build([entity.pattern for entity in RULES.entities])


@st.composite
def changed(draw: st.DrawFn) -> str:
    """Return an example with some of its digits drawn again."""
    text = draw(st.sampled_from(EXAMPLES))
    digits = draw(st.text("0123456789", min_size=len(text), max_size=len(text)))
    kept = draw(st.lists(st.booleans(), min_size=len(text), max_size=len(text)))
    return "".join(
        new if old.isdigit() and old.isascii() and not keep else old
        for old, new, keep in zip(text, digits, kept, strict=True)
    )


@settings(max_examples=300, deadline=None)
@given(changed())
def test_compiled_checks_answer_as_the_validators_do(text: str) -> None:
    pytest.importorskip("numba")
    from anping.know.discover.kernel_checks import ASK, verdicts

    matches = np.array(walk_text(AUTOMATON, text, range(len(text))), np.int64).reshape(-1, 3)
    codes = np.array([min(ord(c), 0xFFFF) for c in text], np.uint16)
    columns = tuple(np.ascontiguousarray(column) for column in matches.T)
    found = verdicts(RULES, codes, (columns[0], columns[1], columns[2]))
    for (entity, start, end), verdict in zip(matches.tolist(), found.tolist(), strict=True):
        passed = RULES.entities[entity].validate(text[start:end])
        true = UNCHECKED if passed is None else PASSED if passed else FAILED
        if passed is not False and RULES.entities[entity].checks is None:
            true = UNCHECKED
        assert verdict in {true, ASK}, (RULES.entities[entity].validator, text[start:end])
