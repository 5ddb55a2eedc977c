"""Counted nouns."""

from __future__ import annotations

import pytest

from anping.core.text import counted


@pytest.mark.parametrize(
    ("n", "written"), [(0, "0 tables"), (1, "1 table"), (2, "2 tables"), (1234, "1,234 tables")]
)
def test_a_counted_noun_agrees_with_its_number(n: int, written: str) -> None:
    assert counted(n, "table") == written


def test_an_irregular_noun_brings_its_plural() -> None:
    assert counted(1, "entry", "entries") == "1 entry"
    assert counted(3, "entry", "entries") == "3 entries"
