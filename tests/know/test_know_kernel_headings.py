"""Compiled code leaves out no line of headings that holds the beginning of a word that names a column."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from anping.know.discover.buffer import Buffer
from anping.know.discover.rules import standard_rules
from anping.know.discover.tabled import _names_columns
from anping.know.discover.text import Scanner, no_names

OPENINGS = Scanner(names=no_names).openings
LINES = st.lists(
    st.one_of(st.sampled_from(sorted(OPENINGS)), st.sampled_from([*" ,、;第章iΣİßK\U00010400a"])),
    min_size=1,
    max_size=12,
).map("".join)


@settings(max_examples=200, deadline=None)
@given(st.lists(LINES, min_size=1, max_size=6))
def test_lines_that_name_columns_are_told(lines: list[str]) -> None:
    pytest.importorskip("numba")
    from anping.know.discover import kernel_headings as kernel

    buffer = Buffer.of(standard_rules(), ["\n".join(lines) + "\n"], compiled=True)
    heads = np.append(0, buffer.newlines[:-1] + 1)
    told = kernel.naming(buffer.codes, heads, kernel.openings_of(OPENINGS)).tolist()
    for found, line in zip(told, buffer.text.splitlines(), strict=False):
        assert found or not _names_columns(line, OPENINGS)
        assert found is _names_columns(line, OPENINGS) or not line.isascii()
