"""Gradient boosting by LightGBM (the extra ``models``), and its trees as arrays.

The text form of a model is read as the library writes it (version v4): node arrays of each tree,
``decision_type`` with bit 0 for categories, bit 1 for missing cells going left, bits 2 and 3 for what
counts as missing.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from types import ModuleType
from typing import Any

import numpy as np
from numpy.typing import NDArray

from anping.core.errors import MissingExtraError
from anping.core.text import Text
from anping.learn.forest import Forest

Floats = NDArray[np.float64]
_CATEGORY, _LEFT, _NAN = 1, 2, 2
_WORD = 32


def lightgbm_library() -> ModuleType:
    """Return LightGBM. Raises MissingExtraError when the extra ``models`` is not installed."""
    try:
        import lightgbm
    except ImportError as problem:
        raise MissingExtraError.of(
            "models", needed_for=Text("訓練模型", "Learning a model")
        ) from problem
    module: ModuleType = lightgbm
    return module


def forest_of(booster: Any, *, rounds: int, outputs: int) -> Forest:
    """Return the first ``rounds`` rounds of a LightGBM booster."""
    text = booster.model_to_string(num_iteration=rounds)
    return forest_of_text(text, outputs=outputs)


def forest_of_text(text: str, *, outputs: int) -> Forest:
    """Return the trees of LightGBM's text form, in order; round by round one for each output."""
    trees = [_Tree(fields) for fields in _blocks(text)]
    starts = np.cumsum([0, *(tree.nodes for tree in trees)])
    first_bits = np.cumsum([0, *(tree.bits.size for tree in trees)])
    laid = [
        tree.laid(int(start), int(bit))
        for tree, start, bit in zip(trees, starts, first_bits, strict=False)
    ]
    joined = [np.concatenate(parts) for parts in zip(*laid, strict=True)] if laid else None
    if joined is None:
        return empty_forest(outputs)
    feature, threshold, missing_left, child, value, first_bit, bit_count, cover = joined
    return Forest(
        feature=feature, threshold=threshold, missing_left=missing_left, child=child, value=value,
        first_bit=first_bit, bit_count=bit_count,
        bits=np.concatenate([tree.bits for tree in trees]),
        roots=starts[:-1].astype(np.int32),
        depth=np.array([tree.depth for tree in trees], dtype=np.int32),
        output=(np.arange(len(trees)) % outputs).astype(np.int32),
        base=np.zeros(outputs),
        cover=cover,
    )  # fmt: skip


def empty_forest(outputs: int) -> Forest:
    """Return a forest without trees, whose answers are 0."""
    whole = np.zeros(0, dtype=np.int32)
    return Forest(
        feature=whole, threshold=np.zeros(0), missing_left=np.zeros(0, dtype=np.bool_),
        child=np.zeros((0, 2), dtype=np.int32), value=np.zeros(0), first_bit=whole, bit_count=whole,
        bits=np.zeros(0, dtype=np.bool_), roots=whole, depth=whole, output=whole,
        base=np.zeros(outputs),
    )  # fmt: skip


def _blocks(text: str) -> Iterator[Mapping[str, str]]:
    body = text.partition("\nend of trees")[0]
    for block in body.split("\nTree=")[1:]:
        yield dict(line.split("=", 1) for line in block.splitlines()[1:] if "=" in line)


class _Tree:
    """One tree as the text gives it: inner nodes first, then leaves, which the text numbers by ~."""

    def __init__(self, fields: Mapping[str, str]) -> None:
        self.value = _floats(fields["leaf_value"])
        self.inner = self.value.size - 1
        self.nodes = self.inner + self.value.size
        if not self.inner:
            self.bits = np.zeros(0, dtype=np.bool_)
            self.depth = 0
            self.cover = np.ones(1)
            return
        self.feature = _whole(fields["split_feature"])
        # A split of missing cells from all numbers has an infinite threshold, which would stop those
        # that are sent right.
        self.threshold = np.minimum(_floats(fields["threshold"]), np.finfo(np.float64).max)
        self.kind = _whole(fields["decision_type"])
        self.child = np.column_stack([_whole(fields["left_child"]), _whole(fields["right_child"])])
        self.child = np.where(self.child < 0, self.inner + ~self.child, self.child)
        self.words = _whole(fields.get("cat_boundaries", "0"))
        self.bits = (
            _bits(_whole(fields["cat_threshold"]))
            if self.words.size > 1
            else np.zeros(0, dtype=np.bool_)
        )
        self.depth = self._depth()
        counts = [_floats(fields[name]) for name in ("internal_count", "leaf_count")]
        self.cover = np.concatenate(counts)

    def _depth(self) -> int:
        deep = np.zeros(self.nodes, dtype=np.int64)
        # A child's number is greater than its parent's among inner nodes.
        for node in range(self.inner):
            deep[self.child[node]] = deep[node] + 1
        return int(deep.max())

    def laid(self, start: int, first_bit: int) -> tuple[NDArray[Any], ...]:
        """Return the node arrays, numbered from ``start``; bits from ``first_bit`` on."""
        count = self.nodes
        feature = np.zeros(count, dtype=np.int32)
        threshold = np.full(count, np.inf)
        missing_left = np.zeros(count, dtype=np.bool_)
        child = np.repeat(np.arange(count, dtype=np.int32), 2).reshape(count, 2)
        value = np.concatenate([np.zeros(self.inner), self.value])
        first = np.full(count, -1, dtype=np.int32)
        length = np.zeros(count, dtype=np.int32)
        if self.inner:
            inner = slice(0, self.inner)
            sets = (self.kind & _CATEGORY) > 0
            nan_is_missing = (self.kind >> 2) == _NAN
            feature[inner] = self.feature
            threshold[inner] = np.where(sets, 0.0, self.threshold)
            # Where training had no missing cell the library reads one as 0.
            missing_left[inner] = ~sets & np.where(
                nan_is_missing, (self.kind & _LEFT) > 0, self.threshold >= 0
            )
            child[inner] = self.child
            which = self.threshold[sets].astype(np.int64)
            first[inner][sets] = first_bit + _WORD * self.words[which]
            length[inner][sets] = _WORD * (self.words[which + 1] - self.words[which])
        laid = (feature, threshold, missing_left, child + np.int32(start), value, first, length)
        return (*laid, self.cover)


def _floats(text: str) -> Floats:
    return np.array(text.split(), dtype=np.float64)


def _whole(text: str) -> NDArray[np.int64]:
    return np.array(text.split(), dtype=np.int64)


def _bits(words: NDArray[np.int64]) -> NDArray[np.bool_]:
    """Return the bits of 32-bit words, the lowest first."""
    return ((words[:, None] >> np.arange(_WORD)) & 1).astype(np.bool_).reshape(-1)
