"""Validators over arrays answer as the validators one by one, on strings that the patterns let through."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from anping.know.discover.check_many import CHECKS, checked
from anping.know.discover.entities import Entity, entities
from anping.know.discover.pattern import Either, Node, One, Repeat, Row

#: A count without end goes on so far here.
MOST = 12
RULES = {
    f"{number}-{rule.type}": rule
    for number, rule in enumerate(entities())
    if rule.validator in CHECKS and rule.validator != "address"
}


def written(node: Node) -> st.SearchStrategy[str]:
    """Return the texts that a pattern matches."""
    if isinstance(node, One):
        return st.one_of(
            [
                st.integers(low, min(high, 0xD7FF)).map(chr)
                for low, high in node.ranges
                if low < 0xD800
            ]
        )
    if isinstance(node, Row):
        return st.tuples(*map(written, node.parts)).map("".join)
    if isinstance(node, Either):
        return st.one_of([written(part) for part in node.parts])
    assert isinstance(node, Repeat)
    most = node.least + MOST if node.most is None else node.most
    return st.lists(written(node.part), min_size=node.least, max_size=most).map("".join)


@pytest.mark.parametrize("name", RULES)
def test_an_array_of_matches_is_judged_as_each_match(name: str) -> None:
    rule: Entity = RULES[name]

    @settings(max_examples=15, deadline=None)
    @given(st.lists(written(rule.pattern), min_size=1, max_size=12))
    def compare(matches: list[str]) -> None:
        text = "\0".join(matches) + "\0" * 4
        codes = np.array([ord(character) for character in text], np.uint16)
        starts = np.cumsum([0, *(len(match) + 1 for match in matches[:-1])])
        ends = starts + [len(match) for match in matches]
        found = checked(rule, codes, starts, ends, text=lambda begin, end: text[begin:end])
        assert found.tolist() == [bool(rule.validate(match)) for match in matches]

    compare()
