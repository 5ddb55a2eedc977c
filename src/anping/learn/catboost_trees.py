"""Gradient boosting by CatBoost (the extra ``models``), and its symmetric trees as arrays.

CatBoost compares numbers of single precision; the borders are moved to where a double is rounded to
the border, so that the arrays answer as the library does.
"""

from __future__ import annotations

import json
import tempfile
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


def symmetric_forest(model: Any, *, outputs: int) -> Forest:
    """Return a fitted CatBoost model over numeric columns as a forest."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "model.json"
        model.save_model(str(path), format="json")
        return forest_of_json(json.loads(path.read_text("utf-8")), outputs=outputs)


def forest_of_json(model: dict[str, Any], *, outputs: int) -> Forest:
    """Return the trees of CatBoost's JSON form; a tree of several outputs becomes one for each."""
    scale, bias = model["scale_and_bias"]
    columns = {
        each["feature_index"]: (each["flat_feature_index"], each["nan_value_treatment"] != "AsTrue")
        for each in model["features_info"]["float_features"]
    }
    laid = []
    start = 0
    for tree in model["oblivious_trees"]:
        leaves = np.array(tree["leaf_values"], dtype=np.float64).reshape(-1, outputs) * scale
        weights = np.array(tree["leaf_weights"], dtype=np.float64)
        for output in range(outputs):
            laid.append(
                (
                    (
                        *_symmetric(tree["splits"], columns, leaves[:, output], start),
                        _covers(weights),
                    ),
                    start,
                    output,
                )
            )
            start += 2 * len(leaves) - 1
    base = np.resize(np.array(bias, dtype=np.float64), outputs)
    return _joined([nodes for nodes, _, _ in laid], base, laid, model)


def _joined(
    nodes: list[tuple[NDArray[Any], ...]], base: Floats, laid: list[Any], model: dict[str, Any]
) -> Forest:
    if not nodes:
        from anping.learn.lightgbm_trees import empty_forest

        empty = empty_forest(base.size)
        return Forest(**{**vars(empty), "base": base})
    feature, threshold, missing_left, child, value, cover = (
        np.concatenate(parts) for parts in zip(*nodes, strict=True)
    )
    count = feature.size
    depths = [len(tree["splits"]) for tree in model["oblivious_trees"] for _ in range(base.size)]
    return Forest(
        feature=feature, threshold=threshold, missing_left=missing_left, child=child, value=value,
        first_bit=np.full(count, -1, dtype=np.int32), bit_count=np.zeros(count, dtype=np.int32),
        bits=np.zeros(0, dtype=np.bool_),
        roots=np.array([start for _, start, _ in laid], dtype=np.int32),
        depth=np.array(depths, dtype=np.int32),
        output=np.array([output for _, _, output in laid], dtype=np.int32),
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
    splits: list[dict[str, Any]],
    columns: dict[int, tuple[int, bool]],
    leaves: Floats,
    start: int,
) -> tuple[NDArray[Any], ...]:
    """Return the node arrays of one symmetric tree, a heap with the last split at the root.

    Bit i of a leaf's number says that split i was passed, so the last split is the highest bit.
    """
    depth = len(splits)
    inner, count = 2**depth - 1, 2 ** (depth + 1) - 1
    level = np.floor(np.log2(np.arange(inner) + 1)).astype(np.int64)
    order = [splits[depth - 1 - at] for at in range(depth)]
    features = np.array(
        [columns[split["float_feature_index"]][0] for split in order], dtype=np.int32
    )
    borders = np.array([_last_below(split["border"]) for split in order], dtype=np.float64)
    left = np.array([columns[split["float_feature_index"]][1] for split in order], dtype=np.bool_)
    feature = np.zeros(count, dtype=np.int32)
    threshold = np.full(count, np.inf)
    missing_left = np.zeros(count, dtype=np.bool_)
    child = np.repeat(np.arange(count, dtype=np.int32), 2).reshape(count, 2)
    if inner:
        feature[:inner], threshold[:inner], missing_left[:inner] = (
            features[level], borders[level], left[level],
        )  # fmt: skip
        child[:inner, 0] = 2 * np.arange(inner) + 1
        child[:inner, 1] = 2 * np.arange(inner) + 2
    value = np.concatenate([np.zeros(inner), leaves])
    return feature, threshold, missing_left, child + np.int32(start), value


def _last_below(border: float) -> float:
    """Return the greatest double that single precision does not round above ``border``."""
    single = np.float32(border)
    following = np.nextafter(single, np.float32(np.inf))
    middle = (float(single) + float(following)) / 2
    return middle if np.float32(middle) <= single else float(np.nextafter(middle, -np.inf))
