from __future__ import annotations

import sys

import pytest

from anping.core.errors import MissingExtraError
from anping.protect.deid import compiled
from anping.protect.deid.compiled import compiled_engine, use_compiled


def test_compiled_code_is_used_where_it_pays(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(compiled, "find_spec", lambda _: object())
    monkeypatch.delitem(sys.modules, "numba", raising=False)
    assert not use_compiled(1000, fast=None)
    assert use_compiled(10**6, fast=None)
    assert use_compiled(1000, fast=True)
    assert not use_compiled(10**6, fast=False)


def test_without_the_extra_numpy_answers_unless_it_is_asked_for(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(compiled, "find_spec", lambda _: None)
    monkeypatch.delitem(sys.modules, "numba", raising=False)
    assert compiled_engine(10**6, rows=10**6, fast=None) is None
    with pytest.raises(MissingExtraError) as caught:
        compiled_engine(1000, rows=1000, fast=True)
    assert "anping[fast]" in caught.value.hint.en


def test_counts_beyond_31_bits_are_numpy_s() -> None:
    assert compiled_engine(1000, rows=2**31, fast=True) is None
