"""Gradient boosting by CatBoost (the extra ``models``), and its symmetric trees as arrays.

CatBoost compares numbers of single precision; the borders are moved to where a double is rounded to
the border, so that the arrays answer as the library does.
"""

from __future__ import annotations

import json
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
from numpy.typing import NDArray

from anping.core.errors import MissingExtraError
from anping.core.text import Text
from anping.learn.forest import Forest

Floats = NDArray[np.float64]


def catboost_library() -> ModuleType:
    """Return CatBoost. Raises MissingExtraError when the extra ``models`` is not installed."""
    try:
        import catboost
    except ImportError as problem:
        raise MissingExtraError.of(
            "models", needed_for=Text("以 CatBoost 訓練模型", "Learning with CatBoost")
        ) from problem
    module: ModuleType = catboost
    return module


def symmetric_forest(
    model: Any, *, outputs: int, tables: Mapping[int, Floats] | None = None
) -> Forest:
    """Return a fitted CatBoost model over numeric columns as a forest.

    ``tables`` holds, for a column whose codes were learnt from as numbers, the number of each code;
    the forest reads the codes.
    """
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "model.json"
        model.save_model(str(path), format="json")
        return forest_of_json(json.loads(path.read_text("utf-8")), outputs=outputs, tables=tables)


def forest_of_json(
    model: dict[str, Any], *, outputs: int, tables: Mapping[int, Floats] | None = None
) -> Forest:
    """Return the trees of CatBoost's JSON form; a tree of several outputs becomes one for each."""
    scale, bias = model["scale_and_bias"]
    columns = {
        each["feature_index"]: (each["flat_feature_index"], each["nan_value_treatment"] != "AsTrue")
        for each in model["features_info"]["float_features"]
    }
    laid: list[_Laid] = []
    start, sets = 0, _Sets(tables or {})
    for tree in model["oblivious_trees"]:
        leaves = np.array(tree["leaf_values"], dtype=np.float64).reshape(-1, outputs) * scale
        covers = _covers(np.array(tree["leaf_weights"], dtype=np.float64))
        splits = [
            (*columns[split["float_feature_index"]], float(split["border"]))
            for split in tree["splits"] or ()
        ]
        for output in range(outputs):
            nodes = _symmetric(splits, sets, leaves[:, output], start)
            laid.append(_Laid((*nodes, covers), start, len(splits), output))
            start += covers.size
    base = np.resize(np.array(bias, dtype=np.float64), outputs)
    return _joined(base, laid, sets)


@dataclass(frozen=True, eq=False)
class _Laid:
    """A tree's node arrays, where they start, how deep it is, and the sum that it adds to."""

    nodes: tuple[NDArray[Any], ...]
    start: int
    depth: int
    output: int


class _Sets:
    """The codes whose numbers lie at or below a border, as bits; equal sets are held once."""

    def __init__(self, tables: Mapping[int, Floats]) -> None:
        self.tables = tables
        self.bits: list[NDArray[np.bool_]] = []
        self._at: dict[tuple[int, bytes], int] = {}
        self._size = 0

    def at(self, column: int, border: float) -> tuple[int, int]:
        """Return the first bit and the number of bits, or -1 and 0 for a column of numbers."""
        if column not in self.tables:
            return -1, 0
        below = self.tables[column] <= border
        key = column, below.tobytes()
        if key not in self._at:
            self._at[key] = self._size
            self.bits.append(below)
            self._size += below.size
        return self._at[key], below.size


def _joined(base: Floats, laid: list[_Laid], sets: _Sets) -> Forest:
    if not laid:
        from anping.learn.lightgbm_trees import empty_forest

        empty = empty_forest(base.size)
        return Forest(**{**vars(empty), "base": base})
    feature, threshold, missing_left, child, value, first_bit, bit_count, cover = (
        np.concatenate(parts) for parts in zip(*(tree.nodes for tree in laid), strict=True)
    )
    return Forest(
        feature=feature, threshold=threshold, missing_left=missing_left, child=child, value=value,
        first_bit=first_bit, bit_count=bit_count,
        bits=np.concatenate([np.zeros(0, dtype=np.bool_), *sets.bits]),
        roots=np.array([tree.start for tree in laid], dtype=np.int32),
        depth=np.array([tree.depth for tree in laid], dtype=np.int32),
        output=np.array([tree.output for tree in laid], dtype=np.int32),
        base=base,
        cover=cover,
    )  # fmt: skip


def _covers(weights: Floats) -> Floats:
    """Return the weights of all nodes of a symmetric tree, a heap, from those of its leaves."""
    levels = [weights]
    while levels[0].size > 1:
        levels.insert(0, levels[0][0::2] + levels[0][1::2])
    return np.concatenate(levels)


def _symmetric(
    splits: list[tuple[int, bool, float]], sets: _Sets, leaves: Floats, start: int
) -> tuple[NDArray[Any], ...]:
    """Return the node arrays of one symmetric tree, a heap with the last split at the root.

    Bit i of a leaf's number says that split i was passed, so the last split is the highest bit.
    """
    depth = len(splits)
    inner, count = 2**depth - 1, 2 ** (depth + 1) - 1
    level = np.floor(np.log2(np.arange(inner) + 1)).astype(np.int64)
    order = splits[::-1]
    borders = [_last_below(border) for _, _, border in order]
    asked = [sets.at(column, border) for (column, _, _), border in zip(order, borders, strict=True)]
    feature = np.zeros(count, dtype=np.int32)
    threshold = np.full(count, np.inf)
    missing_left = np.zeros(count, dtype=np.bool_)
    child = np.repeat(np.arange(count, dtype=np.int32), 2).reshape(count, 2)
    first_bit, bit_count = np.full(count, -1, dtype=np.int32), np.zeros(count, dtype=np.int32)
    if inner:
        feature[:inner] = np.array([column for column, _, _ in order], dtype=np.int32)[level]
        threshold[:inner] = np.array(borders)[level]
        missing_left[:inner] = np.array([left for _, left, _ in order], dtype=np.bool_)[level]
        first_bit[:inner] = np.array([first for first, _ in asked], dtype=np.int32)[level]
        bit_count[:inner] = np.array([size for _, size in asked], dtype=np.int32)[level]
        child[:inner, 0] = 2 * np.arange(inner) + 1
        child[:inner, 1] = 2 * np.arange(inner) + 2
    value = np.concatenate([np.zeros(inner), leaves])
    return feature, threshold, missing_left, child + np.int32(start), value, first_bit, bit_count


def _last_below(border: float) -> float:
    """Return the greatest double that single precision does not round above ``border``."""
    single = np.float32(border)
    following = np.nextafter(single, np.float32(np.inf))
    middle = (float(single) + float(following)) / 2
    return middle if np.float32(middle) <= single else float(np.nextafter(middle, -np.inf))
